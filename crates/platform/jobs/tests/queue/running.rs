use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jobs::{Job, JobCtx, JobError, Registry, Settings};
use serde::{Deserialize, Serialize};
use testkit::TestDb;
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::harness::{queue, quick, row, rows, runner, until};

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
    // Long enough for a busy machine to prolong it in time.
    let settings = Settings {
        lease: Duration::from_secs(2),
        ..quick()
    };
    let mut first = JoinSet::new();
    let crashing = runner(&db, registry.clone()).with_settings(settings);
    first.spawn(async move { crashing.run(CancellationToken::new()).await });
    until("the first try", async || {
        HANGING.load(Ordering::SeqCst) == 1
    })
    .await;
    // Longer than the lease: a runner that lives keeps its job.
    sleep(settings.lease * 2).await;
    let second = runner(&db, registry).with_settings(settings);
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

#[derive(Default, Serialize, Deserialize)]
struct Greet {}

static GREETED: Mutex<Vec<Option<String>>> = Mutex::new(Vec::new());

impl Job for Greet {
    const NAME: &'static str = "test.greet";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let name = ctx.resource::<String>().cloned();
        GREETED.lock().expect("lock").push(name);
        Ok(())
    }
}

#[tokio::test]
async fn jobs_find_what_their_process_provides() {
    let test = TestDb::new().await;
    let db = test.db();
    let bare = Registry::new().with::<Greet>();
    let provided = Registry::new()
        .provide("Ann".to_owned())
        .merge(bare.clone());
    for registry in [bare, provided] {
        assert!(queue(&db, &Greet {}).await);
        let runs = runner(&db, registry).run_due().await.expect("ran");
        assert_eq!(runs, 1);
    }
    let greeted = GREETED.lock().expect("lock").clone();
    assert_eq!(greeted, [None, Some("Ann".to_owned())]);
}
