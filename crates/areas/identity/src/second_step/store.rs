use db::{Error, SystemTx, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// A person whose password was right.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) user_id: UserId,
    pub(super) password_hash: String,
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    token_hash: &[u8],
    user_id: UserId,
    password_hash: &str,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.pending_sign_ins (token_hash, user_id, password_hash, expires_at)
         values ($1, $2, $3, $4)",
        token_hash,
        Uuid::from(user_id),
        password_hash,
        expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A sign-in that waits, and has attempts left.
pub(super) async fn get(
    tx: &mut SystemTx,
    token_hash: &[u8],
    max_failures: i32,
    now: Timestamp,
) -> Result<Option<Pending>, Error> {
    let row = sqlx::query!(
        "select user_id, password_hash from identity.pending_sign_ins
         where token_hash = $1 and expires_at > $2 and failures < $3",
        token_hash,
        now.to_sqlx() as _,
        max_failures,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Pending {
        user_id: UserId(row.user_id),
        password_hash: row.password_hash,
    }))
}

pub(super) async fn count_failure(tx: &mut SystemTx, token_hash: &[u8]) -> Result<(), Error> {
    sqlx::query!(
        "update identity.pending_sign_ins set failures = failures + 1 where token_hash = $1",
        token_hash,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether it was still there: of two that finish at the same moment one does.
pub(super) async fn delete(tx: &mut SystemTx, token_hash: &[u8]) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.pending_sign_ins where token_hash = $1",
        token_hash
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Ends all sign-ins of a person that wait.
pub(crate) async fn delete_all_of(tx: &mut SystemTx, user_id: UserId) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.pending_sign_ins where user_id = $1",
        Uuid::from(user_id)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn delete_expired(tx: &mut SystemTx, now: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.pending_sign_ins where expires_at <= $1",
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
