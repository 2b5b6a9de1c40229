//! Payments in cash, by the words of Interactive Brokers.

use jiff::civil::Date;
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use super::described;
use crate::{Row, Security, draft::Draft, model::Refusal, numbers::negated};

/// What a payment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Dividends, payments in lieu of them, coupons, accrued interest of bonds (negative when it was
    /// paid with a purchase).
    Dividend,
    /// Tax withheld, negative in the file; a positive one gives tax back.
    Tax,
    /// Interest on cash and on lent shares.
    Interest,
    /// Charges, negative in the file; a positive one gives a charge back.
    Fee,
    /// Money from or to the outside.
    Funding,
}

/// One payment, with the sign of the cash.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) line: u64,
    pub(crate) account: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) date: Date,
    pub(crate) currency: Currency,
    pub(crate) amount: Decimal,
    pub(crate) description: String,
    pub(crate) security: Option<Security>,
}

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

/// The row of a payment. A dividend is gross, and the tax withheld on it is a row of its own with the
/// same instrument, as in the file.
pub(crate) fn row(payment: Payment, purpose: Purpose) -> Result<Row, Refusal> {
    let amount = payment.amount;
    let gives_back_capital = payment
        .description
        .to_uppercase()
        .contains("RETURN OF CAPITAL");
    let (kind, amount) = match purpose {
        Purpose::Dividend if gives_back_capital => (TransactionKind::ReturnOfCapital, amount),
        Purpose::Dividend => (TransactionKind::Dividend, amount),
        Purpose::Tax => (TransactionKind::Tax, negated(amount)),
        Purpose::Interest => (TransactionKind::Interest, amount),
        Purpose::Fee => (TransactionKind::Fee, negated(amount)),
        Purpose::Funding if amount < Decimal::ZERO => (TransactionKind::Withdrawal, -amount),
        Purpose::Funding => (TransactionKind::Deposit, amount),
    };
    let mut draft = Draft::new(payment.line, payment.date, kind, payment.currency);
    draft.account = payment.account;
    draft.external_id = payment.id;
    draft.amount = Some(amount);
    draft.security = match purpose {
        Purpose::Interest | Purpose::Funding => None,
        _ => payment.security.or_else(|| described(&payment.description)),
    };
    draft.note = Some(payment.description).filter(|text| !text.is_empty());
    draft.check()
}
