//! The queue against real PostgreSQL: exactly once, taken over after a crash, dead at the end.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use db::{Clock, Db, UserId};
use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError, Registry, Runner, Settings, enqueue};
use serde::{Deserialize, Serialize};
use testkit::TestDb;
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A runner that reacts within milliseconds.
fn quick() -> Settings {
    Settings {
        concurrency: 4,
        lease: Duration::from_millis(600),
        poll: Duration::from_millis(50),
        grace: Duration::from_millis(50),
    }
}

fn runner(db: &Db, registry: Registry) -> Runner {
    Runner::new(db.clone(), Clock::system(), registry).with_settings(quick())
}

async fn queue(db: &Db, job: &impl Job) -> bool {
    let mut tx = db.system("queue a job").await.expect("unit of work");
    let queued = enqueue(&mut tx, job).await.expect("queued");
    tx.commit().await.expect("commit");
    queued
}

struct Row {
    state: String,
    attempts: i32,
    last_error: Option<String>,
    progress: Option<serde_json::Value>,
    is_due: bool,
}

async fn rows(db: &Db, name: &str) -> Vec<Row> {
    let mut tx = db.system("look at jobs").await.expect("unit of work");
    sqlx::query_as!(
        Row,
        r#"select state, attempts, last_error, progress, run_at <= now() as "is_due!"
           from platform.jobs where name = $1 order by created_at"#,
        name,
    )
    .fetch_all(tx.conn())
    .await
    .expect("rows")
}

async fn row(db: &Db, name: &str) -> Row {
    let mut rows = rows(db, name).await;
    assert_eq!(rows.len(), 1, "one {name}");
    rows.remove(0)
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(
            Instant::now() < deadline,
            "{what} did not happen within 20 seconds"
        );
        sleep(Duration::from_millis(10)).await;
    }
}

#[derive(Serialize, Deserialize)]
struct Count {
    number: usize,
}

static COUNTED: Mutex<Vec<usize>> = Mutex::new(Vec::new());

impl Job for Count {
    const NAME: &'static str = "test.count";

    async fn run(self, _: JobCtx) -> Result<(), JobError> {
        sleep(Duration::from_millis(2)).await;
        COUNTED.lock().expect("lock").push(self.number);
        Ok(())
    }
}

#[tokio::test]
async fn two_runners_run_each_job_once() {
    let test = TestDb::new().await;
    let db = test.db();
    let cancel = CancellationToken::new();
    let mut runners = JoinSet::new();
    for _ in 0..2 {
        let runner = runner(&db, Registry::new().with::<Count>());
        let cancel = cancel.clone();
        runners.spawn(async move { runner.run(cancel).await });
    }
    for number in 0..60 {
        assert!(queue(&db, &Count { number }).await);
    }
    until("the end of all jobs", async || {
        rows(&db, Count::NAME)
            .await
            .iter()
            .all(|row| row.state == "done")
    })
    .await;
    cancel.cancel();
    runners.join_all().await;

    let mut counted = COUNTED.lock().expect("lock").clone();
    counted.sort_unstable();
    assert_eq!(counted, (0..60).collect::<Vec<_>>());
    assert!(
        rows(&db, Count::NAME)
            .await
            .iter()
            .all(|row| row.attempts == 1)
    );
}

#[derive(Serialize, Deserialize)]
struct Hang {}

static HANGING: AtomicUsize = AtomicUsize::new(0);

impl Job for Hang {
    const NAME: &'static str = "test.hang";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        ctx.progress(&serde_json::json!({ "attempt": ctx.attempt }))
            .await?;
        HANGING.fetch_add(1, Ordering::SeqCst);
        if ctx.attempt == 1 {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_a_crashed_runner_left_is_taken_over() {
    let test = TestDb::new().await;
    let db = test.db();
    queue(&db, &Hang {}).await;
    let registry = Registry::new().with::<Hang>();
    let mut first = JoinSet::new();
    let crashing = runner(&db, registry.clone());
    first.spawn(async move { crashing.run(CancellationToken::new()).await });
    until("the first try", async || {
        HANGING.load(Ordering::SeqCst) == 1
    })
    .await;
    // Longer than the lease: a runner that lives keeps its job.
    sleep(quick().lease * 2).await;
    let second = runner(&db, registry);
    assert_eq!(second.run_due().await.expect("database"), 0);

    first.shutdown().await;
    assert_eq!(
        row(&db, Hang::NAME).await.state,
        "running",
        "nobody cleaned up"
    );
    until("the takeover", async || {
        second.run_due().await.expect("database") == 1
    })
    .await;
    let row = row(&db, Hang::NAME).await;
    assert_eq!((row.state.as_str(), row.attempts), ("done", 2));
    assert_eq!(row.progress, Some(serde_json::json!({ "attempt": 2 })));
}

#[derive(Serialize, Deserialize)]
struct Fail {
    gives_up: bool,
    panics: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the source does not answer")]
struct NoAnswer;

impl Job for Fail {
    const NAME: &'static str = "test.fail";
    const MAX_ATTEMPTS: i32 = 3;

    async fn run(self, _: JobCtx) -> Result<(), JobError> {
        assert!(!self.panics, "a defect");
        if self.gives_up {
            Err(JobError::GiveUp(Box::new(NoAnswer)))
        } else {
            Err(JobError::Retry(Box::new(NoAnswer)))
        }
    }
}

async fn make_due(db: &Db) {
    let mut tx = db.system("make jobs due").await.expect("unit of work");
    sqlx::query!("update platform.jobs set run_at = now() where state = 'queued'")
        .execute(tx.conn())
        .await
        .expect("update");
    tx.commit().await.expect("commit");
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_later_and_then_dead() {
    let test = TestDb::new().await;
    let db = test.db();
    let runner = runner(&db, Registry::new().with::<Fail>());
    queue(
        &db,
        &Fail {
            gives_up: false,
            panics: false,
        },
    )
    .await;
    for attempt in 1..=2 {
        assert_eq!(runner.run_due().await.expect("database"), 1);
        let row = row(&db, Fail::NAME).await;
        assert_eq!(
            (row.state.as_str(), row.attempts, row.is_due),
            ("queued", attempt, false)
        );
        assert_eq!(
            row.last_error.as_deref(),
            Some("the source does not answer")
        );
        make_due(&db).await;
    }
    assert_eq!(runner.run_due().await.expect("database"), 1);
    let row = row(&db, Fail::NAME).await;
    assert_eq!((row.state.as_str(), row.attempts), ("dead", 3));
    make_due(&db).await;
    assert_eq!(runner.run_due().await.expect("database"), 0);
}

#[tokio::test]
async fn giving_up_is_final_and_a_panic_is_a_failure() {
    let test = TestDb::new().await;
    let db = test.db();
    let runner = runner(&db, Registry::new().with::<Fail>());
    queue(
        &db,
        &Fail {
            gives_up: true,
            panics: false,
        },
    )
    .await;
    queue(
        &db,
        &Fail {
            gives_up: false,
            panics: true,
        },
    )
    .await;
    assert_eq!(runner.run_due().await.expect("database"), 2);
    let states: BTreeMap<String, Option<String>> = rows(&db, Fail::NAME)
        .await
        .into_iter()
        .map(|row| (row.state, row.last_error))
        .collect();
    assert_eq!(
        states["dead"].as_deref(),
        Some("the source does not answer")
    );
    assert!(
        states["queued"]
            .as_deref()
            .is_some_and(|e| e.contains("a defect")),
        "{states:?}"
    );
}

#[tokio::test]
async fn a_payload_of_another_time_is_dead_not_stuck() {
    let test = TestDb::new().await;
    let db = test.db();
    let mut tx = db
        .system("queue an old payload")
        .await
        .expect("unit of work");
    sqlx::query!("insert into platform.jobs (name, payload) values ('test.fail', '{\"old\": 1}')")
        .execute(tx.conn())
        .await
        .expect("insert");
    tx.commit().await.expect("commit");
    let runner = runner(&db, Registry::new().with::<Fail>());
    assert_eq!(runner.run_due().await.expect("database"), 1);
    let row = row(&db, Fail::NAME).await;
    assert_eq!(row.state, "dead");
    assert!(
        row.last_error
            .is_some_and(|error| error.contains("missing field"))
    );
}

#[derive(Default, Serialize, Deserialize)]
struct Revalue {}

static REVALUED: AtomicUsize = AtomicUsize::new(0);

impl Job for Revalue {
    const NAME: &'static str = "test.revalue";

    fn unique_key(&self) -> Option<String> {
        Some("portfolio-1".to_owned())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        REVALUED.fetch_add(1, Ordering::SeqCst);
        // A change while the job runs needs another run.
        if ctx.attempt == 1 && REVALUED.load(Ordering::SeqCst) == 1 {
            assert!(queue(&ctx.db, &Revalue {}).await);
            assert!(!queue(&ctx.db, &Revalue {}).await);
            return Err(JobError::Retry(Box::new(NoAnswer)));
        }
        Ok(())
    }
}

#[tokio::test]
async fn equal_jobs_that_wait_are_one_job() {
    let test = TestDb::new().await;
    let db = test.db();
    assert!(queue(&db, &Revalue {}).await);
    assert!(!queue(&db, &Revalue {}).await);
    let runner = runner(&db, Registry::new().with::<Revalue>());
    assert_eq!(runner.run_due().await.expect("database"), 2);
    let rows = rows(&db, Revalue::NAME).await;
    // The first try failed, but an equal job was waiting and took its place.
    let states: Vec<_> = rows
        .iter()
        .map(|row| (row.state.as_str(), row.attempts))
        .collect();
    assert_eq!(states, [("done", 1), ("done", 1)]);
}

#[tokio::test]
async fn a_job_is_queued_with_its_cause_or_not_at_all() {
    let test = TestDb::new().await;
    let db = test.db();
    let user = UserId(Uuid::from_u128(1));
    let mut tx = db.write(user).await.expect("unit of work");
    assert!(
        enqueue(&mut tx, &Count { number: 1 })
            .await
            .expect("queued")
    );
    drop(tx);
    assert!(rows(&db, Count::NAME).await.is_empty());

    let mut tx = db.write(user).await.expect("unit of work");
    assert!(
        enqueue(&mut tx, &Count { number: 2 })
            .await
            .expect("queued")
    );
    tx.commit().await.expect("commit");
    assert_eq!(row(&db, Count::NAME).await.state, "queued");

    let mut tx = db.write(user).await.expect("unit of work");
    let refused = sqlx::query!("delete from platform.jobs")
        .execute(tx.conn())
        .await;
    let refused = refused
        .expect_err("a user must not reach the table")
        .to_string();
    assert!(refused.contains("permission denied"), "{refused}");
}

#[derive(Default, Serialize, Deserialize)]
struct Tick {}

static TICKS: AtomicUsize = AtomicUsize::new(0);

impl Job for Tick {
    const NAME: &'static str = "test.tick";

    async fn run(self, _: JobCtx) -> Result<(), JobError> {
        TICKS.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn a_scheduled_job_runs_once_per_period_over_all_nodes() {
    let test = TestDb::new().await;
    let db = test.db();
    let registry = Registry::new().every::<Tick>(SignedDuration::from_hours(24));
    let mut nodes = JoinSet::new();
    for _ in 0..4 {
        let node = runner(&db, registry.clone());
        nodes.spawn(async move { node.run_due().await.expect("database") });
    }
    assert_eq!(nodes.join_all().await.into_iter().sum::<usize>(), 1);
    assert_eq!(TICKS.load(Ordering::SeqCst), 1);

    let mut tx = db.system("let a day pass").await.expect("unit of work");
    sqlx::query!("update platform.jobs set unique_key = 'slot:1'")
        .execute(tx.conn())
        .await
        .expect("update");
    tx.commit().await.expect("commit");
    assert_eq!(runner(&db, registry).run_due().await.expect("database"), 1);
    assert_eq!(TICKS.load(Ordering::SeqCst), 2);
}

#[derive(Serialize, Deserialize)]
struct Wake {}

impl Job for Wake {
    const NAME: &'static str = "test.wake";

    async fn run(self, _: JobCtx) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_queued_job_wakes_the_runner() {
    let test = TestDb::new().await;
    let db = test.db();
    let hourly = Settings {
        poll: Duration::from_hours(1),
        ..quick()
    };
    let cancel = CancellationToken::new();
    let runner = runner(&db, Registry::new().with::<Wake>()).with_settings(hourly);
    let (running, stopping) = (runner.clone(), cancel.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { running.run(stopping).await });
    for _ in 0..2 {
        queue(&db, &Wake {}).await;
        until("the run", async || {
            rows(&db, Wake::NAME)
                .await
                .iter()
                .all(|row| row.state == "done")
        })
        .await;
    }
    cancel.cancel();
    tasks.join_all().await;
}

#[derive(Serialize, Deserialize)]
struct Slow {}

static SLOW: AtomicUsize = AtomicUsize::new(0);

impl Job for Slow {
    const NAME: &'static str = "test.slow";

    async fn run(self, _: JobCtx) -> Result<(), JobError> {
        SLOW.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test]
async fn stopping_puts_unfinished_jobs_back() {
    let test = TestDb::new().await;
    let db = test.db();
    queue(&db, &Slow {}).await;
    let cancel = CancellationToken::new();
    let runner = runner(&db, Registry::new().with::<Slow>());
    let stopping = cancel.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { runner.run(stopping).await });
    until("the start", async || SLOW.load(Ordering::SeqCst) == 1).await;
    cancel.cancel();
    tasks.join_all().await;
    let row = row(&db, Slow::NAME).await;
    assert_eq!(
        (row.state.as_str(), row.attempts, row.is_due),
        ("queued", 0, true)
    );
}
