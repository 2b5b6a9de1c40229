use std::sync::atomic::{AtomicUsize, Ordering};

use db::UserId;
use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError, Registry, enqueue};
use serde::{Deserialize, Serialize};
use testkit::TestDb;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{NoAnswer, queue, row, rows, runner};

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

#[derive(Serialize, Deserialize)]
struct Wait {
    number: usize,
}

impl Job for Wait {
    const NAME: &'static str = "test.wait";

    async fn run(self, _: JobCtx) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_job_is_queued_with_its_cause_or_not_at_all() {
    let test = TestDb::new().await;
    let db = test.db();
    let user = UserId(Uuid::from_u128(1));
    let mut tx = db.write(user).await.expect("unit of work");
    assert!(enqueue(&mut tx, &Wait { number: 1 }).await.expect("queued"));
    drop(tx);
    assert!(rows(&db, Wait::NAME).await.is_empty());

    let mut tx = db.write(user).await.expect("unit of work");
    assert!(enqueue(&mut tx, &Wait { number: 2 }).await.expect("queued"));
    tx.commit().await.expect("commit");
    assert_eq!(row(&db, Wait::NAME).await.state, "queued");

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
