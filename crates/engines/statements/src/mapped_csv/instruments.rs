//! Options and the instruments received for others, column by column.

use ledger::OptionRight;
use rust_decimal::Decimal;

use super::{Convention, Reader};
use crate::{
    Field, OptionTerms, code, dates,
    draft::{self, Draft},
    model::{Refusal, Security},
    option_symbols,
    securities::{Named, check_isin},
    table::Record,
    text::shown,
};

impl Reader<'_> {
    /// What the columns for options say. A file of Bursar's own must say all of it; in a foreign one
    /// a multiplier alone, or a strike of a stock, says nothing.
    pub(super) fn option(&self, record: &Record) -> Result<Option<OptionTerms>, Refusal> {
        let needed = [
            Field::Underlying,
            Field::ExpiresOn,
            Field::Strike,
            Field::Right,
        ];
        let is_there = |field: &Field| !self.text(record, *field).is_empty();
        if !needed.iter().any(is_there) {
            return Ok(None);
        }
        if let Some(field) = needed.iter().find(|field| !is_there(field)) {
            return match self.convention {
                Convention::Own => Err(Refusal::missing(
                    field.name(),
                    "an option has an underlying, expires_on, strike and right",
                )),
                Convention::Foreign => Ok(None),
            };
        }
        let expires_on = self.text(record, Field::ExpiresOn);
        let expires_on = dates::parse("expires_on", expires_on, self.first)?.date;
        let hundred = Decimal::ONE_HUNDRED;
        let multiplier = self.number(record, Field::Multiplier)?.unwrap_or(hundred);
        let strike = self.number(record, Field::Strike)?.unwrap_or_default();
        for (field, value, is_wrong) in [
            ("multiplier", multiplier, multiplier <= Decimal::ZERO),
            ("strike", strike, strike <= Decimal::ZERO),
        ] {
            if is_wrong {
                let message = format!("{field} {value} of an option must be above zero");
                return Err(Refusal::new(code::NEGATIVE_AMOUNT, message));
            }
        }
        Ok(Some(OptionTerms {
            underlying: self.words(record, Field::Underlying).to_uppercase(),
            expires_on,
            strike,
            right: right(self.text(record, Field::Right))?,
            multiplier,
        }))
    }

    /// An option by its columns, which name a contract also without a symbol; in a file of Bursar's
    /// own also by the symbol of the clearing house alone.
    pub(super) fn fill_option(&self, record: &Record, draft: &mut Draft) -> Result<(), Refusal> {
        let stated = self.option(record)?;
        let Some(security) = &mut draft.security else {
            draft.security = stated.and_then(|terms| {
                let mut contract = Security::default();
                option_symbols::adopt(&mut contract, terms);
                // A strike that no such symbol can express leaves the row without an instrument.
                (!contract.symbol.is_empty()).then_some(contract)
            });
            return Ok(());
        };
        security.option = stated;
        let can_be_option = security
            .asset_class
            .as_deref()
            .is_none_or(|class| class == "option");
        if security.option.is_none() && can_be_option && self.convention == Convention::Own {
            let multiplier = self.number(record, Field::Multiplier)?;
            if let Some(terms) = option_symbols::parse(&security.symbol, multiplier) {
                option_symbols::adopt(security, terms);
            }
        }
        Ok(())
    }

    /// The instrument received, its part of the cost, and the day on which shares were bought.
    pub(super) fn fill_target(&self, record: &Record, draft: &mut Draft) -> Result<(), Refusal> {
        draft.cost_share = self.number(record, Field::CostShare)?;
        draft.acquired_on = match self.text(record, Field::AcquiredOn) {
            "" => None,
            text => Some(dates::parse("acquired_on", text, self.first)?.date),
        };
        let isin = self.text(record, Field::TargetIsin);
        if self.convention == Convention::Own {
            check_isin(isin)?;
        }
        let quoted_in = match self.text(record, Field::TargetCurrency) {
            "" => None,
            text => Some(draft::currency("target_currency", text)?.0),
        };
        draft.target = Named {
            symbol: self.words(record, Field::TargetSymbol),
            isin,
            exchange: self.words(record, Field::TargetExchange),
            name: self.words(record, Field::TargetName),
            asset_class: self.words(record, Field::TargetAssetClass),
            currency: quoted_in,
        }
        .security();
        Ok(())
    }
}

/// `call` or `put`, or the first letter of it.
fn right(text: &str) -> Result<OptionRight, Refusal> {
    match text.to_lowercase().as_str() {
        "call" | "c" => Ok(OptionRight::Call),
        "put" | "p" => Ok(OptionRight::Put),
        _ => Err(Refusal::new(
            code::UNKNOWN_TYPE,
            format!(
                "right “{}” is no right of an option: write call or put",
                shown(text)
            ),
        )),
    }
}
