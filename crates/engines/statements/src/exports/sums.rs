//! Sums that cannot overflow, and what follows from the cash that moved.

use ledger::{Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    code,
    draft::{Draft, agree, product, too_large, unit_price},
    model::Refusal,
};

pub(crate) fn plus(a: Decimal, b: Decimal) -> Result<Decimal, Refusal> {
    a.checked_add(b).ok_or_else(too_large)
}

pub(crate) fn minus(a: Decimal, b: Decimal) -> Result<Decimal, Refusal> {
    a.checked_sub(b).ok_or_else(too_large)
}

/// Turns the cash that moved into the gross amount: a purchase costs its charges more, everything
/// else brings its charges less.
pub(crate) fn gross(draft: &Draft, cash: Decimal) -> Result<Decimal, Refusal> {
    let charges = plus(draft.fees, draft.taxes)?;
    match draft.kind {
        TransactionKind::Buy | TransactionKind::Cover | TransactionKind::Withdrawal => {
            minus(cash.abs(), charges)
        }
        _ => plus(cash.abs(), charges),
    }
}

/// What a draft moves in cash in its own currency, without a sign.
pub(crate) fn net(draft: &Draft, amount: Decimal) -> Result<Decimal, Refusal> {
    let charges = plus(draft.fees, draft.taxes)?;
    match draft.kind {
        TransactionKind::Buy | TransactionKind::Cover | TransactionKind::Withdrawal => {
            plus(amount, charges)
        }
        _ => minus(amount, charges),
    }
}

/// Settles a draft in the currency whose balance changed by `cash` (without a sign). The rate is
/// the one that leads from the draft's own cash to exactly that.
pub(crate) fn settle(draft: &mut Draft, into: Currency, cash: Decimal) -> Result<(), Refusal> {
    if into == draft.currency {
        return Ok(());
    }
    let amount = match (draft.amount, draft.quantity, draft.price) {
        (Some(amount), _, _) => amount,
        (None, Some(quantity), Some(price)) => product(quantity, price)?,
        _ => return Err(Refusal::missing("amount", "give the amount of money")),
    };
    let own = net(draft, amount)?;
    let fx_rate = positive_rate(cash, own)?;
    draft.settlement = Some(Settlement {
        currency: into,
        fx_rate,
    });
    Ok(())
}

/// Units of `to` for one of `from`.
pub(crate) fn positive_rate(to: Decimal, from: Decimal) -> Result<Decimal, Refusal> {
    let rate = if from.is_zero() {
        Decimal::ZERO
    } else {
        unit_price(to, from)?
    };
    if rate > Decimal::ZERO {
        return Ok(rate);
    }
    Err(Refusal::new(
        code::INVALID_FX_RATE,
        format!("no rate leads from {from} to {to}: both must be above zero"),
    ))
}

/// Refuses a total that shares, price, charges and rate do not explain.
pub(crate) fn must_explain(expected: Decimal, stated: Decimal) -> Result<(), Refusal> {
    if agree(expected, stated) {
        return Ok(());
    }
    Err(Refusal::new(
        code::AMOUNT_MISMATCH,
        format!(
            "the total {stated} is not what shares, price, charges and rate come to, {}: correct \
             the line",
            expected.round_dp(4).normalize()
        ),
    ))
}
