use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use db::{Clock, Db};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{instrument::WithSubscriber as _, subscriber::NoSubscriber};

use super::{
    model::{Line, Use, Waiting},
    store,
};

/// Lines that are written in one unit of work.
const AT_A_TIME: usize = 200;
/// So long others may join a line before it is written.
const GATHER: Duration = Duration::from_millis(200);

/// Takes lines from the queue to the database.
#[derive(Debug)]
pub struct LogWriter {
    receiver: mpsc::Receiver<Waiting>,
    dropped: Arc<AtomicU64>,
    /// How many of those a line says that they are missing.
    told: u64,
    clock: Clock,
}

/// How many lines were lost, for whoever measures the process.
#[derive(Clone, Debug)]
pub struct DroppedLines(Arc<AtomicU64>);

impl DroppedLines {
    /// Since the process began.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl LogWriter {
    pub(super) fn new(
        receiver: mpsc::Receiver<Waiting>,
        dropped: Arc<AtomicU64>,
        clock: Clock,
    ) -> Self {
        Self {
            receiver,
            dropped,
            told: 0,
            clock,
        }
    }

    /// Writes until cancelled, and what waits then. What it has to say itself is not heard: a database
    /// that does not answer would otherwise be told about it.
    pub async fn run(mut self, db: Db, cancel: CancellationToken) {
        async {
            loop {
                let mut batch = Vec::new();
                tokio::select! {
                    () = cancel.cancelled() => break,
                    taken = self.receiver.recv_many(&mut batch, AT_A_TIME) => {
                        if taken == 0 {
                            return;
                        }
                    }
                }
                self.write(&db, batch).await;
                tokio::time::sleep(GATHER).await;
            }
            self.write_waiting(&db).await;
        }
        .with_subscriber(NoSubscriber::default())
        .await;
    }

    /// Writes what waits now.
    pub async fn write_waiting(&mut self, db: &Db) {
        let mut batch = Vec::new();
        while let Ok(waiting) = self.receiver.try_recv() {
            batch.push(waiting);
        }
        if !batch.is_empty() {
            self.write(db, batch).await;
        }
    }

    /// Lines that found the queue full or the database away.
    pub fn dropped(&self) -> DroppedLines {
        DroppedLines(Arc::clone(&self.dropped))
    }

    async fn write(&mut self, db: &Db, batch: Vec<Waiting>) {
        let count = batch.len() as u64;
        let (mut lines, mut uses): (Vec<Line>, Vec<Use>) = (Vec::new(), Vec::new());
        for waiting in batch {
            match waiting {
                Waiting::Line(line) => lines.push(line),
                Waiting::Use(page) => uses.push(page),
            }
        }
        let dropped = self.dropped.load(Ordering::Relaxed);
        lines.extend(self.about(dropped.saturating_sub(self.told)));
        let written = async {
            let mut tx = db.system("write log lines").await?;
            store::insert_lines(&mut tx, &lines).await?;
            store::insert_uses(&mut tx, &uses).await?;
            tx.commit().await
        };
        match written.await {
            Ok(()) => self.told = dropped,
            Err(_) => _ = self.dropped.fetch_add(count, Ordering::Relaxed),
        }
    }

    /// The line that says how many are missing.
    fn about(&self, missing: u64) -> Option<Line> {
        (missing > 0).then(|| Line {
            at: self.clock.now(),
            level: "warn",
            service: "record".to_owned(),
            message: format!("{missing} lines of the log were dropped"),
            metadata: json!({ "dropped": missing }),
            user_id: None,
            request_id: None,
            stack_trace: None,
        })
    }
}
