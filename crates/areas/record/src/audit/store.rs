use db::{Error, SystemTx};
use futures::{Stream, TryStreamExt as _};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Head,
    model::{Known, Link, hex},
};

/// Every person and chain that has rows, links or a head: what lacks one of them is found out.
pub(super) async fn chains(tx: &mut SystemTx, user_id: Option<Uuid>) -> Result<Vec<Known>, Error> {
    Ok(sqlx::query_as!(
        Known,
        r#"select user_id as "user_id!", chain as "chain!",
                  exists (
                      select from identity.users u
                      where u.id = known.user_id and u.status = 'deleted'
                  ) as "is_forgotten!"
           from (
               select user_id, chain from platform.chain_heads
               union
               select user_id, chain from platform.chain_entries
               union
               select u.id, t.chain from identity.users u cross join platform.chained_tables t
           ) known
           where $1::uuid is null or user_id = $1
           order by user_id, chain"#,
        user_id,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Whether the account of the person was closed, and what was kept of it deleted after its time.
pub(super) async fn is_purged(tx: &mut SystemTx, user_id: Uuid) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from platform.closed_accounts where user_id = $1 and purged_at is not null
           ) as "is_purged!""#,
        user_id,
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn head(
    tx: &mut SystemTx,
    user_id: Uuid,
    chain: &str,
) -> Result<Option<Head>, Error> {
    let row = sqlx::query!(
        "select length, hash from platform.chain_heads where user_id = $1 and chain = $2",
        user_id,
        chain,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Head {
        user_id,
        chain: chain.to_owned(),
        length: row.length,
        hash: hex(&row.hash),
    }))
}

pub(super) async fn count_links(tx: &mut SystemTx, user_id: Option<Uuid>) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from platform.chain_entries
           where $1::uuid is null or user_id = $1"#,
        user_id,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Links of a chain in their order, from after one on.
pub(super) async fn links(
    tx: &mut SystemTx,
    user_id: Uuid,
    chain: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Link>, Error> {
    Ok(sqlx::query_as!(
        Link,
        r#"select seq, table_name, operation, row_id,
                  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "at!",
                  content_hash, hash, content
           from platform.chain_entries
           where user_id = $1 and chain = $2 and seq > $3
           order by seq
           limit $4"#,
        user_id,
        chain,
        after,
        limit,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The hash of one link.
pub(super) async fn hash_at(
    tx: &mut SystemTx,
    user_id: Uuid,
    chain: &str,
    seq: i64,
) -> Result<Option<String>, Error> {
    let hash = sqlx::query_scalar!(
        "select hash from platform.chain_entries where user_id = $1 and chain = $2 and seq = $3",
        user_id,
        chain,
        seq,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(hash.map(|hash| hex(&hash)))
}

/// A row that is not what its chain says.
pub(super) struct Difference {
    pub(super) seq: i64,
    pub(super) table_name: String,
    pub(super) row_id: String,
    pub(super) what: String,
}

/// The first row of a person that is not what its chain says.
pub(super) async fn first_difference(
    tx: &mut SystemTx,
    user_id: Uuid,
    chain: &str,
) -> Result<Option<Difference>, Error> {
    Ok(sqlx::query_as!(
        Difference,
        r#"select seq as "seq!", table_name as "table_name!", row_id as "row_id!",
                  difference as "what!"
           from platform.chain_differences($1, $2)
           order by seq, table_name, row_id
           limit 1"#,
        user_id,
        chain,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Bulk reading takes its time.
pub(super) async fn allow_long_reads(tx: &mut SystemTx) -> Result<(), Error> {
    sqlx::query!("set transaction isolation level repeatable read read only")
        .execute(tx.conn())
        .await?;
    sqlx::query!("set local statement_timeout = '1h'")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The audit rows of a person, or of everybody, as JSON.
pub(super) fn audit_rows(
    tx: &mut SystemTx,
    user_id: Option<Uuid>,
) -> impl Stream<Item = Result<Value, Error>> {
    sqlx::query_scalar!(
        r#"select to_jsonb(a) as "row!" from platform.audit a
           where $1::uuid is null or user_id = $1
           order by user_id, id"#,
        user_id,
    )
    .fetch(tx.conn())
    .map_err(Error::from)
}
