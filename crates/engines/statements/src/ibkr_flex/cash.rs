//! Cash transactions of a Flex query.

use ledger::TransactionKind;
use rust_decimal::Decimal;

use super::{Element, unsupported};
use crate::{
    Row, Security, code,
    model::Refusal,
    numbers::{self, Style, negated},
    securities::{Named, is_isin},
    text::shown,
};

/// Dividends are gross; the tax withheld on one is a row of its own, as in the file. Coupons of
/// bonds are dividends, accrued interest paid with a purchase is a negative one.
pub(super) fn row(element: &Element) -> Result<Row, Refusal> {
    let stated = element.need("amount")?;
    let stated = numbers::parse("amount", stated, Style::POINT)?;
    let (kind, amount) = kind(element, stated)?;
    // The day of the payment; a correction is booked long after the payment that it corrects.
    let date = element.date(&["settleDate", "reportDate", "dateTime"])?;
    let mut draft = element.draft(date, kind, element.currency()?);
    draft.amount = Some(amount);
    draft.note = element.get("description").map(str::to_owned);
    draft.security = match kind {
        TransactionKind::Deposit | TransactionKind::Withdrawal | TransactionKind::Interest => None,
        _ => element.security().or_else(|| described(element)),
    };
    draft.check()
}

/// Type and amount with the sign that a row of this type has.
fn kind(element: &Element, amount: Decimal) -> Result<(TransactionKind, Decimal), Refusal> {
    let word = element.need("type")?;
    Ok(match word.to_lowercase().as_str() {
        "dividends"
        | "payment in lieu of dividends"
        | "bond interest received"
        | "bond interest paid" => (TransactionKind::Dividend, amount),
        "withholding tax" | "871(m) withholding" => (TransactionKind::Tax, negated(amount)),
        "broker interest received" | "broker interest paid" => (TransactionKind::Interest, amount),
        "deposits/withdrawals" | "deposits & withdrawals" if amount < Decimal::ZERO => {
            (TransactionKind::Withdrawal, -amount)
        }
        "deposits/withdrawals" | "deposits & withdrawals" => (TransactionKind::Deposit, amount),
        "other fees" | "broker fees" | "advisor fees" | "commission adjustments" => {
            (TransactionKind::Fee, negated(amount))
        }
        "other income" | "price adjustments" | "bill pay" | "debit card activity" => {
            return Err(unsupported(element, &format!("of type “{word}”")));
        }
        _ => {
            return Err(Refusal::new(
                code::UNKNOWN_TYPE,
                format!("type “{}” of a cash transaction is not known", shown(word)),
            ));
        }
    })
}

/// The instrument in a description such as `MMM(US88579Y1010) CASH DIVIDEND ...`, for queries that
/// leave the symbol out.
fn described(element: &Element) -> Option<Security> {
    let (symbol, rest) = element.get("description")?.split_once('(')?;
    let (isin, _) = rest.split_once(')')?;
    if !is_isin(isin) || symbol.trim().is_empty() {
        return None;
    }
    Named {
        symbol,
        isin,
        ..Named::default()
    }
    .security()
}
