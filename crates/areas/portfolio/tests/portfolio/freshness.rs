//! Figures are kept in memory for as long as nothing has changed, and never longer.

use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{DASHBOARD, HOLDINGS, Person, Server, TRANSACTIONS, text};

async fn values(ann: &mut Person, portfolio: &str) -> [String; 3] {
    let report = ann.report(portfolio, "").await;
    let dashboard = ann.api.read(DASHBOARD).await;
    let holdings = ann.api.read(HOLDINGS).await;
    let held = holdings[0]["value"]
        .as_str()
        .unwrap_or("nothing")
        .to_owned();
    [
        text(&report["value"]),
        text(&dashboard["totals"]["value"]),
        held,
    ]
}

#[tokio::test]
async fn the_very_next_answer_knows_of_every_change() {
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-26", "100")]).await;
    server.rates(&[("EUR", "USD", "2026-02-26", "1.25")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2026-02-26", "amount": "1000" }),
    )
    .await;
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1000", "1000", "nothing"]
    );
    // 10 shares of 100 dollars at 0.80, paid with 800 euros.
    let buy = json!({ "type": "buy", "date": "2026-02-26", "symbol": "ACME", "quantity": "10", "price": "100", "currency": "USD", "settlement_currency": "EUR", "fx_rate": "0.8" });
    let bought = ann.record(&portfolio, buy.clone()).await;
    assert_eq!(values(&mut ann, &portfolio).await, ["1000", "1000", "800"]);
    assert_eq!(values(&mut ann, &portfolio).await, ["1000", "1000", "800"]);
    // A new bar.
    server.prices("USD", &[("ACME", "2026-02-27", "110")]).await;
    assert_eq!(values(&mut ann, &portfolio).await, ["1080", "1080", "880"]);
    // A new rate: a dollar is 0.78125.
    server.rates(&[("EUR", "USD", "2026-02-27", "1.28")]).await;
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1059.375", "1059.375", "859.375"]
    );
    // An edit.
    let path = format!("{TRANSACTIONS}/{}", text(&bought["id"]));
    let mut edited = buy;
    edited["portfolio_id"] = json!(portfolio);
    edited["quantity"] = json!("5");
    ann.api
        .call(Method::PUT, &path, Some(edited))
        .await
        .json_of(200);
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1029.6875", "1029.6875", "429.6875"]
    );
    // A deletion.
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1000", "1000", "nothing"]
    );
    // An import, and its undoing.
    let file = "date,type,amount,currency\n2026-02-27,deposit,5,EUR\n";
    let import = ann.import(&portfolio, file).await;
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1005", "1005", "nothing"]
    );
    let undo = format!("{}/{}", crate::server::IMPORTS, text(&import["batch_id"]));
    ann.api.call(Method::DELETE, &undo, None).await.json_of(200);
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1000", "1000", "nothing"]
    );
    // Another portfolio.
    let other = ann.open("Other", "EUR").await;
    ann.record(
        &other,
        json!({ "type": "deposit", "date": "2026-02-27", "amount": "7" }),
    )
    .await;
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1000", "1007", "nothing"]
    );
    let path = format!("{}/{other}", crate::server::PORTFOLIOS);
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(
        values(&mut ann, &portfolio).await,
        ["1000", "1000", "nothing"]
    );
}

#[tokio::test]
async fn a_change_of_currency_preferences_or_day_is_known_at_once() {
    let mut server = Server::start().await;
    server.rates(&[("EUR", "USD", "2026-02-26", "1.25")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2026-02-26", "amount": "1000" }),
    )
    .await;
    assert_eq!(values(&mut ann, &portfolio).await[..2], ["1000", "1000"]);
    let preferences = json!({ "base_currency": "USD", "locale": "en-US", "theme": "dark", "hide_amounts": false });
    ann.api
        .call(
            Method::PUT,
            "/api/v1/identity/preferences",
            Some(preferences),
        )
        .await
        .json_of(200);
    assert_eq!(values(&mut ann, &portfolio).await[..2], ["1000", "1250"]);
    let path = format!("{}/{portfolio}", crate::server::PORTFOLIOS);
    let body = json!({ "name": "Old age", "currency": "USD" });
    ann.api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    assert_eq!(values(&mut ann, &portfolio).await[..2], ["1250", "1250"]);

    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2026-03-03", "amount": "10" }),
    )
    .await;
    assert_eq!(
        values(&mut ann, &portfolio).await[..2],
        ["1250", "1250"],
        "tomorrow is not yet"
    );
    server
        .app
        .clock
        .advance(jiff::SignedDuration::from_hours(24));
    assert_eq!(values(&mut ann, &portfolio).await[..2], ["1260", "1260"]);
    assert_eq!(ann.report(&portfolio, "").await["as_of"], "2026-03-03");
}

/// Two people with portfolios of one name see their own figures, however often they ask.
#[tokio::test]
async fn nobody_is_given_the_figures_of_somebody_else() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    let (of_ann, of_bob) = (ann.open("Same", "EUR").await, bob.open("Same", "EUR").await);
    let deposit =
        |amount: &str| json!({ "type": "deposit", "date": "2026-02-26", "amount": amount });
    ann.record(&of_ann, deposit("111")).await;
    bob.record(&of_bob, deposit("222")).await;
    let value = |dashboard: &Value| text(&dashboard["totals"]["value"]);
    for _ in 0..2 {
        assert_eq!(value(&ann.api.read(DASHBOARD).await), "111");
        assert_eq!(value(&bob.api.read(DASHBOARD).await), "222");
    }
}
