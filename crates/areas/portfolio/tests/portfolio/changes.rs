//! Why a past value is another one now.

use axum::http::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::server::{IMPORTS, Server, TRANSACTIONS, decimal, text};

const CHANGES: &str = "/api/v1/portfolio/changes";

fn told(view: &Value) -> Vec<(String, String)> {
    let changes = view["changes"].as_array().expect("changes");
    changes
        .iter()
        .map(|change| (text(&change["kind"]), text(&change["effect"])))
        .collect()
}

fn is(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(kind, effect)| ((*kind).to_owned(), (*effect).to_owned()))
        .collect()
}

#[tokio::test]
async fn everything_behind_a_difference_is_told_with_its_effect() {
    let mut server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let mut bob = server.person("bob").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let deposit = |amount: &str| json!({ "portfolio_id": portfolio, "type": "deposit", "date": "2026-02-01", "amount": amount });
    let given = ann.record(&portfolio, deposit("1000")).await;
    let buy = json!({ "type": "buy", "date": "2026-02-02", "symbol": "ACME", "quantity": "5", "price": "100" });
    ann.record(&portfolio, buy).await;
    let fee = json!({ "type": "fee", "date": "2026-02-02", "amount": "3" });
    let fee = ann.record(&portfolio, fee).await;
    server
        .rewrite(
            "update portfolio.transactions
             set created_at = '2026-02-02T12:00Z', updated_at = '2026-02-02T12:00Z'",
        )
        .await;
    let query = format!("{CHANGES}?portfolio_id={portfolio}&on=2026-02-02");
    let view = ann.api.read(&query).await;
    // The shares at cost, for want of a price.
    assert_eq!(view["value_then"], "997");
    assert_eq!((told(&view), &view["difference"]), (vec![], &json!("0")));

    // 5 shares of 110 instead of 100; a day later matters to nobody.
    server
        .prices(
            "EUR",
            &[("ACME", "2026-02-02", "110"), ("ACME", "2026-02-03", "400")],
        )
        .await;
    let path = format!("{TRANSACTIONS}/{}", text(&given["id"]));
    ann.api
        .call(Method::PUT, &path, Some(deposit("1200")))
        .await
        .json_of(200);
    let file = "date,type,amount,currency\n2026-02-01,deposit,5,EUR\n2026-02-03,deposit,7,EUR\n";
    let import = ann.import(&portfolio, file).await;
    let undo = format!("{IMPORTS}/{}", text(&import["batch_id"]));
    ann.api.call(Method::DELETE, &undo, None).await.json_of(200);
    let path = format!("{TRANSACTIONS}/{}", text(&fee["id"]));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    let restore = format!("{path}/restore");
    ann.api
        .call(Method::POST, &restore, None)
        .await
        .json_of(201);
    // Of a later day: no reason.
    let later = json!({ "type": "deposit", "date": "2026-02-09", "amount": "44" });
    ann.record(&portfolio, later).await;

    let view = ann.api.read(&query).await;
    assert_eq!(
        told(&view),
        is(&[
            ("prices", "50"),
            ("edited", "200"),
            ("imported", "5"),
            ("import_undone", "-5"),
            ("deleted", "3"),
            ("restored", "-3"),
        ]),
        "{view}"
    );
    assert_eq!(view["value_now"], "1247");
    assert_eq!(view["difference"], "250");
    assert_eq!(view["changes"][0]["subject"], "ACME");
    assert_eq!(view["changes"][2]["import"]["id"], import["batch_id"]);
    assert_eq!(view["changes"][1]["transactions"][0]["amount"], "1200");
    let now = ann.report(&portfolio, "?as_of=2026-02-02").await;
    assert_eq!(now["value"], view["value_now"]);

    // A corrected close: 110 becomes 104.
    server
        .rewrite("set session_replication_role = origin; update market.bars_1d set close = 104, low = 104 where at = '2026-02-02'")
        .await;
    assert_eq!(server.count("market.bar_versions").await, 1);
    let view = ann.api.read(&query).await;
    let last = view["changes"].as_array().and_then(|all| all.last());
    assert_eq!(
        last.map(|last| &last["effect"]),
        Some(&json!("-30")),
        "{view}"
    );
    let sum: Decimal = view["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| decimal(&change["effect"]))
        .sum();
    assert_eq!(sum, decimal(&view["difference"]));
    // Between two days of the past nothing happened.
    let quiet = ann
        .api
        .read(&format!(
            "{query}&known_from=2026-02-05&known_to=2026-02-09"
        ))
        .await;
    assert_eq!((told(&quiet), &quiet["difference"]), (vec![], &json!("0")));

    let page = browser
        .get(&format!(
            "/portfolio/changes?portfolio={portfolio}&on=2026-02-02"
        ))
        .await;
    for part in ["Import undone", "Restored", "ACME", "Together", "+€220.00"] {
        page.shows(part);
    }
    browser
        .get("/portfolio/changes?on=2026-02-02&known_from=2026-02-05&known_to=2026-02-06")
        .await
        .shows("Nothing about this day has changed since");
    let backwards = format!("{query}&known_from=2026-02-05&known_to=2026-02-04");
    ann.api
        .call(Method::GET, &backwards, None)
        .await
        .refused(422, "invalid-input");
    bob.api
        .call(Method::GET, &query, None)
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn a_rate_that_came_later_is_a_reason() {
    let mut server = Server::start().await;
    server.rates(&[("EUR", "USD", "2026-02-01", "1.25")]).await;
    server
        .rewrite("update market.fx_rates set observed_at = '2026-02-01T12:00Z'")
        .await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let deposit =
        json!({ "type": "deposit", "date": "2026-02-01", "amount": "1000", "currency": "USD" });
    ann.record(&portfolio, deposit).await;
    server
        .rewrite(
            "update portfolio.transactions
             set created_at = '2026-02-02T12:00Z', updated_at = '2026-02-02T12:00Z'",
        )
        .await;
    // A dollar was 0.80 and became 0.625.
    server.rates(&[("EUR", "USD", "2026-02-02", "1.6")]).await;
    let query = format!("{CHANGES}?portfolio_id={portfolio}&on=2026-02-02");
    let view = ann.api.read(&query).await;
    assert_eq!(
        (&view["value_then"], &view["value_now"]),
        (&json!("800"), &json!("625"))
    );
    assert_eq!(told(&view), is(&[("rates", "-175")]));
    assert_eq!(view["changes"][0]["subject"], "EUR/USD");
}

#[tokio::test]
async fn another_value_of_something_private_is_a_reason() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let home = json!({ "portfolio_id": portfolio, "name": "Flat", "kind": "property",
                       "value": "300", "since": "2026-02-01" });
    let path = "/api/v1/portfolio/private-assets";
    let home = ann
        .api
        .call(Method::POST, path, Some(home))
        .await
        .json_of(201);
    let home = format!("{path}/{}", text(&home["instrument_id"]));
    server
        .rewrite(
            "update portfolio.transactions
             set created_at = '2026-02-02T12:00Z', updated_at = '2026-02-02T12:00Z';
             update portfolio.appraisals set observed_at = '2026-02-02T12:00Z';",
        )
        .await;
    let query = format!("{CHANGES}?portfolio_id={portfolio}&on=2026-02-10");
    let view = ann.api.read(&query).await;
    assert_eq!((&view["value_then"], told(&view)), (&json!("300"), vec![]));

    let day = |date: &str| format!("{home}/appraisals/{date}");
    let mut state = async |date: &str, price: &str| {
        let body = json!({ "price": price });
        ann.api
            .call(Method::PUT, &day(date), Some(body))
            .await
            .json_of(200);
    };
    state("2026-02-05", "500").await;
    state("2026-02-05", "480").await;
    // Of a later day: no reason.
    state("2026-02-11", "900").await;
    let view = ann.api.read(&query).await;
    assert_eq!(
        told(&view),
        is(&[("appraised", "200"), ("appraised", "-20")])
    );
    assert_eq!(view["changes"][0]["subject"], "Flat");
    assert_eq!(view["changes"][0]["source"], "values that you entered");
    let report = ann.report(&portfolio, "?as_of=2026-02-10").await;
    assert_eq!(report["value"], view["value_now"]);
    assert_eq!(view["value_now"], "480");

    let gone = ann.api.call(Method::DELETE, &day("2026-02-05"), None).await;
    assert_eq!(gone.status, 204);
    let view = ann.api.read(&query).await;
    assert_eq!(told(&view)[2], is(&[("appraisal_removed", "-180")])[0]);
    assert_eq!(view["difference"], "0");

    // Deleted, it is still what it was, and its end is told.
    assert_eq!(ann.api.call(Method::DELETE, &home, None).await.status, 204);
    let view = ann.api.read(&query).await;
    assert_eq!(
        (&view["value_then"], &view["value_now"]),
        (&json!("300"), &json!("0"))
    );
    // What was taken back with it came in the same minute, and changed nothing any more.
    assert_eq!(
        told(&view),
        is(&[
            ("appraised", "200"),
            ("appraised", "-20"),
            ("deleted", "-480")
        ])
    );
    assert_eq!(view["changes"][2]["transactions"][0]["symbol"], "Flat");
    let page = browser
        .get(&format!(
            "/portfolio/changes?on=2026-02-10&portfolio={portfolio}"
        ))
        .await;
    for words in ["Value stated", "Flat", "Deleted"] {
        page.shows(words);
    }
}
