//! Options that are used: their premium becomes a part of the shares' cost or proceeds.

use crate::{
    AssetIndex, Entry, Event, OptionRight, Side,
    conversion::Figures,
    fixed::{Amount, Both, Quantity},
    holding::Closing,
    lots::OpenLot,
    posting::Moved,
    replay::Replay,
    stated::units_of,
};

impl Replay<'_> {
    /// The premium goes into the shares: it adds to the cost of those that are bought and comes off
    /// the proceeds of those that are sold; for the writer the other way round.
    pub(crate) fn use_option(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex) {
        let Some(option) = self.asset(asset) else {
            return;
        };
        let units = units_of(figures.quantity.decimal(), option);
        let (Some(terms), Some(units)) = (option.option, units) else {
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
        moved.arrive(opens, units, money.base);
        self.note_exchange(entry, figures, (asset, terms.underlying), moved);
        self.deliver(
            entry,
            figures,
            terms.underlying,
            (units, money, charges),
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
            let own = figures.fees.base + figures.taxes.base;
            let closing = Closing {
                quantity: closed,
                charges: own.share(closed, quantity),
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
}
