use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::{SystemTx, copy::CopyWriter};
use futures::TryStreamExt as _;
use jiff::{Timestamp, civil::Date};
use money::QuoteUnit;
use sqlx::PgConnection;

use super::{
    interval::Interval,
    model::{Bar, DailyBar, EARLIEST, Ingested, LATEST, day, midnight},
};
use crate::InstrumentId;

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

pub(super) async fn on_day(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    date: Date,
) -> db::Result<HashMap<InstrumentId, DailyBar>> {
    let rows = sqlx::query!(
        "select instrument_id, open, high, low, close, adjusted_close, volume
         from market.bars_1d
         where instrument_id = any($1) and at = $2",
        ids as &[InstrumentId],
        jiff_sqlx::Timestamp::from(midnight(date)) as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let bar = DailyBar {
                date,
                open: row.open,
                high: row.high,
                low: row.low,
                close: row.close,
                adjusted_close: row.adjusted_close,
                volume: row.volume,
            };
            (row.instrument_id, bar)
        })
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

/// At most `limit` daily bars from `from` to `to`, the first ones first. Rows are decoded as they
/// arrive, so that it takes hardly longer than the statement does on the server.
pub(super) async fn list(
    conn: &mut PgConnection,
    id: InstrumentId,
    from: Date,
    to: Date,
    limit: i64,
) -> db::Result<Vec<DailyBar>> {
    let mut rows = sqlx::query!(
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
    .fetch(conn);
    let mut bars = Vec::new();
    while let Some(row) = rows.try_next().await? {
        bars.push(DailyBar {
            date: day(row.at.to_jiff()),
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            adjusted_close: row.adjusted_close,
            volume: row.volume,
        });
    }
    Ok(bars)
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

/// One writer of bars at a time: what an import knows about the table stays true until its end.
pub(super) async fn lock(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('market.bars', 0)) as "locked: ()""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Several who write what others leave as it is; none of them while a file is loaded.
pub(crate) async fn share_lock(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock_shared(hashtextextended('market.bars', 0)) as "locked: ()""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
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

/// First and last bar of an interval of those of the instruments that have any.
pub(super) async fn spans_of(
    tx: &mut SystemTx,
    interval: Interval,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, (Timestamp, Timestamp)>> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", first.at as "first!", last.at as "last!"
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               select at from market.bars
               where instrument_id = wanted.id and interval = $2 order by at limit 1
           ) first
           cross join lateral (
               select at from market.bars
               where instrument_id = wanted.id and interval = $2 order by at desc limit 1
           ) last"#,
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

/// Makes rows again of packed minutes, so that others can be added to them.
pub(super) async fn unpack(
    tx: &mut SystemTx,
    days: BTreeSet<(InstrumentId, Date)>,
) -> db::Result<()> {
    let (ids, days): (Vec<InstrumentId>, Vec<jiff_sqlx::Date>) = days
        .into_iter()
        .map(|(id, day)| (id, jiff_sqlx::Date::from(day)))
        .unzip();
    sqlx::query!(
        "select market.unpack_bars($1, $2)",
        &ids as &[InstrumentId],
        &days as &[jiff_sqlx::Date],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Writes volume and adjusted close.
pub(super) async fn update_all(
    tx: &mut SystemTx,
    restated: &BTreeMap<(InstrumentId, Date), DailyBar>,
) -> db::Result<()> {
    if restated.is_empty() {
        return Ok(());
    }
    let (mut ids, mut days) = (Vec::new(), Vec::new());
    let (mut volumes, mut adjusted_closes) = (Vec::new(), Vec::new());
    for ((id, _), bar) in restated {
        ids.push(*id);
        days.push(jiff_sqlx::Timestamp::from(midnight(bar.date)));
        volumes.push(bar.volume);
        adjusted_closes.push(bar.adjusted_close);
    }
    sqlx::query!(
        "update market.bars_1d b
         set volume = r.volume, adjusted_close = r.adjusted_close
         from unnest($1::uuid[], $2::timestamptz[], $3::float8[], $4::float8[])
              as r (instrument_id, at, volume, adjusted_close)
         where b.instrument_id = r.instrument_id and b.at = r.at",
        &ids as &[InstrumentId],
        &days as &[jiff_sqlx::Timestamp],
        &volumes as &[Option<f64>],
        &adjusted_closes as &[Option<f64>],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes the partitions that bars of these times belong into.
pub(super) async fn ensure_partitions(
    tx: &mut SystemTx,
    interval: Interval,
    times: impl Iterator<Item = Timestamp>,
) -> db::Result<()> {
    // One time of each day tells the month and the decade as well.
    let days: BTreeSet<Timestamp> = times.map(|at| Interval::Day.floor(at)).collect();
    let days: Vec<jiff_sqlx::Timestamp> = days.into_iter().map(Into::into).collect();
    sqlx::query!(
        r#"select count(platform.ensure_partition($1, p.at)) as "asked!"
           from (
               select distinct on (date_trunc($3, d.at, 'UTC')) d.at
               from unnest($2::timestamptz[]) as d (at)
           ) p"#,
        interval.table(),
        &days as &[jiff_sqlx::Timestamp],
        period(interval),
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// What one partition spans.
fn period(interval: Interval) -> &'static str {
    match interval {
        Interval::Minute => "day",
        Interval::FiveMinutes | Interval::QuarterHour | Interval::Hour => "month",
        Interval::Day => "decade",
    }
}

pub(super) async fn ingest(
    tx: &mut SystemTx,
    interval: Interval,
    source: &str,
    rows: &[(InstrumentId, Bar)],
) -> db::Result<Ingested> {
    let ids: Vec<InstrumentId> = rows.iter().map(|(id, _)| *id).collect();
    let ats: Vec<jiff_sqlx::Timestamp> = rows
        .iter()
        .map(|(_, bar)| interval.floor(bar.at).into())
        .collect();
    let column = |of: fn(&Bar) -> f64| rows.iter().map(|(_, bar)| of(bar)).collect::<Vec<f64>>();
    let (opens, highs) = (column(|bar| bar.open), column(|bar| bar.high));
    let (lows, closes) = (column(|bar| bar.low), column(|bar| bar.close));
    let adjusted: Vec<Option<f64>> = rows.iter().map(|(_, bar)| bar.adjusted_close).collect();
    let volumes: Vec<Option<f64>> = rows.iter().map(|(_, bar)| bar.volume).collect();
    let found = sqlx::query!(
        r#"select inserted as "inserted!", replaced as "replaced!", unchanged as "unchanged!",
                  expired as "expired!"
           from market.ingest_bars($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
        interval.as_str(),
        source,
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
        &opens,
        &highs,
        &lows,
        &closes,
        &adjusted as &[Option<f64>],
        &volumes as &[Option<f64>],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Ingested {
        inserted: found.inserted.unsigned_abs(),
        replaced: found.replaced.unsigned_abs(),
        unchanged: found.unchanged.unsigned_abs(),
        expired: found.expired.unsigned_abs(),
    })
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
    let mut bars = Vec::new();
    while let Some(row) = rows.try_next().await? {
        bars.push(Bar {
            at: row.at.to_jiff(),
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            adjusted_close: row.adjusted_close,
            volume: row.volume,
        });
    }
    Ok(bars)
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

pub(super) async fn begin_copy(
    tx: &mut SystemTx,
    interval: Interval,
) -> db::Result<CopyWriter<'_>> {
    CopyWriter::begin(
        tx.conn(),
        interval.table(),
        &[
            "instrument_id",
            "at",
            "open",
            "high",
            "low",
            "close",
            "adjusted_close",
            "volume",
            "source",
        ],
    )
    .await
}

pub(super) async fn copy_row(
    writer: &mut CopyWriter<'_>,
    id: InstrumentId,
    bar: &Bar,
    source: &str,
) -> db::Result<()> {
    writer
        .row(|row| {
            row.field(id.0)?
                .field(bar.at)?
                .field(bar.open)?
                .field(bar.high)?
                .field(bar.low)?
                .field(bar.close)?
                .field(bar.adjusted_close)?
                .field(bar.volume)?
                .field(source)?;
            Ok(())
        })
        .await
}

pub(super) async fn is_loaded(
    tx: &mut SystemTx,
    digest: &[u8; 32],
    interval: Interval,
    name: &str,
) -> db::Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from market.loaded_files where digest = $1 and interval = $2 and name = $3
           ) as "is_loaded!""#,
        digest.as_slice(),
        interval.as_str(),
        name,
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn note_loaded(
    tx: &mut SystemTx,
    digest: &[u8; 32],
    interval: Interval,
    name: &str,
    imported: u64,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.loaded_files (digest, interval, name, imported) values ($1, $2, $3, $4)
         on conflict (digest, interval, name) do update
         set imported = excluded.imported, loaded_at = now()",
        digest.as_slice(),
        interval.as_str(),
        name,
        imported.cast_signed(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
