//! Corporate actions of a Flex query: splits, and positions exchanged for cash alone.

use std::collections::HashMap;

use ledger::{Ratio, TransactionKind};
use rust_decimal::Decimal;

use super::{Element, Rows, Tag, unsupported};
use crate::{
    Security, code,
    model::Refusal,
    securities::{Named, is_isin},
};

/// What the lines of one action add up to.
#[derive(Debug, Default)]
pub(super) struct Action {
    /// Line of the first of them.
    first: u64,
    /// Shares that came in, where positive.
    received: Option<Decimal>,
    /// Shares that went out, without sign.
    given: Option<Decimal>,
}

type Key = (Option<String>, Option<String>, String);

/// One action has a line for each instrument that it touches; what they share is the account, the
/// day and the description up to the instrument in brackets.
pub(super) fn group(elements: &[Element]) -> HashMap<Key, Action> {
    let mut actions: HashMap<Key, Action> = HashMap::new();
    for element in elements
        .iter()
        .filter(|element| element.tag == Tag::CorporateAction)
    {
        let action = actions.entry(key(element)).or_default();
        if action.first == 0 {
            action.first = element.line;
        }
        match element.number("quantity") {
            Ok(Some(quantity)) if quantity > Decimal::ZERO => action.received = Some(quantity),
            Ok(Some(quantity)) if quantity < Decimal::ZERO => action.given = Some(-quantity),
            _ => {}
        }
    }
    actions
}

fn key(element: &Element) -> Key {
    let day = element.get("reportDate").or(element.get("dateTime"));
    (
        element.account.clone(),
        day.map(str::to_owned),
        subject(element).to_owned(),
    )
}

/// `GCM(CA38501D2041) SPLIT 1 FOR 25 (GCM.OLD, ...)` without the last bracket.
fn subject(element: &Element) -> &str {
    let text = element
        .get("actionDescription")
        .or(element.get("description"))
        .unwrap_or_default();
    match text.rfind(" (") {
        Some(at) => text[..at].trim_end(),
        None => text,
    }
}

pub(super) fn row(element: &Element, actions: &HashMap<Key, Action>) -> Rows {
    let action = actions.get(&key(element));
    let is_split = match element.get("type") {
        Some(word) => matches!(word.to_uppercase().as_str(), "FS" | "RS"),
        None => subject(element).to_uppercase().contains(" SPLIT "),
    };
    if is_split {
        return match action {
            // The second line of a split that changes the ISIN.
            Some(action) if action.first != element.line => Ok(Vec::new()),
            _ => split(element, action),
        };
    }
    let quantity = element.number("quantity")?.unwrap_or_default();
    let proceeds = element.number("proceeds")?.unwrap_or_default();
    let for_cash_alone = quantity < Decimal::ZERO
        && proceeds > Decimal::ZERO
        && action.is_some_and(|action| action.received.is_none());
    if for_cash_alone {
        return sale(element, -quantity, proceeds);
    }
    Err(unsupported(
        element,
        "neither a split nor an exchange for cash alone",
    ))
}

/// A split of the instrument as it was called before: positions and trades so far are under that
/// name.
fn split(element: &Element, action: Option<&Action>) -> Rows {
    let text = subject(element);
    let ratio = described_ratio(text)
        .or_else(|| {
            let action = action?;
            Some(Ratio {
                to: action.received?,
                from: action.given?,
            })
        })
        .ok_or_else(|| {
            Refusal::new(
                code::UNPARSABLE_RATIO,
                format!("the split “{text}” does not say how many shares became how many"),
            )
        })?;
    let date = element.date(&["reportDate", "dateTime"])?;
    let mut draft = element.draft(date, TransactionKind::Split, element.currency()?);
    draft.security = split_security(text).or_else(|| element.security());
    draft.ratio = Some(ratio);
    draft.note = element.get("description").map(str::to_owned);
    draft.check().map(|row| vec![row])
}

/// `SPLIT 4 FOR 1`: new for old.
fn described_ratio(text: &str) -> Option<Ratio> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words
        .iter()
        .rposition(|word| word.eq_ignore_ascii_case("FOR"))?;
    let before = words.get(at.checked_sub(1)?)?;
    Some(Ratio {
        to: before.parse().ok()?,
        from: words.get(at + 1)?.parse().ok()?,
    })
}

fn split_security(text: &str) -> Option<Security> {
    let (symbol, rest) = text.split_once('(')?;
    let isin = rest.split_once(')')?.0;
    (is_isin(isin) && !symbol.trim().is_empty()).then(|| {
        Named {
            symbol,
            isin,
            ..Named::default()
        }
        .security()
    })?
}

/// A takeover or redemption for cash is a sale at the price offered.
fn sale(element: &Element, quantity: Decimal, proceeds: Decimal) -> Rows {
    let date = element.date(&["reportDate", "dateTime"])?;
    let mut draft = element.draft(date, TransactionKind::Sell, element.currency()?);
    draft.security = element.security();
    draft.quantity = Some(quantity);
    draft.amount = Some(proceeds);
    draft.note = element.get("description").map(str::to_owned);
    draft.check().map(|row| vec![row])
}
