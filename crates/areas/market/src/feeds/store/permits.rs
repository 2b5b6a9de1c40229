//! Leave to ask a source, which all nodes take at one place: the breaker, and the count of what was sent where the
//! limit is a long one.

use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sources::{Breaker, ProviderId};
use uuid::Uuid;

use super::{inconsistent, read_breaker};

/// The breaker of a source; whoever else wants leave waits until this unit of work has ended. `None` for a source
/// that is not listed.
pub(in crate::feeds) async fn lock_breaker(
    tx: &mut SystemTx,
    provider: ProviderId,
) -> db::Result<Option<Breaker>> {
    // Rows that refer to the source share its key, which this lock leaves alone.
    let stored = sqlx::query_scalar!(
        "select breaker from market.providers where provider = $1 for no key update",
        provider.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    stored
        .map(|stored| read_breaker(provider.as_str(), stored))
        .transpose()
}

pub(in crate::feeds) async fn update_breaker(
    tx: &mut SystemTx,
    provider: ProviderId,
    breaker: &Breaker,
) -> db::Result<()> {
    let breaker = serde_json::to_value(breaker)
        .map_err(|error| inconsistent("breaker", provider.as_str(), &error.to_string()))?;
    sqlx::query!(
        "update market.providers set breaker = $2 where provider = $1",
        provider.as_str(),
        breaker,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets a source be asked as if it had never failed.
pub(in crate::feeds) async fn close_breaker(
    tx: &mut SystemTx,
    provider: ProviderId,
) -> db::Result<()> {
    sqlx::query!(
        "update market.providers set breaker = '{}' where provider = $1",
        provider.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many requests count since a moment, and which of them was the first.
pub(in crate::feeds) async fn count_sent(
    tx: &mut SystemTx,
    provider: ProviderId,
    since: Timestamp,
) -> db::Result<(u32, Option<Timestamp>)> {
    let row = sqlx::query!(
        r#"select coalesce(sum(number), 0) as "number!", min(at) as "first: jiff_sqlx::Timestamp"
           from market.sent_requests
           where provider = $1 and at > $2"#,
        provider.as_str(),
        since.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?;
    let number = u32::try_from(row.number).unwrap_or(u32::MAX);
    Ok((number, row.first.map(jiff_sqlx::Timestamp::to_jiff)))
}

/// Notes requests that are about to be sent.
pub(in crate::feeds) async fn insert_sent(
    tx: &mut SystemTx,
    provider: ProviderId,
    at: Timestamp,
    number: u32,
) -> db::Result<Uuid> {
    Ok(sqlx::query_scalar!(
        "insert into market.sent_requests (provider, at, number) values ($1, $2, $3) returning id",
        provider.as_str(),
        at.to_sqlx() as _,
        i32::try_from(number).unwrap_or(i32::MAX),
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Corrects how many were sent in the end.
pub(in crate::feeds) async fn settle_sent(
    tx: &mut SystemTx,
    id: Uuid,
    number: u32,
) -> db::Result<()> {
    sqlx::query!(
        "with none as (delete from market.sent_requests where id = $1 and $2 = 0)
         update market.sent_requests set number = $2 where id = $1 and $2 > 0",
        id,
        i32::try_from(number).unwrap_or(i32::MAX),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes what counts no longer.
pub(in crate::feeds) async fn delete_sent(
    tx: &mut SystemTx,
    provider: ProviderId,
    until: Timestamp,
) -> db::Result<()> {
    sqlx::query!(
        "delete from market.sent_requests where provider = $1 and at <= $2",
        provider.as_str(),
        until.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
