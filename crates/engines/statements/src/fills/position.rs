//! What a fill does to the position behind it.

use std::collections::HashMap;

use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use rust_decimal::Decimal;

use super::{Effect, Fill, OptionEvent};
use crate::{
    Row, Statement, code,
    draft::{agree, product, too_large, unit_price},
    model::Refusal,
};

/// A part of a fill with its type.
type Part = (TransactionKind, Decimal);

pub(super) fn take(statement: &mut Statement, mut fills: Vec<Fill>) {
    // A file with the newest fill on top has the order of each day reversed too.
    let is_descending = match (fills.first(), fills.last()) {
        (Some(first), Some(last)) => first.date > last.date,
        _ => false,
    };
    if is_descending {
        fills.reverse();
    }
    fills.sort_by_key(|fill| fill.date);
    let mut events = events(statement).into_iter().peekable();
    let mut held: HashMap<Key, Decimal> = HashMap::new();
    for fill in &fills {
        while let Some((_, event)) = events.next_if(|(date, _)| *date <= fill.date) {
            apply(event, &mut held);
        }
        let key = (fill.account.clone(), fill.security.symbol.clone());
        let position = held.entry(key).or_default();
        match parts(fill, *position) {
            Ok(parts) => {
                for (place, part) in parts.iter().enumerate() {
                    statement.take(fill.line, row(fill, *part, place, parts.len()));
                }
            }
            Err(refusal) => statement.take(fill.line, Err(refusal)),
        }
        *position = held_after(fill, *position);
    }
}

/// Account and symbol.
type Key = (Option<String>, String);

/// What changes a position without a trade.
enum Event {
    /// New shares for old, of the same instrument or of another one.
    Exchange { from: Key, into: Key, ratio: Ratio },
    /// Shares from elsewhere.
    Arrival(Key, Decimal),
}

/// Splits, mergers, changes of symbol and transfers that were read already, in the order of dates.
fn events(statement: &Statement) -> Vec<(Date, Event)> {
    let mut found: Vec<(Date, Event)> = statement.rows.iter().filter_map(event).collect();
    found.sort_by_key(|(date, _)| *date);
    found
}

fn event(row: &Row) -> Option<(Date, Event)> {
    let key = |symbol: &str| (row.account.clone(), symbol.to_owned());
    let from = key(&row.security.as_ref()?.symbol);
    let into = row.target.as_ref().map(|target| key(&target.symbol));
    let one = Ratio {
        to: Decimal::ONE,
        from: Decimal::ONE,
    };
    let event = match row.kind {
        TransactionKind::Split => Event::Exchange {
            into: from.clone(),
            from,
            ratio: row.ratio?,
        },
        TransactionKind::Merger | TransactionKind::SymbolChange => Event::Exchange {
            from,
            into: into?,
            ratio: row.ratio.unwrap_or(one),
        },
        TransactionKind::TransferIn => Event::Arrival(from, row.quantity?),
        _ => return None,
    };
    Some((row.date, event))
}

fn apply(event: Event, held: &mut HashMap<Key, Decimal>) {
    let (key, change) = match event {
        Event::Exchange { from, into, ratio } => {
            let before = held.remove(&from).unwrap_or_default();
            let after = before
                .checked_mul(ratio.to)
                .and_then(|shares| shares.checked_div(ratio.from));
            (into, after.unwrap_or(before))
        }
        Event::Arrival(key, quantity) => (key, quantity),
    };
    let position = held.entry(key).or_default();
    *position = position.checked_add(change).unwrap_or(*position);
}

/// The position after a fill. Where more was closed than the file shows, the rest was there before it
/// began, and nothing is left.
fn held_after(fill: &Fill, held: Decimal) -> Decimal {
    let after = held.checked_add(fill.quantity).unwrap_or(held);
    let is_closed_from_before = match parts(fill, held).as_deref() {
        Ok([.., (TransactionKind::Sell, _)]) => after < Decimal::ZERO,
        Ok([.., (TransactionKind::Cover, _)]) => after > Decimal::ZERO,
        _ => false,
    };
    if is_closed_from_before {
        Decimal::ZERO
    } else {
        after
    }
}

/// The types of a fill, given the position as far as the file shows it. Without a word of the broker
/// a sale out of nothing is a short sale only if it realised nothing: most files begin long after the
/// account was opened.
fn parts(fill: &Fill, held: Decimal) -> Result<Vec<Part>, Refusal> {
    use TransactionKind::{Buy, Cover, Sell, Short};
    let quantity = fill.quantity.abs();
    let zero = Decimal::ZERO;
    if let (Some(event), Some(_)) = (fill.event, &fill.security.option) {
        let kind = match event {
            OptionEvent::Exercise => TransactionKind::Exercise,
            OptionEvent::Assignment => TransactionKind::Assignment,
            OptionEvent::Expiry => TransactionKind::Expiry,
        };
        return Ok(vec![(kind, quantity)]);
    }
    let is_sale = fill.quantity < zero;
    let (opening, closing) = if is_sale { (Short, Sell) } else { (Buy, Cover) };
    let opposite = if is_sale { held } else { -held };
    let is_crossing = opposite > zero && opposite < quantity;
    Ok(match fill.effect {
        Effect::ClosesAndOpens if !is_crossing => return Err(of_unknown_size(fill)),
        Effect::Unknown if is_sale => {
            let opens = held < zero || (held.is_zero() && fill.realises_nothing);
            vec![(if opens { opening } else { closing }, quantity)]
        }
        Effect::ClosesAndOpens | Effect::Unknown if is_crossing => {
            vec![(closing, opposite), (opening, quantity - opposite)]
        }
        Effect::Unknown if opposite <= zero => vec![(opening, quantity)],
        Effect::Closes | Effect::Unknown => vec![(closing, quantity)],
        Effect::ClosesAndOpens | Effect::Opens => vec![(opening, quantity)],
    })
}

fn of_unknown_size(fill: &Fill) -> Refusal {
    Refusal::new(
        code::NOT_SUPPORTED_YET,
        format!(
            "the trade of {} closes a position and opens the opposite one, and this file does not \
             show how large the first one was: enter the two parts by hand",
            fill.security.symbol
        ),
    )
}

fn row(fill: &Fill, (kind, quantity): Part, place: usize, count: usize) -> Result<Row, Refusal> {
    let mut draft = fill.draft(kind);
    draft.quantity = Some(quantity);
    if !matches!(
        kind,
        TransactionKind::Exercise | TransactionKind::Assignment | TransactionKind::Expiry
    ) {
        let whole = fill.quantity.abs();
        let amount = share(fill.amount, quantity, whole)?;
        let shares = draft.shares(quantity)?;
        let fits =
            |price: &Decimal| product(shares, *price).is_ok_and(|gross| agree(gross, amount));
        // Bonds are quoted in percent, and some files round the price.
        draft.price = match fill.price.filter(fits) {
            Some(price) => Some(price),
            None if shares.is_zero() => Some(Decimal::ZERO),
            None => Some(unit_price(amount, shares)?),
        };
        draft.amount = Some(amount);
        if count > 1 {
            draft.fees = share(fill.fees, quantity, whole)?;
            draft.taxes = share(fill.taxes, quantity, whole)?;
        }
        if place > 0 {
            draft.external_id = draft.external_id.map(|id| format!("{id}/opened"));
        }
    }
    draft.check()
}

/// The part of an amount that belongs to so many of all shares.
fn share(amount: Decimal, part: Decimal, whole: Decimal) -> Result<Decimal, Refusal> {
    if part == whole || whole.is_zero() {
        return Ok(amount);
    }
    product(amount, part)?
        .checked_div(whole)
        .ok_or_else(too_large)
}
