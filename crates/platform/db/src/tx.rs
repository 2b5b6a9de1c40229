//! The pool and the unit of work.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Postgres, Transaction};
use uuid::Uuid;

use crate::roles::{SYSTEM_ROLE, USER_ROLE};
use crate::{Access, Channel, Error, Origin, Result};

/// Connections kept open even when idle.
const MIN_CONNECTIONS: u32 = 1;
/// Connections of one process at most; a private cluster takes 60 in all.
pub(crate) const MAX_CONNECTIONS: u32 = 16;
/// How long a unit of work waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// A person's identity in the database: the `user_id` of every row they own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct UserId(pub Uuid);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Uuid> for UserId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<UserId> for Uuid {
    fn from(id: UserId) -> Self {
        id.0
    }
}

/// The door to the database. Cheap to clone; the connections behind it are shared.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    options: PgConnectOptions,
}

/// A transaction confined to the rows of one user. Dropping it rolls back.
#[derive(Debug)]
pub struct UserTx {
    tx: Transaction<'static, Postgres>,
    user: UserId,
    /// What goes on record beside what the request tells.
    details: Option<Value>,
}

/// A transaction that sees the rows of all users, for login, price loading and jobs.
/// Dropping it rolls back.
#[derive(Debug)]
pub struct SystemTx {
    tx: Transaction<'static, Postgres>,
    reason: &'static str,
}

/// Notifications of other sessions (`listen`/`notify`).
///
/// What is sent while the connection is being re-made is lost: re-read the state when
/// [`PgListener::try_recv`] returns `None`, and keep a slow poll beside it.
pub type Listener = PgListener;

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options hold the password.
        f.debug_struct("Db")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Connects as the program's login and checks that the server answers.
    pub async fn connect(access: &Access) -> Result<Self> {
        let options = access
            .login_options()
            .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(1));
        let pool = PgPoolOptions::new()
            .min_connections(MIN_CONNECTIONS)
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // `open` replaces broken connections itself; a ping would double the round trips.
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        Ok(Self { pool, options })
    }

    /// Opens a read-only unit of work of a user.
    pub async fn read(&self, user: UserId) -> Result<UserTx> {
        let tx = self.open(&user_batch("begin read only", user)).await?;
        Ok(UserTx {
            tx,
            user,
            details: None,
        })
    }

    /// Opens a unit of work of a user.
    pub async fn write(&self, user: UserId) -> Result<UserTx> {
        let tx = self.open(&user_batch("begin", user)).await?;
        Ok(UserTx {
            tx,
            user,
            details: None,
        })
    }

    /// Opens a unit of work over all users' rows. The reason is logged at debug level.
    pub async fn system(&self, reason: &'static str) -> Result<SystemTx> {
        tracing::debug!(reason, "system unit of work");
        // A pooled session may not carry over a user from anywhere.
        let batch = format!(
            "begin; set local role {SYSTEM_ROLE}; set local app.user_id = ''{}",
            origin_batch()
        );
        let tx = self.open(&batch).await?;
        Ok(SystemTx { tx, reason })
    }

    /// A connection of its own that receives notifications on the given channels.
    pub async fn listen(&self, channels: &[&str]) -> Result<Listener> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // The connection waits in `listen` most of its life.
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.options.clone().application_name("bursar listener"));
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen_all(channels.iter().copied()).await?;
        Ok(listener)
    }

    /// Waits for the running units of work and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Connections open now, and those of them that are idle: for metrics.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// One round trip: transaction, role and user together. A connection that broke while it was
    /// idle (the server restarted) is replaced; nothing has been executed on it yet.
    async fn open(&self, batch: &str) -> Result<Transaction<'static, Postgres>> {
        for _ in 0..MAX_CONNECTIONS {
            match self.begin(batch).await {
                Err(error) if error.is_connection_lost() => {
                    tracing::debug!(%error, "replacing a broken connection");
                }
                outcome => return outcome,
            }
        }
        self.begin(batch).await
    }

    async fn begin(&self, batch: &str) -> Result<Transaction<'static, Postgres>> {
        // Safe to send: built from constants and a typed uuid.
        Ok(self.pool.begin_with(AssertSqlSafe(batch)).await?)
    }
}

/// The server answers the commit of an aborted transaction with success and rolls it back. The empty
/// statement before it brings that to light instead of losing the changes silently.
async fn commit(mut tx: Transaction<'static, Postgres>) -> Result<()> {
    sqlx::raw_sql("select").execute(&mut *tx).await?;
    tx.commit().await.map_err(Error::from)
}

fn user_batch(begin: &str, user: UserId) -> String {
    format!(
        "{begin}; set local role {USER_ROLE}; set local app.user_id = '{user}'{}",
        origin_batch()
    )
}

/// Names the request to the server: to its triggers, its log and its list of sessions. Such a name is
/// plain by construction.
fn origin_batch() -> String {
    Origin::current().map_or_else(String::new, |origin| {
        let id = origin.request_id();
        format!("; set local app.request_id = '{id}'; set local application_name = 'bursar {id}'")
    })
}

impl UserTx {
    /// The connection, for `query!(…).fetch_one(tx.conn())`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Whose rows this unit of work sees.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Adds to what goes on record of this unit of work; nothing personal.
    pub fn describe(&mut self, details: Value) {
        self.details = Some(details);
    }

    /// Makes the changes permanent, and with them the record of what was asked for, if anything was
    /// changed.
    pub async fn commit(mut self) -> Result<()> {
        let Some(origin) = Origin::current() else {
            return commit(self.tx).await;
        };
        let Some(deed) = &origin.deed else {
            return commit(self.tx).await;
        };
        let mut details = deed.details.clone();
        if let (Value::Object(all), Some(Value::Object(more))) = (&mut details, self.details) {
            all.extend(more);
        }
        // An aborted transaction refuses this, so no other probe is needed.
        sqlx::query!(
            "select platform.note_activity($1, $2, $3, $4, $5, $6, $7)",
            deed.kind,
            deed.resource_type,
            deed.resource_id,
            details,
            deed.channel.as_str(),
            origin.address,
            origin.agent,
        )
        .execute(&mut *self.tx)
        .await?;
        self.tx.commit().await.map_err(Error::from)
    }
}

impl SystemTx {
    /// Says for whom the system works from here on: the audit names the person.
    pub async fn act_for(&mut self, user: UserId) -> Result<()> {
        sqlx::query!(
            "select set_config('app.user_id', $1::uuid::text, true)",
            user.0
        )
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Puts on record what a person did for whom the system works here. Call it in the unit of work
    /// that does it.
    pub async fn note_activity(&mut self, user: UserId, kind: &str, details: &Value) -> Result<()> {
        let origin = Origin::current();
        let origin = origin.as_deref();
        let deed = origin.and_then(|origin| origin.deed.as_ref());
        // A request that only reads has no deed of its own, but another end.
        let is_request = origin.is_some_and(|origin| origin.address.is_some());
        let channel = match deed {
            Some(deed) => deed.channel,
            None if is_request => Channel::Page,
            None => Channel::Command,
        };
        sqlx::query!(
            "select platform.add_activity($1, $2, null, null, $3, $4, $5, $6)",
            user.0,
            kind,
            details,
            channel.as_str(),
            origin.and_then(|origin| origin.address.as_deref()),
            origin.and_then(|origin| origin.agent.as_deref()),
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Puts on record what was asked for, under the name of whoever asked. Commands are nobody's: theirs
    /// stands under the person it was done to, and without one under the nil person, whom nobody is.
    pub async fn note_deed(&mut self, subject: Option<UserId>, details: &Value) -> Result<()> {
        let origin = Origin::current();
        let origin = origin.as_deref();
        let Some(deed) = origin.and_then(|origin| origin.deed.as_ref()) else {
            return Ok(());
        };
        let asked = origin.and_then(|origin| origin.user_id);
        let user = asked.or(subject).unwrap_or(UserId(Uuid::nil()));
        let mut all = deed.details.clone();
        if let (Value::Object(all), Value::Object(more)) = (&mut all, details) {
            all.extend(more.clone());
        }
        sqlx::query!(
            "select platform.add_activity($1, $2, $3, $4, $5, $6, $7, $8)",
            user.0,
            deed.kind,
            deed.resource_type,
            deed.resource_id,
            all,
            deed.channel.as_str(),
            origin.and_then(|origin| origin.address.as_deref()),
            origin.and_then(|origin| origin.agent.as_deref()),
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// The connection, for `query!(…).fetch_one(tx.conn())` and COPY.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Why all users' rows are needed.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// Makes the changes permanent.
    pub async fn commit(self) -> Result<()> {
        commit(self.tx).await
    }
}
