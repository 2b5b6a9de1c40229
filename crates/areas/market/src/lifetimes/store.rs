use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;

use super::overview::{Dropped, Stored, Task, Waiting};
use crate::bars::Interval;

/// What goes by days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Minutes,
    Ticks,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Minutes => "1m",
            Self::Ticks => "ticks",
        }
    }
}

/// Whether a partition had to be made; of hypertables never.
pub(super) async fn ensure(tx: &mut SystemTx, table: &str, at: Timestamp) -> db::Result<bool> {
    let made = sqlx::query_scalar!(
        r#"select platform.ensure_partition($1, $2) as "made!""#,
        table,
        at.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(made)
}

/// Drops the partitions that ended before an instant; how many.
pub(super) async fn drop_before(
    tx: &mut SystemTx,
    interval: Interval,
    before: Timestamp,
) -> db::Result<u64> {
    let dropped = sqlx::query_scalar!(
        r#"select count(*) as "count!" from platform.drop_partitions($1, $2)"#,
        interval.table(),
        before.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(dropped.unsigned_abs())
}

/// Days that have minutes or ticks, the oldest first.
pub(super) async fn days(tx: &mut SystemTx, kind: Kind) -> db::Result<Vec<Date>> {
    let days = sqlx::query_scalar!(
        r#"select market.days_of($1) as "day!: jiff_sqlx::Date""#,
        kind.as_str()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(days.into_iter().map(jiff_sqlx::Date::to_jiff).collect())
}

/// How many rows went with the day; `None` when they have to stay, minutes also while days are to be computed anew by
/// another calendar.
pub(super) async fn drop_day(tx: &mut SystemTx, kind: Kind, day: Date) -> db::Result<Option<u64>> {
    let dropped = sqlx::query_scalar!(
        "select case when $1 = '1m' and exists (select from market.changed_calendars) then null
                     else market.drop_day($1, $2) end as dropped",
        kind.as_str(),
        jiff_sqlx::Date::from(day) as _,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(dropped.map(i64::unsigned_abs))
}

/// How many minutes of the day were packed.
pub(super) async fn pack(tx: &mut SystemTx, day: Date) -> db::Result<u64> {
    let packed = sqlx::query_scalar!(
        r#"select market.pack_bars($1) as "packed!""#,
        jiff_sqlx::Date::from(day) as _,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(packed.unsigned_abs())
}

/// Gives the space of a day back whose minutes are all packed; whether there was any.
pub(super) async fn drop_packed_day(tx: &mut SystemTx, day: Date) -> db::Result<bool> {
    let dropped = sqlx::query_scalar!(
        r#"select market.drop_packed_day($1) as "dropped!""#,
        jiff_sqlx::Date::from(day) as _,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(dropped)
}

/// What a task did last.
pub(super) async fn note(
    tx: &mut SystemTx,
    task: &str,
    ran_at: Timestamp,
    done: u64,
    kept: Option<&str>,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.upkeep (task, ran_at, done, kept) values ($1, $2, $3, $4)
         on conflict (task) do update
         set ran_at = excluded.ran_at, done = excluded.done, kept = excluded.kept",
        task,
        ran_at.to_sqlx() as _,
        done.cast_signed(),
        kept,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The tables, and whether they have the partition of an instant.
pub(super) async fn stored(tx: &mut SystemTx, ahead: Timestamp) -> db::Result<Vec<Stored>> {
    let rows = sqlx::query!(
        r#"select name as "name!", step, partitions as "partitions!", rows_about as "rows_about!",
                  bytes as "bytes!", is_ahead as "is_ahead!", is_hypertable as "is_hypertable!"
           from market.stored($1)"#,
        ahead.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Stored {
            name: row.name,
            step: row.step,
            partitions: row.partitions,
            rows_about: row.rows_about,
            bytes: row.bytes,
            is_ahead: row.is_ahead,
            is_hypertable: row.is_hypertable,
        })
        .collect())
}

pub(super) async fn tasks(tx: &mut SystemTx) -> db::Result<Vec<Task>> {
    let rows = sqlx::query!("select task, ran_at, done, kept from market.upkeep order by task")
        .fetch_all(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Task {
            name: row.task,
            ran_at: row.ran_at.to_jiff(),
            done: row.done,
            kept: row.kept,
        })
        .collect())
}

pub(super) async fn dropped(tx: &mut SystemTx) -> db::Result<Vec<Dropped>> {
    let rows = sqlx::query!(
        r#"select kind, count(*) as "days!", max(dropped_at) as "last_at!"
           from market.dropped_days
           group by kind
           order by kind"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Dropped {
            kind: row.kind,
            days: row.days,
            last_at: row.last_at.to_jiff(),
        })
        .collect())
}

pub(super) async fn waiting(tx: &mut SystemTx) -> db::Result<Waiting> {
    let row = sqlx::query!(
        r#"select (select count(*) from market.dirty_minutes) as "minutes!",
                  (select count(*) from market.dirty_hours) as "hours!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Waiting {
        minutes: row.minutes,
        hours: row.hours,
    })
}
