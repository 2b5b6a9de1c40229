use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgConnection;
use uuid::Uuid;
use web::Choice as _;

use super::{NewUser, Role, Status, User};
use crate::preferences::Preferences;

/// What sign-in needs to know about a person.
pub(crate) struct Login {
    pub(crate) id: Uuid,
    pub(crate) password_hash: String,
}

/// The dearest bcrypt hash that was imported and not replaced yet, as its cost.
pub(crate) async fn get_bcrypt_cost(tx: &mut SystemTx) -> Result<Option<u32>, Error> {
    let cost = sqlx::query_scalar!(
        "select max(substr(password_hash, 5, 2)) from identity.users where password_hash like '$2%'"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(cost.and_then(|cost| cost.parse().ok()))
}

/// Whether the hash was still the one that was verified, and is now replaced.
pub(crate) async fn replace_password(
    tx: &mut SystemTx,
    id: UserId,
    old_hash: &str,
    new_hash: &str,
) -> Result<bool, Error> {
    let updated = sqlx::query!(
        "update identity.users set password_hash = $3 where id = $1 and password_hash = $2",
        Uuid::from(id),
        old_hash,
        new_hash,
    )
    .execute(tx.conn())
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(crate) async fn insert(
    tx: &mut SystemTx,
    new: &NewUser,
    role: Role,
    password_hash: &str,
    preferences: &Preferences,
) -> Result<UserId, Error> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into identity.users (id, email, name, password_hash, role)
         values ($1, $2, $3, $4, $5)",
        id,
        new.email.as_str(),
        new.name,
        password_hash,
        role.as_str(),
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into identity.preferences (user_id, base_currency, locale, theme, hide_amounts)
         values ($1, $2, $3, $4, $5)",
        id,
        preferences.base_currency.as_str(),
        preferences.formats.locale.tag(),
        preferences.theme.as_str(),
        preferences.hide_amounts,
    )
    .execute(tx.conn())
    .await?;
    Ok(UserId(id))
}

/// Whether somebody in use runs the instance.
pub(crate) async fn has_admin(tx: &mut SystemTx) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from identity.users where role = 'admin' and status = 'active'
           ) as "exists!""#
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Everybody, the oldest account first.
pub(crate) async fn list(tx: &mut SystemTx) -> Result<Vec<User>, Error> {
    let rows = sqlx::query!(
        "select id, email, name, role, status, created_at, last_signed_in_at
         from identity.users
         order by created_at, id"
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(User {
                id: UserId(row.id),
                email: row.email,
                name: row.name,
                role: role(&row.role, row.id)?,
                status: row.status,
                created_at: row.created_at.to_jiff(),
                last_signed_in_at: row.last_signed_in_at.map(jiff_sqlx::Timestamp::to_jiff),
            })
        })
        .collect()
}

/// Reads a stored role.
pub(crate) fn role(word: &str, user_id: Uuid) -> Result<Role, Error> {
    Role::parse(word).ok_or_else(|| Error::Inconsistent {
        table: "identity.users",
        column: "role",
        row: user_id.to_string(),
        reason: format!("“{word}” is no role"),
    })
}

pub(crate) async fn get_login(tx: &mut SystemTx, email: &str) -> Result<Option<Login>, Error> {
    Ok(sqlx::query_as!(
        Login,
        "select id, password_hash from identity.users where email = $1 and status = 'active'",
        email,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Whether an account may be used, and its password hash.
pub(crate) async fn require_standing(
    tx: &mut SystemTx,
    id: UserId,
) -> Result<(Status, String), Error> {
    let row = sqlx::query!(
        "select status, password_hash from identity.users where id = $1",
        Uuid::from(id)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((status(&row.status, id.into())?, row.password_hash))
}

/// Writes down that the address of an account is proved.
pub(crate) async fn update_verified(
    tx: &mut SystemTx,
    id: UserId,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set email_verified_at = $2 where id = $1",
        Uuid::from(id),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn get_id(tx: &mut SystemTx, email: &str) -> Result<Option<UserId>, Error> {
    let id = sqlx::query_scalar!("select id from identity.users where email = $1", email)
        .fetch_optional(tx.conn())
        .await?;
    Ok(id.map(UserId))
}

/// An account as far as mail needs to know it.
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) status: Status,
}

pub(crate) async fn get_account(tx: &mut SystemTx, email: &str) -> Result<Option<Account>, Error> {
    let row = sqlx::query!(
        "select id, status from identity.users where email = $1",
        email
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        Ok(Account {
            id: UserId(row.id),
            status: status(&row.status, row.id)?,
        })
    })
    .transpose()
}

/// Reads a stored status.
pub(crate) fn status(word: &str, user_id: Uuid) -> Result<Status, Error> {
    Status::parse(word).ok_or_else(|| Error::Inconsistent {
        table: "identity.users",
        column: "status",
        row: user_id.to_string(),
        reason: format!("“{word}” is no status"),
    })
}

pub(crate) async fn require_email(tx: &mut SystemTx, id: UserId) -> Result<String, Error> {
    Ok(sqlx::query_scalar!(
        "select email from identity.users where id = $1",
        Uuid::from(id)
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The address of somebody whose account may be used.
pub(super) async fn get_active_email(
    tx: &mut SystemTx,
    id: UserId,
) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar!(
        "select email from identity.users where id = $1 and status = 'active'",
        Uuid::from(id)
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(crate) async fn update_password(
    tx: &mut SystemTx,
    id: UserId,
    password_hash: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set password_hash = $2 where id = $1",
        Uuid::from(id),
        password_hash,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn update_last_signed_in(
    tx: &mut SystemTx,
    id: UserId,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set last_signed_in_at = $2 where id = $1",
        Uuid::from(id),
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn require_own_password(tx: &mut UserTx) -> Result<String, Error> {
    Ok(sqlx::query_scalar!(
        "select password_hash from identity.users where id = platform.current_user_id()"
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Lets one unit of work at a time decide how the person gets in.
pub(crate) async fn lock_own(tx: &mut UserTx) -> Result<(), Error> {
    let user_id = tx.user();
    lock_password(tx.conn(), user_id).await?;
    Ok(())
}

/// The password hash of a person, who is locked until the unit of work ends.
pub(crate) async fn lock_password(
    connection: &mut PgConnection,
    id: UserId,
) -> Result<String, Error> {
    Ok(sqlx::query_scalar!(
        "select password_hash from identity.users where id = $1 for no key update",
        Uuid::from(id)
    )
    .fetch_one(connection)
    .await?)
}

pub(super) async fn update_own_name(tx: &mut UserTx, name: &str) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set name = $1 where id = platform.current_user_id()",
        name,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
