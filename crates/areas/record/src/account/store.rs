use db::{Channel, Error, Origin, SystemTx, UserId};
use futures::{Stream, TryStreamExt as _};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

/// A person who leaves.
pub(super) struct Leaver {
    pub(super) email: String,
    pub(super) is_admin: bool,
}

/// Those who run the instance, locked in one order: two of them cannot leave at the same time.
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

/// Those who run the instance.
pub(super) async fn list_admins(tx: &mut SystemTx) -> Result<Vec<Uuid>, Error> {
    Ok(sqlx::query_scalar!(
        "select id from identity.users where role = 'admin' and status = 'active' order by id"
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The person, unless the account is closed.
pub(super) async fn lock(tx: &mut SystemTx, user: UserId) -> Result<Option<Leaver>, Error> {
    Ok(sqlx::query_as!(
        Leaver,
        r#"select email, role = 'admin' as "is_admin!"
           from identity.users
           where id = $1 and status <> 'deleted'
           for update"#,
        user.0,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Hands the instance over; whether there is such a person besides the one who leaves.
pub(super) async fn promote(
    tx: &mut SystemTx,
    email: &str,
    leaver: UserId,
) -> Result<Option<UserId>, Error> {
    let id = sqlx::query_scalar!(
        "update identity.users set role = 'admin'
         where email = lower($1) and status = 'active' and id <> $2 and role <> 'agent'
         returning id",
        email,
        leaver.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(UserId))
}

/// Forgets the person.
pub(super) async fn erase(
    tx: &mut SystemTx,
    user: UserId,
    now: Timestamp,
    purge_after: Timestamp,
) -> Result<(), Error> {
    // Every booking with a note is changed once.
    sqlx::query!("set local statement_timeout = '10min'")
        .execute(tx.conn())
        .await?;
    sqlx::query!("select platform.erase_person($1)", user.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into platform.closed_accounts (user_id, closed_at, purge_after) values ($1, $2, $3)",
        user.0,
        now.to_sqlx() as _,
        purge_after.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    let origin = Origin::current();
    let deed = origin.as_deref().and_then(|origin| origin.deed.as_ref());
    let channel = deed.map_or(Channel::Command, |deed| deed.channel);
    // Where the request came from is forgotten with the rest.
    sqlx::query!(
        "select platform.add_activity($1, 'record.account.close', null, null, '{}', $2, null, null)",
        user.0,
        channel.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The closed account whose time ran out first.
pub(super) async fn next_to_purge(
    tx: &mut SystemTx,
    now: Timestamp,
) -> Result<Option<UserId>, Error> {
    let id = sqlx::query_scalar!(
        "select user_id from platform.closed_accounts
         where purged_at is null and purge_after <= $1
         order by purge_after, user_id
         limit 1
         for update skip locked",
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(UserId))
}

/// Deletes what was kept of a closed account; that it was one stays known.
pub(super) async fn purge(tx: &mut SystemTx, user: UserId, now: Timestamp) -> Result<(), Error> {
    sqlx::query!("set local statement_timeout = '10min'")
        .execute(tx.conn())
        .await?;
    sqlx::query!("select platform.purge_person($1)", user.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update platform.closed_accounts set purged_at = $2 where user_id = $1",
        user.0,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A table with rows of people.
pub(super) struct Table {
    /// With its schema.
    pub(super) name: String,
    /// The column that says whose a row is.
    pub(super) owner: String,
    pub(super) columns: Vec<String>,
    /// Columns of the primary key, in order.
    key: Vec<String>,
    /// Columns that are stored encrypted and belong to the person; what proves identities does not.
    pub(super) sealed: Vec<String>,
}

/// A row without what proves identities, and beside it what is stored encrypted.
pub(super) struct Row {
    pub(super) content: Value,
    /// The primary key.
    pub(super) key: Vec<String>,
    /// As long as [`Table::sealed`].
    pub(super) sealed: Vec<Option<Vec<u8>>>,
}

/// Every table with rows of people, as the catalogue knows them; partitions are part of their table.
pub(super) async fn tables(tx: &mut SystemTx) -> Result<Vec<Table>, Error> {
    sqlx::query!("set transaction isolation level repeatable read read only")
        .execute(tx.conn())
        .await?;
    // A large table is read while somebody takes it, piece by piece.
    sqlx::query!("set local statement_timeout = '1h'")
        .execute(tx.conn())
        .await?;
    Ok(sqlx::query_as!(
        Table,
        r#"select n.nspname || '.' || c.relname as "name!",
                  case when c.oid = 'identity.users'::regclass then 'id' else 'user_id' end as "owner!",
                  array(
                      select a.attname::text from pg_attribute a
                      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                      order by a.attnum
                  ) as "columns!",
                  array(
                      select k.attname::text
                      from pg_index i
                      cross join unnest(i.indkey::int2[]) with ordinality as p (number, place)
                      join pg_attribute k on k.attrelid = c.oid and k.attnum = p.number
                      where i.indrelid = c.oid and i.indisprimary
                      order by p.place
                  ) as "key!",
                  array(
                      select a.attname::text from pg_attribute a
                      where a.attrelid = c.oid and not a.attisdropped
                          and a.atttypid = 'platform.sealed'::regtype
                          and a.attname !~ '(password|secret|hash|recovery)'
                      order by a.attnum
                  ) as "sealed!"
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'p') and not c.relispartition
               and (c.oid = 'identity.users'::regclass
                    or exists (select from pg_attribute a
                               where a.attrelid = c.oid and a.attname = 'user_id' and not a.attisdropped))
           order by 1"#
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The rows of a person in a table, without what proves identities.
#[expect(
    clippy::disallowed_methods,
    reason = "the table comes from the catalogue, so that none is left out"
)]
pub(super) fn rows<'c>(
    tx: &'c mut SystemTx,
    table: &Table,
    user: UserId,
) -> impl Stream<Item = Result<Row, Error>> + use<'c> {
    // Safe to send: both names come from the catalogue, quoted here.
    let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let quoted: Vec<String> = table.name.split('.').map(quote).collect();
    let listed = |names: &[String], kind: &str| {
        let names: Vec<String> = names
            .iter()
            .map(|name| format!("t.{}::{kind}", quote(name)))
            .collect();
        format!("array[{}]::{kind}[]", names.join(", "))
    };
    let sql = format!(
        "select platform.without_secrets(to_jsonb(t)), {}, {} from {} t where t.{} = $1",
        listed(&table.key, "text"),
        listed(&table.sealed, "bytea"),
        quoted.join("."),
        quote(&table.owner)
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(user.0)
        .fetch(tx.conn())
        .map_err(Error::from)
        .and_then(|row| async move {
            Ok(Row {
                content: row.try_get(0)?,
                key: row.try_get(1)?,
                sealed: row.try_get(2)?,
            })
        })
}
