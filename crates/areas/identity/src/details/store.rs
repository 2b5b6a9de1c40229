use db::{Error, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use seal::Sealed;

/// A sealed value with what names it: nothing, a country, or a provider.
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) value: Sealed,
    pub(super) updated_at: Timestamp,
}

pub(super) async fn get_phone(tx: &mut UserTx) -> Result<Option<Stored>, Error> {
    let row = sqlx::query!(
        r#"select phone::bytea as "phone!", updated_at from identity.phones
           where user_id = platform.current_user_id()"#
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Stored {
        name: String::new(),
        value: Sealed::from_bytes(row.phone),
        updated_at: row.updated_at.to_jiff(),
    }))
}

pub(super) async fn put_phone(
    tx: &mut UserTx,
    phone: &Sealed,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.phones (user_id, phone, updated_at)
         values (platform.current_user_id(), $1::bytea, $2)
         on conflict (user_id) do update set phone = excluded.phone, updated_at = excluded.updated_at",
        phone.as_bytes(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_phone(tx: &mut UserTx) -> Result<bool, Error> {
    let deleted =
        sqlx::query!("delete from identity.phones where user_id = platform.current_user_id()")
            .execute(tx.conn())
            .await?;
    Ok(deleted.rows_affected() == 1)
}

pub(super) async fn list_tax_ids(tx: &mut UserTx) -> Result<Vec<Stored>, Error> {
    let rows = sqlx::query!(
        r#"select country, tax_id::bytea as "tax_id!", updated_at from identity.tax_ids
           where user_id = platform.current_user_id()
           order by country"#
    )
    .fetch_all(tx.conn())
    .await?;
    let stored = rows.into_iter().map(|row| Stored {
        name: row.country,
        value: Sealed::from_bytes(row.tax_id),
        updated_at: row.updated_at.to_jiff(),
    });
    Ok(stored.collect())
}

pub(super) async fn put_tax_id(
    tx: &mut UserTx,
    country: &str,
    tax_id: &Sealed,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.tax_ids (user_id, country, tax_id, updated_at)
         values (platform.current_user_id(), $1, $2::bytea, $3)
         on conflict (user_id, country) do update
         set tax_id = excluded.tax_id, updated_at = excluded.updated_at",
        country,
        tax_id.as_bytes(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_tax_id(tx: &mut UserTx, country: &str) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.tax_ids where user_id = platform.current_user_id() and country = $1",
        country,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

pub(super) async fn list_provider_keys(tx: &mut UserTx) -> Result<Vec<Stored>, Error> {
    let rows = sqlx::query!(
        r#"select provider, api_key::bytea as "api_key!", updated_at from identity.provider_keys
           where user_id = platform.current_user_id()
           order by provider"#
    )
    .fetch_all(tx.conn())
    .await?;
    let stored = rows.into_iter().map(|row| Stored {
        name: row.provider,
        value: Sealed::from_bytes(row.api_key),
        updated_at: row.updated_at.to_jiff(),
    });
    Ok(stored.collect())
}

pub(super) async fn put_provider_key(
    tx: &mut UserTx,
    provider: &str,
    api_key: &Sealed,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.provider_keys (user_id, provider, api_key, updated_at)
         values (platform.current_user_id(), $1, $2::bytea, $3)
         on conflict (user_id, provider) do update
         set api_key = excluded.api_key, updated_at = excluded.updated_at",
        provider,
        api_key.as_bytes(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_provider_key(tx: &mut UserTx, provider: &str) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from identity.provider_keys
         where user_id = platform.current_user_id() and provider = $1",
        provider,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Where the person reads mail.
pub(super) async fn get_email(tx: &mut UserTx) -> Result<String, Error> {
    Ok(sqlx::query_scalar!(
        "select email from identity.users where id = platform.current_user_id()"
    )
    .fetch_one(tx.conn())
    .await?)
}
