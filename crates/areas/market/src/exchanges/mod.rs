//! Where instruments are traded: markets by their ISO 10383 code with the code that people use, and
//! when they trade. What an instrument's source called its exchange is matched to them by the database.

pub(crate) mod api;
mod days;
mod error;
mod model;
pub(crate) mod pages;
mod store;

use std::collections::{BTreeSet, HashMap};

use jiff::tz::TimeZone;
use sqlx::PgConnection;

pub(crate) use days::{DaySpan, Days, WEEKDAYS, trading, trading_day};
pub use model::Exchange;

use crate::InstrumentId;

/// All exchanges, by their codes.
pub async fn list(conn: &mut PgConnection) -> db::Result<Vec<Exchange>> {
    store::list(conn).await
}

/// What exchanges are meant by words: a MIC, a common code or another word for it. Unknown ones are left out.
pub(crate) async fn mics(
    conn: &mut PgConnection,
    words: &BTreeSet<&str>,
) -> db::Result<HashMap<String, String>> {
    if words.is_empty() {
        return Ok(HashMap::new());
    }
    let words: Vec<&str> = words.iter().copied().collect();
    store::mics(conn, &words).await
}

/// The clock of an exchange; that of UTC where it is not known.
pub(crate) async fn zone(conn: &mut PgConnection, mic: Option<&str>) -> db::Result<TimeZone> {
    let Some(mic) = mic else {
        return Ok(TimeZone::UTC);
    };
    let name = store::time_zone(conn, mic).await?;
    let zone = name.and_then(|name| TimeZone::get(&name).ok());
    Ok(zone.unwrap_or(TimeZone::UTC))
}

/// The calendars by which instruments are traded, by their names: those of their exchanges, and of coins that which
/// never rests. Instruments without one are left out.
pub(crate) async fn calendars(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, String>> {
    store::calendars(conn, ids).await
}
