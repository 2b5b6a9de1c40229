use axum::http::Method;
use serde_json::{Value, json};
use testkit::Browser;

use crate::server::{HOLDINGS, Person, Server, figures, text};

/// Ann holds ACME in two portfolios, has sold all of GONE, and has dollars' worth of WEB.
async fn household() -> (Server, Person, Browser, [String; 2]) {
    let mut server = Server::start().await;
    server
        .prices(
            "EUR",
            &[("ACME", "2026-02-26", "120"), ("ACME", "2026-02-27", "130")],
        )
        .await;
    server.prices("USD", &[("WEB", "2026-02-27", "50")]).await;
    server.rates(&[("EUR", "USD", "2025-01-01", "1.25")]).await;
    let (mut ann, browser) = server.visitor("ann").await;
    let (left, right) = (
        ann.open("Left", "EUR").await,
        ann.open("Right", "EUR").await,
    );
    for (portfolio, body) in [
        (
            &left,
            json!({ "type": "deposit", "date": "2025-01-02", "amount": "5000" }),
        ),
        (
            &right,
            json!({ "type": "deposit", "date": "2025-01-02", "amount": "5000" }),
        ),
        (
            &left,
            json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100", "fees": "2" }),
        ),
        (
            &left,
            json!({ "type": "buy", "date": "2025-02-03", "symbol": "ACME", "quantity": "5", "price": "110" }),
        ),
        (
            &left,
            json!({ "type": "sell", "date": "2025-03-03", "symbol": "ACME", "quantity": "4", "price": "115" }),
        ),
        (
            &right,
            json!({ "type": "buy", "date": "2025-01-15", "symbol": "ACME", "quantity": "1", "price": "105" }),
        ),
        (
            &right,
            json!({ "type": "buy", "date": "2025-01-15", "symbol": "GONE", "quantity": "2", "price": "10" }),
        ),
        (
            &right,
            json!({ "type": "sell", "date": "2025-01-16", "symbol": "GONE", "quantity": "2", "price": "15" }),
        ),
        (
            &right,
            json!({ "type": "buy", "date": "2025-01-17", "symbol": "WEB", "quantity": "10", "price": "40", "currency": "USD", "settlement_currency": "EUR", "fx_rate": "0.8" }),
        ),
    ] {
        ann.record(portfolio, body).await;
    }
    (server, ann, browser, [left, right])
}

fn symbols(holdings: &Value) -> Vec<String> {
    holdings
        .as_array()
        .expect("a list")
        .iter()
        .map(|h| text(&h["symbol"]))
        .collect()
}

#[tokio::test]
async fn holdings_are_listed_over_all_portfolios_or_of_one() {
    let (_server, mut ann, _, [left, right]) = household().await;
    let all = ann.api.read(HOLDINGS).await;
    assert_eq!(
        symbols(&all),
        ["ACME", "WEB", "GONE"],
        "largest value first"
    );
    // 11 and 1 shares at 130; cost 6/10 of 1002, 550 and 105; sold 4 for 460 that cost 400.8.
    figures(
        &all[0],
        &[
            ("quantity", "12"),
            ("value", "1560"),
            ("cost_basis", "1256.2"),
            ("realized_gain", "59.2"),
            ("price_on", "2026-02-27"),
        ],
    );
    figures(
        &all[1],
        &[
            ("quantity", "10"),
            ("value", "400"),
            ("cost_basis", "320"),
            ("local_value", "500"),
            ("base_currency", "EUR"),
            ("currency", "USD"),
        ],
    );
    figures(&all[2], &[("quantity", "0"), ("realized_gain", "10")]);
    assert_eq!(all[0].get("lots"), None);

    let of_right = ann
        .api
        .read(&format!("{HOLDINGS}?portfolio_id={right}"))
        .await;
    assert_eq!(symbols(&of_right), ["WEB", "ACME", "GONE"]);
    figures(&of_right[1], &[("quantity", "1"), ("value", "130")]);
    assert_eq!(
        symbols(
            &ann.api
                .read(&format!("{HOLDINGS}?portfolio_id={left}"))
                .await
        ),
        ["ACME"]
    );
    let wrong = ann
        .api
        .call(Method::GET, &format!("{HOLDINGS}?portfolio_id=x"), None)
        .await;
    wrong.refused(422, "invalid-input");
}

#[tokio::test]
async fn one_holding_shows_its_lots() {
    let (server, mut ann, _, [left, right]) = household().await;
    let id = text(&ann.api.read(HOLDINGS).await[0]["instrument_id"]);
    let shown = ann.api.read(&format!("{HOLDINGS}/{id}")).await;
    let lots: Vec<(String, String, String, String)> = shown["lots"]
        .as_array()
        .expect("lots")
        .iter()
        .map(|lot| {
            (
                text(&lot["acquired_on"]),
                text(&lot["portfolio_id"]),
                text(&lot["quantity"]),
                text(&lot["cost"]),
            )
        })
        .collect();
    let lot = |day: &str, portfolio: &String, quantity: &str, cost: &str| {
        (
            day.to_owned(),
            portfolio.clone(),
            quantity.to_owned(),
            cost.to_owned(),
        )
    };
    let expected = [
        lot("2025-01-03", &left, "6", "601.2"),
        lot("2025-01-15", &right, "1", "105"),
        lot("2025-02-03", &left, "5", "550"),
    ];
    assert_eq!(lots, expected);
    let bought = ann
        .api
        .read(&format!(
            "{}/{}",
            crate::server::TRANSACTIONS,
            text(&shown["lots"][0]["transaction_id"])
        ))
        .await;
    assert_eq!(
        (&bought["type"], &bought["date"]),
        (&json!("buy"), &json!("2025-01-03"))
    );
    let of_right = ann
        .api
        .read(&format!("{HOLDINGS}/{id}?portfolio_id={right}"))
        .await;
    assert_eq!(of_right["lots"].as_array().map(Vec::len), Some(1));

    // An instrument that exists but is not held, and one that somebody else holds.
    server_refuses(&mut ann, &id, &right).await;
    let mut eve = server.person("eve").await;
    eve.api
        .call(Method::GET, &format!("{HOLDINGS}/{id}"), None)
        .await
        .refused(404, "not-found");
    assert_eq!(eve.api.read(HOLDINGS).await, json!([]));
    eve.api
        .call(
            Method::GET,
            &format!("{HOLDINGS}?portfolio_id={left}"),
            None,
        )
        .await
        .refused(404, "not-found");
}

async fn server_refuses(ann: &mut Person, held: &str, portfolio: &str) {
    let nothing = "00000000-0000-0000-0000-000000000001";
    for path in [
        format!("{HOLDINGS}/{nothing}"),
        format!("{HOLDINGS}/x"),
        format!("{HOLDINGS}/{held}?portfolio_id={nothing}"),
    ] {
        ann.api
            .call(Method::GET, &path, None)
            .await
            .refused(404, "not-found");
    }
    let path = format!("{HOLDINGS}/{held}?portfolio_id={portfolio}&period=x");
    assert_eq!(ann.api.call(Method::GET, &path, None).await.status, 200);
}

#[tokio::test]
async fn the_pages_show_table_map_lots_and_csv() {
    let (server, mut ann, mut browser, [left, _]) = household().await;
    let list = browser.get("/portfolio/holdings").await;
    assert_eq!(list.status, 200);
    for part in ["ACME", "WEB", "GONE", "closed", "1,560.00", "Total"] {
        list.shows(part);
    }
    let of_left = browser
        .get(&format!("/portfolio/holdings?portfolio={left}&period=all"))
        .await;
    of_left.hides("GONE");

    let csv = browser.get("/portfolio/holdings.csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[1],
        "ACME,,EUR,12,104.68333333,1256.2,130,1560,303.8,303.8,0,59.2,0,2,0,EUR,130,2026-02-27"
    );

    let id = text(&ann.api.read(HOLDINGS).await[0]["instrument_id"]);
    let page = browser.get(&format!("/portfolio/holdings/{id}")).await;
    for part in ["Open lots", "Purchases and sales", "Transactions", "601.20"] {
        assert!(
            page.body.to_lowercase().contains(&part.to_lowercase()),
            "no {part}"
        );
    }
    let (_, mut eve) = server.visitor("eve").await;
    assert_eq!(
        eve.get(&format!("/portfolio/holdings/{id}")).await.status,
        404
    );
    eve.get("/portfolio/holdings")
        .await
        .shows("Nothing is held yet");
    assert_eq!(
        eve.get("/portfolio/holdings.csv")
            .await
            .body
            .lines()
            .count(),
        1
    );
    assert_eq!(browser.get("/portfolio/holdings/x").await.status, 404);
}

#[tokio::test]
async fn the_chart_of_an_instrument_is_lent_ones_own_trades_alone() {
    let (server, mut ann, _, _) = household().await;
    let id = text(&ann.api.read(HOLDINGS).await[0]["instrument_id"]);
    let id = market::InstrumentId(id.parse().expect("an id"));
    let market::charts::OwnTrades(look) = portfolio::transactions::own_trades();
    let mut tx = server.app.db.read(ann.id).await.expect("a unit of work");
    let trades = look(&mut tx, id).await.expect("trades");
    drop(tx);
    let told: Vec<(String, bool, &str)> = trades
        .iter()
        .map(|trade| {
            (
                trade.date.to_string(),
                trade.is_purchase,
                trade.label.as_str(),
            )
        })
        .collect();
    let expected = [
        ("2025-01-03", true, "at 100 EUR"),
        ("2025-01-15", true, "at 105 EUR"),
        ("2025-02-03", true, "at 110 EUR"),
        ("2025-03-03", false, "at 115 EUR"),
    ];
    assert_eq!(
        told,
        expected.map(|(day, bought, at)| (day.to_owned(), bought, at))
    );
    let first = ann.api.get(&trades[0].href).await;
    assert_eq!(first.status, 200, "{}", trades[0].href);
    let bob = server.person("bob").await;
    let mut tx = server.app.db.read(bob.id).await.expect("a unit of work");
    assert!(
        look(&mut tx, id).await.expect("trades").is_empty(),
        "somebody else's"
    );
}
