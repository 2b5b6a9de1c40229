//! One instrument while its entries are read: lots in, lots out.

use std::collections::VecDeque;

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    AssetIndex, Books, CostBasis, Entry, Lot, Position, Ratio, Realization,
    conversion::{Figures, Refusal},
    fixed::{Amount, Both, Overflow, Quantity},
};

/// Less than the smallest quantity a transaction can hold: what a split left over that no sale can
/// ever name. A sale that comes this close to all closes the position.
const DUST: Quantity = Quantity::SMALLEST_STORED;

pub(crate) struct Holding {
    asset: AssetIndex,
    first_on: Date,
    /// Oldest first.
    lots: VecDeque<OpenLot>,
    quantity: Quantity,
    cost: Both,
    realized: Both,
    pub(crate) dividends: Both,
    pub(crate) fees_base: Amount,
    pub(crate) taxes_base: Amount,
    steps: Vec<(Date, Quantity, Amount)>,
    splits: Vec<(Date, Ratio)>,
}

struct OpenLot {
    entry: Uuid,
    acquired_on: Date,
    quantity: Quantity,
    /// Kept up with first in, first out alone; average cost is spread at the end.
    cost: Both,
}

/// A sale to be taken out of a holding.
#[derive(Clone, Copy)]
pub(crate) struct Sale<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) figures: &'a Figures,
    pub(crate) cost_basis: CostBasis,
}

impl Sale<'_> {
    /// More than held, by more than dust.
    pub(crate) fn exceeds(&self, held: Quantity) -> bool {
        held.is_zero() || self.figures.quantity - held >= DUST
    }

    fn closes(&self, held: Quantity) -> bool {
        held - self.figures.quantity < DUST
    }
}

/// What a sale takes out of one lot, or out of all with average cost.
#[derive(Clone, Copy)]
struct Part {
    lot: Option<(Uuid, Date)>,
    quantity: Quantity,
    proceeds: Both,
    cost: Both,
}

impl Holding {
    pub(crate) fn new(asset: AssetIndex, first_on: Date) -> Self {
        Self {
            asset,
            first_on,
            lots: VecDeque::new(),
            quantity: Quantity::ZERO,
            cost: Both::default(),
            realized: Both::default(),
            dividends: Both::default(),
            fees_base: Amount::ZERO,
            taxes_base: Amount::ZERO,
            steps: Vec::new(),
            splits: Vec::new(),
        }
    }

    pub(crate) fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// Fees and taxes are part of the cost.
    pub(crate) fn buy(&mut self, entry: &Entry, figures: &Figures) {
        let lot = OpenLot {
            entry: entry.id,
            acquired_on: entry.date,
            quantity: figures.quantity,
            cost: -figures.net,
        };
        self.quantity += lot.quantity;
        self.cost += lot.cost;
        self.lots.push_back(lot);
        self.step(entry.date);
    }

    /// Takes shares out of the lots, no more than there are, and notes what each gave.
    pub(crate) fn sell(&mut self, sale: Sale<'_>, realizations: &mut Vec<Realization>) {
        let (held, wanted) = (self.quantity, sale.figures.quantity);
        if held.is_zero() {
            return;
        }
        let proceeds = sale.figures.net;
        let proceeds = if sale.exceeds(held) {
            proceeds.share(held, wanted)
        } else {
            proceeds
        };
        let sold = if sale.closes(held) { held } else { wanted };
        match sale.cost_basis {
            CostBasis::Fifo => self.sell_fifo(sale, sold, proceeds, realizations),
            CostBasis::Average => self.sell_average(sale, sold, proceeds, realizations),
        }
        self.step(sale.entry.date);
    }

    fn sell_fifo(
        &mut self,
        sale: Sale<'_>,
        sold: Quantity,
        mut proceeds: Both,
        realizations: &mut Vec<Realization>,
    ) {
        let mut left = sold;
        while left > Quantity::ZERO
            && let Some(lot) = self.lots.front_mut()
        {
            let quantity = left.min(lot.quantity);
            let part = Part {
                lot: Some((lot.entry, lot.acquired_on)),
                quantity,
                proceeds: proceeds.share(quantity, left),
                cost: lot.cost.share(quantity, lot.quantity),
            };
            lot.quantity -= part.quantity;
            lot.cost -= part.cost;
            if lot.quantity.is_zero() {
                self.lots.pop_front();
            }
            left -= part.quantity;
            proceeds -= part.proceeds;
            realizations.push(self.realize(sale, part));
        }
    }

    /// Lots give up shares, oldest first; their cost is spread at the end.
    fn sell_average(
        &mut self,
        sale: Sale<'_>,
        sold: Quantity,
        proceeds: Both,
        realizations: &mut Vec<Realization>,
    ) {
        let mut left = sold;
        while left > Quantity::ZERO
            && let Some(lot) = self.lots.front_mut()
        {
            let taken = left.min(lot.quantity);
            lot.quantity -= taken;
            left -= taken;
            if lot.quantity.is_zero() {
                self.lots.pop_front();
            }
        }
        let cost = self.cost.share(sold, self.quantity);
        let part = Part {
            lot: None,
            quantity: sold,
            proceeds,
            cost,
        };
        realizations.push(self.realize(sale, part));
    }

    fn realize(&mut self, sale: Sale<'_>, part: Part) -> Realization {
        self.quantity -= part.quantity;
        self.cost -= part.cost;
        let Part {
            lot,
            quantity,
            mut proceeds,
            mut cost,
        } = part;
        // Against unknown proceeds the cost would be a loss that nobody had.
        if !sale.figures.has_asset {
            (proceeds.asset, cost.asset) = Default::default();
        }
        if !sale.figures.has_base {
            (proceeds.base, cost.base) = Default::default();
        }
        self.realized += proceeds - cost;
        Realization {
            entry: sale.entry.id,
            lot: lot.map(|lot| lot.0),
            asset: self.asset,
            acquired_on: lot.map(|lot| lot.1),
            sold_on: sale.entry.date,
            quantity: quantity.decimal(),
            proceeds: proceeds.asset.decimal(),
            cost: cost.asset.decimal(),
            proceeds_base: proceeds.base.decimal(),
            cost_base: cost.base.decimal(),
        }
    }

    /// Whether every quantity after a split is within bounds and none is rounded away.
    pub(crate) fn check_split(&self, ratio: Ratio) -> Result<(), Refusal> {
        let quantities = self.split_quantities(ratio)?;
        let none_lost = quantities.iter().all(|lot| *lot > Quantity::ZERO);
        if none_lost {
            Ok(())
        } else {
            Err(Refusal::Overflow)
        }
    }

    /// Shares of each lot after a split. They add up to the shares of the position after it; the
    /// newest lot takes up what rounding left.
    fn split_quantities(&self, ratio: Ratio) -> Result<Vec<Quantity>, Overflow> {
        let mut rest = after_split(self.quantity, ratio)?;
        let mut quantities = Vec::with_capacity(self.lots.len());
        for lot in self.lots.iter().take(self.lots.len().saturating_sub(1)) {
            let quantity = after_split(lot.quantity, ratio)?;
            quantities.push(quantity);
            rest -= quantity;
        }
        if !self.lots.is_empty() {
            quantities.push(rest);
        }
        Ok(quantities)
    }

    /// Multiplies the shares and keeps the cost. `false` when there is nothing to split.
    pub(crate) fn split(&mut self, on: Date, ratio: Ratio) -> bool {
        let quantities = self.split_quantities(ratio).unwrap_or_default();
        if quantities.is_empty() {
            return false;
        }
        self.quantity = Quantity::ZERO;
        for (lot, quantity) in self.lots.iter_mut().zip(quantities) {
            lot.quantity = quantity;
            self.quantity += quantity;
        }
        self.splits.push((on, ratio));
        self.step(on);
        true
    }

    /// One step a day: the last of a day counts.
    fn step(&mut self, on: Date) {
        let level = (on, self.quantity, self.cost.base);
        match self.steps.last_mut() {
            Some(last) if last.0 == on => *last = level,
            _ => self.steps.push(level),
        }
    }

    pub(crate) fn close_into(mut self, books: &mut Books, cost_basis: CostBasis) {
        if cost_basis == CostBasis::Average {
            self.spread_cost();
        }
        let asset = self.asset;
        if !self.steps.is_empty() {
            let quantities = self
                .steps
                .iter()
                .map(|(on, level, _)| (*on, level.decimal()));
            books.quantity_steps.insert(asset, quantities.collect());
            let costs = self
                .steps
                .iter()
                .map(|(on, _, level)| (*on, level.decimal()));
            books.cost_steps.insert(asset, costs.collect());
        }
        if !self.splits.is_empty() {
            books.splits.insert(asset, std::mem::take(&mut self.splits));
        }
        books.positions.insert(asset, self.position());
    }

    /// Gives every lot the same cost per share; the newest takes up what rounding left.
    fn spread_cost(&mut self) {
        let (mut shares, mut cost) = (self.quantity, self.cost);
        for lot in &mut self.lots {
            lot.cost = cost.share(lot.quantity, shares);
            shares -= lot.quantity;
            cost -= lot.cost;
        }
    }

    fn position(self) -> Position {
        let lots = self.lots.iter().map(|lot| Lot {
            entry: lot.entry,
            acquired_on: lot.acquired_on,
            quantity: lot.quantity.decimal(),
            cost: lot.cost.asset.decimal(),
            cost_base: lot.cost.base.decimal(),
        });
        Position {
            asset: self.asset,
            quantity: self.quantity.decimal(),
            lots: lots.collect(),
            cost: self.cost.asset.decimal(),
            cost_base: self.cost.base.decimal(),
            realized_base: self.realized.base.decimal(),
            realized: self.realized.asset.decimal(),
            dividends_base: self.dividends.base.decimal(),
            dividends: self.dividends.asset.decimal(),
            fees_base: self.fees_base.decimal(),
            taxes_base: self.taxes_base.decimal(),
            first_on: self.first_on,
        }
    }
}

fn after_split(quantity: Quantity, ratio: Ratio) -> Result<Quantity, Overflow> {
    let product = quantity.decimal().checked_mul(ratio.to).ok_or(Overflow)?;
    Quantity::new(product.checked_div(ratio.from).unwrap_or(Decimal::MAX))
}
