//! Trades of a Flex query.

use rust_decimal::Decimal;

use super::{Element, unsupported};
use crate::{
    Statement, code,
    draft::{self, product, too_large},
    fills::{
        Effect, Fill,
        conversion::{CurrencyTrade, charge, pair},
    },
    ibkr::apply_codes,
    model::Refusal,
    numbers::{self, Style},
};

/// Adds the fill of a trade, or the rows of an exchange of currencies.
pub(super) fn take(
    element: &Element,
    fills: &mut Vec<Fill>,
    statement: &mut Statement,
) -> Result<(), Refusal> {
    match element.category().as_str() {
        "CASH" => {
            let (trade, draft) = currency_trade(element)?;
            for row in trade.rows(draft)? {
                statement.take(element.line, Ok(row));
            }
        }
        "STK" | "FUND" | "BOND" | "BILL" | "WAR" | "IOPT" | "CRYPTO" | "OPT" | "FOP" => {
            fills.push(fill(element)?);
        }
        "FUT" => return Err(unsupported(element, "a trade of a future")),
        "FSFOP" | "FSOPT" => return Err(unsupported(element, "a trade of a futures-style option")),
        "CFD" => return Err(unsupported(element, "a trade of a contract for difference")),
        category => {
            return Err(unsupported(
                element,
                &format!("a trade of category {category}"),
            ));
        }
    }
    Ok(())
}

pub(super) fn fill(element: &Element) -> Result<Fill, Refusal> {
    let quantity = signed_quantity(element)?;
    let currency = element.currency()?;
    let date = element.date(&["tradeDate", "dateTime", "reportDate", "date"])?;
    let security = element
        .instrument()?
        .ok_or_else(|| Refusal::missing("symbol", "add it to the Flex query"))?;
    let mut fill = Fill::new(element.line, date, security, quantity, currency);
    fill.account.clone_from(&element.account);
    fill.id = element.id();
    fill.taxes = charge(element.first_number(&["taxes", "tax"])?);
    let commission =
        charge(element.first_number(&["ibCommission", "commission", "commisionsAndTax"])?);
    let paid_in = match element
        .get("ibCommissionCurrency")
        .or(element.get("commissionCurrency"))
    {
        Some(text) => draft::currency("ibCommissionCurrency", text)?.0,
        None => currency,
    };
    if paid_in == currency {
        fill.fees = commission;
    } else if !commission.is_zero() {
        fill.foreign_fee = Some((commission, paid_in));
    }
    fill.amount = gross(element, &fill)?;
    fill.price = element.first_number(&["tradePrice", "price"])?;
    fill.effect = effect(element);
    fill.cancels = element
        .get("buySell")
        .is_some_and(|word| word.to_uppercase().contains("CA."));
    fill.realises_nothing = element
        .number("fifoPnlRealized")?
        .is_some_and(|gain| gain.is_zero());
    apply_codes(
        &mut fill,
        element
            .get("notes")
            .or(element.get("code"))
            .unwrap_or_default(),
    );
    Ok(fill)
}

/// Shares bought (positive) or sold: `buySell` wins over the sign, which few queries leave out.
fn signed_quantity(element: &Element) -> Result<Decimal, Refusal> {
    let quantity = element.need("quantity")?;
    let quantity = numbers::parse("quantity", quantity, Style::POINT)?;
    let word = element.get("buySell").unwrap_or_default().to_uppercase();
    match word.as_str() {
        "" => Ok(quantity),
        _ if word.contains("CA.") => Ok(quantity),
        "SELL" => Ok(-quantity.abs()),
        "BUY" => Ok(quantity.abs()),
        _ => Err(Refusal::new(
            code::UNKNOWN_TYPE,
            format!("buySell “{word}” is neither BUY nor SELL"),
        )),
    }
}

fn effect(element: &Element) -> Effect {
    let indicator = element
        .get("openCloseIndicator")
        .unwrap_or_default()
        .to_uppercase();
    match (indicator.contains('O'), indicator.contains('C')) {
        (true, true) => Effect::ClosesAndOpens,
        (true, false) => Effect::Opens,
        (false, true) => Effect::Closes,
        (false, false) => Effect::Unknown,
    }
}

/// The gross amount: stated as such, as quantity times price, or inside the net cash or the cost.
fn gross(element: &Element, fill: &Fill) -> Result<Decimal, Refusal> {
    if let Some(amount) = element.first_number(&["tradeMoney", "proceeds", "amount"])? {
        let is_used_up = amount.is_zero() && fill.security.option.is_none();
        if !is_used_up {
            return Ok(amount.abs());
        }
    }
    let shares = fill.quantity.abs();
    if let Some(price) = element.first_number(&["tradePrice", "price"])? {
        let multiplier = element
            .number("multiplier")?
            .or(fill.security.option.as_ref().map(|terms| terms.multiplier))
            .filter(|value| !value.is_zero());
        return product(product(shares, price)?, multiplier.unwrap_or(Decimal::ONE));
    }
    let is_purchase = fill.quantity > Decimal::ZERO;
    let net = match element.number("netCash")? {
        Some(net) => Some(net),
        None if is_purchase => element.number("cost")?,
        None => None,
    };
    let charges = fill.fees.checked_add(fill.taxes).ok_or_else(too_large)?;
    let amount = match net {
        Some(net) if is_purchase => net.abs().checked_sub(charges),
        Some(net) => net.abs().checked_add(charges),
        None => {
            return Err(Refusal::missing(
                "tradePrice",
                "add tradePrice, tradeMoney or netCash to the Flex query",
            ));
        }
    };
    amount.ok_or_else(too_large)
}

/// A trade of `EUR.USD`: its currency is the second of the pair.
fn currency_trade(element: &Element) -> Result<(CurrencyTrade, draft::Draft), Refusal> {
    let quantity = signed_quantity(element)?;
    let (base, quote) = pair(element.need("symbol")?)?;
    let price = element.first_number(&["tradePrice", "price"])?;
    let amount = match element.first_number(&["tradeMoney", "proceeds"])? {
        Some(amount) => amount.abs(),
        None => product(
            quantity.abs(),
            price.ok_or_else(|| {
                Refusal::missing(
                    "tradePrice",
                    "add tradePrice or tradeMoney to the Flex query",
                )
            })?,
        )?,
    };
    let date = element.date(&["tradeDate", "dateTime", "reportDate"])?;
    let paid_in = match element.get("ibCommissionCurrency") {
        Some(text) => draft::currency("ibCommissionCurrency", text)?.0,
        None => quote,
    };
    let trade = CurrencyTrade {
        base,
        quote,
        quantity,
        amount,
        price,
        commission: charge(element.first_number(&["ibCommission", "commission"])?),
        paid_in,
    };
    let mut draft = element.draft(date, ledger::TransactionKind::Conversion, quote);
    draft.note = element.get("note").map(str::to_owned);
    Ok((trade, draft))
}
