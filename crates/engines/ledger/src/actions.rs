//! Events that turn shares into other shares, or move them without a trade.

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    AssetIndex, Entry, Event, OptionRight, Ratio, Side, Transfer,
    conversion::Figures,
    finding,
    fixed::{Amount, Both, Quantity},
    holding::Closing,
    lots::{Choice, OpenLot},
    posting::{Exchange, Moved},
    replay::{Replay, Transit},
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
            } => {
                let moved = self.spin_off(entry, asset, target, (ratio, cost_share));
                self.note_exchange(entry, figures, (asset, target), moved);
            }
            Event::Merger { .. } => self.merger(entry, figures),
            Event::SymbolChange { asset, target } if self.has_position(entry, asset) => {
                let moved = self.exchange(entry, asset, target, Ratio::ONE);
                self.note_exchange(entry, figures, (asset, target), moved);
            }
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
        let held = self.holding(asset, entry.date).lots(Side::Long).quantity();
        if held.is_zero() {
            let lot = lot_of(entry, figures, Both::default());
            self.holding(asset, entry.date)
                .open(Side::Long, lot, entry.date);
            return;
        }
        let ratio = Ratio {
            to: (held + figures.quantity).decimal(),
            from: held.decimal(),
        };
        self.holding(asset, entry.date).split(entry.date, ratio);
    }

    fn return_of_capital(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex) {
        if !self.has_position(entry, asset) {
            return;
        }
        let closing = self.closing(entry, figures, Side::Long, figures.gross);
        if let Some(holding) = &mut self.holdings[asset.0 as usize] {
            holding.give_back(closing, &mut self.books.realizations);
        }
    }

    fn spin_off(
        &mut self,
        entry: &Entry,
        asset: AssetIndex,
        target: AssetIndex,
        (ratio, share): (Ratio, Decimal),
    ) -> Moved {
        let mut moved = Moved::default();
        if !self.has_position(entry, asset) {
            return moved;
        }
        let share = Quantity::new(share).unwrap_or_default();
        let (cost_basis, on) = (self.rules.cost_basis, entry.date);
        for side in SIDES {
            let lots = self
                .holding(asset, on)
                .spin_off(side, (ratio, share), cost_basis, on);
            for lot in lots {
                moved.arrive(side, &lot);
                self.holding(target, on).open(side, lot, on);
            }
        }
        moved
    }

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
        let cash = self.closing(entry, figures, Side::Long, figures.net);
        let holding = self.holding(asset, entry.date);
        let held = holding.lots(Side::Long).quantity();
        match (target, cost_share) {
            (None, _) => {
                let closing = Closing {
                    quantity: held,
                    ..cash
                };
                if let Some(holding) = &mut self.holdings[asset.0 as usize] {
                    holding.close(closing, &mut self.books.realizations);
                }
            }
            (Some((target, ratio)), None) => {
                if figures.net != Both::default()
                    && let Some(holding) = &mut self.holdings[asset.0 as usize]
                {
                    holding.give_back(cash, &mut self.books.realizations);
                }
                let moved = self.exchange(entry, asset, target, ratio);
                self.note_exchange(entry, figures, (asset, target), moved);
            }
            (Some((target, ratio)), Some(share)) => {
                // The part of the cost that goes with the new shares leaves first; what stays
                // behind is set against the cash.
                let moved = Moved {
                    left: held,
                    ..self.spin_off(entry, asset, target, (ratio, share))
                };
                self.note_exchange(entry, figures, (asset, target), moved);
                let closing = Closing {
                    quantity: held,
                    ..cash
                };
                if let Some(holding) = &mut self.holdings[asset.0 as usize] {
                    holding.close(closing, &mut self.books.realizations);
                }
            }
        }
    }

    /// All lots become lots of another instrument, with dates and cost.
    fn exchange(
        &mut self,
        entry: &Entry,
        asset: AssetIndex,
        target: AssetIndex,
        ratio: Ratio,
    ) -> Moved {
        let mut moved = Moved::default();
        let (cost_basis, on) = (self.rules.cost_basis, entry.date);
        for side in SIDES {
            let holding = self.holding(asset, on);
            let quantities = holding.lots(side).quantities_in(ratio).unwrap_or_default();
            let lots = holding.release_all(side, cost_basis, on);
            for (lot, quantity) in lots.into_iter().zip(quantities) {
                moved.leave(side, lot.quantity);
                let lot = OpenLot { quantity, ..lot };
                moved.arrive(side, &lot);
                self.holding(target, on).open(side, lot, on);
            }
        }
        moved
    }

    fn note_exchange(
        &mut self,
        entry: &Entry,
        figures: &Figures,
        between: (AssetIndex, AssetIndex),
        moved: Moved,
    ) {
        let exchange = Exchange::new(entry, figures, between, moved);
        self.books.exchanges.push(exchange);
    }

    pub(crate) fn transfer_out(&mut self, entry: &Entry, figures: &Figures, transit: &mut Transit) {
        let Event::TransferOut {
            asset,
            quantity,
            link,
        } = entry.event
        else {
            return;
        };
        let side = side_of(quantity);
        let choice = self.choice(entry);
        let holding = self.holding(asset, entry.date);
        let there = holding.lots(side).quantity();
        let lots = holding.release(side, figures.quantity, choice, entry.date);
        self.report_excess(entry, figures, there);
        self.note_transfer(entry, (asset, side, -1), &lots, link);
        if let Some(link) = link {
            transit.insert(link, lots);
        }
    }

    pub(crate) fn transfer_in(&mut self, entry: &Entry, figures: &Figures, transit: &mut Transit) {
        let Event::TransferIn {
            asset,
            quantity,
            acquired_on,
            link,
            ..
        } = entry.event
        else {
            return;
        };
        let side = side_of(quantity);
        let sent = link.and_then(|link| transit.remove(&link));
        let lots = match sent {
            Some(lots) => lots,
            None => vec![OpenLot {
                acquired_on: acquired_on.unwrap_or(entry.date),
                charges: Amount::ZERO,
                ..lot_of(entry, figures, figures.gross)
            }],
        };
        self.report_arrival(entry, figures, &lots, link.is_some());
        self.note_transfer(entry, (asset, side, 1), &lots, link);
        for lot in lots {
            self.holding(asset, entry.date).open(side, lot, entry.date);
        }
    }

    fn report_arrival(
        &mut self,
        entry: &Entry,
        figures: &Figures,
        lots: &[OpenLot],
        is_linked: bool,
    ) {
        let symbol = self.symbol_of(entry);
        let left = lots
            .iter()
            .filter(|lot| lot.entry != entry.id)
            .fold(Quantity::ZERO, |sum, lot| sum + lot.quantity);
        let differs = (left - figures.quantity).abs() >= Quantity::SMALLEST_STORED;
        if is_linked && differs {
            let (arrived, left) = (figures.quantity.decimal(), left.decimal());
            let finding = finding::unmatched_transfer(entry, symbol, arrived, left);
            self.books.findings.push(finding);
        } else if !is_linked && figures.gross == Both::default() {
            self.books
                .findings
                .push(finding::missing_cost(entry, symbol));
        }
    }

    fn note_transfer(
        &mut self,
        entry: &Entry,
        (asset, side, direction): (AssetIndex, Side, i8),
        lots: &[OpenLot],
        link: Option<Uuid>,
    ) {
        let mut quantity = Quantity::ZERO;
        let mut cost = Amount::ZERO;
        for lot in lots {
            quantity += lot.quantity;
            cost += lot.cost.base;
        }
        if quantity.is_zero() {
            return;
        }
        if (direction > 0) != (side == Side::Long) {
            (quantity, cost) = (-quantity, -cost);
        }
        self.books.transfers.push(Transfer {
            date: entry.date,
            asset,
            quantity: quantity.decimal(),
            cost_base: cost.decimal(),
            link,
        });
    }

    /// The premium goes into the shares: it adds to the cost of those that are bought and comes off
    /// the proceeds of those that are sold; for the writer the other way round.
    pub(crate) fn use_option(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex) {
        let Some(option) = self.asset(asset) else {
            return;
        };
        let Some(terms) = option.option else {
            return;
        };
        let is_holder = matches!(entry.event, Event::Exercise { .. });
        let side = if is_holder { Side::Long } else { Side::Short };
        let choice = self.choice(entry);
        let holding = self.holding(asset, entry.date);
        let there = holding.lots(side).quantity();
        let mut premium = Both::default();
        let mut charges = figures.fees.base + figures.taxes.base;
        let mut moved = Moved::default();
        for lot in holding.release(side, figures.quantity, choice, entry.date) {
            premium += lot.cost;
            charges += lot.charges;
            moved.leave(side, lot.quantity);
        }
        self.report_excess(entry, figures, there);
        let shares = figures.quantity.decimal().checked_mul(option.multiplier);
        let Some(Ok(quantity)) = shares.map(Quantity::new) else {
            return;
        };
        let buys = is_holder == (terms.right == OptionRight::Call);
        let money = match (buys, is_holder) {
            (true, true) => -figures.net + premium,
            (true, false) => -figures.net - premium,
            (false, true) => figures.net - premium,
            (false, false) => figures.net + premium,
        };
        let (closes, opens) = if buys {
            (Side::Short, Side::Long)
        } else {
            (Side::Long, Side::Short)
        };
        (moved.arrived, moved.cost) = if buys {
            (quantity, money.base)
        } else {
            (-quantity, -money.base)
        };
        self.note_exchange(entry, figures, (asset, terms.underlying), moved);
        self.deliver(
            entry,
            figures,
            terms.underlying,
            (quantity, money, charges),
            (closes, opens),
        );
    }

    /// Shares change hands: first what is on the other side is closed, the rest opens a position.
    fn deliver(
        &mut self,
        entry: &Entry,
        figures: &Figures,
        underlying: AssetIndex,
        (quantity, money, charges): (Quantity, Both, Amount),
        (closes, opens): (Side, Side),
    ) {
        let there = self.holding(underlying, entry.date).lots(closes).quantity();
        let closed = quantity.min(there);
        let settled = money.share(closed, quantity);
        if closed > Quantity::ZERO {
            let closing = Closing {
                quantity: closed,
                ..self.closing(entry, figures, closes, settled)
            };
            if let Some(holding) = &mut self.holdings[underlying.0 as usize] {
                holding.close(closing, &mut self.books.realizations);
            }
        }
        if quantity > closed {
            let lot = OpenLot {
                entry: entry.id,
                acquired_on: entry.date,
                quantity: quantity - closed,
                cost: money - settled,
                charges: charges - charges.share(closed, quantity),
            };
            self.holding(underlying, entry.date)
                .open(opens, lot, entry.date);
        }
    }

    fn choice<'e>(&self, entry: &'e Entry) -> Choice<'e> {
        Choice {
            cost_basis: self.rules.cost_basis,
            lots: &entry.lots,
        }
    }

    fn closing<'e>(
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

    fn report_excess(&mut self, entry: &Entry, figures: &Figures, there: Quantity) {
        if figures.exceeds(there) {
            let symbol = self.symbol_of(entry);
            let (stated, there) = (figures.quantity.decimal(), there.decimal());
            self.books
                .findings
                .push(finding::exceeds_position(entry, symbol, stated, there));
        }
    }
}

fn side_of(quantity: Decimal) -> Side {
    if quantity.is_sign_negative() {
        Side::Short
    } else {
        Side::Long
    }
}

fn lot_of(entry: &Entry, figures: &Figures, cost: Both) -> OpenLot {
    OpenLot {
        entry: entry.id,
        acquired_on: entry.date,
        quantity: figures.quantity,
        cost,
        charges: figures.fees.base,
    }
}
