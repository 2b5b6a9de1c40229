use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use super::{
    OVERRIDE,
    model::{FormerBar, NextBar, Override},
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
