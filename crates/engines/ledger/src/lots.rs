//! Shares that were bought (or sold short) together, and the order in which they go.

use std::collections::VecDeque;

use jiff::civil::Date;
use uuid::Uuid;

use crate::{
    CostBasis, LotChoice, Ratio,
    fixed::{Amount, Both, Overflow, Quantity},
    lot_index::LotIndex,
};

/// Less than the smallest quantity a transaction can hold: what a split left over that no sale can
/// ever name. A sale that comes this close to all closes the position.
pub(crate) const DUST: Quantity = Quantity::SMALLEST_STORED;

#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenLot {
    /// The transaction that opened it.
    pub(crate) entry: Uuid,
    pub(crate) acquired_on: Date,
    pub(crate) quantity: Quantity,
    /// What the shares cost, or brought when short.
    pub(crate) cost: Both,
    /// Fees and taxes within the cost, base currency.
    pub(crate) charges: Amount,
}

/// How the lots that go first are found.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) cost_basis: CostBasis,
    pub(crate) lots: &'a [LotChoice],
}

/// The open lots of one side of a position, oldest first.
#[derive(Default)]
pub(crate) struct Lots {
    /// A lot that is used up amid others leaves an empty place (of no shares and no cost) until
    /// [`Lots::compact`] is called; the first and the last are never empty.
    open: VecDeque<OpenLot>,
    quantity: Quantity,
    /// With average cost the sums alone are kept up, until [`Lots::spread`] is called.
    cost: Both,
    charges: Amount,
    empty: usize,
    /// Lots that went at the front since the index was built: the place of the first one left.
    gone: usize,
    /// Built when it is asked for, kept up while lots come at the end and go, dropped by all else.
    index: Option<LotIndex>,
}

impl Lots {
    pub(crate) fn quantity(&self) -> Quantity {
        self.quantity
    }

    pub(crate) fn cost(&self) -> Both {
        self.cost
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.quantity.is_zero()
    }

    /// Whether no more than dust would be left.
    pub(crate) fn is_all(&self, wanted: Quantity) -> bool {
        self.quantity - wanted < DUST
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &OpenLot> {
        self.open.iter().filter(|lot| !lot.quantity.is_zero())
    }

    pub(crate) fn add(&mut self, lot: OpenLot) {
        self.quantity += lot.quantity;
        self.cost += lot.cost;
        self.charges += lot.charges;
        let newest = self.open.back().map(|newest| newest.acquired_on);
        if newest.is_none_or(|newest| newest <= lot.acquired_on) {
            if let Some(index) = &mut self.index {
                index.add(self.gone + self.open.len(), &lot);
            }
            self.open.push_back(lot);
        } else {
            self.compact();
            let place = self
                .open
                .partition_point(|known| known.acquired_on <= lot.acquired_on);
            self.open.insert(place, lot);
        }
    }

    /// Takes out up to `wanted` shares as parts of lots, all of them when no more than dust would
    /// be left.
    pub(crate) fn take(&mut self, wanted: Quantity, choice: Choice<'_>) -> Vec<OpenLot> {
        let wanted = if self.is_all(wanted) {
            self.quantity
        } else {
            wanted
        };
        let mut taken = Vec::with_capacity(1);
        let mut left = wanted;
        if choice.cost_basis == CostBasis::SpecificLot {
            for chosen in choice.lots {
                left -= self.take_chosen(chosen, left, &mut taken);
            }
        }
        while left > Quantity::ZERO
            && let Some(index) = self.next(choice.cost_basis)
            && let Some(part) = self.part(index, left)
        {
            left -= part.quantity;
            taken.push(part);
        }
        if choice.cost_basis == CostBasis::Average {
            self.average(&mut taken);
        }
        for part in &taken {
            self.quantity -= part.quantity;
            self.cost -= part.cost;
            self.charges -= part.charges;
        }
        taken
    }

    pub(crate) fn take_all(&mut self) -> Vec<OpenLot> {
        self.compact();
        std::mem::take(self).open.into()
    }

    fn take_chosen(
        &mut self,
        chosen: &LotChoice,
        left: Quantity,
        taken: &mut Vec<OpenLot>,
    ) -> Quantity {
        let stated = Quantity::new(chosen.quantity).unwrap_or_default();
        let wanted = stated.min(left);
        let mut rest = wanted;
        while rest > Quantity::ZERO
            && let Some(index) = self.oldest_of(chosen.lot)
            && let Some(part) = self.part(index, rest)
        {
            rest -= part.quantity;
            taken.push(part);
        }
        wanted - rest
    }

    /// The lot that goes next.
    fn next(&mut self, cost_basis: CostBasis) -> Option<usize> {
        match cost_basis {
            CostBasis::Fifo | CostBasis::Average | CostBasis::SpecificLot => {
                (!self.open.is_empty()).then_some(0)
            }
            CostBasis::Lifo => self.open.len().checked_sub(1),
            CostBasis::Hifo => {
                let place = self.index(LotIndex::by_cost).highest()?;
                place.checked_sub(self.gone)
            }
        }
    }

    fn oldest_of(&mut self, entry: Uuid) -> Option<usize> {
        let place = self.index(LotIndex::by_entry).oldest_of(entry)?;
        place.checked_sub(self.gone)
    }

    fn index(&mut self, build: fn(&VecDeque<OpenLot>) -> LotIndex) -> &LotIndex {
        if self.index.is_none() {
            self.gone = 0;
        }
        self.index.get_or_insert_with(|| build(&self.open))
    }

    /// Up to `wanted` shares out of one lot, with their part of its cost.
    fn part(&mut self, index: usize, wanted: Quantity) -> Option<OpenLot> {
        let lot = self.open.get_mut(index)?;
        let quantity = wanted.min(lot.quantity);
        let part = OpenLot {
            quantity,
            cost: lot.cost.share(quantity, lot.quantity),
            charges: lot.charges.share(quantity, lot.quantity),
            ..*lot
        };
        lot.quantity -= quantity;
        lot.cost -= part.cost;
        lot.charges -= part.charges;
        if lot.quantity.is_zero() {
            self.remove(index, part.entry);
        }
        Some(part)
    }

    /// Takes away a lot that is used up. Amid others it stays as an empty place, since closing the
    /// gap would move half of all lots each time.
    fn remove(&mut self, at: usize, entry: Uuid) {
        /// So many empty places are not worth the trouble.
        const FEW: usize = 32;
        if let Some(index) = &mut self.index {
            index.remove(self.gone + at, entry);
        }
        self.empty += 1;
        while self.open.front().is_some_and(is_used_up) {
            self.open.pop_front();
            self.gone += 1;
            self.empty -= 1;
        }
        while self.open.back().is_some_and(is_used_up) {
            self.open.pop_back();
            self.empty -= 1;
        }
        if self.empty > FEW && self.empty * 2 > self.open.len() {
            self.compact();
        }
    }

    /// Closes the gaps, before lots are looked at one by one or change their order or their cost.
    fn compact(&mut self) {
        self.index = None;
        if self.empty > 0 {
            self.open.retain(|lot| !is_used_up(lot));
            self.empty = 0;
        }
    }

    /// Gives the parts the average cost of all shares.
    fn average(&self, parts: &mut [OpenLot]) {
        let mut left = Quantity::ZERO;
        for part in parts.iter() {
            left += part.quantity;
        }
        let mut cost = self.cost.share(left, self.quantity);
        let mut charges = self.charges.share(left, self.quantity);
        for part in parts {
            part.cost = cost.share(part.quantity, left);
            part.charges = charges.share(part.quantity, left);
            left -= part.quantity;
            cost -= part.cost;
            charges -= part.charges;
        }
    }

    /// Gives every lot the same cost per share; the newest takes up what rounding left.
    pub(crate) fn spread(&mut self) {
        self.compact();
        let (mut shares, mut cost, mut charges) = (self.quantity, self.cost, self.charges);
        for lot in &mut self.open {
            lot.cost = cost.share(lot.quantity, shares);
            lot.charges = charges.share(lot.quantity, shares);
            shares -= lot.quantity;
            cost -= lot.cost;
            charges -= lot.charges;
        }
    }

    /// Shares of each lot in a ratio. They add up to the shares of the side in that ratio; the newest
    /// lot takes up what rounding left.
    pub(crate) fn quantities_in(&self, ratio: Ratio) -> Result<Vec<Quantity>, Overflow> {
        let mut rest = self.quantity.in_ratio(ratio)?;
        let mut quantities = Vec::with_capacity(self.open.len());
        let mut lots = self.iter().peekable();
        while let Some(lot) = lots.next() {
            let is_newest = lots.peek().is_none();
            let quantity = if is_newest {
                rest
            } else {
                lot.quantity.in_ratio(ratio)?
            };
            quantities.push(quantity);
            rest -= quantity;
        }
        Ok(quantities)
    }

    /// Changes the shares of every lot and keeps the cost.
    pub(crate) fn set_quantities(&mut self, quantities: &[Quantity]) {
        self.compact();
        self.quantity = Quantity::ZERO;
        for (lot, quantity) in self.open.iter_mut().zip(quantities) {
            lot.quantity = *quantity;
            self.quantity += *quantity;
        }
    }

    /// Moves a part of every lot's cost to new lots of these quantities.
    pub(crate) fn spin_off(&mut self, quantities: &[Quantity], share: Quantity) -> Vec<OpenLot> {
        self.compact();
        let mut parts = Vec::with_capacity(self.open.len());
        for (lot, quantity) in self.open.iter_mut().zip(quantities) {
            let part = OpenLot {
                quantity: *quantity,
                cost: lot.cost.share(share, Quantity::ONE),
                charges: lot.charges.share(share, Quantity::ONE),
                ..*lot
            };
            lot.cost -= part.cost;
            lot.charges -= part.charges;
            self.cost -= part.cost;
            self.charges -= part.charges;
            parts.push(part);
        }
        parts
    }

    /// Takes money off the cost of every lot by its shares. Where it exceeds the cost of a lot, what was
    /// taken off is returned as a lot without shares, beside the money.
    pub(crate) fn give_back(&mut self, money: Both) -> Vec<(OpenLot, Both)> {
        self.compact();
        let (mut shares, mut rest) = (self.quantity, money);
        let mut excesses = Vec::new();
        for lot in &mut self.open {
            let part = rest.share(lot.quantity, shares);
            shares -= lot.quantity;
            rest -= part;
            let paid = part.min(lot.cost);
            lot.cost -= paid;
            self.cost -= paid;
            if paid != part {
                let given_up = OpenLot {
                    quantity: Quantity::ZERO,
                    cost: paid,
                    charges: Amount::ZERO,
                    ..*lot
                };
                excesses.push((given_up, part));
            }
        }
        excesses
    }
}

fn is_used_up(lot: &OpenLot) -> bool {
    lot.quantity.is_zero()
}
