use db::{Error, SystemTx, UserId, UserTx};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::{Factors, PasskeyCount};

pub(crate) async fn get(tx: &mut SystemTx, user_id: UserId) -> Result<Factors, Error> {
    of(tx.conn(), user_id).await
}

pub(crate) async fn get_own(tx: &mut UserTx) -> Result<Factors, Error> {
    let user_id = tx.user();
    of(tx.conn(), user_id).await
}

async fn of(connection: &mut PgConnection, user_id: UserId) -> Result<Factors, Error> {
    let row = sqlx::query!(
        r#"select
               (select confirmed_at from identity.totp where user_id = $1) as "totp_since?",
               exists (select from identity.totp where user_id = $1 and confirmed_at is null)
                   as "is_totp_pending!",
               (select count(*) from identity.passkeys
                where user_id = $1 and suspected_at is null) as "usable!",
               (select count(*) from identity.passkeys
                where user_id = $1 and suspected_at is not null) as "suspected!",
               (select count(*) from identity.recovery_codes
                where user_id = $1 and used_at is null) as "codes_left!""#,
        Uuid::from(user_id),
    )
    .fetch_one(connection)
    .await?;
    Ok(Factors {
        totp_since: row.totp_since.map(jiff_sqlx::Timestamp::to_jiff),
        is_totp_pending: row.is_totp_pending,
        passkeys: PasskeyCount {
            usable: row.usable,
            suspected: row.suspected,
        },
        codes_left: row.codes_left,
    })
}

/// What still lets a person in.
pub(super) struct Left {
    pub(super) passkey: bool,
    pub(super) identity: bool,
}

/// Usable passkeys, and identities of the issuer, but for one.
pub(super) async fn ways_without(
    connection: &mut PgConnection,
    user_id: UserId,
    without: Uuid,
    issuer: Option<&str>,
) -> Result<Left, Error> {
    Ok(sqlx::query_as!(
        Left,
        r#"select
               exists (select from identity.passkeys
                       where user_id = $1 and id <> $2 and suspected_at is null) as "passkey!",
               exists (select from identity.openid_identities
                       where user_id = $1 and id <> $2 and issuer = $3) as "identity!""#,
        Uuid::from(user_id),
        without,
        issuer,
    )
    .fetch_one(connection)
    .await?)
}

/// Takes every second factor from an account. Returns the names of its passkeys.
pub(super) async fn delete_all(tx: &mut SystemTx, user_id: UserId) -> Result<Vec<String>, Error> {
    let id = Uuid::from(user_id);
    sqlx::query!("delete from identity.totp where user_id = $1", id)
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from identity.recovery_codes where user_id = $1", id)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "delete from identity.pending_sign_ins where user_id = $1",
        id
    )
    .execute(tx.conn())
    .await?;
    let names = sqlx::query_scalar!(
        "delete from identity.passkeys where user_id = $1 returning name",
        id
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(names)
}
