//! Positions and balances that a Flex query states.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;

use super::{Element, Tag};
use crate::{StatedBalance, StatedPosition, Statement, dates, draft, model::Refusal};

/// What the statements of the file say of themselves.
struct Frames<'e> {
    /// Last day.
    ends: HashMap<usize, &'e str>,
    /// Base currency.
    bases: HashMap<usize, Currency>,
}

pub(super) fn take(elements: &[Element], statement: &mut Statement) {
    let of = |tag: Tag| elements.iter().filter(move |element| element.tag == tag);
    let frames = Frames {
        ends: of(Tag::Statement)
            .filter_map(|e| Some((e.statement, e.get("toDate")?)))
            .collect(),
        bases: of(Tag::AccountInformation)
            .filter_map(|e| Some((e.statement, e.currency().ok()?)))
            .collect(),
    };
    let summed: HashSet<usize> = of(Tag::OpenPosition)
        .filter(|e| e.level() != "LOT")
        .map(|e| e.statement)
        .collect();
    for element in of(Tag::OpenPosition) {
        if element.level() == "LOT" && summed.contains(&element.statement) {
            continue;
        }
        match position(element, &frames) {
            Ok(found) => add(statement, found),
            Err(refusal) => statement.take(element.line, Err(refusal)),
        }
    }
    for element in of(Tag::CashBalance) {
        match balance(element, &frames) {
            Ok(found) => statement.balances.extend(found),
            Err(refusal) => statement.take(element.line, Err(refusal)),
        }
    }
    let found = equity_balances(elements, &frames, statement);
    statement.balances.extend(found);
}

/// Adds a position; several lots of one instrument are one position.
fn add(statement: &mut Statement, found: StatedPosition) {
    let same = statement.positions.iter_mut().rev().take(1).find(|known| {
        known.account == found.account && known.security == found.security && known.on == found.on
    });
    let sum = |a: Option<Decimal>, b: Option<Decimal>| a?.checked_add(b?);
    match same {
        Some(known) => {
            known.quantity = known
                .quantity
                .checked_add(found.quantity)
                .unwrap_or(known.quantity);
            known.cost = sum(known.cost, found.cost);
        }
        None => statement.positions.push(found),
    }
}

fn position(element: &Element, frames: &Frames<'_>) -> Result<StatedPosition, Refusal> {
    let quantity = element.first_number(&["position", "quantity"])?;
    Ok(StatedPosition {
        line: element.line,
        account: element.account.clone(),
        security: element
            .instrument()?
            .ok_or_else(|| Refusal::missing("symbol", "add it to the Flex query"))?,
        on: day(element, frames, "reportDate")?,
        quantity: quantity
            .ok_or_else(|| Refusal::missing("position", "add it to the Flex query"))?,
        cost: element.number("costBasisMoney")?,
        price: element.number("markPrice")?,
    })
}

/// The balance of one currency; the sum in the base currency is passed over.
fn balance(element: &Element, frames: &Frames<'_>) -> Result<Option<StatedBalance>, Refusal> {
    let code = element.need("currency")?;
    if code == "BASE_SUMMARY" || element.level() == "BaseCurrency" {
        return Ok(None);
    }
    let amount = element
        .number("endingCash")?
        .ok_or_else(|| Refusal::missing("endingCash", "add it to the Flex query"))?;
    Ok(Some(StatedBalance {
        line: element.line,
        account: element.account.clone(),
        currency: draft::currency("currency", code)?.0,
        on: day(element, frames, "toDate")?,
        amount,
    }))
}

/// The day that the element names, or the last day of its statement.
fn day(element: &Element, frames: &Frames<'_>, key: &str) -> Result<Date, Refusal> {
    let end = frames.ends.get(&element.statement).copied();
    let text = element
        .get(key)
        .or(end)
        .ok_or_else(|| Refusal::missing(key, "add it to the Flex query"))?;
    dates::parse(key, text, None).map(|moment| moment.date)
}

/// Cash in the summary of an account is a sum over its currencies, converted. It is the balance of
/// the base currency where nothing else in the file is in another one and no cash report is there.
fn equity_balances(
    elements: &[Element],
    frames: &Frames<'_>,
    statement: &Statement,
) -> Vec<StatedBalance> {
    let has_report: HashSet<usize> = elements
        .iter()
        .filter(|element| element.tag == Tag::CashBalance)
        .map(|element| element.statement)
        .collect();
    let mut last: BTreeMap<usize, (Date, &Element)> = BTreeMap::new();
    for element in elements {
        if element.tag != Tag::Equity || has_report.contains(&element.statement) {
            continue;
        }
        let Ok(on) = element.date(&["reportDate"]) else {
            continue;
        };
        let latest = last.entry(element.statement).or_insert((on, element));
        if latest.0 <= on {
            *latest = (on, element);
        }
    }
    let found = last.into_values();
    found
        .filter_map(|(on, element)| equity_balance(element, on, frames, statement))
        .collect()
}

fn equity_balance(
    element: &Element,
    on: Date,
    frames: &Frames<'_>,
    statement: &Statement,
) -> Option<StatedBalance> {
    let base = *frames.bases.get(&element.statement)?;
    let mut rows = statement.rows.iter();
    let has_others = rows.any(|row| {
        row.account == element.account && (row.currency != base || row.settlement.is_some())
    });
    (!has_others).then_some(())?;
    Some(StatedBalance {
        line: element.line,
        account: element.account.clone(),
        currency: base,
        on,
        amount: element.number("cash").ok()??,
    })
}
