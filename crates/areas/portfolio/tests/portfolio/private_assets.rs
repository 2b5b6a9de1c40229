use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

use crate::server::{
    DASHBOARD, HOLDINGS, Person, Server, TRANSACTIONS, decimal, figures, holding, text,
};

const PRIVATE: &str = "/api/v1/portfolio/private-assets";
const ALLOCATION: &str = "/api/v1/portfolio/allocation";

fn flat(portfolio: &str) -> Value {
    json!({
        "portfolio_id": portfolio, "name": " Flat in Lisbon ", "kind": "property",
        "value": "350000", "since": "2025-01-02", "cost": "200000", "note": "third floor",
    })
}

async fn add(person: &mut Person, body: Value) -> Value {
    person
        .api
        .call(Method::POST, PRIVATE, Some(body))
        .await
        .json_of(201)
}

fn of(asset: &Value) -> String {
    format!("{PRIVATE}/{}", text(&asset["instrument_id"]))
}

#[tokio::test]
async fn a_home_and_its_mortgage_make_a_net_worth() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let home = add(&mut ann, flat(&portfolio)).await;
    assert_eq!(home["name"], "Flat in Lisbon");
    assert_eq!(home["currency"], "EUR", "the portfolio's");
    // The cost is the value of the first day, the value that of today.
    assert_eq!(
        home["appraisals"],
        json!({ "items": [{ "date": "2026-03-02", "price": "350000" }, { "date": "2025-01-02", "price": "200000" }] })
    );
    let debt = json!({
        "portfolio_id": portfolio, "name": "Mortgage", "kind": "liability", "currency": "EUR",
        "value": "150000", "since": "2025-01-02",
    });
    let debt = add(&mut ann, debt).await;

    let report = ann.report(&portfolio, "").await;
    let held = holding(&report, "Flat in Lisbon");
    figures(
        held,
        &[
            ("quantity", "1"),
            ("value", "350000"),
            ("cost_basis", "200000"),
            ("unrealized_gain", "150000"),
            ("price_on", "2026-03-02"),
        ],
    );
    assert_eq!(held["name"], "Property");
    figures(
        holding(&report, "Mortgage"),
        &[("quantity", "-1"), ("value", "-150000")],
    );
    assert_eq!(report["value"], "200000");

    let divided = ann.api.read(ALLOCATION).await;
    figures(
        &divided["worth"],
        &[
            ("assets", "350000"),
            ("liabilities", "150000"),
            ("net_worth", "200000"),
        ],
    );
    let parts: Vec<(&str, &str)> = divided["slices"]
        .as_array()
        .expect("parts")
        .iter()
        .map(|s| {
            (
                s["label"].as_str().expect("label"),
                s["value"].as_str().expect("value"),
            )
        })
        .collect();
    assert_eq!(parts, [("Alternative", "350000"), ("Liability", "-150000")]);

    // A new value counts at once, and taking it back does too.
    let path = format!("{}/appraisals/2026-02-20", of(&debt));
    let stated = ann
        .api
        .call(Method::PUT, &path, Some(json!({ "price": "140000" })))
        .await
        .json_of(200);
    assert_eq!(stated, json!({ "date": "2026-02-20", "price": "140000" }));
    assert_eq!(ann.report(&portfolio, "").await["value"], "210000");
    ann.api
        .call(Method::PUT, &path, Some(json!({ "price": "139000" })))
        .await
        .json_of(200);
    assert_eq!(ann.report(&portfolio, "").await["value"], "211000");
    assert_eq!(server.rows_of(&ann, "portfolio.appraisals").await, 4);
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    ann.api
        .call(Method::DELETE, &path, None)
        .await
        .refused(404, "not-found");
    assert_eq!(ann.report(&portfolio, "").await["value"], "200000");
    let dashboard = ann.api.read(DASHBOARD).await;
    assert_eq!(dashboard["totals"]["value"], "200000");
    // What came in is no gain: only the rise of the flat in the last year is.
    let movers = dashboard["movers"].as_array().expect("movers");
    let found: Vec<(&Value, &Value)> = movers.iter().map(|m| (&m["symbol"], &m["gain"])).collect();
    assert_eq!(found, [(&json!("Flat in Lisbon"), &json!(150_000.0))]);
}

/// What is paid back lowers the debt and the money alike, so it is neither a gain nor income.
#[tokio::test]
async fn a_debt_that_is_paid_back_is_no_gain() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let debt = json!({
        "portfolio_id": portfolio, "name": "Mortgage", "kind": "liability", "currency": "EUR",
        "value": "150000", "since": "2025-01-02", "valued_on": "2025-01-02",
    });
    let debt = add(&mut ann, debt).await;
    let cash = json!({ "type": "deposit", "date": "2025-01-03", "amount": "20000" });
    ann.record(&portfolio, cash).await;

    let page = of(&debt).replace("/api/v1", "");
    let link = "/portfolio/transactions/new?type=return_of_capital&symbol=Mortgage";
    let shown = browser.get(&page).await;
    shown.shows(&link.replace('&', "&amp;"));
    browser.get(link).await.shows("value=\"Mortgage\"");
    let repayment = [
        ("portfolio_id", portfolio.as_str()),
        ("type", "return_of_capital"),
        ("date", "2025-07-01"),
        ("symbol", "Mortgage"),
        ("amount", "-12000"),
        ("version", ""),
    ];
    browser
        .post("/portfolio/transactions/new", &repayment)
        .await
        .leads_to("/portfolio/transactions");
    let path = format!("{}/appraisals/2025-07-01", of(&debt));
    ann.api
        .call(Method::PUT, &path, Some(json!({ "price": "138000" })))
        .await
        .json_of(200);

    let report = ann.report(&portfolio, "").await;
    assert_eq!(report["value"], "-130000", "8,000 in cash less the debt");
    figures(
        holding(&report, "Mortgage"),
        &[
            ("quantity", "-1"),
            ("value", "-138000"),
            ("cost_basis", "-138000"),
            ("unrealized_gain", "0"),
            ("realized_gain", "0"),
        ],
    );
    let income = ann.api.read("/api/v1/portfolio/income").await;
    assert_eq!(income["totals"]["return_of_capital"], "0", "{income}");
    assert_eq!(income["payments"], json!([]));
}

/// A value is not stated every week, and no file of prices helps.
#[tokio::test]
async fn a_value_is_old_after_a_year_and_the_finding_says_where_to_state_it() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let flat = |name: &str, valued_on: &str| {
        json!({
            "portfolio_id": portfolio, "name": name, "kind": "property", "currency": "EUR",
            "value": "350000", "since": "2024-06-01", "cost": "350000", "valued_on": valued_on,
        })
    };
    add(&mut ann, flat("Flat of spring", "2025-04-01")).await;
    add(&mut ann, flat("Flat of winter", "2024-12-01")).await;
    let health = ann.api.read("/api/v1/portfolio/health").await;
    let findings = health["findings"].as_array().expect("findings");
    let [only] = findings.as_slice() else {
        panic!("{health}");
    };
    assert_eq!(only["code"], "stale_price");
    assert_eq!(
        only["message"],
        "The last value of Flat of winter is 456 days old: it is of 2024-12-01 and is used for 2026-03-02."
    );
    assert_eq!(only["remedy"], "State its value on its page.");
}

#[tokio::test]
async fn words_and_values_stay_with_their_owner() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    let portfolio = ann.open("Home", "EUR").await;
    let of_bob = bob.open("Own", "EUR").await;
    let home = add(&mut ann, flat(&portfolio)).await;
    let id = text(&home["instrument_id"]);

    // No word of it is in the shared table.
    assert_eq!(
        server
            .count(&format!(
                "market.instruments i where i.is_private and i.id = '{id}'
                 and i.name = '' and i.sector is null and i::text not ilike '%lisbon%'"
            ))
            .await,
        1
    );
    for person in [&mut ann, &mut bob] {
        let path = format!("/api/v1/market/instruments/{id}");
        person
            .api
            .call(Method::GET, &path, None)
            .await
            .refused(404, "not-found");
        let bars = format!("/api/v1/market/instruments/{id}/bars");
        assert_eq!(person.api.call(Method::GET, &bars, None).await.status, 404);
        let found = person
            .api
            .read("/api/v1/market/instruments?q=PRIVATE")
            .await;
        assert_eq!(found["items"], json!([]));
    }
    let details = json!({ "name": "Mine", "kind": "property" });
    for (method, path, body) in [
        (Method::GET, of(&home), None),
        (Method::PUT, of(&home), Some(details)),
        (Method::DELETE, of(&home), None),
        (
            Method::PUT,
            format!("{}/appraisals/2026-01-01", of(&home)),
            Some(json!({ "price": "1" })),
        ),
        (
            Method::DELETE,
            format!("{}/appraisals/2025-01-02", of(&home)),
            None,
        ),
    ] {
        bob.api
            .call(method, &path, body)
            .await
            .refused(404, "not-found");
    }
    assert_eq!(bob.api.read(PRIVATE).await, json!([]));

    // Bob can neither book it nor record something in Ann's portfolio.
    let booking = json!({ "type": "transfer_in", "date": "2026-01-05", "instrument_id": id, "quantity": "1", "amount": "5" });
    let refused = bob.try_record(&of_bob, booking.clone()).await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["code"],
        "unknown_instrument"
    );
    bob.api
        .call(Method::POST, PRIVATE, Some(flat(&portfolio)))
        .await
        .refused(404, "not-found");
    assert_eq!(server.rows_of(&bob, "portfolio.transactions").await, 0);
    assert_eq!(
        server.count("market.instruments where is_private").await,
        1,
        "a refusal leaves no handle"
    );
    // Ann may, by id and by its name, which never becomes an instrument of everybody.
    ann.record(&portfolio, booking).await;
    ann.record(
        &portfolio,
        json!({ "type": "transfer_out", "date": "2026-01-06", "symbol": "flat in lisbon", "quantity": "1" }),
    )
    .await;
    assert_eq!(server.count("market.instruments").await, 1);
}

#[tokio::test]
async fn transactions_are_found_and_imported_by_its_name() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    add(&mut ann, flat(&portfolio)).await;
    let found = ann.api.read(&format!("{TRANSACTIONS}?q=LISBON")).await;
    assert_eq!(found["items"][0]["symbol"], "Flat in Lisbon");
    assert_eq!(found["items"][0]["type"], "transfer_in");
    assert_eq!(found["items"][0]["acquired_on"], "2025-01-02");
    let none = ann.api.read(&format!("{TRANSACTIONS}?q=PRIVATE-")).await;
    assert_eq!(none["items"], json!([]), "the handle is shown nowhere");

    // Its name is its symbol in files too, and never becomes an instrument of everybody.
    let path = format!("{TRANSACTIONS}.csv?portfolio_id={portfolio}");
    let csv = ann.api.call(Method::GET, &path, None).await;
    assert!(csv.body.contains("Flat in Lisbon"), "{}", csv.body);
    let file = "date,type,symbol,quantity,price,currency\n2026-02-02,sell,FLAT IN LISBON,0.25,340000,EUR\n";
    let imported = ann.import(&portfolio, file).await;
    assert_eq!(imported["imported"], 1, "{imported}");
    assert_eq!(server.count("market.instruments").await, 1);
    let all = ann.api.read(HOLDINGS).await;
    // A quarter of what cost 200,000 went for 85,000.
    figures(
        &all[0],
        &[
            ("quantity", "0.75"),
            ("value", "262500"),
            ("realized_gain", "35000"),
        ],
    );
}

#[tokio::test]
async fn it_is_renamed_and_deleted() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let home = add(&mut ann, flat(&portfolio)).await;
    let seen = ann.api.call(Method::GET, &of(&home), None).await;
    let version = seen.header("etag").to_owned();
    let edit = |name: &str| {
        ann.api
            .request(Method::PUT, &of(&home))
            .header(header::IF_MATCH, &version)
            .body(Body::from(
                json!({ "name": name, "kind": "other" }).to_string(),
            ))
            .expect("request")
    };
    let (first, second) = (edit("Boat"), edit("Car"));
    assert_eq!(ann.api.send(first).await.json_of(200)["name"], "Boat");
    ann.api.send(second).await.refused(412, "changed-meanwhile");
    let report = ann.report(&portfolio, "").await;
    assert_eq!(holding(&report, "Boat")["name"], "Other asset");
    let owed = json!({ "name": "Boat", "kind": "liability" });
    ann.api
        .call(Method::PUT, &of(&home), Some(owed))
        .await
        .refused(422, "invalid-input");

    let mut second = flat(&portfolio);
    second["name"] = json!("BOAT");
    ann.api
        .call(Method::POST, PRIVATE, Some(second))
        .await
        .refused(409, "private-asset-name-taken");
    assert_eq!(server.count("market.instruments").await, 1);

    let gone = ann.api.call(Method::DELETE, &of(&home), None).await;
    assert_eq!(gone.status, 204);
    for table in ["appraisals", "transactions"] {
        assert_eq!(
            server.rows_of(&ann, &format!("portfolio.{table}")).await,
            0,
            "{table}"
        );
    }
    // It is nowhere any more, and its name is free again.
    assert_eq!(ann.api.read(PRIVATE).await, json!([]));
    assert_eq!(ann.api.read(HOLDINGS).await, json!([]));
    for (method, path, body) in [
        (Method::GET, of(&home), None),
        (Method::DELETE, of(&home), None),
        (
            Method::PUT,
            format!("{}/appraisals/2026-01-01", of(&home)),
            Some(json!({ "price": "1" })),
        ),
    ] {
        ann.api
            .call(method, &path, body)
            .await
            .refused(404, "not-found");
    }
    let by_id = json!({ "type": "transfer_in", "date": "2026-01-05", "instrument_id": home["instrument_id"], "quantity": "1", "amount": "5" });
    ann.try_record(&portfolio, by_id)
        .await
        .refused(422, "invalid-input");
    let mut again = flat(&portfolio);
    again["name"] = json!("Boat");
    add(&mut ann, again).await;
}

/// A house that was stored on the second of February.
async fn stored(server: &Server, ann: &mut Person) -> (String, Value) {
    let portfolio = ann.open("Home", "EUR").await;
    let home = add(ann, flat(&portfolio)).await;
    server
        .rewrite(
            "update portfolio.transactions
             set created_at = '2026-02-02T12:00Z', updated_at = '2026-02-02T12:00Z';
             update portfolio.appraisals set observed_at = '2026-02-02T12:00Z';",
        )
        .await;
    (portfolio, home)
}

#[tokio::test]
async fn what_is_deleted_stays_as_it_was_known_and_can_be_brought_back() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let (portfolio, home) = stored(&server, &mut ann).await;
    let known = "?known_on=2026-02-15";
    let before = ann.report(&portfolio, known).await;
    assert_eq!(before["value"], "350000");
    let path = format!("{}/appraisals/2026-03-02", of(&home));
    let body = json!({ "price": "380000" });
    ann.api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    assert_eq!(ann.report(&portfolio, "").await["value"], "380000");
    assert_eq!(
        ann.report(&portfolio, known).await,
        before,
        "a value that was stated later"
    );

    assert_eq!(
        ann.api.call(Method::DELETE, &of(&home), None).await.status,
        204
    );
    assert_eq!(ann.report(&portfolio, "").await["value"], "0");
    assert_eq!(ann.report(&portfolio, known).await, before);
    holding(&before, "Flat in Lisbon");
    let id = text(&home["instrument_id"]);
    let then = format!("/portfolio/holdings/{id}?known_on=2026-02-15");
    browser.get(&then).await.shows("Flat in Lisbon");
    browser
        .get("/portfolio/private-assets")
        .await
        .shows("Forget with its history");

    // Its transaction is found by its name, and brings it back with its values.
    let deleted = ann.api.read("/api/v1/portfolio/deleted-transactions").await;
    let gone = &deleted["items"][0];
    assert_eq!(gone["transaction"]["symbol"], "Flat in Lisbon", "{deleted}");
    let restore = format!(
        "{TRANSACTIONS}/{}/restore",
        text(&gone["transaction"]["id"])
    );
    ann.api
        .call(Method::POST, &restore, None)
        .await
        .json_of(201);
    assert_eq!(ann.report(&portfolio, "").await["value"], "380000");
    let back = ann.api.read(&of(&home)).await;
    assert_eq!(
        back["appraisals"]["items"].as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn what_is_forgotten_leaves_nothing_behind() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let (_, mut eve) = server.visitor("eve").await;
    let (portfolio, home) = stored(&server, &mut ann).await;
    let page = format!("/portfolio/private-assets/{}", text(&home["instrument_id"]));
    let forget = format!("{page}/forget");
    browser.get(&format!("{page}/delete")).await.shows(&forget);
    browser
        .post(&format!("{page}/delete"), &[])
        .await
        .leads_to("/portfolio/private-assets");
    // Also what is deleted already, and nobody else's.
    assert_eq!(eve.get(&forget).await.status, 404);
    assert_eq!(eve.post(&forget, &[]).await.status, 404);
    browser.get(&forget).await.shows("nothing will tell why");
    browser
        .post(&forget, &[])
        .await
        .leads_to("/portfolio/private-assets");
    for table in [
        "private_assets",
        "appraisals",
        "appraisal_versions",
        "transactions",
        "transaction_versions",
    ] {
        assert_eq!(
            server.rows_of(&ann, &format!("portfolio.{table}")).await,
            0,
            "{table}"
        );
    }
    assert_eq!(server.count("market.instruments").await, 0);
    let report = ann.report(&portfolio, "?known_on=2026-02-15").await;
    assert_eq!(report["value"], "0");

    let home = add(&mut ann, flat(&portfolio)).await;
    let path = format!("{}?forget=true", of(&home));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(server.count("market.instruments").await, 0);
    assert_eq!(
        server.rows_of(&ann, "portfolio.transaction_versions").await,
        0
    );
}

#[tokio::test]
async fn a_repeated_request_records_one() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let request = || {
        ann.api
            .request(Method::POST, PRIVATE)
            .header("idempotency-key", "k1")
            .body(Body::from(flat(&portfolio).to_string()))
            .expect("request")
    };
    let (first, again) = (request(), request());
    let first = ann.api.send(first).await.json_of(201);
    assert_eq!(ann.api.send(again).await.json_of(201), first);
    assert_eq!(server.rows_of(&ann, "portfolio.private_assets").await, 1);
    assert_eq!(server.count("market.instruments").await, 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_field() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let cases = [
        (json!({ "name": " " }), "name"),
        (json!({ "value": "-1" }), "value"),
        (json!({ "value": "1000000000000" }), "value"),
        (json!({ "currency": "QQQ!" }), "currency"),
        (json!({ "since": "2026-03-03" }), "since"),
        (json!({ "since": "1899-12-31" }), "since"),
        (json!({ "valued_on": "2024-12-31" }), "valued_on"),
        (json!({ "kind": "castle" }), ""),
        (json!({ "colour": "red" }), ""),
    ];
    for (change, pointer) in cases {
        let mut body = flat(&portfolio);
        for (key, value) in change.as_object().expect("fields") {
            body[key] = value.clone();
        }
        let refused = ann.api.call(Method::POST, PRIVATE, Some(body)).await;
        let problem = refused.refused(422, "invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{change}");
    }
    assert_eq!(server.count("market.instruments").await, 0);
    let home = add(&mut ann, flat(&portfolio)).await;
    for (day, price, status) in [
        ("2026-03-03", "1", 422),
        ("2026-03-01", "-1", 422),
        ("yesterday", "1", 404),
    ] {
        let path = format!("{}/appraisals/{day}", of(&home));
        let answer = ann
            .api
            .call(Method::PUT, &path, Some(json!({ "price": price })))
            .await;
        assert_eq!(answer.status, status, "{day} {price}");
    }
    assert_eq!(server.rows_of(&ann, "portfolio.appraisals").await, 2);
}

#[tokio::test]
async fn the_pages_do_the_same() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let list = "/portfolio/private-assets";
    browser.get(list).await.shows("Nothing private yet");
    let new = format!("{list}/new");
    browser.get(&new).await.shows("No portfolio yet");
    let portfolio = ann.open("Home", "EUR").await;
    browser.get(&new).await.shows("Only you see");
    let mut fields = vec![
        ("portfolio_id", portfolio.as_str()),
        ("name", "Flat <3>"),
        ("kind", "property"),
        ("currency", ""),
        ("value", ""),
        ("since", "2025-01-02"),
        ("cost", "200 000"),
    ];
    let wrong = browser.post(&new, &fields).await;
    assert_eq!(wrong.status, 422);
    wrong.shows("State what it is worth, or what is owed.");
    fields[4].1 = "350 000";
    let added = browser.post(&new, &fields).await;
    let id = added.leads_below(&format!("{list}/"));
    let taken = browser.post(&new, &fields).await;
    assert_eq!(taken.status, 422);
    taken.shows("You have something private of this name already.");

    let page = format!("{list}/{id}");
    browser.get(&page).await.shows("Flat &lt;3&gt;");
    let future = [("date", "2027-01-01"), ("price", "1")];
    let wrong = browser.post(&page, &future).await;
    assert_eq!(wrong.status, 422);
    wrong.shows("The day must not be in the future.");
    let value = [("date", "2026-03-01"), ("price", "360000")];
    browser.post(&page, &value).await.leads_to(&page);
    let edit = browser.get(&format!("{page}?on=2026-03-01")).await;
    edit.shows("value=\"360000\"");
    let report = ann.report(&portfolio, "").await;
    assert_eq!(report["value"], "350000", "that of today is newer");
    let delete = format!("{page}/appraisals/2026-03-02/delete");
    browser.get(&delete).await.shows("Delete this value?");
    browser.post(&delete, &[]).await.leads_to(&page);
    assert_eq!(
        decimal(&ann.report(&portfolio, "").await["value"]),
        360_000.into()
    );
    browser
        .get(&format!("/portfolio/holdings/{id}"))
        .await
        .shows("Flat &lt;3&gt;");
    browser
        .get("/portfolio/transactions")
        .await
        .shows("Flat &lt;3&gt;");
    assert_eq!(
        browser
            .get(&format!("/market/instruments/{id}"))
            .await
            .status,
        404
    );
    let edit = format!("{page}/edit");
    browser
        .get(&edit)
        .await
        .shows("name=\"version\" value=\"1\"");
    let renamed = [
        ("name", "House"),
        ("kind", "other"),
        ("note", "blue"),
        ("version", "1"),
    ];
    browser.post(&edit, &renamed).await.leads_to(&page);
    browser.get(list).await.shows("House");
    // Whoever opened it before that, in another window, edits what is no longer there.
    let mut stale = renamed;
    stale[0].1 = "Hut";
    for version in ["1", "", "two"] {
        stale[3].1 = version;
        let late = browser.post(&edit, &stale).await;
        assert_eq!(late.status, 412, "{version}");
        late.shows("Changed meanwhile");
    }
    let kept = ann.api.read(&format!("{PRIVATE}/{id}")).await;
    assert_eq!(
        (&kept["name"], &kept["note"]),
        (&json!("House"), &json!("blue"))
    );
    stale[3].1 = "2";
    browser.post(&edit, &stale).await.leads_to(&page);
    browser.get(list).await.shows("Hut");

    let (_, mut eve) = server.visitor("eve").await;
    for path in [
        page.clone(),
        format!("{page}/edit"),
        format!("{page}/delete"),
        format!("{page}/forget"),
        format!("{page}/appraisals/2026-03-01/delete"),
    ] {
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
        assert_eq!(eve.post(&path, &renamed).await.status, 404, "{path}");
    }
    browser
        .post(&format!("{page}/delete"), &[])
        .await
        .leads_to(list);
    assert_eq!(
        server
            .count("portfolio.private_assets where deleted_at is null")
            .await,
        0
    );
}
