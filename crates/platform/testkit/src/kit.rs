//! The cluster that all tests share, and the template in it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use config::{DataDir, Profile};
use db::migrations::Migrator;
use db::roles::OWNER_ROLE;
use db::{Access, Cluster, ClusterOptions, TimescaleDb};
use nix::sys::statvfs::statvfs;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::sync::OnceCell;

/// Bytes of a directory in memory that can hold the test cluster.
const ROOMY: u64 = 4 << 30;
/// Key of the advisory lock under which the template is built.
const TEMPLATE_LOCK: i64 = 0x0062_7572_7361_7210;

/// Databases of tests that were killed, and templates of migrations that nobody has any more.
const LEFTOVERS: &str = r"
    select datname from pg_database
    where (datname like 'test\_%' or datname like 'tpl\_%' or datname like 'check\_%')
        and (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification
            < now() - case when datname like 'test\_%' then interval '1 hour' else interval '2 days' end";

/// Not dropped at the end of the process: the server runs on for the next one.
static KIT: OnceCell<Kit> = OnceCell::const_new();

pub(crate) struct Kit {
    cluster: Cluster,
    migrator: Migrator,
    template: String,
}

/// Starts the shared cluster, or finds it running, and returns the way into its `bursar` database.
pub async fn start_cluster() -> Result<Access> {
    Ok(Kit::get().await?.access())
}

/// Stops the shared cluster, whoever uses it. Returns whether it ran.
pub fn stop_cluster() -> Result<bool> {
    db::cluster::stop(&data_dir()?).context("cannot stop the test cluster")
}

fn data_dir() -> Result<DataDir> {
    let path = scratch_directory().join(format!("bursar-testkit-{}", nix::unistd::geteuid()));
    DataDir::open(Some(&path), Profile::Live)
        .context("cannot make the directory of the test cluster")
}

/// A directory in memory where there is a roomy one: a new database is three hundred small files,
/// which takes a disk ten times as long. The size decides, not what is free, so that all processes
/// come to the same place.
fn scratch_directory() -> PathBuf {
    let in_memory = Path::new("/dev/shm");
    let size = statvfs(in_memory).map_or(0, |fs| fs.blocks() * fs.fragment_size());
    if size >= ROOMY {
        in_memory.to_path_buf()
    } else {
        std::env::temp_dir()
    }
}

impl Kit {
    pub(crate) async fn get() -> Result<&'static Self> {
        KIT.get_or_try_init(Self::open).await
    }

    async fn open() -> Result<Self> {
        let options = ClusterOptions {
            durable: false,
            loads_timescaledb: true,
        };
        let cluster = Cluster::open(&data_dir()?, options)
            .await
            .context("cannot start the test cluster")?;
        let migrator = Migrator::embedded();
        let template = template_name(&cluster, &migrator).await?;
        Ok(Self {
            cluster,
            migrator,
            template,
        })
    }

    pub(crate) fn access(&self) -> Access {
        self.cluster.access()
    }

    pub(crate) fn migrator(&self) -> &Migrator {
        &self.migrator
    }

    /// The superuser, connected to a database that is nobody's.
    pub(crate) async fn maintenance(&self) -> Result<PgConnection> {
        let options = self.access().owner_options().database("postgres");
        options
            .connect()
            .await
            .context("cannot connect to the test cluster")
    }

    /// Copies the template to a new database, unless that exists; builds the template when it is
    /// missing.
    pub(crate) async fn create_from_template(&self, name: &str) -> Result<()> {
        let mut connection = self.maintenance().await?;
        let sql = format!(
            "create database {name} template {} strategy file_copy owner {OWNER_ROLE}",
            self.template
        );
        let mut created = execute(&mut connection, &sql).await;
        // 3D000: no template yet; 42704: not even the roles, on a cluster that was never used.
        if has_state(&created, "3D000") || has_state(&created, "42704") {
            self.build(&mut connection, &self.template, Form::OfServer)
                .await?;
            created = execute(&mut connection, &sql).await;
        }
        if has_state(&created, "42P04") {
            return Ok(());
        }
        created.with_context(|| format!("cannot create {name} from {}", self.template))?;
        connection.close().await?;
        Ok(())
    }

    /// Creates a database with roles and grants and nothing else.
    pub(crate) async fn create_empty(
        &self,
        connection: &mut PgConnection,
        name: &str,
    ) -> Result<()> {
        // The owner role comes with the first database of the cluster.
        db::roles::ensure(&self.access()).await?;
        execute(
            connection,
            &format!("create database {name} owner {OWNER_ROLE}"),
        )
        .await?;
        db::roles::ensure(&self.access().with_database(name)).await?;
        Ok(())
    }

    /// Creates a database with all migrations and the time series in partitions, unless it exists: what
    /// is generated from it is the same on every server.
    pub(crate) async fn create_in_partitions(&self, name: &str) -> Result<()> {
        let mut connection = self.maintenance().await?;
        if !exists(&mut connection, name).await? {
            self.build(&mut connection, name, Form::Partitions).await?;
        }
        connection.close().await?;
        Ok(())
    }

    async fn build(&self, connection: &mut PgConnection, name: &str, form: Form) -> Result<()> {
        execute(
            connection,
            &format!("select pg_advisory_lock({TEMPLATE_LOCK})"),
        )
        .await?;
        sweep(connection).await?;
        let unfinished = format!("{name}_unfinished");
        execute(
            connection,
            &format!("drop database if exists {unfinished} with (force)"),
        )
        .await?;
        self.create_empty(connection, &unfinished).await?;
        let access = self.access().with_database(&unfinished);
        match form {
            Form::OfServer => self.migrator.migrate(&access).await?,
            Form::Partitions => self.migrator.migrate_in_partitions(&access).await?,
        };
        let renamed = execute(
            connection,
            &format!("alter database {unfinished} rename to {name}"),
        )
        .await;
        // Whoever waited for the lock finds it there.
        if !has_state(&renamed, "42P04") {
            renamed?;
            if matches!(form, Form::OfServer) {
                // It is a template.
                execute(
                    connection,
                    &format!("alter database {name} allow_connections false"),
                )
                .await?;
            }
        }
        execute(
            connection,
            &format!("select pg_advisory_unlock({TEMPLATE_LOCK})"),
        )
        .await?;
        Ok(())
    }
}

/// In which form a database has the time series.
#[derive(Clone, Copy)]
enum Form {
    OfServer,
    Partitions,
}

/// Named after the migrations and the TimescaleDB of the server, for either may change while the cluster stays.
async fn template_name(cluster: &Cluster, migrator: &Migrator) -> Result<String> {
    let options = cluster.access().owner_options().database("postgres");
    let mut connection = options
        .connect()
        .await
        .context("cannot connect to the test cluster")?;
    let form = match db::timescaledb(&mut connection).await? {
        TimescaleDb::Usable { version, .. } => {
            format!(
                "_{}",
                version.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
            )
        }
        _ => String::new(),
    };
    connection.close().await?;
    Ok(format!("tpl_{}{form}", migrator.fingerprint()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "asks about the cluster, which no schema describes"
)]
async fn exists(connection: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(connection)
        .await
}

/// Drops what is left of tests that were killed.
#[expect(
    clippy::disallowed_methods,
    reason = "asks about the cluster, which no schema describes"
)]
async fn sweep(connection: &mut PgConnection) -> Result<()> {
    let leftovers: Vec<String> = sqlx::query_scalar(LEFTOVERS)
        .fetch_all(&mut *connection)
        .await?;
    for name in leftovers {
        execute(
            connection,
            &format!("drop database if exists {name} with (force)"),
        )
        .await?;
    }
    Ok(())
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    // Safe to send: built from names of this crate.
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}

fn has_state<T>(outcome: &Result<T, sqlx::Error>, state: &str) -> bool {
    let error = outcome
        .as_ref()
        .err()
        .and_then(sqlx::Error::as_database_error);
    error.is_some_and(|error| error.code().as_deref() == Some(state))
}
