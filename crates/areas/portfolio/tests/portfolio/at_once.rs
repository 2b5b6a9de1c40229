//! The same thing asked for several times at once happens once.

use axum::{body::Body, http::Method};
use serde_json::json;
use testkit::Answer;
use tokio::task::JoinSet;

use crate::server::{IMPORTS, PORTFOLIOS, Person, Server, TRANSACTIONS, text};

/// Sends one request from several connections at the same time; answers by status.
async fn together(
    person: &Person,
    method: &Method,
    path: &str,
    body: &str,
    key: &str,
) -> Vec<Answer> {
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let mut api = person.api.clone();
        let request = api
            .request(method.clone(), path)
            .header("idempotency-key", key)
            .body(Body::from(body.to_owned()))
            .expect("request");
        calls.spawn(async move { api.send(request).await });
    }
    let mut answers = calls.join_all().await;
    answers.sort_by_key(|answer| answer.status);
    answers
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_records_one_transaction_and_all_get_the_same_answer() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let body = json!({ "portfolio_id": portfolio, "type": "deposit", "date": "2025-01-02", "amount": "5" });
    let answers = together(&ann, &Method::POST, TRANSACTIONS, &body.to_string(), "once").await;
    assert_eq!(statuses(&answers), [201; 6]);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_is_confirmed_once_and_undone_once() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let file = b"date,type,amount,currency\n2025-01-02,deposit,1,EUR\n2025-01-03,deposit,2,EUR\n";
    let preview = ann
        .try_import(&portfolio, "&preview=true", file)
        .await
        .json_of(201);
    let path = format!("{IMPORTS}/{}", text(&preview["id"]));
    let answers = together(&ann, &Method::POST, &format!("{path}/confirm"), "", "x").await;
    assert_eq!(statuses(&answers), [200, 409, 409, 409, 409, 409]);
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 2);
    let answers = together(&ann, &Method::DELETE, &path, "", "x").await;
    assert_eq!(statuses(&answers), [200, 409, 409, 409, 409, 409]);
    assert_eq!(answers[0].json()["removed"], 2);
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
}

/// The same file from several programs: whoever comes first adds, the others find it there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_is_sent_several_times_at_once_adds_its_rows_once() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let file = "date,type,symbol,quantity,price,currency\n\
                2025-01-02,buy,ACME,1,10,EUR\n\
                2025-01-02,buy,ACME,1,10,EUR\n\
                2025-01-03,buy,OTHER,1,10,EUR\n";
    let path = format!("{IMPORTS}?portfolio_id={portfolio}");
    let answers = together(&ann, &Method::POST, &path, file, "x").await;
    assert_eq!(statuses(&answers), [200; 6], "{:?}", answers.last());
    let sum = |key: &str| -> u64 {
        answers
            .iter()
            .map(|answer| answer.json()[key].as_u64().expect("a count"))
            .sum()
    };
    assert_eq!((sum("imported"), sum("duplicates")), (3, 15));
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 3);
    assert_eq!(server.count("market.instruments").await, 2);
}

/// Several edits of one version: one is made, the others are told.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_edits_of_one_version_one_is_made() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let deposit = json!({ "type": "deposit", "date": "2025-01-02", "amount": "5" });
    let stored = ann.record(&portfolio, deposit.clone()).await;
    let of_transaction = |n: u32| {
        let mut body = deposit.clone();
        body["portfolio_id"] = json!(portfolio);
        body["amount"] = json!(n.to_string());
        body
    };
    let of_portfolio = |n: u32| json!({ "name": format!("Name {n}"), "currency": "EUR" });
    let edits: [(String, &dyn Fn(u32) -> serde_json::Value); 2] = [
        (
            format!("{TRANSACTIONS}/{}", text(&stored["id"])),
            &of_transaction,
        ),
        (format!("{PORTFOLIOS}/{portfolio}"), &of_portfolio),
    ];
    for (path, body) in edits {
        let seen = ann.api.call(Method::GET, &path, None).await;
        let mut calls = JoinSet::new();
        for n in 1..=6 {
            let mut api = ann.api.clone();
            let request = api
                .request(Method::PUT, &path)
                .header("if-match", seen.header("etag"))
                .body(Body::from(body(n).to_string()))
                .expect("request");
            calls.spawn(async move { api.send(request).await });
        }
        let mut answers = calls.join_all().await;
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(statuses(&answers), [200, 412, 412, 412, 412, 412], "{path}");
        assert_eq!(ann.api.read(&path).await, answers[0].json());
    }
}

/// Two sales of all that is held: one finds nothing left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_held_is_sold_once() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let buy = json!({ "type": "buy", "date": "2025-01-02", "symbol": "ACME", "quantity": "5", "price": "1" });
    ann.record(&portfolio, buy).await;
    let mut calls = JoinSet::new();
    for price in 1..=4 {
        let mut api = ann.api.clone();
        let body = json!({ "portfolio_id": portfolio, "type": "sell", "date": "2025-01-03", "symbol": "ACME", "quantity": "5", "price": price.to_string() });
        calls.spawn(async move { api.call(Method::POST, TRANSACTIONS, Some(body)).await });
    }
    let mut answers = calls.join_all().await;
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(statuses(&answers), [201, 422, 422, 422]);
    assert_eq!(
        ann.report(&portfolio, "").await["findings"]
            .as_array()
            .map(|f| f.iter().any(|f| f["code"] == "oversell")),
        Some(false)
    );
}
