//! What indices stood at, with their history, and the board of the market: indices and movers. A
//! value of an index is recorded by whoever fetches it; movers come from the figures of daily bars.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod store;

use db::SystemTx;
use jiff::tz::Offset;
use sqlx::PgConnection;

pub use error::Error;
pub use model::{Board, IndexValue, Mover, NewIndexValue, Standing};

use crate::{
    InstrumentId,
    bars::Interval,
    exchanges::{self, Days},
};

/// Movers of each kind on the board.
const MOVERS: i64 = 10;

/// Records what an index stands at; the same instant again replaces the value. Where no change is
/// stated, it is the one against the last value of an earlier trading day. What is dated by a day alone, at
/// midnight in UTC, is of that day.
pub async fn record(
    tx: &mut SystemTx,
    new: &NewIndexValue,
    source: &str,
) -> Result<IndexValue, Error> {
    let calendars = exchanges::calendars(tx.conn(), &[new.instrument_id]).await?;
    let calendar = calendars.get(&new.instrument_id).map(String::as_str);
    let mut days = Days::default();
    let day = if Interval::Day.begins(new.at) {
        Offset::UTC.to_datetime(new.at).date()
    } else {
        days.at(calendar, new.at)
    };
    store::upsert(tx, new, source, (day, days.begin(calendar, day))).await
}

/// The board: where indices stand, and what moved most on the last trading days.
pub async fn board(conn: &mut PgConnection) -> db::Result<Board> {
    Ok(Board {
        indices: store::list_standings(conn).await?,
        gainers: store::list_gainers(conn, MOVERS).await?,
        losers: store::list_losers(conn, MOVERS).await?,
        most_active: store::list_most_active(conn, MOVERS).await?,
    })
}

/// The last values of an index, the latest first.
pub(crate) async fn recent(
    conn: &mut PgConnection,
    id: InstrumentId,
    count: i64,
) -> db::Result<Vec<IndexValue>> {
    let mut values = store::list_values(conn, id, None, count).await?;
    values.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    Ok(values)
}
