//! What a file says is stored; what the rules for sources would doubt in it is a finding.

use axum::http::{Method, StatusCode};
use market::bars::{ImportOptions, Interval};
use serde_json::json;

use crate::site::Site;

fn of(interval: Interval) -> ImportOptions {
    ImportOptions {
        symbol: Some("ACME".into()),
        interval,
        source: "acme.csv".into(),
        ..ImportOptions::default()
    }
}

const FINDINGS: &str = "select concat_ws(' ', want, source, rule, count, is_stored, state)
                        from market.findings order by rule";
const QUARANTINE: &str = "/market/quarantine";

#[tokio::test]
async fn a_file_in_pence_and_over_a_split_is_stored_and_told() {
    let site = Site::new().await;
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-20", 100.0).await;
    // The newest day first. On the 22nd pence, on the 28th a fall by half, on the 27th the exchange was closed.
    let csv = "date,open,high,low,close,volume\n\
               2024-05-29,51,52,50,51.5,900\n\
               2024-05-28,50.5,52,50,51,800\n\
               2024-05-27,101,102,100,101,10\n\
               2024-05-24,101,102,100,101,500\n\
               2024-05-23,101,102,100,101.5,700\n\
               2024-05-22,10200,10300,10100,10150,600\n\
               2024-05-21,101,102,100,101.25,500\n";
    let report = site.import(csv, &of(Interval::Day)).await.unwrap();
    assert_eq!((report.imported, report.rejected.len()), (7, 0));
    assert_eq!(
        report.doubted, 4,
        "into pence and out of it, a holiday, a split"
    );
    assert_eq!(site.closes(id).await.len(), 8, "and all are stored");
    assert_eq!(
        site.texts(FINDINGS).await,
        [
            "bars_1d file acme.csv holiday 1 t open",
            "bars_1d file acme.csv hundredfold 2 t open",
            "bars_1d file acme.csv split 1 t open",
        ]
    );
    let page = site.get(QUARANTINE, &site.owner).await.text;
    for said in [
        "Stored from files",
        "as by a 2:1 split that is not known",
        "a trading day on a holiday of the exchange: Memorial Day",
        "2024-05-22",
        "file acme.csv",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Left out"), "{page}");

    // What is there already is not doubted again, and what was dismissed stays dismissed.
    let finding = "select id::text from market.findings where rule = 'holiday'";
    let path = format!(
        "{QUARANTINE}/findings/{}/dismiss",
        site.texts(finding).await[0]
    );
    let done = site.call(Method::POST, &path, &site.owner).send("").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let again = site.import(csv, &of(Interval::Day)).await.unwrap();
    assert_eq!((again.duplicates, again.doubted), (7, 0));
    assert!(
        site.texts(FINDINGS).await[0].ends_with("dismissed"),
        "{:?}",
        site.texts(FINDINGS).await
    );
}

#[tokio::test]
async fn a_file_is_compared_with_what_lies_before_and_after_it() {
    let site = Site::new().await;
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-20", 100.0).await;
    site.close_of(id, "2024-05-29", 101.0).await;
    let between = "date,close\n2024-05-21,10010\n2024-05-22,10020\n";
    let report = site.import(between, &of(Interval::Day)).await.unwrap();
    assert_eq!((report.imported, report.doubted), (2, 2));
    let example = "select example from market.findings";
    assert_eq!(
        site.texts(example).await,
        ["2024-05-21T00:00:00Z: opens at 10010, closes at 10010"]
    );
}

#[tokio::test]
async fn what_a_corporate_action_explains_is_not_doubted() {
    let site = Site::new().await;
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    let split =
        json!({ "instrument_id": id, "type": "split", "ex_date": "2024-05-28", "ratio": "2:1" });
    let path = "/api/v1/market/corporate-actions";
    let stated = site.call(Method::POST, path, &site.owner).json(split).await;
    assert_eq!(stated.status, StatusCode::CREATED, "{}", stated.text);
    let csv = "date,close\n2024-05-24,101\n2024-05-28,50.5\n";
    let report = site.import(csv, &of(Interval::Day)).await.unwrap();
    assert_eq!((report.imported, report.doubted), (2, 0));
}

#[tokio::test]
async fn minutes_of_a_file_are_looked_at_as_well() {
    let site = Site::new().await;
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-30", 100.0).await;
    // Pence in the first minute, and in the third a fall to a seventh.
    let csv = "time,open,high,low,close,volume\n\
               2024-05-31T13:30:00Z,10010,10010,10010,10010,5\n\
               2024-05-31T13:31:00Z,10011,10011,10011,10011,5\n\
               2024-05-31T13:32:00Z,10011,10011,1430,1430,5\n";
    let report = site.import(csv, &of(Interval::Minute)).await.unwrap();
    assert_eq!((report.imported, report.doubted), (3, 2));
    assert_eq!(
        site.texts(FINDINGS).await,
        [
            "bars_1m file acme.csv hundredfold 1 t open",
            "bars_1m file acme.csv split 1 t open",
        ]
    );
}
