//! Where the lot is that goes next, for methods by which it is neither the oldest nor the newest.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, VecDeque},
};

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::lots::OpenLot;

/// Lots are told by their place: a number that grows from the oldest to the newest and stays the same
/// while lots come at the end and go.
pub(crate) enum LotIndex {
    /// Highest cost per share first, of equals the oldest.
    ByCost(BinaryHeap<(Decimal, Reverse<usize>)>),
    /// By the transaction that opened it, the oldest first.
    ByEntry(BTreeSet<(Uuid, usize)>),
}

impl LotIndex {
    pub(crate) fn by_cost(lots: &VecDeque<OpenLot>) -> Self {
        let costs = places(lots).map(|(place, lot)| (unit_cost(lot), Reverse(place)));
        Self::ByCost(costs.collect())
    }

    pub(crate) fn by_entry(lots: &VecDeque<OpenLot>) -> Self {
        Self::ByEntry(
            places(lots)
                .map(|(place, lot)| (lot.entry, place))
                .collect(),
        )
    }

    pub(crate) fn add(&mut self, place: usize, lot: &OpenLot) {
        match self {
            Self::ByCost(heap) => heap.push((unit_cost(lot), Reverse(place))),
            Self::ByEntry(set) => {
                set.insert((lot.entry, place));
            }
        }
    }

    /// A lot is used up. By cost it was the one that went next.
    pub(crate) fn remove(&mut self, place: usize, entry: Uuid) {
        match self {
            Self::ByCost(heap) => {
                heap.pop();
            }
            Self::ByEntry(set) => {
                set.remove(&(entry, place));
            }
        }
    }

    pub(crate) fn highest(&self) -> Option<usize> {
        match self {
            Self::ByCost(heap) => heap.peek().map(|(_, Reverse(place))| *place),
            Self::ByEntry(_) => None,
        }
    }

    pub(crate) fn oldest_of(&self, entry: Uuid) -> Option<usize> {
        match self {
            Self::ByEntry(set) => {
                let found = set.range((entry, 0)..).next();
                found
                    .filter(|(known, _)| *known == entry)
                    .map(|(_, place)| *place)
            }
            Self::ByCost(_) => None,
        }
    }
}

fn places(lots: &VecDeque<OpenLot>) -> impl Iterator<Item = (usize, &OpenLot)> {
    let lots = lots.iter().enumerate();
    lots.filter(|(_, lot)| !lot.quantity.is_zero())
}

/// Cost per share. To compare only: a quotient beyond all figures is the largest there is.
fn unit_cost(lot: &OpenLot) -> Decimal {
    let cost = lot.cost.asset.decimal();
    let beyond = if cost.is_sign_negative() {
        Decimal::MIN
    } else {
        Decimal::MAX
    };
    cost.checked_div(lot.quantity.decimal()).unwrap_or(beyond)
}
