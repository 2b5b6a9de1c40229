//! What a price did in a day: open, high, low, close, volume, as the source stated them. Nothing is
//! adjusted for splits or dividends here, and prices in pence stay in pence; an adjusted close that the source brought is kept beside.

pub(crate) mod api;
mod import;
mod model;
pub(crate) mod pages;
mod series;
pub(crate) mod store;

use std::collections::HashMap;

use db::SystemTx;
use jiff::civil::Date;
use sqlx::PgConnection;

use crate::InstrumentId;

pub use crate::imports::ImportOptions;
pub use import::import;
pub use model::DailyBar;
pub(crate) use model::{EARLIEST, LATEST};

/// The daily closes of the instruments in their currencies (a bar in pence is divided by a hundred),
/// each in the order of days, in one statement. Instruments
/// without bars are absent.
pub async fn closes(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, Vec<(Date, f64)>>> {
    store::closes(conn, ids).await
}

/// The last daily closes of the instruments in their currencies, at most `count` each, in the order of days.
pub async fn latest_closes(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    count: i64,
) -> db::Result<HashMap<InstrumentId, Vec<(Date, f64)>>> {
    store::latest_closes(conn, ids, count).await
}

/// Who stated the daily bars of these instruments on these days. Those that are not there are absent.
pub async fn sources(
    conn: &mut PgConnection,
    bars: &[(InstrumentId, Date)],
) -> db::Result<HashMap<InstrumentId, String>> {
    store::sources(conn, bars).await
}

/// Loads daily bars of days that have none yet, in bulk, and returns how many there were. A day that
/// has a bar already fails the whole unit of work; [`import`] is for files that may overlap.
pub async fn insert_daily(
    tx: &mut SystemTx,
    source: &str,
    bars: impl IntoIterator<Item = (InstrumentId, DailyBar)>,
) -> db::Result<u64> {
    store::lock(tx).await?;
    let mut writer = store::begin_copy(tx).await?;
    for (id, bar) in bars {
        store::copy_row(&mut writer, id, &bar, source).await?;
    }
    let count = writer.finish().await?;
    crate::revision::bump(tx).await?;
    Ok(count)
}
