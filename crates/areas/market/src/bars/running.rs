//! Days that are computed out of minutes while they are still traded.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use sqlx::PgConnection;

use super::store;
use crate::{
    InstrumentId,
    exchanges::{self, Days},
};

/// How long after a session its last minutes may come: sources show them late and are asked every quarter of an hour.
const LATEST_MINUTES: SignedDuration = SignedDuration::from_mins(40);

/// A day whose bar was computed and may still grow: its close is no close, but the last price that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) date: Date,
    /// Up to when, where that was noted.
    pub(crate) until: Option<Timestamp>,
}

/// The last days of those instruments of which they are still running.
pub(crate) async fn running(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    now: Timestamp,
) -> db::Result<HashMap<InstrumentId, Running>> {
    let mut last = store::last_computed(conn, ids).await?;
    if last.is_empty() {
        return Ok(last);
    }
    let calendars = exchanges::calendars(conn, ids).await?;
    let mut days = Days::default();
    last.retain(|id, running| {
        let calendar = calendars.get(id).map(String::as_str);
        let session = days.span(calendar, running.date);
        session.is_some_and(|session| now < session.to + LATEST_MINUTES)
    });
    Ok(last)
}
