use std::time::{Duration, Instant};

use db::{Clock, Db};
use jobs::{Job, Registry, Runner, Settings, enqueue};
use tokio::time::sleep;

/// A runner that reacts within milliseconds.
pub(crate) fn quick() -> Settings {
    Settings {
        concurrency: 4,
        lease: Duration::from_millis(600),
        poll: Duration::from_millis(50),
        grace: Duration::from_millis(50),
    }
}

pub(crate) fn runner(db: &Db, registry: Registry) -> Runner {
    Runner::new(db.clone(), Clock::system(), registry).with_settings(quick())
}

pub(crate) async fn queue(db: &Db, job: &impl Job) -> bool {
    let mut tx = db.system("queue a job").await.expect("unit of work");
    let queued = enqueue(&mut tx, job).await.expect("queued");
    tx.commit().await.expect("commit");
    queued
}

pub(crate) struct Row {
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) last_error: Option<String>,
    pub(crate) progress: Option<serde_json::Value>,
    pub(crate) is_due: bool,
}

pub(crate) async fn rows(db: &Db, name: &str) -> Vec<Row> {
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

pub(crate) async fn row(db: &Db, name: &str) -> Row {
    let mut rows = rows(db, name).await;
    assert_eq!(rows.len(), 1, "one {name}");
    rows.remove(0)
}

pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(
            Instant::now() < deadline,
            "{what} did not happen within 20 seconds"
        );
        sleep(Duration::from_millis(10)).await;
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the source does not answer")]
pub(crate) struct NoAnswer;
