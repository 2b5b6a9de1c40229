use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::{Decimal, prelude::FromPrimitive as _};

use super::{Entry, Key, Statistics};
use crate::InstrumentId;

pub(super) async fn get(tx: &mut SystemTx, key: &Key) -> db::Result<Option<Entry>> {
    let row = sqlx::query!(
        "select data, data_source, data_quality_score, etag, last_modified, request, cached_at, expires_at
         from market.market_data_cache
         where ticker = $1 and instrument_id is not distinct from $2 and data_type = $3
           and parameters is not distinct from $4",
        key.ticker,
        key.instrument_id as Option<InstrumentId>,
        key.data_type.as_str(),
        key.parameters,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Entry {
        data: row.data,
        source: row.data_source.unwrap_or_default(),
        score: row.data_quality_score.map_or(0.0, money::f64_from_decimal),
        etag: row.etag,
        last_modified: row.last_modified,
        request: row.request,
        cached_at: row.cached_at.to_jiff(),
        expires_at: row.expires_at.to_jiff(),
    }))
}

pub(super) async fn put(tx: &mut SystemTx, key: &Key, entry: &Entry) -> db::Result<()> {
    sqlx::query!(
        "insert into market.market_data_cache
             (ticker, instrument_id, data_type, parameters, data, data_source, data_quality_score, etag,
              last_modified, request, cached_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict on constraint market_data_cache_key do update
         set data = excluded.data, data_source = excluded.data_source,
             data_quality_score = excluded.data_quality_score, etag = excluded.etag,
             last_modified = excluded.last_modified, request = excluded.request, cached_at = excluded.cached_at,
             expires_at = excluded.expires_at",
        key.ticker,
        key.instrument_id as Option<InstrumentId>,
        key.data_type.as_str(),
        key.parameters,
        entry.data,
        entry.source,
        Decimal::from_f64(entry.score).map(|score| score.round_dp(2)),
        entry.etag,
        entry.last_modified,
        entry.request,
        entry.cached_at.to_sqlx() as _,
        entry.expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn renew(
    tx: &mut SystemTx,
    key: &Key,
    source: &str,
    now: Timestamp,
) -> db::Result<()> {
    sqlx::query!(
        "update market.market_data_cache
         set cached_at = $6, expires_at = $6::timestamptz + (expires_at - cached_at)
         where ticker = $1 and instrument_id is not distinct from $2 and data_type = $3
           and parameters is not distinct from $4 and data_source = $5",
        key.ticker,
        key.instrument_id as Option<InstrumentId>,
        key.data_type.as_str(),
        key.parameters,
        source,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The lifetime has to be one: a moment before.
pub(super) async fn expire(tx: &mut SystemTx, key: &Key, now: Timestamp) -> db::Result<()> {
    sqlx::query!(
        "update market.market_data_cache
         set expires_at = $5, cached_at = least(cached_at, $5::timestamptz - interval '1 second')
         where ticker = $1 and instrument_id is not distinct from $2 and data_type = $3
           and parameters is not distinct from $4",
        key.ticker,
        key.instrument_id as Option<InstrumentId>,
        key.data_type.as_str(),
        key.parameters,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many of each kind were removed.
pub(super) async fn delete_all(tx: &mut SystemTx) -> db::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"with gone as (
               delete from market.market_data_cache
               returning data_type
           )
           select data_type, count(*) as "number!" from gone group by data_type"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.data_type, row.number))
        .collect())
}

pub(super) async fn delete_expired(tx: &mut SystemTx, before: Timestamp) -> db::Result<u64> {
    let deleted = sqlx::query!(
        "delete from market.market_data_cache where expires_at < $1",
        before.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}

pub(super) async fn count(
    tx: &mut SystemTx,
    data_type: &str,
    event: &str,
    number: i64,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.cache_counters as c (data_type, hits, misses, expired, invalidated)
         values ($1, case when $2 = 'hit' then $3::bigint else 0 end,
                 case when $2 = 'miss' then $3::bigint else 0 end,
                 case when $2 = 'expired' then $3::bigint else 0 end,
                 case when $2 = 'invalidated' then $3::bigint else 0 end)
         on conflict (data_type) do update
         set hits = c.hits + excluded.hits, misses = c.misses + excluded.misses,
             expired = c.expired + excluded.expired,
             invalidated = c.invalidated + excluded.invalidated",
        data_type,
        event,
        number,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn statistics(tx: &mut SystemTx, now: Timestamp) -> db::Result<Vec<Statistics>> {
    let rows = sqlx::query!(
        r#"select coalesce(c.data_type, e.data_type) as "data_type!",
                  coalesce(e.entries, 0) as "entries!", coalesce(e.stale, 0) as "stale!",
                  coalesce(c.hits, 0) as "hits!", coalesce(c.misses, 0) as "misses!",
                  coalesce(c.expired, 0) as "expired!", coalesce(c.invalidated, 0) as "invalidated!"
           from market.cache_counters c
           full join (
               select data_type, count(*) as entries,
                      count(*) filter (where expires_at <= $1) as stale
               from market.market_data_cache
               group by data_type
           ) e on e.data_type = c.data_type
           order by 1"#,
        now.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Statistics {
            data_type: row.data_type,
            entries: row.entries,
            stale: row.stale,
            hits: row.hits,
            misses: row.misses,
            expired: row.expired,
            invalidated: row.invalidated,
        })
        .collect())
}
