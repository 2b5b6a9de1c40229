use std::collections::BTreeSet;

use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;

use crate::{
    InstrumentId,
    bars::{Interval, ROLLUP, midnight},
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
    pub(super) fn instrument_id(&self) -> InstrumentId {
        self.instrument_id
    }

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

/// Months in which there are marks of the next hours that are taken.
pub(super) async fn months_marked(tx: &mut SystemTx, limit: i64) -> db::Result<Vec<Timestamp>> {
    let months = sqlx::query_scalar!(
        r#"select distinct date_trunc('month', h.at, 'UTC') as "month!: jiff_sqlx::Timestamp"
           from (select at from market.dirty_hours order by instrument_id, at limit $1) h"#,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(months
        .into_iter()
        .map(jiff_sqlx::Timestamp::to_jiff)
        .collect())
}

/// The same of hours, and of them what lies within two years from the first: every month that is written into has
/// locks in each of three tables.
pub(super) async fn take_hours(tx: &mut SystemTx, limit: i64) -> db::Result<Vec<Hour>> {
    let taken = sqlx::query_as!(
        Hour,
        "with first as materialized (
             select at from market.dirty_hours
             order by instrument_id, at limit 1 for update skip locked
         )
         delete from market.dirty_hours d
         using (
             select h.instrument_id, h.at from market.dirty_hours h
             where h.at >= (select date_trunc('month', at, 'UTC') from first)
               and h.at < (select date_trunc('month', at, 'UTC') + interval '2 years' from first)
             order by h.instrument_id, h.at limit $1 for update skip locked
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

/// Notes up to when the last of these days is known, of every instrument, by the minutes that are there.
pub(super) async fn note_computed(tx: &mut SystemTx, days: &[Bucket]) -> db::Result<()> {
    let ids: Vec<InstrumentId> = days.iter().map(|day| day.instrument_id).collect();
    let column = |of: fn(&Bucket) -> Timestamp| -> Vec<jiff_sqlx::Timestamp> {
        days.iter().map(|day| of(day).to_sqlx()).collect()
    };
    let (ats, froms, tos) = (column(|b| b.at), column(|b| b.from), column(|b| b.to));
    sqlx::query!(
        "insert into market.computed_days as c (instrument_id, date, until)
         select distinct on (k.id) k.id, (k.at at time zone 'UTC')::date, last.at + interval '1 minute'
         from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
              as k (id, at, from_at, to_at)
         cross join lateral (
             select m.at from market.bars_1m m
             where m.instrument_id = k.id and m.at >= k.from_at and m.at < k.to_at
             order by m.at desc
             limit 1
         ) last
         order by k.id, k.at desc
         on conflict (instrument_id) do update
         set date = excluded.date, until = excluded.until
         where excluded.date >= c.date
           and (excluded.date, excluded.until) is distinct from (c.date, c.until)",
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
        &froms as &[jiff_sqlx::Timestamp],
        &tos as &[jiff_sqlx::Timestamp],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An instrument that is traded by another calendar than its days were computed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) instrument_id: InstrumentId,
    /// The calendar before.
    pub(super) former: Option<String>,
}

/// Takes the marks of changed calendars away, so that this transaction has to do what they are about.
pub(super) async fn take_changed_calendars(
    tx: &mut SystemTx,
    limit: i64,
) -> db::Result<Vec<Changed>> {
    let taken = sqlx::query_as!(
        Changed,
        "delete from market.changed_calendars c
         using (
             select instrument_id from market.changed_calendars
             order by instrument_id limit $1 for update skip locked
         ) taken
         where c.instrument_id = taken.instrument_id
         returning c.instrument_id, c.former",
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(taken)
}

/// Marks all hours of which minutes are there, packed ones included.
pub(super) async fn mark_all_hours(tx: &mut SystemTx, ids: &[InstrumentId]) -> db::Result<()> {
    sqlx::query!(
        r#"select market.mark_hours(array_agg(h.instrument_id), array_agg(h.at)) as "marked: ()"
           from (
               select distinct instrument_id, date_trunc('hour', at, 'UTC') as at
               from market.bars
               where interval = '1m' and instrument_id = any ($1)
           ) h"#,
        ids as &[InstrumentId],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Days (UTC) of which the minutes have gone by age.
pub(super) async fn list_dropped_days(
    tx: &mut SystemTx,
    id: InstrumentId,
) -> db::Result<BTreeSet<Date>> {
    let days = sqlx::query_scalar!(
        r#"select day as "day: jiff_sqlx::Date" from market.dropped_days
           where instrument_id = $1 and kind = '1m'"#,
        id as InstrumentId,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(days.into_iter().map(jiff_sqlx::Date::to_jiff).collect())
}

/// Days whose bars were computed.
pub(super) async fn list_computed_days(
    tx: &mut SystemTx,
    id: InstrumentId,
) -> db::Result<Vec<Date>> {
    let days = sqlx::query_scalar!(
        r#"select (at at time zone 'UTC')::date as "day!: jiff_sqlx::Date" from market.bars_1d
           where instrument_id = $1 and source = $2"#,
        id as InstrumentId,
        ROLLUP,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(days.into_iter().map(jiff_sqlx::Date::to_jiff).collect())
}

/// Deletes those computed days that have no minutes in their session, or no session; how many.
pub(super) async fn delete_days_without_minutes(
    tx: &mut SystemTx,
    id: InstrumentId,
    days: &[(Date, Option<DaySpan>)],
) -> db::Result<u64> {
    let ats: Vec<jiff_sqlx::Timestamp> = days.iter().map(|(d, _)| midnight(*d).into()).collect();
    let column = |of: fn(&DaySpan) -> Timestamp| -> Vec<Option<jiff_sqlx::Timestamp>> {
        let spans = days.iter().map(|(_, span)| span.as_ref());
        spans.map(|span| span.map(|span| of(span).into())).collect()
    };
    let (froms, tos) = (column(|span| span.from), column(|span| span.to));
    let deleted = sqlx::query!(
        "delete from market.bars_1d b
         using unnest($2::timestamptz[], $3::timestamptz[], $4::timestamptz[]) as d (at, from_at, to_at)
         where b.instrument_id = $1 and b.at = d.at and b.source = $5
           and not exists (
               select from market.bars m
               where m.interval = '1m' and m.instrument_id = $1 and m.at >= d.from_at and m.at < d.to_at
           )",
        id as InstrumentId,
        &ats as &[jiff_sqlx::Timestamp],
        &froms as &[Option<jiff_sqlx::Timestamp>],
        &tos as &[Option<jiff_sqlx::Timestamp>],
        ROLLUP,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
