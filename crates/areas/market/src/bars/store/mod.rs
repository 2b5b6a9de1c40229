//! What the tables of bars are asked, in [`days`] about single days, in [`writing`] what is written into them, and in
//! [`loaded`] which files were.

mod days;
mod loaded;
mod writing;

use std::collections::{BTreeSet, HashMap};

use db::SystemTx;
use futures::TryStreamExt as _;
use jiff::{Timestamp, civil::Date};
use money::QuoteUnit;
use sqlx::PgConnection;

use super::{
    interval::Interval,
    model::{Bar, DailyBar, EARLIEST, LATEST, day, midnight},
};
use crate::InstrumentId;

pub(super) use days::{last_computed, list_day, on_day};
pub(super) use loaded::{is_loaded, note_loaded};
pub(crate) use writing::try_share_lock;
pub(super) use writing::{
    begin_copy, copy_row, ensure_partitions, ingest, ingest_packed, lock, unpack, update_all,
    without_partition,
};

type Closes = HashMap<InstrumentId, Vec<(Date, f64)>>;

/// Arrays instead of rows: one message for each instrument instead of one for each day.
pub(super) async fn closes(conn: &mut PgConnection, ids: &[InstrumentId]) -> db::Result<Closes> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", s.days as "days!: Vec<jiff_sqlx::Timestamp>",
                  s.closes as "closes!",
                  (select quote_unit = 'minor' from market.instruments i where i.id = wanted.id)
                      as "is_minor!"
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               select array_agg(b.at) as days, array_agg(b.close) as closes
               from (select at, close
                     from market.bars_1d
                     where instrument_id = wanted.id
                     order by at) b
           ) s
           where s.days is not null"#,
        ids as &[InstrumentId],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, series(row.days, row.closes, row.is_minor)))
        .collect())
}

pub(super) async fn latest_closes(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    count: i64,
) -> db::Result<Closes> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", s.days as "days!: Vec<jiff_sqlx::Timestamp>",
                  s.closes as "closes!",
                  (select quote_unit = 'minor' from market.instruments i where i.id = wanted.id)
                      as "is_minor!"
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               select array_agg(b.at order by b.at) as days,
                      array_agg(b.close order by b.at) as closes
               from (select at, close
                     from market.bars_1d
                     where instrument_id = wanted.id
                     order by at desc
                     limit $2) b
           ) s
           where s.days is not null"#,
        ids as &[InstrumentId],
        count,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, series(row.days, row.closes, row.is_minor)))
        .collect())
}

pub(super) async fn sources(
    conn: &mut PgConnection,
    bars: &[(InstrumentId, Date)],
) -> db::Result<HashMap<InstrumentId, String>> {
    let ids: Vec<InstrumentId> = bars.iter().map(|(id, _)| *id).collect();
    let days: Vec<jiff_sqlx::Date> = bars.iter().map(|(_, day)| (*day).into()).collect();
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", b.source
           from unnest($1::uuid[], $2::date[]) as wanted (id, day)
           join market.bars_1d b
             on b.instrument_id = wanted.id
            and b.at = wanted.day::timestamp at time zone 'UTC'"#,
        &ids as &[InstrumentId],
        &days as &[jiff_sqlx::Date],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.source)).collect())
}

pub(crate) fn unit(is_minor: bool) -> QuoteUnit {
    if is_minor {
        QuoteUnit::Minor
    } else {
        QuoteUnit::Major
    }
}

/// In the currency of the instrument.
fn series(days: Vec<jiff_sqlx::Timestamp>, closes: Vec<f64>, is_minor: bool) -> Vec<(Date, f64)> {
    let unit = unit(is_minor);
    let closes = closes.into_iter().map(|close| unit.in_currency(close));
    days.into_iter()
        .map(|at| day(at.to_jiff()))
        .zip(closes)
        .collect()
}

/// At most `limit` daily bars from `from` to `to`, the first ones first. Rows, although each is a message: arrays of them
/// in one message take nearly twice as long.
pub(super) async fn list(
    conn: &mut PgConnection,
    id: InstrumentId,
    from: Date,
    to: Date,
    limit: i64,
) -> db::Result<Vec<DailyBar>> {
    let rows = sqlx::query!(
        "select at, open, high, low, close, adjusted_close, volume
         from market.bars_1d
         where instrument_id = $1 and at between $2 and $3
         order by at
         limit $4",
        id as InstrumentId,
        jiff_sqlx::Timestamp::from(midnight(from)) as _,
        jiff_sqlx::Timestamp::from(midnight(to)) as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let bars = rows.into_iter().map(|row| DailyBar {
        date: day(row.at.to_jiff()),
        open: row.open,
        high: row.high,
        low: row.low,
        close: row.close,
        adjusted_close: row.adjusted_close,
        volume: row.volume,
    });
    Ok(bars.collect())
}

/// All daily bars of an instrument, in the order of days.
pub(crate) async fn list_all(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> db::Result<Vec<DailyBar>> {
    list(conn, id, EARLIEST, LATEST, i64::MAX).await
}

/// The last `limit` daily bars, the last one first.
pub(crate) async fn list_latest(
    conn: &mut PgConnection,
    id: InstrumentId,
    limit: i64,
) -> db::Result<Vec<(DailyBar, String)>> {
    let rows = sqlx::query!(
        "select at, open, high, low, close, adjusted_close, volume, source
         from market.bars_1d
         where instrument_id = $1
         order by at desc
         limit $2",
        id as InstrumentId,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let bar = DailyBar {
                date: day(row.at.to_jiff()),
                open: row.open,
                high: row.high,
                low: row.low,
                close: row.close,
                adjusted_close: row.adjusted_close,
                volume: row.volume,
            };
            (bar, row.source)
        })
        .collect())
}

/// First and last day of those of the instruments that have daily bars.
pub(super) async fn spans(
    tx: &mut SystemTx,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, (Date, Date)>> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", s.first as "first!", s.last as "last!"
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               select min(at) as first, max(at) as last
               from market.bars_1d
               where instrument_id = wanted.id
           ) s
           where s.first is not null"#,
        ids as &[InstrumentId],
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, (day(row.first.to_jiff()), day(row.last.to_jiff()))))
        .collect())
}

/// From when to when there may be bars of an interval, of those of the instruments that have any: packed
/// minutes count with their whole days.
pub(super) async fn spans_of(
    tx: &mut SystemTx,
    interval: Interval,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, (Timestamp, Timestamp)>> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", s.first as "first!", s.last as "last!"
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               select min(e.at) as first, max(e.at) as last
               from (
                   (select at from market.bars_1m
                    where instrument_id = wanted.id and $2 = '1m' order by at limit 1)
                   union all
                   (select at from market.bars_1m
                    where instrument_id = wanted.id and $2 = '1m' order by at desc limit 1)
                   union all
                   select min(day)::timestamp at time zone 'UTC' from market.packed_bars
                   where instrument_id = wanted.id and $2 = '1m'
                   union all
                   select (max(day) + 1)::timestamp at time zone 'UTC' - interval '1 minute'
                   from market.packed_bars
                   where instrument_id = wanted.id and $2 = '1m'
                   union all
                   (select at from market.bars
                    where instrument_id = wanted.id and interval = $2 and interval <> '1m'
                    order by at limit 1)
                   union all
                   (select at from market.bars
                    where instrument_id = wanted.id and interval = $2 and interval <> '1m'
                    order by at desc limit 1)
               ) e
           ) s
           where s.first is not null"#,
        ids as &[InstrumentId],
        interval.as_str(),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, (row.first.to_jiff(), row.last.to_jiff())))
        .collect())
}

/// Days of instruments that have lost their minutes by age; of longer bars there are none.
pub(super) async fn dropped_days(
    tx: &mut SystemTx,
    interval: Interval,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, BTreeSet<Date>>> {
    let rows = sqlx::query!(
        r#"select instrument_id as "id: InstrumentId", day as "day: jiff_sqlx::Date"
           from market.dropped_days
           where instrument_id = any($1) and kind = $2"#,
        ids as &[InstrumentId],
        interval.as_str(),
    )
    .fetch_all(tx.conn())
    .await?;
    let mut days: HashMap<InstrumentId, BTreeSet<Date>> = HashMap::new();
    for row in rows {
        days.entry(row.id).or_default().insert(row.day.to_jiff());
    }
    Ok(days)
}

/// Months that ended before this have lost their quarters of an hour; `None` before any could.
pub(super) async fn quarters_gone_before(tx: &mut SystemTx) -> db::Result<Option<Timestamp>> {
    let before = sqlx::query_scalar!(
        r#"select ran_at - interval '30 days' as "before!: jiff_sqlx::Timestamp"
           from market.upkeep where task = 'drop_15m'"#
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(before.map(jiff_sqlx::Timestamp::to_jiff))
}

/// At most `limit` bars of an interval in `[from, to)`, the first ones first.
pub(crate) async fn between(
    conn: &mut PgConnection,
    id: InstrumentId,
    interval: Interval,
    from: Timestamp,
    to: Timestamp,
    limit: i64,
) -> db::Result<Vec<Bar>> {
    let mut bars = Vec::new();
    visit(conn, id, interval, (from, to), limit, |bar| bars.push(bar)).await?;
    Ok(bars)
}

/// How many bars of an interval there are in `[from, to)`.
pub(super) async fn count(
    conn: &mut PgConnection,
    id: InstrumentId,
    interval: Interval,
    from: Timestamp,
    to: Timestamp,
) -> db::Result<usize> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from market.bars
           where instrument_id = $1 and interval = $2 and at >= $3 and at < $4"#,
        id as InstrumentId,
        interval.as_str(),
        jiff_sqlx::Timestamp::from(from) as _,
        jiff_sqlx::Timestamp::from(to) as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Shows at most `limit` bars of an interval in `[from, to)`, the first ones first, one after the other as they come.
pub(super) async fn visit(
    conn: &mut PgConnection,
    id: InstrumentId,
    interval: Interval,
    (from, to): (Timestamp, Timestamp),
    limit: i64,
    mut show: impl FnMut(Bar),
) -> db::Result<()> {
    let mut rows = sqlx::query!(
        r#"select at as "at!", open as "open!", high as "high!", low as "low!", close as "close!",
                  adjusted_close, volume
           from market.bars
           where instrument_id = $1 and interval = $2 and at >= $3 and at < $4
           order by at
           limit $5"#,
        id as InstrumentId,
        interval.as_str(),
        jiff_sqlx::Timestamp::from(from) as _,
        jiff_sqlx::Timestamp::from(to) as _,
        limit,
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        show(Bar {
            at: row.at.to_jiff(),
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            adjusted_close: row.adjusted_close,
            volume: row.volume,
        });
    }
    Ok(())
}

/// Days of an instrument whose bars were computed, not stated.
pub(super) async fn computed_days(
    tx: &mut SystemTx,
    id: InstrumentId,
) -> db::Result<BTreeSet<Date>> {
    let rows = sqlx::query_scalar!(
        "select at from market.bars_1d where instrument_id = $1 and source = 'rollup'",
        id as InstrumentId,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|at| day(at.to_jiff())).collect())
}
