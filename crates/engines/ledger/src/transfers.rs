//! Shares that come from another account or go to one.

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    AssetIndex, Entry, Event, Side, Transfer,
    actions::lot_of,
    conversion::Figures,
    finding,
    fixed::{Amount, Both, Quantity},
    lots::OpenLot,
    replay::Replay,
    together::Transit,
};

impl Replay<'_> {
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
        // What was not there cannot arrive.
        if let Some(link) = link
            && !lots.is_empty()
        {
            transit.entry((link, asset, side)).or_default().extend(lots);
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
        let sent = link.and_then(|link| transit.remove(&(link, asset, side)));
        self.report_arrival(entry, figures, sent.as_deref());
        let lots = sent.unwrap_or_else(|| {
            vec![OpenLot {
                acquired_on: acquired_on.unwrap_or(entry.date),
                charges: Amount::ZERO,
                ..lot_of(entry, figures, figures.gross)
            }]
        });
        self.note_transfer(entry, (asset, side, 1), &lots, link);
        for lot in lots {
            self.holding(asset, entry.date).open(side, lot, entry.date);
        }
    }

    fn report_arrival(&mut self, entry: &Entry, figures: &Figures, sent: Option<&[OpenLot]>) {
        let symbol = self.symbol_of(entry);
        let mut left = Quantity::ZERO;
        for lot in sent.unwrap_or_default() {
            left += lot.quantity;
        }
        let differs = (left - figures.quantity).abs() >= Quantity::SMALLEST_STORED;
        if entry.event.link().is_some() {
            if differs {
                let (arrived, left) = (figures.quantity.decimal(), left.decimal());
                let finding = finding::unmatched_transfer(entry, symbol, arrived, left);
                self.books.findings.push(finding);
            }
        } else if figures.gross == Both::default() {
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

    pub(crate) fn report_excess(&mut self, entry: &Entry, figures: &Figures, there: Quantity) {
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
