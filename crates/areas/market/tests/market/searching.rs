use axum::http::Method;
use serde_json::{Value, json};

use crate::site::Site;

async fn filled() -> Site {
    let site = Site::new().await;
    for (symbol, name, isin) in [
        ("MSFT", "Microsoft Corporation", Some("US5949181045")),
        ("MS", "Morgan Stanley", None),
        ("MSCI", "MSCI Inc.", None),
        ("SMSN", "Samsung Electronics", None),
        ("AAPL", "Apple Inc.", Some("US0378331005")),
        ("APLE", "Apple Hospitality REIT", None),
        ("PNW", "Pinnacle West (not Apple)", None),
        ("GOLD", "50% Gold_Fund", None),
    ] {
        let call = site.call(Method::POST, "/api/v1/market/instruments", &site.owner);
        let made = call
            .json(json!({"symbol": symbol, "name": name, "isin": isin}))
            .await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    }
    site
}

async fn find(site: &Site, query: &str) -> Vec<String> {
    let path = format!("/api/v1/market/search?q={query}");
    let found = site.get(&path, &site.ann).await;
    assert_eq!(found.status.as_u16(), 200, "{}", found.text);
    let symbol = |item: &Value| item["symbol"].as_str().unwrap().to_owned();
    let items = found.json().as_array().unwrap().clone();
    items.iter().map(symbol).collect()
}

#[tokio::test]
async fn the_best_match_comes_first() {
    let site = filled().await;
    // The symbol itself, symbols that begin with it.
    assert_eq!(find(&site, "ms").await, ["MS", "MSCI", "MSFT"]);
    // A name that begins with it before one that contains it.
    assert_eq!(find(&site, "apple").await, ["AAPL", "APLE", "PNW"]);
    assert_eq!(find(&site, "stanley").await, ["MS"]);
    // Two letters are looked for where words begin.
    assert_eq!(find(&site, "el").await, ["SMSN"]);
    assert_eq!(find(&site, "us0378331005").await, ["AAPL"], "by ISIN");
    assert_eq!(find(&site, "apple&limit=1").await, ["AAPL"]);
}

#[tokio::test]
async fn a_misspelt_name_is_found_and_nonsense_is_not() {
    let site = filled().await;
    assert_eq!(find(&site, "micosoft").await, ["MSFT"]);
    assert_eq!(find(&site, "samsong").await, ["SMSN"]);
    assert_eq!(find(&site, "aplle").await[0], "AAPL", "two letters swapped");
    assert_eq!(
        find(&site, "morgen%20stenley").await,
        ["MS"],
        "each word by itself"
    );
    assert_eq!(find(&site, "qqqq").await, Vec::<String>::new());
}

#[tokio::test]
async fn every_character_means_itself() {
    let site = filled().await;
    assert_eq!(find(&site, "50%25").await, ["GOLD"]);
    assert_eq!(find(&site, "gold_f").await, ["GOLD"]);
    assert_eq!(find(&site, "g%25ld").await, Vec::<String>::new());
    assert_eq!(find(&site, "%00apple").await[0], "AAPL");
    assert_eq!(
        site.get("/api/v1/market/search?q=a", "")
            .await
            .status
            .as_u16(),
        401
    );
    assert_eq!(
        site.get("/api/v1/market/search", &site.ann)
            .await
            .status
            .as_u16(),
        422
    );
}

#[tokio::test]
async fn what_only_its_owner_knows_is_found_by_nobody() {
    let site = filled().await;
    let mut tx = site.db().system("test").await.unwrap();
    let id = market::instruments::create_private(
        &mut tx,
        market::AssetClass::Alternative,
        money::Currency::EUR,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let symbol = format!("PRIVATE-{}", id.0.simple());
    assert_eq!(find(&site, &symbol).await, Vec::<String>::new());
    assert_eq!(find(&site, "private").await, Vec::<String>::new());
    let screened = site
        .get("/api/v1/market/screener?limit=500", &site.ann)
        .await;
    assert!(!screened.text.contains("PRIVATE"), "{}", screened.text);
}

#[tokio::test]
async fn the_page_of_a_search_shows_the_best_match_first() {
    let site = filled().await;
    let page = site
        .get("/market/instruments?q=apple", &site.ann)
        .await
        .text;
    let place = |name: &str| page.find(name).unwrap_or_else(|| panic!("{name}: {page}"));
    assert!(place("Apple Inc.") < place("Apple Hospitality"));
    assert!(place("Apple Hospitality") < place("Pinnacle West"));
}
