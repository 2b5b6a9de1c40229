//! Background jobs in PostgreSQL: queued in the transaction that causes them, run exactly once at
//! a time whatever the number of nodes, tried again when they fail.
//!
//! A job is a struct whose JSON is the payload:
//!
//! ```
//! use jobs::{Job, JobCtx, JobError, Registry};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct SweepExpired {}
//!
//! impl Job for SweepExpired {
//!     const NAME: &'static str = "identity.sweep_expired";
//!
//!     async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
//!         let tx = ctx.db.system("sweep expired sessions").await?;
//!         // …
//!         tx.commit().await?;
//!         Ok(())
//!     }
//! }
//!
//! let hourly = jiff::SignedDuration::from_hours(1);
//! let registry = Registry::new().every::<SweepExpired>(hourly);
//! ```
//!
//! A job may run more than once (its node may die after the work and before the mark), so every job
//! must be idempotent.
#![warn(missing_docs)]

mod registry;
mod resources;
mod runner;
mod store;

use std::{collections::HashSet, error::Error, future::Future};

use db::{Clock, Db, SystemTx, UserTx};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use uuid::Uuid;

use resources::Resources;

pub use registry::{Registry, Scheduled};
pub use runner::{Runner, Settings};

/// A piece of work for later. Its JSON is stored, so fields may only be added with a default.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Area and deed: `identity.sweep_expired`.
    const NAME: &'static str;
    /// Tries before the job is declared dead.
    const MAX_ATTEMPTS: i32 = 8;

    /// Jobs of one name and key that wait at the same time are one job.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// Does the work.
    fn run(self, ctx: JobCtx) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// What a running job can reach.
#[derive(Clone, Debug)]
pub struct JobCtx {
    /// The only way to the database.
    pub db: Db,
    /// The only way to the time.
    pub clock: Clock,
    /// Which try this is, from 1.
    pub attempt: i32,
    id: Uuid,
    resources: Resources,
}

/// How a job fails.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Trying again later may help.
    #[error("{0}")]
    Retry(#[source] Box<dyn Error + Send + Sync>),
    /// Trying again would fail in the same way.
    #[error("{0}")]
    GiveUp(#[source] Box<dyn Error + Send + Sync>),
}

impl From<db::Error> for JobError {
    fn from(error: db::Error) -> Self {
        Self::Retry(Box::new(error))
    }
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        db::Error::from(error).into()
    }
}

impl JobCtx {
    /// What the process was given for its jobs with [`Registry::provide`]; `None` when nothing of the
    /// type was.
    pub fn resource<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.resources.get()
    }

    /// Tells how far the job is; any JSON that a page can read.
    pub async fn progress(&self, progress: &serde_json::Value) -> Result<(), db::Error> {
        let mut tx = self.db.system("progress of a job").await?;
        store::update_progress(&mut tx, self.id, self.attempt, progress).await?;
        tx.commit().await
    }
}

/// A unit of work that can queue jobs: of a user or of the system.
pub trait UnitOfWork: Send + sealed::Sealed {
    /// Its connection.
    fn conn(&mut self) -> &mut PgConnection;
}

impl UnitOfWork for UserTx {
    fn conn(&mut self) -> &mut PgConnection {
        Self::conn(self)
    }
}

impl UnitOfWork for SystemTx {
    fn conn(&mut self) -> &mut PgConnection {
        Self::conn(self)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::UserTx {}
    impl Sealed for super::SystemTx {}
}

/// The unique keys of the jobs of one name that wait or run: whose work is not at its end.
pub async fn unfinished_keys<J: Job>(tx: &mut SystemTx) -> Result<HashSet<String>, db::Error> {
    store::unfinished_keys(tx, J::NAME).await
}

/// Queues a job in the caller's transaction: it runs after the commit, or not at all. `false` means
/// that an equal job waits already.
pub async fn enqueue<J: Job>(tx: &mut impl UnitOfWork, job: &J) -> Result<bool, db::Error> {
    let payload = serde_json::to_value(job).map_err(|error| db::Error::Inconsistent {
        table: "platform.jobs",
        column: "payload",
        row: J::NAME.to_owned(),
        reason: error.to_string(),
    })?;
    store::insert(
        tx.conn(),
        J::NAME,
        &payload,
        job.unique_key().as_deref(),
        J::MAX_ATTEMPTS,
    )
    .await
}
