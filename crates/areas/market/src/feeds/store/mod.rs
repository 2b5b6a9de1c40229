//! What is stored about sources: their switches, keys, limits and order; in `refreshes` how fresh what instruments
//! have is.

mod permits;
mod refreshes;

use std::collections::HashMap;

use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use seal::Sealed;
use sources::{Breaker, Limit, ProviderId};
use sqlx::PgConnection;

pub(in crate::feeds) use permits::{
    close_breaker, count_sent, delete_sent, insert_sent, lock_breaker, settle_sent, update_breaker,
};
pub(in crate::feeds) use refreshes::{
    Conclusion, Scope, ask_again, calendars, conclude, freshness, insert_spellings, last_day,
    list_before, list_behind, list_kept, put_refresh, refreshes,
};

use super::model::{Attempt, FetchOutcome, ProviderState, limit};
use crate::{AssetClass, InstrumentId};

fn inconsistent(column: &'static str, row: &str, reason: &str) -> db::Error {
    db::Error::Inconsistent {
        table: "market.providers",
        column,
        row: row.to_owned(),
        reason: reason.to_owned(),
    }
}

/// All that this program knows, in the order of the catalogue.
pub(in crate::feeds) async fn list(tx: &mut SystemTx) -> db::Result<Vec<ProviderState>> {
    let rows = sqlx::query!(
        r#"select provider, is_enabled, limit_count, limit_seconds, breaker, last_success_at,
                  last_failure_at, last_failure, fetched, not_modified, failed, skipped,
                  exists (
                      select from market.provider_keys k where k.provider = p.provider
                  ) as "has_key!"
           from market.providers p"#
    )
    .fetch_all(tx.conn())
    .await?;
    let mut states = Vec::with_capacity(rows.len());
    for row in rows {
        // A provider of a later version is not this program's.
        let Ok(id) = row.provider.parse::<ProviderId>() else {
            continue;
        };
        states.push(ProviderState {
            id,
            is_enabled: row.is_enabled,
            limit: limit(row.limit_count, row.limit_seconds),
            // `{}` stands for one that has never failed.
            breaker: read_breaker(&row.provider, row.breaker)?,
            has_key: row.has_key,
            last_success_at: row.last_success_at.map(jiff_sqlx::Timestamp::to_jiff),
            last_failure_at: row.last_failure_at.map(jiff_sqlx::Timestamp::to_jiff),
            last_failure: row.last_failure,
            fetched: row.fetched,
            not_modified: row.not_modified,
            failed: row.failed,
            skipped: row.skipped,
        });
    }
    states.sort_by_key(|state| state.id);
    Ok(states)
}

fn read_breaker(provider: &str, stored: serde_json::Value) -> db::Result<Breaker> {
    if stored == serde_json::json!({}) {
        return Ok(Breaker::default());
    }
    serde_json::from_value(stored)
        .map_err(|error| inconsistent("breaker", provider, &error.to_string()))
}

pub(in crate::feeds) async fn update_enabled(
    tx: &mut SystemTx,
    provider: ProviderId,
    is_enabled: bool,
) -> db::Result<()> {
    sqlx::query!(
        "update market.providers set is_enabled = $2 where provider = $1",
        provider.as_str(),
        is_enabled,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether it was another one before.
pub(in crate::feeds) async fn update_limit(
    tx: &mut SystemTx,
    provider: ProviderId,
    limit: Option<Limit>,
) -> db::Result<bool> {
    let count = limit.and_then(|limit| i32::try_from(limit.count).ok());
    let seconds = limit.and_then(|limit| i32::try_from(limit.per.as_secs()).ok());
    let updated = sqlx::query!(
        "update market.providers set limit_count = $2, limit_seconds = $3
         where provider = $1 and (limit_count, limit_seconds) is distinct from ($2, $3)",
        provider.as_str(),
        count,
        seconds,
    )
    .execute(tx.conn())
    .await?;
    Ok(updated.rows_affected() > 0)
}

pub(in crate::feeds) async fn get_key(
    tx: &mut SystemTx,
    provider: ProviderId,
) -> db::Result<Option<Sealed>> {
    let key = sqlx::query_scalar!(
        r#"select api_key::bytea as "api_key!" from market.provider_keys where provider = $1"#,
        provider.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(key.map(Sealed::from_bytes))
}

pub(in crate::feeds) async fn put_key(
    tx: &mut SystemTx,
    provider: ProviderId,
    key: &Sealed,
    now: Timestamp,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.provider_keys (provider, api_key, updated_at)
         values ($1, $2::bytea, $3)
         on conflict (provider) do update
         set api_key = excluded.api_key, updated_at = excluded.updated_at",
        provider.as_str(),
        key.as_bytes(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::feeds) async fn delete_key(
    tx: &mut SystemTx,
    provider: ProviderId,
) -> db::Result<()> {
    sqlx::query!(
        "delete from market.provider_keys where provider = $1",
        provider.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The operator's orders. Names that this program does not know are left out.
pub(in crate::feeds) async fn orders(
    conn: &mut PgConnection,
) -> db::Result<HashMap<AssetClass, Vec<ProviderId>>> {
    let rows = sqlx::query!("select asset_class, providers from market.provider_orders")
        .fetch_all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let known = row.providers.iter().filter_map(|name| name.parse().ok());
            Some((AssetClass::parse(&row.asset_class)?, known.collect()))
        })
        .collect())
}

pub(in crate::feeds) async fn put_order(
    tx: &mut SystemTx,
    class: AssetClass,
    order: &[ProviderId],
) -> db::Result<()> {
    let names: Vec<String> = order.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "insert into market.provider_orders (asset_class, providers) values ($1, $2)
         on conflict (asset_class) do update
         set providers = excluded.providers, updated_at = now()",
        class.as_str(),
        &names,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::feeds) async fn delete_order(tx: &mut SystemTx, class: AssetClass) -> db::Result<()> {
    sqlx::query!(
        "delete from market.provider_orders where asset_class = $1",
        class.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The operator's spelling, where there is one.
pub(in crate::feeds) async fn get_spelling(
    tx: &mut SystemTx,
    id: InstrumentId,
    provider: ProviderId,
) -> db::Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select symbol from market.provider_symbols where instrument_id = $1 and provider = $2",
        id as InstrumentId,
        provider.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Writes an attempt down, and counts it.
pub(in crate::feeds) async fn insert_attempt(
    tx: &mut SystemTx,
    attempt: &Attempt,
) -> db::Result<()> {
    let count = |value: usize| i32::try_from(value).unwrap_or(i32::MAX);
    sqlx::query!(
        "insert into market.fetches
             (at, provider, instrument_id, request, outcome, code, reason, tries, received, stored,
              quarantined)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        attempt.at.to_sqlx() as _,
        attempt.provider.as_str(),
        attempt.instrument_id as Option<InstrumentId>,
        attempt.request,
        attempt.outcome.as_str(),
        attempt.code,
        attempt.reason,
        i32::try_from(attempt.tries).unwrap_or(i32::MAX),
        count(attempt.received),
        i32::try_from(attempt.stored).unwrap_or(i32::MAX),
        count(attempt.quarantined),
    )
    .execute(tx.conn())
    .await?;
    let is_failure = attempt.outcome == FetchOutcome::Failed;
    let is_success = matches!(
        attempt.outcome,
        FetchOutcome::Fetched | FetchOutcome::NotModified
    );
    sqlx::query!(
        "update market.providers
         set last_success_at = case when $2 then $4 else last_success_at end,
             last_failure_at = case when $3 then $4 else last_failure_at end,
             last_failure = case when $3 then $5 else last_failure end,
             fetched = fetched + ($6 = 'fetched')::int,
             not_modified = not_modified + ($6 = 'not_modified')::int,
             failed = failed + ($6 = 'failed')::int,
             skipped = skipped + ($6 = 'skipped')::int
         where provider = $1",
        attempt.provider.as_str(),
        is_success,
        is_failure,
        attempt.at.to_sqlx() as _,
        attempt.reason,
        attempt.outcome.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The latest attempts.
pub(in crate::feeds) async fn list_attempts(
    tx: &mut SystemTx,
    limit: i64,
) -> db::Result<Vec<(Attempt, Option<String>)>> {
    let rows = sqlx::query!(
        r#"select f.id, f.at, f.provider, f.instrument_id as "instrument_id?: InstrumentId", f.request,
                  f.outcome, f.code, f.reason, f.tries, f.received, f.stored, f.quarantined,
                  i.symbol as "symbol?"
           from market.fetches f
           left join market.instruments i on i.id = f.instrument_id
           order by f.at desc, f.id desc
           limit $1"#,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    let mut attempts = Vec::with_capacity(rows.len());
    for row in rows {
        // A provider of a later version is not this program's.
        let Ok(provider) = row.provider.parse::<ProviderId>() else {
            continue;
        };
        let outcome = FetchOutcome::parse(&row.outcome).ok_or_else(|| db::Error::Inconsistent {
            table: "market.fetches",
            column: "outcome",
            row: row.id.to_string(),
            reason: format!("“{}” is no outcome", row.outcome),
        })?;
        let attempt = Attempt {
            at: row.at.to_jiff(),
            provider,
            instrument_id: row.instrument_id,
            request: row.request,
            outcome,
            code: row.code,
            reason: row.reason,
            tries: u32::try_from(row.tries).unwrap_or_default(),
            received: usize::try_from(row.received).unwrap_or_default(),
            stored: u64::try_from(row.stored).unwrap_or_default(),
            quarantined: usize::try_from(row.quarantined).unwrap_or_default(),
        };
        attempts.push((attempt, row.symbol));
    }
    Ok(attempts)
}

/// Those of quotes that came go sooner: there is one a minute.
pub(in crate::feeds) async fn delete_attempts(
    tx: &mut SystemTx,
    before: Timestamp,
    quotes_before: Timestamp,
) -> db::Result<u64> {
    let deleted = sqlx::query!(
        "delete from market.fetches
         where at < $1
            or (at < $2 and request ->> 'kind' = 'quote' and outcome in ('fetched', 'not_modified'))",
        before.to_sqlx() as _,
        quotes_before.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
