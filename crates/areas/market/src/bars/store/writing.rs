use std::collections::{BTreeMap, BTreeSet};

use db::{SystemTx, copy::CopyWriter};
use jiff::{Timestamp, civil::Date};

use super::super::{
    interval::Interval,
    model::{Bar, DailyBar, Ingested, midnight},
};
use crate::InstrumentId;

/// One writer of bars at a time: what an import knows about the table stays true until its end.
pub(in crate::bars) async fn lock(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('market.bars', 0)) as "locked: ()""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Several who write what others leave as it is; `false` while a file is loaded, which can take minutes.
pub(crate) async fn try_share_lock(tx: &mut SystemTx) -> db::Result<bool> {
    let locked = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock_shared(hashtextextended('market.bars', 0)) as "locked!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(locked)
}

/// Makes rows again of packed minutes, so that others can be added to them.
pub(in crate::bars) async fn unpack(
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
pub(in crate::bars) async fn update_all(
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
pub(in crate::bars) async fn ensure_partitions(
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

/// Those of these times for which there is no partition or chunk yet, in their order.
pub(in crate::bars) async fn without_partition(
    tx: &mut SystemTx,
    interval: Interval,
    times: impl IntoIterator<Item = Timestamp>,
) -> db::Result<Vec<Timestamp>> {
    let times: Vec<jiff_sqlx::Timestamp> = times.into_iter().map(Into::into).collect();
    let missing = sqlx::query_scalar!(
        r#"select market.without_partition($1, $2) as "at!: jiff_sqlx::Timestamp""#,
        interval.as_str(),
        &times as &[jiff_sqlx::Timestamp],
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(missing
        .into_iter()
        .map(jiff_sqlx::Timestamp::to_jiff)
        .collect())
}

/// What one partition spans.
fn period(interval: Interval) -> &'static str {
    match interval {
        Interval::Minute => "day",
        Interval::FiveMinutes | Interval::QuarterHour | Interval::Hour => "month",
        Interval::Day => "decade",
    }
}

/// Bars in columns, as the functions of the database take them.
struct Columns {
    ids: Vec<InstrumentId>,
    ats: Vec<jiff_sqlx::Timestamp>,
    opens: Vec<f64>,
    highs: Vec<f64>,
    lows: Vec<f64>,
    closes: Vec<f64>,
    adjusted: Vec<Option<f64>>,
    volumes: Vec<Option<f64>>,
}

impl Columns {
    fn of(rows: &[(InstrumentId, Bar)]) -> Self {
        let column =
            |of: fn(&Bar) -> f64| rows.iter().map(|(_, bar)| of(bar)).collect::<Vec<f64>>();
        Self {
            ids: rows.iter().map(|(id, _)| *id).collect(),
            ats: rows.iter().map(|(_, bar)| bar.at.into()).collect(),
            opens: column(|bar| bar.open),
            highs: column(|bar| bar.high),
            lows: column(|bar| bar.low),
            closes: column(|bar| bar.close),
            adjusted: rows.iter().map(|(_, bar)| bar.adjusted_close).collect(),
            volumes: rows.iter().map(|(_, bar)| bar.volume).collect(),
        }
    }
}

/// What the functions of the database count.
struct Counts {
    inserted: i64,
    replaced: i64,
    unchanged: i64,
    expired: i64,
}

impl From<Counts> for Ingested {
    fn from(counts: Counts) -> Self {
        Self {
            inserted: counts.inserted.unsigned_abs(),
            replaced: counts.replaced.unsigned_abs(),
            unchanged: counts.unchanged.unsigned_abs(),
            expired: counts.expired.unsigned_abs(),
        }
    }
}

pub(in crate::bars) async fn ingest(
    tx: &mut SystemTx,
    interval: Interval,
    source: &str,
    rows: &[(InstrumentId, Bar)],
) -> db::Result<Ingested> {
    let bars = Columns::of(rows);
    let counts = sqlx::query_as!(
        Counts,
        r#"select inserted as "inserted!", replaced as "replaced!", unchanged as "unchanged!",
                  expired as "expired!"
           from market.ingest_bars($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
        interval.as_str(),
        source,
        &bars.ids as &[InstrumentId],
        &bars.ats as &[jiff_sqlx::Timestamp],
        &bars.opens,
        &bars.highs,
        &bars.lows,
        &bars.closes,
        &bars.adjusted as &[Option<f64>],
        &bars.volumes as &[Option<f64>],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts.into())
}

/// Stores minutes of days that have no partition, packed. Of whoever has [`lock`].
pub(in crate::bars) async fn ingest_packed(
    tx: &mut SystemTx,
    source: &str,
    rows: &[(InstrumentId, Bar)],
) -> db::Result<Ingested> {
    let bars = Columns::of(rows);
    let counts = sqlx::query_as!(
        Counts,
        r#"select inserted as "inserted!", replaced as "replaced!", unchanged as "unchanged!",
                  expired as "expired!"
           from market.ingest_packed($1, $2, $3, $4, $5, $6, $7, $8, $9)"#,
        source,
        &bars.ids as &[InstrumentId],
        &bars.ats as &[jiff_sqlx::Timestamp],
        &bars.opens,
        &bars.highs,
        &bars.lows,
        &bars.closes,
        &bars.adjusted as &[Option<f64>],
        &bars.volumes as &[Option<f64>],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts.into())
}

pub(in crate::bars) async fn begin_copy(
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

pub(in crate::bars) async fn copy_row(
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
