//! The section that describes the instruments of a statement.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{
    sections::{Line, Report},
    vocabulary::{Category, Column, Section, category},
};
use crate::{
    OptionTerms, Security, dates, model::Refusal, option_symbols, securities::Named,
    words::normalized,
};

#[derive(Debug, Default)]
struct Described {
    isin: String,
    exchange: String,
    name: String,
    asset_class: &'static str,
    multiplier: Option<Decimal>,
    option: Option<OptionTerms>,
}

/// What the statement says of its instruments, by symbol.
#[derive(Debug, Default)]
pub(super) struct Instruments(HashMap<String, Described>);

impl Instruments {
    pub(super) fn of(report: &Report) -> Self {
        let mut found = HashMap::new();
        for line in report.of(Section::Instruments) {
            for symbol in line.text(Column::Symbol).split(',').map(str::trim) {
                if !symbol.is_empty() {
                    found
                        .entry(symbol.to_owned())
                        .or_insert_with(|| described(&line));
                }
            }
        }
        Self(found)
    }

    /// The instrument of a line, with the terms of an option.
    pub(super) fn security(
        &self,
        line: &Line<'_>,
        multiplier: Option<Decimal>,
    ) -> Result<Option<Security>, Refusal> {
        let symbol = line.text(Column::Symbol);
        let nothing = Described::default();
        let about = self.0.get(symbol).unwrap_or(&nothing);
        let class = match about.asset_class {
            "" => class_of(category(&normalized(line.text(Column::Category)))),
            known => known,
        };
        let mut security = Named {
            symbol,
            isin: &about.isin,
            exchange: &about.exchange,
            name: &about.name,
            asset_class: class,
            currency: None,
        }
        .security();
        if is_option(line) {
            let multiplier = about.multiplier.or(multiplier);
            let terms = about
                .option
                .clone()
                .or_else(|| option_symbols::parse(symbol, multiplier))
                .ok_or_else(|| {
                    Refusal::missing(
                        "Strike",
                        &format!(
                            "export the section Financial Instrument Information too, {symbol} does \
                             not say when its option ends and at which price it can be used"
                        ),
                    )
                })?;
            if let Some(found) = &mut security {
                option_symbols::adopt(found, terms);
            }
        }
        Ok(security)
    }
}

pub(super) fn is_option(line: &Line<'_>) -> bool {
    category(&normalized(line.text(Column::Category))) == Category::Option
}

fn class_of(category: Category) -> &'static str {
    match category {
        Category::Fund => "fund",
        Category::Bond => "bond",
        Category::Crypto => "crypto",
        _ => "",
    }
}

fn described(line: &Line<'_>) -> Described {
    let kind = line.text(Column::Type).to_uppercase();
    let asset_class = match (&*kind, category(&normalized(line.text(Column::Category)))) {
        ("ETF" | "ETC" | "ETP", _) => "etf",
        (_, other @ (Category::Fund | Category::Bond | Category::Crypto)) => class_of(other),
        ("COMMON" | "ADR" | "PREFERRED" | "REIT" | "STOCK", Category::Stock) => "equity",
        _ => "",
    };
    let multiplier = line
        .number(Column::Multiplier)
        .ok()
        .flatten()
        .filter(|value| *value > Decimal::ZERO);
    Described {
        isin: line.text(Column::SecurityId).to_owned(),
        exchange: line.text(Column::Exchange).to_owned(),
        name: line.text(Column::Description).to_owned(),
        asset_class,
        multiplier,
        option: terms(line, multiplier),
    }
}

/// The terms in columns of their own, or in the description `FB 21SEP18 200.0 C`.
fn terms(line: &Line<'_>, multiplier: Option<Decimal>) -> Option<OptionTerms> {
    is_option(line).then_some(())?;
    let words = || {
        [Column::Symbol, Column::Description]
            .into_iter()
            .find_map(|column| option_symbols::parse(line.text(column), multiplier))
    };
    let columns = || {
        Some(OptionTerms {
            underlying: Some(line.text(Column::Underlying).to_uppercase())
                .filter(|text| !text.is_empty())?,
            expires_on: dates::parse("Expiry", line.text(Column::Expiry), None)
                .ok()?
                .date,
            strike: line.number(Column::Strike).ok()??.normalize(),
            right: option_symbols::right(line.text(Column::Type))?,
            multiplier: multiplier.unwrap_or(Decimal::ONE_HUNDRED),
        })
    };
    columns().or_else(words)
}
