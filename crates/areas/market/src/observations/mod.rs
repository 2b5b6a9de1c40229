//! When prices and rates became known, and what they replaced: why a value of the past is another one
//! today.

mod store;

use jiff::{Timestamp, civil::Date};
use money::{Currency, FxTable};
use sqlx::PgConnection;

use crate::InstrumentId;

/// A daily close as it was known for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct CloseObservation {
    /// Of what.
    pub instrument_id: InstrumentId,
    /// The trading day.
    pub date: Date,
    /// The close, in the currency of the instrument.
    pub close: f64,
    /// Who stated it.
    pub source: String,
    /// Since when it is known; `None`: since before that was written down.
    pub observed_at: Option<Timestamp>,
}

/// An exchange rate likewise: one unit of `base` costs `rate` units of `quote`.
#[derive(Clone, Debug, PartialEq)]
pub struct RateObservation {
    /// One unit of this
    pub base: Currency,
    /// costs in this
    pub quote: Currency,
    /// on this day
    pub date: Date,
    /// so much.
    pub rate: f64,
    /// Who stated it.
    pub source: String,
    /// Since when it is known.
    pub observed_at: Timestamp,
}

/// The closes that can decide what instruments are worth on a day, for anyone who knew what was known
/// before `from` and learns what became known from then until before `to`: of each instrument the
/// last close known before, and every later statement about that day or a later one. In the order in
/// which they became known.
pub async fn closes(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    on: Date,
    from: Timestamp,
    to: Option<Timestamp>,
) -> db::Result<Vec<CloseObservation>> {
    store::closes(conn, ids, on, from, to).await
}

/// The rates up to a day as they were known before a moment.
pub async fn rates_as_known(
    conn: &mut PgConnection,
    on: Date,
    at: Timestamp,
) -> db::Result<FxTable> {
    store::rates_as_known(conn, on, at).await
}

/// The rates up to a day that became known from `from` until before `to`, in that order.
pub async fn rates(
    conn: &mut PgConnection,
    on: Date,
    from: Timestamp,
    to: Option<Timestamp>,
) -> db::Result<Vec<RateObservation>> {
    store::rates(conn, on, from, to).await
}

/// The first day about which anything became known since a moment that can change the value of these
/// instruments; `None` when nothing did.
pub async fn first_changed_day(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    since: Timestamp,
) -> db::Result<Option<Date>> {
    store::first_changed_day(conn, ids, since).await
}
