//! Payments in cash that belong to no trade.

use jiff::civil::Date;
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

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
        _ => payment.security,
    };
    draft.note = Some(payment.description).filter(|text| !text.is_empty());
    draft.check()
}
