use db::{Error, SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::model::{ProfileInput, ProfileView};
use crate::users::{Tier, store::role};

/// The own profile. `referrals` of others are not the person's to see, so they are counted apart.
pub(super) async fn require(tx: &mut UserTx, now: Timestamp) -> Result<ProfileView, Error> {
    let row = sqlx::query!(
        r#"select u.id, u.email, u.email_verified_at as "email_verified_at?", u.name, u.first_name,
                  u.last_name, u.username as "username?", u.wallet_address as "wallet_address?", u.role,
                  u.tier, u.tier_expires_at as "tier_expires_at?", u.referral_code,
                  exists (select from identity.avatars a where a.user_id = u.id) as "has_avatar!"
           from identity.users u
           where u.id = platform.current_user_id()"#
    )
    .fetch_one(tx.conn())
    .await?;
    let tier_expires_at = row.tier_expires_at.map(jiff_sqlx::Timestamp::to_jiff);
    Ok(ProfileView {
        email: row.email,
        email_verified_at: row.email_verified_at.map(jiff_sqlx::Timestamp::to_jiff),
        name: row.name,
        first_name: row.first_name,
        last_name: row.last_name,
        username: row.username,
        wallet_address: row.wallet_address,
        role: role(&row.role, row.id)?,
        tier: tier(&row.tier, row.id)?.at(now, tier_expires_at),
        tier_expires_at,
        referral_code: row.referral_code,
        referrals: 0,
        has_avatar: row.has_avatar,
    })
}

/// Reads a stored tier.
pub(super) fn tier(word: &str, user_id: Uuid) -> Result<Tier, Error> {
    Tier::parse(word).ok_or_else(|| Error::Inconsistent {
        table: "identity.users",
        column: "tier",
        row: user_id.to_string(),
        reason: format!("“{word}” is no tier"),
    })
}

pub(super) async fn count_referrals(tx: &mut SystemTx, user_id: UserId) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from identity.users where referred_by = $1"#,
        Uuid::from(user_id),
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn update(tx: &mut UserTx, input: &ProfileInput) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users
         set name = $1, first_name = $2, last_name = $3, username = $4, wallet_address = $5
         where id = platform.current_user_id()",
        input.name,
        input.first_name,
        input.last_name,
        input.username.as_ref().map(super::Username::as_str),
        input
            .wallet_address
            .as_ref()
            .map(super::WalletAddress::as_str),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes an address that was proved the one of its person. Returns the one before; `None` when the
/// account may not be used.
pub(super) async fn update_email(
    tx: &mut SystemTx,
    user_id: UserId,
    email: &str,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar!(
        r#"with before as (
               select id, email from identity.users where id = $1 and status = 'active' for update
           )
           update identity.users u
           set email = $2, email_verified_at = $3
           from before
           where u.id = before.id
           returning before.email as "email!""#,
        Uuid::from(user_id),
        email,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}
