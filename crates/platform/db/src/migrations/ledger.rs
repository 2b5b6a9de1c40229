//! The table of applied migrations.
#![expect(
    clippy::disallowed_methods,
    reason = "the migrator makes the schema that checked queries are checked against"
)]

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::Migration;
use crate::roles::{SYSTEM_ROLE, USER_ROLE};

/// Key of the advisory lock of the migrator.
const LOCK_KEY: i64 = 0x0062_7572_7361_7202;

/// A line of `platform.migrations`.
pub(super) struct Entry {
    pub(super) version: i64,
    pub(super) name: String,
    pub(super) checksum: Vec<u8>,
    pub(super) applied_at: Timestamp,
}

pub(super) async fn try_lock(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(LOCK_KEY)
        .fetch_one(connection)
        .await
}

/// Makes the schema and the table when they are missing.
pub(super) async fn ensure(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let exists: bool = sqlx::query_scalar("select to_regclass('platform.migrations') is not null")
        .fetch_one(&mut *connection)
        .await?;
    if exists {
        return Ok(());
    }
    let sql = format!(
        "begin;
         create schema if not exists platform;
         create table platform.migrations (
             version    bigint      not null constraint migrations_pkey primary key,
             name       text        not null,
             checksum   bytea       not null,
             applied_at timestamptz not null default now()
         );
         grant usage on schema platform to {USER_ROLE}, {SYSTEM_ROLE};
         grant select on platform.migrations to {SYSTEM_ROLE};
         commit"
    );
    super::execute(connection, &sql).await
}

/// What was applied, oldest first.
pub(super) async fn entries(connection: &mut PgConnection) -> Result<Vec<Entry>, sqlx::Error> {
    let rows = sqlx::query(
        "select version, name, checksum, applied_at from platform.migrations order by version",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Entry {
                version: row.try_get(0)?,
                name: row.try_get(1)?,
                checksum: row.try_get(2)?,
                applied_at: row.try_get::<jiff_sqlx::Timestamp, _>(3)?.to_jiff(),
            })
        })
        .collect()
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    migration: &Migration,
) -> Result<Timestamp, sqlx::Error> {
    let applied_at: jiff_sqlx::Timestamp = sqlx::query_scalar(
        "insert into platform.migrations (version, name, checksum) values ($1, $2, $3)
         returning applied_at",
    )
    .bind(migration.version)
    .bind(migration.name)
    .bind(migration.checksum().as_slice())
    .fetch_one(connection)
    .await?;
    Ok(applied_at.to_jiff())
}

pub(super) async fn delete(connection: &mut PgConnection, version: i64) -> Result<(), sqlx::Error> {
    sqlx::query("delete from platform.migrations where version = $1")
        .bind(version)
        .execute(connection)
        .await?;
    Ok(())
}
