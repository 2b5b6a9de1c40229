use db::{Error, SystemTx, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::model::Pair;
use crate::sessions::{SessionId, store::FoundRow};

/// The session of an access token, with everything a request needs to know about its person.
pub(crate) async fn get(
    tx: &mut SystemTx,
    access_hash: &[u8],
    now: Timestamp,
) -> Result<Option<FoundRow>, Error> {
    Ok(sqlx::query_as!(
        FoundRow,
        r#"select s.id, null::text as "scope?",
                  s.last_used_at as "last_used_at?", u.id as user_id, u.email, u.name, u.role,
                  u.status,
                  to_jsonb(p) - 'user_id' - 'updated_at' as "preferences!", s.agent as "agent?",
                  s.created_at, t.refresh_hash as "refresh_hash?"
           from identity.token_pairs t
           join identity.sessions s on s.user_id = t.user_id and s.id = t.session_id
           join identity.users u on u.id = t.user_id
           join identity.preferences p on p.user_id = t.user_id
           where t.access_hash = $1 and t.access_expires_at > $2 and s.expires_at > $2"#,
        access_hash,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The family of a refresh token.
pub(super) struct Family {
    pub(super) user_id: UserId,
    pub(super) session_id: SessionId,
}

/// The family of a refresh token that has not ended, whether or not the token was used. Exchanges within
/// one family wait here for each other, and for whoever ends it.
pub(super) async fn lock(
    tx: &mut SystemTx,
    refresh_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Family>, Error> {
    let row = sqlx::query!(
        "select t.user_id, t.session_id
         from identity.token_pairs t
         join identity.sessions s on s.user_id = t.user_id and s.id = t.session_id
         join identity.users u on u.id = t.user_id
         where t.refresh_hash = $1 and t.expires_at > $2 and s.expires_at > $2
             and u.status = 'active'
         for update of s",
        refresh_hash,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Family {
        user_id: UserId(row.user_id),
        session_id: SessionId(row.session_id),
    }))
}

/// Uses a refresh token up; `None` when it was not used before, otherwise when that was.
pub(super) async fn use_up(
    tx: &mut SystemTx,
    refresh_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    // A statement of its own after the lock: it sees what the one before has written.
    let used_at = sqlx::query_scalar!(
        "select used_at from identity.token_pairs where refresh_hash = $1",
        refresh_hash,
    )
    .fetch_one(tx.conn())
    .await?;
    if let Some(used_at) = used_at {
        return Ok(Some(used_at.to_jiff()));
    }
    sqlx::query!(
        "update identity.token_pairs set used_at = $2 where refresh_hash = $1",
        refresh_hash,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(None)
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    user_id: UserId,
    session_id: SessionId,
    pair: &Pair,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.token_pairs
             (user_id, id, session_id, access_hash, access_expires_at, refresh_hash, created_at,
              expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::from(user_id),
        Uuid::now_v7(),
        session_id.0,
        &pair.access_hash(),
        pair.access_expires_at.to_sqlx() as _,
        &pair.refresh_hash(),
        pair.created_at.to_sqlx() as _,
        pair.expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes pairs that ended, and with them the memory that they were used; returns how many.
pub(crate) async fn delete_expired(tx: &mut SystemTx, now: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.token_pairs where expires_at <= $1",
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
