//! The one order in which transactions are replayed.

use std::cmp::Ordering;

use jiff::{
    Timestamp,
    civil::{Date, date},
};

use crate::{Entry, Event};

/// Brings entries into the order in which they are replayed: by trade date; on one day by the moment
/// of execution, where an entry without one counts as the start of that day in UTC; then by type:
/// changes of instruments (splits, spin-offs, mergers, symbol changes), money that comes in
/// (deposits, conversions, interest, dividends), shares that come in (purchases, transfers, exercised
/// and assigned options), shares that go (sales, expiries), then fees, taxes, withdrawals; then by id.
///
/// Money therefore comes in before it is spent, shares are bought before they are sold, and the
/// order of a file or a database never changes a figure.
pub fn sort(entries: &mut [Entry]) {
    entries.sort_by(compare);
}

pub(crate) fn compare(left: &Entry, right: &Entry) -> Ordering {
    left.date
        .cmp(&right.date)
        .then_with(|| instant(left).cmp(&instant(right)))
        .then_with(|| rank(&left.event).cmp(&rank(&right.event)))
        .then_with(|| left.id.cmp(&right.id))
}

/// Nanoseconds since the Unix epoch.
fn instant(entry: &Entry) -> i128 {
    const EPOCH: Date = date(1970, 1, 1);
    entry.executed_at.map_or_else(
        || entry.date.duration_since(EPOCH).as_nanos(),
        Timestamp::as_nanosecond,
    )
}

fn rank(event: &Event) -> u8 {
    match event {
        Event::Split { .. } => 0,
        Event::SpinOff { .. } | Event::Merger { .. } | Event::SymbolChange { .. } => 1,
        Event::Deposit { .. } => 2,
        Event::Conversion { .. } => 3,
        Event::Interest { .. } => 4,
        Event::Dividend { .. } | Event::ReturnOfCapital { .. } => 5,
        Event::StockDividend { .. } => 6,
        Event::Buy { .. } | Event::Short { .. } | Event::ReinvestedDividend { .. } => 7,
        // Out before in: the lots must have left one portfolio to arrive in another.
        Event::TransferOut { .. } => 8,
        Event::TransferIn { .. } => 9,
        Event::Exercise { .. } | Event::Assignment { .. } => 10,
        Event::Sell { .. } | Event::Cover { .. } => 11,
        Event::Expiry { .. } => 12,
        Event::Fee { .. } => 13,
        Event::Tax { .. } => 14,
        Event::Withdrawal { .. } => 15,
    }
}
