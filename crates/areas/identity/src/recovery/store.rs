use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

pub(super) async fn insert(tx: &mut UserTx, code_hash: &[u8], now: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.recovery_codes (user_id, id, code_hash, created_at)
         values (platform.current_user_id(), $1, $2, $3)",
        Uuid::now_v7(),
        code_hash,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn delete_all(tx: &mut UserTx) -> Result<(), Error> {
    sqlx::query!("delete from identity.recovery_codes where user_id = platform.current_user_id()")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Whether there was such an unused code; it is used up now.
pub(super) async fn consume(
    tx: &mut SystemTx,
    user_id: UserId,
    code_hash: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let used = sqlx::query!(
        "update identity.recovery_codes set used_at = $3
         where user_id = $1 and code_hash = $2 and used_at is null",
        Uuid::from(user_id),
        code_hash,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(used.rows_affected() == 1)
}
