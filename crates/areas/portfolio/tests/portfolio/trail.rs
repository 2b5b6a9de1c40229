//! How a figure came about: every input with its day and quality, and steps that lead to the result.

use std::fmt::Write as _;

use axum::http::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::server::{Person, Server, decimal, text};

const PATH: &str = "/api/v1/portfolio/trail";

/// ACME in dollars and HOME in euros, with a rate of a week ago; a price of HOME that is a month old.
async fn books() -> (Server, Person, String) {
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-27", "60")]).await;
    server.prices("EUR", &[("HOME", "2026-01-30", "10")]).await;
    server
        .rates(&[
            ("EUR", "USD", "2026-02-27", "1.25"),
            ("EUR", "USD", "2026-01-02", "1.2"),
        ])
        .await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2026-01-05", "amount": "2000" }),
        json!({ "type": "buy", "date": "2026-01-06", "symbol": "ACME", "quantity": "10", "price": "48", "currency": "USD" }),
        json!({ "type": "buy", "date": "2026-01-07", "symbol": "HOME", "quantity": "20", "price": "9", "currency": "EUR" }),
        json!({ "type": "sell", "date": "2026-02-02", "symbol": "HOME", "quantity": "5", "price": "11", "currency": "EUR", "fees": "1" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    (server, ann, portfolio)
}

fn amount(value: &Value) -> Decimal {
    assert_eq!(value["unit"], "money", "{value}");
    decimal(&value["amount"])
}

fn sum(inputs: &Value) -> Decimal {
    inputs
        .as_array()
        .expect("inputs")
        .iter()
        .map(|input| amount(&input["amount"]))
        .sum()
}

async fn holding_id(ann: &mut Person, symbol: &str) -> String {
    let found = ann.api.read("/api/v1/portfolio/transactions").await;
    let of = |row: &&Value| row["symbol"] == symbol;
    let row = found["items"].as_array().expect("rows").iter().find(of);
    text(&row.expect("a transaction")["instrument_id"])
}

#[tokio::test]
async fn the_inputs_of_the_value_add_up_to_it_and_say_how_old_they_are() {
    let (_server, mut ann, portfolio) = books().await;
    let trail = ann
        .api
        .read(&format!("{PATH}?figure=value&portfolio_id={portfolio}"))
        .await;
    // 10 × 60 / 1.25 + 15 × 10 + cash of 2000 - 180 + 54 EUR less 480 USD / 1.25.
    assert_eq!(
        amount(&trail["result"]),
        Decimal::from(480 + 150 + 2000 - 180 + 54 - 384)
    );
    assert_eq!(sum(&trail["inputs"]), amount(&trail["result"]));
    let inputs = trail["inputs"].as_array().expect("inputs");
    let of = |symbol: &str| {
        inputs
            .iter()
            .find(|input| text(&input["text"]).contains(symbol))
            .unwrap_or_else(|| panic!("{symbol} in {trail}"))
    };
    let (acme, home) = (of("ACME"), of("HOME"));
    assert_eq!(text(&acme["text"]), "10 ACME × 60 USD × 0.8 EUR for one");
    assert_eq!(
        (&acme["quality"], &acme["age_days"]),
        (&json!("good"), &json!(3))
    );
    assert_eq!(
        (&home["quality"], &home["age_days"]),
        (&json!("stale"), &json!(31))
    );
}

#[tokio::test]
async fn every_figure_of_a_holding_has_its_lots_sales_and_transactions() {
    let (_server, mut ann, portfolio) = books().await;
    let home = holding_id(&mut ann, "HOME").await;
    let mut trail = async |figure: &str| {
        let path = format!("{PATH}?figure={figure}&portfolio_id={portfolio}&instrument_id={home}");
        ann.api.read(&path).await
    };
    let cost = trail("holding_cost").await;
    assert_eq!(amount(&cost["result"]), Decimal::from(135));
    assert!(text(&cost["inputs"][0]["href"]).starts_with("/portfolio/transactions/"));
    let realized = trail("realized_gain").await;
    // 55 less a fee of 1 less 45.
    assert_eq!(amount(&realized["result"]), Decimal::from(9));
    assert_eq!(sum(&realized["inputs"]), Decimal::from(9));
    let unrealized = trail("unrealized_gain").await;
    assert_eq!(amount(&unrealized["result"]), Decimal::from(15));
    assert_eq!(amount(&trail("dividends").await["result"]), Decimal::ZERO);
}

#[tokio::test]
async fn the_steps_of_the_time_weighted_return_multiply_to_it() {
    let (_server, mut ann, portfolio) = books().await;
    let trail = ann
        .api
        .read(&format!(
            "{PATH}?figure=twr&portfolio_id={portfolio}&period=all"
        ))
        .await;
    let chained = trail["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| 1.0 + step["amount"]["value"].as_f64().expect("a ratio"))
        .product::<f64>();
    let result = trail["result"]["value"].as_f64().expect("a ratio");
    assert!((chained - 1.0 - result).abs() < 1e-12, "{trail}");
    let invested = ann
        .api
        .read(&format!(
            "{PATH}?figure=net_invested&portfolio_id={portfolio}"
        ))
        .await;
    assert_eq!(amount(&invested["result"]), Decimal::from(2000));
    assert_eq!(sum(&invested["inputs"]), Decimal::from(2000));
}

#[tokio::test]
async fn what_is_not_there_has_no_trail() {
    let (server, mut ann, portfolio) = books().await;
    let acme = holding_id(&mut ann, "ACME").await;
    ann.api
        .get(&format!("{PATH}?figure=wisdom"))
        .await
        .refused(422, "invalid-input");
    let refused = ann.api.get(&format!("{PATH}?figure=twr&period=1q")).await;
    let problem = refused.refused(422, "invalid-input");
    assert_eq!(problem["errors"][0]["code"], "unknown_period");
    ann.api
        .get(&format!("{PATH}?figure=holding_value"))
        .await
        .refused(404, "not-found");
    let mut eve = server.person("eve").await;
    for query in [
        format!("figure=value&portfolio_id={portfolio}"),
        format!("figure=holding_value&instrument_id={acme}"),
    ] {
        eve.api
            .get(&format!("{PATH}?{query}"))
            .await
            .refused(404, "not-found");
    }
}

#[tokio::test]
async fn the_dashboard_leads_from_its_figures_to_their_trails() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2026-01-05", "amount": "2000" }),
    )
    .await;
    browser
        .get("/")
        .await
        .shows("/portfolio/trail?figure=value");
    let page = browser.get("/portfolio/trail?figure=net_invested").await;
    for words in [
        "Everything that crossed the border",
        "Money that came in",
        "your transactions",
    ] {
        page.shows(words);
    }
}

#[tokio::test]
async fn of_many_inputs_the_oldest_are_summed_so_that_nothing_is_missing() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Savings", "EUR").await;
    let mut file = "date,type,amount,currency\n".to_owned();
    for cents in 1..=260 {
        writeln!(file, "2026-01-05,deposit,{cents}.01,EUR").expect("written");
    }
    ann.import(&portfolio, &file).await;
    let trail = ann
        .api
        .read(&format!(
            "{PATH}?figure=net_invested&portfolio_id={portfolio}"
        ))
        .await;
    assert_eq!(trail["inputs"].as_array().expect("inputs").len(), 201);
    let last = &trail["inputs"][200];
    assert!(text(&last["text"]).starts_with("60 earlier ones"), "{last}");
    assert_eq!(sum(&trail["inputs"]), amount(&trail["result"]));
}

#[tokio::test]
async fn a_trail_of_a_holding_is_linked_from_its_page_and_knows_its_day() {
    let mut server = Server::start().await;
    server.prices("EUR", &[("ACME", "2026-02-27", "60")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    ann.record(&portfolio, json!({ "type": "buy", "date": "2026-01-05", "symbol": "ACME", "quantity": "1", "price": "50" })).await;
    let acme = holding_id(&mut ann, "ACME").await;
    let page = browser.get(&format!("/portfolio/holdings/{acme}")).await;
    for figure in [
        "holding_value",
        "holding_cost",
        "unrealized_gain",
        "realized_gain",
        "dividends",
    ] {
        page.shows(&format!("figure={figure}&amp;instrument_id={acme}"));
    }
    browser
        .get("/portfolio/performance?period=all")
        .await
        .shows("/portfolio/trail?figure=twr&amp;period=all");
    let path = format!("{PATH}?figure=value&portfolio_id={portfolio}");
    let before = ann.api.read(&format!("{path}&known_on=2026-01-31")).await;
    assert_eq!(amount(&before["result"]), Decimal::ZERO, "{before}");
    let now = ann.api.read(&path).await;
    assert_ne!(amount(&now["result"]), Decimal::ZERO);
}

#[tokio::test]
async fn a_price_says_who_stated_it_and_leads_there() {
    let (server, mut ann, portfolio) = books().await;
    let home = json!({ "portfolio_id": portfolio, "name": "Flat", "kind": "property",
                       "value": "300", "since": "2026-02-01" });
    let path = "/api/v1/portfolio/private-assets";
    let made = ann
        .api
        .call(Method::POST, path, Some(home))
        .await
        .json_of(201);
    server
        .rewrite("update market.bars_1d set source = 'the exchange'")
        .await;
    let value = format!("{PATH}?figure=value&portfolio_id={portfolio}");
    let trail = ann.api.read(&value).await;
    let of = |trail: &Value, symbol: &str| {
        let inputs = trail["inputs"].as_array().expect("inputs").clone();
        let found = inputs
            .into_iter()
            .find(|input| text(&input["text"]).contains(symbol));
        found.unwrap_or_else(|| panic!("{symbol} in {trail}"))
    };
    let flat = of(&trail, "Flat");
    let id = text(&made["instrument_id"]);
    assert_eq!(flat["source"], "values that you entered");
    assert_eq!(flat["href"], format!("/portfolio/private-assets/{id}"));
    let acme = of(&trail, "ACME");
    assert_eq!(acme["source"], "daily closes, the exchange");
    assert!(text(&acme["href"]).starts_with("/market/instruments/"));

    // Known on an earlier day and deleted since, it leads nowhere.
    server
        .rewrite(
            "update portfolio.transactions set created_at = '2026-02-02', updated_at = '2026-02-02';
             update portfolio.appraisals set observed_at = '2026-02-02'",
        )
        .await;
    let gone = ann
        .api
        .call(Method::DELETE, &format!("{path}/{id}"), None)
        .await;
    assert_eq!(gone.status, 204);
    let trail = ann.api.read(&format!("{value}&known_on=2026-02-15")).await;
    assert_eq!(of(&trail, "Flat")["href"], Value::Null);
    assert_eq!(amount(&of(&trail, "Flat")["amount"]), Decimal::from(300));
}

#[tokio::test]
async fn a_trail_knows_the_day_the_cost_basis_and_the_group_that_are_asked_for() {
    let (_server, mut ann, portfolio) = books().await;
    let home = holding_id(&mut ann, "HOME").await;
    ann.record(&portfolio, json!({ "type": "buy", "date": "2026-01-09", "symbol": "HOME", "quantity": "5", "price": "10.50", "currency": "EUR" })).await;
    let mut result = async |query: &str| {
        let path = format!("{PATH}?{query}&portfolio_id={portfolio}");
        ann.api.read(&path).await
    };
    let early = result("figure=value&as_of=2026-01-05").await;
    assert_eq!(amount(&early["result"]), Decimal::from(2000));
    // 55 less a fee of 1, less 5 × 9 by the oldest lot or 5 × 10.50 by the youngest.
    let of_home = format!("figure=gains_gain&year=2026&by=instrument&instrument_id={home}");
    let own = result(&of_home).await;
    assert_eq!(amount(&own["result"]), Decimal::from(9));
    assert_eq!(sum(&own["inputs"]), Decimal::from(9));
    let other = result(&format!("{of_home}&cost_basis=lifo")).await;
    assert_eq!(amount(&other["result"]), Decimal::new(15, 1));
    let apart = format!("figure=realized_gain_difference&cost_basis=lifo&instrument_id={home}");
    let apart = result(&apart).await;
    assert_eq!(amount(&apart["result"]), Decimal::new(-75, 1));
    let charges = result("figure=gains_charges&by=term&of=short").await;
    assert_eq!(amount(&charges["result"]), Decimal::from(1));
    let sharpe = result("figure=sharpe&period=all&risk_free=2.5").await;
    assert!(text(&sharpe["formula"]).contains("√252"), "{sharpe}");
    let inputs = sharpe["inputs"].as_array().expect("inputs");
    let chosen = inputs.iter().find(|input| input["source"] == "your choice");
    assert_eq!(
        chosen.expect("the risk-free rate")["amount"]["value"],
        0.025
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_the_reason() {
    let (_server, mut ann, _) = books().await;
    for (query, field) in [
        ("figure=value&as_of=2030-01-01", "as_of"),
        ("figure=twr&period=sometime", "period"),
        ("figure=sharpe&risk_free=much", "risk_free"),
    ] {
        let refused = ann.api.get(&format!("{PATH}?{query}")).await;
        let problem = refused.json_of(422);
        assert_eq!(problem["errors"][0]["pointer"], field, "{problem}");
    }
    for query in [
        "figure=gains_gain&by=colour",
        "figure=income_net&by=month&of=1999-01",
        "figure=allocation_value&by=sector&of=Alchemy",
        "figure=month_return&of=1999-01",
        "figure=category_drift&of=00000000-0000-0000-0000-000000000000",
        "figure=cash_balance&of=XXX",
        "figure=contribution_total&by=holding&of=nobody",
    ] {
        ann.api
            .get(&format!("{PATH}?{query}"))
            .await
            .refused(404, "not-found");
    }
}
