//! Minutes of years out of a file: they are packed as they come, computed into longer bars and go with their age,
//! while others go on working.

use std::{fmt::Write as _, time::Duration};

use jiff::{SignedDuration, Timestamp};
use market::{
    bars::{ImportOptions, Interval},
    instruments, lifetimes, rollups,
};

use serde_json::json;

use crate::{
    site::{NOW, Site},
    timeseries::{instrument, roll_up, stored},
};

const DAYS: i64 = 2_000;

fn of(interval: Interval, source: &str) -> ImportOptions {
    ImportOptions {
        symbol: Some("OLD".to_owned()),
        interval,
        source: source.to_owned(),
        ..ImportOptions::default()
    }
}

/// Three minutes of each of two thousand days; the last of them is yesterday.
fn minutes(close: u8) -> String {
    let now: Timestamp = NOW.parse().unwrap();
    let mut csv = "time,open,high,low,close,volume\n".to_owned();
    for day in (1..=DAYS).rev() {
        let start = now - SignedDuration::from_hours(24 * day);
        for minute in 0..3 {
            let at = start + SignedDuration::from_mins(minute);
            writeln!(csv, "{at},10,20,5,{close},1").unwrap();
        }
    }
    csv
}

async fn count(site: &Site, sql: &'static str) -> i64 {
    site.texts(sql).await[0].parse().unwrap()
}

const PARTITIONS: &str =
    "select count(*)::text from pg_inherits where inhparent = 'market.bars_1m'::regclass";
const PACKED: &str = "select coalesce(sum(cardinality(minutes)), 0)::text from market.packed_bars";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
async fn minutes_of_two_thousand_days_are_loaded_while_others_go_on_working() {
    let site = Site::new().await;
    let load = async {
        let report = site
            .import(&minutes(15), &of(Interval::Minute, "old.csv"))
            .await;
        let report = report.unwrap();
        assert_eq!((report.imported, report.rejected.len()), (6_000, 0));
        rollups::run(&site.db()).await.unwrap();
    };
    // Whoever changes instruments meanwhile never waits for long.
    let others = async {
        for place in 0.. {
            let id = instrument(&site, &format!("NEW{place}"), "").await;
            let mut tx = site.db().system("work in a test").await.unwrap();
            assert_eq!(instruments::list(tx.conn(), &[id]).await.unwrap().len(), 1);
            drop(tx);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let both = async {
        tokio::select! {
            () = load => {}
            () = others => {}
        }
    };
    Box::pin(tokio::time::timeout(Duration::from_mins(2), both))
        .await
        .unwrap();
    assert!(count(&site, PARTITIONS).await < 20, "the days of a week");
    assert!(count(&site, PACKED).await > 5_900);

    let id = site.instrument("OLD").await.id;
    let hours = stored(&site, id, Interval::Hour).await;
    assert_eq!(hours.len(), 2_000);
    assert_eq!(hours.last().unwrap(), "2024-06-02T12:00:00Z 10 20 5 15 3");
    assert_eq!(stored(&site, id, Interval::Day).await.len(), 2_000);
    assert_eq!(stored(&site, id, Interval::Minute).await.len(), 6_000);

    // The same again adds nothing, other values correct and keep what was there.
    let again = site
        .import(&minutes(15), &of(Interval::Minute, "old.csv"))
        .await;
    let again = again.unwrap();
    assert_eq!(
        (again.imported, again.corrected, again.duplicates),
        (0, 0, 6_000)
    );
    let other = site
        .import(&minutes(16), &of(Interval::Minute, "new.csv"))
        .await;
    let other = other.unwrap();
    assert_eq!(
        (other.imported, other.corrected, other.duplicates),
        (0, 6_000, 0)
    );
    let versions = "select count(*)::text from market.bar_versions
                    where interval = '1m' and close = 15";
    assert_eq!(count(&site, versions).await, 6_000);
    roll_up(&site).await;
    let days = stored(&site, id, Interval::Day).await;
    assert_eq!(
        (days.len(), days[0].as_str()),
        (2_000, "2018-12-12T00:00:00Z 10 20 5 16 3")
    );

    // In the night they go, and what was computed of them stays.
    let kept = lifetimes::keep(&site.db(), NOW.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(kept.postponed, Vec::<String>::new());
    assert_eq!(kept.dropped_minutes, 3 * (2_000 - 30));
    assert_eq!(stored(&site, id, Interval::Day).await, days);
    let gone = site
        .import(&minutes(17), &of(Interval::Minute, "old.csv"))
        .await;
    let gone = gone.unwrap();
    assert_eq!(
        (gone.corrected, gone.rejected.len()),
        (90, 3 * (2_000 - 30))
    );
    assert!(gone.rejected.iter().all(|line| line.code == "expired"));
}

#[tokio::test]
async fn a_minute_of_a_packed_day_may_come_by_another_door() {
    let site = Site::new().await;
    let csv = "time,open,high,low,close,volume\n2023-03-01T10:00:00Z,10,20,5,15,1\n\
               2023-03-01T10:01:00Z,15,20,5,11,1\n";
    site.import(csv, &of(Interval::Minute, "old.csv"))
        .await
        .unwrap();
    assert_eq!(count(&site, PACKED).await, 2);
    let id = site.instrument("OLD").await.id;
    let late = crate::timeseries::bar("2023-03-01T10:02:00Z", [11.0, 30.0, 11.0, 12.0], 1.0);
    crate::timeseries::ingest(&site, Interval::Minute, "test", &[(id, late)]).await;
    // Now the day has a partition, and the file meets its minutes there.
    assert_eq!(count(&site, PACKED).await, 0);
    let csv = format!("{csv}2023-03-01T10:02:00Z,11,30,11,13,1\n");
    let report = site
        .import(&csv, &of(Interval::Minute, "old.csv"))
        .await
        .unwrap();
    assert_eq!((report.corrected, report.duplicates), (1, 2));
    roll_up(&site).await;
    assert_eq!(
        stored(&site, id, Interval::Day).await,
        ["2023-03-01T00:00:00Z 10 30 5 13 3"]
    );
}

#[tokio::test]
async fn hours_of_many_months_find_their_partitions() {
    let site = Site::new().await;
    let mut csv = "time,open,high,low,close,volume\n".to_owned();
    for year in 2000..2020 {
        for month in 1..=12 {
            writeln!(csv, "{year}-{month:02}-10T10:00:00Z,10,20,5,15,1").unwrap();
        }
    }
    let report = site
        .import(&csv, &of(Interval::Hour, "hours.csv"))
        .await
        .unwrap();
    assert_eq!((report.imported, report.rejected.len()), (240, 0));
    let again = site
        .import(&csv, &of(Interval::Hour, "hours.csv"))
        .await
        .unwrap();
    assert_eq!((again.imported, again.duplicates), (0, 240));
}

#[tokio::test]
async fn the_hour_that_comes_twice_in_autumn_is_kept_twice() {
    let site = Site::new().await;
    let csv = "time,open,high,low,close,volume\n\
               2023-11-05 00:00,1,9,1,1,1\n2023-11-05 01:00,2,9,1,2,1\n2023-11-05 01:00,3,9,1,3,1\n\
               2023-11-05 02:00,4,9,1,4,1\n2024-03-10 02:00,5,9,1,5,1\n2024-03-10 03:00,6,9,1,6,1\n\
               2023-11-05 01:00,7,9,1,7,1\n";
    let door = "/api/v1/market/bars?interval=1h&symbol=OLD&time_zone=America/New_York";
    let report = site.post_csv(door, &site.owner, csv).await.json();
    assert_eq!(
        (&report["imported"], &report["corrected"]),
        (&json!(5), &json!(0))
    );
    let refused = |place: usize| {
        let line = &report["rejected"][place];
        (
            line["line"].as_u64().unwrap(),
            line["code"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(refused(0), (6, "no_such_time".to_owned()));
    assert_eq!(refused(1), (8, "ambiguous_time".to_owned()));
    let id = site.instrument("OLD").await.id;
    assert_eq!(
        stored(&site, id, Interval::Hour).await,
        [
            "2023-11-05T04:00:00Z 1 9 1 1 1",
            "2023-11-05T05:00:00Z 2 9 1 2 1",
            "2023-11-05T06:00:00Z 3 9 1 3 1",
            "2023-11-05T07:00:00Z 4 9 1 4 1",
            "2024-03-10T07:00:00Z 6 9 1 6 1",
        ]
    );
}
