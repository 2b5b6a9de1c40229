#![expect(clippy::float_cmp, reason = "what was stored comes back as it was")]
use axum::http::StatusCode;
use jiff::ToSpan;
use market::{
    InstrumentId,
    quotes::{self, NewQuote, simulator},
};
use serde_json::{Value, json};

use crate::{
    bars_of,
    site::{NOW, Site},
    timeseries::instrument,
};

/// A price of an instrument so many seconds after the start of the test's clock.
pub(crate) fn at_second(id: InstrumentId, second: i64, price: f64) -> NewQuote {
    let now: jiff::Timestamp = NOW.parse().unwrap();
    NewQuote {
        instrument_id: id,
        price,
        previous_close: Some(100.0),
        volume: Some(900.0),
        bid: None,
        ask: None,
        at: now + second.seconds(),
    }
}

impl Site {
    pub(crate) async fn put(&self, quotes: &[NewQuote]) -> u64 {
        let mut tx = self.db().system("a test puts quotes").await.unwrap();
        let stored = quotes::put(&mut tx, "test", quotes).await.unwrap();
        tx.commit().await.unwrap();
        stored
    }

    async fn quotes(&self, symbols: &str) -> Value {
        let answer = self
            .get(
                &format!("/api/v1/market/quotes?symbols={symbols}"),
                &self.ann,
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }
}

#[tokio::test]
async fn only_what_is_newer_or_corrected_is_stored() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    assert_eq!(site.put(&[at_second(id, 10, 101.0)]).await, 1);
    assert_eq!(site.put(&[at_second(id, 10, 101.0)]).await, 0, "the same");
    assert_eq!(site.put(&[at_second(id, 9, 90.0)]).await, 0, "older");
    assert_eq!(site.put(&[at_second(id, 10, 102.0)]).await, 1, "corrected");
    let both = [at_second(id, 12, 110.0), at_second(id, 11, 105.0)];
    assert_eq!(site.put(&both).await, 1, "the newest of a batch");
    let later = NewQuote {
        previous_close: None,
        ..at_second(id, 13, 120.0)
    };
    assert_eq!(site.put(&[later]).await, 1);
    let body = site.quotes("acme,NONE").await;
    assert_eq!(body["unknown"], json!(["NONE"]));
    let quote = &body["items"][0];
    assert_eq!(quote["symbol"], "ACME");
    assert_eq!(quote["price"], 120.0);
    assert_eq!(quote["previous_close"], 100.0, "kept from the same day");
    assert_eq!(quote["change"], 20.0);
    assert_eq!(quote["change_percent"].as_f64().unwrap().round(), 20.0);
    assert_eq!(quote["source"], "test");
    assert_eq!(quote["is_simulated"], false);
    assert_eq!(quote["at"], "2024-06-03T12:00:13Z");
}

#[tokio::test]
async fn impossible_prices_are_refused_by_the_table() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    for price in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let mut tx = site.db().system("a test puts quotes").await.unwrap();
        let refused = quotes::put(&mut tx, "test", &[at_second(id, 1, price)]).await;
        assert!(refused.is_err(), "{price}");
    }
}

#[tokio::test]
async fn what_is_private_has_no_quote_for_anybody() {
    let site = Site::new().await;
    let mut tx = site
        .db()
        .system("a test makes something private")
        .await
        .unwrap();
    let class = market::AssetClass::Alternative;
    let id = market::instruments::create_private(&mut tx, class, money::Currency::USD)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(site.put(&[at_second(id, 1, 5.0)]).await, 0);
    let id = id.0.to_string();
    let body = site.quotes(&id).await;
    assert_eq!(body, json!({"items": [], "unknown": [id]}));
    let live = format!("/api/v1/market/live?symbols={id}");
    let answer = site.get(&live, &site.ann).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_asked_for_must_be_named_and_be_little_enough() {
    let site = Site::new().await;
    let many: Vec<String> = (0..201).map(|n| format!("S{n}")).collect();
    for (symbols, code) in [("", "required"), (&*many.join(","), "too_many")] {
        let path = format!("/api/v1/market/quotes?symbols={symbols}");
        let answer = site.get(&path, &site.ann).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["errors"][0]["code"], code);
    }
    let answer = site.get("/api/v1/market/quotes?symbols=X", "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn quotes_are_kept_for_a_minute_under_their_symbol() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    site.put(&[at_second(id, 1, 101.0)]).await;
    site.quotes("ACME").await;
    let kept = site.app.cache.get(cache::QUOTE, "ACME").await.unwrap();
    assert_eq!(
        kept[..5],
        ["101", "1", "1", "900", "2024-06-03T12:00:01Z"].map(str::to_owned)
    );
    // Nobody follows, so nobody says that it is old.
    site.put(&[at_second(id, 2, 102.0)]).await;
    assert_eq!(site.quotes("ACME").await["items"][0]["price"], 101.0);
    site.app.cache.forget(cache::QUOTE, "ACME").await;
    assert_eq!(site.quotes("ACME").await["items"][0]["price"], 102.0);
}

#[tokio::test]
async fn the_simulator_moves_nothing_but_what_is_simulated() {
    let site = Site::new().await;
    let real = bars_of(&site, "REAL").await;
    let made_up = bars_of(&site, "MADE").await;
    site.change(&format!(
        "update market.instruments set is_simulated = true where id = '{}'",
        made_up.0
    ))
    .await;
    let now = NOW.parse().unwrap();
    assert_eq!(simulator::tick(&site.db(), now).await.unwrap(), 1);
    assert_eq!(
        simulator::tick(&site.db(), now).await.unwrap(),
        0,
        "the same moment"
    );
    let body = site.quotes("REAL,MADE").await;
    assert_eq!(
        body["items"].as_array().unwrap().len(),
        1,
        "{body} {real:?}"
    );
    let quote = &body["items"][0];
    assert_eq!(quote["is_simulated"], true);
    assert_eq!(quote["source"], "simulator");
    assert!(
        (quote["price"].as_f64().unwrap() - 11.0).abs() < 0.2,
        "{quote}"
    );
}

#[tokio::test]
async fn a_close_that_is_left_out_is_kept_for_the_session_whatever_midnight_passes() {
    let site = Site::new().await;
    let at = |id: InstrumentId, time: &str, previous_close: Option<f64>| NewQuote {
        previous_close,
        at: time.parse().unwrap(),
        ..at_second(id, 0, 101.0)
    };
    let cases = [
        // Sydney opens at 23:00 in UTC.
        ("XASX", "2024-01-15T23:30:00Z", "2024-01-16T00:30:00Z", true),
        (
            "XASX",
            "2024-01-16T00:30:00Z",
            "2024-01-16T23:30:00Z",
            false,
        ),
        // New York after hours, and the next morning.
        ("XNYS", "2024-01-16T20:30:00Z", "2024-01-17T00:30:00Z", true),
        (
            "XNYS",
            "2024-01-17T00:30:00Z",
            "2024-01-17T15:00:00Z",
            false,
        ),
        // A price of Friday that is told on Saturday is still one of Friday.
        ("XNYS", "2024-01-19T20:30:00Z", "2024-01-20T12:00:00Z", true),
        // The evening of futures is the next day.
        (
            "XCME",
            "2024-01-16T22:30:00Z",
            "2024-01-16T23:30:00Z",
            false,
        ),
        ("", "2024-01-16T22:30:00Z", "2024-01-16T23:30:00Z", true),
        ("", "2024-01-16T23:30:00Z", "2024-01-17T00:30:00Z", false),
    ];
    for (number, (exchange, first, then, is_kept)) in cases.into_iter().enumerate() {
        let symbol = format!("S{number}");
        let id = instrument(&site, &symbol, exchange).await;
        assert_eq!(site.put(&[at(id, first, Some(100.0))]).await, 1);
        assert_eq!(site.put(&[at(id, then, None)]).await, 1);
        let quote = &site.quotes(&symbol).await["items"][0];
        let wanted = if is_kept { json!(1.0) } else { json!(null) };
        assert_eq!(quote["change"], wanted, "{exchange} {first} {then}");
    }
}
