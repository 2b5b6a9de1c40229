use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use super::{
    OVERRIDE,
    model::{FormerBar, Override},
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
/// stands in its place.
pub(super) async fn last_of_source(
    tx: &mut SystemTx,
    id: InstrumentId,
    date: Date,
) -> db::Result<Option<(Bar, String)>> {
    let at = midnight(date);
    let row = sqlx::query!(
        "select open, high, low, close, volume, source
         from market.bar_versions
         where instrument_id = $1 and interval = '1d' and at = $2 and source <> $3
           and exists (
               select from market.bars_1d b where b.instrument_id = $1 and b.at = $2 and b.source = $3
           )
         order by replaced_at desc
         limit 1",
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
            adjusted_close: None,
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
                  coalesce(lead(v.close) over later, b.close) as next_close,
                  coalesce(lead(v.source) over later, b.source) as next_source
           from market.bar_versions v
           left join market.bars_1d b on b.instrument_id = v.instrument_id and b.at = v.at
           where v.instrument_id = $1 and v.interval = '1d'
           window later as (partition by v.at order by v.replaced_at)
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
            next: row.next_close.zip(row.next_source),
        })
        .collect())
}
