use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use sqlx::PgConnection;

use super::{
    error::Error,
    model::{IndexValue, Mover, NewIndexValue, Standing},
};
use crate::{InstrumentId, bars::midnight};

/// A trigger refuses other instruments than indices with this name.
const CLASS_CHECK: &str = "market_indices_class_check";

struct ValueRow {
    at: Timestamp,
    value: f64,
    change: Option<f64>,
    change_percent: Option<f64>,
    volume: Option<f64>,
    source: String,
}

impl From<ValueRow> for IndexValue {
    fn from(row: ValueRow) -> Self {
        Self {
            at: row.at,
            value: row.value,
            change: row.change,
            change_percent: row.change_percent,
            volume: row.volume,
            source: row.source,
        }
    }
}

struct MoverRow {
    instrument_id: InstrumentId,
    symbol: String,
    name: String,
    is_simulated: bool,
    currency: Option<String>,
    date: jiff_sqlx::Date,
    close: f64,
    change_percent: Option<f64>,
    volume: Option<f64>,
}

impl From<MoverRow> for Mover {
    fn from(row: MoverRow) -> Self {
        Self {
            instrument_id: row.instrument_id,
            symbol: row.symbol,
            name: row.name,
            is_simulated: row.is_simulated,
            currency: row.currency,
            date: row.date.to_jiff(),
            close: row.close,
            change_percent: row.change_percent,
            volume: row.volume,
        }
    }
}

/// With the trading day to which it belongs, and when what belongs to that begins.
pub(super) async fn upsert(
    tx: &mut SystemTx,
    new: &NewIndexValue,
    source: &str,
    (day, begins_at): (Date, Timestamp),
) -> Result<IndexValue, Error> {
    let stored = sqlx::query_as!(
        ValueRow,
        "with stated as (
             select coalesce($4, $3 - (
                 select value
                 from market.market_indices
                 where instrument_id = $1 and at < greatest($7::timestamptz, $8::timestamptz)
                   -- What stands at midnight is dated by a day alone.
                   and at < case when at = date_trunc('day', at, 'UTC') then $7 else $8 end
                 order by at desc
                 limit 1
             )) as change
         )
         insert into market.market_indices
             (instrument_id, at, value, change, change_percent, volume, source)
         select $1, $2, $3, change, 100 * change / nullif($3 - change, 0), $5, $6
         from stated
         on conflict (instrument_id, at) do update
         set value = excluded.value, change = excluded.change,
             change_percent = excluded.change_percent, volume = excluded.volume,
             source = excluded.source
         returning at, value, change, change_percent, volume, source",
        new.instrument_id as InstrumentId,
        jiff_sqlx::Timestamp::from(new.at) as _,
        new.value,
        new.change,
        new.volume,
        source,
        jiff_sqlx::Timestamp::from(midnight(day)) as _,
        jiff_sqlx::Timestamp::from(begins_at) as _,
    )
    .fetch_one(tx.conn())
    .await;
    match stored.map_err(db::Error::from) {
        Ok(row) => Ok(row.into()),
        Err(error) if error.constraint() == Some(CLASS_CHECK) => Err(Error::NoIndex),
        Err(error) => Err(error.into()),
    }
}

/// The last value of every index; of one without recorded values what its daily bars say.
pub(super) async fn list_standings(conn: &mut PgConnection) -> db::Result<Vec<Standing>> {
    let rows = sqlx::query!(
        r#"select i.id as "instrument_id: InstrumentId", i.symbol, i.name, i.is_simulated,
                  last.at as "at!", last.value as "value!", last.change, last.change_percent,
                  last.volume, last.source as "source!"
           from market.instruments i
           cross join lateral (
               (select at, value, change, change_percent, volume, source
                from market.market_indices
                where instrument_id = i.id
                order by at desc
                limit 1)
               union all
               (select f.date::timestamp at time zone 'UTC', f.close, f.close - f.previous_close,
                       f.change_percent, f.volume, 'daily bars'
                from market.daily_figures f
                where f.instrument_id = i.id)
               order by at desc
               limit 1
           ) last
           where i.asset_class = 'index' and i.is_active and not i.is_private
           order by i.symbol, i.id
           limit 200"#
    )
    .fetch_all(conn)
    .await?;
    let standings = rows.into_iter().map(|row| Standing {
        instrument_id: row.instrument_id,
        symbol: row.symbol,
        name: row.name,
        is_simulated: row.is_simulated,
        last: IndexValue {
            at: row.at.to_jiff(),
            value: row.value,
            change: row.change,
            change_percent: row.change_percent,
            volume: row.volume,
            source: row.source,
        },
    });
    Ok(standings.collect())
}

/// Values of an index, the latest first; one more than `limit` where there are more.
pub(super) async fn list_values(
    conn: &mut PgConnection,
    id: InstrumentId,
    before: Option<Timestamp>,
    limit: i64,
) -> db::Result<Vec<IndexValue>> {
    let rows = sqlx::query_as!(
        ValueRow,
        "select at, value, change, change_percent, volume, source
         from market.market_indices
         where instrument_id = $1 and ($2::timestamptz is null or at < $2)
         order by at desc
         limit $3::bigint + 1",
        id as InstrumentId,
        before.map(jiff_sqlx::Timestamp::from) as Option<jiff_sqlx::Timestamp>,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(IndexValue::from).collect())
}

/// What rose most. Gainers and losers are two statements on purpose: each reads the head of the index on the change
/// in its direction, a few rows, whereas the order by a change times a sign that is a parameter reads, joins and
/// sorts all that moved (at 20,000 instruments 0.3 against 100 milliseconds).
pub(super) async fn list_gainers(conn: &mut PgConnection, limit: i64) -> db::Result<Vec<Mover>> {
    let rows = sqlx::query_as!(
        MoverRow,
        "with recent as (select max(date) - 4 as since from market.daily_figures)
         select i.id as instrument_id, i.symbol, i.name, i.is_simulated, i.currency, f.date, f.close,
                f.change_percent, f.volume
         from market.daily_figures f
         join market.instruments i on i.id = f.instrument_id
         where f.date >= (select since from recent) and i.is_active
           and i.asset_class in ('equity', 'etf', 'fund', 'crypto', 'commodity')
           and f.change_percent > 0
         order by f.change_percent desc, i.symbol, i.id
         limit $1",
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Mover::from).collect())
}

/// What fell most; see [`list_gainers`].
pub(super) async fn list_losers(conn: &mut PgConnection, limit: i64) -> db::Result<Vec<Mover>> {
    let rows = sqlx::query_as!(
        MoverRow,
        "with recent as (select max(date) - 4 as since from market.daily_figures)
         select i.id as instrument_id, i.symbol, i.name, i.is_simulated, i.currency, f.date, f.close,
                f.change_percent, f.volume
         from market.daily_figures f
         join market.instruments i on i.id = f.instrument_id
         where f.date >= (select since from recent) and i.is_active
           and i.asset_class in ('equity', 'etf', 'fund', 'crypto', 'commodity')
           and f.change_percent < 0
         order by f.change_percent, i.symbol, i.id
         limit $1",
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Mover::from).collect())
}

pub(super) async fn list_most_active(
    conn: &mut PgConnection,
    limit: i64,
) -> db::Result<Vec<Mover>> {
    let rows = sqlx::query_as!(
        MoverRow,
        "with recent as (select max(date) - 4 as since from market.daily_figures)
         select i.id as instrument_id, i.symbol, i.name, i.is_simulated, i.currency, f.date, f.close,
                f.change_percent, f.volume
         from market.daily_figures f
         join market.instruments i on i.id = f.instrument_id
         where f.date >= (select since from recent) and i.is_active
           and i.asset_class in ('equity', 'etf', 'fund', 'crypto', 'commodity')
           and f.volume > 0
         order by f.volume desc, i.symbol, i.id
         limit $1",
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Mover::from).collect())
}
