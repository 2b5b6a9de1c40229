//! Option symbols such as `AAPL 01/19/2024 150.00 C`.

use ledger::OptionRight;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    OptionTerms, Security,
    dates::{self, First},
};

/// Shares of one contract of a standard option.
const MULTIPLIER: Decimal = Decimal::ONE_HUNDRED;

/// The contract that a symbol names; `None` when it is no option's.
pub(super) fn contract(symbol: &str) -> Option<Security> {
    let parts: Vec<&str> = symbol.split_whitespace().collect();
    let [underlying, expiry, strike, right] = *parts.as_slice() else {
        return None;
    };
    let right = match right.to_uppercase().as_str() {
        "C" => OptionRight::Call,
        "P" => OptionRight::Put,
        _ => return None,
    };
    Some(Security {
        symbol: parts.join(" ").to_uppercase(),
        asset_class: Some("option".to_owned()),
        currency: Some(Currency::USD),
        option: Some(OptionTerms {
            underlying: underlying.to_uppercase(),
            expires_on: dates::parse("symbol", expiry, Some(First::Month))
                .ok()?
                .date,
            strike: strike.parse().ok()?,
            right,
            multiplier: MULTIPLIER,
        }),
        ..Security::default()
    })
}
