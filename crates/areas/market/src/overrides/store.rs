use db::{SystemTx, UserId, UserTx};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    OVERRIDE,
    model::{Author, Change, FormerBar, NextBar, Override},
};
use crate::{
    InstrumentId,
    bars::{Bar, midnight},
};

pub(super) async fn list(conn: &mut PgConnection, id: InstrumentId) -> db::Result<Vec<Override>> {
    let rows = sqlx::query!(
        "select date, close, reason, stated_at
         from market.overrides
         where instrument_id = $1
         order by date desc",
        id as InstrumentId,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Override {
            date: row.date.to_jiff(),
            close: row.close,
            reason: row.reason,
            stated_at: row.stated_at.to_jiff(),
        })
        .collect())
}

pub(super) async fn put(
    tx: &mut SystemTx,
    id: InstrumentId,
    stated: &Override,
    now: Timestamp,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.overrides (instrument_id, date, close, reason, stated_at)
         values ($1, $2, $3, $4, $5)
         on conflict (instrument_id, date) do update
         set close = excluded.close, reason = excluded.reason,
             stated_at = excluded.stated_at",
        id as InstrumentId,
        jiff_sqlx::Date::from(stated.date) as _,
        stated.close,
        stated.reason,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes down who stated a close, or withdrew it.
pub(super) async fn insert_change(
    tx: &mut SystemTx,
    id: InstrumentId,
    date: Date,
    stated: Option<&Override>,
    by: UserId,
    now: Timestamp,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.override_changes (instrument_id, date, close, reason, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6)",
        id as InstrumentId,
        jiff_sqlx::Date::from(date) as _,
        stated.map(|stated| stated.close),
        stated.map(|stated| stated.reason.as_str()),
        now.to_sqlx() as _,
        Uuid::from(by),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Who stated and withdrew closes, the latest first, as far as a person may know who does not run the instance.
pub(super) async fn list_changes(
    tx: &mut UserTx,
    id: InstrumentId,
    limit: i64,
) -> db::Result<Vec<Change>> {
    let rows = sqlx::query!(
        r#"select date, close, reason, changed_at, changed_by is not null as "is_known!",
                  coalesce(changed_by = platform.current_user_id(), false) as "is_own!"
           from market.override_changes
           where instrument_id = $1
           order by id desc
           limit $2"#,
        id as InstrumentId,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Change {
            date: row.date.to_jiff(),
            close: row.close,
            reason: row.reason,
            changed_at: row.changed_at.to_jiff(),
            by: match (row.is_own, row.is_known) {
                (true, _) => Author::You,
                (false, true) => Author::Administrator,
                (false, false) => Author::Unknown,
            },
        })
        .collect())
}

/// The same with everybody's name, for an administrator.
pub(super) async fn list_named_changes(
    tx: &mut SystemTx,
    id: InstrumentId,
    asking: UserId,
    limit: i64,
) -> db::Result<Vec<Change>> {
    let rows = sqlx::query!(
        r#"select c.date, c.close, c.reason, c.changed_at, c.changed_by,
                  case when u.status <> 'deleted' then coalesce(nullif(u.name, ''), u.email) end as name
           from market.override_changes c
           left join identity.users u on u.id = c.changed_by
           where c.instrument_id = $1
           order by c.id desc
           limit $2"#,
        id as InstrumentId,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Change {
            date: row.date.to_jiff(),
            close: row.close,
            reason: row.reason,
            changed_at: row.changed_at.to_jiff(),
            by: match (row.changed_by, row.name) {
                (Some(by), _) if by == Uuid::from(asking) => Author::You,
                (Some(_), Some(name)) => Author::Named(name),
                (Some(_), None) => Author::Gone,
                (None, _) => Author::Unknown,
            },
        })
        .collect())
}

pub(super) async fn delete(tx: &mut SystemTx, id: InstrumentId, date: Date) -> db::Result<bool> {
    let deleted = sqlx::query!(
        "delete from market.overrides where instrument_id = $1 and date = $2",
        id as InstrumentId,
        jiff_sqlx::Date::from(date) as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// The last bar of a day that a source stated, or that was computed from shorter ones, where a person's
/// stands in its place; also what came since and was refused.
pub(super) async fn last_of_source(
    tx: &mut SystemTx,
    id: InstrumentId,
    date: Date,
) -> db::Result<Option<(Bar, String)>> {
    let at = midnight(date);
    let row = sqlx::query!(
        // Where the source stated no adjusted close with it, what stands has one in the ratio of an earlier.
        r#"select v.open, v.high, v.low, v.close as "close!", v.volume, v.source as "source!",
                  coalesce(v.adjusted_close, b.adjusted_close / b.close * v.close) as adjusted_close
           from market.bar_versions v
           join market.bars_1d b on b.instrument_id = v.instrument_id and b.at = v.at
           where v.instrument_id = $1 and v.interval = '1d' and v.at = $2 and v.source <> $3
             and b.source = $3
           order by v.replaced_at desc
           limit 1"#,
        id as InstrumentId,
        at.to_sqlx() as _,
        OVERRIDE,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        // Of versions that were kept long ago, only the close is known.
        let bar = Bar {
            at,
            open: row.open.unwrap_or(row.close),
            high: row.high.unwrap_or(row.close),
            low: row.low.unwrap_or(row.close),
            close: row.close,
            adjusted_close: row.adjusted_close,
            volume: row.volume,
        };
        (bar, row.source)
    }))
}

pub(super) async fn delete_bar(tx: &mut SystemTx, id: InstrumentId, date: Date) -> db::Result<()> {
    sqlx::query!(
        "delete from market.bars_1d where instrument_id = $1 and at = $2 and source = $3",
        id as InstrumentId,
        midnight(date).to_sqlx() as _,
        OVERRIDE,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn history(
    conn: &mut PgConnection,
    id: InstrumentId,
    limit: i64,
) -> db::Result<Vec<FormerBar>> {
    let rows = sqlx::query!(
        r#"select (v.at at time zone 'UTC')::date as "date!: jiff_sqlx::Date", v.close as "close!",
                  v.source as "source!", v.observed_at as "observed_at!", v.replaced_at as "replaced_at!",
                  v.adjusted_close, v.is_refused as "is_refused!", next.close as "next_close?",
                  next.source as "next_source?", next.adjusted_close as next_adjusted_close
           from market.bar_versions v
           left join lateral (
               select close, source, adjusted_close
               from (
                   (select 1 as place, close, source, adjusted_close
                    from market.bar_versions
                    where instrument_id = v.instrument_id and interval = '1d' and at = v.at
                      and not is_refused and replaced_at > v.replaced_at
                    order by replaced_at
                    limit 1)
                   union all
                   (select 2, close, source, adjusted_close
                    from market.bars_1d
                    where instrument_id = v.instrument_id and at = v.at)
               ) since
               order by place
               limit 1
           ) next on true
           where v.instrument_id = $1 and v.interval = '1d'
           order by v.replaced_at desc, v.at desc
           limit $2"#,
        id as InstrumentId,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| FormerBar {
            date: row.date.to_jiff(),
            close: row.close,
            source: row.source,
            observed_at: row.observed_at.to_jiff(),
            replaced_at: row.replaced_at.to_jiff(),
            adjusted_close: row.adjusted_close,
            is_refused: row.is_refused,
            next: row
                .next_close
                .zip(row.next_source)
                .map(|(close, source)| NextBar {
                    close,
                    adjusted_close: row.next_adjusted_close,
                    source,
                }),
        })
        .collect())
}
