use db::{Error, SystemTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::{Filter, Person, PersonId, TierGrant};
use crate::users::{
    Role, Status, Tier,
    store::{role, status},
};

struct Row {
    id: Uuid,
    email: String,
    email_verified_at: Option<jiff_sqlx::Timestamp>,
    name: String,
    first_name: String,
    last_name: String,
    username: Option<String>,
    role: String,
    status: String,
    tier: String,
    tier_expires_at: Option<jiff_sqlx::Timestamp>,
    referral_code: String,
    referred_by: Option<Uuid>,
    created_at: jiff_sqlx::Timestamp,
    last_signed_in_at: Option<jiff_sqlx::Timestamp>,
}

impl Row {
    fn person(self, now: Timestamp) -> Result<Person, Error> {
        let granted_tier = Tier::parse(&self.tier).ok_or_else(|| Error::Inconsistent {
            table: "identity.users",
            column: "tier",
            row: self.id.to_string(),
            reason: format!("“{}” is no tier", self.tier),
        })?;
        let tier_expires_at = self.tier_expires_at.map(jiff_sqlx::Timestamp::to_jiff);
        Ok(Person {
            id: PersonId(self.id),
            email: self.email,
            email_verified_at: self.email_verified_at.map(jiff_sqlx::Timestamp::to_jiff),
            name: self.name,
            first_name: self.first_name,
            last_name: self.last_name,
            username: self.username,
            role: role(&self.role, self.id)?,
            status: status(&self.status, self.id)?,
            tier: granted_tier.at(now, tier_expires_at),
            granted_tier,
            tier_expires_at,
            referral_code: self.referral_code,
            referred_by: self.referred_by.map(PersonId),
            created_at: self.created_at.to_jiff(),
            last_signed_in_at: self.last_signed_in_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

/// People who fit, the oldest account first, from after one on.
pub(super) async fn list(
    tx: &mut SystemTx,
    filter: &Filter,
    now: Timestamp,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Person>, Error> {
    let text = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let text = text.map(|q| db::sought(&q.to_lowercase()).into_owned());
    let rows = sqlx::query_as!(
        Row,
        r#"select id, email, email_verified_at as "email_verified_at?", name, first_name, last_name,
                  username as "username?", role, status, tier, tier_expires_at as "tier_expires_at?",
                  referral_code, referred_by as "referred_by?", created_at,
                  last_signed_in_at as "last_signed_in_at?"
           from identity.users
           where ($1::uuid is null or id > $1)
               and ($2::text is null or position($2 in lower(concat_ws(
                   ' ', email, username, name, first_name, last_name
               ))) > 0)
               and ($3::text is null or role = $3)
               and ($4::text is null or status = $4)
           order by id
           limit $5"#,
        after.map(|id| id.0),
        text,
        filter.role.map(Role::as_str),
        filter.status.map(Status::as_str),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| row.person(now)).collect()
}

pub(super) async fn get(
    tx: &mut SystemTx,
    id: PersonId,
    now: Timestamp,
) -> Result<Option<Person>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select id, email, email_verified_at as "email_verified_at?", name, first_name, last_name,
                  username as "username?", role, status, tier, tier_expires_at as "tier_expires_at?",
                  referral_code, referred_by as "referred_by?", created_at,
                  last_signed_in_at as "last_signed_in_at?"
           from identity.users
           where id = $1"#,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| row.person(now)).transpose()
}

/// The administrators in use. Locked in one order, so that two who take each other's role away at once
/// do so one after the other.
pub(super) async fn lock_admins(tx: &mut SystemTx) -> Result<Vec<Uuid>, Error> {
    Ok(sqlx::query_scalar!(
        "select id from identity.users
         where role = 'admin' and status = 'active'
         order by id
         for update"
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Another address, which nobody has proved.
pub(super) async fn update_email(
    tx: &mut SystemTx,
    id: PersonId,
    email: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set email = $2, email_verified_at = null where id = $1",
        id.0,
        email,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_role(tx: &mut SystemTx, id: PersonId, role: Role) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set role = $2 where id = $1",
        id.0,
        role.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_status(
    tx: &mut SystemTx,
    id: PersonId,
    status: Status,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set status = $2 where id = $1",
        id.0,
        status.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_tier(
    tx: &mut SystemTx,
    id: PersonId,
    grant: TierGrant,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set tier = $2, tier_expires_at = $3 where id = $1",
        id.0,
        grant.tier().as_str(),
        grant.expires_at().map(ToSqlx::to_sqlx) as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
