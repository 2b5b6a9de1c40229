//! The sentences of the valuation's findings.

use jiff::civil::Date;
use ledger::{Finding, Severity};
use money::Currency;

use crate::calendar;

/// A close counts as current for this many days: a week with its weekend and a holiday.
const CURRENT_FOR: usize = 7;

pub(crate) fn missing_price(symbol: &str, first: Date) -> Finding {
    Finding {
        code: "missing_price",
        severity: Severity::Warning,
        message: format!(
            "{symbol} was held from {first} on without any price: it is valued at its cost until there is one."
        ),
        remedy: format!("Load its prices with `bursar import bars FILE --symbol {symbol}`."),
        transaction: None,
        symbol: Some(symbol.to_owned()),
        currency: None,
        date: Some(first),
        gap: None,
    }
}

/// `None` while the close is current.
pub(crate) fn stale_price(symbol: &str, price_on: Date, on: Date) -> Option<Finding> {
    let age = calendar::length(price_on, on).saturating_sub(1);
    (age > CURRENT_FOR).then(|| Finding {
        code: "stale_price",
        severity: Severity::Warning,
        message: format!(
            "The last price of {symbol} is {age} days old: it is of {price_on} and is used for {on}."
        ),
        remedy: format!("Load newer prices with `bursar import bars FILE --symbol {symbol}`."),
        transaction: None,
        symbol: Some(symbol.to_owned()),
        currency: None,
        date: Some(price_on),
        gap: None,
    })
}

/// An instrument cannot be brought into the base currency.
pub(crate) fn missing_rate(symbol: &str, from: Currency, to: Currency, first: Date) -> Finding {
    Finding {
        code: "missing_rate",
        severity: Severity::Error,
        message: format!(
            "There is no exchange rate from {from} to {to} on or before {first}: {symbol} is valued at its cost until there is one."
        ),
        remedy: REMEDY_RATE.to_owned(),
        transaction: None,
        symbol: Some(symbol.to_owned()),
        currency: None,
        date: Some(first),
        gap: None,
    }
}

/// A cash balance cannot be brought into the base currency.
pub(crate) fn missing_cash_rate(from: Currency, to: Currency, first: Date) -> Finding {
    Finding {
        code: "missing_rate",
        severity: Severity::Error,
        message: format!(
            "There is no exchange rate from {from} to {to} on or before {first}: the {from} balance counts as zero until there is one."
        ),
        remedy: REMEDY_RATE.to_owned(),
        transaction: None,
        symbol: Some(from.to_string()),
        currency: Some(from),
        date: Some(first),
        gap: None,
    }
}

const REMEDY_RATE: &str =
    "Load exchange rates that reach back to this day with `bursar import fx FILE`.";
