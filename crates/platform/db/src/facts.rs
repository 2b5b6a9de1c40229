//! What `doctor` says about the database.
#![expect(
    clippy::disallowed_methods,
    reason = "asks the server about itself; no schema of ours describes the answers"
)]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use crate::migrations::{MigrateError, Migrator};
use crate::roles::OWNER_ROLE;
use crate::{Access, Clock, Db, Error, Result};

/// A difference between the clocks that is worth a word: sessions and prices are dated by both.
const SKEW_DOUBTFUL: SignedDuration = SignedDuration::from_secs(2);
/// A difference that makes expiry times meaningless.
const SKEW_BAD: SignedDuration = SignedDuration::from_secs(60);
/// A round trip to the server slower than this makes every page slow.
const ROUND_TRIP_DOUBTFUL: Duration = Duration::from_millis(20);
/// Locks that a statement over all of a partitioned table takes for each partition: on the table and on its key.
const LOCKS_A_PARTITION: i64 = 2;
/// How many such statements find room at once.
const STATEMENTS_AT_ONCE: i64 = 4;

/// One checked fact.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fact {
    /// Stable name, such as `database.version`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub state: FactState,
    /// The finding, and the remedy where one is needed.
    pub text: String,
}

/// How good a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FactState {
    /// As it should be.
    Good,
    /// Works, but weaker than it could be.
    Doubtful,
    /// Does not work.
    Bad,
}

/// Looks at the server, the login, the schema and the clocks.
pub async fn facts(db: &Db, access: &Access, clock: &Clock) -> Result<Vec<Fact>> {
    // As the bare login, outside of a unit of work: what it can do there is one of the questions.
    let mut connection = access.login_options().connect().await?;
    let facts = vec![
        version(&mut connection).await?,
        privileges(&mut connection, access).await?,
        migrations(db).await?,
        clocks(&mut connection, clock).await?,
        round_trip(&mut connection).await?,
        connections(&mut connection).await?,
        locks(&mut connection).await?,
        checksums(&mut connection).await?,
        crate::time_series::fact(db).await?,
    ];
    connection.close().await?;
    Ok(facts)
}

async fn version(connection: &mut PgConnection) -> Result<Fact> {
    let row = sqlx::query(
        "select current_setting('server_version'), current_setting('server_version_num')::int",
    )
    .fetch_one(connection)
    .await?;
    let (version, number): (String, i32) = (row.try_get(0)?, row.try_get(1)?);
    let name = "database.version";
    Ok(if number >= 150_000 {
        Fact::new(name, FactState::Good, format!("PostgreSQL {version}"))
    } else {
        let text = format!("PostgreSQL {version} is older than 15; upgrade the server");
        Fact::new(name, FactState::Bad, text)
    })
}

async fn privileges(connection: &mut PgConnection, access: &Access) -> Result<Fact> {
    let row = sqlx::query(
        "select rolsuper, rolbypassrls, pg_has_role(current_user, $1, 'member')
         from pg_roles where rolname = current_user",
    )
    .bind(OWNER_ROLE)
    .fetch_one(connection)
    .await?;
    let login = access.login_name();
    let is_superuser: bool = row.try_get(0)?;
    let excess = [
        (is_superuser, "is a superuser"),
        (
            row.try_get(1)?,
            "bypasses row-level security outside of units of work",
        ),
        (row.try_get(2)?, "can change the schema"),
    ];
    let excess: Vec<&str> = excess
        .into_iter()
        .filter_map(|(has, text): (bool, _)| has.then_some(text))
        .collect();
    let name = "database.login";
    Ok(if excess.is_empty() {
        Fact::new(
            name,
            FactState::Good,
            format!("{login} has no privileges beyond its work"),
        )
    } else {
        let mut text = format!(
            "{login} {}; users stay separated, but a login of its own would limit the damage of a \
             stolen password: create role bursar_app login noinherit password '…', name it in \
             BURSAR_DATABASE_URL and {} in BURSAR_DATABASE_OWNER_URL",
            excess.join(" and "),
            access.owner_name()
        );
        // Whatever else the server holds would be open to whoever breaks in here.
        let state = if is_superuser && !access.allows_superuser() {
            text.push_str(
                "; or set BURSAR_ALLOW_SUPERUSER=true where the server is Bursar's alone",
            );
            FactState::Bad
        } else {
            FactState::Doubtful
        };
        Fact::new(name, state, text)
    })
}

async fn migrations(db: &Db) -> Result<Fact> {
    let name = "database.migrations";
    let migrator = Migrator::embedded();
    Ok(if migrator.is_current(db).await? {
        let count = migrator.migrations().len();
        Fact::new(
            name,
            FactState::Good,
            format!("all {count} migrations are applied"),
        )
    } else {
        let text = match migrator.status_through(db).await {
            // A newer schema, or a changed one: no migration of this version mends it.
            Err(error @ (MigrateError::Newer { .. } | MigrateError::Changed { .. })) => {
                error.to_string()
            }
            Ok(_) | Err(_) => {
                "the schema is not that of this version; run `bursar db status`, then \
                               `bursar db migrate`"
                    .to_owned()
            }
        };
        Fact::new(name, FactState::Bad, text)
    })
}

async fn clocks(connection: &mut PgConnection, clock: &Clock) -> Result<Fact> {
    let before = clock.now();
    let server: jiff_sqlx::Timestamp = sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(connection)
        .await?;
    Ok(clock_fact(before, server.to_jiff(), clock.now()))
}

/// The server answered between the two readings; only what lies outside of them is a difference.
fn clock_fact(before: Timestamp, server: Timestamp, after: Timestamp) -> Fact {
    let skew = if server < before {
        server.duration_until(before)
    } else if server > after {
        after.duration_until(server)
    } else {
        SignedDuration::ZERO
    };
    let state = match skew {
        skew if skew >= SKEW_BAD => FactState::Bad,
        skew if skew >= SKEW_DOUBTFUL => FactState::Doubtful,
        _ => FactState::Good,
    };
    let text = if state == FactState::Good {
        "the clocks of Bursar and of the database agree".to_owned()
    } else {
        let seconds = skew.as_secs();
        format!(
            "the clocks of Bursar and of the database differ by {seconds} s; synchronise both \
             machines (for example: timedatectl set-ntp true)"
        )
    };
    Fact::new("database.clock", state, text)
}

async fn round_trip(connection: &mut PgConnection) -> Result<Fact> {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let start = std::time::Instant::now();
        connection.ping().await?;
        fastest = fastest.min(start.elapsed());
    }
    let milliseconds = fastest.as_secs_f64() * 1000.0;
    let name = "database.round_trip";
    Ok(if fastest < ROUND_TRIP_DOUBTFUL {
        Fact::new(
            name,
            FactState::Good,
            format!("the database answers in {milliseconds:.2} ms"),
        )
    } else {
        let text =
            format!("the database answers in {milliseconds:.0} ms only; place it nearer to Bursar");
        Fact::new(name, FactState::Doubtful, text)
    })
}

async fn connections(connection: &mut PgConnection) -> Result<Fact> {
    let limit: i32 = sqlx::query_scalar(
        "select current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int",
    )
    .fetch_one(connection)
    .await?;
    let needed = crate::tx::MAX_CONNECTIONS;
    let name = "database.connections";
    let is_enough = u32::try_from(limit).is_ok_and(|limit| limit >= needed);
    Ok(if is_enough {
        Fact::new(
            name,
            FactState::Good,
            format!("the server takes {limit} connections"),
        )
    } else {
        let text = format!(
            "the server takes {limit} connections and Bursar may open {needed}; raise \
             max_connections"
        );
        Fact::new(name, FactState::Doubtful, text)
    })
}

async fn locks(connection: &mut PgConnection) -> Result<Fact> {
    let row = sqlx::query(
        "select current_setting('max_locks_per_transaction')::bigint
                * (current_setting('max_connections')::bigint
                   + current_setting('max_prepared_transactions')::bigint),
                current_setting('max_connections')::bigint
                + current_setting('max_prepared_transactions')::bigint,
                (select count(*) from pg_class where relispartition and relkind = 'r')",
    )
    .fetch_one(connection)
    .await?;
    Ok(lock_fact(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

/// The server has room for a number of locks, for everybody together, and ends every statement that finds none.
fn lock_fact(room: i64, sessions: i64, partitions: i64) -> Fact {
    let name = "database.locks";
    let needed = partitions * LOCKS_A_PARTITION * STATEMENTS_AT_ONCE;
    if room >= needed {
        let text = format!("the server keeps {room} locks, for {partitions} partitions");
        return Fact::new(name, FactState::Good, text);
    }
    // In steps, so that it is not raised for every few partitions.
    let each = (needed / sessions.max(1) / 64 + 1) * 64;
    let text = format!(
        "the server keeps {room} locks only, and there are {partitions} partitions: statements may fail with \
         “out of shared memory”; set max_locks_per_transaction = {each} in postgresql.conf and restart \
         the server"
    );
    Fact::new(name, FactState::Doubtful, text)
}

async fn checksums(connection: &mut PgConnection) -> Result<Fact> {
    let enabled: String = sqlx::query_scalar("select current_setting('data_checksums')")
        .fetch_one(connection)
        .await?;
    let name = "database.checksums";
    Ok(if enabled == "on" {
        Fact::new(
            name,
            FactState::Good,
            "damaged pages are noticed (data checksums)".to_owned(),
        )
    } else {
        let text =
            "the server does not notice damaged pages; stop it and run pg_checksums --enable";
        Fact::new(name, FactState::Doubtful, text.to_owned())
    })
}

impl Fact {
    fn new(name: &'static str, state: FactState, text: String) -> Self {
        Self { name, state, text }
    }

    /// What to say when the database cannot be asked at all.
    pub fn unreachable(error: &Error) -> Self {
        Self::new("database.reachable", FactState::Bad, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_outside_of_the_two_readings_counts_as_skew() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).expect("instant");
        assert_eq!(clock_fact(at(0), at(5), at(10)).state, FactState::Good);
        assert_eq!(clock_fact(at(0), at(11), at(10)).state, FactState::Good);
        assert_eq!(clock_fact(at(0), at(-2), at(10)).state, FactState::Doubtful);
        let ahead = clock_fact(at(0), at(70), at(10));
        assert_eq!(ahead.state, FactState::Bad);
        assert!(ahead.text.contains("differ by 60 s"), "{}", ahead.text);
    }

    #[test]
    fn the_table_of_locks_has_to_have_room_for_all_partitions() {
        assert_eq!(lock_fact(3_840, 60, 480).state, FactState::Good);
        let few = lock_fact(3_840, 60, 1_300);
        assert_eq!(few.state, FactState::Doubtful);
        assert!(
            few.text.contains("max_locks_per_transaction = 192"),
            "{}",
            few.text
        );
        assert_eq!(lock_fact(192 * 60, 60, 1_300).state, FactState::Good);
    }
}
