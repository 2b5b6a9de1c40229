//! Claims jobs and runs them until told to stop.

use std::{collections::HashMap, sync::Arc, time::Duration};

use db::{Clock, Db, Error, Origin};
use tokio::{
    sync::Notify,
    task::{Id, JoinError, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{JobCtx, JobError, Registry, store, store::Claimed};

/// Every queued job is announced here.
const CHANNEL: &str = "bursar_jobs";
/// A failed job waits this long, then four times as long, up to the longest wait.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// How a runner behaves; the defaults suit a server.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Jobs that run at the same time in this process.
    pub concurrency: usize,
    /// A job whose runner was not heard of for this long is taken over.
    pub lease: Duration,
    /// How often to look without having been woken, and how often to look at the timetable.
    pub poll: Duration,
    /// How long running jobs may take to end when the process stops.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 4,
            lease: Duration::from_mins(1),
            poll: Duration::from_secs(10),
            grace: Duration::from_secs(5),
        }
    }
}

/// Runs the jobs of a registry.
#[derive(Clone, Debug)]
pub struct Runner {
    db: Db,
    clock: Clock,
    registry: Registry,
    names: Vec<String>,
    settings: Settings,
}

type Outcome = (Claimed, Result<(), JobError>);

#[derive(Default)]
struct Running {
    tasks: JoinSet<Outcome>,
    claims: HashMap<Id, Claimed>,
}

impl Runner {
    /// A runner with the default settings.
    pub fn new(db: Db, clock: Clock, registry: Registry) -> Self {
        let names = registry.names().into_iter().map(str::to_owned).collect();
        Self {
            db,
            clock,
            registry,
            names,
            settings: Settings::default(),
        }
    }

    /// The same runner with other settings.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Works until cancelled. Jobs that do not end within the grace are put back.
    pub async fn run(&self, cancel: CancellationToken) {
        let wake = Arc::new(Notify::new());
        let mut listening = JoinSet::new();
        listening.spawn(listen(
            self.db.clone(),
            Arc::clone(&wake),
            self.settings.poll,
        ));
        let mut poll = interval(self.settings.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut running = Running::default();
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                _ = poll.tick() => log_failure(self.keep_time().await),
                () = wake.notified() => {}
                Some(ended) = running.tasks.join_next_with_id() => {
                    log_failure(self.settle(&mut running.claims, ended).await);
                }
            }
            log_failure(self.fill(&mut running).await);
        }
        self.stop(running).await;
    }

    /// Runs what is due, one job after the other, until nothing is; returns how many runs there
    /// were. For commands that work without a server.
    pub async fn run_due(&self) -> Result<usize, Error> {
        self.keep_time().await?;
        let mut running = Running::default();
        let mut runs = 0;
        while let Some(claimed) = self.claim().await? {
            self.start(&mut running, claimed);
            while let Some(ended) = running.tasks.join_next_with_id().await {
                self.settle(&mut running.claims, ended).await?;
                runs += 1;
            }
        }
        Ok(runs)
    }

    async fn keep_time(&self) -> Result<(), Error> {
        let mut tx = self.db.system("queue scheduled jobs").await?;
        for job in self.registry.schedule() {
            store::insert_scheduled(&mut tx, job).await?;
        }
        let buried = store::bury(&mut tx).await?;
        if buried > 0 {
            tracing::error!(
                buried,
                "jobs are dead: their process ended at every attempt"
            );
        }
        tx.commit().await
    }

    async fn fill(&self, running: &mut Running) -> Result<(), Error> {
        while running.tasks.len() < self.settings.concurrency {
            let Some(claimed) = self.claim().await? else {
                break;
            };
            self.start(running, claimed);
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Option<Claimed>, Error> {
        let mut tx = self.db.system("claim a job").await?;
        let claimed = store::claim(&mut tx, &self.names, self.settings.lease).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    fn start(&self, running: &mut Running, claimed: Claimed) {
        let ctx = JobCtx {
            db: self.db.clone(),
            clock: self.clock.clone(),
            attempt: claimed.attempts,
            id: claimed.id,
            resources: self.registry.resources(),
        };
        // Only known names are claimed.
        let Some(work) = self
            .registry
            .run(&claimed.name, claimed.payload.clone(), ctx)
        else {
            return;
        };
        let (db, lease, job) = (self.db.clone(), self.settings.lease, claimed.clone());
        // A job goes by the name of the request that caused it, in logs and in the database.
        let caused_by = claimed.request_id.clone();
        let origin = Origin::named(Some(&caused_by.unwrap_or(format!("job-{}", claimed.id))));
        let span = tracing::info_span!(
            "job",
            name = claimed.name,
            id = %claimed.id,
            request_id = origin.request_id()
        );
        let task = running.tasks.spawn(
            async move {
                let outcome = tokio::select! {
                    outcome = origin.scope(work) => outcome,
                    () = keep_lease(&db, &job, lease) => Err(JobError::Retry(Box::new(LeaseLost))),
                };
                (job, outcome)
            }
            .instrument(span),
        );
        running.claims.insert(task.id(), claimed);
    }

    async fn settle(
        &self,
        claims: &mut HashMap<Id, Claimed>,
        ended: Result<(Id, Outcome), JoinError>,
    ) -> Result<(), Error> {
        let (job, outcome) = match ended {
            Ok((id, outcome)) => {
                claims.remove(&id);
                outcome
            }
            Err(error) => {
                let Some(job) = claims.remove(&error.id()) else {
                    return Ok(());
                };
                (job, Err(JobError::Retry(Box::new(error))))
            }
        };
        let mut tx = self.db.system("settle a job").await?;
        match outcome {
            Ok(()) => store::finish(&mut tx, &job, None).await?,
            Err(JobError::Retry(error)) if job.attempts < job.max_attempts => {
                tracing::warn!(job = job.name, %job.id, job.attempts, %error, "job will be tried again");
                let wait = wait_after(job.attempts);
                store::requeue(&mut tx, &job, wait, Some(&error.to_string())).await?;
            }
            Err(JobError::Retry(error) | JobError::GiveUp(error)) => {
                tracing::error!(job = job.name, %job.id, job.attempts, %error, "job is dead");
                store::finish(&mut tx, &job, Some(&error.to_string())).await?;
            }
        }
        tx.commit().await
    }

    async fn stop(&self, mut running: Running) {
        let settled = timeout(self.settings.grace, async {
            while let Some(ended) = running.tasks.join_next_with_id().await {
                log_failure(self.settle(&mut running.claims, ended).await);
            }
        })
        .await;
        if settled.is_ok() {
            return;
        }
        running.tasks.shutdown().await;
        log_failure(self.put_back(running.claims.into_values()).await);
    }

    async fn put_back(&self, jobs: impl Iterator<Item = Claimed>) -> Result<(), Error> {
        let mut tx = self.db.system("put jobs back").await?;
        for job in jobs {
            store::requeue(&mut tx, &job, Duration::ZERO, None).await?;
        }
        tx.commit().await
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the lease was lost; another runner took the job over")]
struct LeaseLost;

/// Prolongs a lease for as long as it is polled; returns when it is lost.
async fn keep_lease(db: &Db, job: &Claimed, lease: Duration) {
    loop {
        sleep(lease / 3).await;
        let extended = async {
            let mut tx = db.system("prolong the lease of a job").await?;
            let extended = store::extend(&mut tx, job.id, job.attempts, lease).await?;
            tx.commit().await?;
            Ok::<_, Error>(extended)
        };
        match extended.await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, %job.id, "lease not prolonged"),
        }
    }
}

/// Turns notifications into wake-ups. What is missed while the connection is re-made is found by
/// the poll.
async fn listen(db: Db, wake: Arc<Notify>, retry_after: Duration) {
    loop {
        match db.listen(&[CHANNEL]).await {
            Ok(mut listener) => {
                wake.notify_one();
                while listener.recv().await.is_ok() {
                    wake.notify_one();
                }
            }
            Err(error) => tracing::warn!(%error, "jobs are found by polling alone"),
        }
        sleep(retry_after).await;
    }
}

fn wait_after(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(16);
    FIRST_WAIT
        .saturating_mul(4_u32.saturating_pow(doublings))
        .min(LONGEST_WAIT)
}

fn log_failure(result: Result<(), Error>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the job queue did not answer; trying again");
    }
}
