use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::{
    Credential, Principal, SessionId,
    model::{Carrier, Session},
};
use crate::{
    client::Client,
    preferences,
    users::{
        Status,
        store::{role, status},
    },
};

/// A session or token together with its person, in one row.
pub(crate) struct FoundRow {
    pub(crate) id: Uuid,
    /// Of an API token.
    pub(crate) scope: Option<String>,
    pub(crate) last_used_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) user_id: Uuid,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) status: String,
    pub(crate) preferences: serde_json::Value,
    /// How the browser or program calls itself; of a session.
    pub(crate) agent: Option<String>,
    pub(crate) created_at: jiff_sqlx::Timestamp,
    /// Of what prolongs a session: its cookie, or the refresh token of the pair.
    pub(crate) refresh_hash: Option<Vec<u8>>,
}

impl FoundRow {
    pub(crate) fn principal(self, credential: Credential) -> Result<Principal, Error> {
        let user_id = UserId(self.user_id);
        Ok(Principal {
            user_id,
            role: role(&self.role, self.user_id)?,
            preferences: preferences::store::read(self.preferences, user_id)?,
            email: self.email,
            name: self.name,
            credential,
        })
    }

    /// Whether the account may be used.
    pub(crate) fn is_active(&self) -> Result<bool, Error> {
        Ok(status(&self.status, self.user_id)? == Status::Active)
    }

    /// Whether the last use that was written down is longer ago than that.
    pub(crate) fn is_idle_since(&self, instant: Timestamp) -> bool {
        self.last_used_at
            .is_none_or(|last| last.to_jiff() <= instant)
    }
}

/// The live session of a cookie, with everything a request needs to know about its person.
pub(crate) async fn get(
    tx: &mut SystemTx,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<FoundRow>, Error> {
    Ok(sqlx::query_as!(
        FoundRow,
        r#"select s.id, null::text as "scope?",
                  s.last_used_at as "last_used_at?", u.id as user_id, u.email, u.name, u.role,
                  u.status,
                  to_jsonb(p) - 'user_id' - 'updated_at' as "preferences!", s.agent as "agent?",
                  s.created_at, s.token_hash as "refresh_hash?"
           from identity.sessions s
           join identity.users u on u.id = s.user_id
           join identity.preferences p on p.user_id = s.user_id
           where s.token_hash = $1 and s.expires_at > $2"#,
        token_hash,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// A session to be made.
pub(super) struct NewSession<'a> {
    pub(super) user_id: UserId,
    pub(super) id: SessionId,
    /// `None` where no password was asked for.
    pub(super) password_hash: Option<&'a str>,
    /// Of the cookie; `None` for an app.
    pub(super) token_hash: Option<&'a [u8]>,
    pub(super) client: &'a Client,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// Whether it was made: not when the password was changed since it was verified, or the account closed.
pub(super) async fn insert(tx: &mut SystemTx, new: &NewSession<'_>) -> Result<bool, Error> {
    let inserted = sqlx::query!(
        "insert into identity.sessions
             (user_id, id, token_hash, address, agent, created_at, last_used_at, proved_at, expires_at)
         select id, $2, $3, $4, $5, $6, $6, $6, $7
         from identity.users
         where id = $1 and status = 'active' and password_hash = coalesce($8, password_hash)
         for share",
        Uuid::from(new.user_id),
        new.id.0,
        new.token_hash,
        new.client.address,
        new.client.agent,
        new.now.to_sqlx() as _,
        new.expires_at.to_sqlx() as _,
        new.password_hash,
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn touch(
    tx: &mut SystemTx,
    user_id: UserId,
    id: SessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.sessions set last_used_at = $3, expires_at = $4
         where user_id = $1 and id = $2",
        Uuid::from(user_id),
        id.0,
        now.to_sqlx() as _,
        expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the session of a cookie.
pub(crate) async fn delete_by_hash(
    tx: &mut SystemTx,
    token_hash: &[u8],
) -> Result<Option<UserId>, Error> {
    let user_id = sqlx::query_scalar!(
        "delete from identity.sessions where token_hash = $1 returning user_id",
        token_hash
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(user_id.map(UserId))
}

/// Ends a session of a person, with the tokens of its family.
pub(crate) async fn delete_of(
    tx: &mut SystemTx,
    user_id: UserId,
    id: SessionId,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.sessions where user_id = $1 and id = $2",
        Uuid::from(user_id),
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn count(tx: &mut SystemTx, user_id: UserId) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from identity.sessions where user_id = $1"#,
        Uuid::from(user_id)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(crate) async fn delete_all_of(tx: &mut SystemTx, user_id: UserId) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.sessions where user_id = $1",
        Uuid::from(user_id)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn delete_expired(tx: &mut SystemTx, now: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.sessions where expires_at <= $1",
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}

pub(crate) async fn delete_old_idempotency_keys(
    tx: &mut SystemTx,
    before: Timestamp,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from platform.idempotency_keys where created_at <= $1",
        before.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}

/// The live sessions of the person, the newest first, from after a session on.
pub(super) async fn list(
    tx: &mut UserTx,
    now: Timestamp,
    after: Option<SessionId>,
    limit: i64,
) -> Result<Vec<Session>, Error> {
    let rows = sqlx::query!(
        r#"select id, token_hash is null as "is_app!", agent, address, created_at, last_used_at,
                  expires_at
         from identity.sessions
         where user_id = platform.current_user_id()
             and expires_at > $1
             and ($2::uuid is null or id < $2)
         order by id desc
         limit $3"#,
        now.to_sqlx() as _,
        after.map(|id| id.0),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Session {
            id: SessionId(row.id),
            carrier: if row.is_app {
                Carrier::App
            } else {
                Carrier::Browser
            },
            agent: row.agent,
            address: row.address,
            created_at: row.created_at.to_jiff(),
            last_used_at: row.last_used_at.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
        })
        .collect())
}

/// Whether there was such a session of the person.
pub(super) async fn delete(tx: &mut UserTx, id: SessionId) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.sessions where user_id = platform.current_user_id() and id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// The same for a person whose unit of work is the system's.
pub(crate) async fn delete_others_of(
    tx: &mut SystemTx,
    user_id: UserId,
    except: Option<SessionId>,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.sessions where user_id = $1 and id is distinct from $2",
        Uuid::from(user_id),
        except.map(|id| id.0),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends all sessions of the person but the given one; without one, really all.
pub(crate) async fn delete_others(
    tx: &mut UserTx,
    except: Option<SessionId>,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.sessions
         where user_id = platform.current_user_id() and id is distinct from $1",
        except.map(|id| id.0),
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
