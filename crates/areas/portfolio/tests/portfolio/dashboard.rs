use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{DASHBOARD, Person, Server, figures, near, text};

/// A portfolio in euros and one in dollars; a dollar is 0.80 euros.
async fn household(server: &mut Server, ann: &mut Person) -> [String; 2] {
    server
        .prices(
            "EUR",
            &[
                ("UP", "2026-01-30", "100"),
                ("UP", "2026-02-27", "110"),
                ("DOWN", "2026-01-30", "100"),
                ("DOWN", "2026-02-27", "90"),
            ],
        )
        .await;
    server.rates(&[("EUR", "USD", "2026-01-01", "1.25")]).await;
    let (euros, dollars) = (
        ann.open("Euros", "EUR").await,
        ann.open("Dollars", "USD").await,
    );
    for (portfolio, body) in [
        (
            &euros,
            json!({ "type": "deposit", "date": "2026-01-30", "amount": "4000" }),
        ),
        (
            &euros,
            json!({ "type": "buy", "date": "2026-01-30", "symbol": "UP", "quantity": "20", "price": "100" }),
        ),
        (
            &euros,
            json!({ "type": "buy", "date": "2026-01-30", "symbol": "DOWN", "quantity": "10", "price": "100" }),
        ),
        (
            &dollars,
            json!({ "type": "deposit", "date": "2026-02-02", "amount": "500" }),
        ),
    ] {
        ann.record(portfolio, body).await;
    }
    [euros, dollars]
}

#[tokio::test]
async fn the_dashboard_adds_all_portfolios_in_the_base_currency() {
    let mut server = Server::start().await;
    let mut ann = server.person("ann").await;
    let [euros, dollars] = household(&mut server, &mut ann).await;
    let all = ann.api.read(&format!("{DASHBOARD}?period=all")).await;
    // 2200 + 900 + 1000 of cash, and 500 dollars at 0.80.
    figures(
        &all["totals"],
        &[
            ("value", "4500"),
            ("holdings_value", "3100"),
            ("cash", "1400"),
            ("unrealized_gain", "100"),
        ],
    );
    figures(
        &all,
        &[
            ("currency", "EUR"),
            ("as_of", "2026-03-02"),
            ("from", "2026-01-30"),
            ("period", "all"),
            ("net_invested", "4400"),
        ],
    );
    assert_eq!(all["gain"], json!(100.0));
    near(&all["gain_ratio"], 100.0 / 4400.0);
    let movers: Vec<(String, f64, f64)> = all["movers"]
        .as_array()
        .expect("movers")
        .iter()
        .map(|m| {
            (
                text(&m["symbol"]),
                m["gain"].as_f64().expect("gain"),
                m["ratio"].as_f64().expect("ratio"),
            )
        })
        .collect();
    assert_eq!(
        movers,
        [
            ("UP".to_owned(), 200.0, 0.1),
            ("DOWN".to_owned(), -100.0, -0.1)
        ]
    );
    let slices: Vec<(String, String)> = all["allocation"]
        .as_array()
        .expect("slices")
        .iter()
        .map(|slice| (text(&slice["label"]), text(&slice["value"])))
        .collect();
    assert_eq!(
        slices,
        [
            ("Equity".to_owned(), "3100".to_owned()),
            ("Cash".to_owned(), "1400".to_owned())
        ]
    );
    let series = &all["series"];
    let last = |key: &str| {
        series[key]
            .as_array()
            .and_then(|line| line.last().cloned())
            .expect("a line")
    };
    assert_eq!(
        (last("dates"), last("value"), last("net_invested")),
        (json!("2026-03-02"), json!(4500.0), json!(4400.0))
    );

    let of_one = ann
        .api
        .read(&format!("{DASHBOARD}?portfolio_id={dollars}"))
        .await;
    figures(&of_one["totals"], &[("value", "500")]);
    assert_eq!(
        (&of_one["currency"], &of_one["period"]),
        (&json!("USD"), &json!("1y"))
    );
    // What the parts are worth is what the whole is worth.
    let euros = ann.report(&euros, "").await;
    figures(&euros, &[("value", "4100")]);
}

#[tokio::test]
async fn every_period_begins_where_its_name_says() {
    let mut server = Server::start().await;
    let mut ann = server.person("ann").await;
    household(&mut server, &mut ann).await;
    // Today is Monday the second of March; the last prices are of Friday.
    for (period, from) in [
        ("1d", "2026-02-27"),
        ("1w", "2026-02-24"),
        ("1m", "2026-02-03"),
        ("3m", "2026-01-30"),
        ("ytd", "2026-01-30"),
        ("1y", "2026-01-30"),
        ("5y", "2026-01-30"),
        ("ALL", "2026-01-30"),
    ] {
        let shown = ann.api.read(&format!("{DASHBOARD}?period={period}")).await;
        assert_eq!(
            (&shown["from"], &shown["period"]),
            (&json!(from), &json!(period.to_lowercase()))
        );
    }
    let refused = ann
        .api
        .call(Method::GET, &format!("{DASHBOARD}?period=2y"), None)
        .await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["pointer"],
        "period"
    );
}

#[tokio::test]
async fn an_empty_account_has_an_empty_dashboard_and_is_welcomed() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let empty = ann.api.read(DASHBOARD).await;
    assert_eq!(
        (
            &empty["totals"]["value"],
            &empty["series"]["dates"],
            &empty["from"]
        ),
        (&json!("0"), &json!([]), &Value::Null)
    );
    browser.get("/").await.leads_to("/welcome");
    ann.open("Old age", "EUR").await;
    browser.get("/").await.shows("No transactions yet");
}

#[tokio::test]
async fn the_page_shows_value_chart_allocation_and_movers_for_each_period() {
    let mut server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let [euros, _] = household(&mut server, &mut ann).await;
    let page = browser.get("/").await;
    assert_eq!(page.status, 200);
    for part in [
        "4,500.00",
        "Net invested",
        "Allocation",
        "Top movers",
        "UP",
        "DOWN",
        "All portfolios",
    ] {
        page.shows(part);
    }
    for period in ["1d", "1w", "1m", "3m", "ytd", "1y", "5y", "all", "nonsense"] {
        assert_eq!(
            browser.get(&format!("/?period={period}")).await.status,
            200,
            "{period}"
        );
    }
    let one = browser
        .get(&format!("/?portfolio={euros}&period=all"))
        .await;
    one.shows("4,100.00");
    assert_eq!(
        browser.get("/?portfolio=").await.status,
        200,
        "a form that chose nothing"
    );
    let (_, mut eve) = server.visitor("eve").await;
    let foreign = eve.get(&format!("/?portfolio={euros}")).await;
    assert!(
        foreign.status == 404 || foreign.header("location") == "/welcome",
        "{}",
        foreign.status
    );
    foreign.hides("4,100.00");
    let mut eve = server.person("evelyn").await;
    eve.api
        .call(
            Method::GET,
            &format!("{DASHBOARD}?portfolio_id={euros}"),
            None,
        )
        .await
        .refused(404, "not-found");
}
