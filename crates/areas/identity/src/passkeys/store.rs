use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::{Passkey, PasskeyId, Purpose};

struct Row {
    user_id: Uuid,
    id: Uuid,
    name: String,
    credential: Value,
    created_at: jiff_sqlx::Timestamp,
    last_used_at: Option<jiff_sqlx::Timestamp>,
    suspected_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for Passkey {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let inconsistent = |reason: String| Error::Inconsistent {
            table: "identity.passkeys",
            column: "credential",
            row: format!("{}, {}", row.user_id, row.id),
            reason,
        };
        // The library stores its counter and tells it to nobody.
        let counter = row.credential.pointer("/cred/counter");
        let counter = counter
            .and_then(Value::as_u64)
            .and_then(|counter| u32::try_from(counter).ok())
            .ok_or_else(|| inconsistent("there is no counter".to_owned()))?;
        let credential = serde_json::from_value(row.credential)
            .map_err(|error| inconsistent(error.to_string()))?;
        Ok(Self {
            id: PasskeyId(row.id),
            name: row.name,
            credential,
            counter,
            created_at: row.created_at.to_jiff(),
            last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
            suspected_at: row.suspected_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

/// Passkeys of the person, the oldest first.
pub(crate) async fn list(tx: &mut UserTx) -> Result<Vec<Passkey>, Error> {
    let user_id = tx.user();
    list_on(tx.conn(), user_id).await
}

/// Passkeys of a person who is signing in, the oldest first.
pub(super) async fn list_of(tx: &mut SystemTx, user_id: UserId) -> Result<Vec<Passkey>, Error> {
    list_on(tx.conn(), user_id).await
}

async fn list_on(connection: &mut PgConnection, user_id: UserId) -> Result<Vec<Passkey>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select user_id, id, name, credential, created_at, last_used_at, suspected_at
         from identity.passkeys where user_id = $1 order by id",
        Uuid::from(user_id),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Passkey::try_from).collect()
}

/// The passkey of a credential, locked until the unit of work ends, and whose it is.
pub(super) async fn get_by_credential(
    tx: &mut SystemTx,
    credential_id: &[u8],
) -> Result<Option<(UserId, Passkey)>, Error> {
    let row = sqlx::query_as!(
        Row,
        "select user_id, id, name, credential, created_at, last_used_at, suspected_at
         from identity.passkeys where credential_id = $1 for update",
        credential_id,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok((UserId(row.user_id), Passkey::try_from(row)?)))
        .transpose()
}

pub(super) async fn insert(
    tx: &mut UserTx,
    name: &str,
    credential_id: &[u8],
    credential: &Value,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.passkeys (user_id, id, name, credential_id, credential, created_at)
         values (platform.current_user_id(), $1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        name,
        credential_id,
        credential,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_used(
    tx: &mut SystemTx,
    user_id: UserId,
    id: PasskeyId,
    credential: &Value,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.passkeys set credential = $3, last_used_at = $4
         where user_id = $1 and id = $2",
        Uuid::from(user_id),
        id.0,
        credential,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Refuses a passkey from now on.
pub(super) async fn suspect(
    tx: &mut SystemTx,
    user_id: UserId,
    id: PasskeyId,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.passkeys set suspected_at = coalesce(suspected_at, $3)
         where user_id = $1 and id = $2",
        Uuid::from(user_id),
        id.0,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether there is such a passkey of the person.
pub(super) async fn exists(tx: &mut UserTx, id: PasskeyId) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from identity.passkeys
               where user_id = platform.current_user_id() and id = $1
           ) as "exists!""#,
        id.0,
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn rename(tx: &mut UserTx, id: PasskeyId, name: &str) -> Result<(), Error> {
    sqlx::query!(
        "update identity.passkeys set name = $2
         where user_id = platform.current_user_id() and id = $1",
        id.0,
        name,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether there was such a passkey of the person.
pub(super) async fn delete(tx: &mut UserTx, id: PasskeyId) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.passkeys where user_id = platform.current_user_id() and id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

pub(super) async fn insert_ceremony(
    tx: &mut SystemTx,
    token_hash: &[u8],
    purpose: Purpose,
    user_id: Option<UserId>,
    state: &Value,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.ceremonies (token_hash, purpose, user_id, state, expires_at)
         values ($1, $2, $3, $4, $5)",
        token_hash,
        purpose.as_str(),
        user_id.map(Uuid::from),
        state,
        expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was asked, once: a second answer finds nothing.
pub(super) async fn consume_ceremony(
    tx: &mut SystemTx,
    token_hash: &[u8],
    purpose: Purpose,
    user_id: Option<UserId>,
    now: Timestamp,
) -> Result<Option<Value>, Error> {
    Ok(sqlx::query_scalar!(
        "delete from identity.ceremonies
         where token_hash = $1 and purpose = $2 and user_id is not distinct from $3
             and expires_at > $4
         returning state",
        token_hash,
        purpose.as_str(),
        user_id.map(Uuid::from),
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(crate) async fn delete_expired_ceremonies(
    tx: &mut SystemTx,
    now: Timestamp,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.ceremonies where expires_at <= $1",
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
