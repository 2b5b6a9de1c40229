//! Nothing changes silently: former versions are kept by the database, shown, brought back, and the
//! past can be seen as it was known.

use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{
    DASHBOARD, HOLDINGS, IMPORTS, PORTFOLIOS, Person, Server, TRANSACTIONS, holding, text,
};

const DELETED: &str = "/api/v1/portfolio/deleted-transactions";

async fn edit(person: &mut Person, transaction: &Value, portfolio: &str, mut body: Value) -> Value {
    body["portfolio_id"] = json!(portfolio);
    let path = format!("{TRANSACTIONS}/{}", text(&transaction["id"]));
    person
        .api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200)
}

async fn versions(person: &mut Person, transaction: &Value) -> Value {
    let path = format!("{TRANSACTIONS}/{}/versions", text(&transaction["id"]));
    person.api.read(&path).await
}

#[tokio::test]
async fn edits_and_deletions_keep_what_was_there_and_a_deletion_is_taken_back() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let mut bob = server.person("bob").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let deposit = json!({ "type": "deposit", "date": "2026-02-02", "amount": "1000" });
    let recorded = ann.record(&portfolio, deposit).await;
    let id = text(&recorded["id"]);
    assert_eq!(
        versions(&mut ann, &recorded).await["versions"][1],
        Value::Null
    );

    let edited =
        json!({ "type": "deposit", "date": "2026-02-03", "amount": "900", "note": "bonus" });
    edit(&mut ann, &recorded, &portfolio, edited).await;
    let history = versions(&mut ann, &recorded).await;
    assert_eq!(history["is_deleted"], false);
    assert_eq!(history["versions"][0]["version"], 2);
    assert_eq!(history["versions"][0]["ended"], Value::Null);
    let former = &history["versions"][1];
    assert_eq!(former["version"], 1);
    assert_eq!(former["transaction"]["amount"], "1000");
    assert_eq!(former["ended"]["operation"], "update");
    assert_eq!(former["ended"]["cause"], "by_hand");
    assert_eq!(former["ended"]["changed_by"], ann.id.to_string());
    assert_eq!(
        former["ended"]["changes"],
        json!([
            { "field": "amount", "from": "1000", "to": "900" },
            { "field": "date", "from": "2026-02-02", "to": "2026-02-03" },
            { "field": "note", "from": null, "to": "bonus" },
        ])
    );

    let path = format!("{TRANSACTIONS}/{id}");
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(
        server.rows_of(&ann, "portfolio.transaction_versions").await,
        2
    );
    let deleted = ann.api.read(DELETED).await;
    assert_eq!(deleted["items"][0]["transaction"]["id"], id.as_str());
    assert_eq!(deleted["items"][0]["cause"], "by_hand");
    assert_eq!(deleted["items"][1], Value::Null);
    assert_eq!(versions(&mut ann, &recorded).await["is_deleted"], true);
    assert_eq!(ann.report(&portfolio, "").await["value"], "0");

    // Bob can neither see nor take it.
    assert_eq!(bob.api.read(DELETED).await["items"], json!([]));
    let (history, restore) = (format!("{path}/versions"), format!("{path}/restore"));
    bob.api
        .call(Method::GET, &history, None)
        .await
        .refused(404, "not-found");
    bob.api
        .call(Method::POST, &restore, None)
        .await
        .refused(404, "not-found");

    let page = browser.get("/portfolio/transactions/deleted").await;
    page.shows("Restore");
    page.shows("by hand");
    let page = browser
        .get(&format!("/portfolio/transactions/{id}/history"))
        .await;
    for part in [
        "Deleted", "Edited", "Recorded", "amount", "1000", "900", "bonus", "you",
    ] {
        page.shows(part);
    }
    let to = format!("/portfolio/transactions/{id}/history");
    browser
        .post(&format!("/portfolio/transactions/{id}/restore"), &[])
        .await
        .leads_to(&to);
    let restored = ann.api.read(&path).await;
    assert_eq!(restored["version"], 3);
    assert_eq!(
        (&restored["amount"], &restored["note"]),
        (&json!("900"), &json!("bonus"))
    );
    assert_eq!(ann.report(&portfolio, "").await["value"], "900");
    assert_eq!(ann.api.read(DELETED).await["items"], json!([]));
    browser.get(&to).await.shows("Restored");
    browser
        .get("/portfolio/transactions/deleted")
        .await
        .shows("Nothing is deleted");
    // What is there cannot be brought back.
    ann.api
        .call(Method::POST, &restore, None)
        .await
        .refused(404, "not-found");

    // With its portfolio the history goes.
    let portfolio = format!("{PORTFOLIOS}/{portfolio}");
    assert_eq!(
        ann.api.call(Method::DELETE, &portfolio, None).await.status,
        204
    );
    assert_eq!(
        server.rows_of(&ann, "portfolio.transaction_versions").await,
        0
    );
    ann.api
        .call(Method::GET, &history, None)
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn an_undone_import_and_the_other_side_of_a_transfer_say_why() {
    let mut server = Server::start().await;
    server.prices("EUR", &[("ACME", "2026-02-02", "10")]).await;
    let mut ann = server.person("ann").await;
    let from = ann.open("From", "EUR").await;
    let to = ann.open("To", "EUR").await;
    let file = "date,type,amount,currency\n2026-02-01,deposit,500,EUR\n";
    let import = ann.import(&from, file).await;
    let undo = format!("{IMPORTS}/{}", text(&import["batch_id"]));
    ann.api.call(Method::DELETE, &undo, None).await.json_of(200);
    let deleted = ann.api.read(DELETED).await;
    assert_eq!(deleted["items"][0]["cause"], "import_undo");
    let undone = text(&deleted["items"][0]["transaction"]["id"]);
    // The same booking came in again: both would be there twice.
    ann.import(&from, file).await;
    let restore = format!("{TRANSACTIONS}/{undone}/restore");
    ann.api
        .call(Method::POST, &restore, None)
        .await
        .refused(409, "booked-again");

    let buy = json!({ "type": "buy", "date": "2026-02-02", "symbol": "ACME", "quantity": "5", "price": "10" });
    ann.record(&from, buy).await;
    let out = json!({ "type": "transfer_out", "date": "2026-02-03", "symbol": "ACME", "quantity": "5", "other_portfolio_id": to });
    let out = ann.record(&from, out).await;
    let path = format!("{TRANSACTIONS}/{}", text(&out["id"]));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    let query = |portfolio: &str| format!("{DELETED}?portfolio_id={portfolio}");
    let mine = ann.api.read(&query(&from)).await;
    assert_eq!(mine["items"][0]["cause"], "by_hand");
    let other = ann.api.read(&query(&to)).await;
    assert_eq!(other["items"][0]["cause"], "transfer");
    // Both sides come back, whichever is asked for.
    let side = text(&other["items"][0]["transaction"]["id"]);
    let restore = format!("{TRANSACTIONS}/{side}/restore");
    ann.api
        .call(Method::POST, &restore, None)
        .await
        .json_of(201);
    assert_eq!(holding(&ann.report(&to, "").await, "ACME")["quantity"], "5");
    assert_eq!(ann.report(&from, "").await["holdings"], json!([]));
}

/// Recorded on the fifth, edited on the tenth, deleted on the twentieth.
#[tokio::test]
async fn a_portfolio_is_shown_as_it_was_known_on_a_day() {
    let mut server = Server::start().await;
    server.prices("EUR", &[("ACME", "2026-02-02", "10")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let buy = |quantity: &str| json!({ "type": "buy", "date": "2026-02-02", "symbol": "ACME", "quantity": quantity, "price": "10" });
    let deposit = json!({ "type": "deposit", "date": "2026-02-01", "amount": "1000" });
    ann.record(&portfolio, deposit).await;
    let bought = ann.record(&portfolio, buy("5")).await;
    edit(&mut ann, &bought, &portfolio, buy("7")).await;
    let path = format!("{TRANSACTIONS}/{}", text(&bought["id"]));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    server
        .rewrite(
            "update portfolio.transactions
             set created_at = '2026-02-05T09:00Z', updated_at = '2026-02-05T09:00Z';
             update portfolio.transaction_versions
             set known_from = case version when 1 then timestamptz '2026-02-05T09:00Z'
                              else '2026-02-10T23:59Z' end,
                 changed_at = case version when 1 then timestamptz '2026-02-10T23:59Z'
                              else '2026-02-20T09:00Z' end;",
        )
        .await;
    for (day, cash, shares) in [
        ("2026-02-04", "0", None),
        ("2026-02-05", "950", Some("5")),
        ("2026-02-09", "950", Some("5")),
        ("2026-02-10", "930", Some("7")),
        ("2026-02-19", "930", Some("7")),
        ("2026-02-20", "1000", None),
    ] {
        let query = format!("?known_on={day}");
        let report = ann.report(&portfolio, &query).await;
        assert_eq!(report["known_on"], day);
        assert_eq!(report["totals"]["cash"], cash, "{day}: {report}");
        let dashboard = ann.api.read(&format!("{DASHBOARD}{query}")).await;
        assert_eq!(dashboard["totals"]["cash"], cash, "{day}");
        assert_eq!(dashboard["known_on"], day);
        let held = ann.api.read(&format!("{HOLDINGS}{query}")).await;
        assert_eq!(held[0]["quantity"].as_str(), shares, "{day}: {held}");
    }
    let now = ann.report(&portfolio, "").await;
    assert_eq!(now["totals"]["cash"], "1000");
    assert_eq!(now["known_on"], Value::Null);
    for path in ["/", "/portfolio/holdings"] {
        let page = browser.get(&format!("{path}?known_on=2026-02-10")).await;
        page.shows("As known on 2026-02-10.");
        page.shows("Why is it different?");
        browser.get(path).await.hides("As known on 2026");
    }
    browser
        .get("/portfolio/holdings?known_on=2026-02-10")
        .await
        .shows("ACME");
    as_of_then_leads_to_what_was_then(&mut ann, &mut browser, (&portfolio, &bought)).await;
    let nonsense = format!("{DASHBOARD}?known_on=yesterday");
    assert_eq!(ann.api.call(Method::GET, &nonsense, None).await.status, 422);
}

/// Pages of the tenth lead to the history of the purchase, whose form is gone, and offer nothing that
/// only today's page can do.
async fn as_of_then_leads_to_what_was_then(
    ann: &mut Person,
    browser: &mut testkit::Browser,
    (portfolio, bought): (&str, &Value),
) {
    let id = text(&bought["id"]);
    let form = format!("/portfolio/transactions/{id}/edit");
    let history = format!("/portfolio/transactions/{id}/history?known_on=2026-02-10");
    let instrument = text(&bought["instrument_id"]);
    let trail = format!("figure=holding_cost&instrument_id={instrument}&known_on=2026-02-10");
    for page in [
        format!("/portfolio/cash/{portfolio}/EUR?year=all&known_on=2026-02-10"),
        format!("/portfolio/trail?{trail}"),
        format!("/portfolio/holdings/{instrument}?known_on=2026-02-10"),
    ] {
        let page = browser.get(&page).await;
        page.shows(&history);
        page.hides(&form);
    }
    let trail = ann
        .api
        .read(&format!("/api/v1/portfolio/trail?{trail}"))
        .await;
    assert_eq!(trail["inputs"][0]["href"], history.as_str());
    browser.get(&form).await.shows("404");
    let then = browser.get(&history).await;
    then.shows("As it was then");
    then.hides(&form);
    then.hides("Restore");

    // Deleted on the twentieth: shown as such, to be restored only on the page of today.
    let deleted = "/portfolio/transactions/deleted";
    let then = browser.get(&format!("{deleted}?known_on=2026-02-20")).await;
    let history = format!("/portfolio/transactions/{id}/history?known_on=2026-02-20");
    then.shows(&history);
    then.hides("Restore");
    let page = browser.get(&history).await;
    page.shows("deleted then");
    page.hides("Restore");
    browser.get(deleted).await.shows("Restore");
}
