//! The cash ledger: every movement with the balance after it, periods that chain, what was recorded too
//! late, and days below zero.

use axum::http::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::server::{HOLDINGS, PORTFOLIOS, Person, Server, decimal, text};

/// Euro and dollars; a withdrawal that came before the deposit, and a deposit recorded at last.
async fn books() -> (Server, Person, testkit::Browser, String) {
    let mut server = Server::start().await;
    server.prices("EUR", &[("HOME", "2026-02-27", "10")]).await;
    server.rates(&[("EUR", "USD", "2026-01-02", "1.25")]).await;
    let (mut ann, browser) = server.visitor("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-12-10", "amount": "100", "note": "Salary" }),
        json!({ "type": "buy", "date": "2025-12-11", "symbol": "HOME", "quantity": "5", "price": "9", "fees": "1" }),
        json!({ "type": "withdrawal", "date": "2026-01-05", "amount": "80" }),
        json!({ "type": "deposit", "date": "2026-01-09", "amount": "50" }),
        json!({ "type": "conversion", "date": "2026-02-03", "amount": "10", "settlement_currency": "USD", "fx_rate": "1.2" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    server
        .rewrite("update portfolio.transactions set created_at = '2026-02-04T08:00:00Z'")
        .await;
    let late =
        json!({ "type": "deposit", "date": "2026-01-02", "amount": "6", "note": "Forgotten" });
    ann.record(&portfolio, late).await;
    (server, ann, browser, portfolio)
}

fn column(ledger: &Value, of: &str, field: &str) -> Vec<String> {
    let rows = ledger[of].as_array().expect("rows");
    rows.iter()
        .map(|row| match &row[field] {
            Value::String(text) => text
                .parse::<Decimal>()
                .map_or_else(|_| text.clone(), |n| n.normalize().to_string()),
            other => other.to_string(),
        })
        .collect()
}

#[tokio::test]
async fn every_movement_stands_with_the_balance_after_it() {
    let (_server, mut ann, mut browser, portfolio) = books().await;
    let path = format!("{PORTFOLIOS}/{portfolio}/cash/EUR");
    let ledger = ann.api.read(&path).await;
    // 100 - 46 = 54, + 6 = 60, - 80 = -20, + 50 = 30, - 10 = 20.
    assert_eq!(
        column(&ledger, "items", "balance"),
        ["20", "30", "-20", "60", "54", "100"]
    );
    assert_eq!(
        column(&ledger, "items", "amount"),
        ["-10", "50", "-80", "6", "-46", "100"]
    );
    assert_eq!(decimal(&ledger["closing"]), Decimal::from(20));
    assert_eq!(
        column(&ledger, "items", "is_back_dated"),
        ["false", "false", "false", "true", "false", "false"],
        "only what was recorded after later movements is back-dated"
    );
    assert_eq!(column(&ledger, "periods", "opening"), ["0", "54", "30"]);
    assert_eq!(column(&ledger, "periods", "closing"), ["54", "30", "20"]);
    let report = ann.report(&portfolio, "").await;
    assert_eq!(decimal(&report["cash"]["EUR"]), decimal(&ledger["closing"]));

    let year = ann
        .api
        .read(&format!("{path}?from=2026-01-01&interval=year"))
        .await;
    assert_eq!(
        (decimal(&year["opening"]), decimal(&year["closing"])),
        (Decimal::from(54), Decimal::from(20))
    );
    assert_eq!(column(&year, "periods", "came_in"), ["56"]);
    assert_eq!(column(&year, "periods", "went_out"), ["90"]);

    // Days that cut a month cut what its balances are of.
    let cut = ann
        .api
        .read(&format!("{path}?from=2026-01-03&to=2026-01-08"))
        .await;
    let period = &cut["periods"][0];
    assert_eq!(
        (text(&period["from"]), text(&period["to"])),
        ("2026-01-03".to_owned(), "2026-01-08".to_owned())
    );
    assert_eq!(
        (decimal(&period["opening"]), decimal(&period["closing"])),
        (Decimal::from(60), Decimal::from(-20))
    );

    let dollars = ann
        .api
        .read(&format!("{PORTFOLIOS}/{portfolio}/cash/USD"))
        .await;
    assert_eq!(column(&dollars, "items", "balance"), ["12"]);

    let page = browser
        .get(&format!("/portfolio/cash/{portfolio}/EUR?year=all"))
        .await;
    for part in [
        "Forgotten",
        "back-dated",
        "Salary",
        "−€20.00",
        "below zero",
        "ledger.csv",
    ] {
        page.shows(part);
    }
    let list = browser.get("/portfolio/cash").await;
    list.shows(&format!("/portfolio/cash/{portfolio}/EUR"));
    list.shows(&format!("/portfolio/cash/{portfolio}/USD"));
    browser.get("/").await.shows("/portfolio/cash");
    browser
        .get(&format!(
            "/portfolio/trail?figure=cash&portfolio={portfolio}"
        ))
        .await
        .shows(&format!("/portfolio/cash/{portfolio}/EUR"));
}

#[tokio::test]
async fn days_below_zero_lead_to_their_finding() {
    let (_server, mut ann, mut browser, portfolio) = books().await;
    let path = format!("{PORTFOLIOS}/{portfolio}/cash/EUR");
    let ledger = ann.api.read(&path).await;
    let stretch = &ledger["negative"][0];
    assert_eq!(
        (
            text(&stretch["from"]),
            text(&stretch["until"]),
            decimal(&stretch["lowest"])
        ),
        (
            "2026-01-05".to_owned(),
            "2026-01-09".to_owned(),
            Decimal::from(-20)
        )
    );
    let id = text(&stretch["finding"]);
    let health = ann.api.read("/api/v1/portfolio/health").await;
    let known = health["findings"].as_array().expect("findings");
    assert!(
        known.iter().any(|finding| finding["id"] == id.as_str()),
        "{health}"
    );
    browser
        .get(&format!("/portfolio/cash/{portfolio}/EUR"))
        .await
        .shows(&format!("#finding-{id}"));
    browser
        .get("/portfolio/health")
        .await
        .shows(&format!("id=\"finding-{id}\""));

    ann.api
        .call(
            Method::PUT,
            "/api/v1/portfolio/health/accepted",
            Some(json!({ "id": id })),
        )
        .await;
    let ledger = ann.api.read(&path).await;
    assert_eq!(ledger["negative"][0]["is_accepted"], true);
}

#[tokio::test]
async fn the_ledger_is_read_in_pages_and_as_a_file_by_its_owner_alone() {
    let (server, mut ann, _, portfolio) = books().await;
    let path = format!("{PORTFOLIOS}/{portfolio}/cash/EUR");
    let mut balances = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ann.api.read(&format!("{path}?limit=2{cursor}")).await;
        balances.extend(column(&page, "items", "balance"));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(balances, ["20", "30", "-20", "60", "54", "100"]);
    ann.api
        .call(Method::GET, &format!("{path}?cursor=nonsense"), None)
        .await
        .refused(422, "invalid-input");

    let file = ann
        .api
        .get(&format!("{path}/ledger.csv?from=2026-01-01&to=2026-01-31"))
        .await;
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), 4, "{}", file.body);
    assert!(
        lines[1].starts_with("2026-01-02,deposit,,Forgotten,6,60,EUR,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with("2026-01-05,withdrawal,,,-80,-20,EUR,"),
        "{}",
        lines[2]
    );

    let mut bob = server.person("bob").await;
    for path in [
        path.clone(),
        format!("{path}/ledger.csv"),
        format!("/api/v1/portfolio/cash?portfolio_id={portfolio}"),
    ] {
        bob.api
            .call(Method::GET, &path, None)
            .await
            .refused(404, "not-found");
    }
    ann.api
        .call(
            Method::GET,
            &format!("{PORTFOLIOS}/{portfolio}/cash/CHF"),
            None,
        )
        .await
        .refused(404, "not-found");

    // Without cash tracking there is no balance, and the page says why.
    let untracked = json!({ "name": "Plain", "currency": "EUR", "tracks_cash": false });
    let plain = ann
        .api
        .call(Method::POST, PORTFOLIOS, Some(untracked))
        .await
        .json_of(201);
    let plain = text(&plain["id"]);
    let buy = json!({ "type": "buy", "date": "2026-01-05", "symbol": "HOME", "quantity": "1", "price": "9" });
    ann.record(&plain, buy).await;
    let balances = ann
        .api
        .read(&format!("/api/v1/portfolio/cash?portfolio_id={plain}"))
        .await;
    assert_eq!(balances, json!([]));
    assert_eq!(
        ann.api
            .read(&format!("{HOLDINGS}?portfolio_id={plain}"))
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_ledger_of_another_day_tells_the_notes_of_that_day() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    let other = ann.open("Other", "EUR").await;
    let mut ids = Vec::new();
    for (amount, note) in [("100", "Salary"), ("40", "Gift")] {
        let body =
            json!({ "type": "deposit", "date": "2026-01-05", "amount": amount, "note": note });
        ids.push(text(&ann.record(&portfolio, body).await["id"]));
    }
    // The first gets another note, the second another portfolio.
    for (id, portfolio, amount, note) in [
        (&ids[0], &portfolio, "100", "Bonus"),
        (&ids[1], &other, "40", "Gift of Bob"),
    ] {
        let body = json!({
            "portfolio_id": portfolio, "type": "deposit", "date": "2026-01-05", "amount": amount, "note": note,
        });
        let path = format!("/api/v1/portfolio/transactions/{id}");
        ann.api
            .call(Method::PUT, &path, Some(body))
            .await
            .json_of(200);
    }
    server
        .rewrite(
            "update portfolio.transactions
             set created_at = '2026-02-01T12:00Z', updated_at = '2026-02-20T12:00Z';
             update portfolio.transaction_versions
             set known_from = '2026-02-01T12:00Z', changed_at = '2026-02-20T12:00Z',
                 former = former || '{\"created_at\": \"2026-02-01T12:00:00+00:00\"}'",
        )
        .await;
    let path = format!("{PORTFOLIOS}/{portfolio}/cash/EUR");
    let then = ann.api.read(&format!("{path}?known_on=2026-02-10")).await;
    let mut notes = column(&then, "items", "note");
    notes.sort();
    assert_eq!(notes, ["Gift", "Salary"]);
    let recorded = column(&then, "items", "recorded_at");
    assert!(
        recorded.iter().all(|at| at.starts_with("2026-02-01")),
        "{then}"
    );
    let file = ann
        .api
        .get(&format!("{path}/ledger.csv?known_on=2026-02-10"))
        .await;
    assert!(file.body.contains("Gift,40"), "{}", file.body);
    assert!(!file.body.contains("Bonus"), "{}", file.body);
    let now = ann.api.read(&path).await;
    assert_eq!(column(&now, "items", "note"), ["Bonus"]);
    let now = ann
        .api
        .read(&format!("{PORTFOLIOS}/{other}/cash/EUR"))
        .await;
    assert_eq!(column(&now, "items", "note"), ["Gift of Bob"]);
    // A ledger that was kept is not told after a change.
    let body = json!({ "type": "deposit", "date": "2026-01-06", "amount": "1", "note": "Later" });
    ann.record(&portfolio, body).await;
    let now = ann.api.read(&path).await;
    assert_eq!(column(&now, "items", "note"), ["Later", "Bonus"]);
}
