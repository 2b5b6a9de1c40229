//! Which jobs a process can run, and which it queues by the clock.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

use jiff::SignedDuration;
use serde_json::Value;

use crate::{Job, JobCtx, JobError, resources::Resources};

type Running = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
type Run = Arc<dyn Fn(Value, JobCtx) -> Running + Send + Sync>;

/// The jobs that a process knows, and their timetable. Each area exports one.
#[derive(Clone, Default)]
pub struct Registry {
    runs: BTreeMap<&'static str, Run>,
    schedule: Vec<Scheduled>,
    resources: Resources,
}

/// A job that is queued by the clock, once per period over all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Name of the job.
    pub name: &'static str,
    /// Length of the period, in seconds; periods are counted from 1970.
    pub every_s: i64,
    /// Tries before the job is declared dead.
    pub max_attempts: i32,
}

impl Registry {
    /// A registry that knows no job.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a job that others queue.
    #[must_use]
    pub fn with<J: Job>(mut self) -> Self {
        self.runs.insert(
            J::NAME,
            Arc::new(|payload, ctx| {
                Box::pin(async move {
                    let job: J = serde_json::from_value(payload)
                        .map_err(|error| JobError::GiveUp(Box::new(error)))?;
                    job.run(ctx).await
                })
            }),
        );
        self
    }

    /// Adds a job without payload that is queued once per period (at least a second, at most a
    /// day), on whichever node comes first. A period that begins while the job of an earlier one
    /// still waits or runs is left out.
    #[must_use]
    pub fn every<J: Job + Default>(self, every: SignedDuration) -> Self {
        let mut registry = self.with::<J>();
        registry.schedule.push(Scheduled {
            name: J::NAME,
            every_s: every.as_secs().clamp(1, 86_400),
            max_attempts: J::MAX_ATTEMPTS,
        });
        registry
    }

    /// Gives all jobs a value that they find by its type, with [`JobCtx::resource`].
    #[must_use]
    pub fn provide<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.resources.insert(value);
        self
    }

    pub(crate) fn resources(&self) -> Resources {
        self.resources.clone()
    }

    /// Adds all of another registry.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.runs.extend(other.runs);
        self.schedule.extend(other.schedule);
        self.resources.extend(other.resources);
        self
    }

    /// Names of all known jobs.
    pub fn names(&self) -> Vec<&'static str> {
        self.runs.keys().copied().collect()
    }

    /// The timetable.
    pub fn schedule(&self) -> &[Scheduled] {
        &self.schedule
    }

    pub(crate) fn run(&self, name: &str, payload: Value, ctx: JobCtx) -> Option<Running> {
        self.runs.get(name).map(|run| run(payload, ctx))
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("names", &self.names())
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}
