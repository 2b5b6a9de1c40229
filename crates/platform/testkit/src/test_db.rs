//! The database of one test.

use std::time::Duration;

use anyhow::{Context as _, Result};
use db::migrations::Migrator;
use db::{Access, Db};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions as _, Connection as _};
use uuid::Uuid;

use crate::kit::{Kit, execute};

/// A database that belongs to one test and is dropped with it.
#[derive(Debug)]
pub struct TestDb {
    access: Access,
    db: Db,
}

impl TestDb {
    /// A database with all migrations applied. Panics when there is none to have.
    pub async fn new() -> Self {
        expect(Self::migrated().await)
    }

    /// A database with the migrations up to and including a version; 0 for none. For tests that
    /// seed old rows, migrate and look. Panics when there is none to have.
    pub async fn at(version: i64) -> Self {
        expect(Self::migrated_to(version).await)
    }

    /// The door of the program: its login, no superuser.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// How to reach the database.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The migrations of the program.
    pub fn migrator(&self) -> Migrator {
        Migrator::embedded()
    }

    /// A superuser's connection, for laws over the catalogue and for preparations that the program
    /// could not make. Row-level security does not apply to it.
    pub async fn owner_connection(&self) -> PgConnection {
        let connection = self.access.owner_options().connect().await;
        expect(connection.context("cannot connect as superuser"))
    }

    /// Whether the time series are hypertables here, because the server has TimescaleDB; otherwise they are
    /// in partitions. The one place where a test learns it.
    #[expect(
        clippy::disallowed_methods,
        reason = "asks the catalogue, which no schema describes"
    )]
    pub async fn has_hypertables(&self) -> bool {
        let sql =
            "select exists (select from platform.partitioned_tables t where t.chunk is not null
             and platform.is_hypertable(format('%I.%I', t.schema_name, t.name)))";
        let mut connection = self.owner_connection().await;
        let answer = sqlx::query_scalar(sql).fetch_one(&mut connection).await;
        expect(answer.context("cannot ask for the form of the time series"))
    }

    async fn migrated() -> Result<Self> {
        let kit = Kit::get().await?;
        let name = fresh_name();
        kit.create_from_template(&name).await?;
        Self::connect(kit, &name).await
    }

    async fn migrated_to(version: i64) -> Result<Self> {
        let kit = Kit::get().await?;
        let name = fresh_name();
        let mut connection = kit.maintenance().await?;
        kit.create_empty(&mut connection, &name).await?;
        connection.close().await?;
        kit.migrator()
            .up_to(version)
            .migrate(&kit.access().with_database(&name))
            .await?;
        Self::connect(kit, &name).await
    }

    async fn connect(kit: &Kit, name: &str) -> Result<Self> {
        let access = kit.access().with_database(name);
        let db = Db::connect(&access)
            .await
            .context("cannot connect as the program's login")?;
        Ok(Self { access, db })
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let options = self.access.owner_options().database("postgres");
        let name = self.access.database().to_owned();
        let sql = format!("drop database if exists {name} with (force)");
        // A runtime of its own, because the one of the test may be this thread's.
        let dropping = std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut connection = options.connect().await?;
                end_sessions(&mut connection, &name).await?;
                execute(&mut connection, &sql).await?;
                connection.close().await?;
                Ok(())
            })
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            // The sweep will find it; the test has its own verdict.
            Ok(Err(error)) => eprintln!("cannot drop {}: {error:#}", self.access.database()),
            Err(_) => eprintln!("panicked while dropping {}", self.access.database()),
        }
    }
}

/// Ends the sessions in a database and waits until they are gone: `drop database … with (force)`
/// alone looks only every 100 ms.
#[expect(
    clippy::disallowed_methods,
    reason = "asks about the cluster, which no schema describes"
)]
async fn end_sessions(connection: &mut PgConnection, name: &str) -> Result<()> {
    let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1";
    for _ in 0..200 {
        let sessions: i64 = sqlx::query_scalar(sql)
            .bind(name)
            .fetch_one(&mut *connection)
            .await?;
        if sessions == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// A database with all migrations that checked queries can be checked against; returns the URL of
/// its superuser. It is the same one until a migration changes, so several builds may use it at once.
pub async fn check_database() -> Result<String> {
    let kit = Kit::get().await?;
    let name = format!("check_{}", kit.migrator().fingerprint());
    kit.create_in_partitions(&name).await?;
    Ok(kit.access().with_database(&name).owner_url())
}

fn fresh_name() -> String {
    format!("test_{}", Uuid::new_v4().simple())
}

#[expect(clippy::panic, reason = "a test without its database has failed")]
fn expect<T>(outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("no test database: {error:#}"))
}
