use db::{Error, SystemTx, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::{Invitation, InvitationId, State};
use crate::users::Role;

/// What a newcomer gets by an invitation.
pub(crate) struct Known {
    pub(crate) id: InvitationId,
    pub(crate) email: Option<String>,
    pub(crate) role: Role,
}

/// Reads a stored role.
fn role(word: &str, id: Uuid) -> Result<Role, Error> {
    Role::parse(word).ok_or_else(|| Error::Inconsistent {
        table: "identity.invitations",
        column: "role",
        row: id.to_string(),
        reason: format!("“{word}” is no role"),
    })
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    id: Uuid,
    token_hash: Option<&[u8]>,
    email: Option<&str>,
    role: Role,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.invitations (id, token_hash, email, role, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        id,
        token_hash,
        email,
        role.as_str(),
        now.to_sqlx() as _,
        expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An invitation without an address that holds, by its secret.
pub(crate) async fn get_open(
    tx: &mut SystemTx,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Uuid>, Error> {
    Ok(sqlx::query_scalar!(
        "select id from identity.invitations
         where token_hash = $1 and accepted_at is null and expires_at > $2",
        token_hash,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The newest invitation for an address that holds.
pub(crate) async fn get_open_for(
    tx: &mut SystemTx,
    email: &str,
    now: Timestamp,
) -> Result<Option<Uuid>, Error> {
    Ok(sqlx::query_scalar!(
        "select id from identity.invitations
         where email = $1 and accepted_at is null and expires_at > $2
         order by id desc limit 1",
        email,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(crate) async fn is_open(tx: &mut SystemTx, id: Uuid, now: Timestamp) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from identity.invitations
               where id = $1 and accepted_at is null and expires_at > $2
           ) as "is_open!""#,
        id,
        now.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(crate) async fn require(tx: &mut SystemTx, id: Uuid) -> Result<Known, Error> {
    let row = sqlx::query!(
        "select email, role from identity.invitations where id = $1",
        id
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Known {
        id: InvitationId(id),
        email: row.email,
        role: role(&row.role, id)?,
    })
}

/// Whether the invitation still waited, and is now used. A second unit of work that tries the same waits,
/// then finds it used.
pub(crate) async fn accept(
    tx: &mut SystemTx,
    id: Uuid,
    user_id: UserId,
    now: Timestamp,
) -> Result<bool, Error> {
    let updated = sqlx::query!(
        "update identity.invitations set user_id = $2, accepted_at = $3
         where id = $1 and accepted_at is null and expires_at > $3",
        id,
        Uuid::from(user_id),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// All invitations, the newest first, from after one on.
pub(super) async fn list(
    tx: &mut SystemTx,
    now: Timestamp,
    after: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>, Error> {
    let rows = sqlx::query!(
        r#"select id, email as "email?", role, created_at, expires_at, accepted_at as "accepted_at?"
           from identity.invitations
           where $1::uuid is null or id < $1
           order by id desc
           limit $2"#,
        after.map(|id| id.0),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let expires_at = row.expires_at.to_jiff();
            let accepted_at = row.accepted_at.map(jiff_sqlx::Timestamp::to_jiff);
            Ok(Invitation {
                id: InvitationId(row.id),
                email: row.email,
                role: role(&row.role, row.id)?,
                state: State::of(accepted_at, expires_at, now),
                created_at: row.created_at.to_jiff(),
                expires_at,
                accepted_at,
            })
        })
        .collect()
}

/// Whether there was such an invitation that nobody had used; its links end with it.
pub(super) async fn delete(tx: &mut SystemTx, id: InvitationId) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.invitations where id = $1 and accepted_at is null",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}
