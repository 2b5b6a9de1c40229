//! The migrator: schema changes up and down, embedded in the program.
//!
//! The rules for writing one are in `migrations/README.md`. Every change runs as `bursar_owner`, in
//! a transaction together with its entry in `platform.migrations`; a file whose first line is
//! `-- no-transaction` runs without, and is entered right after it. An advisory lock lets one process
//! migrate at a time.

mod ledger;

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use self::ledger::Entry;
use crate::error::sqlstate;
use crate::roles::OWNER_ROLE;
use crate::{Access, ArrangeError, Db, Error, time_series};

#[expect(
    clippy::unreadable_literal,
    reason = "versions read like the file names"
)]
static EMBEDDED: &[Migration] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// First line of a migration that cannot run in a transaction.
const NO_TRANSACTION: &str = "-- no-transaction";

/// One schema change with its way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Time of writing as YYYYMMDDHHMMSS; the order of application.
    pub version: i64,
    /// Area and change, from the file name.
    pub name: &'static str,
    /// SQL of the change.
    pub up: &'static str,
    /// SQL that undoes it.
    pub down: &'static str,
}

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Version of the migration.
    pub version: i64,
    /// Name of the migration.
    pub name: String,
    /// When it was applied; `None` while it is pending, or after it was undone.
    pub applied_at: Option<Timestamp>,
}

/// Why migrating failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database has migrations this program does not know.
    #[error(
        "the database has migration {version}_{name}, which this version of Bursar does not know; \
         use the newer Bursar that wrote it, or restore a backup made by this version"
    )]
    Newer {
        /// Version of the unknown migration.
        version: i64,
        /// Its name.
        name: String,
    },
    /// An applied migration is not what it was.
    #[error(
        "migration {version}_{name} was applied to this database with other contents; put the file \
         back as it was and write a new migration for the change"
    )]
    Changed {
        /// Version of the changed migration.
        version: i64,
        /// Its name.
        name: &'static str,
    },
    /// The SQL of a migration failed. Its transaction was rolled back.
    #[error("migration {version}_{name} failed {direction}: {source}")]
    Failed {
        /// Version of the failed migration.
        version: i64,
        /// Its name.
        name: &'static str,
        /// Whether it was being applied (`up`) or undone (`down`).
        direction: &'static str,
        /// The server's words.
        source: sqlx::Error,
    },
    /// The time series cannot take the form that the server has for them.
    #[error(transparent)]
    Arrange(#[from] ArrangeError),
    /// The server refused something else.
    #[error(transparent)]
    Database(#[from] Error),
}

/// A set of migrations in order.
#[derive(Debug, Clone)]
pub struct Migrator {
    migrations: Vec<Migration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Migration {
    /// Fingerprint of the change: SHA-256 of the up file.
    pub fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.up).into()
    }
}

impl Migrator {
    /// The migrations of this program.
    pub fn embedded() -> Self {
        Self::new(EMBEDDED.to_vec())
    }

    /// Any set of migrations.
    pub fn new(mut migrations: Vec<Migration>) -> Self {
        migrations.sort_by_key(|migration| migration.version);
        Self { migrations }
    }

    /// The migrations of this set up to and including a version.
    #[must_use]
    pub fn up_to(&self, version: i64) -> Self {
        let migrations = self
            .migrations
            .iter()
            .filter(|m| m.version <= version)
            .cloned()
            .collect();
        Self { migrations }
    }

    /// The migrations of this set, oldest first.
    pub fn migrations(&self) -> &[Migration] {
        &self.migrations
    }

    /// Fingerprint of the whole set, short enough for a name.
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for migration in &self.migrations {
            hasher.update(migration.version.to_be_bytes());
            hasher.update(migration.checksum());
        }
        let digest: [u8; 32] = hasher.finalize().into();
        digest
            .iter()
            .take(8)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// Applies what is pending, oldest first, and gives the time series the form that the server has for
    /// them; returns what was applied.
    pub async fn migrate(&self, access: &Access) -> Result<Vec<Status>, MigrateError> {
        let mut connection = open(access).await?;
        let applied = self.apply(&mut connection).await?;
        time_series::arrange(&mut connection).await?;
        close(connection).await?;
        Ok(applied)
    }

    /// The same with the time series in partitions, whatever the server has: for references that have to be
    /// the same everywhere.
    pub async fn migrate_in_partitions(
        &self,
        access: &Access,
    ) -> Result<Vec<Status>, MigrateError> {
        let mut connection = open(access).await?;
        let applied = self.apply(&mut connection).await?;
        close(connection).await?;
        Ok(applied)
    }

    async fn apply(&self, connection: &mut PgConnection) -> Result<Vec<Status>, MigrateError> {
        let entries = self.checked_entries(connection).await?;
        let mut applied = Vec::new();
        for migration in &self.migrations {
            if !entries
                .iter()
                .any(|entry| entry.version == migration.version)
            {
                let applied_at = run(connection, migration, Direction::Up).await?;
                applied.push(Status::of(migration, applied_at));
            }
        }
        Ok(applied)
    }

    /// Undoes the newest `steps` migrations, newest first; returns them.
    pub async fn rollback(
        &self,
        access: &Access,
        steps: usize,
    ) -> Result<Vec<Status>, MigrateError> {
        let mut connection = open(access).await?;
        let entries = self.checked_entries(&mut connection).await?;
        let mut undone = Vec::new();
        for entry in entries.iter().rev().take(steps) {
            let migration = self.require(entry)?;
            run(&mut connection, migration, Direction::Down).await?;
            undone.push(Status::of(migration, None));
        }
        close(connection).await?;
        Ok(undone)
    }

    /// Undoes everything and applies everything: all data is lost. Returns what was applied.
    pub async fn reset(&self, access: &Access) -> Result<Vec<Status>, MigrateError> {
        self.rollback(access, usize::MAX).await?;
        self.migrate(access).await
    }

    /// All migrations with their state, oldest first.
    pub async fn status(&self, access: &Access) -> Result<Vec<Status>, MigrateError> {
        let mut connection = open(access).await?;
        let entries = self.checked_entries(&mut connection).await?;
        close(connection).await?;
        Ok(self.describe(&entries))
    }

    /// The same through the program's login, which needs no rights of the owner.
    pub async fn status_through(&self, db: &Db) -> Result<Vec<Status>, MigrateError> {
        let mut tx = db.system("list the migrations").await?;
        let entries = self.checked_entries(tx.conn()).await?;
        Ok(self.describe(&entries))
    }

    fn describe(&self, entries: &[Entry]) -> Vec<Status> {
        let applied_at = |migration: &Migration| {
            entries
                .iter()
                .find(|entry| entry.version == migration.version)
                .map(|entry| entry.applied_at)
        };
        self.migrations
            .iter()
            .map(|m| Status::of(m, applied_at(m)))
            .collect()
    }

    /// Whether the database has exactly the migrations of this set: the question of `/readyz`,
    /// asked with the program's login.
    pub async fn is_current(&self, db: &Db) -> Result<bool, Error> {
        let mut tx = db.system("compare the schema with the program").await?;
        let entries = match ledger::entries(tx.conn()).await {
            // A database that was never migrated has no table to read.
            Err(error) if matches!(sqlstate(&error).as_str(), "42P01" | "3F000" | "42501") => {
                return Ok(false);
            }
            entries => entries?,
        };
        let known = self
            .migrations
            .iter()
            .map(|m| (m.version, m.checksum().to_vec()));
        Ok(known.eq(entries
            .into_iter()
            .map(|entry| (entry.version, entry.checksum))))
    }

    /// What the database has, after making sure that this set fits it.
    async fn checked_entries(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Vec<Entry>, MigrateError> {
        let entries = ledger::entries(connection).await.map_err(Error::from)?;
        for entry in &entries {
            let migration = self.require(entry)?;
            if entry.checksum != migration.checksum() {
                let (version, name) = (migration.version, migration.name);
                return Err(MigrateError::Changed { version, name });
            }
        }
        Ok(entries)
    }

    fn require(&self, entry: &Entry) -> Result<&Migration, MigrateError> {
        self.migrations
            .iter()
            .find(|migration| migration.version == entry.version)
            .ok_or_else(|| MigrateError::Newer {
                version: entry.version,
                name: entry.name.clone(),
            })
    }
}

impl Status {
    fn of(migration: &Migration, applied_at: Option<Timestamp>) -> Self {
        Self {
            version: migration.version,
            name: migration.name.to_owned(),
            applied_at,
        }
    }
}

/// A connection as `bursar_owner` that holds the migration lock and finds the ledger in place.
async fn open(access: &Access) -> Result<PgConnection, MigrateError> {
    let mut connection = access
        .owner_options()
        .connect()
        .await
        .map_err(Error::from)?;
    let become_owner = format!("set role {OWNER_ROLE}");
    execute(&mut connection, &become_owner)
        .await
        .map_err(Error::from)?;
    // Polled, because a session that waits inside the server blocks `create index concurrently`.
    while !ledger::try_lock(&mut connection)
        .await
        .map_err(Error::from)?
    {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ledger::ensure(&mut connection).await.map_err(Error::from)?;
    Ok(connection)
}

async fn close(connection: PgConnection) -> Result<(), Error> {
    // The server frees the lock with the session; waiting for the end keeps the order visible.
    connection.close().await.map_err(Error::from)
}

async fn run(
    connection: &mut PgConnection,
    migration: &Migration,
    direction: Direction,
) -> Result<Option<Timestamp>, MigrateError> {
    let (sql, word) = match direction {
        Direction::Up => (migration.up, "up"),
        Direction::Down => (migration.down, "down"),
    };
    let failed = |source| MigrateError::Failed {
        version: migration.version,
        name: migration.name,
        direction: word,
        source,
    };
    let mut applied_at = None;
    if sql.starts_with(NO_TRANSACTION) {
        execute(connection, sql).await.map_err(failed)?;
        let mut tx = connection.begin().await.map_err(failed)?;
        record(&mut tx, migration, direction, &mut applied_at)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
    } else {
        let mut tx = connection.begin().await.map_err(failed)?;
        execute(&mut tx, sql).await.map_err(failed)?;
        record(&mut tx, migration, direction, &mut applied_at)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
    }
    tracing::info!(
        version = migration.version,
        name = migration.name,
        "migrated {word}"
    );
    Ok(applied_at)
}

async fn record(
    connection: &mut PgConnection,
    migration: &Migration,
    direction: Direction,
    applied_at: &mut Option<Timestamp>,
) -> Result<(), sqlx::Error> {
    match direction {
        Direction::Up => *applied_at = Some(ledger::insert(connection, migration).await?),
        Direction::Down => ledger::delete(connection, migration.version).await?,
    }
    Ok(())
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    // Safe to send: the program's own text.
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}
