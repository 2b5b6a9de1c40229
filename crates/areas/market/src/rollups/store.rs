use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;

use crate::{
    InstrumentId,
    bars::{Interval, midnight},
    exchanges::DaySpan,
};

/// An hour of an instrument; of ticks a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hour {
    pub(super) instrument_id: InstrumentId,
    pub(super) at: Timestamp,
}

/// A span of an instrument out of which bars are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    instrument_id: InstrumentId,
    at: Timestamp,
    from: Timestamp,
    to: Timestamp,
}

impl Bucket {
    pub(super) fn of_hour(hour: &Hour) -> Self {
        Self {
            instrument_id: hour.instrument_id,
            at: hour.at,
            from: hour.at,
            to: hour.at + Interval::Hour.length(),
        }
    }

    pub(super) fn of_day(instrument_id: InstrumentId, span: &DaySpan) -> Self {
        Self {
            instrument_id,
            at: midnight(span.date),
            from: span.from,
            to: span.to,
        }
    }
}

/// Takes marks away, so that this transaction has to compute what they are about. There is one statement for each
/// table of marks, since a table is no parameter of a checked query.
pub(super) async fn take_minutes(tx: &mut SystemTx, limit: i64) -> db::Result<Vec<Hour>> {
    let taken = sqlx::query_as!(
        Hour,
        "delete from market.dirty_minutes d
         using (
             select instrument_id, at from market.dirty_minutes
             order by instrument_id, at limit $1 for update skip locked
         ) taken
         where d.instrument_id = taken.instrument_id and d.at = taken.at
         returning d.instrument_id, d.at",
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(taken)
}

/// The same of hours.
pub(super) async fn take_hours(tx: &mut SystemTx, limit: i64) -> db::Result<Vec<Hour>> {
    let taken = sqlx::query_as!(
        Hour,
        "delete from market.dirty_hours d
         using (
             select instrument_id, at from market.dirty_hours
             order by instrument_id, at limit $1 for update skip locked
         ) taken
         where d.instrument_id = taken.instrument_id and d.at = taken.at
         returning d.instrument_id, d.at",
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(taken)
}

/// Marks the hours in which minutes of instruments have changed.
pub(crate) async fn mark_hours(
    tx: &mut SystemTx,
    minutes: impl Iterator<Item = (InstrumentId, Timestamp)>,
) -> db::Result<()> {
    let mut hours: Vec<_> = minutes
        .map(|(id, at)| (id, Interval::Hour.floor(at)))
        .collect();
    hours.sort_unstable();
    hours.dedup();
    let (ids, ats): (Vec<InstrumentId>, Vec<jiff_sqlx::Timestamp>) =
        hours.into_iter().map(|(id, at)| (id, at.to_sqlx())).unzip();
    sqlx::query!(
        r#"select market.mark_hours($1, $2) as "marked: ()""#,
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn roll_up_ticks(tx: &mut SystemTx, minutes: &[Hour]) -> db::Result<u64> {
    let ids: Vec<InstrumentId> = minutes.iter().map(|minute| minute.instrument_id).collect();
    let ats: Vec<jiff_sqlx::Timestamp> = minutes.iter().map(|m| m.at.to_sqlx()).collect();
    let changed = sqlx::query_scalar!(
        r#"select market.roll_up_ticks($1, $2) as "changed!""#,
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(changed.unsigned_abs())
}

pub(super) async fn roll_up_bars(
    tx: &mut SystemTx,
    interval: Interval,
    buckets: &[Bucket],
) -> db::Result<u64> {
    let ids: Vec<InstrumentId> = buckets.iter().map(|bucket| bucket.instrument_id).collect();
    let column = |of: fn(&Bucket) -> Timestamp| -> Vec<jiff_sqlx::Timestamp> {
        buckets.iter().map(|bucket| of(bucket).to_sqlx()).collect()
    };
    let (ats, froms, tos) = (column(|b| b.at), column(|b| b.from), column(|b| b.to));
    let step = (interval != Interval::Day).then(|| interval.length().as_mins() as f64);
    let changed = sqlx::query_scalar!(
        r#"select market.roll_up_bars($1, $2::float8 * interval '1 minute', $3, $4, $5, $6) as "changed!""#,
        interval.as_str(),
        step,
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
        &froms as &[jiff_sqlx::Timestamp],
        &tos as &[jiff_sqlx::Timestamp],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(changed.unsigned_abs())
}
