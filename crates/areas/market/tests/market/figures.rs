//! What boards, screens and pages make of a day that is computed out of minutes while it is still traded.

use axum::http::Method;
use market::{InstrumentId, bars::Interval, quotes::NewQuote};
use serde_json::{Value, json};

use crate::{
    screener::refresh,
    site::Site,
    timeseries::{bar, ingest, roll_up},
};

/// A share that closed at 100 on Friday, traded in London, where it is noon on Monday.
async fn share(site: &Site) -> InstrumentId {
    let id = site.add("BARC", json!({ "exchange": "XLON" })).await;
    site.close_of(id, "2024-05-30", 90.0).await;
    site.close_of(id, "2024-05-31", 100.0).await;
    id
}

async fn minute(site: &Site, id: InstrumentId, at: &str, price: f64) {
    let bars = [(id, bar(at, [price; 4], 5.0))];
    ingest(site, Interval::Minute, "test", &bars).await;
    roll_up(site).await;
}

async fn quote(site: &Site, id: InstrumentId, at: &str, price: f64) {
    let quote = NewQuote {
        instrument_id: id,
        price,
        previous_close: Some(100.0),
        volume: Some(700.0),
        bid: None,
        ask: None,
        at: at.parse().unwrap(),
    };
    assert_eq!(site.put(&[quote]).await, 1);
}

/// What the screener says of the only instrument: price, change, volume, lowest and highest close.
async fn screened(site: &Site) -> Value {
    refresh(site).await;
    let found = site.get("/api/v1/market/screener", &site.ann).await.json();
    let item = &found["items"][0];
    json!([
        item["price"],
        item["change_percent"],
        item["volume"],
        item["low_52w"],
        item["high_52w"]
    ])
}

#[tokio::test]
async fn of_a_running_day_the_younger_of_its_minutes_and_its_quote_is_shown() {
    let site = Site::new().await;
    let id = share(&site).await;
    minute(&site, id, "2024-06-03T10:34:00Z", 110.0).await;
    let by_minutes = json!([110.0, 10.000_000_000_000_009, 5.0, 90.0, 110.0]);
    assert_eq!(screened(&site).await, by_minutes);
    quote(&site, id, "2024-06-03T10:34:30Z", 105.0).await;
    assert_eq!(screened(&site).await, by_minutes, "within the minute");
    quote(&site, id, "2024-06-03T10:50:00Z", 80.0).await;
    let by_quote = json!([80.0, -20.0, 700.0, 90.0, 100.0]);
    assert_eq!(screened(&site).await, by_quote, "no close, so no range");
    let board = site.get("/api/v1/market/board", &site.ann).await.json();
    assert_eq!(board["losers"][0]["symbol"], "BARC", "{board}");
    assert_eq!(board["gainers"], json!([]));
    // The same day with younger minutes, one of which changes no bar.
    minute(&site, id, "2024-06-03T11:20:00Z", 120.0).await;
    assert_eq!(screened(&site).await[0], 120.0);
    quote(&site, id, "2024-06-03T11:30:00Z", 121.0).await;
    assert_eq!(screened(&site).await[0], 121.0);
    // After the close the source states the day.
    let day = [(id, bar("2024-06-03T00:00:00Z", [125.0; 4], 900.0))];
    ingest(&site, Interval::Day, "test", &day).await;
    let stated = json!([125.0, 25.0, 900.0, 90.0, 125.0]);
    assert_eq!(screened(&site).await, stated);
}

#[tokio::test]
async fn a_minute_that_changes_nothing_is_younger_nevertheless() {
    let site = Site::new().await;
    let id = share(&site).await;
    let same = |at| (id, bar(at, [110.0; 4], 0.0));
    ingest(
        &site,
        Interval::Minute,
        "test",
        &[same("2024-06-03T10:34:00Z")],
    )
    .await;
    roll_up(&site).await;
    quote(&site, id, "2024-06-03T10:50:00Z", 80.0).await;
    assert_eq!(screened(&site).await[0], 80.0);
    ingest(
        &site,
        Interval::Minute,
        "test",
        &[same("2024-06-03T10:55:00Z")],
    )
    .await;
    roll_up(&site).await;
    assert_eq!(screened(&site).await[0], 110.0);
}

/// The words of the figure of this name on the page of the instrument.
async fn stat(site: &Site, id: InstrumentId, name: &str) -> String {
    let page = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    let label = format!(">{name}<");
    let found = page.split_once(&label);
    let (_, rest) = found.unwrap_or_else(|| panic!("no {name}: {page}"));
    let mut words = String::new();
    let mut is_tag = true;
    for letter in rest.split("</dl>").next().unwrap().chars().take(600) {
        match letter {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                words.push(' ');
            }
            other if !is_tag => words.push(other),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_page_calls_no_running_day_a_close() {
    let site = Site::new().await;
    let id = share(&site).await;
    minute(&site, id, "2024-06-03T10:34:00Z", 110.0).await;
    assert!(stat(&site, id, "Last close").await.starts_with("$100.00"));
    let price = stat(&site, id, "Price").await;
    assert!(price.starts_with("$110.00"), "{price}");
    assert!(!price.contains("close of"), "{price}");
    let change = stat(&site, id, "Change").await;
    assert!(
        change.contains("+10.00% against the close before"),
        "{change}"
    );
    let range = stat(&site, id, "Closes of the last year").await;
    assert!(range.starts_with("$90.00 – $100.00"), "{range}");
    // An older quote of the day does not hide the minutes, a younger one does.
    quote(&site, id, "2024-06-03T10:30:00Z", 105.0).await;
    assert!(stat(&site, id, "Price").await.starts_with("$110.00"));
    quote(&site, id, "2024-06-03T10:50:00Z", 80.0).await;
    assert!(stat(&site, id, "Price").await.starts_with("$80.00"));
    let list = site.get("/market/instruments", &site.ann).await.text;
    assert!(list.contains("$100.00") && !list.contains("$110.00"));
    // The day of the source is one.
    let day = [(id, bar("2024-06-03T00:00:00Z", [125.0; 4], 900.0))];
    ingest(&site, Interval::Day, "test", &day).await;
    assert!(stat(&site, id, "Last close").await.starts_with("$125.00"));
}

#[tokio::test]
async fn a_computed_day_that_is_over_is_a_close() {
    let site = Site::new().await;
    let id = site.add("BARC", json!({ "exchange": "XLON" })).await;
    site.close_of(id, "2024-05-30", 90.0).await;
    minute(&site, id, "2024-05-31T15:20:00Z", 110.0).await;
    let close = stat(&site, id, "Last close").await;
    assert!(close.starts_with("$110.00"), "{close}");
    let price = stat(&site, id, "Price").await;
    assert!(price.contains("close of"), "{price}");
}

#[tokio::test]
async fn only_what_has_changed_is_computed() {
    let site = Site::new().await;
    let id = share(&site).await;
    let other = site.add("VOD", json!({ "exchange": "XLON" })).await;
    site.close_of(other, "2024-05-31", 70.0).await;
    assert_eq!(refresh(&site).await, Some(2));
    assert_eq!(refresh(&site).await, None, "nothing is marked");
    // Had it been computed, the close would be right again.
    let wrong = format!("update market.daily_figures set close = 1 where instrument_id = '{id}'");
    site.change(&wrong).await;
    quote(&site, other, "2024-06-03T10:50:00Z", 80.0).await;
    assert_eq!(refresh(&site).await, Some(1));
    let close = "select string_agg(close::text, ' ' order by close) from market.daily_figures";
    assert_eq!(site.texts(close).await, ["1 80"]);
    // A rate is no reason, and neither is a new instrument.
    let path = "/api/v1/market/fx";
    let rates = "date,base,quote,rate\n2024-05-31,EUR,USD,1.08\n";
    let call = site.call(Method::POST, path, &site.owner);
    let posted = call.header("content-type", "text/csv").send(rates).await;
    assert_eq!(posted.status.as_u16(), 200, "{}", posted.text);
    site.add("NEW", json!({})).await;
    assert_eq!(refresh(&site).await, None);
    site.as_owner("update market.daily_figures_state set is_outdated = true")
        .await;
    assert_eq!(refresh(&site).await, Some(1));
    assert_eq!(site.texts(close).await, ["80 100"]);
}
