//! One instrument while its entries are read: lots in, lots out.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{
    AssetIndex, Books, CostBasis, Entry, Lot, Position, Ratio, Realization,
    conversion::{Figures, LIMIT, Refusal, share},
};

/// Less than the smallest quantity a transaction can hold (eight decimal places): what a split left
/// over that no sale can ever name. A sale that comes this close to all closes the position.
const DUST: Decimal = Decimal::from_parts(1, 0, 0, false, 8);

/// Decimal places of a quantity after a split: so many that a third of a share keeps its worth, so
/// few that the lots of a position always add up exactly.
const SPLIT_DIGITS: u32 = 16;

/// A position and what it takes to continue it. `position.lots` holds sold lots too until the end.
pub(crate) struct Holding {
    pub(crate) position: Position,
    /// Where in `position.lots` the oldest open lot is.
    oldest: usize,
    quantity_steps: Vec<(Date, Decimal)>,
    cost_steps: Vec<(Date, Decimal)>,
    splits: Vec<(Date, Ratio)>,
}

/// A sale to be taken out of a holding.
pub(crate) struct Sale<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) asset: AssetIndex,
    pub(crate) quantity: Decimal,
    pub(crate) figures: &'a Figures,
    pub(crate) cost_basis: CostBasis,
}

impl Sale<'_> {
    /// More than held, by more than dust.
    pub(crate) fn exceeds(&self, held: Decimal) -> bool {
        held.is_zero() || self.quantity - held >= DUST
    }

    fn closes(&self, held: Decimal) -> bool {
        held - self.quantity < DUST
    }
}

/// Proceeds that are still to be given to lots.
#[derive(Clone, Copy)]
struct Proceeds {
    asset: Decimal,
    base: Decimal,
}

impl Proceeds {
    /// Takes the part that falls on some of the shares; all that is left on the last ones.
    fn take(&mut self, shares: Decimal, of: Decimal) -> Self {
        let part = Self {
            asset: share(self.asset, shares, of),
            base: share(self.base, shares, of),
        };
        self.asset -= part.asset;
        self.base -= part.base;
        part
    }
}

impl Holding {
    pub(crate) fn new(asset: AssetIndex, first_on: Date) -> Self {
        Self {
            position: Position {
                asset,
                quantity: Decimal::ZERO,
                lots: Vec::new(),
                cost: Decimal::ZERO,
                cost_base: Decimal::ZERO,
                realized_base: Decimal::ZERO,
                realized: Decimal::ZERO,
                dividends_base: Decimal::ZERO,
                dividends: Decimal::ZERO,
                fees_base: Decimal::ZERO,
                taxes_base: Decimal::ZERO,
                first_on,
            },
            oldest: 0,
            quantity_steps: Vec::new(),
            cost_steps: Vec::new(),
            splits: Vec::new(),
        }
    }

    /// Fees and taxes are part of the cost.
    pub(crate) fn buy(&mut self, entry: &Entry, quantity: Decimal, figures: &Figures) {
        let lot = Lot {
            entry: entry.id,
            acquired_on: entry.date,
            quantity,
            cost: -figures.net.asset,
            cost_base: -figures.net.base,
        };
        let position = &mut self.position;
        position.quantity += lot.quantity;
        position.cost += lot.cost;
        position.cost_base += lot.cost_base;
        position.lots.push(lot);
        self.step(entry.date);
    }

    /// Takes shares out of the lots, no more than there are, and notes what each gave.
    pub(crate) fn sell(&mut self, sale: &Sale<'_>, realizations: &mut Vec<Realization>) {
        let held = self.position.quantity;
        if held.is_zero() {
            return;
        }
        let figures = sale.figures;
        let mut proceeds = Proceeds {
            asset: figures.net.asset,
            base: figures.net.base,
        };
        if sale.exceeds(held) {
            proceeds = proceeds.take(held, sale.quantity);
        }
        let first = realizations.len();
        if sale.closes(held) && sale.cost_basis == CostBasis::Fifo {
            self.sell_fifo(sale, held, proceeds, realizations);
        } else if sale.cost_basis == CostBasis::Fifo {
            self.sell_fifo(sale, sale.quantity, proceeds, realizations);
        } else {
            let sold = if sale.closes(held) {
                held
            } else {
                sale.quantity
            };
            realizations.push(self.sell_average(sale, sold, proceeds));
        }
        for realization in &mut realizations[first..] {
            // A gain against unknown proceeds would be a loss that nobody had.
            if !figures.has_asset {
                (realization.proceeds, realization.cost) = Default::default();
            }
            if !figures.has_base {
                (realization.proceeds_base, realization.cost_base) = Default::default();
            }
            self.position.realized += realization.proceeds - realization.cost;
            self.position.realized_base += realization.proceeds_base - realization.cost_base;
        }
        self.step(sale.entry.date);
    }

    fn sell_fifo(
        &mut self,
        sale: &Sale<'_>,
        sold: Decimal,
        mut proceeds: Proceeds,
        realizations: &mut Vec<Realization>,
    ) {
        let position = &mut self.position;
        let mut left = sold;
        while !left.is_zero() {
            let Some(lot) = position.lots.get_mut(self.oldest) else {
                break;
            };
            let taken = left.min(lot.quantity);
            let cost = share(lot.cost, taken, lot.quantity);
            // Where both currencies are one, so are both costs: half of the work is spared.
            let same = lot.cost == lot.cost_base;
            let cost_base = if same {
                cost
            } else {
                share(lot.cost_base, taken, lot.quantity)
            };
            lot.quantity -= taken;
            lot.cost -= cost;
            lot.cost_base -= cost_base;
            position.cost -= cost;
            position.cost_base -= cost_base;
            let part = proceeds.take(taken, left);
            realizations.push(Realization {
                entry: sale.entry.id,
                lot: Some(lot.entry),
                asset: sale.asset,
                acquired_on: Some(lot.acquired_on),
                sold_on: sale.entry.date,
                quantity: taken,
                proceeds: part.asset,
                cost,
                proceeds_base: part.base,
                cost_base,
            });
            if lot.quantity.is_zero() {
                self.oldest += 1;
            }
            left -= taken;
        }
        position.quantity -= sold - left;
    }

    /// Only the quantities of lots are kept up; [`Holding::close_into`] gives them their cost.
    fn sell_average(&mut self, sale: &Sale<'_>, sold: Decimal, proceeds: Proceeds) -> Realization {
        let position = &mut self.position;
        let cost = share(position.cost, sold, position.quantity);
        let cost_base = share(position.cost_base, sold, position.quantity);
        position.quantity -= sold;
        position.cost -= cost;
        position.cost_base -= cost_base;
        let mut left = sold;
        while let Some(lot) = position.lots.get_mut(self.oldest)
            && !left.is_zero()
        {
            let taken = left.min(lot.quantity);
            lot.quantity -= taken;
            left -= taken;
            if lot.quantity.is_zero() {
                self.oldest += 1;
            }
        }
        Realization {
            entry: sale.entry.id,
            lot: None,
            asset: sale.asset,
            acquired_on: None,
            sold_on: sale.entry.date,
            quantity: sold,
            proceeds: proceeds.asset,
            cost,
            proceeds_base: proceeds.base,
            cost_base,
        }
    }

    /// Whether every quantity after a split is within bounds and none is rounded away.
    pub(crate) fn check_split(&self, ratio: Ratio) -> Result<(), Refusal> {
        match self.split_quantities(ratio) {
            Some(quantities) if quantities.iter().all(|lot| *lot > Decimal::ZERO) => Ok(()),
            _ => Err(Refusal::Overflow),
        }
    }

    /// Shares of each open lot after a split. They add up to the shares of the position after it;
    /// the newest lot takes up what rounding left. `None` beyond [`LIMIT`].
    fn split_quantities(&self, ratio: Ratio) -> Option<Vec<Decimal>> {
        let mut rest = after_split(self.position.quantity, ratio).filter(|all| *all <= LIMIT)?;
        let open = &self.position.lots[self.oldest..];
        let mut quantities = Vec::with_capacity(open.len());
        if let Some((_, older)) = open.split_last() {
            for lot in older {
                let quantity = after_split(lot.quantity, ratio)?;
                quantities.push(quantity);
                rest -= quantity;
            }
            quantities.push(rest);
        }
        Some(quantities)
    }

    /// Multiplies the shares and keeps the cost. `false` when there is nothing to split.
    pub(crate) fn split(&mut self, on: Date, ratio: Ratio) -> bool {
        let quantities = self.split_quantities(ratio).unwrap_or_default();
        if quantities.is_empty() {
            return false;
        }
        self.position.quantity = quantities.iter().sum();
        for (lot, quantity) in self.position.lots[self.oldest..].iter_mut().zip(quantities) {
            lot.quantity = quantity;
        }
        self.splits.push((on, ratio));
        self.step(on);
        true
    }

    fn step(&mut self, on: Date) {
        step(&mut self.quantity_steps, on, self.position.quantity);
        step(&mut self.cost_steps, on, self.position.cost_base);
    }

    pub(crate) fn close_into(mut self, books: &mut Books, cost_basis: CostBasis) {
        let position = &mut self.position;
        position.lots.drain(..self.oldest);
        if cost_basis == CostBasis::Average {
            spread_cost(position);
        }
        tidy(position);
        let asset = position.asset;
        if !self.quantity_steps.is_empty() {
            books.quantity_steps.insert(asset, self.quantity_steps);
            books.cost_steps.insert(asset, self.cost_steps);
        }
        if !self.splits.is_empty() {
            books.splits.insert(asset, self.splits);
        }
        books.positions.insert(asset, self.position);
    }
}

/// Gives every lot the same cost per share; the newest takes up what rounding left.
fn spread_cost(position: &mut Position) {
    let mut rest = (position.quantity, position.cost, position.cost_base);
    for lot in &mut position.lots {
        lot.cost = share(rest.1, lot.quantity, rest.0);
        lot.cost_base = share(rest.2, lot.quantity, rest.0);
        rest = (
            rest.0 - lot.quantity,
            rest.1 - lot.cost,
            rest.2 - lot.cost_base,
        );
    }
}

/// Drops trailing zeros, and states the totals as the sums of the lots. They are that already,
/// unless quantities have so many digits that adding them in another order rounds differently.
fn tidy(position: &mut Position) {
    let mut sums = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for lot in &mut position.lots {
        lot.quantity = lot.quantity.normalize();
        lot.cost = lot.cost.normalize();
        lot.cost_base = lot.cost_base.normalize();
        sums = (
            sums.0 + lot.quantity,
            sums.1 + lot.cost,
            sums.2 + lot.cost_base,
        );
    }
    (position.quantity, position.cost, position.cost_base) = sums;
    for figure in [
        &mut position.quantity,
        &mut position.cost,
        &mut position.cost_base,
        &mut position.realized,
        &mut position.realized_base,
        &mut position.dividends,
        &mut position.dividends_base,
        &mut position.fees_base,
        &mut position.taxes_base,
    ] {
        *figure = figure.normalize();
    }
}

fn after_split(quantity: Decimal, ratio: Ratio) -> Option<Decimal> {
    let product = quantity.checked_mul(ratio.to)?;
    Some(product.checked_div(ratio.from)?.round_dp(SPLIT_DIGITS))
}

/// One step a day: the last of a day counts.
pub(crate) fn step(steps: &mut Vec<(Date, Decimal)>, on: Date, level: Decimal) {
    match steps.last_mut() {
        Some((date, last)) if *date == on => *last = level,
        _ => steps.push((on, level)),
    }
}
