//! What was not recorded yet on a day shows nowhere when it is asked for as known on that day: neither
//! on a page, nor in the API, nor in a file.

use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{Person, Server, TRANSACTIONS, text};

const DAY: &str = "2026-02-15";
const LATE: &str = "LATE";

/// Everything that takes a portfolio or all of them and tells figures, with what else it needs.
const ROUTES: [&str; 20] = [
    "/api/v1/portfolio/dashboard?period=all",
    "/api/v1/portfolio/holdings?x=",
    "/api/v1/portfolio/performance?period=all",
    "/api/v1/portfolio/contribution?period=all",
    "/api/v1/portfolio/gains?x=",
    "/api/v1/portfolio/gains/methods?x=",
    "/api/v1/portfolio/income?x=",
    "/api/v1/portfolio/allocation?dimension=category",
    "/api/v1/portfolio/categories/drift?x=",
    "/api/v1/portfolio/categories/assignments?x=",
    "/api/v1/portfolio/trail?figure=value",
    "/api/v1/portfolio/trail?figure=net_invested",
    "/api/v1/portfolio/health?x=",
    "/api/v1/portfolio/cash?x=",
    "/api/v1/portfolio/deleted-transactions?x=",
    "/api/v1/portfolio/portfolios/$portfolio/report?x=",
    "/api/v1/portfolio/portfolios/$portfolio/cash/EUR?x=",
    "/api/v1/portfolio/transactions/$sale/versions?x=",
    "/api/v1/portfolio/transactions?limit=50",
    "/api/v1/portfolio/transactions?portfolio_id=$portfolio&type=sell",
];
const FILES: [&str; 6] = [
    "/portfolio/holdings.csv?x=",
    "/portfolio/gains.csv?year=all",
    "/portfolio/income.csv?year=all",
    "/portfolio/performance/contribution.csv?period=all",
    "/api/v1/portfolio/portfolios/$portfolio/cash/EUR/ledger.csv?x=",
    "/api/v1/portfolio/transactions.csv?portfolio_id=$portfolio",
];
/// Pages, and what shows there only because of what is recorded later.
const PAGES: [(&str, &str); 18] = [
    ("/?period=all", LATE),
    ("/portfolio/holdings?x=", LATE),
    // Both deposits.
    ("/portfolio/performance?period=all", "1,333.00"),
    ("/portfolio/performance/contribution?period=all", LATE),
    ("/portfolio/gains?year=all", LATE),
    ("/portfolio/gains/methods?x=", LATE),
    ("/portfolio/income?year=all", LATE),
    ("/portfolio/allocation?x=", LATE),
    ("/portfolio/categories?x=", LATE),
    ("/portfolio/trail?figure=value", LATE),
    ("/portfolio/health?x=", "fell below zero"),
    ("/portfolio/cash?x=", "below zero"),
    ("/portfolio/cash/$portfolio/EUR?year=all", LATE),
    ("/portfolio/categories/$category?x=", LATE),
    ("/portfolio/transactions?portfolio=$portfolio", LATE),
    ("/portfolio/holdings/$acme?x=", "600.00"),
    ("/portfolio/transactions/deleted?x=", "$sale"),
    ("/portfolio/transactions/$sale/history?x=", "Deleted"),
];

struct Books {
    server: Server,
    ann: Person,
    browser: testkit::Browser,
    portfolio: String,
    sale: String,
    category: String,
    /// The instrument that is held on the day.
    acme: String,
}

impl Books {
    fn fill(&self, path: &str) -> String {
        path.replace("$portfolio", &self.portfolio)
            .replace("$sale", &self.sale)
            .replace("$category", &self.category)
            .replace("$acme", &self.acme)
    }
}

/// What is known since the first of February.
async fn books() -> Books {
    let mut server = Server::start().await;
    let closes = [("ACME", "2026-02-27", "60"), (LATE, "2026-02-27", "12")];
    server.prices("EUR", &closes).await;
    let (mut ann, browser) = server.visitor("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    let (mut sale, mut acme) = (String::new(), String::new());
    for body in [
        json!({ "type": "deposit", "date": "2026-01-05", "amount": "1000" }),
        json!({ "type": "buy", "date": "2026-01-06", "symbol": "ACME", "quantity": "10", "price": "50" }),
        json!({ "type": "dividend", "date": "2026-01-14", "symbol": "ACME", "amount": "7" }),
        json!({ "type": "sell", "date": "2026-01-20", "symbol": "ACME", "quantity": "2", "price": "60" }),
    ] {
        let recorded = ann.record(&portfolio, body).await;
        sale = text(&recorded["id"]);
        if let Some(id) = recorded["instrument_id"].as_str() {
            id.clone_into(&mut acme);
        }
    }
    let category = json!({ "category_name": "Shares", "target_allocation_percent": "40" });
    let made = ann
        .api
        .call(Method::POST, "/api/v1/portfolio/categories", Some(category))
        .await
        .json_of(201);
    let rules = format!("/api/v1/portfolio/categories/{}/rules", text(&made["id"]));
    let rule = json!({ "field": "asset_class", "operands": ["equity"] });
    ann.api
        .call(Method::POST, &rules, Some(rule))
        .await
        .json_of(201);
    server
        .rewrite(
            "update portfolio.transactions
             set created_at = '2026-02-01T12:00:00Z', updated_at = '2026-02-01T12:00:00Z'",
        )
        .await;
    Books {
        server,
        ann,
        browser,
        portfolio,
        sale,
        category: text(&made["id"]),
        acme,
    }
}

/// What is recorded later, of days before: purchases, a sale, a dividend, money that came in and
/// more that went out; and a booking that is deleted.
async fn record_more(books: &mut Books) {
    for body in [
        json!({ "type": "deposit", "date": "2026-01-07", "amount": "333", "note": "LATE money" }),
        json!({ "type": "buy", "date": "2026-01-12", "symbol": LATE, "quantity": "5", "price": "11" }),
        json!({ "type": "dividend", "date": "2026-01-28", "symbol": LATE, "amount": "3" }),
        json!({ "type": "sell", "date": "2026-01-29", "symbol": LATE, "quantity": "1", "price": "13" }),
        json!({ "type": "withdrawal", "date": "2026-01-30", "amount": "5000" }),
    ] {
        books.ann.record(&books.portfolio, body).await;
    }
    let path = format!("{TRANSACTIONS}/{}", books.sale);
    let gone = books.ann.api.call(Method::DELETE, &path, None).await;
    assert_eq!(gone.status, 204);
}

/// The answer but for the day that was asked for, and the links that carry it on.
fn without_day(answer: Value) -> Value {
    match answer {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| !["known_on", "href"].contains(&name.as_str()))
            .map(|(name, value)| (name, without_day(value)))
            .collect(),
        Value::Array(rows) => rows.into_iter().map(without_day).collect(),
        plain => plain,
    }
}

#[tokio::test]
async fn no_answer_and_no_file_tells_what_was_recorded_later() {
    let mut books = books().await;
    let mut before = Vec::new();
    for route in ROUTES {
        let path = books.fill(route);
        before.push(without_day(books.ann.api.read(&path).await));
    }
    let mut files = Vec::new();
    for file in FILES {
        let path = books.fill(file);
        files.push(books.ann.api.get(&path).await.body);
    }
    record_more(&mut books).await;

    for (route, expected) in ROUTES.iter().zip(&before) {
        let path = books.fill(route);
        let now = without_day(books.ann.api.read(&path).await);
        assert_ne!(&now, expected, "{route} tells what is known now");
        let then = books.ann.api.read(&format!("{path}&known_on={DAY}")).await;
        assert_eq!(&without_day(then), expected, "{route}");
    }
    for (file, expected) in FILES.iter().zip(&files) {
        let path = books.fill(file);
        let now = books.ann.api.get(&path).await;
        assert_eq!(now.status, 200, "{file}");
        assert_ne!(&now.body, expected, "{file} tells what is known now");
        let then = books.ann.api.get(&format!("{path}&known_on={DAY}")).await;
        assert_eq!(&then.body, expected, "{file}");
    }
    for route in ROUTES {
        let path = books.fill(route);
        let answer = books.ann.api.get(&format!("{path}&known_on=soon")).await;
        assert!(
            (400..500).contains(&answer.status.as_u16()),
            "{route}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn no_page_shows_what_was_recorded_later_and_the_day_goes_along() {
    let mut books = books().await;
    record_more(&mut books).await;
    for (page, witness) in PAGES {
        let (path, witness) = (books.fill(page), books.fill(witness));
        books.browser.get(&path).await.shows(&witness);
        let then = books.browser.get(&format!("{path}&known_on={DAY}")).await;
        assert_eq!(then.status, 200, "{page}");
        then.hides(&witness);
        then.hides(LATE);
        then.shows(&format!("As known on {DAY}"));
    }
    // From page to page the day stays.
    let page = books
        .browser
        .get(&format!("/portfolio/gains?year=all&known_on={DAY}"))
        .await;
    for path in [
        "/portfolio/performance",
        "/portfolio/income",
        "/portfolio/cash",
        "/portfolio/health",
    ] {
        page.shows(&format!("{path}?known_on={DAY}"));
    }
    // A transaction that is deleted by now is among those of that day, without a link to edit it.
    let holding = books.fill("/portfolio/holdings/$acme");
    let now = books.browser.get(&holding).await;
    now.hides("Sell");
    let then = books
        .browser
        .get(&format!("{holding}?known_on={DAY}"))
        .await;
    then.shows("Sell");
    let path = books.fill("/portfolio/transactions/$sale");
    then.shows(&format!("{path}/history?known_on={DAY}"));
    then.hides(&format!("{path}/edit"));
    let slices = books
        .browser
        .get(&format!(
            "/portfolio/allocation?dimension=category&known_on={DAY}"
        ))
        .await;
    slices.shows(&books.fill(&format!("/portfolio/categories/$category?known_on={DAY}")));
    // Before anything was stored there is nothing to show, and the page says so.
    for path in [
        "/portfolio/cash",
        "/portfolio/allocation",
        "/portfolio/performance",
    ] {
        let page = books
            .browser
            .get(&format!("{path}?known_on=2026-01-01"))
            .await;
        page.shows("Nothing was stored yet");
    }
    assert_eq!(
        books
            .server
            .rows_of(&books.ann, "portfolio.transactions")
            .await,
        8
    );
}
