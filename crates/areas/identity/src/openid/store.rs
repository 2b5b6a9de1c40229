use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::{
    Identity,
    model::{Flow, IdentityId, Purpose, Stated},
};

pub(super) async fn insert_flow(
    tx: &mut SystemTx,
    token_hash: &[u8],
    flow: &Flow,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.openid_flows (token_hash, purpose, user_id, next, began_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        token_hash,
        flow.purpose.as_str(),
        flow.user_id.map(Uuid::from),
        flow.next,
        flow.began_at.to_sqlx() as _,
        expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Uses a flow up: a second answer finds nothing.
pub(super) async fn consume_flow(
    tx: &mut SystemTx,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Flow>, Error> {
    let row = sqlx::query!(
        "delete from identity.openid_flows where token_hash = $1 and expires_at > $2
         returning purpose, user_id, next, began_at",
        token_hash,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        let purpose = Purpose::parse(&row.purpose).ok_or_else(|| Error::Inconsistent {
            table: "identity.openid_flows",
            column: "purpose",
            row: "one that was used up".to_owned(),
            reason: format!("“{}” is not known", row.purpose),
        })?;
        Ok(Flow {
            purpose,
            user_id: row.user_id.map(UserId),
            next: row.next,
            began_at: row.began_at.to_jiff(),
        })
    })
    .transpose()
}

pub(crate) async fn delete_expired_flows(tx: &mut SystemTx, now: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.openid_flows where expires_at <= $1",
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}

/// Whose identity it is.
pub(super) async fn get_holder(
    tx: &mut SystemTx,
    stated: &Stated,
) -> Result<Option<UserId>, Error> {
    let id = sqlx::query_scalar!(
        "select user_id from identity.openid_identities where issuer = $1 and subject = $2",
        stated.issuer,
        stated.subject,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(UserId))
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    user_id: UserId,
    stated: &Stated,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.openid_identities
             (user_id, id, issuer, subject, email, created_at, last_used_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        Uuid::from(user_id),
        Uuid::now_v7(),
        stated.issuer,
        stated.subject,
        stated.email.as_str(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_used(
    tx: &mut SystemTx,
    stated: &Stated,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.openid_identities set email = $3, last_used_at = $4
         where issuer = $1 and subject = $2",
        stated.issuer,
        stated.subject,
        stated.email.as_str(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Identities of the person, the oldest first.
pub(crate) async fn list(tx: &mut UserTx) -> Result<Vec<Identity>, Error> {
    let rows = sqlx::query!(
        r#"select id, issuer, email, created_at, last_used_at as "last_used_at?"
           from identity.openid_identities
           where user_id = platform.current_user_id() order by id"#
    )
    .fetch_all(tx.conn())
    .await?;
    let identities = rows.into_iter().map(|row| Identity {
        id: IdentityId(row.id),
        issuer: row.issuer,
        email: row.email,
        created_at: row.created_at.to_jiff(),
        last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(identities.collect())
}

/// Whether there was such an identity of the person.
pub(super) async fn delete(tx: &mut SystemTx, user_id: UserId, id: Uuid) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.openid_identities where user_id = $1 and id = $2",
        Uuid::from(user_id),
        id,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Takes all identities away. Returns their addresses.
pub(super) async fn delete_all(tx: &mut SystemTx, user_id: UserId) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar!(
        "delete from identity.openid_identities where user_id = $1 returning email",
        Uuid::from(user_id),
    )
    .fetch_all(tx.conn())
    .await?)
}
