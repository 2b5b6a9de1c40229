use axum::http::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::server::{CONTRIBUTION, DASHBOARD, Person, Server, decimal, figures, near, text};

const PAGE: &str = "/portfolio/performance/contribution";

/// A share of each of two countries. A dollar is 0.80 euros, and one euro from 20 February on.
async fn two_countries(server: &mut Server, ann: &mut Person) -> String {
    let closes = [("SAP", "2026-01-30", "100"), ("SAP", "2026-02-27", "110")];
    server.prices("EUR", &closes).await;
    let closes = [("ACME", "2026-01-30", "50"), ("ACME", "2026-02-27", "55")];
    server.prices("USD", &closes).await;
    let rates = [
        ("EUR", "USD", "2026-01-01", "1.25"),
        ("EUR", "USD", "2026-02-20", "1"),
    ];
    server.rates(&rates).await;
    let depot = ann.open("Depot", "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2026-01-30", "amount": "3000", "currency": "EUR" }),
        json!({ "type": "deposit", "date": "2026-01-30", "amount": "1500", "currency": "USD" }),
        json!({ "type": "buy", "date": "2026-01-30", "symbol": "SAP", "quantity": "10", "price": "100",
            "fees": "5", "currency": "EUR" }),
        json!({ "type": "buy", "date": "2026-01-30", "symbol": "ACME", "quantity": "20", "price": "50",
            "fees": "4", "currency": "USD" }),
        json!({ "type": "dividend", "date": "2026-02-10", "symbol": "ACME", "amount": "10",
            "taxes": "1.5", "currency": "USD" }),
        json!({ "type": "sell", "date": "2026-02-25", "symbol": "ACME", "quantity": "5", "price": "54",
            "currency": "USD" }),
    ] {
        ann.record(&depot, body).await;
    }
    depot
}

fn row<'v>(view: &'v Value, list: &str, label: &str) -> &'v Value {
    let rows = view[list].as_array().expect("rows");
    let row = rows.iter().find(|row| row["label"] == label);
    row.unwrap_or_else(|| panic!("no {label} in {view}"))
}

/// Compares total, price, currency, income and fees.
#[track_caller]
fn parts(of: &Value, expected: [&str; 5]) {
    let names = ["total", "price", "currency", "income", "fees"];
    let expected: Vec<(&str, &str)> = names.into_iter().zip(expected).collect();
    figures(&of["parts"], &expected);
}

/// Every list adds up to the change in value, exactly.
#[track_caller]
fn assert_sums(view: &Value) {
    let change = decimal(&view["change"]);
    let moved = decimal(&view["end"]) - decimal(&view["start"]) - decimal(&view["net_flow"]);
    assert_eq!(moved, change, "in {view}");
    assert_eq!(decimal(&view["parts"]["total"]), change, "in {view}");
    for list in ["holdings", "asset_classes", "currencies", "portfolios"] {
        let rows = view[list].as_array().expect("rows");
        let sum: Decimal = rows.iter().map(|row| decimal(&row["parts"]["total"])).sum();
        assert_eq!(sum, change, "{list} in {view}");
    }
    assert_eq!(view["unexplained"], "0", "in {view}");
}

#[tokio::test]
async fn contributions_in_two_currencies_sum_to_the_change_in_value() {
    let mut server = Server::start().await;
    let mut ann = server.person("ann").await;
    let depot = two_countries(&mut server, &mut ann).await;
    let query = format!("{CONTRIBUTION}?portfolio_id={depot}&period=all");
    let all = ann.api.read(&query).await;
    // 1100 + 15 x 55 + 1995 euros + 774.50 dollars at 1.00; 3000 + 1500 x 0.80 were paid in.
    figures(
        &all,
        &[
            ("currency", "EUR"),
            ("from", "2026-01-30"),
            ("to", "2026-03-02"),
            ("start", "0"),
            ("end", "4694.5"),
            ("net_flow", "4200"),
            ("change", "494.5"),
        ],
    );
    assert_sums(&all);
    parts(&all, ["494.5", "195", "300.9", "8", "9.4"]);
    near(&all["share"], 494.5 / 4200.0);
    // Ten euros for each of ten shares, less the fee.
    parts(row(&all, "holdings", "SAP"), ["95", "100", "0", "0", "5"]);
    // Five dollars for each of 15 shares and four for five of them; 1000 dollars that rose by 0.20;
    // a dividend of 10 dollars, fees of 4 and taxes of 1.50 at 0.80.
    let acme = row(&all, "holdings", "ACME");
    parts(acme, ["298.6", "95", "200", "8", "4.4"]);
    near(&acme["share"], 298.6 / 4200.0);
    assert_eq!(
        (
            &acme["asset_class"],
            &acme["currency"],
            &acme["is_complete"]
        ),
        (&json!("Equity"), &json!("USD"), &json!(true))
    );
    // 504.50 dollars that rose by 0.20.
    parts(
        row(&all, "holdings", "USD"),
        ["100.9", "0", "100.9", "0", "0"],
    );
    parts(row(&all, "holdings", "EUR"), ["0", "0", "0", "0", "0"]);
    parts(
        row(&all, "asset_classes", "Equity"),
        ["393.6", "195", "200", "8", "9.4"],
    );
    parts(
        row(&all, "asset_classes", "Cash"),
        ["100.9", "0", "100.9", "0", "0"],
    );
    parts(
        row(&all, "currencies", "USD"),
        ["399.5", "95", "300.9", "8", "4.4"],
    );
    parts(row(&all, "currencies", "EUR"), ["95", "100", "0", "0", "5"]);
    parts(
        row(&all, "portfolios", "Depot"),
        ["494.5", "195", "300.9", "8", "9.4"],
    );
    let labels: Vec<String> = all["holdings"]
        .as_array()
        .expect("holdings")
        .iter()
        .map(|row| text(&row["label"]))
        .collect();
    assert_eq!(labels, ["ACME", "USD", "SAP", "EUR"], "largest first");

    // February counts from the close of January: only the fees of the purchases are gone.
    let query = format!("{CONTRIBUTION}?period=2026-02-01..2026-02-28");
    let february = ann.api.read(&query).await;
    figures(
        &february,
        &[
            ("start", "4191.8"),
            ("end", "4694.5"),
            ("net_flow", "0"),
            ("change", "502.7"),
        ],
    );
    assert_sums(&february);
    parts(
        row(&february, "holdings", "SAP"),
        ["100", "100", "0", "0", "0"],
    );
    // The dashboard tells the same by its own way, in floating point.
    let dashboard = ann.api.read(&format!("{DASHBOARD}?period=all")).await;
    near(&dashboard["gain"], 494.5);
    let best = &dashboard["movers"][0];
    assert_eq!(
        (&best["symbol"], &best["gain"]),
        (&json!("ACME"), &json!(298.6))
    );
    // At stake were 800 euros and the fee of 3.20.
    near(&best["ratio"], 298.6 / 803.2);
}

#[tokio::test]
async fn shares_that_move_without_a_trade_are_neither_gain_nor_loss() {
    let mut server = Server::start().await;
    let mut ann = server.person("ann").await;
    let closes = [
        ("OLD", "2026-02-02", "100"),
        ("OLD", "2026-02-10", "90"),
        ("PART", "2026-02-10", "30"),
        ("PART", "2026-02-27", "33"),
        ("DOWN", "2026-02-02", "50"),
        ("DOWN", "2026-02-27", "40"),
    ];
    server.prices("EUR", &closes).await;
    let (first, second) = (
        ann.open("First", "EUR").await,
        ann.open("Second", "EUR").await,
    );
    for body in [
        json!({ "type": "deposit", "date": "2026-02-02", "amount": "1000" }),
        json!({ "type": "buy", "date": "2026-02-02", "symbol": "OLD", "quantity": "10", "price": "100" }),
        json!({ "type": "spin_off", "date": "2026-02-10", "symbol": "OLD", "target_symbol": "PART",
            "ratio": "1:2", "cost_share": "0.2" }),
        json!({ "type": "short", "date": "2026-02-02", "symbol": "DOWN", "quantity": "4", "price": "50" }),
        json!({ "type": "transfer_out", "date": "2026-02-27", "symbol": "OLD", "quantity": "10",
            "other_portfolio_id": second }),
    ] {
        ann.record(&first, body).await;
    }
    let all = ann.api.read(&format!("{CONTRIBUTION}?period=all")).await;
    assert_sums(&all);
    assert_eq!(all["net_flow"], "1000", "the transfer stays within");
    // Ten shares lost ten euros each, and five new ones of 30 came out of them.
    parts(row(&all, "holdings", "OLD"), ["50", "50", "0", "0", "0"]);
    parts(row(&all, "holdings", "PART"), ["15", "15", "0", "0", "0"]);
    parts(row(&all, "holdings", "DOWN"), ["40", "40", "0", "0", "0"]);
    parts(row(&all, "portfolios", "Second"), ["0", "0", "0", "0", "0"]);
    let one = format!("{CONTRIBUTION}?portfolio_id={second}&period=all");
    let one = ann.api.read(&one).await;
    assert_sums(&one);
    figures(
        &one,
        &[("end", "900"), ("net_flow", "900"), ("change", "0")],
    );
    let movers = ann.api.read(&format!("{DASHBOARD}?period=all")).await;
    let of = |symbol: &str| {
        let movers = movers["movers"].as_array().expect("movers");
        let mover = movers.iter().find(|mover| mover["symbol"] == symbol);
        mover.unwrap_or_else(|| panic!("no {symbol}")).clone()
    };
    near(&of("DOWN")["gain"], 40.0);
    near(&of("DOWN")["ratio"], 40.0 / 200.0);
    near(&of("PART")["ratio"], 15.0 / 150.0);
}

#[tokio::test]
async fn the_page_shows_each_grouping_and_a_file_of_it() {
    let mut server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    browser.get(PAGE).await.shows("No transactions yet");
    let depot = two_countries(&mut server, &mut ann).await;
    let page = browser
        .get(&format!("{PAGE}?portfolio={depot}&period=all"))
        .await;
    assert_eq!(page.status, 200);
    for part in [
        "ACME",
        "SAP",
        "298.60",
        "95.00",
        "494.50",
        "Change in value",
        "300.90",
    ] {
        page.shows(part);
    }
    page.hides("Unexplained");
    for (by, label) in [
        ("asset_class", "Equity"),
        ("currency", "USD"),
        ("portfolio", "Depot"),
    ] {
        let page = browser.get(&format!("{PAGE}?period=all&by={by}")).await;
        page.shows(label);
        page.shows("494.50");
    }
    for period in ["1d", "ytd", "2026", "2026-02-01..2026-02-28", "nonsense"] {
        let page = browser
            .get(&format!("{PAGE}?period={period}&by=nonsense"))
            .await;
        assert_eq!(page.status, 200, "{period}");
    }
    let before = browser.get(&format!("{PAGE}?period=2020")).await;
    before.shows("Nothing is on record in this period");
    let file = browser
        .get(&format!("{PAGE}.csv?period=all&by=currency"))
        .await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(
        lines[0],
        "currency,name,base_currency,total,share,price_gain,currency_gain,income,fees"
    );
    assert!(
        lines[1].starts_with("USD,,EUR,399.5,0.0951"),
        "{}",
        lines[1]
    );
    assert!(lines[1].ends_with(",95,300.9,8,4.4"), "{}", lines[1]);
    assert!(lines[2].starts_with("EUR,,EUR,95,"), "{}", lines[2]);
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn periods_and_portfolios_that_do_not_exist_are_refused() {
    let mut server = Server::start().await;
    let (mut ann, _) = server.visitor("ann").await;
    let depot = two_countries(&mut server, &mut ann).await;
    let unknown = format!("{CONTRIBUTION}?period=fortnight");
    let refused = ann.api.call(Method::GET, &unknown, None).await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["pointer"],
        "period"
    );
    let before = ann.api.read(&format!("{CONTRIBUTION}?period=2020")).await;
    assert_eq!(
        (&before["from"], &before["holdings"]),
        (&Value::Null, &json!([]))
    );
    assert!(before["not_available"]["share"].is_string());
    let (mut eve, mut browser) = server.visitor("eve").await;
    let own = format!("{CONTRIBUTION}?portfolio_id={depot}");
    eve.api
        .call(Method::GET, &own, None)
        .await
        .refused(404, "not-found");
    for path in [PAGE.to_owned(), format!("{PAGE}.csv")] {
        let page = browser.get(&format!("{path}?portfolio={depot}")).await;
        assert_eq!(page.status, 404, "{path}");
        page.hides("ACME");
    }
}
