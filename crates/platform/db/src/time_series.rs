//! The form of the time series: partitions of PostgreSQL's own, or hypertables of TimescaleDB where the
//! server has it. What is said to the extension, here and in the migrations, was written against the
//! documentation of TimescaleDB 2.22 for PostgreSQL 15, and is run with the Apache edition of 2.19.
//!
//! What the server has when the schema is made decides: after the migrations, and under their lock,
//! [`arrange`] makes hypertables of the tables to which `platform.partitioned_tables` gives chunks, in one
//! transaction. It never turns back. Which of the two a table is, the catalogue says.
#![expect(
    clippy::disallowed_methods,
    reason = "asks the server about itself, and makes the schema that checked queries are checked against"
)]

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

use crate::migrations::execute;
use crate::roles::{OWNER_ROLE, quote_ident};
use crate::{Db, Error, Fact, FactState};

/// Where the extension goes if it is nowhere yet: a schema that only the owner may use.
const SCHEMA: &str = "timescale";
/// The oldest version that was run.
const OLDEST: (u32, u32) = (2, 19);

/// What a server has of TimescaleDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimescaleDb {
    /// It is not installed.
    Absent,
    /// It is installed, and the server was started without it.
    NotLoaded {
        /// The version of this database, or else the one that is installed.
        version: String,
    },
    /// It is older than 2.19.
    TooOld {
        /// The version of this database, or else the one that is installed.
        version: String,
    },
    /// It can be used.
    Usable {
        /// The version of this database, or else the one that it would get.
        version: String,
        /// Whether this database has the extension.
        is_created: bool,
        /// Whether it is the Apache edition, which has neither columnstore nor continuous aggregates. Known
        /// only where the extension is created.
        is_apache: bool,
    },
}

/// Why time series cannot become hypertables although the server has TimescaleDB. They are what they were.
#[derive(Debug, thiserror::Error)]
pub enum ArrangeError {
    /// The extension cannot be created.
    #[error(
        "the server has TimescaleDB {version}, but the extension cannot be created ({source}); as an \
         administrator of the database run: create extension timescaledb; or start the server without it in \
         shared_preload_libraries, and the time series stay in partitions"
    )]
    Create {
        /// The version that is installed.
        version: String,
        /// The server's words.
        source: sqlx::Error,
    },
    /// The owner of the schema may not call the functions of the extension.
    #[error(
        "{OWNER_ROLE} may not use schema {schema}, where TimescaleDB lives, and cannot be let in ({source}); as \
         an administrator run: grant usage on schema {schema} to {OWNER_ROLE}"
    )]
    Schema {
        /// Schema of the extension.
        schema: String,
        /// The server's words.
        source: sqlx::Error,
    },
    /// The owner of the schema may not own jobs.
    #[error(
        "TimescaleDB runs the jobs of its policies only for roles that may log in, and {OWNER_ROLE} cannot be \
         made one ({source}); as an administrator run: alter role {OWNER_ROLE} login connection limit 0"
    )]
    Jobs {
        /// The server's words.
        source: sqlx::Error,
    },
    /// The tables cannot be made anew.
    #[error(
        "the time series cannot become hypertables of TimescaleDB {version}, and were left as they are: \
         {source}; start the server without timescaledb in shared_preload_libraries to go on with partitions, \
         and report this"
    )]
    Rebuild {
        /// The version of this database.
        version: String,
        /// The server's words.
        source: sqlx::Error,
    },
    /// The server refused a question.
    #[error(transparent)]
    Database(#[from] Error),
}

/// What the server has, seen from the database of a connection.
pub async fn timescaledb(connection: &mut PgConnection) -> Result<TimescaleDb, Error> {
    // The loader defines the setting when the server starts; a line of postgresql.conf alone is not listed.
    let row = sqlx::query(
        "select coalesce((select extversion from pg_extension where extname = 'timescaledb'),
                         (select default_version from pg_available_extensions where name = 'timescaledb')),
                exists (select from pg_extension where extname = 'timescaledb'),
                exists (select from pg_settings where name = 'timescaledb.max_background_workers'),
                coalesce(current_setting('timescaledb.license', true) = 'apache', false)",
    )
    .fetch_one(connection)
    .await?;
    let Some(version) = row.try_get::<Option<String>, _>(0)? else {
        return Ok(TimescaleDb::Absent);
    };
    let (is_created, is_loaded): (bool, bool) = (row.try_get(1)?, row.try_get(2)?);
    let is_apache: bool = row.try_get(3)?;
    Ok(if !is_loaded {
        TimescaleDb::NotLoaded { version }
    } else if is_too_old(&version) {
        TimescaleDb::TooOld { version }
    } else {
        TimescaleDb::Usable {
            version,
            is_created,
            is_apache,
        }
    })
}

/// A version that cannot be read is taken for a new one.
fn is_too_old(version: &str) -> bool {
    let mut parts = version.split(['.', '-']).map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < OLDEST,
        _ => false,
    }
}

/// Makes hypertables of the time series where the server can and they are none; returns of how many tables.
/// The connection is that of the migrator, as the owner of the schema. Harmless to repeat.
pub(crate) async fn arrange(connection: &mut PgConnection) -> Result<i32, ArrangeError> {
    if !is_anything_in_partitions(connection).await? {
        return Ok(0);
    }
    let TimescaleDb::Usable {
        version,
        is_created,
        ..
    } = timescaledb(connection).await?
    else {
        return Ok(0);
    };
    if !is_created {
        create(connection, &version).await?;
    }
    let_owner_in(connection).await?;
    let made = rebuild(connection)
        .await
        .map_err(|source| ArrangeError::Rebuild { version, source })?;
    tracing::info!(tables = made, "the time series are hypertables now");
    Ok(made)
}

async fn is_anything_in_partitions(connection: &mut PgConnection) -> Result<bool, Error> {
    if !has_forms(connection).await? {
        return Ok(false);
    }
    let (partitioned, _) = counts(connection).await?;
    Ok(partitioned > 0)
}

/// A schema on its way up, or of a test, may not have come so far.
async fn has_forms(connection: &mut PgConnection) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("select to_regprocedure('platform.has_columnstore(text)') is not null")
            .fetch_one(connection)
            .await?,
    )
}

/// Of the tables that may be hypertables: how many are in partitions, and how many are hypertables.
async fn counts(connection: &mut PgConnection) -> Result<(i64, i64), Error> {
    let row = sqlx::query(
        "select count(*) filter (where not h.is_hypertable), count(*) filter (where h.is_hypertable)
         from platform.partitioned_tables t
         cross join lateral (
             select platform.is_hypertable(format('%I.%I', t.schema_name, t.name)) as is_hypertable
         ) h
         where t.chunk is not null",
    )
    .fetch_one(connection)
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// As the role that prepares the database, which may more than the owner of the schema.
async fn as_preparer(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    execute(connection, "reset role").await?;
    let outcome = execute(connection, sql).await;
    execute(connection, &format!("set role {OWNER_ROLE}")).await?;
    outcome
}

async fn create(connection: &mut PgConnection, version: &str) -> Result<(), ArrangeError> {
    let schema = format!("create schema if not exists {SCHEMA} authorization {OWNER_ROLE}");
    let extension = format!("create extension if not exists timescaledb schema {SCHEMA}");
    for sql in [schema, extension] {
        as_preparer(connection, &sql)
            .await
            .map_err(|source| ArrangeError::Create {
                version: version.to_owned(),
                source,
            })?;
    }
    Ok(())
}

/// The owner of the schema calls the functions of the extension and owns the jobs of its policies, where the
/// edition has policies. Such a role has to be one that may log in; without any connections it still cannot.
async fn let_owner_in(connection: &mut PgConnection) -> Result<(), ArrangeError> {
    let row = sqlx::query(
        "select s.name, has_schema_privilege(s.name, 'usage'),
                (select rolcanlogin from pg_roles where rolname = current_user)
                    or current_setting('timescaledb.license', true) = 'apache'
         from (select platform.timescaledb_schema() as name) s",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(Error::from)?;
    let schema: String = row.try_get(0).map_err(Error::from)?;
    if !row.try_get::<bool, _>(1).map_err(Error::from)? {
        let sql = format!(
            "grant usage on schema {} to {OWNER_ROLE}",
            quote_ident(&schema)
        );
        as_preparer(connection, &sql)
            .await
            .map_err(|source| ArrangeError::Schema { schema, source })?;
    }
    if !row.try_get::<bool, _>(2).map_err(Error::from)? {
        let sql = format!("alter role {OWNER_ROLE} login connection limit 0");
        as_preparer(connection, &sql)
            .await
            .map_err(|source| ArrangeError::Jobs { source })?;
    }
    Ok(())
}

async fn rebuild(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    let mut tx = connection.begin().await?;
    let made = sqlx::query_scalar("select platform.make_hypertables()")
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(made)
}

/// In which form the time series are, and why: for the doctor.
pub(crate) async fn fact(db: &Db) -> Result<Fact, Error> {
    let mut tx = db.system("look at the form of the time series").await?;
    let hypertables = if has_forms(tx.conn()).await? {
        counts(tx.conn()).await?.1
    } else {
        0
    };
    Ok(judge(hypertables, &timescaledb(tx.conn()).await?))
}

fn judge(hypertables: i64, server: &TimescaleDb) -> Fact {
    const PARTITIONS: &str = "time series are in partitions";
    let (state, text) = match (hypertables, server) {
        (0, TimescaleDb::Absent) => (FactState::Good, PARTITIONS.to_owned()),
        (0, TimescaleDb::NotLoaded { version }) => (
            FactState::Good,
            format!(
                "{PARTITIONS}; TimescaleDB {version} is installed and not loaded: to have hypertables, put \
                 timescaledb into shared_preload_libraries, restart the server, then Bursar"
            ),
        ),
        (0, TimescaleDb::TooOld { version }) => (
            FactState::Good,
            format!("{PARTITIONS}; TimescaleDB {version} is older than 2.19 and is not used"),
        ),
        (0, TimescaleDb::Usable { version, .. }) => (
            FactState::Doubtful,
            format!(
                "{PARTITIONS} although the server has TimescaleDB {version}: run `bursar db migrate`, and they \
                 become hypertables"
            ),
        ),
        (
            _,
            TimescaleDb::Usable {
                version, is_apache, ..
            },
        ) => (
            FactState::Good,
            format!(
                "time series are {hypertables} hypertables of TimescaleDB {version}{}",
                if *is_apache {
                    " (Apache edition, without a columnstore)"
                } else {
                    ""
                }
            ),
        ),
        (_, _) => (
            FactState::Bad,
            format!(
                "time series are {hypertables} hypertables, which this server cannot read: install TimescaleDB \
                 2.19 or newer, of the edition it had, put timescaledb into shared_preload_libraries and \
                 restart the server"
            ),
        ),
    };
    Fact {
        name: "database.time_series",
        state,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, expected) in [
            ("2.22.0", false),
            ("2.22.0-dev", false),
            ("2.100.1", false),
            ("3.0.0", false),
            ("2.9.3", true),
            ("2.18.2", true),
            ("2.19.3", false),
            ("1.7.5", true),
            ("unheard-of", false),
        ] {
            assert_eq!(is_too_old(version), expected, "{version}");
        }
    }

    #[test]
    fn hypertables_without_their_extension_are_bad_and_partitions_say_what_else_there_is() {
        let version = || "2.22.1".to_owned();
        let usable = |is_apache| TimescaleDb::Usable {
            version: version(),
            is_created: true,
            is_apache,
        };
        let not_loaded = TimescaleDb::NotLoaded { version: version() };
        for (hypertables, server, state, said) in [
            (0, &TimescaleDb::Absent, FactState::Good, "in partitions"),
            (0, &not_loaded, FactState::Good, "shared_preload_libraries"),
            (0, &usable(true), FactState::Doubtful, "bursar db migrate"),
            (
                6,
                &usable(false),
                FactState::Good,
                "6 hypertables of TimescaleDB 2.22.1",
            ),
            (6, &usable(true), FactState::Good, "Apache edition"),
            (6, &not_loaded, FactState::Bad, "cannot read"),
            (
                6,
                &TimescaleDb::Absent,
                FactState::Bad,
                "install TimescaleDB",
            ),
        ] {
            let fact = judge(hypertables, server);
            assert_eq!(fact.state, state, "{}", fact.text);
            assert!(fact.text.contains(said), "{}", fact.text);
        }
    }
}
