use axum::http::{Method, StatusCode};
use market::quotes::NewQuote;
use serde_json::{Value, json};

use crate::{
    screener::{filled, refresh},
    site::Site,
};

const BOARD: &str = "/api/v1/market/board";

async fn index(site: &Site) -> String {
    index_at(site, "").await
}

async fn index_at(site: &Site, exchange: &str) -> String {
    let call = site.call(Method::POST, "/api/v1/market/instruments", &site.owner);
    let body = json!({"symbol": "SPX", "name": "S&P 500", "asset_class": "index",
                      "exchange": exchange});
    let made = call.json(body).await.json();
    format!(
        "/api/v1/market/indices/{}/values",
        made["id"].as_str().unwrap()
    )
}

async fn record(site: &Site, path: &str, body: Value) -> Value {
    let answer = site.call(Method::PUT, path, &site.owner).json(body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn an_index_keeps_its_history_and_changes_against_the_day_before() {
    let site = Site::new().await;
    let path = index(&site).await;
    let first = record(
        &site,
        &path,
        json!({"at": "2024-05-30T20:00:00Z", "value": 5000.0}),
    )
    .await;
    assert_eq!(
        (&first["change"], &first["change_percent"]),
        (&json!(null), &json!(null))
    );
    let noon = json!({"at": "2024-05-31T16:00:00Z", "value": 5100.0});
    record(&site, &path, noon).await;
    // Against the close of Thursday, not against noon.
    let close = json!({"at": "2024-05-31T20:00:00Z", "value": 5050.0, "volume": 7.0});
    let last = record(&site, &path, close).await;
    assert_eq!(
        (&last["change"], &last["change_percent"]),
        (&json!(50.0), &json!(1.0))
    );
    // The same instant again replaces the value.
    let again = json!({"at": "2024-05-31T20:00:00Z", "value": 4950.0, "change": -55.0});
    let corrected = record(&site, &path, again).await;
    assert_eq!(corrected["change"], json!(-55.0), "as stated");

    let page = site.get(&format!("{path}?limit=2"), &site.ann).await.json();
    let values: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| &v["value"])
        .collect();
    assert_eq!(values, [&json!(4950.0), &json!(5100.0)]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = site
        .get(&format!("{path}?cursor={cursor}"), &site.ann)
        .await
        .json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);

    let board = site.get(BOARD, &site.ann).await.json();
    assert_eq!(
        (
            &board["indices"][0]["symbol"],
            &board["indices"][0]["value"]
        ),
        (&json!("SPX"), &json!(4950.0))
    );
}

#[tokio::test]
async fn an_index_without_recorded_values_stands_at_its_last_bar_or_quote() {
    let site = Site::new().await;
    let id = site.add("SPX", json!({ "asset_class": "index" })).await;
    site.close_of(id, "2024-05-30", 5_000.0).await;
    site.close_of(id, "2024-05-31", 5_050.0).await;
    let stands = async || {
        refresh(&site).await;
        let board = site.get(BOARD, &site.ann).await.json();
        let first = board["indices"][0].clone();
        (
            first["value"].clone(),
            first["change"].clone(),
            first["source"].clone(),
        )
    };
    let by_bars = (json!(5_050.0), json!(50.0), json!("daily bars"));
    assert_eq!(stands().await, by_bars);
    let quote = NewQuote {
        instrument_id: id,
        price: 5_060.0,
        previous_close: Some(5_050.0),
        volume: None,
        bid: None,
        ask: None,
        at: "2024-06-03T15:00:00Z".parse().unwrap(),
    };
    assert_eq!(site.put(&[quote]).await, 1);
    let by_quotes = (json!(5_060.0), json!(10.0), json!("quotes"));
    assert_eq!(stands().await, by_quotes);
}

#[tokio::test]
async fn a_session_over_midnight_is_one_day_of_an_index() {
    let site = Site::new().await;
    let path = index_at(&site, "XASX").await;
    let change = async |at: &str, value: f64| {
        let body = json!({ "at": at, "value": value });
        record(&site, &path, body).await["change"].clone()
    };
    // The close of Monday, then Tuesday before and after midnight in UTC.
    change("2024-01-15T05:00:00Z", 7000.0).await;
    assert_eq!(change("2024-01-15T23:30:00Z", 7010.0).await, 10.0);
    assert_eq!(change("2024-01-16T00:30:00Z", 7025.0).await, 25.0);
    // A value that is dated by a day alone is of that day, and compared with the day before.
    assert_eq!(change("2024-01-16T00:00:00Z", 7030.0).await, 30.0);
    assert_eq!(change("2024-01-17T00:00:00Z", 7000.0).await, -25.0);
    assert_eq!(change("2024-01-17T23:30:00Z", 7040.0).await, 40.0);
}

#[tokio::test]
async fn only_administrators_record_and_only_sound_values_of_indices() {
    let site = filled().await;
    let path = index(&site).await;
    let body = json!({"at": "2024-05-31T20:00:00Z", "value": 1.0});
    for (token, status) in [("", 401), (&*site.ann, 403)] {
        let answer = site
            .call(Method::PUT, &path, token)
            .json(body.clone())
            .await;
        assert_eq!(answer.status.as_u16(), status);
    }
    let bad = json!({"at": "2124-05-31T20:00:00Z", "value": -1.0, "volume": -1.0});
    let refused = site.call(Method::PUT, &path, &site.owner).json(bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = refused.json()["errors"].clone();
    let refused: Vec<_> = errors.as_array().unwrap().iter().collect();
    assert_eq!(refused.len(), 3);
    assert_eq!(
        (&refused[2]["pointer"], &refused[2]["code"]),
        (&json!("at"), &json!("future_time"))
    );
    let share = site.instrument("AAA").await.id;
    let path = format!("/api/v1/market/indices/{share}/values");
    let refused = site
        .call(Method::PUT, &path, &site.owner)
        .json(body.clone())
        .await;
    assert_eq!(
        (refused.status.as_u16(), &*refused.problem()),
        (409, "instrument-no-index")
    );
    let value = format!("{path}/2024-05-31T20:00:00Z");
    let refused = site
        .call(Method::DELETE, &value, &site.owner)
        .send("")
        .await;
    assert_eq!(
        (refused.status.as_u16(), &*refused.problem()),
        (409, "instrument-no-index")
    );
    let nobody = "/api/v1/market/indices/00000000-0000-7000-8000-000000000000/values";
    let missing = site.call(Method::PUT, nobody, &site.owner).json(body).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_wrong_value_is_taken_back_and_the_one_before_stands() {
    let site = filled().await;
    let path = index(&site).await;
    for (at, value) in [
        ("2024-05-30T20:00:00Z", 5000.0),
        ("2024-05-31T20:00:00Z", 1.0),
    ] {
        let body = json!({ "at": at, "value": value });
        let put = site.call(Method::PUT, &path, &site.owner).json(body).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    }
    let wrong = format!("{path}/2024-05-31T20:00:00Z");
    for (token, status) in [
        ("", 401),
        (&*site.ann, 403),
        (&*site.owner, 204),
        (&*site.owner, 404),
    ] {
        let answer = site.call(Method::DELETE, &wrong, token).send("").await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    }
    let board = site.get(BOARD, &site.ann).await.json();
    assert_eq!(board["indices"][0]["value"], json!(5000.0));
    let malformed = format!("{path}/yesterday");
    let answer = site
        .call(Method::DELETE, &malformed, &site.owner)
        .send("")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
}

#[tokio::test]
async fn the_board_shows_what_rose_fell_and_was_traded() {
    let site = filled().await;
    let board = site.get(BOARD, &site.ann).await.json();
    let symbols = |kind: &str| -> Vec<String> {
        let rows = board[kind].as_array().unwrap();
        rows.iter()
            .map(|row| row["symbol"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(symbols("gainers"), ["AAA"]);
    assert_eq!(symbols("losers"), ["BBB"]);
    assert_eq!(symbols("most_active"), ["AAA", "BBB"]);
    let page = site.get("/market", &site.ann).await.text;
    for word in [
        "Gainers",
        "Losers",
        "Most active",
        "AAA",
        "BBB",
        "No instrument of the class index",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let empty = Site::new().await;
    let nothing = empty.get("/market", &empty.ann).await.text;
    assert!(nothing.contains("No prices yet"), "{nothing}");
    assert_eq!(empty.get(BOARD, "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_board_goes_by_the_quotes_of_a_day_that_has_no_bar_yet() {
    let site = filled().await;
    let fell = site.get(BOARD, &site.ann).await.json()["losers"][0].clone();
    assert_eq!(
        (&fell["symbol"], &fell["close"]),
        (&json!("BBB"), &json!(3.0))
    );
    // In pence, as its exchange quotes.
    let quote = market::quotes::NewQuote {
        instrument_id: serde_json::from_value(fell["instrument_id"].clone()).unwrap(),
        price: 375.0,
        previous_close: Some(300.0),
        volume: None,
        bid: None,
        ask: None,
        at: "2024-06-03T10:00:00Z".parse().unwrap(),
    };
    let mut tx = site.db().system("test").await.unwrap();
    market::quotes::put(&mut tx, "test", &[quote])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refresh(&site).await, Some(1));
    assert_eq!(refresh(&site).await, None, "nothing is newer");
    let board = site.get(BOARD, &site.ann).await.json();
    let rose = &board["gainers"][0];
    assert_eq!(rose["symbol"], "BBB", "{board}");
    assert_eq!(
        (&rose["close"], &rose["change_percent"]),
        (&json!(3.75), &json!(25.0))
    );
    assert_eq!(rose["date"], "2024-06-03");
    assert_eq!(board["losers"], json!([]));
}
