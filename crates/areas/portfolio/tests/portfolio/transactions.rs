use std::{collections::BTreeSet, fmt::Write as _};

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

use crate::server::{Person, Server, TRANSACTIONS, figures, holding, text};

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| text(&item["id"])).collect()
}

async fn with_acme(server: &Server) -> (Person, String) {
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "1000" }),
    )
    .await;
    let buy = json!({ "type": "buy", "date": "2025-01-03", "symbol": "acme", "quantity": "5", "price": "100", "fees": "2.5" });
    ann.record(&portfolio, buy).await;
    (ann, portfolio)
}

#[tokio::test]
async fn a_transaction_is_recorded_found_and_filtered() {
    let server = Server::start().await;
    let (mut ann, portfolio) = with_acme(&server).await;
    let page = ann
        .api
        .read(&format!("{TRANSACTIONS}?portfolio_id={portfolio}"))
        .await;
    let buy = &page["items"][0];
    figures(
        buy,
        &[
            ("quantity", "5"),
            ("price", "100"),
            ("amount", "500"),
            ("fees", "2.5"),
            ("taxes", "0"),
        ],
    );
    assert_eq!(
        (&buy["type"], &buy["symbol"], &buy["currency"]),
        (&json!("buy"), &json!("ACME"), &json!("EUR"))
    );
    assert_eq!(buy["version"], 1);
    let path = format!("{TRANSACTIONS}/{}", text(&buy["id"]));
    let shown = ann.api.call(Method::GET, &path, None).await;
    assert_eq!(shown.json(), *buy);
    assert_eq!(shown.header("etag"), "\"1\"");

    let instrument = text(&buy["instrument_id"]);
    for (query, found) in [
        (String::new(), 2),
        ("?type=buy".to_owned(), 1),
        ("?type=split".to_owned(), 0),
        ("?from=2025-01-03".to_owned(), 1),
        ("?to=2025-01-02".to_owned(), 1),
        ("?from=2025-01-04".to_owned(), 0),
        (format!("?instrument_id={instrument}"), 1),
        ("?q=acm".to_owned(), 1),
        ("?q=%25".to_owned(), 0),
        ("?q=_".to_owned(), 0),
        ("?q=%5C".to_owned(), 0),
        ("?q=%00".to_owned(), 0),
        ("?q=%20".to_owned(), 2),
    ] {
        let page = ann.api.read(&format!("{TRANSACTIONS}{query}")).await;
        assert_eq!(ids(&page).len(), found, "{query}");
    }
    for query in [
        "?type=gift",
        "?from=yesterday",
        "?portfolio_id=x",
        "?limit=many",
        "?cursor=x",
    ] {
        let refused = ann
            .api
            .call(Method::GET, &format!("{TRANSACTIONS}{query}"), None)
            .await;
        refused.refused(422, "invalid-input");
    }
}

#[tokio::test]
async fn a_sale_of_more_than_is_held_is_refused_with_place_and_quantity() {
    let server = Server::start().await;
    let (mut ann, portfolio) = with_acme(&server).await;
    let sale = |day: &str, quantity: &str| json!({ "type": "sell", "date": day, "symbol": "ACME", "quantity": quantity, "price": "110" });
    let refused = ann.try_record(&portfolio, sale("2025-02-03", "8")).await;
    let problem = refused.refused(422, "invalid-input");
    assert_eq!(problem["errors"][0]["code"], "oversell");
    assert_eq!(problem["errors"][0]["pointer"], "quantity");
    let detail = text(&problem["detail"]);
    for part in ["8 ACME", "2025-02-03", "only 5 were held"] {
        assert!(detail.contains(part), "no “{part}” in {detail}");
    }
    // Before the purchase nothing was held.
    let early = ann.try_record(&portfolio, sale("2025-01-02", "1")).await;
    assert!(text(&early.refused(422, "invalid-input")["detail"]).contains("only 0 were held"));
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 2);

    // In another portfolio there is nothing to sell either.
    let other = ann.open("Other", "EUR").await;
    ann.try_record(&other, sale("2025-02-03", "1"))
        .await
        .refused(422, "invalid-input");
    ann.record(&portfolio, sale("2025-02-03", "5")).await;
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 3);
}

#[tokio::test]
async fn what_cannot_be_a_transaction_is_refused_by_field() {
    let server = Server::start().await;
    let (mut ann, portfolio) = with_acme(&server).await;
    let buy = |key: &str, value: Value| {
        let mut body = json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "1", "price": "1" });
        body[key] = value;
        body
    };
    let huge = "79228162514264337593543950335";
    let cases = [
        (buy("quantity", json!("0")), "quantity"),
        (buy("quantity", json!("-1")), "quantity"),
        (buy("quantity", json!("0.000000001")), "quantity"),
        (buy("quantity", Value::Null), "amount"),
        (buy("price", json!("-1")), "price"),
        (buy("quantity", json!(huge)), "quantity"),
        (buy("amount", json!("-1")), "amount"),
        (buy("fees", json!(huge)), "fees"),
        (buy("symbol", Value::Null), "symbol"),
        (buy("symbol", json!("  ")), "symbol"),
        (buy("symbol", json!("X".repeat(51))), "symbol"),
        (buy("symbol", json!("A\u{0}B")), "symbol"),
        (
            buy(
                "instrument_id",
                json!("00000000-0000-0000-0000-000000000009"),
            ),
            "instrument_id",
        ),
        (buy("date", json!("1899-12-31")), "date"),
        (buy("currency", json!("euro?")), "currency"),
        (buy("ratio", json!("4:1")), "ratio"),
        (buy("settlement_currency", json!("USD")), "fx_rate"),
        (buy("fx_rate", json!("1.1")), "fx_rate"),
        (buy("note", json!("a\u{0}b")), "note"),
        (json!({ "type": "deposit", "date": "2025-01-03" }), "amount"),
        (
            json!({ "type": "deposit", "date": "2025-01-03", "amount": "0" }),
            "amount",
        ),
        (
            json!({ "type": "deposit", "date": "2025-01-03", "amount": "0.000000001" }),
            "amount",
        ),
        (
            json!({ "type": "deposit", "date": "2025-01-03", "amount": "1000000000000" }),
            "amount",
        ),
        (
            json!({ "type": "split", "date": "2025-01-03", "symbol": "ACME" }),
            "ratio",
        ),
        (
            json!({ "type": "split", "date": "2025-01-03", "symbol": "ACME", "ratio": "4:0" }),
            "ratio",
        ),
        (
            json!({ "type": "split", "date": "2025-01-03", "symbol": "ACME", "ratio": format!("{huge}:1") }),
            "ratio",
        ),
        (
            json!({ "type": "split", "date": "2025-01-03", "symbol": "ACME", "ratio": "1:0.0000000001" }),
            "ratio",
        ),
    ];
    let settled = |rate: &str| {
        json!({ "type": "deposit", "date": "2025-01-03", "amount": "1", "currency": "USD",
                "settlement_currency": "EUR", "fx_rate": rate })
    };
    let rates = ["0", "-1", "0.00000000001", huge].map(|rate| (settled(rate), "fx_rate"));
    for (body, pointer) in cases.into_iter().chain(rates) {
        let refused = ann.try_record(&portfolio, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.body);
        let problem = refused.refused(422, "invalid-input");
        let found = problem["errors"].as_array().expect("errors");
        assert!(
            found.iter().any(|error| error["pointer"] == pointer),
            "{body}: {problem}"
        );
    }
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 2);
    assert_eq!(
        server.count("market.instruments").await,
        1,
        "a refusal creates no instrument"
    );
    let nowhere = "00000000-0000-0000-0000-000000000001";
    let deposit = json!({ "type": "deposit", "date": "2025-01-02", "amount": "1" });
    ann.try_record(nowhere, deposit)
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn the_largest_and_smallest_that_fit_are_kept_exactly() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let buy = json!({ "type": "buy", "date": "2025-01-03", "symbol": "DUST", "quantity": "0.00000001", "price": "99999.12345678", "amount": "0.00099999" });
    let stored = ann.record(&portfolio, buy).await;
    figures(
        &stored,
        &[
            ("quantity", "0.00000001"),
            ("price", "99999.12345678"),
            ("amount", "0.00099999"),
        ],
    );
    let deposit =
        json!({ "type": "deposit", "date": "2025-01-03", "amount": "999999999998.99999999" });
    let stored = ann.record(&portfolio, deposit).await;
    figures(&stored, &[("amount", "999999999998.99999999")]);
}

#[tokio::test]
async fn a_repeated_request_records_once_and_equal_trades_count_twice() {
    let server = Server::start().await;
    let (mut ann, portfolio) = with_acme(&server).await;
    let request = |key: &str, quantity: &str| {
        let body = json!({
            "portfolio_id": portfolio, "type": "buy", "date": "2025-01-06", "symbol": "ACME",
            "quantity": quantity, "price": "90",
        });
        ann.api
            .request(Method::POST, TRANSACTIONS)
            .header("idempotency-key", key)
            .body(Body::from(body.to_string()))
            .expect("request")
    };
    let sent = [
        request("a", "1"),
        request("a", "1"),
        request("a", "2"),
        request("b", "1"),
    ];
    let [first, again, other, second] = sent;
    let first = ann.api.send(first).await;
    let again = ann.api.send(again).await;
    assert_eq!(
        (first.json_of(201), first.body),
        (again.json_of(201), again.body)
    );
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 3);
    ann.api
        .send(other)
        .await
        .refused(422, "idempotency-key-reused");
    // The same trade once more, on purpose.
    ann.api.send(second).await.json_of(201);
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 4);
    let report = ann.report(&portfolio, "").await;
    assert_eq!(holding(&report, "ACME")["quantity"], "7");
}

#[tokio::test]
async fn an_edit_of_an_old_version_is_refused() {
    let server = Server::start().await;
    let (mut ann, portfolio) = with_acme(&server).await;
    let deposit = json!({ "type": "deposit", "date": "2025-01-02", "amount": "70" });
    let stored = ann.record(&portfolio, deposit).await;
    let path = format!("{TRANSACTIONS}/{}", text(&stored["id"]));
    let request = |method: Method, amount: &str, version: &str| {
        let body = json!({ "portfolio_id": portfolio, "type": "deposit", "date": "2025-01-02", "amount": amount });
        ann.api
            .request(method, &path)
            .header(header::IF_MATCH, version)
            .body(Body::from(body.to_string()))
            .expect("request")
    };
    let first = request(Method::PUT, "80", "\"1\"");
    let second = request(Method::PUT, "90", "\"1\"");
    let removal = request(Method::DELETE, "", "\"1\"");
    let fresh = request(Method::DELETE, "", "\"2\"");
    let changed = ann.api.send(first).await;
    assert_eq!(
        (changed.header("etag"), &changed.json()["amount"]),
        ("\"2\"", &json!("80"))
    );
    ann.api.send(second).await.refused(412, "changed-meanwhile");
    ann.api
        .send(removal)
        .await
        .refused(412, "changed-meanwhile");
    assert_eq!(ann.api.read(&path).await["amount"], "80");
    assert_eq!(ann.api.send(fresh).await.status, 204);
    ann.api
        .call(Method::GET, &path, None)
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn edits_and_deletions_change_the_figures() {
    let server = Server::start().await;
    let (mut ann, portfolio) = with_acme(&server).await;
    let cash = |report: &Value| text(&report["cash"]["EUR"]);
    // 1000 less 500 and 2.5 of fees.
    let report = ann.report(&portfolio, "").await;
    assert_eq!(
        (cash(&report), &holding(&report, "ACME")["cost_basis"]),
        ("497.5".to_owned(), &json!("502.5"))
    );

    let page = ann.api.read(&format!("{TRANSACTIONS}?type=buy")).await;
    let path = format!("{TRANSACTIONS}/{}", ids(&page)[0]);
    let body = json!({ "portfolio_id": portfolio, "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "4", "price": "110", "fees": "1" });
    ann.api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    let report = ann.report(&portfolio, "").await;
    assert_eq!(
        (cash(&report), &holding(&report, "ACME")["cost_basis"]),
        ("559".to_owned(), &json!("441"))
    );

    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    let report = ann.report(&portfolio, "").await;
    assert_eq!(
        (cash(&report), &report["holdings"]),
        ("1000".to_owned(), &json!([]))
    );
}

#[tokio::test]
async fn a_transaction_moves_to_another_portfolio_and_changes_both() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let (left, right) = (
        ann.open("Left", "EUR").await,
        ann.open("Right", "EUR").await,
    );
    let deposit = json!({ "type": "deposit", "date": "2025-01-02", "amount": "100" });
    let moving = ann.record(&left, deposit.clone()).await;
    // An equal one waits on the other side.
    ann.record(&right, deposit.clone()).await;
    let path = format!("{TRANSACTIONS}/{}", text(&moving["id"]));
    let mut body = deposit;
    body["portfolio_id"] = json!(right);
    ann.api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    assert_eq!(ann.report(&left, "").await["cash"], json!({}));
    assert_eq!(
        ann.report(&right, "").await["cash"],
        json!({ "EUR": "200" })
    );
    let mut bob = server.person("bob").await;
    let of_bob = bob.open("Bob", "EUR").await;
    let stolen =
        json!({ "portfolio_id": of_bob, "type": "deposit", "date": "2025-01-02", "amount": "100" });
    ann.api
        .call(Method::PUT, &path, Some(stolen))
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn paging_meets_every_transaction_once() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let mut file = "date,type,amount,currency\n".to_owned();
    for number in 0..120 {
        // Three a day, so pages end within a day.
        let (month, day) = (1 + number / 60, 1 + number % 60 / 3);
        let amount = 1 + number;
        writeln!(file, "2025-{month:02}-{day:02},deposit,{amount},EUR").expect("written");
    }
    assert_eq!(ann.import(&portfolio, &file).await["imported"], 120);

    for limit in [1, 7, 50, 120, 500] {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = ann
                .api
                .read(&format!("{TRANSACTIONS}?limit={limit}{cursor}"))
                .await;
            pages += 1;
            seen.extend(
                page["items"]
                    .as_array()
                    .expect("items")
                    .iter()
                    .map(|item| (text(&item["date"]), text(&item["id"]))),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(
            (seen.len(), pages),
            (120, 120usize.div_ceil(limit)),
            "limit {limit}"
        );
        assert!(
            seen.is_sorted_by(|a, b| a > b),
            "newest first, limit {limit}"
        );
        assert_eq!(
            seen.iter().collect::<BTreeSet<_>>().len(),
            120,
            "limit {limit}"
        );
    }

    let first = browser.get("/portfolio/transactions?type=deposit").await;
    let (_, rest) = first
        .body
        .split_once("href=\"/portfolio/transactions?type=deposit&amp;cursor=")
        .expect("a next page");
    let cursor = rest.split_once('"').expect("closed").0;
    let rows = |page: &str| page.matches("/delete\"").count();
    let second = browser
        .get(&format!(
            "/portfolio/transactions?type=deposit&cursor={cursor}"
        ))
        .await;
    assert_eq!((rows(&first.body), rows(&second.body)), (100, 20));
    second.hides("cursor=");
}

#[tokio::test]
async fn an_export_imported_again_gives_the_same_figures() {
    let mut server = Server::start().await;
    server.rates(&[("EUR", "USD", "2025-01-02", "1.25")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "5000.10", "note": "start, \"more\"\nto come" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "3.5", "price": "100.123", "fees": "1.01", "taxes": "0.5" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "3.5", "price": "100.123", "fees": "1.01", "taxes": "0.5" }),
        json!({ "type": "buy", "date": "2025-01-04", "symbol": "WEB", "quantity": "2", "price": "10", "currency": "USD", "settlement_currency": "EUR", "fx_rate": "0.79" }),
        json!({ "type": "dividend", "date": "2025-02-03", "symbol": "ACME", "amount": "7", "taxes": "1" }),
        json!({ "type": "split", "date": "2025-03-03", "symbol": "ACME", "ratio": "3:2" }),
        json!({ "type": "sell", "date": "2025-03-04", "symbol": "ACME", "quantity": "4", "price": "80", "executed_at": "2025-03-04T15:30:00Z" }),
        json!({ "type": "interest", "date": "2025-04-01", "amount": "-0.12" }),
        json!({ "type": "fee", "date": "2025-04-02", "amount": "3" }),
        json!({ "type": "fee", "date": "2025-04-02", "symbol": "ACME", "amount": "2" }),
        json!({ "type": "tax", "date": "2025-04-03", "amount": "4", "note": "=1+1" }),
        json!({ "type": "withdrawal", "date": "2025-04-04", "amount": "100" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let before = ann.report(&portfolio, "?as_of=2025-06-30").await;
    let path = format!("/api/v1/portfolio/transactions.csv?portfolio_id={portfolio}");
    let export = ann.api.call(Method::GET, &path, None).await;
    assert_eq!(export.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        export
            .body
            .lines()
            .next()
            .map(|line| line.starts_with("date,type,symbol")),
        Some(true)
    );

    let copy = ann.open("Copy", "EUR").await;
    let outcome = ann.import(&copy, &export.body).await;
    assert_eq!(
        (&outcome["imported"], &outcome["rejected"]),
        (&json!(12), &json!([]))
    );
    let mut after = ann.report(&copy, "?as_of=2025-06-30").await;
    after["portfolio"] = before["portfolio"].clone();
    for report in [&before, &after] {
        assert_eq!(
            report["findings"]
                .as_array()
                .map(|all| all.iter().all(|f| f["code"] == "missing_price")),
            Some(true),
            "{report}"
        );
    }
    assert_eq!(after, before);

    // Into the portfolio itself it adds nothing.
    let again = ann.import(&portfolio, &export.body).await;
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(0), &json!(12))
    );
    let mut eve = server.person("eve").await;
    assert_eq!(
        eve.api
            .call(Method::GET, &path, None)
            .await
            .body
            .lines()
            .count(),
        1
    );
}

#[tokio::test]
async fn an_export_of_imported_transactions_adds_nothing_to_their_portfolio() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let file = "date,type,symbol,isin,exchange,quantity,price,currency,external_id,account\n\
                2025-01-03,buy,ACME,US0378331005,XNAS,3,10,USD,t-1,U1\n\
                2025-01-03,buy,ACME,US0378331005,XNAS,3,10,USD,t-2,U1\n";
    assert_eq!(ann.import(&portfolio, file).await["imported"], 2);
    let path = format!("/api/v1/portfolio/transactions.csv?portfolio_id={portfolio}");
    let export = ann.api.call(Method::GET, &path, None).await.body;
    let again = ann.import(&portfolio, &export).await;
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(0), &json!(2)),
        "{export}"
    );
}

#[tokio::test]
async fn the_pages_add_edit_and_delete() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    browser
        .get("/portfolio/transactions/new")
        .await
        .leads_to("/portfolio/portfolios/new");
    let portfolio = ann.open("Old age", "EUR").await;
    browser
        .get("/portfolio/transactions")
        .await
        .shows("No transactions yet");
    let form = browser.get("/portfolio/transactions/new").await;
    form.shows("value=\"2026-03-02\"");
    let trade = |kind, day, quantity, price| {
        [
            ("portfolio_id", portfolio.as_str()),
            ("type", kind),
            ("date", day),
            ("symbol", "acme"),
            ("quantity", quantity),
            ("price", price),
        ]
    };
    let new = "/portfolio/transactions/new";
    browser
        .post(new, &trade("buy", "2025-01-03", "1,5", "1.000,50"))
        .await
        .leads_to("/portfolio/transactions");
    let list = browser.get("/portfolio/transactions").await;
    list.shows("ACME");
    list.shows("1,500.75");
    let stored = ann.api.read(TRANSACTIONS).await["items"][0].clone();
    figures(
        &stored,
        &[
            ("quantity", "1.5"),
            ("price", "1000.5"),
            ("amount", "1500.75"),
        ],
    );

    let oversold = browser
        .post(new, &trade("sell", "2025-01-04", "2", "1"))
        .await;
    assert_eq!(oversold.status, 422);
    oversold.shows("only 1.5 were held");
    let unread = browser
        .post(new, &trade("buy", "2025-01-04", "1,234", "ten"))
        .await;
    assert_eq!(unread.status, 422);
    unread.shows("it could be read in two ways");
    unread.shows("value=\"ten\"");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 1);

    let edit = format!("/portfolio/transactions/{}/edit", text(&stored["id"]));
    let form = browser.get(&edit).await;
    form.shows("value=\"1000.5\"");
    form.shows("name=\"version\" value=\"1\"");
    let opened = [("version", "1")];
    let edited = [trade("buy", "2025-01-03", "2", "10").as_slice(), &opened].concat();
    browser
        .post(&edit, &edited)
        .await
        .leads_to("/portfolio/transactions");
    // Whoever opened it before that edits what is no longer there.
    let late = browser.post(&edit, &edited).await;
    assert_eq!(late.status, 412);
    late.shows("Changed meanwhile");
    let changed = ann.api.read(TRANSACTIONS).await["items"][0].clone();
    figures(
        &changed,
        &[("quantity", "2"), ("price", "10"), ("amount", "20")],
    );
    assert_eq!(changed["version"], 2);
    // Another amount for as many shares replaces the one that was stated; the price follows.
    let retyped = [
        trade("buy", "2025-01-03", "2", "10").as_slice(),
        &[("amount", "25"), ("version", "2")],
    ]
    .concat();
    browser
        .post(&edit, &retyped)
        .await
        .leads_to("/portfolio/transactions");
    let changed = ann.api.read(TRANSACTIONS).await["items"][0].clone();
    figures(
        &changed,
        &[("quantity", "2"), ("price", "12.5"), ("amount", "25")],
    );

    let (_, mut eve) = server.visitor("eve").await;
    let delete = format!("/portfolio/transactions/{}/delete", text(&stored["id"]));
    for path in [&edit, &delete] {
        assert_eq!(eve.get(path).await.status, 404);
        assert_eq!(
            eve.post(path, &trade("buy", "2025-01-03", "2", "10"))
                .await
                .status,
            404
        );
    }
    browser.get(&delete).await.shows("Delete this transaction?");
    browser
        .post(&delete, &[])
        .await
        .leads_to("/portfolio/transactions");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
}
