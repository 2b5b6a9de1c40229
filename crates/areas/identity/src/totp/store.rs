use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use seal::Sealed;
use uuid::Uuid;

pub(super) const TABLE: &str = "identity.totp";

/// An app, confirmed or not.
pub(super) struct Stored {
    pub(super) secret: Sealed,
    pub(super) is_confirmed: bool,
    pub(super) last_step: i64,
}

pub(super) async fn get(tx: &mut SystemTx, user_id: UserId) -> Result<Option<Stored>, Error> {
    let row = sqlx::query!(
        r#"select secret::bytea as "secret!", confirmed_at is not null as "is_confirmed!", last_step
           from identity.totp where user_id = $1"#,
        Uuid::from(user_id),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Stored {
        secret: Sealed::from_bytes(row.secret),
        is_confirmed: row.is_confirmed,
        last_step: row.last_step,
    }))
}

/// Whether the secret was stored: not over an app that is confirmed.
pub(super) async fn begin(tx: &mut UserTx, secret: &Sealed, now: Timestamp) -> Result<bool, Error> {
    let stored = sqlx::query!(
        "insert into identity.totp as t (user_id, secret, created_at)
         values (platform.current_user_id(), $1::bytea, $2)
         on conflict (user_id) do update
         set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
         where t.confirmed_at is null",
        secret.as_bytes(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(stored.rows_affected() == 1)
}

/// Whether the step is newer than the last one, and the secret still the one that was read. Of two at the
/// same moment one finds it taken.
pub(super) async fn accept(
    tx: &mut SystemTx,
    user_id: UserId,
    secret: &Sealed,
    step: i64,
) -> Result<bool, Error> {
    let accepted = sqlx::query!(
        "update identity.totp set last_step = $2
         where user_id = $1 and last_step < $2 and secret::bytea = $3
             and confirmed_at is not null",
        Uuid::from(user_id),
        step,
        secret.as_bytes(),
    )
    .execute(tx.conn())
    .await?;
    Ok(accepted.rows_affected() == 1)
}

/// The first right code turns the app on; the same conditions hold.
pub(super) async fn confirm(
    tx: &mut UserTx,
    secret: &Sealed,
    step: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let confirmed = sqlx::query!(
        "update identity.totp set last_step = $2, confirmed_at = $3
         where user_id = platform.current_user_id() and last_step < $2 and secret::bytea = $1
             and confirmed_at is null",
        secret.as_bytes(),
        step,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(confirmed.rows_affected() == 1)
}

pub(super) async fn delete(tx: &mut UserTx) -> Result<bool, Error> {
    let deleted =
        sqlx::query!("delete from identity.totp where user_id = platform.current_user_id()")
            .execute(tx.conn())
            .await?;
    Ok(deleted.rows_affected() == 1)
}
