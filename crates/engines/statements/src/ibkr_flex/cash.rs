//! Cash transactions and taxes of a Flex query.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{Element, Tag};
use crate::{
    Row, code, ibkr,
    model::Refusal,
    numbers::{self, Style},
    payments::{self, Payment, Purpose},
    text::shown,
};

pub(super) fn row(element: &Element) -> Result<Row, Refusal> {
    let amount = element.need("amount")?;
    let amount = numbers::parse("amount", amount, Style::POINT)?;
    let word = element.need("type")?;
    let purpose = ibkr::payments::purpose(word).ok_or_else(|| {
        Refusal::new(
            code::UNKNOWN_TYPE,
            format!("type “{}” of a cash transaction is not known", shown(word)),
        )
    })?;
    // The day of the payment; a correction is booked long after the payment that it corrects.
    let date = element.date(&["settleDate", "reportDate", "dateTime"])?;
    payments::row(payment(element, date, amount)?, purpose)
}

fn payment(
    element: &Element,
    date: jiff::civil::Date,
    amount: Decimal,
) -> Result<Payment, Refusal> {
    let description = element
        .get("description")
        .or(element.get("taxDescription"))
        .or(element.get("taxableDescription"));
    Ok(Payment {
        line: element.line,
        account: element.account.clone(),
        id: element.id(),
        date,
        currency: element.currency()?,
        amount,
        description: description.unwrap_or_default().to_owned(),
        security: element
            .security()
            .or_else(|| ibkr::described(description.unwrap_or_default())),
    })
}

/// The statements and tickers whose trades state their taxes themselves.
pub(super) fn taxed_trades(elements: &[Element]) -> HashSet<(usize, Option<&str>)> {
    let states_tax = |element: &&Element| {
        let taxes = element.number("taxes").ok().flatten();
        element.tag.is_trade() && taxes.is_some_and(|taxes| !taxes.is_zero())
    };
    elements
        .iter()
        .filter(states_tax)
        .map(|element| (element.statement, element.get("symbol")))
        .collect()
}

/// A tax on a trade or on a service of the broker.
pub(super) fn tax(element: &Element) -> Result<Row, Refusal> {
    let key = match element.tag {
        Tag::SalesTax => "salesTax",
        _ => "taxAmount",
    };
    let amount = element
        .first_number(&[key, "amount"])?
        .ok_or_else(|| Refusal::missing(key, "add it to the Flex query"))?;
    let date = element.date(&["date", "reportDate", "settleDate"])?;
    payments::row(payment(element, date, amount)?, Purpose::Tax)
}
