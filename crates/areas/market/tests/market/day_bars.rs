//! The daily bars of many instruments on one day, through the API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{bars_of, screener::filled, site::Site};

const PATH: &str = "/api/v1/market/bars";

async fn of(site: &Site, query: &str) -> Value {
    let answer = site.get(&format!("{PATH}?{query}"), &site.ann).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn one_answer_holds_the_bars_of_a_day_by_symbol_and_by_id() {
    let site = filled().await;
    let id = site.instrument("CCC").await.id;
    let day = of(
        &site,
        &format!("date=2024-05-31&symbols=bbb,{id},NONE,AAA,DDD"),
    )
    .await;
    assert_eq!(day["date"], "2024-05-31");
    assert_eq!(
        day["unknown"],
        json!(["NONE"]),
        "DDD has no bar, but a name"
    );
    let items = day["items"].as_array().unwrap();
    let figures: Vec<_> = items
        .iter()
        .map(|bar| {
            json!([
                bar["symbol"],
                bar["close"],
                bar["volume"],
                bar["quote_unit"]
            ])
        })
        .collect();
    assert_eq!(
        figures,
        [
            json!(["AAA", 11.0, 500.0, "major"]),
            json!(["BBB", 300.0, 80.0, "minor"]),
            json!(["CCC", 7.0, null, "major"])
        ]
    );
    assert_eq!(
        (
            &items[0]["exchange"],
            &items[0]["currency"],
            &items[2]["instrument_id"]
        ),
        (&json!("NASDAQ"), &json!("USD"), &json!(id))
    );
    let before = of(&site, "date=2024-05-30&symbols=AAA,CCC").await;
    assert_eq!(before["items"].as_array().unwrap().len(), 1);
    assert_eq!(before["items"][0]["open"], 10.0);
    let none = of(&site, "date=2023-01-02&symbols=AAA").await;
    assert_eq!((&none["items"], &none["unknown"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn the_day_and_at_most_two_hundred_symbols_are_to_be_named() {
    let site = Site::new().await;
    bars_of(&site, "ACME").await;
    let many: Vec<String> = (0..201).map(|n| format!("S{n}")).collect();
    for query in [
        "symbols=ACME".to_owned(),
        "date=2024-05-31".to_owned(),
        "date=yesterday&symbols=ACME".to_owned(),
        format!("date=2024-05-31&symbols={}", many.join(",")),
    ] {
        let answer = site.get(&format!("{PATH}?{query}"), &site.ann).await;
        assert_eq!(answer.status.as_u16(), 422, "{query}: {}", answer.text);
    }
    let stranger = site
        .get(&format!("{PATH}?date=2024-05-31&symbols=ACME"), "")
        .await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
