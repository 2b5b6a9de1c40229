use axum::http::Method;
use serde_json::{Value, json};

use crate::site::Site;

const PATH: &str = "/api/v1/market/instruments";

async fn create(site: &Site, body: Value) -> Value {
    let made = site.call(Method::POST, PATH, &site.owner).json(body).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    made.json()
}

async fn change(site: &Site, id: &Value, body: Value) -> Value {
    let path = format!("{PATH}/{}", id.as_str().unwrap());
    let changed = site
        .call(Method::PATCH, &path, &site.owner)
        .json(body)
        .await;
    assert_eq!(changed.status.as_u16(), 200, "{}", changed.text);
    changed.json()
}

#[tokio::test]
async fn size_and_earnings_fall_into_buckets_by_themselves() {
    let site = Site::new().await;
    let made = create(
        &site,
        json!({
            "symbol": "AAPL", "exchange": "XNAS", "industry": "Consumer Electronics",
            "market_cap": "3000000000000", "pe_ratio": "29.51", "figi": "bbg000b9xry4",
            "cusip": "037833100", "listed_on": "1980-12-12"
        }),
    )
    .await;
    assert_eq!(
        (
            &made["market_cap_bucket"],
            &made["pe_bucket"],
            &made["figi"],
            &made["is_active"]
        ),
        (
            &json!("large"),
            &json!("high"),
            &json!("BBG000B9XRY4"),
            &json!(true)
        )
    );
    for (cap, bucket) in [
        ("1999999999.99", "small"),
        ("2000000000", "mid"),
        ("9999999999.99", "mid"),
        ("10000000000", "large"),
    ] {
        let changed = change(&site, &made["id"], json!({"market_cap": cap})).await;
        assert_eq!(changed["market_cap_bucket"], json!(bucket), "{cap}");
    }
    for (ratio, bucket) in [
        ("14.99", json!("low")),
        ("15", json!("medium")),
        ("25", json!("medium")),
        ("25.01", json!("high")),
        ("-3", json!(null)),
    ] {
        let changed = change(&site, &made["id"], json!({"pe_ratio": ratio})).await;
        assert_eq!(changed["pe_bucket"], bucket, "{ratio}");
        assert_eq!(
            changed["cusip"],
            json!("037833100"),
            "what is left out stays"
        );
    }
    let unknown = change(
        &site,
        &made["id"],
        json!({"market_cap": null, "figi": null}),
    )
    .await;
    assert_eq!(
        (&unknown["market_cap_bucket"], &unknown["figi"]),
        (&json!(null), &json!(null))
    );
}

#[tokio::test]
async fn numbers_with_a_slip_and_impossible_days_are_refused_by_field() {
    let site = Site::new().await;
    let body = json!({
        "symbol": "A", "figi": "BBG000B9XRY5", "cusip": "037833101", "market_cap": "-1",
        "pe_ratio": "many", "listed_on": "2020-02-30", "delisted_on": "soon"
    });
    let answer = site.call(Method::POST, PATH, &site.owner).json(body).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "invalid-input")
    );
    let errors = answer.json()["errors"].clone();
    let errors = errors.as_array().unwrap();
    let fields: Vec<_> = errors
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        [
            "market_cap",
            "pe_ratio",
            "figi",
            "cusip",
            "listed_on",
            "delisted_on"
        ]
    );
    let body = json!({"symbol": "A", "listed_on": "2020-01-02", "delisted_on": "2020-01-01"});
    let answer = site.call(Method::POST, PATH, &site.owner).json(body).await;
    assert_eq!(answer.json()["errors"][0]["code"], json!("before_listing"));
}

#[tokio::test]
async fn a_former_symbol_is_kept_shown_and_found() {
    let site = Site::new().await;
    let made = create(
        &site,
        json!({"symbol": "FB", "exchange": "XNAS", "name": "Meta Platforms"}),
    )
    .await;
    let renamed = change(&site, &made["id"], json!({"symbol": "meta"})).await;
    assert_eq!(renamed["symbol"], json!("META"));
    // The same again, and another field, keep nothing.
    change(
        &site,
        &made["id"],
        json!({"symbol": "META", "sector": "Communication"}),
    )
    .await;

    let id = made["id"].as_str().unwrap();
    let former = site
        .get(&format!("{PATH}/{id}/former-symbols"), &site.ann)
        .await
        .json();
    let former = former.as_array().unwrap();
    assert_eq!(former.len(), 1, "{former:?}");
    assert_eq!(
        (&former[0]["symbol"], &former[0]["exchange"]),
        (&json!("FB"), &json!("XNAS"))
    );

    let found = site
        .get("/api/v1/market/search?q=fb", &site.ann)
        .await
        .json();
    assert_eq!(found[0]["symbol"], json!("META"));
    let page = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    assert!(
        page.contains("Former symbols") && page.contains("FB (until"),
        "{page}"
    );
    // Whoever bears the symbol now comes first.
    create(
        &site,
        json!({"symbol": "FB", "exchange": "XLON", "name": "Fishing Boats"}),
    )
    .await;
    let found = site
        .get("/api/v1/market/search?q=FB", &site.ann)
        .await
        .json();
    let names: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["name"])
        .collect();
    assert_eq!(names, [&json!("Fishing Boats"), &json!("Meta Platforms")]);
    // Nobody may take the symbol of another instrument.
    let path = format!("{PATH}/{id}");
    let call = site.call(Method::PATCH, &path, &site.owner);
    let taken = call.json(json!({"symbol": "FB", "exchange": "XLON"})).await;
    assert_eq!(
        (taken.status.as_u16(), &*taken.problem()),
        (409, "instrument-taken")
    );
}
