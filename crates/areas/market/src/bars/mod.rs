//! What a price did in a day or a part of it: open, high, low, close, volume, as the source stated them. Nothing is
//! adjusted for splits or dividends here, and prices in pence stay in pence; an adjusted close that the source brought is kept beside.

pub(crate) mod adjusted;
pub(crate) mod api;
mod day_api;
mod export;
mod import;
mod interval;
mod intraday;
mod model;
mod naming;
pub(crate) mod pages;
pub(crate) mod partitions;
mod running;
mod series;
pub(crate) mod store;
mod thinned;

use std::collections::HashMap;

use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use sqlx::PgConnection;

use crate::InstrumentId;

pub use crate::imports::ImportOptions;
pub use import::import;
pub use interval::{Interval, UnknownInterval};
pub use model::{Bar, DailyBar, Ingested};
pub(crate) use model::{EARLIEST, LATEST, day, midnight};
pub(crate) use running::{Running, running};

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

/// The bars of many instruments on one day. Those without one are absent.
pub async fn on_day(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    date: Date,
) -> db::Result<HashMap<InstrumentId, DailyBar>> {
    store::on_day(conn, ids, date).await
}

/// Who stated the daily bars of these instruments on these days. Those that are not there are absent.
pub async fn sources(
    conn: &mut PgConnection,
    bars: &[(InstrumentId, Date)],
) -> db::Result<HashMap<InstrumentId, String>> {
    store::sources(conn, bars).await
}

/// Source of bars that were computed from shorter ones or from ticks. Whatever a source states itself
/// takes their place, and they never take the place of that.
pub const ROLLUP: &str = "rollup";

/// Bars that one statement stores at most.
const CHUNK: usize = 20_000;

/// Stores bars of one interval: new ones are added, others correct what is there, whose former value
/// is kept. What a bar does not state (adjusted close, volume) it does not take away. Each begins on the clock
/// of its interval: one that does not fails the whole unit of work, since moved to it, it would be another one.
/// Of several bars of one time the last counts. Longer bars are computed again after the commit.
pub async fn ingest(
    tx: &mut SystemTx,
    interval: Interval,
    source: &str,
    rows: &[(InstrumentId, Bar)],
) -> db::Result<Ingested> {
    let mut ingested = Ingested::default();
    if let Some((id, bar)) = rows.iter().find(|(_, bar)| !interval.begins(bar.at)) {
        return Err(db::Error::Inconsistent {
            table: interval.table(),
            column: "at",
            row: id.to_string(),
            reason: format!("{} does not begin on the clock of {interval}", bar.at),
        });
    }
    for chunk in rows.chunks(CHUNK) {
        ingested += store::ingest(tx, interval, source, chunk).await?;
    }
    if ingested.inserted + ingested.replaced > 0 {
        match interval {
            Interval::Minute => crate::rollups::request(tx).await?,
            Interval::Day => {
                crate::figures::mark(tx, rows.iter().map(|(id, _)| *id)).await?;
                crate::revision::bump(tx).await?;
            }
            Interval::FiveMinutes | Interval::QuarterHour | Interval::Hour => {}
        }
    }
    Ok(ingested)
}

/// The bars of an interval of an instrument in `[from, to)`, at most `limit`, in the order of time;
/// whether they were packed meanwhile makes no difference.
pub async fn between(
    conn: &mut PgConnection,
    id: InstrumentId,
    interval: Interval,
    from: Timestamp,
    to: Timestamp,
    limit: i64,
) -> db::Result<Vec<Bar>> {
    store::between(conn, id, interval, from, to, limit).await
}

/// Loads daily bars of days that have none yet, in bulk, and returns how many there were. A day that
/// has a bar already fails the whole unit of work; [`import`] is for files that may overlap.
pub async fn insert_daily(
    tx: &mut SystemTx,
    source: &str,
    bars: impl IntoIterator<Item = (InstrumentId, DailyBar)>,
) -> db::Result<u64> {
    store::lock(tx).await?;
    let bars: Vec<(InstrumentId, Bar)> =
        bars.into_iter().map(|(id, bar)| (id, bar.into())).collect();
    store::ensure_partitions(tx, Interval::Day, bars.iter().map(|(_, bar)| bar.at)).await?;
    let mut writer = store::begin_copy(tx, Interval::Day).await?;
    for (id, bar) in &bars {
        store::copy_row(&mut writer, *id, bar, source).await?;
    }
    let count = writer.finish().await?;
    crate::figures::mark(tx, bars.iter().map(|(id, _)| *id)).await?;
    crate::revision::bump(tx).await?;
    Ok(count)
}

/// Whether a file of this name and content (SHA-256) was loaded as bars of the interval before.
pub async fn is_loaded(
    db: &db::Db,
    digest: &[u8; 32],
    interval: Interval,
    name: &str,
) -> db::Result<bool> {
    let mut tx = db.system("look for a loaded file").await?;
    store::is_loaded(&mut tx, digest, interval, name).await
}

/// Notes that a file was loaded, so that it need not be again.
pub async fn note_loaded(
    db: &db::Db,
    digest: &[u8; 32],
    interval: Interval,
    name: &str,
    imported: u64,
) -> db::Result<()> {
    let mut tx = db.system("note a loaded file").await?;
    store::note_loaded(&mut tx, digest, interval, name, imported).await?;
    tx.commit().await
}
