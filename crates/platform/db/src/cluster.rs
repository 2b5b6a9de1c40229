//! The private cluster: PostgreSQL started from the installed programs, for this instance alone.
//!
//! It lives in `<data-dir>/postgres`, listens on a unix socket only, and is shared by every process
//! that opens the same data directory: the server, and commands beside it. Three lock files in
//! `<data-dir>/locks` keep order, and the kernel frees each when its holder dies in any way:
//!
//! - `start.lock` is held exclusively while a process starts or stops the server;
//! - `users.lock` is held shared by every user; who can get it exclusively is the last one and
//!   stops the server;
//! - `server.lock` is handed to the server as its standard input, so that it is held exactly as long
//!   as any process of the server lives, orphans included: never two servers on one directory.
//!
//! A server that outlived its starter is joined like any other.

mod account;
mod error;
mod init;
mod layout;
mod lock;
mod postmaster;
mod programs;
mod start;

use std::fmt;
use std::fs::File;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use config::DataDir;
use sqlx::postgres::PgConnectOptions;

pub use self::error::ClusterError;
use self::layout::Layout;
pub use self::programs::client_program;
use crate::access::{Access, socket_options};
use crate::roles::{ADMIN_ROLE, DATABASE, LOGIN_ROLE};

/// The port is only a part of the socket's name: nothing listens on the network.
pub(crate) const PORT: u16 = 5432;

/// How often a supervisor looks.
const SUPERVISE_EVERY: Duration = Duration::from_millis(500);
/// The longest pause between attempts to restart a server that does not start.
const SUPERVISE_AT_LEAST_EVERY: Duration = Duration::from_secs(30);
/// How long a fast shutdown may take; it writes a checkpoint.
const STOP_WITHIN: Duration = Duration::from_mins(1);

/// How to run the cluster.
#[derive(Debug, Clone, Copy)]
pub struct ClusterOptions {
    /// Whether commits survive a power failure. Only tests may do without.
    pub durable: bool,
    /// Whether the server loads TimescaleDB where that is installed; otherwise its `postgresql.conf` decides.
    pub loads_timescaledb: bool,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            durable: true,
            loads_timescaledb: false,
        }
    }
}

/// A running private cluster, shared by all processes that use its data directory. Dropping it is
/// the same as [`Cluster::close`], but blocks and keeps errors to the log.
#[derive(Debug)]
pub struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    layout: Layout,
    options: ClusterOptions,
    access: Access,
    /// As the superuser, to the database that every cluster has.
    maintenance: PgConnectOptions,
    /// The shared lock on `users.lock`; gone once the cluster was left.
    users: Mutex<Option<File>>,
    /// The server, when this process started it; it must be reaped.
    child: Mutex<Option<Child>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options hold the password.
        f.debug_struct("Inner")
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Starts the cluster of the data directory, or joins it when it runs.
    pub async fn open(data_dir: &DataDir, options: ClusterOptions) -> Result<Self, ClusterError> {
        let layout = Layout::create(data_dir)?;
        let admin = data_dir.secret("database-owner")?;
        let login = data_dir.secret("database-login")?;
        let connect = |role, secret: &config::Secret, database| {
            socket_options(&layout.socket_dir, role, secret.expose(), database)
        };
        let inner = Inner {
            options,
            access: Access::private(
                connect(ADMIN_ROLE, &admin, DATABASE),
                connect(LOGIN_ROLE, &login, DATABASE),
                login.clone(),
            ),
            maintenance: connect(ADMIN_ROLE, &admin, "postgres"),
            users: Mutex::new(None),
            child: Mutex::new(None),
            layout,
        };
        let start_lock = lock::exclusive(&inner.layout.start_lock()).await?;
        let users = lock::shared(&inner.layout.users_lock())?;
        inner.ensure_running(&admin).await?;
        *inner.users.lock().unwrap_or_else(PoisonError::into_inner) = Some(users);
        drop(start_lock);
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// How to reach its database `bursar`.
    pub fn access(&self) -> Access {
        self.inner.access.clone()
    }

    /// The process id of the server, while it lives.
    pub fn server_pid(&self) -> Option<u32> {
        postmaster::live_pid(&self.inner.layout.data).map(|pid| pid.as_raw().unsigned_abs())
    }

    /// Restarts the server whenever it dies, until `cancel` completes.
    pub async fn supervise(&self, cancel: impl Future<Output = ()>) {
        tokio::select! {
            () = cancel => {}
            () = self.inner.restart_for_ever() => {}
        }
    }

    /// Leaves the cluster; its last user stops the server.
    pub async fn close(self) -> Result<(), ClusterError> {
        let inner = Arc::clone(&self.inner);
        match tokio::task::spawn_blocking(move || inner.leave()).await {
            Ok(outcome) => outcome,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    /// Leaves the cluster and lets the server run on, for the next one to join.
    pub fn detach(self) {
        self.inner
            .users
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.inner.leave() {
            tracing::error!(%error, "cannot stop the private database server");
        }
    }
}

/// Stops the server of a data directory, whoever uses it. Returns whether one ran.
pub fn stop(data_dir: &DataDir) -> Result<bool, ClusterError> {
    let layout = Layout::create(data_dir)?;
    let _start_lock = lock::exclusive_blocking(&layout.start_lock())?;
    stop_server(&layout)
}

impl Inner {
    async fn restart_for_ever(&self) {
        let mut pause = SUPERVISE_EVERY;
        loop {
            tokio::time::sleep(pause).await;
            if postmaster::live_pid(&self.layout.data).is_some() {
                pause = SUPERVISE_EVERY;
                continue;
            }
            tracing::warn!("the private database server died; restarting it");
            match self.restart().await {
                Ok(()) => tracing::info!("the private database server runs again"),
                Err(error) => {
                    tracing::error!(%error, "cannot restart the private database server");
                    pause = (pause * 2).min(SUPERVISE_AT_LEAST_EVERY);
                }
            }
        }
    }

    async fn restart(&self) -> Result<(), ClusterError> {
        let _start_lock = lock::exclusive(&self.layout.start_lock()).await?;
        self.reap();
        self.start_or_join().await
    }

    /// Gives up the share of `users.lock`; stops the server when nobody else has one.
    fn leave(&self) -> Result<(), ClusterError> {
        let users = self
            .users
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(users) = users else { return Ok(()) };
        let _start_lock = lock::exclusive_blocking(&self.layout.start_lock())?;
        drop(users);
        let Some(_alone) = lock::try_exclusive(&self.layout.users_lock())? else {
            return Ok(());
        };
        stop_server(&self.layout)?;
        self.reap();
        Ok(())
    }

    /// Collects the exit status of a server that this process started and that has ended.
    fn reap(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = child.as_mut()
            && !matches!(server.try_wait(), Ok(None))
        {
            child.take();
        }
    }
}

/// Fast shutdown: sessions are ended, everything is written. The caller holds `start.lock`.
fn stop_server(layout: &Layout) -> Result<bool, ClusterError> {
    let Some(pid) = postmaster::live_pid(&layout.data) else {
        return Ok(false);
    };
    postmaster::interrupt(pid)?;
    let deadline = Instant::now() + STOP_WITHIN;
    loop {
        if postmaster::live_pid(&layout.data).is_none()
            && lock::try_exclusive(&layout.server_lock())?.is_some()
        {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Err(ClusterError::DoesNotStop { pid: pid.as_raw() });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
