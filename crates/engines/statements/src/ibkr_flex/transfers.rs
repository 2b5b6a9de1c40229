//! Transfers of a Flex query, between brokers and between accounts.

use ledger::TransactionKind;
use rust_decimal::Decimal;

use super::Element;
use crate::{
    Row, code,
    draft::product,
    model::Refusal,
    payments::{self, Payment, Purpose},
    text::shown,
};

/// Shares come with what they cost where the file says so. Otherwise they come at the transfer price,
/// or at their value on the day, which the note says.
pub(super) fn row(element: &Element) -> Result<Row, Refusal> {
    let date = element.date(&["date", "reportDate", "dateTime"])?;
    let incoming = direction(element)?;
    let quantity = element.number("quantity")?.unwrap_or_default();
    let cash = element
        .first_number(&["cashTransfer", "amount"])?
        .unwrap_or_default();
    let is_cash = element.category() == "CASH" || (quantity.is_zero() && !cash.is_zero());
    if is_cash {
        let amount = if incoming { cash.abs() } else { -cash.abs() };
        return payments::row(
            Payment {
                line: element.line,
                account: element.account.clone(),
                id: element.id(),
                date,
                currency: element.currency()?,
                amount,
                description: element.get("description").unwrap_or("Transfer").to_owned(),
                security: None,
            },
            Purpose::Funding,
        );
    }
    let kind = if incoming {
        TransactionKind::TransferIn
    } else {
        TransactionKind::TransferOut
    };
    let mut draft = element.draft(date, kind, element.currency()?);
    draft.security = element.instrument()?;
    draft.quantity = Some(if incoming { quantity } else { quantity.abs() });
    draft.note = element.get("type").map(|word| format!("Transfer ({word})"));
    if incoming {
        let (amount, is_cost) = cost(element, draft.shares(quantity)?)?;
        draft.amount = Some(amount);
        if !is_cost {
            draft.note =
                Some("Transfer; the amount is the value of the day, not the cost".to_owned());
        }
    }
    draft.check()
}

fn direction(element: &Element) -> Result<bool, Refusal> {
    let word = element.need("direction")?.to_uppercase();
    match word.as_str() {
        "IN" => Ok(true),
        "OUT" => Ok(false),
        _ => Err(Refusal::new(
            code::UNKNOWN_TYPE,
            format!("direction “{}” is neither IN nor OUT", shown(&word)),
        )),
    }
}

/// The cost without sign, and whether it is one.
fn cost(element: &Element, shares: Decimal) -> Result<(Decimal, bool), Refusal> {
    if let Some(cost) = element
        .first_number(&["costBasis", "cost"])?
        .filter(|cost| !cost.is_zero())
    {
        return Ok((cost.abs(), true));
    }
    if let Some(price) = element
        .number("transferPrice")?
        .filter(|price| !price.is_zero())
    {
        return Ok((product(shares, price)?.abs(), true));
    }
    let value = element.number("positionAmount")?.unwrap_or_default();
    Ok((value.abs(), false))
}
