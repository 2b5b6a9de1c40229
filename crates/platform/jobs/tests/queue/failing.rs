use std::collections::BTreeMap;

use db::Db;
use jobs::{Job, JobCtx, JobError, Registry};
use serde::{Deserialize, Serialize};
use testkit::TestDb;

use crate::harness::{NoAnswer, queue, row, rows, runner};

#[derive(Serialize, Deserialize)]
struct Fail {
    gives_up: bool,
    panics: bool,
}

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
