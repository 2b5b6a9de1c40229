use db::{Error, SystemTx, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::Purpose;

/// A link that is good.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// Whom it is for; nobody when it makes an account.
    pub(crate) user_id: Option<UserId>,
    /// The address that it proves, or with which it makes an account.
    pub(crate) email: Option<String>,
    /// The invitation that it stands for.
    pub(crate) invitation_id: Option<Uuid>,
}

/// Lets one unit of work at a time decide who is the first user.
pub(crate) async fn lock_setup(tx: &mut SystemTx) -> Result<(), Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('identity.setup'))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    token_hash: &[u8],
    purpose: Purpose,
    link: &Link,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.links (token_hash, purpose, user_id, email, invitation_id, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        token_hash,
        purpose.as_str(),
        link.user_id.map(Uuid::from),
        link.email,
        link.invitation_id,
        expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn get(
    tx: &mut SystemTx,
    token_hash: &[u8],
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Link>, Error> {
    let link = sqlx::query!(
        "select user_id, email, invitation_id from identity.links
         where token_hash = $1 and purpose = $2 and expires_at > $3",
        token_hash,
        purpose.as_str(),
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(link.map(|row| Link {
        user_id: row.user_id.map(UserId),
        email: row.email,
        invitation_id: row.invitation_id,
    }))
}

/// Uses a link up. A second unit of work that tries the same link waits, then finds nothing.
pub(crate) async fn consume(
    tx: &mut SystemTx,
    token_hash: &[u8],
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Link>, Error> {
    let used = sqlx::query!(
        "delete from identity.links
         where token_hash = $1 and purpose = $2 and expires_at > $3
         returning user_id, email, invitation_id",
        token_hash,
        purpose.as_str(),
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(used.map(|row| Link {
        user_id: row.user_id.map(UserId),
        email: row.email,
        invitation_id: row.invitation_id,
    }))
}

pub(crate) async fn delete_all(
    tx: &mut SystemTx,
    purpose: Purpose,
    user_id: Option<UserId>,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.links where purpose = $1 and user_id is not distinct from $2",
        purpose.as_str(),
        user_id.map(Uuid::from),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those of the same invitation, or without one: nobody ends somebody's invitation from outside.
pub(super) async fn delete_registrations(
    tx: &mut SystemTx,
    email: &str,
    invitation_id: Option<Uuid>,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.links
         where purpose = 'registration' and email = $1 and invitation_id is not distinct from $2",
        email,
        invitation_id,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn delete_expired(tx: &mut SystemTx, now: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.links where expires_at <= $1",
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
