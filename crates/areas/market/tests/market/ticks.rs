//! Trades that a program states as they happen.

use axum::http::{Method, StatusCode};
use market::{InstrumentId, bars::ImportOptions, quality::rules::Doubt, rollups};
use serde_json::{Value, json};

use crate::{
    bars_of,
    screener::refresh,
    site::{Answer, Site},
};

const PATH: &str = "/api/v1/market/ticks";

pub(crate) async fn send(site: &Site, token: &str, ticks: Value) -> Answer {
    let call = site.call(Method::POST, PATH, token);
    call.json(json!({ "source": "exchange", "ticks": ticks }))
        .await
}

fn tick(id: InstrumentId, time: &str, sequence: i64, price: f64) -> Value {
    json!({
        "instrument_id": id, "at": format!("2024-06-03T{time}Z"), "sequence": sequence,
        "price": price, "volume": 5, "bid": price - 0.5, "ask": price + 0.5,
    })
}

async fn quote(site: &Site) -> Value {
    let path = "/api/v1/market/quotes?symbols=ACME";
    let found = site.get(path, &site.ann).await.json();
    // Not what is kept of it for a minute.
    site.app.cache.forget(cache::QUOTE, "ACME").await;
    found["items"][0].clone()
}

#[tokio::test]
async fn ticks_are_stored_computed_into_bars_and_become_the_quote() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let batch = json!([
        tick(id, "11:59:10", 2, 12.5),
        tick(id, "11:58:00", 1, 12.0),
        tick(id, "11:59:10", 1, 11.75),
    ]);
    let done = send(&site, &site.owner, batch.clone()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(
        done.json(),
        json!({"written": 3, "unchanged": 0, "expired": 0, "quotes": 1, "doubted": 0})
    );
    let now = quote(&site).await;
    assert_eq!(
        (
            &now["price"],
            &now["bid"],
            &now["ask"],
            &now["source"],
            &now["previous_close"],
            &now["change"]
        ),
        (
            &json!(12.5),
            &json!(12.0),
            &json!(13.0),
            &json!("exchange"),
            &json!(11.0),
            &json!(1.5)
        )
    );
    rollups::run(&site.db()).await.unwrap();
    let path = format!("/api/v1/market/instruments/{id}/bars?interval=1m");
    let minutes = site.get(&path, &site.ann).await.json();
    assert_eq!(
        minutes["bars"][1],
        json!({"date": "2024-06-03", "at": "2024-06-03T11:59:00Z", "open": 11.75, "high": 12.5,
               "low": 11.75, "close": 12.5, "volume": 10.0}),
        "{minutes}"
    );
    let again = send(&site, &site.owner, batch).await.json();
    assert_eq!(
        again,
        json!({"written": 0, "unchanged": 3, "expired": 0, "quotes": 0, "doubted": 0})
    );
}

#[tokio::test]
async fn what_is_earlier_changes_no_quote_and_what_corrects_the_last_does() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    send(&site, &site.owner, json!([tick(id, "11:59:10", 2, 12.5)])).await;
    let earlier = json!([tick(id, "11:00:00", 9, 50.0)]);
    let done = send(&site, &site.owner, earlier).await.json();
    assert_eq!((&done["written"], &done["quotes"]), (&json!(1), &json!(0)));
    // Of the same instant, but before it by its number.
    let before = json!([tick(id, "11:59:10", 1, 60.0)]);
    let done = send(&site, &site.owner, before).await.json();
    assert_eq!((&done["written"], &done["quotes"]), (&json!(1), &json!(0)));
    assert_eq!(quote(&site).await["price"], 12.5);
    let corrected = json!([tick(id, "11:59:10", 2, 12.25)]);
    let done = send(&site, &site.owner, corrected).await.json();
    assert_eq!((&done["written"], &done["quotes"]), (&json!(1), &json!(1)));
    assert_eq!(quote(&site).await["price"], 12.25);
}

#[tokio::test]
async fn a_batch_with_a_tick_that_cannot_be_is_refused_as_a_whole() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let good = tick(id, "11:59:10", 1, 12.5);
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        json!([good, bad])
    };
    let stranger = "0190c000-0000-7000-8000-000000000001";
    for (batch, pointer, code) in [
        (with("price", json!(0)), "ticks/1/price", "not_positive"),
        (with("volume", json!(-1)), "ticks/1/volume", "negative"),
        (
            with("at", json!("2024-06-03T12:02:00Z")),
            "ticks/1/at",
            "future_time",
        ),
        (
            with("at", json!("1999-12-31T12:00:00Z")),
            "ticks/1/at",
            "too_early",
        ),
        (
            with("instrument_id", json!(stranger)),
            "ticks/1/instrument_id",
            "unknown_instrument",
        ),
        (json!([]), "ticks", "invalid_length"),
    ] {
        let refused = send(&site, &site.owner, batch).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{pointer}: {}",
            refused.text
        );
        let error = refused.json()["errors"][0].clone();
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!(code))
        );
    }
    let call = site.call(Method::POST, PATH, &site.owner);
    let named = json!({ "source": "The Exchange", "ticks": [good] });
    let refused = call.json(named).await.json();
    assert_eq!(refused["errors"][0]["pointer"], json!("source"));
    let ann = send(&site, &site.ann, json!([good])).await;
    assert_eq!(ann.status, StatusCode::FORBIDDEN);
    assert_eq!(
        site.texts("select count(*)::text from market.ticks").await,
        ["0"]
    );
    assert_eq!(
        site.texts("select count(*)::text from market.quotes").await,
        ["0"]
    );
}

/// An instrument with these closes.
async fn closing(site: &Site, exchange: &str, closes: &str) -> InstrumentId {
    let options = ImportOptions {
        symbol: Some("ACME".into()),
        exchange: Some(exchange.into()),
        source: "test".into(),
        ..ImportOptions::default()
    };
    site.import(&format!("date,close\n{closes}"), &options)
        .await
        .unwrap();
    site.instrument("ACME").await.id
}

async fn state_split(site: &Site, id: InstrumentId, kind: &str, ex_date: &str, ratio: &str) {
    let path = "/api/v1/market/corporate-actions";
    let body = json!({"instrument_id": id, "type": kind, "ex_date": ex_date, "ratio": ratio});
    let made = site.call(Method::POST, path, &site.owner).json(body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
}

#[tokio::test]
async fn on_the_day_of_a_split_the_close_before_is_divided_by_its_ratio() {
    let site = Site::new().await;
    let id = closing(&site, "XNYS", "2024-05-30,1000\n2024-05-31,500\n").await;
    // The one is over, the other yet to come.
    state_split(&site, id, "split", "2024-05-31", "2:1").await;
    state_split(&site, id, "split", "2024-06-04", "10:1").await;
    state_split(&site, id, "split", "2024-06-03", "4:1").await;
    state_split(&site, id, "stock_dividend", "2024-06-01", "1:4").await;
    send(&site, &site.owner, json!([tick(id, "11:59:10", 1, 101.0)])).await;
    let now = quote(&site).await;
    assert_eq!(
        (&now["previous_close"], &now["change"]),
        (&json!(100.0), &json!(1.0)),
        "{now}"
    );
    // Movers and screens go by it, too.
    refresh(&site).await;
    let path = "/api/v1/market/screener";
    let found = site.get(path, &site.ann).await.json()["items"][0].clone();
    assert_eq!(
        (&found["price"], &found["high_52w"]),
        (&json!(101.0), &json!(100.0)),
        "{found}"
    );
    let change = found["change_percent"].as_f64().unwrap();
    assert!((change - 1.0).abs() < 1e-9, "{found}");
}

#[tokio::test]
async fn the_page_of_an_instrument_shows_a_split_as_no_change() {
    let site = Site::new().await;
    let id = closing(&site, "XNYS", "2024-05-30,400\n2024-05-31,102\n").await;
    let path = format!("/market/instruments/{id}");
    let fell = "74.50";
    let before = site.get(&path, &site.ann).await.text;
    assert!(before.contains(fell), "{before}");
    state_split(&site, id, "split", "2024-05-31", "4:1").await;
    let after = site.get(&path, &site.ann).await.text;
    assert!(!after.contains(fell), "{after}");
    assert!(after.contains("2.00"), "{after}");
}

#[tokio::test]
async fn a_price_on_the_evening_of_futures_is_compared_with_the_close_of_that_day() {
    let site = Site::new().await;
    let closes = "2024-05-29,9\n2024-05-30,10\n2024-05-31,11\n";
    let id = closing(&site, "XCME", closes).await;
    let at = |time: &str| json!([{"instrument_id": id, "at": format!("2024-05-30T{time}Z"), "price": 10.5}]);
    // Thursday, 16:30 in Chicago: it is still the day of Thursday.
    send(&site, &site.owner, at("21:30:00")).await;
    assert_eq!(quote(&site).await["previous_close"], 9.0);
    // From 17:00 on it is that of Friday.
    send(&site, &site.owner, at("22:30:00")).await;
    let now = quote(&site).await;
    assert_eq!(
        (&now["previous_close"], &now["change"]),
        (&json!(10.0), &json!(0.5))
    );
    let days = site.texts("select day::text from market.quotes").await;
    assert_eq!(days, ["2024-05-31"]);
}

/// The rules by which prices wait for a decision, with who stated them.
async fn waiting(site: &Site) -> Vec<String> {
    let open = market::quality::open(&site.db(), 10).await.unwrap();
    open.iter()
        .map(|one| {
            let rules: Vec<&str> = one.doubts.iter().map(Doubt::code).collect();
            format!("{} {} {}", one.source, one.bar.close, rules.join(" "))
        })
        .collect()
}

#[tokio::test]
async fn a_tick_that_is_doubted_is_stored_and_waits_while_the_quote_stays() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let with = |time: &str, price: f64, bid: f64, ask: f64| {
        let mut one = tick(id, time, 1, price);
        (one["bid"], one["ask"]) = (json!(bid), json!(ask));
        json!([one])
    };
    send(&site, &site.owner, with("11:00:00", 11.5, 11.0, 12.0)).await;
    // The bid above the ask; then a hundredfold, which waits with it and is not told twice.
    let crossed = send(&site, &site.owner, with("11:01:00", 12.0, 102.0, 100.0)).await;
    assert_eq!(
        crossed.json(),
        json!({"written": 1, "unchanged": 0, "expired": 0, "quotes": 0, "doubted": 1})
    );
    let pence = send(&site, &site.owner, with("11:02:00", 1150.0, 1149.0, 1151.0)).await;
    assert_eq!(pence.json()["doubted"], 1);
    assert_eq!(quote(&site).await["price"], 11.5);
    assert_eq!(waiting(&site).await, ["exchange 12 crossed"]);
    assert_eq!(
        site.texts("select price::text from market.ticks order by at")
            .await,
        ["11.5", "12", "1150"]
    );
    let page = site.get("/market/quarantine", &site.owner).await.text;
    assert!(page.contains("the bid is above the ask"), "{page}");
    // What came before the quote is judged by nobody: it does not become it.
    let earlier = send(&site, &site.owner, with("10:00:00", 1150.0, 0.0, 0.0)).await;
    assert_eq!(earlier.json()["doubted"], 0);
    // The next good one is the quote, and settles what waits. An offer of nought is none.
    let good = send(&site, &site.owner, with("11:03:00", 11.75, 0.0, 0.0)).await;
    assert_eq!(
        (&good.json()["quotes"], &good.json()["doubted"]),
        (&json!(1), &json!(0))
    );
    let now = quote(&site).await;
    assert_eq!((&now["price"], &now["bid"]), (&json!(11.75), &json!(null)));
    assert!(waiting(&site).await.is_empty());
}

#[tokio::test]
async fn a_doubted_tick_becomes_the_quote_when_it_is_accepted() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    send(&site, &site.owner, json!([tick(id, "11:00:00", 1, 1100.0)])).await;
    assert_eq!(waiting(&site).await, ["exchange 1100 hundredfold"]);
    assert!(quote(&site).await.is_null());
    let open = market::quality::open(&site.db(), 10).await.unwrap();
    let path = format!("/market/quarantine/{}/accept", open[0].id);
    let done = site.call(Method::POST, &path, &site.owner).send("").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let next = send(&site, &site.owner, json!([tick(id, "11:01:00", 1, 1101.0)])).await;
    assert_eq!(next.json()["quotes"], 1, "{}", next.text);
    assert_eq!(quote(&site).await["price"], 1101.0);
}
