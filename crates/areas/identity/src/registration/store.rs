use db::{Error, SystemTx, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::{
    Policy,
    model::{NewAccount, Setting},
};

pub(super) async fn require(tx: &mut SystemTx) -> Result<Setting, Error> {
    let row = sqlx::query!("select policy, pinned from identity.registration")
        .fetch_one(tx.conn())
        .await?;
    let chosen = policy("policy", &row.policy)?;
    let pinned = row
        .pinned
        .as_deref()
        .map(|word| policy("pinned", word))
        .transpose()?;
    Ok(Setting {
        policy: pinned.unwrap_or(chosen),
        chosen,
        is_pinned: pinned.is_some(),
    })
}

fn policy(column: &'static str, word: &str) -> Result<Policy, Error> {
    word.parse()
        .map_err(|error: super::RegistrationError| Error::Inconsistent {
            table: "identity.registration",
            column,
            row: "the only one".to_owned(),
            reason: error.to_string(),
        })
}

pub(super) async fn update(tx: &mut SystemTx, policy: Policy) -> Result<(), Error> {
    sqlx::query!(
        "update identity.registration set policy = $1",
        policy.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_pinned(tx: &mut SystemTx, policy: Option<Policy>) -> Result<(), Error> {
    sqlx::query!(
        "update identity.registration set pinned = $1 where pinned is distinct from $1",
        policy.map(Policy::as_str),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Who has a referral code and an account that may be used.
pub(super) async fn get_referrer(tx: &mut SystemTx, code: &str) -> Result<Option<Uuid>, Error> {
    Ok(sqlx::query_scalar!(
        "select id from identity.users where referral_code = $1 and status = 'active'",
        code,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// What a new account has besides what every account has.
pub(super) async fn update_newcomer(
    tx: &mut SystemTx,
    id: UserId,
    account: &NewAccount,
    referred_by: Option<Uuid>,
    email_verified_at: Option<Timestamp>,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set username = $2, referred_by = $3, email_verified_at = $4 where id = $1",
        Uuid::from(id),
        account.username.as_ref().map(crate::profile::Username::as_str),
        referred_by,
        email_verified_at.map(ToSqlx::to_sqlx) as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
