//! Events that change shares without a trade: corporate actions and dividends in shares.

use rust_decimal::Decimal;

use crate::{
    AssetIndex, Entry, Event, Ratio, Side,
    conversion::Figures,
    finding,
    fixed::{Amount, Both, Quantity},
    holding::Closing,
    lots::{Choice, OpenLot},
    posting::{Exchange, Moved},
    replay::{Replay, ratio_of},
};

const SIDES: [Side; 2] = [Side::Long, Side::Short];

impl Replay<'_> {
    pub(crate) fn book_action(&mut self, entry: &Entry, figures: &Figures) {
        match entry.event {
            Event::ReinvestedDividend { asset, .. } => {
                let lot = lot_of(entry, figures, figures.gross + figures.fees);
                let holding = self.holding(asset, entry.date);
                holding.dividends += figures.gross + figures.fees + figures.taxes;
                holding.open(Side::Long, lot, entry.date);
            }
            Event::StockDividend { asset, .. } => self.stock_dividend(entry, figures, asset),
            Event::ReturnOfCapital { asset, .. } => self.return_of_capital(entry, figures, asset),
            Event::SpinOff {
                asset,
                target,
                ratio,
                cost_share,
            } => self.spin_off(entry, figures, (asset, target), (ratio, cost_share)),
            Event::Merger { .. } => self.merger(entry, figures),
            Event::SymbolChange { asset, target } => self.rename(entry, figures, asset, target),
            _ => {}
        }
    }

    /// With a value the new shares are income and a lot; without one they are a split.
    fn stock_dividend(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex) {
        if figures.gross != Both::default() {
            let lot = OpenLot {
                charges: Amount::ZERO,
                ..lot_of(entry, figures, figures.gross)
            };
            let holding = self.holding(asset, entry.date);
            holding.dividends += figures.gross;
            holding.open(Side::Long, lot, entry.date);
            return;
        }
        let holding = self.holding(asset, entry.date);
        if let Some(ratio) = ratio_of(entry, figures, holding) {
            holding.split(entry.date, ratio);
        } else {
            let lot = lot_of(entry, figures, Both::default());
            self.holding(asset, entry.date)
                .open(Side::Long, lot, entry.date);
        }
    }

    fn return_of_capital(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex) {
        if !self.has_position(entry, asset) {
            return;
        }
        let side = self.holding(asset, entry.date).main_side();
        let closing = self.closing(entry, figures, side, on_side(side, figures.gross));
        if let Some(holding) = &mut self.holdings[asset.0 as usize] {
            holding.give_back(closing, &mut self.books.realizations);
        }
    }

    fn spin_off(
        &mut self,
        entry: &Entry,
        figures: &Figures,
        between: (AssetIndex, AssetIndex),
        (ratio, share): (Ratio, Decimal),
    ) {
        if !self.has_position(entry, between.0) {
            return;
        }
        let mut moved = Moved::default();
        for side in SIDES {
            self.move_part(entry, between, side, (ratio, share), &mut moved);
        }
        self.note_exchange(entry, figures, between, moved);
    }

    /// A part of every lot's cost goes to new lots of another instrument.
    fn move_part(
        &mut self,
        entry: &Entry,
        (asset, target): (AssetIndex, AssetIndex),
        side: Side,
        (ratio, share): (Ratio, Decimal),
        moved: &mut Moved,
    ) {
        let share = Quantity::new(share).unwrap_or_default();
        let (cost_basis, on) = (self.rules.cost_basis, entry.date);
        let holding = self.holding(asset, on);
        let lots = holding.spin_off(side, (ratio, share), cost_basis, on);
        self.become_lots_of(entry, (asset, target), side, lots, moved);
    }

    fn rename(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex, target: AssetIndex) {
        if !self.has_position(entry, asset) {
            return;
        }
        let moved = self.exchange(entry, (asset, target), Ratio::ONE);
        self.note_exchange(entry, figures, (asset, target), moved);
    }

    /// The cash is for the main side; a short seller pays it, and states it as a negative amount.
    fn merger(&mut self, entry: &Entry, figures: &Figures) {
        let Event::Merger {
            asset,
            target,
            cost_share,
            ..
        } = entry.event
        else {
            return;
        };
        if !self.has_position(entry, asset) {
            return;
        }
        let side = self.holding(asset, entry.date).main_side();
        let cash = self.closing(entry, figures, side, on_side(side, figures.net));
        let all = Closing {
            quantity: self.holding(asset, entry.date).lots(side).quantity(),
            ..cash
        };
        match (target, cost_share) {
            (None, _) => self.pay_out(asset, all),
            (Some((target, ratio)), None) => {
                if figures.net != Both::default()
                    && let Some(holding) = &mut self.holdings[asset.0 as usize]
                {
                    holding.give_back(cash, &mut self.books.realizations);
                }
                let moved = self.exchange(entry, (asset, target), ratio);
                self.note_exchange(entry, figures, (asset, target), moved);
            }
            (Some((target, ratio)), Some(share)) => {
                // The part of the cost that goes with the new shares leaves first; what stays
                // behind is set against the cash.
                let mut paid = Moved::default();
                self.move_part(entry, (asset, target), side, (ratio, share), &mut paid);
                paid.leave(side, all.quantity);
                self.pay_out(asset, all);
                let rest = self.exchange(entry, (asset, target), ratio);
                self.note_exchange(entry, figures, (asset, target), paid + rest);
            }
        }
    }

    /// All shares of a side end against cash.
    fn pay_out(&mut self, asset: AssetIndex, all: Closing<'_>) {
        if let Some(holding) = &mut self.holdings[asset.0 as usize] {
            holding.close(all, &mut self.books.realizations);
        }
    }

    /// All lots become lots of another instrument, with dates and cost.
    fn exchange(
        &mut self,
        entry: &Entry,
        (asset, target): (AssetIndex, AssetIndex),
        ratio: Ratio,
    ) -> Moved {
        let mut moved = Moved::default();
        let (cost_basis, on) = (self.rules.cost_basis, entry.date);
        for side in SIDES {
            let holding = self.holding(asset, on);
            moved.leave(side, holding.lots(side).quantity());
            let quantities = holding.lots(side).quantities_in(ratio).unwrap_or_default();
            let lots = holding.release_all(side, cost_basis, on);
            let lots = lots.into_iter().zip(quantities);
            let lots = lots.map(|(lot, quantity)| OpenLot { quantity, ..lot });
            self.become_lots_of(entry, (asset, target), side, lots.collect(), &mut moved);
        }
        moved
    }

    pub(crate) fn note_exchange(
        &mut self,
        entry: &Entry,
        figures: &Figures,
        between: (AssetIndex, AssetIndex),
        moved: Moved,
    ) {
        let exchange = Exchange::new(entry, figures, between, moved);
        self.books.exchanges.push(exchange);
    }

    /// Lots continue as those of another instrument, which may be quoted in another currency.
    fn become_lots_of(
        &mut self,
        entry: &Entry,
        (asset, target): (AssetIndex, AssetIndex),
        side: Side,
        lots: Vec<OpenLot>,
        moved: &mut Moved,
    ) {
        let (Some(old), Some(new)) = (self.asset(asset), self.asset(target)) else {
            return;
        };
        let currencies = (old.currency, new.currency);
        for mut lot in lots {
            if let Some(cost) = self.rates.restate(lot.cost, currencies, lot.acquired_on) {
                lot.cost = cost;
            } else {
                lot.cost.asset = Amount::ZERO;
                let symbol = Some(old.symbol.as_str());
                let finding = finding::missing_rate(entry, symbol, currencies, lot.acquired_on);
                self.books.findings.push(finding);
            }
            moved.arrive(side, lot.quantity, lot.cost.base);
            self.holding(target, entry.date).open(side, lot, entry.date);
        }
    }

    pub(crate) fn choice<'e>(&self, entry: &'e Entry) -> Choice<'e> {
        Choice {
            cost_basis: self.rules.cost_basis,
            lots: &entry.lots,
        }
    }

    pub(crate) fn closing<'e>(
        &self,
        entry: &'e Entry,
        figures: &'e Figures,
        side: Side,
        money: Both,
    ) -> Closing<'e> {
        Closing {
            entry,
            figures,
            choice: self.choice(entry),
            side,
            quantity: figures.quantity,
            money,
            charges: figures.fees.base + figures.taxes.base,
        }
    }

    /// Whether there is anything that a corporate action can change.
    fn has_position(&mut self, entry: &Entry, asset: AssetIndex) -> bool {
        let holding = self.holdings.get(asset.0 as usize).and_then(Option::as_ref);
        let is_there = holding.is_some_and(|holding| !holding.is_empty());
        if !is_there {
            let symbol = self.symbol(asset);
            self.books
                .findings
                .push(finding::without_position(entry, symbol));
        }
        is_there
    }
}

/// What is received comes off what shares cost, and adds to what they brought when they are owed.
fn on_side(side: Side, money: Both) -> Both {
    match side {
        Side::Long => money,
        Side::Short => -money,
    }
}

/// The shares of an entry as a lot of their own.
pub(crate) fn lot_of(entry: &Entry, figures: &Figures, cost: Both) -> OpenLot {
    OpenLot {
        entry: entry.id,
        acquired_on: entry.date,
        quantity: figures.quantity,
        cost,
        charges: figures.fees.base,
    }
}
