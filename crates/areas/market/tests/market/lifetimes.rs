//! What the operator sees of what is kept, and what the doctor says of it.

use axum::http::{Method, StatusCode};
use db::FactState;
use market::{bars::Interval, lifetimes};

use crate::{
    site::{NOW, Site},
    timeseries::{bar, ingest, instrument},
};

/// Two minutes of two weeks ago, as a source gave them in time.
async fn fetched(site: &Site) {
    let id = instrument(site, "ACME", "").await;
    let rows = [
        (id, bar("2024-05-20T10:00:00Z", [1.0; 4], 1.0)),
        (id, bar("2024-05-20T10:01:00Z", [2.0; 4], 1.0)),
    ];
    ingest(site, Interval::Minute, "test", &rows).await;
}

#[tokio::test]
async fn the_operator_sees_what_is_kept_and_has_it_looked_after() {
    let site = Site::new().await;
    let page = site.get("/market/lifetimes", &site.owner).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("It has not run yet"), "{}", page.text);
    for path in ["/market/lifetimes", "/api/v1/market/lifetimes"] {
        let ann = site.get(path, &site.ann).await;
        assert_eq!(ann.status, StatusCode::FORBIDDEN, "{path}");
    }
    fetched(&site).await;
    let before = site
        .get("/api/v1/market/lifetimes", &site.owner)
        .await
        .json();
    assert_eq!(before["waiting"]["hours"], 1, "{before}");
    let run = site
        .call(Method::POST, "/market/lifetimes/run", &site.owner)
        .send("")
        .await;
    assert_eq!(run.status, StatusCode::SEE_OTHER, "{}", run.text);
    assert_eq!(
        site.texts("select count(*)::text from platform.jobs where name = 'market.keep_bars'")
            .await,
        ["1"]
    );
    // What the job does, without a server of jobs.
    let now = NOW.parse().unwrap();
    market::rollups::run(&site.db()).await.unwrap();
    lifetimes::keep(&site.db(), now).await.unwrap();
    let after = site
        .get("/api/v1/market/lifetimes", &site.owner)
        .await
        .json();
    assert_eq!(after["waiting"]["hours"], 0, "{after}");
    let tasks = after["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 5, "{after}");
    let packed = tasks.iter().find(|task| task["name"] == "pack").unwrap();
    assert_eq!(packed["done"], 2, "{after}");
    let tables = after["tables"].as_array().unwrap();
    assert!(
        tables.iter().all(|table| table["is_ahead"] == true),
        "{after}"
    );
    let minutes = tables.iter().find(|table| table["name"] == "bars_1m");
    let has_hypertables = site.has_hypertables().await;
    // Today and a week; a hypertable makes its chunks when they are written, and keeps that of the packed day where
    // there is a columnstore.
    let columnstore = "select platform.has_columnstore('market.bars_1m')::int::text";
    let packed: i64 = site.texts(columnstore).await[0].parse().unwrap();
    let partitions = if has_hypertables { packed } else { 8 };
    assert_eq!(minutes.unwrap()["partitions"], partitions, "{after}");
    assert_eq!(
        minutes.unwrap()["is_hypertable"],
        has_hypertables,
        "{after}"
    );
    let page = site.get("/market/lifetimes", &site.owner).await;
    for said in [
        "Minutes packed",
        "Ready",
        "Packed minutes",
        "Nothing has gone yet",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
}

#[tokio::test]
async fn the_doctor_names_an_upkeep_that_has_stopped_and_a_partition_that_is_missing() {
    let site = Site::new().await;
    let (db, now) = (site.db(), NOW.parse().unwrap());
    let fresh = lifetimes::fact(&db, now).await;
    assert_eq!(fresh.state, FactState::Good, "{}", fresh.text);
    lifetimes::keep(&db, now).await.unwrap();
    let good = lifetimes::fact(&db, now).await;
    assert_eq!(good.state, FactState::Good, "{}", good.text);
    let has_hypertables = site.has_hypertables().await;
    let said = if has_hypertables {
        "chunks come by themselves"
    } else {
        "have partitions ahead"
    };
    assert!(good.text.contains(said), "{}", good.text);
    let late = lifetimes::fact(&db, now + jiff::SignedDuration::from_hours(24 * 4)).await;
    assert_eq!(late.state, FactState::Doubtful);
    assert!(late.text.contains("market.keep_bars"), "{}", late.text);
    if has_hypertables {
        // Nothing is made ahead that could be missing.
        let texts = site
            .texts("select name from market.stored('2030-01-01') where not is_ahead")
            .await;
        assert_eq!(texts, Vec::<String>::new());
        return;
    }
    site.as_owner("drop table market.ticks_20240605").await;
    let missing = lifetimes::fact(&db, now).await;
    assert_eq!(missing.state, FactState::Doubtful);
    assert!(
        missing.text.contains("ticks has no partition"),
        "{}",
        missing.text
    );
}

#[tokio::test]
async fn packed_minutes_still_name_their_source_on_the_page() {
    let site = Site::new().await;
    fetched(&site).await;
    market::rollups::run(&site.db()).await.unwrap();
    let kept = lifetimes::keep(&site.db(), NOW.parse().unwrap()).await;
    assert_eq!(kept.unwrap().packed, 2);
    let id = site.instrument("ACME").await.id;
    let page = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    assert!(page.contains("Bars of 1 minute"), "{page}");
}
