//! Days that were computed by other trading hours than those which turn out to be right.

use axum::http::Method;
use market::{
    InstrumentId,
    bars::{Bar, Interval},
    lifetimes,
};
use serde_json::{Value, json};

use crate::{
    site::Site,
    timeseries::{bar, ingest, instrument, roll_up, stored},
};

fn minute(start: &str, price: f64) -> Bar {
    bar(start, [price; 4], 10.0)
}

async fn change(site: &Site, id: InstrumentId, body: Value) {
    let path = format!("/api/v1/market/instruments/{id}");
    let call = site.call(Method::PATCH, &path, &site.owner);
    let done = call.json(body).await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.text);
}

/// A Friday with minutes before, in and after New York's session, a Saturday, and a stated Sunday.
async fn weekend(site: &Site, exchange: &str) -> InstrumentId {
    let id = instrument(site, "ACME", exchange).await;
    let minutes = [
        minute("2024-03-08T14:00:00Z", 1.0),
        minute("2024-03-08T14:30:00Z", 2.0),
        minute("2024-03-08T20:59:00Z", 3.0),
        minute("2024-03-08T21:30:00Z", 4.0),
        minute("2024-03-09T10:00:00Z", 5.0),
    ];
    ingest(site, Interval::Minute, "test", &minutes.map(|m| (id, m))).await;
    let sunday = [(id, minute("2024-03-10T00:00:00Z", 6.0))];
    ingest(site, Interval::Day, "test", &sunday).await;
    roll_up(site).await;
    id
}

const ROUND_THE_CLOCK: [&str; 3] = [
    "2024-03-08T00:00:00Z 1 4 1 4 40",
    "2024-03-09T00:00:00Z 5 5 5 5 10",
    "2024-03-10T00:00:00Z 6 6 6 6 10",
];
const NEW_YORK: [&str; 2] = [
    "2024-03-08T00:00:00Z 2 3 2 3 20",
    "2024-03-10T00:00:00Z 6 6 6 6 10",
];

#[tokio::test]
async fn when_the_exchange_becomes_known_its_sessions_make_the_days_and_what_is_stated_stays() {
    let site = Site::new().await;
    let id = weekend(&site, "").await;
    assert_eq!(stored(&site, id, Interval::Day).await, ROUND_THE_CLOCK);
    let revision = site.revision().await;
    change(&site, id, json!({ "exchange": "NYSE" })).await;
    roll_up(&site).await;
    assert_eq!(stored(&site, id, Interval::Day).await, NEW_YORK);
    assert!(site.revision().await > revision + 1, "figures follow");
    // An exchange with the same calendar: nothing is to be done.
    change(&site, id, json!({ "exchange": "AMEX" })).await;
    let marked = "select count(*)::text from market.changed_calendars";
    assert_eq!(site.texts(marked).await, ["0"]);
    change(&site, id, json!({ "exchange": "" })).await;
    roll_up(&site).await;
    assert_eq!(stored(&site, id, Interval::Day).await, ROUND_THE_CLOCK);
}

#[tokio::test]
async fn packed_minutes_count_and_a_coin_never_rests() {
    let site = Site::new().await;
    let id = weekend(&site, "XNYS").await;
    assert_eq!(stored(&site, id, Interval::Day).await, NEW_YORK);
    lifetimes::keep(&site.db(), "2024-03-20T12:00:00Z".parse().unwrap())
        .await
        .unwrap();
    change(&site, id, json!({ "asset_class": "crypto" })).await;
    roll_up(&site).await;
    assert_eq!(stored(&site, id, Interval::Day).await, ROUND_THE_CLOCK);
    change(&site, id, json!({ "asset_class": "equity" })).await;
    change(&site, id, json!({ "asset_class": "etf" })).await;
    roll_up(&site).await;
    assert_eq!(stored(&site, id, Interval::Day).await, NEW_YORK);
}

#[tokio::test]
async fn minutes_stay_until_the_days_are_computed_anew_and_a_day_without_them_stands() {
    let site = Site::new().await;
    let id = weekend(&site, "").await;
    change(&site, id, json!({ "exchange": "NYSE" })).await;
    let later = "2024-05-20T12:00:00Z".parse().unwrap();
    let kept = lifetimes::keep(&site.db(), later).await.unwrap();
    assert_eq!(kept.postponed, ["1m of 2024-03-08", "1m of 2024-03-09"]);
    roll_up(&site).await;
    assert_eq!(stored(&site, id, Interval::Day).await, NEW_YORK);
    let kept = lifetimes::keep(&site.db(), later).await.unwrap();
    assert_eq!((kept.dropped_minutes, kept.postponed.len()), (5, 0));
    change(&site, id, json!({ "exchange": "" })).await;
    roll_up(&site).await;
    assert_eq!(stored(&site, id, Interval::Day).await, NEW_YORK);
}
