//! Dividends, interest, withheld tax, returned capital and the projection.

use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{Person, Server, decimal, figures, near, text};

const INCOME: &str = "/api/v1/portfolio/income";

/// A hundred ACME at 10 that pay four times a year, 0.50 a share in 2024 and 0.60 in 2025, of which 15 %
/// is withheld; split two for one at the end of 2025. WEB has paid once, its tax booked apart. FUND gave
/// capital back, and there was interest.
async fn year_of_income() -> (Server, Person, testkit::Browser, String) {
    let mut server = Server::start().await;
    server
        .prices(
            "EUR",
            &[("ACME", "2026-02-27", "8"), ("WEB", "2026-02-27", "40")],
        )
        .await;
    let (mut ann, browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let mut bodies = vec![
        json!({ "type": "deposit", "date": "2023-01-02", "amount": "9000" }),
        json!({ "type": "buy", "date": "2023-01-10", "symbol": "ACME", "quantity": "100", "price": "10" }),
        json!({ "type": "buy", "date": "2025-01-06", "symbol": "FUND", "quantity": "10", "price": "20" }),
        json!({ "type": "buy", "date": "2025-04-01", "symbol": "WEB", "quantity": "10", "price": "30" }),
        json!({ "type": "dividend", "date": "2025-05-05", "symbol": "WEB", "amount": "20" }),
        json!({ "type": "tax", "date": "2025-05-05", "symbol": "WEB", "amount": "3" }),
        json!({ "type": "interest", "date": "2025-06-30", "amount": "12" }),
        json!({ "type": "return_of_capital", "date": "2025-07-01", "symbol": "FUND", "amount": "5" }),
        json!({ "type": "split", "date": "2025-12-20", "symbol": "ACME", "ratio": "2:1" }),
    ];
    for (year, amount, taxes) in [(2024, "50", "7.5"), (2025, "60", "9")] {
        for day in ["03-14", "06-13", "09-12", "12-12"] {
            bodies.push(json!({ "type": "dividend", "date": format!("{year}-{day}"), "symbol": "ACME", "amount": amount, "taxes": taxes }));
        }
    }
    for body in bodies {
        ann.record(&portfolio, body).await;
    }
    (server, ann, browser, portfolio)
}

fn list<'r>(report: &'r Value, key: &str) -> &'r [Value] {
    report[key].as_array().expect("a list")
}

#[track_caller]
fn symbol<'r>(items: &'r [Value], symbol: &str) -> &'r Value {
    items
        .iter()
        .find(|item| item["symbol"] == symbol)
        .unwrap_or_else(|| panic!("no {symbol} in {items:?}"))
}

#[tokio::test]
async fn income_is_told_by_year_month_instrument_and_currency() {
    let (_server, mut ann, _, portfolio) = year_of_income().await;
    let report = ann.api.read(&format!("{INCOME}?year=2025")).await;
    // 4 x 60 and 20; 4 x 9 and 3 withheld; 260 + 12 - 39.
    let of_2025 = [
        ("dividends", "260"),
        ("interest", "12"),
        ("withheld", "39"),
        ("fees", "0"),
        ("net", "233"),
        ("return_of_capital", "5"),
    ];
    figures(&report["totals"], &of_2025);
    assert_eq!(list(&report, "payments").len(), 8);
    let years = list(&report, "years");
    assert_eq!(
        (&years[0]["year"], &years[1]["year"]),
        (&json!(2025), &json!(2024))
    );
    figures(&years[0], &of_2025);
    figures(
        &years[1],
        &[("dividends", "200"), ("withheld", "30"), ("net", "170")],
    );
    let june = list(&report, "months")
        .iter()
        .find(|m| m["year"] == 2025 && m["month"] == 6)
        .expect("June");
    figures(
        june,
        &[("dividends", "60"), ("interest", "12"), ("net", "63")],
    );
    let instruments = list(&report, "instruments");
    figures(
        symbol(instruments, "WEB"),
        &[("dividends", "20"), ("withheld", "3"), ("net", "17")],
    );
    figures(
        symbol(instruments, "FUND"),
        &[("net", "0"), ("return_of_capital", "5")],
    );
    // Four times 0.30 after the split: 1.20 on a cost of 5 and a price of 8.
    let acme = symbol(instruments, "ACME");
    near(&acme["yield_on_cost"], 0.24);
    near(&acme["trailing_yield"], 0.15);
    let euros = &list(&report, "currencies")[0];
    figures(
        euros,
        &[
            ("paid_currency", "EUR"),
            ("paid_amount", "272"),
            ("paid_withheld", "39"),
            ("net", "233"),
        ],
    );

    let all = ann.api.read(INCOME).await;
    let booked = ann.report(&portfolio, "").await;
    assert_eq!(all["totals"]["dividends"], booked["totals"]["dividends"]);
    assert_eq!(all["totals"]["interest"], booked["totals"]["interest"]);
    figures(&all["totals"], &[("dividends", "460"), ("net", "403")]);
}

#[tokio::test]
async fn the_projection_repeats_the_last_twelve_months_and_says_what_is_doubtful() {
    let (_server, mut ann, _, portfolio) = year_of_income().await;
    let report = ann.api.read(INCOME).await;
    let projection = &report["projection"];
    // 200 shares at 0.30 four times are 240, less 15 %; WEB's 20 less 15 %.
    figures(
        projection,
        &[
            ("from", "2026-03-03"),
            ("to", "2027-03-02"),
            ("gross", "260"),
            ("net", "221"),
            ("doubtful_gross", "20"),
        ],
    );
    assert!(text(&projection["method"]).contains("last twelve months"));
    let instruments = list(projection, "instruments");
    let acme = symbol(instruments, "ACME");
    figures(
        acme,
        &[
            ("frequency", "quarterly"),
            ("per_share", "1.2"),
            ("quantity", "200"),
            ("gross", "240"),
            ("net", "204"),
        ],
    );
    assert_eq!(
        (&acme["payments"], &acme["doubts"]),
        (&json!(4), &json!([]))
    );
    let web = symbol(instruments, "WEB");
    figures(
        web,
        &[("frequency", "once"), ("gross", "20"), ("net", "17")],
    );
    assert_eq!(web["doubts"], json!(["irregular", "short_history"]));
    let months: Vec<(i64, String)> = list(projection, "months")
        .iter()
        .map(|m| (m["month"].as_i64().expect("a month"), text(&m["gross"])))
        .collect();
    let month = |month: i64, gross: &str| (month, gross.to_owned());
    assert_eq!(
        months,
        [
            month(3, "60"),
            month(5, "20"),
            month(6, "60"),
            month(9, "60"),
            month(12, "60")
        ]
    );

    // What was booked, taken back and booked again within days is one payment.
    for (day, amount) in [
        ("2026-02-02", "7"),
        ("2026-02-03", "-7"),
        ("2026-02-04", "8"),
    ] {
        let body = json!({ "type": "dividend", "date": day, "symbol": "WEB", "amount": amount });
        ann.record(&portfolio, body).await;
    }
    let again = ann.api.read(INCOME).await;
    let web = symbol(list(&again["projection"], "instruments"), "WEB");
    figures(web, &[("gross", "28"), ("frequency", "irregular")]);
    assert_eq!(web["payments"], 2);
    // Once nothing is held, nothing is projected.
    let body = json!({ "type": "sell", "date": "2026-02-20", "symbol": "WEB", "quantity": "10", "price": "40" });
    ann.record(&portfolio, body).await;
    let sold = ann.api.read(INCOME).await;
    assert_eq!(list(&sold["projection"], "instruments").len(), 1);
    assert_eq!(
        decimal(&sold["projection"]["doubtful_gross"]),
        decimal(&json!("0"))
    );
}

#[tokio::test]
async fn the_page_and_the_csv_of_income_show_the_same() {
    let (server, mut ann, mut browser, portfolio) = year_of_income().await;
    let page = browser.get("/portfolio/income").await;
    for part in [
        "Net income by month",
        "233.00",
        "a projection",
        "260.00",
        "irregular",
        "24.00%",
        "/portfolio/income?year=2024",
        "5.00",
    ] {
        page.shows(part);
    }
    browser
        .get("/portfolio/income?year=all")
        .await
        .shows("403.00");
    let csv = browser.get("/portfolio/income.csv?year=2025").await;
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines.len(), 9);
    assert!(
        lines[1].starts_with("2025-03-14,dividend,Old age,ACME,100,EUR,60,9,EUR,60,0,9,0,51,0,"),
        "{}",
        lines[1]
    );
    let path = format!("{INCOME}.csv?year=2025");
    let file = ann.api.call(Method::GET, &path, None).await;
    assert_eq!(file.body, csv.body, "{path}");
    let (mut mia, mut eve) = server.visitor("eve").await;
    eve.get("/portfolio/income").await.shows("No income yet");
    for path in ["/portfolio/income", "/portfolio/income.csv"] {
        assert_eq!(
            eve.get(&format!("{path}?portfolio={portfolio}"))
                .await
                .status,
            404
        );
    }
    let foreign = format!("{INCOME}?portfolio_id={portfolio}");
    mia.api
        .call(Method::GET, &foreign, None)
        .await
        .refused(404, "not-found");
    let wrong = ann
        .api
        .call(Method::GET, &format!("{INCOME}?year=soon"), None)
        .await;
    wrong.refused(422, "invalid-input");
}

/// A foreign dividend counts at the rate of its day, and its projection at today's.
#[tokio::test]
async fn a_foreign_dividend_is_converted_when_paid_and_projected_at_the_rate_of_today() {
    let mut server = Server::start().await;
    server.prices("USD", &[("WEB", "2026-02-27", "50")]).await;
    server
        .rates(&[
            ("EUR", "USD", "2024-01-01", "1.25"),
            ("EUR", "USD", "2026-02-27", "1.6"),
        ])
        .await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    for body in [
        json!({ "type": "buy", "date": "2024-01-02", "symbol": "WEB", "quantity": "10", "price": "40", "currency": "USD" }),
        json!({ "type": "dividend", "date": "2024-12-16", "symbol": "WEB", "amount": "10", "taxes": "1.5", "currency": "USD" }),
        json!({ "type": "dividend", "date": "2025-12-15", "symbol": "WEB", "amount": "10", "taxes": "1.5", "currency": "USD" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let report = ann.api.read(&format!("{INCOME}?year=2025")).await;
    // 10 and 1.5 dollars at 0.80; to come are 10 dollars at 0.625.
    figures(
        &report["totals"],
        &[("dividends", "8"), ("withheld", "1.2"), ("net", "6.8")],
    );
    figures(
        &list(&report, "currencies")[0],
        &[
            ("paid_currency", "USD"),
            ("paid_amount", "10"),
            ("paid_withheld", "1.5"),
        ],
    );
    let web = symbol(list(&report["projection"], "instruments"), "WEB");
    figures(
        web,
        &[
            ("frequency", "yearly"),
            ("gross", "6.25"),
            ("net", "5.3125"),
            ("local_currency", "USD"),
        ],
    );
}
