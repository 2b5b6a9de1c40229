//! How a portfolio performed, by any period and beside a benchmark.

use axum::http::Method;
use serde_json::{Value, json};
use testkit::Browser;

use crate::server::{Person, Server, near};

const PATH: &str = "/api/v1/portfolio/performance";

/// ACME grows by a tenth in each of two months, BENCH by a twentieth.
const PRICES: [(&str, &str, &str); 6] = [
    ("ACME", "2025-01-01", "100"),
    ("ACME", "2025-01-31", "110"),
    ("ACME", "2025-02-28", "121"),
    ("BENCH", "2025-01-01", "100"),
    ("BENCH", "2025-01-31", "105"),
    ("BENCH", "2025-02-28", "110.25"),
];

async fn set_up() -> Server {
    let mut server = Server::start().await;
    server.prices("EUR", &PRICES).await;
    server
}

/// Puts a thousand into ACME.
async fn invest(person: &mut Person) -> String {
    let portfolio = person.open("Old age", "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-01", "amount": "1000" }),
        json!({ "type": "buy", "date": "2025-01-01", "symbol": "ACME", "quantity": "10", "price": "100" }),
    ] {
        person.record(&portfolio, body).await;
    }
    portfolio
}

async fn invested() -> (Server, Person, String) {
    let server = set_up().await;
    let mut ann = server.person("ann").await;
    let portfolio = invest(&mut ann).await;
    (server, ann, portfolio)
}

fn months(view: &Value) -> Vec<Option<f64>> {
    view["years"][0]["months"]
        .as_array()
        .expect("twelve months")
        .iter()
        .map(Value::as_f64)
        .collect()
}

#[tokio::test]
async fn a_free_range_is_measured_beside_a_benchmark_on_the_same_money() {
    let (_server, mut ann, portfolio) = invested().await;
    let view = ann
        .api
        .get(&format!(
            "{PATH}?portfolio_id={portfolio}&from=2025-01-01&to=2025-02-28&benchmark=BENCH"
        ))
        .await
        .json_of(200);
    assert_eq!(view["period"], "2025-01-01..2025-02-28");
    near(&view["figures"]["twr"], 0.21);
    near(&view["figures"]["simple"], 0.21);
    near(&view["figures"]["modified_dietz"], 0.21);
    near(&view["gain"], 210.0);
    assert!(
        view["not_available"]["annual_return"]
            .as_str()
            .is_some_and(|why| why.contains("365")),
        "{view}"
    );
    let benchmark = &view["benchmark"];
    assert_eq!(benchmark["name"], "BENCH");
    near(&benchmark["index_return"], 0.1025);
    near(&benchmark["value"], 1102.5);
    near(&benchmark["ahead"], 107.5);
    let line = view["series"]["benchmark"].as_array().expect("a line");
    assert_eq!(
        line.len(),
        view["series"]["dates"].as_array().expect("days").len()
    );
    near(line.last().expect("a last day"), 1102.5);
}

#[tokio::test]
async fn months_chain_to_the_year_and_a_calendar_year_is_a_period() {
    let (_server, mut ann, portfolio) = invested().await;
    let view = ann
        .api
        .get(&format!("{PATH}?portfolio_id={portfolio}&period=2025"))
        .await
        .json_of(200);
    assert_eq!(
        (&view["from"], &view["to"]),
        (&json!("2025-01-01"), &json!("2025-12-31"))
    );
    let months = months(&view);
    assert!((months[0].expect("January") - 0.1).abs() < 1e-12);
    assert!((months[1].expect("February") - 0.1).abs() < 1e-12);
    let chained = months
        .iter()
        .flatten()
        .fold(1.0, |all, month| all * (1.0 + month))
        - 1.0;
    near(&view["years"][0]["twr"], chained);
    near(&view["figures"]["twr"], chained);
    assert_eq!(view["years"][0]["complete"], true);
}

#[tokio::test]
async fn a_mix_is_weighted_and_a_benchmark_that_cannot_be_had_says_why() {
    let (_server, mut ann, portfolio) = invested().await;
    let range = "from=2025-01-01&to=2025-02-28";
    let mix = ann
        .api
        .get(&format!(
            "{PATH}?portfolio_id={portfolio}&{range}&benchmark=BENCH:50,ACME:50"
        ))
        .await
        .json_of(200);
    // Rebalanced at every close: (1 + 0.075)^2.
    near(&mix["benchmark"]["index_return"], 1.075 * 1.075 - 1.0);
    for (benchmark, why) in [
        ("NOBODY", "NOBODY"),
        ("BENCH:50", "sum to"),
        ("BENCH:x", "VWRL:60"),
    ] {
        let view = ann
            .api
            .get(&format!(
                "{PATH}?portfolio_id={portfolio}&{range}&benchmark={benchmark}"
            ))
            .await
            .json_of(200);
        let reason = view["benchmark"]["not_available"]
            .as_str()
            .expect("a reason");
        assert!(reason.contains(why), "{reason}");
        near(&view["figures"]["twr"], 0.21);
    }
}

#[tokio::test]
async fn a_split_of_a_benchmark_that_was_never_held_is_no_loss() {
    let (mut server, mut ann, portfolio) = invested().await;
    server
        .prices(
            "EUR",
            &[
                ("SPLIT", "2025-01-01", "1000"),
                ("SPLIT", "2025-01-31", "1050"),
                ("SPLIT", "2025-02-28", "110"),
            ],
        )
        .await;
    let found = ann.api.read("/api/v1/market/instruments?q=SPLIT").await;
    let id = &found["items"][0]["id"];
    let stated =
        json!({ "instrument_id": id, "type": "split", "ex_date": "2025-02-10", "ratio": "10:1" });
    server
        .owner
        .api
        .call(
            Method::POST,
            "/api/v1/market/corporate-actions",
            Some(stated),
        )
        .await
        .json_of(201);
    let path =
        format!("{PATH}?portfolio_id={portfolio}&from=2025-01-01&to=2025-02-28&benchmark=SPLIT");
    let view = ann.api.read(&path).await;
    near(&view["benchmark"]["index_return"], 0.1);
    // Booked as well, it still counts once.
    for body in [
        json!({ "type": "buy", "date": "2025-01-01", "symbol": "SPLIT", "quantity": "1", "price": "1000" }),
        json!({ "type": "split", "date": "2025-02-10", "symbol": "SPLIT", "ratio": "10:1" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let view = ann.api.read(&path).await;
    near(&view["benchmark"]["index_return"], 0.1);
}

#[tokio::test]
async fn what_is_no_period_and_whose_portfolio_is_not_ones_own_is_refused() {
    let (server, mut ann, portfolio) = invested().await;
    for query in [
        "period=2y",
        "from=2025-02-01&to=2025-01-01",
        "risk_free=much",
    ] {
        ann.api
            .get(&format!("{PATH}?{query}"))
            .await
            .refused(422, "invalid-input");
    }
    let early = ann
        .api
        .get(&format!("{PATH}?period=1990"))
        .await
        .json_of(200);
    assert!(early["not_available"]["all"].is_string(), "{early}");
    let mut eve = server.person("eve").await;
    eve.api
        .get(&format!("{PATH}?portfolio_id={portfolio}"))
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn the_page_shows_figures_months_and_reasons() {
    let server = set_up().await;
    let (mut ann, mut browser): (Person, Browser) = server.visitor("ann").await;
    let portfolio = invest(&mut ann).await;
    let page = browser
        .get(&format!(
            "/portfolio/performance?portfolio={portfolio}&from=2025-01-01&to=2025-02-28&benchmark=BENCH"
        ))
        .await;
    for words in [
        "Time-weighted return",
        "Expected shortfall 95 %, normal",
        "Months and years",
        "Ahead of the benchmark",
        "class=\"num heat-gain-3\"",
    ] {
        page.shows(words);
    }
}
