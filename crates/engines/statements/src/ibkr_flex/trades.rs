//! Trades of a Flex query.

use ledger::TransactionKind;
use rust_decimal::Decimal;

use super::{Element, Rows, difference, unsupported};
use crate::{
    code,
    draft::{self, product},
    model::Refusal,
    numbers::{self, Style, negated},
};

/// The trade, and a fee of its own when the commission is in another currency.
pub(super) fn rows(element: &Element) -> Rows {
    check_category(element)?;
    let quantity = element.need("quantity")?;
    let quantity = numbers::parse("quantity", quantity, Style::POINT)?;
    let kind = side(element, quantity)?;
    let currency = element.currency()?;
    let date = element.date(&["tradeDate", "dateTime", "reportDate"])?;
    let commission = negated(first(element, &["ibCommission", "commission"])?.unwrap_or_default());
    let taxes = negated(first(element, &["taxes", "tax"])?.unwrap_or_default());
    let paid_in = match first_text(element, &["ibCommissionCurrency", "commissionCurrency"]) {
        Some(text) => draft::currency("ibCommissionCurrency", text)?.0,
        None => currency,
    };
    let mut trade = element.draft(date, kind, currency);
    trade.security = element.security();
    trade.quantity = Some(quantity.abs());
    trade.taxes = taxes;
    if paid_in == currency {
        trade.fees = commission;
    }
    let amount = gross(element, kind, quantity, trade.fees, taxes)?;
    trade.amount = Some(amount);
    trade.price = Some(price(element, quantity.abs(), amount)?);
    let mut rows = Vec::with_capacity(1);
    if paid_in != currency && !commission.is_zero() {
        let mut fee = element.draft(date, TransactionKind::Fee, paid_in);
        fee.security.clone_from(&trade.security);
        fee.external_id = fee.external_id.map(|id| format!("{id}/commission"));
        fee.amount = Some(commission);
        fee.note = Some("Commission".to_owned());
        rows.push(fee.check()?);
    }
    rows.insert(0, trade.check()?);
    Ok(rows)
}

fn check_category(element: &Element) -> Result<(), Refusal> {
    let category = element.category();
    match category.as_str() {
        "STK" | "FUND" | "BOND" | "BILL" | "WAR" | "IOPT" | "CRYPTO" => Ok(()),
        "CASH" => Err(unsupported(
            element,
            "an exchange of one currency for another",
        )),
        "OPT" | "FOP" | "FSFOP" | "FSOPT" => Err(unsupported(element, "a trade of an option")),
        "FUT" => Err(unsupported(element, "a trade of a future")),
        _ => Err(unsupported(
            element,
            &format!("a trade of category {category}"),
        )),
    }
}

/// Buy or sell; what opens a short position, closes one or cancels a trade is refused.
fn side(element: &Element, quantity: Decimal) -> Result<TransactionKind, Refusal> {
    let word = element.get("buySell").unwrap_or_default().to_uppercase();
    let kind = match word.as_str() {
        "SELL" => TransactionKind::Sell,
        "" if quantity < Decimal::ZERO => TransactionKind::Sell,
        "BUY" | "" => TransactionKind::Buy,
        _ if word.contains("CA.") => {
            return Err(Refusal::new(
                code::NOT_SUPPORTED_YET,
                format!(
                    "{} cancels an earlier trade, which is not supported yet: delete that trade by \
                     hand",
                    element.label()
                ),
            ));
        }
        _ => {
            return Err(Refusal::new(
                code::UNKNOWN_TYPE,
                format!("buySell “{word}” is neither BUY nor SELL"),
            ));
        }
    };
    let indicator = element
        .get("openCloseIndicator")
        .unwrap_or_default()
        .to_uppercase();
    match kind {
        TransactionKind::Sell if indicator.contains('O') => {
            Err(unsupported(element, "a short sale"))
        }
        TransactionKind::Buy if indicator.contains('C') => {
            Err(unsupported(element, "a purchase that covers a short sale"))
        }
        _ => Ok(kind),
    }
}

/// The gross amount: stated as such, as quantity times price, or inside the net cash or the cost.
fn gross(
    element: &Element,
    kind: TransactionKind,
    quantity: Decimal,
    fees: Decimal,
    taxes: Decimal,
) -> Result<Decimal, Refusal> {
    if let Some(amount) = first(element, &["tradeMoney", "proceeds", "amount"])? {
        return Ok(amount.abs());
    }
    if let Some(price) = first(element, &["tradePrice", "price"])? {
        let multiplier = element
            .number("multiplier")?
            .filter(|value| !value.is_zero());
        return product(
            product(quantity.abs(), price)?,
            multiplier.unwrap_or(Decimal::ONE),
        );
    }
    let charges = difference(fees, -taxes)?;
    let net = match element.number("netCash")? {
        Some(net) => Some(net),
        None if kind == TransactionKind::Buy => element.number("cost")?,
        None => None,
    };
    match (net, kind) {
        (Some(net), TransactionKind::Sell) => difference(net.abs(), -charges),
        (Some(net), _) => difference(net.abs(), charges),
        (None, _) => Err(Refusal::missing(
            "tradePrice",
            "add tradePrice, tradeMoney or netCash to the Flex query",
        )),
    }
}

/// The stated price where it is one per share; bonds are quoted in percent.
fn price(element: &Element, quantity: Decimal, amount: Decimal) -> Result<Decimal, Refusal> {
    let stated = first(element, &["tradePrice", "price"])?;
    let fits =
        |price: &Decimal| product(quantity, *price).is_ok_and(|gross| draft::agree(gross, amount));
    match stated.filter(fits) {
        Some(price) => Ok(price),
        None if quantity.is_zero() => Ok(Decimal::ZERO),
        None => draft::unit_price(amount, quantity),
    }
}

fn first_text<'e>(element: &'e Element, keys: &[&str]) -> Option<&'e str> {
    keys.iter().find_map(|key| element.get(key))
}

fn first(element: &Element, keys: &[&str]) -> Result<Option<Decimal>, Refusal> {
    keys.iter()
        .find(|key| element.get(key).is_some())
        .map_or(Ok(None), |key| element.number(key))
}
