use db::UserTx;

use crate::problem::Problem;

pub(super) struct Stored {
    pub(super) request_hash: Vec<u8>,
    pub(super) status: i16,
    pub(super) body: Vec<u8>,
}

/// Whether the key was free. Blocks while another transaction holds it.
pub(super) async fn insert(
    tx: &mut UserTx,
    key: &str,
    request_hash: &[u8],
) -> Result<bool, Problem> {
    let inserted = sqlx::query!(
        "insert into platform.idempotency_keys (user_id, key, request_hash)
         values (platform.current_user_id(), $1, $2)
         on conflict do nothing",
        key,
        request_hash,
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(super) async fn require(tx: &mut UserTx, key: &str) -> Result<Stored, Problem> {
    Ok(sqlx::query_as!(
        Stored,
        r#"select request_hash, coalesce(status, 200::smallint) as "status!",
                  coalesce(body, 'null'::bytea) as "body!"
           from platform.idempotency_keys
           where key = $1"#,
        key,
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn update(
    tx: &mut UserTx,
    key: &str,
    status: i16,
    body: &[u8],
) -> Result<(), Problem> {
    sqlx::query!(
        "update platform.idempotency_keys set status = $2, body = $3 where key = $1",
        key,
        status,
        body,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
