//! One instrument while its entries are read: lots in, lots out.

use jiff::civil::Date;

use crate::{
    AssetIndex, Books, CostBasis, Entry, Lot, Position, Ratio, Realization, Side,
    conversion::{Figures, Refusal},
    fixed::{Amount, Both, Quantity},
    lots::{Choice, Lots, OpenLot},
};

pub(crate) struct Holding {
    asset: AssetIndex,
    first_on: Date,
    long: Lots,
    short: Lots,
    realized: Both,
    pub(crate) dividends: Both,
    pub(crate) fees_base: Amount,
    pub(crate) taxes_base: Amount,
    steps: Vec<(Date, Quantity, Amount)>,
    splits: Vec<(Date, Ratio)>,
}

/// Shares that leave a side against money.
#[derive(Clone, Copy)]
pub(crate) struct Closing<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) figures: &'a Figures,
    pub(crate) choice: Choice<'a>,
    pub(crate) side: Side,
    pub(crate) quantity: Quantity,
    /// What the shares bring when they were held, what they take when they were owed.
    pub(crate) money: Both,
    /// Fees and taxes within it, base currency.
    pub(crate) charges: Amount,
}

impl Holding {
    pub(crate) fn new(asset: AssetIndex, first_on: Date) -> Self {
        Self {
            asset,
            first_on,
            long: Lots::default(),
            short: Lots::default(),
            realized: Both::default(),
            dividends: Both::default(),
            fees_base: Amount::ZERO,
            taxes_base: Amount::ZERO,
            steps: Vec::new(),
            splits: Vec::new(),
        }
    }

    pub(crate) fn lots(&self, side: Side) -> &Lots {
        match side {
            Side::Long => &self.long,
            Side::Short => &self.short,
        }
    }

    fn lots_mut(&mut self, side: Side) -> &mut Lots {
        match side {
            Side::Long => &mut self.long,
            Side::Short => &mut self.short,
        }
    }

    /// The side on which a corporate action pays: the other one only when nothing is held.
    pub(crate) fn main_side(&self) -> Side {
        if self.long.is_empty() && !self.short.is_empty() {
            Side::Short
        } else {
            Side::Long
        }
    }

    /// The ratio in which the shares of the main side grow by so many; `None` when there are none.
    pub(crate) fn growth(&self, shares: Quantity) -> Option<Ratio> {
        let lots = self.lots(self.main_side());
        (!lots.is_empty()).then(|| Ratio {
            to: (lots.quantity() + shares).decimal(),
            from: lots.quantity().decimal(),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.long.is_empty() && self.short.is_empty()
    }

    /// Opens a lot, or takes one over.
    pub(crate) fn open(&mut self, side: Side, lot: OpenLot, on: Date) {
        self.lots_mut(side).add(lot);
        self.step(on);
    }

    /// Takes lots out without a gain: they continue elsewhere. All of them keep their order.
    pub(crate) fn release(
        &mut self,
        side: Side,
        quantity: Quantity,
        choice: Choice<'_>,
        on: Date,
    ) -> Vec<OpenLot> {
        if self.lots(side).is_all(quantity) {
            return self.release_all(side, choice.cost_basis, on);
        }
        let mut lots = self.lots_mut(side).take(quantity, choice);
        if choice.cost_basis == CostBasis::Lifo {
            lots.reverse();
        }
        self.step(on);
        lots
    }

    /// All lots of a side continue elsewhere.
    pub(crate) fn release_all(
        &mut self,
        side: Side,
        cost_basis: CostBasis,
        on: Date,
    ) -> Vec<OpenLot> {
        self.settle(cost_basis);
        let lots = self.lots_mut(side).take_all();
        self.step(on);
        lots
    }

    /// Takes shares out of the lots, no more than there are, and notes what each gained.
    pub(crate) fn close(&mut self, closing: Closing<'_>, realizations: &mut Vec<Realization>) {
        let held = self.lots(closing.side).quantity();
        if held.is_zero() {
            return;
        }
        let mut left = closing.quantity.min(held);
        // Of what was not there, neither shares nor money are booked.
        let mut money = closing.money.share(left, closing.quantity);
        let mut charges = closing.charges.share(left, closing.quantity);
        let parts = self
            .lots_mut(closing.side)
            .take(closing.quantity, closing.choice);
        // Dust goes along with the last part.
        let mut taken = Quantity::ZERO;
        for part in &parts {
            taken += part.quantity;
        }
        left = taken;
        if closing.choice.cost_basis == CostBasis::Average {
            let whole = sum(&parts);
            self.realize(closing, whole, money, charges, realizations);
        } else {
            for part in parts {
                let earned = money.share(part.quantity, left);
                let charged = charges.share(part.quantity, left);
                left -= part.quantity;
                money -= earned;
                charges -= charged;
                self.realize(closing, part, earned, charged, realizations);
            }
        }
        self.step(closing.entry.date);
    }

    /// `lot` is what goes, `money` what it brings or takes.
    fn realize(
        &mut self,
        closing: Closing<'_>,
        lot: OpenLot,
        money: Both,
        charges: Amount,
        realizations: &mut Vec<Realization>,
    ) {
        let Closing {
            entry,
            figures,
            choice,
            side,
            ..
        } = closing;
        let (mut proceeds, mut cost) = match side {
            Side::Long => (money, lot.cost),
            Side::Short => (lot.cost, money),
        };
        // Against unknown proceeds the cost would be a loss that nobody had.
        if !figures.has_asset {
            (proceeds.asset, cost.asset) = Default::default();
        }
        if !figures.has_base {
            (proceeds.base, cost.base) = Default::default();
        }
        self.realized += proceeds - cost;
        let is_average = choice.cost_basis == CostBasis::Average;
        realizations.push(Realization {
            entry: entry.id,
            kind: entry.event.kind(),
            side,
            lot: (!is_average).then_some(lot.entry),
            asset: self.asset,
            acquired_on: (!is_average).then_some(lot.acquired_on),
            sold_on: entry.date,
            quantity: lot.quantity.decimal(),
            proceeds: proceeds.asset.decimal(),
            cost: cost.asset.decimal(),
            proceeds_base: proceeds.base.decimal(),
            cost_base: cost.base.decimal(),
            charges_base: (lot.charges + charges).decimal(),
        });
    }

    /// Takes money off the cost; what exceeds it is a gain.
    pub(crate) fn give_back(&mut self, closing: Closing<'_>, realizations: &mut Vec<Realization>) {
        self.settle(closing.choice.cost_basis);
        let excesses = self.lots_mut(closing.side).give_back(closing.money);
        for (lot, money) in excesses {
            self.realize(closing, lot, money, Amount::ZERO, realizations);
        }
        self.step(closing.entry.date);
    }

    /// Whether every quantity after a split is within bounds and none is rounded away.
    pub(crate) fn check_ratio(&self, ratio: Ratio) -> Result<(), Refusal> {
        for lots in [&self.long, &self.short] {
            let quantities = lots.quantities_in(ratio)?;
            if quantities.iter().any(|lot| *lot <= Quantity::ZERO) {
                return Err(Refusal::Overflow);
            }
        }
        Ok(())
    }

    /// Multiplies the shares and keeps the cost. `false` when there is nothing to split.
    pub(crate) fn split(&mut self, on: Date, ratio: Ratio) -> bool {
        if self.is_empty() {
            return false;
        }
        for side in [Side::Long, Side::Short] {
            let lots = self.lots_mut(side);
            let quantities = lots.quantities_in(ratio).unwrap_or_default();
            lots.set_quantities(&quantities);
        }
        self.splits.push((on, ratio));
        self.step(on);
        true
    }

    /// New lots with a part of the cost of the old ones.
    pub(crate) fn spin_off(
        &mut self,
        side: Side,
        (ratio, share): (Ratio, Quantity),
        cost_basis: CostBasis,
        on: Date,
    ) -> Vec<OpenLot> {
        self.settle(cost_basis);
        let lots = self.lots_mut(side);
        let quantities = lots.quantities_in(ratio).unwrap_or_default();
        let parts = lots.spin_off(&quantities, share);
        self.step(on);
        parts
    }

    /// With average cost every lot is brought to it before lots are looked at one by one.
    fn settle(&mut self, cost_basis: CostBasis) {
        if cost_basis == CostBasis::Average {
            self.long.spread();
            self.short.spread();
        }
    }

    /// One step a day: the last of a day counts.
    fn step(&mut self, on: Date) {
        let level = (
            on,
            self.long.quantity() - self.short.quantity(),
            self.long.cost().base - self.short.cost().base,
        );
        match self.steps.last_mut() {
            Some(last) if last.0 == on => *last = level,
            _ => self.steps.push(level),
        }
    }

    pub(crate) fn close_into(mut self, books: &mut Books, cost_basis: CostBasis) {
        self.settle(cost_basis);
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

    fn position(self) -> Position {
        let held = self.long.iter().map(|lot| stated(lot, Side::Long));
        let owed = self.short.iter().map(|lot| stated(lot, Side::Short));
        let cost = self.long.cost() - self.short.cost();
        Position {
            asset: self.asset,
            quantity: (self.long.quantity() - self.short.quantity()).decimal(),
            lots: held.chain(owed).collect(),
            cost: cost.asset.decimal(),
            cost_base: cost.base.decimal(),
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

/// All parts as one, as average cost sees them.
fn sum(parts: &[OpenLot]) -> OpenLot {
    let mut parts = parts.iter().copied();
    let Some(first) = parts.next() else {
        return OpenLot {
            entry: uuid::Uuid::nil(),
            acquired_on: Date::ZERO,
            quantity: Quantity::ZERO,
            cost: Both::default(),
            charges: Amount::ZERO,
        };
    };
    parts.fold(first, |mut whole, part| {
        whole.quantity += part.quantity;
        whole.cost += part.cost;
        whole.charges += part.charges;
        whole
    })
}

fn stated(lot: &OpenLot, side: Side) -> Lot {
    let (quantity, cost) = match side {
        Side::Long => (lot.quantity, lot.cost),
        Side::Short => (-lot.quantity, -lot.cost),
    };
    Lot {
        entry: lot.entry,
        acquired_on: lot.acquired_on,
        quantity: quantity.decimal(),
        cost: cost.asset.decimal(),
        cost_base: cost.base.decimal(),
    }
}
