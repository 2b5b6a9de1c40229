//! Exercises, assignments and expiries of a Flex query.
//!
//! The section repeats trades where the query has both, and then only adds the reason to them.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Element, Tag, trades, unsupported};
use crate::{
    Statement, code,
    fills::{Effect, Fill, OptionEvent},
    ibkr::settle_in_cash,
    model::Refusal,
    text::shown,
};

/// What is the same in both sections.
type Key = (Option<String>, String, Date, Decimal);

fn key(fill: &Fill) -> Key {
    (
        fill.account.clone(),
        fill.security.symbol.clone(),
        fill.date,
        fill.quantity.abs().normalize(),
    )
}

pub(super) fn add(elements: &[Element], fills: &mut Vec<Fill>, statement: &mut Statement) {
    let is_event = |element: &&Element| element.tag == Tag::OptionExercise;
    if !elements.iter().any(|element| is_event(&element)) {
        return;
    }
    let mut traded: HashMap<Key, Vec<usize>> = HashMap::new();
    for (place, fill) in fills.iter().enumerate().rev() {
        traded.entry(key(fill)).or_default().push(place);
    }
    for element in elements.iter().filter(is_event) {
        match event(element) {
            Ok(mut fill) => {
                let place = traded.get_mut(&key(&fill)).and_then(Vec::pop);
                if let Some(known) = place.and_then(|place| fills.get_mut(place)) {
                    known.event = known.event.or(fill.event);
                    settle_in_cash(known);
                } else {
                    settle_in_cash(&mut fill);
                    fills.push(fill);
                }
            }
            Err(refusal) => statement.take(element.line, Err(refusal)),
        }
    }
}

fn event(element: &Element) -> Result<Fill, Refusal> {
    let word = element
        .get("transactionType")
        .or(element.get("type"))
        .unwrap_or_default()
        .to_lowercase();
    let mut fill = trades::fill(element)?;
    fill.event = if word.contains("exercise") {
        Some(OptionEvent::Exercise)
    } else if word.contains("assign") {
        Some(OptionEvent::Assignment)
    } else if word.contains("expir") {
        Some(OptionEvent::Expiry)
    } else {
        match word.as_str() {
            // The shares at the strike; whether by exercise or by assignment, the option says.
            "buy" | "sell" if fill.security.option.is_none() => Some(OptionEvent::Exercise),
            "cash settlement" => None,
            "buy" | "sell" => {
                return Err(unsupported(element, "an option's delivery of an option"));
            }
            _ => {
                return Err(Refusal::new(
                    code::UNKNOWN_TYPE,
                    format!(
                        "transactionType “{}” of an option event is not known",
                        shown(&word)
                    ),
                ));
            }
        }
    };
    if fill.security.option.is_some() {
        fill.effect = Effect::Closes;
    }
    Ok(fill)
}
