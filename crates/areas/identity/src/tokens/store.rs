use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::{Scope, Token, TokenId};
use crate::sessions::store::FoundRow;

/// The token of a request, unless its time is over, with everything the request needs to know about its
/// person.
pub(crate) async fn get(
    tx: &mut SystemTx,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<FoundRow>, Error> {
    Ok(sqlx::query_as!(
        FoundRow,
        r#"select t.id, t.scope as "scope?",
                  t.last_used_at, u.id as user_id, u.email, u.name, u.role, u.status,
                  to_jsonb(p) - 'user_id' - 'updated_at' as "preferences!", null::text as "agent?",
                  t.created_at, null::bytea as "refresh_hash?"
           from identity.tokens t
           join identity.users u on u.id = t.user_id
           join identity.preferences p on p.user_id = t.user_id
           where t.token_hash = $1 and (t.expires_at is null or t.expires_at > $2)"#,
        token_hash,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(crate) async fn touch(
    tx: &mut SystemTx,
    user_id: UserId,
    id: Uuid,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.tokens set last_used_at = $3 where user_id = $1 and id = $2",
        Uuid::from(user_id),
        id,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert(tx: &mut UserTx, token: &Token, token_hash: &[u8]) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.tokens
             (user_id, id, name, prefix, token_hash, scope, created_at, expires_at)
         values (platform.current_user_id(), $1, $2, $3, $4, $5, $6, $7)",
        token.id.0,
        token.name,
        token.prefix,
        token_hash,
        token.scope.as_str(),
        token.created_at.to_sqlx() as _,
        token.expires_at.map(ToSqlx::to_sqlx) as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Reads a stored scope.
pub(crate) fn scope(word: &str, token: Uuid) -> Result<Scope, Error> {
    Scope::parse(word).ok_or_else(|| Error::Inconsistent {
        table: "identity.tokens",
        column: "scope",
        row: token.to_string(),
        reason: format!("“{word}” is no scope"),
    })
}

/// Tokens of the person, the newest first, from after a token on.
pub(super) async fn list(
    tx: &mut UserTx,
    after: Option<TokenId>,
    limit: i64,
) -> Result<Vec<Token>, Error> {
    let rows = sqlx::query!(
        "select id, name, prefix, scope, created_at, expires_at, last_used_at
         from identity.tokens
         where user_id = platform.current_user_id() and ($1::uuid is null or id < $1)
         order by id desc
         limit $2",
        after.map(|id| id.0),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Token {
                id: TokenId(row.id),
                scope: scope(&row.scope, row.id)?,
                name: row.name,
                prefix: row.prefix,
                created_at: row.created_at.to_jiff(),
                expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
                last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
            })
        })
        .collect()
}

/// Whether there was such a token of the person.
pub(super) async fn delete(tx: &mut UserTx, id: TokenId) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.tokens where user_id = platform.current_user_id() and id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Ends all tokens of a person.
pub(crate) async fn delete_all_of(tx: &mut SystemTx, user_id: UserId) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.tokens where user_id = $1",
        Uuid::from(user_id)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes tokens whose time was over then; returns how many.
pub(crate) async fn delete_expired(tx: &mut SystemTx, then: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.tokens where expires_at <= $1",
        then.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
