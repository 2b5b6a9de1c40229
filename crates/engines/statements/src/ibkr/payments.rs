//! The words of Interactive Brokers for payments.

use crate::payments::Purpose;

/// The purpose behind a word of the column `type`; `None` for one that is not known.
pub(crate) fn purpose(word: &str) -> Option<Purpose> {
    Some(match word.trim().to_lowercase().as_str() {
        "dividends"
        | "dividend"
        | "payment in lieu of dividends"
        | "payment in lieu"
        | "bond interest received"
        | "bond interest paid" => Purpose::Dividend,
        "withholding tax"
        | "foreign tax withholding"
        | "871(m) withholding"
        | "sales tax"
        | "transaction tax" => Purpose::Tax,
        "broker interest received"
        | "broker interest paid"
        | "credit interest"
        | "debit interest"
        | "investment interest received"
        | "investment interest paid" => Purpose::Interest,
        // Income without an instrument and corrected prices are what the broker gives back.
        "other fees"
        | "other fee"
        | "broker fees"
        | "advisor fees"
        | "client fees"
        | "commission adjustments"
        | "commission adjustment"
        | "other income"
        | "price adjustments"
        | "adjustment"
        | "forex trade component" => Purpose::Fee,
        "deposits/withdrawals"
        | "deposits & withdrawals"
        | "deposit"
        | "withdrawal"
        | "bill pay"
        | "debit card activity"
        | "cash transfer" => Purpose::Funding,
        _ => return None,
    })
}
