//! Shares that changed hands because an option was exercised or assigned.
//!
//! Brokers report two fills: the option leaves at a price of zero, and the shares come or go at its
//! strike. In the ledger the first one alone is the whole event, with the premium carried into the
//! cost of the shares, so the second one is passed over where both fit together.

use std::collections::HashMap;

use jiff::civil::Date;
use ledger::OptionRight;
use rust_decimal::Decimal;

use super::{Effect, Fill, OptionEvent, skip};
use crate::Statement;

/// Account, day, ticker of the shares and price.
type Key = (Option<String>, Date, String, Decimal);

#[derive(Debug, Default)]
struct Legs {
    options: Vec<usize>,
    shares: Vec<usize>,
    /// Shares that the options call for, positive when they are received.
    due: Decimal,
    /// Shares that changed hands.
    moved: Decimal,
}

pub(super) fn with_shares_absorbed(statement: &mut Statement, mut fills: Vec<Fill>) -> Vec<Fill> {
    let mut groups: HashMap<Key, Legs> = HashMap::new();
    for (place, fill) in fills.iter().enumerate() {
        let Some(key) = key(fill) else { continue };
        let legs = groups.entry(key).or_default();
        if let Some(due) = due(fill) {
            legs.options.push(place);
            legs.due = legs.due.checked_add(due).unwrap_or(legs.due);
        } else {
            legs.shares.push(place);
            legs.moved = legs.moved.checked_add(fill.quantity).unwrap_or(legs.moved);
        }
    }
    let mut absorbed = vec![false; fills.len()];
    for legs in groups.values().filter(|legs| !legs.shares.is_empty()) {
        let Some(first) = legs.options.first().copied() else {
            continue;
        };
        if legs.due == legs.moved {
            absorb(&mut fills, legs, first, &mut absorbed);
        } else {
            // The legs do not fit: options end at nothing and the shares are trades of their own,
            // which keeps cash and positions right.
            for place in &legs.options {
                fills[*place].event = None;
                fills[*place].effect = Effect::Closes;
            }
        }
    }
    let mut kept = Vec::with_capacity(fills.len());
    for (fill, is_absorbed) in fills.into_iter().zip(absorbed) {
        if is_absorbed {
            let what = "of shares at the strike is part of the option's exercise or assignment";
            skip(statement, fill.line, what);
        } else {
            kept.push(fill);
        }
    }
    kept
}

/// Charges of the shares go to the first of the options.
fn absorb(fills: &mut [Fill], legs: &Legs, first: usize, absorbed: &mut [bool]) {
    for place in &legs.shares {
        let (fees, taxes, currency, foreign) = {
            let shares = &fills[*place];
            (
                shares.fees,
                shares.taxes,
                shares.currency,
                shares.foreign_fee,
            )
        };
        let option = &mut fills[first];
        let (Some(fees), Some(taxes)) = (
            option.fees.checked_add(fees),
            option.taxes.checked_add(taxes),
        ) else {
            continue;
        };
        if option.currency == currency && (foreign.is_none() || option.foreign_fee.is_none()) {
            (option.fees, option.taxes) = (fees, taxes);
            option.foreign_fee = option.foreign_fee.or(foreign);
            absorbed[*place] = true;
        }
    }
}

/// Where a fill belongs; `None` when it has nothing to do with the use of an option.
fn key(fill: &Fill) -> Option<Key> {
    matches!(
        fill.event,
        Some(OptionEvent::Exercise | OptionEvent::Assignment)
    )
    .then_some(())?;
    let (ticker, price) = match &fill.security.option {
        Some(terms) => (terms.underlying.clone(), terms.strike),
        None => (fill.security.symbol.clone(), fill.price?),
    };
    Some((fill.account.clone(), fill.date, ticker, price.normalize()))
}

/// The shares that an option calls for when it is closed by its use; `None` for shares.
fn due(fill: &Fill) -> Option<Decimal> {
    let terms = fill.security.option.as_ref()?;
    let shares = fill
        .quantity
        .checked_mul(terms.multiplier)
        .unwrap_or_default();
    Some(match terms.right {
        OptionRight::Call => -shares,
        OptionRight::Put => shares,
    })
}
