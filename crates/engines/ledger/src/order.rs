//! The one order in which transactions are replayed.

use std::cmp::Ordering;

use jiff::{
    Timestamp,
    civil::{Date, date},
};

use crate::{Entry, Event, TransactionKind};

impl Event {
    /// The type of the transaction.
    pub fn kind(&self) -> TransactionKind {
        match self {
            Self::Buy { .. } => TransactionKind::Buy,
            Self::Sell { .. } => TransactionKind::Sell,
            Self::Dividend { .. } => TransactionKind::Dividend,
            Self::Interest { .. } => TransactionKind::Interest,
            Self::Deposit { .. } => TransactionKind::Deposit,
            Self::Withdrawal { .. } => TransactionKind::Withdrawal,
            Self::Fee { .. } => TransactionKind::Fee,
            Self::Tax { .. } => TransactionKind::Tax,
            Self::Split { .. } => TransactionKind::Split,
        }
    }
}

/// Brings entries into the order in which they are replayed: by trade date; on one day by the moment
/// of execution, where an entry without one counts as the start of that day in UTC; then splits,
/// deposits, interest, dividends, purchases, sales, fees, taxes, withdrawals; then by id.
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
        Event::Deposit { .. } => 1,
        Event::Interest { .. } => 2,
        Event::Dividend { .. } => 3,
        Event::Buy { .. } => 4,
        Event::Sell { .. } => 5,
        Event::Fee { .. } => 6,
        Event::Tax { .. } => 7,
        Event::Withdrawal { .. } => 8,
    }
}
