use axum::http::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testkit::Browser;

use crate::server::{Person, Server, decimal, figures, text};

const ALLOCATION: &str = "/api/v1/portfolio/allocation";
const WEIGHTS: &str = "/api/v1/portfolio/fund-weights";

/// Ann holds ACME (technology, US), a fund of the world, and dollars, in two portfolios.
pub(crate) async fn household() -> (Server, Person, Browser, [String; 2]) {
    let mut server = Server::start().await;
    for body in [
        json!({ "symbol": "ACME", "currency": "EUR", "name": "Acme Technology", "sector": "Technology", "country": "United States" }),
        json!({ "symbol": "WORLD", "currency": "EUR", "name": "World fund", "asset_class": "etf", "country": "IE" }),
        json!({ "symbol": "ODD", "currency": "EUR" }),
    ] {
        server
            .owner
            .api
            .call(Method::POST, "/api/v1/market/instruments", Some(body))
            .await
            .json_of(201);
    }
    let closes = ["ACME", "WORLD", "ODD"].map(|symbol| (symbol, "2026-02-27", "100"));
    server.prices("EUR", &closes).await;
    server.rates(&[("EUR", "USD", "2025-01-01", "1.25")]).await;
    let (mut ann, browser) = server.visitor("ann").await;
    let (left, right) = (
        ann.open("Left", "EUR").await,
        ann.open("Right", "EUR").await,
    );
    for (portfolio, body) in [
        (
            &left,
            json!({ "type": "deposit", "date": "2025-01-02", "amount": "1000" }),
        ),
        (
            &left,
            json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "4", "price": "100" }),
        ),
        (
            &left,
            json!({ "type": "buy", "date": "2025-01-03", "symbol": "WORLD", "quantity": "5", "price": "100" }),
        ),
        (
            &right,
            json!({ "type": "deposit", "date": "2025-01-02", "amount": "250", "currency": "USD" }),
        ),
        (
            &right,
            json!({ "type": "deposit", "date": "2025-01-02", "amount": "100" }),
        ),
        (
            &right,
            json!({ "type": "buy", "date": "2025-01-03", "symbol": "ODD", "quantity": "1", "price": "100" }),
        ),
    ] {
        ann.record(portfolio, body).await;
    }
    (server, ann, browser, [left, right])
}

fn parts(divided: &Value) -> Vec<(String, String)> {
    let slices = divided["slices"].as_array().expect("parts");
    let sum: Decimal = slices.iter().map(|slice| decimal(&slice["value"])).sum();
    assert_eq!(
        sum,
        decimal(&divided["worth"]["net_worth"]),
        "the parts add up: {divided}"
    );
    slices
        .iter()
        .map(|slice| (text(&slice["label"]), text(&slice["value"])))
        .collect()
}

fn expected(parts: &[(&str, &str)]) -> Vec<(String, String)> {
    parts
        .iter()
        .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
        .collect()
}

pub(crate) async fn instrument(person: &mut Person, symbol: &str) -> String {
    let found = person
        .api
        .read(&format!("/api/v1/market/instruments?q={symbol}"))
        .await;
    text(&found["items"][0]["id"])
}

#[tokio::test]
async fn everything_divides_without_remainder_by_every_dimension() {
    let (_server, mut ann, _, [_, right]) = household().await;
    // ACME 400, WORLD 500, ODD 100, cash 100 EUR and 250 USD, which are 200 EUR.
    let cases: [(&str, &[(&str, &str)]); 6] = [
        (
            "asset_class",
            &[("ETF", "500"), ("Equity", "500"), ("Cash", "300")],
        ),
        (
            "sector",
            &[("Technology", "400"), ("Cash", "300"), ("Unknown", "600")],
        ),
        (
            "country",
            &[
                ("IE", "500"),
                ("US", "400"),
                ("Cash", "300"),
                ("Unknown", "100"),
            ],
        ),
        (
            "region",
            &[
                ("Europe", "500"),
                ("North America", "400"),
                ("Cash", "300"),
                ("Unknown", "100"),
            ],
        ),
        ("currency", &[("EUR", "1100"), ("USD", "200")]),
        ("account", &[("Left", "1000"), ("Right", "300")]),
    ];
    for (dimension, wanted) in cases {
        let divided = ann
            .api
            .read(&format!("{ALLOCATION}?dimension={dimension}"))
            .await;
        assert_eq!(divided["dimension"], dimension);
        assert_eq!(parts(&divided), expected(wanted), "{dimension}");
    }
    let one = ann
        .api
        .read(&format!("{ALLOCATION}?portfolio_id={right}"))
        .await;
    assert_eq!(parts(&one), expected(&[("Cash", "200"), ("Equity", "100")]));
    figures(
        &one["worth"],
        &[
            ("assets", "300"),
            ("liabilities", "0"),
            ("net_worth", "300"),
        ],
    );
    assert_eq!(one["slices"][1]["holdings"], 1);
    let wrong = format!("{ALLOCATION}?dimension=colour");
    ann.api
        .call(Method::GET, &wrong, None)
        .await
        .refused(422, "invalid-input");
}

#[tokio::test]
async fn a_fund_counts_as_what_it_is_made_of() {
    let (server, mut ann, mut browser, [left, _]) = household().await;
    let world = instrument(&mut ann, "WORLD").await;
    let path = format!("{WEIGHTS}/{world}");
    let body = json!({ "weights": [
        { "dimension": "sector", "key": "Technology", "percent": "33.333333" },
        { "dimension": "sector", "key": "Health Care", "percent": "33.333333" },
        { "dimension": "sector", "key": "Energy", "percent": "23.333334" },
        { "dimension": "country", "key": "usa", "percent": "60" },
        { "dimension": "country", "key": "Atlantis", "percent": "10" },
    ] });
    let kept = ann
        .api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    assert_eq!(kept["weights"][0]["key"], "US", "a country by its code");
    let divide = |dimension: &str, more: &str| {
        format!("{ALLOCATION}?dimension={dimension}&portfolio_id={left}{more}")
    };
    // Of 500: 166.666665 each for two, 116.66667 for the third; a tenth is unknown.
    let sectors = ann.api.read(&divide("sector", "")).await;
    assert_eq!(
        parts(&sectors),
        expected(&[
            ("Technology", "566.666665"),
            ("Health Care", "166.666665"),
            ("Energy", "116.66667"),
            ("Cash", "100"),
            ("Unknown", "50"),
        ])
    );
    // Of 500: 300 in the US, 50 in no known region, 150 not stated.
    let regions = ann.api.read(&divide("region", "")).await;
    assert_eq!(
        parts(&regions),
        expected(&[
            ("North America", "700"),
            ("Cash", "100"),
            ("Unknown", "200")
        ])
    );
    let whole = ann.api.read(&divide("sector", "&look_through=false")).await;
    assert_eq!(
        parts(&whole),
        expected(&[("Technology", "400"), ("Cash", "100"), ("Unknown", "500")])
    );

    // As CSV, and back to one thing.
    let csv = "dimension,key,percent\nsector,Technology,100\n";
    let request = ann
        .api
        .request(Method::PUT, &format!("{path}/csv"))
        .header("content-type", "text/csv")
        .body(csv.into())
        .expect("request");
    let kept = ann.api.send(request).await.json_of(200);
    assert_eq!(kept["weights"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.rows_of(&ann, "portfolio.fund_weights").await, 1);
    let too_much = json!({ "weights": [
        { "dimension": "sector", "key": "A", "percent": "60" },
        { "dimension": "sector", "key": "B", "percent": "41" },
    ] });
    ann.api
        .call(Method::PUT, &path, Some(too_much))
        .await
        .refused(422, "invalid-input");
    assert_eq!(server.rows_of(&ann, "portfolio.fund_weights").await, 1);

    let page = format!("/portfolio/fund-weights/{world}");
    browser.get(&page).await.shows("Technology");
    let wrong = browser.post(&page, &[("weights", "colour,red,5")]).await;
    assert_eq!(wrong.status, 422);
    wrong.shows("colour,red,5");
    browser
        .post(&page, &[("weights", "country,US,50\ncountry,JP,50")])
        .await
        .leads_to(&page);
    browser
        .get("/portfolio/allocation?dimension=country")
        .await
        .shows("JP");

    // A stranger has her own view of the same fund.
    let mut bob = server.person("bob").await;
    assert_eq!(bob.api.read(&path).await, json!({ "weights": [] }));
    let nowhere = format!("{WEIGHTS}/00000000-0000-7000-8000-000000000000");
    bob.api
        .call(Method::GET, &nowhere, None)
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn the_page_shows_every_dimension_and_what_is_unknown() {
    let (server, mut ann, mut browser, [left, _]) = household().await;
    let page = browser.get("/portfolio/allocation").await;
    page.shows("Asset class");
    page.shows("ETF");
    page.hides("Liabilities");
    for dimension in [
        "sector", "region", "country", "currency", "account", "category",
    ] {
        let path = format!("/portfolio/allocation?dimension={dimension}&portfolio={left}");
        assert_eq!(browser.get(&path).await.status, 200, "{dimension}");
    }
    let sectors = browser.get("/portfolio/allocation?dimension=sector").await;
    sectors.shows("Unknown");
    sectors.shows("/portfolio/fund-weights/");
    let categories = browser
        .get("/portfolio/allocation?dimension=category")
        .await;
    categories.shows("No category");
    // A short position is owed.
    ann.record(
        &left,
        json!({ "type": "short", "date": "2025-02-03", "symbol": "ODD", "quantity": "1", "price": "100" }),
    )
    .await;
    let page = browser.get("/portfolio/allocation").await;
    page.shows("Net worth");
    let (_, mut eve) = server.visitor("eve").await;
    eve.get("/portfolio/allocation")
        .await
        .shows("Nothing to divide yet");
    let path = format!("/portfolio/allocation?portfolio={left}");
    assert_eq!(eve.get(&path).await.status, 404);
}
