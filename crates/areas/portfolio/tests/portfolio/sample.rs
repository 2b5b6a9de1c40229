//! The welcome page and the simulated sample: loaded by one click, removed by another, never mixed up
//! with what is real.

use serde_json::{Value, json};

use crate::server::{DASHBOARD, PORTFOLIOS, Server, assert_adds_up, figures, text};

/// The tables that the sample touches. Users stay.
const TABLES: [&str; 7] = [
    "portfolio.portfolios",
    "portfolio.transactions",
    "portfolio.imports",
    "market.instruments",
    "market.bars",
    "market.simulated_fx_rates",
    "market.fx_rates",
];

async fn counts(server: &Server) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(server.count(table).await);
    }
    counts
}

fn portfolios(list: &Value) -> Vec<(String, bool)> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|p| (text(&p["name"]), p["is_simulated"] == true))
        .collect()
}

#[tokio::test]
async fn the_sample_is_loaded_once_and_removed_without_a_trace() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let welcome = browser.get("/welcome").await;
    for part in [
        "Start mine",
        "Explore the demo",
        "database",
        "migrations",
        "Simulated",
    ] {
        welcome.shows(part);
    }
    browser.post("/welcome/sample", &[]).await.leads_to("/");
    let page = browser.get("/").await;
    assert_eq!(page.status, 200);
    browser
        .get("/portfolio/portfolios")
        .await
        .shows("Remove the sample");
    let loaded = counts(&server).await;
    assert_eq!(loaded[0], 3);
    assert!(
        loaded[1] > 500
            && loaded[3] >= 25
            && loaded[4] > 30_000
            && loaded[5] > 1_000
            && loaded[6] == 0,
        "{loaded:?}"
    );

    browser.post("/welcome/sample", &[]).await.leads_to("/");
    assert_eq!(
        counts(&server).await,
        loaded,
        "the second click adds nothing"
    );
    for portfolio in ann.api.read(PORTFOLIOS).await.as_array().expect("a list") {
        assert_eq!(portfolio["is_simulated"], true);
        let report = ann.report(&text(&portfolio["id"]), "").await;
        assert_eq!(report["findings"], json!([]), "the sample is a clean one");
        assert_adds_up(&report);
    }

    browser.get("/welcome").await.shows("Remove the sample");
    browser
        .post("/welcome/remove", &[])
        .await
        .leads_to("/welcome");
    assert_eq!(counts(&server).await, [0; 7]);
    browser.get("/").await.leads_to("/welcome");
    browser
        .post("/welcome/remove", &[])
        .await
        .leads_to("/welcome");
}

#[tokio::test]
async fn a_sample_of_yesterday_gains_the_day_that_is_missing() {
    let server = Server::start().await;
    let (_, mut browser) = server.visitor("ann").await;
    browser.post("/welcome/sample", &[]).await.leads_to("/");
    let before = counts(&server).await;
    server
        .app
        .clock
        .advance(jiff::SignedDuration::from_hours(24));
    browser.post("/welcome/sample", &[]).await.leads_to("/");
    let after = counts(&server).await;
    assert_eq!((after[0], after[3]), (before[0], before[3]));
    assert!(
        after[1] >= before[1] && after[4] > before[4] && after[5] > before[5],
        "{before:?} {after:?}"
    );
}

/// The window moves at New Year: the household's history is another one then, and replaces the old.
#[tokio::test]
async fn at_new_year_the_history_is_replaced_and_not_doubled() {
    let server = Server::start().await;
    let (ann, mut browser) = server.visitor("ann").await;
    browser.post("/welcome/sample", &[]).await.leads_to("/");
    let before = server.rows_of(&ann, "portfolio.transactions").await;
    server
        .app
        .clock
        .advance(jiff::SignedDuration::from_hours(24 * 320));
    browser.get("/welcome").await;
    let (mut eve, mut fresh) = server.visitor("eve").await;
    fresh.post("/welcome/sample", &[]).await.leads_to("/");
    browser = sign_in_again(&server, browser).await;
    browser.post("/welcome/sample", &[]).await.leads_to("/");
    let (of_ann, of_eve) = (
        server.rows_of(&ann, "portfolio.transactions").await,
        server.rows_of(&eve, "portfolio.transactions").await,
    );
    assert_eq!(of_ann, of_eve, "{before} before");
    let value = |dashboard: &Value| text(&dashboard["totals"]["value"]);
    assert_eq!(
        value(&browser.read(DASHBOARD).await),
        value(&eve.api.read(DASHBOARD).await)
    );
}

async fn sign_in_again(server: &Server, _old: testkit::Browser) -> testkit::Browser {
    let mut browser = testkit::Browser::new(&server.router);
    browser.get("/identity/sign-in").await;
    let fields = [
        ("email", "ann@example.org"),
        ("password", "a long and quiet river"),
        ("next", "/"),
    ];
    browser
        .post("/identity/sign-in", &fields)
        .await
        .leads_to("/");
    browser.get("/welcome").await;
    browser
}

#[tokio::test]
async fn what_is_ones_own_and_what_is_somebody_elses_stays() {
    let mut server = Server::start().await;
    server.prices("EUR", &[("REAL", "2026-02-27", "10")]).await;
    server.rates(&[("EUR", "CHF", "2026-02-27", "0.95")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let (mut bob, mut bobs) = server.visitor("bob").await;
    bobs.post("/welcome/sample", &[]).await.leads_to("/");
    let names: Vec<String> = portfolios(&bob.api.read(PORTFOLIOS).await)
        .into_iter()
        .map(|p| p.0)
        .collect();
    let bobs_rows = server.dump(&bob, "portfolio.transactions").await;
    let bobs_value = bob.api.read(DASHBOARD).await["totals"].clone();

    // Ann has a portfolio of the sample's name, with a booking of her own.
    let own = ann.open(&names[0], "EUR").await;
    ann.record(&own, json!({ "type": "buy", "date": "2026-02-27", "symbol": "REAL", "quantity": "3", "price": "9" })).await;
    let own_rows = server.dump(&ann, "portfolio.transactions").await;
    for _ in 0..2 {
        browser.post("/welcome/sample", &[]).await.leads_to("/");
        let listed = portfolios(&ann.api.read(PORTFOLIOS).await);
        assert_eq!(listed.len(), 4, "{listed:?}");
        assert!(listed.contains(&(names[0].clone(), false)), "{listed:?}");
        assert_eq!(listed.iter().filter(|(_, simulated)| *simulated).count(), 3);
    }
    figures(
        &ann.report(&own, "").await["totals"],
        &[("holdings_value", "30"), ("cash", "-27")],
    );

    browser
        .post("/welcome/remove", &[])
        .await
        .leads_to("/welcome");
    assert_eq!(server.dump(&ann, "portfolio.transactions").await, own_rows);
    assert_eq!(
        portfolios(&ann.api.read(PORTFOLIOS).await),
        [(names[0].clone(), false)]
    );
    assert_eq!(server.dump(&bob, "portfolio.transactions").await, bobs_rows);
    assert_eq!(
        bob.api.read(DASHBOARD).await["totals"],
        bobs_value,
        "his prices are still there"
    );

    bobs.post("/welcome/remove", &[]).await.leads_to("/welcome");
    assert_eq!(server.count("market.instruments").await, 1);
    assert_eq!(server.count("market.bars").await, 1);
    assert_eq!(
        server.count("market.fx_rates").await,
        1,
        "the real rate stays"
    );
    assert_eq!(server.count("market.simulated_fx_rates").await, 0);
}

#[tokio::test]
async fn a_simulated_instrument_that_is_held_elsewhere_stays_with_its_prices() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    browser.post("/welcome/sample", &[]).await.leads_to("/");
    let held = ann.api.read("/api/v1/portfolio/holdings").await[0].clone();
    let own = ann.open("Mine", "EUR").await;
    let buy = json!({ "type": "buy", "date": "2026-02-27", "instrument_id": held["instrument_id"], "quantity": "1", "price": "9" });
    ann.record(&own, buy).await;
    browser
        .post("/welcome/remove", &[])
        .await
        .leads_to("/welcome");
    assert_eq!(
        server.count("market.instruments where is_simulated").await,
        1
    );
    let report = ann.report(&own, "").await;
    assert_eq!(report["holdings"][0]["local_price"], held["local_price"]);
}

/// Simulated rates price the sample alone: a real portfolio says that it has none, and real rates can
/// be loaded beside them.
#[tokio::test]
async fn simulated_rates_value_no_real_portfolio() {
    let mut server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    browser.post("/welcome/sample", &[]).await.leads_to("/");
    let own = ann.open("Mine", "EUR").await;
    ann.record(
        &own,
        json!({ "type": "deposit", "date": "2026-02-27", "amount": "100", "currency": "USD" }),
    )
    .await;
    let report = ann.report(&own, "").await;
    figures(&report, &[("value", "0")]);
    assert_eq!(
        crate::server::findings(&report).first(),
        Some(&"missing_rate"),
        "{report}"
    );
    server.rates(&[("EUR", "USD", "2026-02-27", "2.5")]).await;
    figures(&ann.report(&own, "").await, &[("value", "40")]);
    // What is one's own is added up without the sample, which can be looked at by itself.
    figures(&ann.api.read(DASHBOARD).await["totals"], &[("value", "40")]);
    let page = browser.get("/").await;
    page.shows("40.00");
    for portfolio in ann.api.read(PORTFOLIOS).await.as_array().expect("a list") {
        if portfolio["is_simulated"] == true {
            let id = text(&portfolio["id"]);
            assert_eq!(
                ann.report(&id, "").await["findings"],
                json!([]),
                "{portfolio}"
            );
            browser
                .get(&format!("/?portfolio={id}"))
                .await
                .shows("imulated");
        }
    }
}
