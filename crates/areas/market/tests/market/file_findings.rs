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
    // Into pence and out of it, a holiday, a split.
    assert_eq!(report.doubted, Some(4));
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
    assert_eq!((again.duplicates, again.doubted), (7, Some(0)));
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
    // Of the two the first; the day after them is told of as well.
    assert_eq!((report.imported, report.doubted), (2, Some(1)));
    assert_eq!(
        site.texts(FINDINGS).await,
        ["bars_1d file acme.csv hundredfold 2 t open"]
    );
    let example = "select example from market.findings";
    assert_eq!(
        site.texts(example).await,
        ["2024-05-21: opens at 10010, closes at 10010"]
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
    assert_eq!((report.imported, report.doubted), (2, Some(0)));
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
    assert_eq!((report.imported, report.doubted), (3, Some(2)));
    assert_eq!(
        site.texts(FINDINGS).await,
        [
            "bars_1m file acme.csv hundredfold 1 t open",
            "bars_1m file acme.csv split 1 t open",
        ]
    );

    // Loaded again it says what it said, and what was dismissed stays dismissed.
    site.change("update market.findings set state = 'dismissed', decided_at = now()")
        .await;
    let again = site.import(csv, &of(Interval::Minute)).await.unwrap();
    assert_eq!((again.imported, again.duplicates), (0, 3));
    for finding in site.texts(FINDINGS).await {
        assert!(finding.ends_with("dismissed"), "{finding}");
    }
}

#[tokio::test]
async fn days_that_fill_holes_are_compared_with_those_beside_them() {
    let site = Site::new().await;
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    for (day, close) in [
        ("2015-05-29", 50.0),
        ("2015-06-02", 50.0),
        ("2024-04-30", 100.0),
        ("2024-05-02", 100.0),
    ] {
        site.close_of(id, day, close).await;
    }
    let holes = "date,close\n2015-06-01,50.5\n2024-05-01,101\n";
    let report = site.import(holes, &of(Interval::Day)).await.unwrap();
    assert_eq!((report.imported, report.doubted), (2, Some(0)));
    assert!(site.texts(FINDINGS).await.is_empty());
}

#[tokio::test]
async fn a_file_on_the_wrong_clock_is_told_by_when_sessions_began_before() {
    let site = Site::new().await;
    site.add("ACME", json!({ "exchange": "XNYS" })).await;
    let days = |days: &[i8], hour: &str| {
        let lines = days.iter().map(|day| {
            format!("2024-01-{day:02}T{hour}:30:00Z,7,7,7,7,1\n2024-01-{day:02}T{hour}:35:00Z,7,7,7,7,2\n")
        });
        format!(
            "time,open,high,low,close,volume\n{}",
            lines.collect::<String>()
        )
    };
    let right = days(&[8, 9, 10, 11], "14");
    let report = site.import(&right, &of(Interval::FiveMinutes)).await;
    assert_eq!(report.unwrap().doubted, Some(0));
    let wrong = days(&[16, 17], "09");
    let report = site.import(&wrong, &of(Interval::FiveMinutes)).await;
    assert_eq!(report.unwrap().doubted, Some(1), "then they begin so");
    let sentence = "select sentence from market.findings";
    assert_eq!(
        site.texts(sentence).await,
        ["the session begins -5 hours from where it usually does"]
    );
}

#[tokio::test]
async fn a_long_file_of_days_that_breaks_off_keeps_its_millions() {
    let site = Site::new().await;
    let first = jiff::civil::date(2000, 1, 3);
    let days: Vec<String> = (0..5_000)
        .map(|n| first.saturating_add(jiff::Span::new().days(n)).to_string())
        .collect();
    let line = |symbol: usize, day: &str| format!("S{symbol:03},{day},7\n");
    let mut csv = String::from("symbol,date,close\n");
    for symbol in 0..203 {
        csv.extend(days.iter().map(|day| line(symbol, day)));
    }
    // No line is so long.
    csv.push_str(&"x".repeat(2_000_000));
    let options = ImportOptions {
        source: "long.csv".into(),
        ..ImportOptions::default()
    };
    let error = site.import(&csv, &options).await.unwrap_err().to_string();
    assert!(
        error.contains("loading the file again goes on there"),
        "{error}"
    );
    let stored = "select count(*)::text from market.bars_1d";
    let before: u64 = site.texts(stored).await[0].parse().unwrap();
    assert!((1_000_000..1_015_000).contains(&before), "{before}");
    // From there on.
    let rest: String = (201..203)
        .flat_map(|symbol| days.iter().map(move |day| line(symbol, day)))
        .collect();
    let rest = format!("symbol,date,close\n{rest}");
    let report = site.import(&rest, &options).await.unwrap();
    assert_eq!(report.imported + report.duplicates, 10_000);
    assert_eq!(site.texts(stored).await, ["1015000"]);
}
