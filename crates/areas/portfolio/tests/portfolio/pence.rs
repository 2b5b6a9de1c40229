//! London quotes in pence: bars stay as they were observed, and everything that values is in pounds.

use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{DASHBOARD, HOLDINGS, Server, figures, findings, holding, text};

const INSTRUMENTS: &str = "/api/v1/market/instruments";
const HEALTH: &str = "/api/v1/portfolio/health";

async fn tesco(server: &mut Server) -> Value {
    let found = server
        .owner
        .api
        .read(&format!("{INSTRUMENTS}?q=TSCO"))
        .await;
    found["items"][0].clone()
}

#[tokio::test]
async fn a_share_quoted_in_pence_is_worth_pounds() {
    let mut server = Server::start().await;
    server
        .prices(
            "GBp",
            &[
                ("TSCO", "2026-02-26", "289.45"),
                ("TSCO", "2026-02-27", "301.5"),
            ],
        )
        .await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("London", "GBP").await;
    let deposit = json!({ "type": "deposit", "date": "2026-02-26", "amount": "5000" });
    ann.record(&portfolio, deposit).await;
    // A price in pence is kept in pounds, with its charges.
    let bought = json!({
        "type": "buy", "date": "2026-02-26", "symbol": "TSCO", "quantity": "1000", "price": "289.45",
        "fees": "600", "currency": "GBX",
    });
    let bought = ann.record(&portfolio, bought).await;
    figures(
        &bought,
        &[
            ("price", "2.8945"),
            ("amount", "2894.5"),
            ("fees", "6"),
            ("currency", "GBP"),
        ],
    );
    let form = [
        ("portfolio_id", portfolio.as_str()),
        ("type", "sell"),
        ("date", "2026-02-27"),
        ("symbol", "TSCO"),
        ("quantity", "100"),
        ("price", "301.5"),
        ("currency", "GBp"),
    ];
    browser
        .post("/portfolio/transactions/new", &form)
        .await
        .leads_to("/portfolio/transactions");

    // 900 shares at 3.015; nine tenths of 2900.50.
    let report = ann.report(&portfolio, "").await;
    figures(
        holding(&report, "TSCO"),
        &[
            ("quantity", "900"),
            ("price", "3.015"),
            ("value", "2713.5"),
            ("cost_basis", "2610.45"),
            ("realized_gain", "11.45"),
        ],
    );
    assert!(!findings(&report).contains(&"suspicious_price"), "{report}");
    let held = ann.api.read(HOLDINGS).await;
    figures(
        &held[0],
        &[("local_price", "3.015"), ("local_value", "2713.5")],
    );
    let dashboard = format!("{DASHBOARD}?portfolio_id={portfolio}");
    let dashboard = ann.api.read(&dashboard).await;
    // 5000 - 2900.50 + 301.50 of cash.
    assert!(dashboard.to_string().contains("5114.5"), "{dashboard}");

    // What was observed stays as it was, and the page shows both.
    let instrument = tesco(&mut server).await;
    assert_eq!(
        (&instrument["currency"], &instrument["quoted_in"]),
        (&json!("GBP"), &json!("GBX"))
    );
    let id = text(&instrument["id"]);
    let bars = ann.api.read(&format!("{INSTRUMENTS}/{id}/bars")).await;
    assert_eq!(bars["bars"][1]["close"], json!(301.5));
    let page = browser.get(&format!("/market/instruments/{id}")).await;
    page.shows("GBP, quoted in GBX");
    page.shows("value=\"301.5\"");
    page.shows("value=\"3.015\"");
    let page = browser.get(&format!("/portfolio/holdings/{id}")).await;
    page.shows("2,713.50");

    // The balance is kept in pounds.
    let settled = json!({
        "type": "deposit", "date": "2026-02-26", "amount": "100", "settlement_currency": "GBX",
        "fx_rate": "1",
    });
    ann.try_record(&portfolio, settled)
        .await
        .refused(422, "invalid-input");
}

#[tokio::test]
async fn a_price_a_hundred_times_too_high_is_doubted_and_mended() {
    let mut server = Server::start().await;
    server
        .prices("GBP", &[("TSCO", "2026-02-26", "289.45")])
        .await;
    let portfolio = {
        let owner = &mut server.owner;
        let portfolio = owner.open("London", "GBP").await;
        let deposit = json!({ "type": "deposit", "date": "2026-02-26", "amount": "100" });
        owner.record(&portfolio, deposit).await;
        let bought = json!({
            "type": "buy", "date": "2026-02-27", "symbol": "TSCO", "quantity": "10", "price": "2.90",
        });
        owner.record(&portfolio, bought).await;
        portfolio
    };
    let report = server.owner.report(&portfolio, "").await;
    assert_eq!(findings(&report), ["price_in_minor_unit"]);
    figures(&report["totals"], &[("holdings_value", "2894.5")]);
    let health = server.owner.api.read(HEALTH).await;
    let id = text(&tesco(&mut server).await["id"]);
    let doubts = health["findings"].as_array().expect("findings");
    let doubt = doubts
        .iter()
        .find(|finding| finding["code"] == "price_in_minor_unit")
        .expect("the finding");
    let repair = &doubt["repairs"][0];
    assert_eq!(repair["label"], "This instrument is quoted in pence");
    assert_eq!(
        repair["href"],
        format!("/market/instruments/{id}/edit?currency=GBX")
    );

    let other_unit = "symbol,date,open,high,low,close\nTSCO,2026-02-27,290,290,290,290\n";
    server
        .owner
        .send_file("/api/v1/market/bars?currency=GBX", other_unit.as_bytes())
        .await
        .refused(422, "other-quote-unit");

    let path = format!("{INSTRUMENTS}/{id}");
    let patch = json!({ "currency": "GBX" });
    let owner = &mut server.owner;
    owner
        .api
        .call(Method::PATCH, &path, Some(patch))
        .await
        .json_of(200);
    let report = server.owner.report(&portfolio, "").await;
    assert_eq!(findings(&report), [""; 0]);
    figures(&report["totals"], &[("holdings_value", "28.945")]);

    // In other currencies nobody quotes in hundredths: it is doubted without that way out.
    server.prices("EUR", &[("ACME", "2026-02-26", "500")]).await;
    let bought = json!({
        "type": "buy", "date": "2026-02-26", "symbol": "ACME", "quantity": "1", "price": "5",
        "currency": "EUR",
    });
    server.owner.record(&portfolio, bought).await;
    let report = server.owner.report(&portfolio, "").await;
    assert!(findings(&report).contains(&"suspicious_price"), "{report}");
}
