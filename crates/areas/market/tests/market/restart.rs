//! PostgreSQL is killed while bars and ticks come in: what was acknowledged is there afterwards, and what
//! was sent again because nobody knew is there once.

use std::{
    fmt::Write as _, fs::Permissions, io::Cursor, os::unix::fs::PermissionsExt as _, time::Duration,
};

use config::{DataDir, Profile};
use db::{Clock, Cluster, ClusterOptions, Db, migrations::Migrator, roles};
use jiff::{SignedDuration, Timestamp};
use market::{
    ImportError, InstrumentId, SecurityKey,
    bars::{self, Bar, Interval},
    instruments, rollups,
    ticks::{self, Tick},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

const BATCHES: i64 = 30;
const MINUTES_A_BATCH: i64 = 10;
/// Batches after which the server is killed.
const KILLED_AFTER: [i64; 3] = [9, 16, 23];

/// Bars, ticks and a file of bars, in turn.
async fn send(db: &Db, id: InstrumentId, batch: i64) -> Result<(), ImportError> {
    if batch % 3 == 2 {
        return send_file(db, batch).await;
    }
    let start: Timestamp = "2024-05-01T00:00:00Z".parse().unwrap();
    let mut tx = db.system("ingest in a test").await?;
    let times = (0..MINUTES_A_BATCH)
        .map(|minute| start + SignedDuration::from_mins(batch * MINUTES_A_BATCH + minute));
    if batch % 3 == 0 {
        let rows: Vec<_> = times
            .map(|at| {
                let bar = Bar {
                    at,
                    open: 1.0,
                    high: 2.0,
                    low: 1.0,
                    close: 2.0,
                    adjusted_close: None,
                    volume: Some(1.0),
                };
                (id, bar)
            })
            .collect();
        bars::ingest(&mut tx, Interval::Minute, "test", &rows).await?;
    } else {
        let rows: Vec<_> = times
            .map(|at| {
                let tick = Tick {
                    at,
                    sequence: 1,
                    price: 2.0,
                    volume: Some(1.0),
                    bid: None,
                    ask: None,
                };
                (id, tick)
            })
            .collect();
        ticks::ingest(&mut tx, "test", &rows).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn send_file(db: &Db, batch: i64) -> Result<(), ImportError> {
    let start: Timestamp = "2024-05-01T00:00:00Z".parse().unwrap();
    let mut csv = "time,open,high,low,close,volume\n".to_owned();
    for minute in 0..MINUTES_A_BATCH {
        let at = start + SignedDuration::from_mins(batch * MINUTES_A_BATCH + minute);
        writeln!(csv, "{at},1,2,1,2,1").unwrap();
    }
    let options = bars::ImportOptions {
        symbol: Some("ACME".to_owned()),
        interval: Interval::Minute,
        source: "file".to_owned(),
        ..bars::ImportOptions::default()
    };
    let report = bars::import(
        db,
        Cursor::new(csv),
        &options,
        Clock::system().now(),
        |_| (),
    )
    .await?;
    assert_eq!(
        (report.corrected, report.rejected.len()),
        (0, 0),
        "{report:?}"
    );
    Ok(())
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_is_doubled_when_the_server_dies() {
    // In memory where there is such a place: a disk that waits for every commit is not the question here.
    let memory = std::path::Path::new("/dev/shm");
    let directory = if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    };
    // The server may run under another account.
    std::fs::set_permissions(directory.path(), Permissions::from_mode(0o711)).unwrap();
    let data_dir = DataDir::open(Some(&directory.path().join("data")), Profile::Live).unwrap();
    let cluster = Cluster::open(&data_dir, ClusterOptions::default())
        .await
        .unwrap();
    roles::ensure(&cluster.access()).await.unwrap();
    Migrator::embedded()
        .migrate(&cluster.access())
        .await
        .unwrap();
    let db = Db::connect(&cluster.access()).await.unwrap();
    let mut tx = db.system("prepare a test").await.unwrap();
    let key = SecurityKey {
        symbol: "ACME".to_owned(),
        ..SecurityKey::default()
    };
    let id = instruments::ensure(&mut tx, &[key]).await.unwrap()[0];
    tx.commit().await.unwrap();

    let end = tokio::sync::Notify::new();
    let work = async {
        let mut failures = 0;
        for batch in 0..BATCHES {
            if KILLED_AFTER.contains(&batch) {
                // The batch is on its way while the server dies.
                let server = cluster.server_pid().unwrap().cast_signed();
                let (sent, ()) = tokio::join!(send(&db, id, batch), async {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    kill(Pid::from_raw(server), Signal::SIGKILL).unwrap();
                });
                failures += u32::from(sent.is_err());
            }
            // Sent until it is acknowledged, as a source does.
            let mut tries = 0;
            while let Err(error) = send(&db, id, batch).await {
                failures += 1;
                tries += 1;
                assert!(tries < 600, "{error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while rollups::run(&db).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        end.notify_one();
        failures
    };
    let ((), failures) = tokio::join!(cluster.supervise(end.notified()), work);
    assert!(failures > 0, "the server was never missed");

    let mut tx = db.system("look into a test").await.unwrap();
    let (from, to) = (
        "2024-01-01T00:00:00Z".parse().unwrap(),
        "2025-01-01T00:00:00Z".parse().unwrap(),
    );
    let total = BATCHES * MINUTES_A_BATCH;
    let minutes = bars::between(tx.conn(), id, Interval::Minute, from, to, i64::MAX)
        .await
        .unwrap();
    assert_eq!(minutes.len() as i64, total);
    let days = bars::between(tx.conn(), id, Interval::Day, from, to, i64::MAX)
        .await
        .unwrap();
    let volumes: Vec<_> = days.iter().map(|day| day.volume).collect();
    assert_eq!(volumes, [Some(total as f64)], "each minute counts once");
    drop(tx);
    db.close().await;
    cluster.close().await.unwrap();
}
