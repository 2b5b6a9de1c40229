//! How good what a source gave is, from the calendar to the page.

use jiff::Timestamp;
use market::{InstrumentId, bars::Interval, feeds::Want};
use serde_json::{Value, json};
use sources::ProviderId::{Fred, Yahoo};

use crate::{
    outside::{Outside, ok, yahoo_bars},
    site::Site,
};

/// The sessions of New York in the span that is asked for; the 27th is Memorial Day.
const DAYS: [&str; 7] = [
    "2024-05-24",
    "2024-05-28",
    "2024-05-29",
    "2024-05-30",
    "2024-05-31",
    "2024-06-03",
    "2024-06-04",
];
const NOW: &str = "2024-06-04T23:00:00Z";

async fn sources(site: &Site, id: InstrumentId) -> Vec<Value> {
    let path = format!("/api/v1/market/instruments/{id}/sources");
    let found = site.get(&path, &site.ann).await.json();
    found.as_array().unwrap().clone()
}

fn of<'s>(sources: &'s [Value], figure: &str) -> &'s Value {
    let mut found = sources.iter();
    found.find(|one| one["figure"] == figure).unwrap()
}

fn days(missing: &[&str]) -> Vec<(Timestamp, [f64; 5])> {
    let there = DAYS
        .iter()
        .zip(0..)
        .filter(|(day, _)| !missing.contains(day));
    there
        .map(|(day, place): (_, i32)| {
            let at = format!("{day}T13:30:00Z").parse().unwrap();
            // What is said again and again would be doubted; that of the 31st is known.
            let close = 102.5 + f64::from(place) * 0.25;
            (at, [close - 0.5, close + 1.0, close - 1.0, close, 1_000.0])
        })
        .collect()
}

#[tokio::test]
async fn sessions_that_did_not_come_lower_the_score_beside_the_source() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    site.switch_on(&[Yahoo]).await;
    let mut scores = Vec::new();
    for (symbol, missing) in [("FULL", &[][..]), ("GAPS", &DAYS[2..4])] {
        let id = site.add(symbol, json!({ "exchange": "XNYS" })).await;
        site.close_of(id, "2024-05-31", 103.5).await;
        outside.reply(&format!("{symbol}?period1"), yahoo_bars(&days(missing)));
        let want = Want::Bars(Interval::Day);
        let done = outside.refresh(&site, NOW, id, want).await;
        assert_eq!(
            (done.provider.as_deref(), done.quarantined),
            (Some("yahoo"), 0),
            "{done:?}"
        );
        let found = sources(&site, id).await;
        let day = of(&found, "1d");
        assert_eq!(day["source"], "yahoo");
        scores.push(day["quality_score"].as_f64().unwrap());
        let page = site
            .get(&format!("/market/instruments/{id}"), &site.ann)
            .await
            .text;
        assert!(page.contains("Quality"), "{page}");
        let shown = format!("{:.2}", scores.last().unwrap());
        assert!(page.contains(&shown), "{shown}: {page}");
    }
    // Two of seven sessions are missing: 0.3 + 0.25 * 5/7 + 0.2 + 0.25.
    assert_eq!(scores, [1.0, 0.93]);
    let fresh = site
        .get("/api/v1/market/freshness", &site.owner)
        .await
        .json();
    let score = |symbol: &str| {
        let items = fresh["items"].as_array().unwrap();
        let found = items.iter().find(|one| one["symbol"] == symbol).unwrap();
        found["quality_score"].clone()
    };
    assert_eq!(
        (score("FULL"), score("GAPS")),
        (json!(1.0), json!(0.93)),
        "{fresh}"
    );
}

#[tokio::test]
async fn a_series_that_repeats_itself_agrees_with_nobody() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("SPX", json!({ "asset_class": "index" })).await;
    site.switch_on(&[Fred]).await;
    let observations: Vec<Value> = DAYS
        .iter()
        .map(|day| json!({ "date": day, "value": "5277.51" }))
        .collect();
    let observations = json!({ "observations": observations });
    outside.reply("series_id=SP500", ok(observations.to_string()));
    outside.refresh(&site, NOW, id, Want::IndexValues).await;
    let first = sources(&site, id).await;
    let first = of(&first, "index_values")["quality_score"]
        .as_f64()
        .unwrap();
    assert!(
        first < 0.7,
        "seven days of five years are not complete: {first}"
    );
    outside
        .refresh(&site, "2024-06-06T00:00:00Z", id, Want::IndexValues)
        .await;
    let again = sources(&site, id).await;
    let again = of(&again, "index_values")["quality_score"]
        .as_f64()
        .unwrap();
    assert!(again > first, "{again}: the last week is");
    assert!(again <= 0.9, "{again}: there is no other to agree with");
}

#[tokio::test]
async fn what_nobody_fetched_has_no_score_and_strangers_are_told_nothing() {
    let site = Site::new().await;
    let id = crate::bars_of(&site, "ACME").await;
    let found = sources(&site, id).await;
    let day = of(&found, "1d");
    assert_eq!(
        (&day["source"], day.get("quality_score")),
        (&json!("file test"), None)
    );
    let path = "/api/v1/market/instruments/0190c000-0000-7000-8000-000000000001/sources";
    assert_eq!(site.get(path, &site.ann).await.status.as_u16(), 404);
    let path = format!("/api/v1/market/instruments/{id}/sources");
    assert_eq!(site.get(&path, "").await.status.as_u16(), 401);
}
