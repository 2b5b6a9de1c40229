//! Instruments as Tiger Brokers names them.

use rust_decimal::Decimal;

use crate::{Security, model::Refusal, option_symbols, securities::Named, text::shown};

/// The class of instruments that a part of a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Stock,
    Option,
    Fund,
    Bond,
    /// Futures and whatever else is settled by margin.
    Other,
}

pub(super) fn class(word: &str) -> Class {
    match word.trim().to_lowercase().as_str() {
        "stock" | "stocks" | "etf" | "warrant" | "" | "股票" => Class::Stock,
        "option" | "options" | "期权" => Class::Option,
        "fund" | "funds" | "基金" => Class::Fund,
        "bond" | "bonds" | "债券" => Class::Bond,
        _ => Class::Other,
    }
}

/// `Meta Platforms, Inc. (META)`, `Coinbase Global (COIN 20260424 PUT 170.0)`, or the ticker alone.
pub(super) fn security(
    text: &str,
    class: Class,
    multiplier: Option<Decimal>,
) -> Result<Security, Refusal> {
    let text = text.trim();
    let (name, ticker) = match text
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
    {
        Some((name, ticker)) => (name, ticker),
        None => ("", text),
    };
    let mut security = Named {
        symbol: ticker,
        name,
        asset_class: match class {
            Class::Fund => "fund",
            Class::Bond => "bond",
            _ => "",
        },
        ..Named::default()
    }
    .security()
    .ok_or_else(|| Refusal::missing("Symbol", "export the statement once more"))?;
    let multiplier = multiplier.filter(|value| *value > Decimal::ONE);
    match option_symbols::parse(ticker, multiplier) {
        Some(terms) => option_symbols::adopt(&mut security, terms),
        None if class == Class::Option => {
            return Err(Refusal::missing(
                "Symbol",
                &format!(
                    "“{}” does not say when its option ends and at which price it can be used",
                    shown(text)
                ),
            ));
        }
        None => {}
    }
    Ok(security)
}

/// The ticker at the beginning of `VT Cash Dividend 0.2572 USD per Share (Ordinary Dividend)`.
pub(super) fn paying(description: &str) -> Option<Security> {
    let (symbol, _) = description
        .split_once(" Cash Dividend")
        .or_else(|| description.split_once(' '))?;
    security(symbol, Class::Stock, None).ok()
}
