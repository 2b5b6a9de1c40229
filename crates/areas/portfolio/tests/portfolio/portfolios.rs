use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::json;

use crate::server::{IMPORTS, PORTFOLIOS, Server, TRANSACTIONS, text};

#[tokio::test]
async fn a_portfolio_is_opened_listed_renamed_and_shown() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let body = json!({ "name": "  Old age ", "currency": "chf", "cost_basis": "average", "tracks_cash": false });
    let opened = ann
        .api
        .call(Method::POST, PORTFOLIOS, Some(body))
        .await
        .json_of(201);
    assert_eq!(opened["name"], "Old age");
    assert_eq!(opened["currency"], "CHF");
    assert_eq!(opened["cost_basis"], "average");
    assert_eq!(opened["tracks_cash"], false);
    assert_eq!(opened["is_simulated"], false);
    assert_eq!(
        opened["created_at"].as_str().map(|at| at.starts_with("20")),
        Some(true)
    );
    ann.open("house", "EUR").await;

    let names: Vec<String> = ann
        .api
        .read(PORTFOLIOS)
        .await
        .as_array()
        .expect("a list")
        .iter()
        .map(|portfolio| text(&portfolio["name"]))
        .collect();
    assert_eq!(names, ["house", "Old age"], "by name, whatever the case");

    let path = format!("{PORTFOLIOS}/{}", text(&opened["id"]));
    let change = json!({ "name": "Pension", "currency": "CHF" });
    let changed = ann
        .api
        .call(Method::PUT, &path, Some(change))
        .await
        .json_of(200);
    assert_eq!(
        changed["cost_basis"], "fifo",
        "what a PUT leaves out takes its default"
    );
    assert_eq!(ann.api.read(&path).await["name"], "Pension");
    assert_eq!(server.rows_of(&ann, "portfolio.portfolios").await, 2);
}

#[tokio::test]
async fn what_is_no_portfolio_is_refused_by_field() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let long = "x".repeat(101);
    let cases = [
        (json!({ "name": " ", "currency": "EUR" }), vec!["name"]),
        (json!({ "name": long, "currency": "EUR" }), vec!["name"]),
        (
            json!({ "name": "a\u{0}b", "currency": "EUR" }),
            vec!["name"],
        ),
        (json!({ "name": "a\nb", "currency": "EUR" }), vec!["name"]),
        (
            json!({ "name": "Cash", "currency": "QQQ!" }),
            vec!["currency"],
        ),
        (
            json!({ "name": "", "currency": "" }),
            vec!["name", "currency"],
        ),
        (
            json!({ "name": "Cash", "currency": "EUR", "cost_basis": "lucky" }),
            vec![""],
        ),
        (
            json!({ "name": "Cash", "currency": "EUR", "owner": "me" }),
            vec![""],
        ),
        (json!({ "currency": "EUR" }), vec![""]),
    ];
    for (body, pointers) in cases {
        let refused = ann
            .api
            .call(Method::POST, PORTFOLIOS, Some(body.clone()))
            .await;
        let problem = refused.refused(422, "invalid-input");
        let found: Vec<&str> = problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| error["pointer"].as_str().expect("a pointer"))
            .collect();
        assert_eq!(found, pointers, "{body}");
    }
    assert_eq!(server.count("portfolio.portfolios").await, 0);
}

#[tokio::test]
async fn a_name_is_taken_once_by_each_person() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    ann.open("Old age", "EUR").await;
    let house = ann.open("House", "EUR").await;
    let same = json!({ "name": "OLD AGE", "currency": "USD" });
    let refused = ann
        .api
        .call(Method::POST, PORTFOLIOS, Some(same.clone()))
        .await;
    let problem = refused.refused(409, "portfolio-name-taken");
    assert!(text(&problem["detail"]).contains("OLD AGE"), "{problem}");
    let path = format!("{PORTFOLIOS}/{house}");
    ann.api
        .call(Method::PUT, &path, Some(same))
        .await
        .refused(409, "portfolio-name-taken");
    assert_eq!(server.rows_of(&ann, "portfolio.portfolios").await, 2);
    bob.open("Old age", "EUR").await;
}

#[tokio::test]
async fn a_repeated_request_opens_one_portfolio() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    let request = |who: &crate::server::Person, key: &str, name: &str| {
        who.api
            .request(Method::POST, PORTFOLIOS)
            .header("idempotency-key", key)
            .body(Body::from(
                json!({ "name": name, "currency": "EUR" }).to_string(),
            ))
            .expect("request")
    };
    let first = ann.api.send(request(&ann, "k1", "Old age")).await;
    let again = ann.api.send(request(&ann, "k1", "Old age")).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(server.rows_of(&ann, "portfolio.portfolios").await, 1);

    let other = ann.api.send(request(&ann, "k1", "House")).await;
    other.refused(422, "idempotency-key-reused");
    // Without the key it is a second attempt, and with another key too.
    ann.api
        .send(request(&ann, "k2", "Old age"))
        .await
        .refused(409, "portfolio-name-taken");
    assert_eq!(server.rows_of(&ann, "portfolio.portfolios").await, 1);
    // A refusal does not use the key up.
    ann.api
        .send(request(&ann, "k2", "House"))
        .await
        .json_of(201);
    // Keys belong to a person.
    let of_bob = bob
        .api
        .send(request(&bob, "k1", "Old age"))
        .await
        .json_of(201);
    assert_ne!(of_bob["id"], first.json()["id"]);
    let empty = ann.api.send(request(&ann, "", "Empty")).await;
    empty.refused(400, "unreadable-request");
}

#[tokio::test]
async fn an_edit_of_an_old_version_is_refused() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let path = format!("{PORTFOLIOS}/{}", ann.open("Old age", "EUR").await);
    let seen = ann
        .api
        .call(Method::GET, &path, None)
        .await
        .header("etag")
        .to_owned();
    let edit = |name: &str, version: &str| {
        ann.api
            .request(Method::PUT, &path)
            .header(header::IF_MATCH, version)
            .body(Body::from(
                json!({ "name": name, "currency": "EUR" }).to_string(),
            ))
            .expect("request")
    };
    let (first, second, blind) = (
        edit("Pension", &seen),
        edit("Rent", &seen),
        edit("Rent", "*"),
    );
    let garbled = edit("Rent", "yesterday");
    let changed = ann.api.send(first).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), seen);
    ann.api.send(second).await.refused(412, "changed-meanwhile");
    assert_eq!(ann.api.read(&path).await["name"], "Pension");
    ann.api
        .send(garbled)
        .await
        .refused(400, "unreadable-request");
    assert_eq!(ann.api.send(blind).await.status, 200);
}

#[tokio::test]
async fn a_portfolio_goes_with_all_that_is_in_it_and_nothing_else() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    let doomed = ann.open("Doomed", "EUR").await;
    let kept = ann.open("Kept", "EUR").await;
    let of_bob = bob.open("Doomed", "EUR").await;
    let file = "date,type,amount,currency\n2025-01-02,deposit,100,EUR\n2025-01-03,deposit,50,EUR\n";
    for (person, portfolio) in [(&mut ann, &doomed), (&mut bob, &of_bob)] {
        person.import(portfolio, file).await;
    }
    ann.import(&kept, file).await;
    ann.try_import(&doomed, "&preview=true", file.as_bytes())
        .await
        .json_of(201);
    let before = server.dump(&bob, "portfolio.transactions").await;

    let path = format!("{PORTFOLIOS}/{doomed}");
    bob.api
        .call(Method::DELETE, &path, None)
        .await
        .refused(404, "not-found");
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    ann.api
        .call(Method::DELETE, &path, None)
        .await
        .refused(404, "not-found");
    ann.api
        .call(Method::GET, &path, None)
        .await
        .refused(404, "not-found");
    assert_eq!(server.rows_of(&ann, "portfolio.portfolios").await, 1);
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 2);
    assert_eq!(server.rows_of(&ann, "portfolio.imports").await, 1);
    assert_eq!(server.dump(&bob, "portfolio.transactions").await, before);
    assert_eq!(
        ann.api.read(TRANSACTIONS).await["items"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(
        ann.api.read(IMPORTS).await["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn the_pages_do_the_same() {
    let server = Server::start().await;
    let (ann, mut browser) = server.visitor("ann").await;
    browser
        .get("/portfolio/portfolios")
        .await
        .shows("No portfolio yet");
    let new = browser.get("/portfolio/portfolios/new").await;
    new.shows("value=\"EUR\"");

    let fields = [
        ("name", "Old <age>"),
        ("currency", "eur"),
        ("cost_basis", "average"),
    ];
    let opened = browser.post("/portfolio/portfolios/new", &fields).await;
    let id = opened.leads_below("/portfolio/imports/new?portfolio=");
    let row = server.dump(&ann, "portfolio.portfolios").await;
    assert!(
        row.contains("EUR") && row.contains("average") && row.contains("Old <age>"),
        "{row}"
    );
    assert!(row.contains(",f,f,"), "neither cash nor sample: {row}");
    browser
        .get("/portfolio/portfolios")
        .await
        .shows("Old &lt;age&gt;");

    let taken = browser.post("/portfolio/portfolios/new", &fields).await;
    assert_eq!(taken.status, 422);
    taken.shows("You have a portfolio of this name already.");
    let wrong = browser
        .post(
            "/portfolio/portfolios/new",
            &[("name", "B"), ("currency", "?")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    wrong.shows("value=\"B\"");

    let edit = format!("/portfolio/portfolios/{id}/edit");
    browser.get(&edit).await.shows("Old &lt;age&gt;");
    let fields = [
        ("name", "Pension"),
        ("currency", "EUR"),
        ("cost_basis", "fifo"),
        ("tracks_cash", "on"),
    ];
    browser
        .post(&edit, &fields)
        .await
        .leads_to("/portfolio/portfolios");
    browser.get("/portfolio/portfolios").await.shows("Pension");

    let (_, mut eve) = server.visitor("eve").await;
    let delete = format!("/portfolio/portfolios/{id}/delete");
    for path in [&edit, &delete] {
        assert_eq!(eve.get(path).await.status, 404);
        assert_eq!(eve.post(path, &fields).await.status, 404);
    }
    browser
        .get(&delete)
        .await
        .shows("with all its transactions and imports");
    browser
        .post(&delete, &[])
        .await
        .leads_to("/portfolio/portfolios");
    assert_eq!(server.rows_of(&ann, "portfolio.portfolios").await, 0);
}
