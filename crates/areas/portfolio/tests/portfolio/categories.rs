use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

use crate::{
    allocation::{household, instrument},
    server::{Person, Server, figures, text},
};

const CATEGORIES: &str = "/api/v1/portfolio/categories";
const ALLOCATION: &str = "/api/v1/portfolio/allocation?dimension=category";

async fn make(person: &mut Person, body: Value) -> String {
    let made = person
        .api
        .call(Method::POST, CATEGORIES, Some(body))
        .await
        .json_of(201);
    text(&made["id"])
}

async fn rule(person: &mut Person, category: &str, body: Value) -> Value {
    person
        .api
        .call(
            Method::POST,
            &format!("{CATEGORIES}/{category}/rules"),
            Some(body),
        )
        .await
        .json_of(201)
}

async fn assign(person: &mut Person, category: &str, instrument: &str, body: Value) -> Value {
    person
        .api
        .call(
            Method::PUT,
            &format!("{CATEGORIES}/{category}/assignments/{instrument}"),
            Some(body),
        )
        .await
        .json_of(200)
}

/// The drift of a category by name.
async fn drift(person: &mut Person, name: &str) -> Value {
    let all = person.api.read(&format!("{CATEGORIES}/drift")).await;
    let found = all.as_array().expect("a list").iter();
    found
        .clone()
        .find(|drift| drift["category_name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {all}"))
        .clone()
}

/// Where a holding belongs.
async fn placed(person: &mut Person, symbol: &str) -> Value {
    let all = person.api.read(&format!("{CATEGORIES}/assignments")).await;
    let found = all.as_array().expect("a list").iter();
    found
        .clone()
        .find(|placed| placed["symbol"] == symbol)
        .unwrap_or_else(|| panic!("no {symbol} in {all}"))
        .clone()
}

#[tokio::test]
async fn hand_beats_rule_and_the_drift_follows() {
    let (server, mut ann, _, _) = household().await;
    // ACME 400, WORLD 500, ODD 100, cash 300: 1,300 in all.
    let core = make(
        &mut ann,
        json!({ "category_name": "Core", "target_allocation_percent": "50", "rebalance_threshold": "3" }),
    )
    .await;
    let funds = make(
        &mut ann,
        json!({ "category_name": "Broad", "parent_id": core, "target_allocation_percent": "40" }),
    )
    .await;
    let play = make(
        &mut ann,
        json!({ "category_name": "Play", "max_allocation_percent": "10", "target_allocation_percent": "5" }),
    )
    .await;
    let reserve = make(
        &mut ann,
        json!({ "category_name": "Reserve", "min_allocation_percent": "20" }),
    )
    .await;
    rule(
        &mut ann,
        &funds,
        json!({ "field": "asset_class", "operands": ["ETF"] }),
    )
    .await;
    rule(
        &mut ann,
        &reserve,
        json!({ "field": "asset_class", "operands": ["cash"] }),
    )
    .await;
    rule(
        &mut ann,
        &play,
        json!({ "field": "currency", "operands": ["eur"] }),
    )
    .await;

    // Rules alone: 500 are 38.4615 %, of which all is in the lower category.
    let of_core = drift(&mut ann, "Core").await;
    figures(
        &of_core,
        &[
            ("value", "500"),
            ("percent", "38.4615"),
            ("target_allocation_percent", "50"),
            ("drift", "-11.5385"),
            ("to_target", "150"),
        ],
    );
    assert_eq!(of_core["band"], "too_low");
    let broad = drift(&mut ann, "Broad").await;
    assert_eq!(
        (&broad["band"], &broad["drift"]),
        (&json!("in_band"), &json!("-1.5385"))
    );
    let of_play = drift(&mut ann, "Play").await;
    figures(&of_play, &[("value", "500"), ("percent", "38.4615")]);
    assert_eq!(of_play["band"], "too_high");
    let of_reserve = drift(&mut ann, "Reserve").await;
    figures(&of_reserve, &[("value", "300"), ("percent", "23.0769")]);
    assert_eq!(of_reserve["band"], "in_band");
    assert_eq!(of_reserve["drift"], Value::Null);

    // By hand: three quarters of ACME are core, and the rest belongs nowhere.
    let acme = instrument(&mut ann, "ACME").await;
    let kept = assign(&mut ann, &core, &acme, json!({ "weight": "75" })).await;
    assert_eq!(kept["assignment_type"], "manual");
    assert_eq!(kept["assignment_confidence"], "1");
    figures(&drift(&mut ann, "Core").await, &[("value", "800")]);
    figures(&drift(&mut ann, "Play").await, &[("value", "100")]);
    let divided = ann.api.read(ALLOCATION).await;
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
    assert_eq!(
        parts,
        [
            ("Core", "800"),
            ("Reserve", "300"),
            ("Play", "100"),
            ("No category", "100")
        ]
    );
    // Another part of it fits as long as it is no more than the whole.
    let path = format!("{CATEGORIES}/{play}/assignments/{acme}");
    let refused = ann
        .api
        .call(Method::PUT, &path, Some(json!({ "weight": "25.0001" })))
        .await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["code"],
        "more_than_the_whole"
    );
    assign(&mut ann, &play, &acme, json!({ "weight": "25" })).await;
    assert_eq!(
        placed(&mut ann, "ACME").await["assignments"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    // Taken back, and kept out: the rule does not put it there again.
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    ann.api
        .call(Method::DELETE, &path, None)
        .await
        .refused(404, "not-found");
    let odd = instrument(&mut ann, "ODD").await;
    assign(&mut ann, &play, &odd, json!({ "is_declined": true })).await;
    assert_eq!(placed(&mut ann, "ODD").await["assignments"], json!([]));
    assert_eq!(
        server
            .rows_of(&ann, "portfolio.asset_category_assignment")
            .await,
        2
    );
}

#[tokio::test]
async fn suggestions_are_accepted_or_declined() {
    let (server, mut ann, mut browser, _) = household().await;
    let tech = make(&mut ann, json!({ "category_name": "Technology" })).await;
    let funds = make(&mut ann, json!({ "category_name": "ETFs" })).await;
    let acme = placed(&mut ann, "ACME").await;
    assert_eq!(acme["suggestion"]["category_id"], json!(tech));
    assert_eq!(acme["suggestion"]["confidence"], "0.85", "its sector");
    let world = placed(&mut ann, "WORLD").await;
    assert_eq!(world["suggestion"]["category_id"], json!(funds));
    assert_eq!(world["suggestion"]["confidence"], "0.9", "its asset class");
    assert_eq!(placed(&mut ann, "ODD").await["suggestion"], Value::Null);

    let list = "/portfolio/categories";
    let page = browser.get(list).await;
    page.shows("Suggestions");
    page.shows("its sector is Technology");
    let id = text(&acme["instrument_id"]);
    let answer = |category: &str, instrument: &str, decision: &str| {
        [
            ("category_id", category.to_owned()),
            ("instrument_id", instrument.to_owned()),
            ("decision", decision.to_owned()),
        ]
    };
    let send = |fields: [(&'static str, String); 3]| fields;
    let accepted = send(answer(&tech, &id, "accept"));
    let fields: Vec<(&str, &str)> = accepted.iter().map(|(k, v)| (*k, v.as_str())).collect();
    browser.post(list, &fields).await.leads_to(list);
    let kept = &placed(&mut ann, "ACME").await["assignments"][0];
    assert_eq!(kept["assignment_type"], "suggested");
    assert_eq!(kept["assignment_confidence"], "0.85");
    let id = text(&world["instrument_id"]);
    let declined = send(answer(&funds, &id, "decline"));
    let fields: Vec<(&str, &str)> = declined.iter().map(|(k, v)| (*k, v.as_str())).collect();
    browser.post(list, &fields).await.leads_to(list);
    let world = placed(&mut ann, "WORLD").await;
    assert_eq!(
        (&world["suggestion"], &world["assignments"]),
        (&Value::Null, &json!([]))
    );
    let unknown = send(answer(&funds, &id, "perhaps"));
    let fields: Vec<(&str, &str)> = unknown.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(browser.post(list, &fields).await.status, 422);
    // What is not suggested cannot be accepted.
    let path = format!("{CATEGORIES}/{tech}/assignments/{id}");
    let body = json!({ "assignment_type": "suggested" });
    let refused = ann.api.call(Method::PUT, &path, Some(body)).await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["code"],
        "not_suggested"
    );
    let dump = server
        .dump(&ann, "portfolio.asset_category_assignment")
        .await;
    assert_eq!(dump.lines().count(), 2, "{dump}");
}

#[tokio::test]
async fn what_is_no_category_is_refused_by_field() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let core = make(
        &mut ann,
        json!({ "category_name": "Core", "target_allocation_percent": "60" }),
    )
    .await;
    let inner = make(
        &mut ann,
        json!({ "category_name": "Inner", "parent_id": core, "target_allocation_percent": "40" }),
    )
    .await;
    let nobody = "00000000-0000-7000-8000-000000000000";
    let cases = [
        (json!({ "category_name": " " }), "category_name"),
        (
            json!({ "category_name": "A", "category_color": "red" }),
            "category_color",
        ),
        (
            json!({ "category_name": "A", "target_allocation_percent": "40.1" }),
            "target_allocation_percent",
        ),
        (
            json!({ "category_name": "A", "parent_id": core, "target_allocation_percent": "20.1" }),
            "target_allocation_percent",
        ),
        (
            json!({ "category_name": "A", "parent_id": inner }),
            "parent_id",
        ),
        (
            json!({ "category_name": "A", "parent_id": nobody }),
            "parent_id",
        ),
        (
            json!({ "category_name": "A", "min_allocation_percent": "9", "max_allocation_percent": "8" }),
            "min_allocation_percent",
        ),
        (json!({ "category_name": "A", "category_type": "mood" }), ""),
        (json!({ "category_name": "A", "owner": "me" }), ""),
    ];
    for (body, pointer) in cases {
        let refused = ann
            .api
            .call(Method::POST, CATEGORIES, Some(body.clone()))
            .await;
        let problem = refused.refused(422, "invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    let same = json!({ "category_name": "CORE" });
    ann.api
        .call(Method::POST, CATEGORIES, Some(same))
        .await
        .refused(409, "category-name-taken");
    let rules = format!("{CATEGORIES}/{core}/rules");
    for body in [
        json!({ "field": "asset_class", "operands": ["castle"] }),
        json!({ "field": "currency", "operands": ["?"] }),
        json!({ "field": "sector", "operands": [" "] }),
        json!({ "field": "mood", "operands": ["x"] }),
    ] {
        ann.api
            .call(Method::POST, &rules, Some(body))
            .await
            .refused(422, "invalid-input");
    }
    assert_eq!(server.rows_of(&ann, "portfolio.vault_categories").await, 2);
    assert_eq!(server.rows_of(&ann, "portfolio.category_rules").await, 0);

    // A lower target than those below it is refused, and a delete that would leave too much.
    let path = format!("{CATEGORIES}/{core}");
    let seen = ann
        .api
        .call(Method::GET, &path, None)
        .await
        .header("etag")
        .to_owned();
    let lower = json!({ "category_name": "Core", "target_allocation_percent": "39" });
    ann.api
        .call(Method::PUT, &path, Some(lower))
        .await
        .refused(422, "invalid-input");
    let edit = |name: &str| {
        ann.api
            .request(Method::PUT, &path)
            .header(header::IF_MATCH, &seen)
            .body(Body::from(
                json!({ "category_name": name, "target_allocation_percent": null }).to_string(),
            ))
            .expect("request")
    };
    let (first, second) = (edit("Heart"), edit("Soul"));
    assert_eq!(
        ann.api.send(first).await.json_of(200)["category_name"],
        "Heart"
    );
    ann.api.send(second).await.refused(412, "changed-meanwhile");
    make(
        &mut ann,
        json!({ "category_name": "Rest", "target_allocation_percent": "70" }),
    )
    .await;
    ann.api
        .call(Method::DELETE, &path, None)
        .await
        .refused(409, "category-targets-left");
    let inner = format!("{CATEGORIES}/{inner}");
    assert_eq!(ann.api.call(Method::DELETE, &inner, None).await.status, 204);
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    ann.api
        .call(Method::DELETE, &path, None)
        .await
        .refused(404, "not-found");
    assert_eq!(server.rows_of(&ann, "portfolio.vault_categories").await, 1);
}

#[tokio::test]
async fn categories_are_their_owners_alone() {
    let (server, mut ann, _, _) = household().await;
    let core = make(&mut ann, json!({ "category_name": "Core" })).await;
    let own = rule(
        &mut ann,
        &core,
        json!({ "field": "symbol", "operands": ["acme"] }),
    )
    .await;
    assert_eq!(own["operands"], json!(["ACME"]));
    let acme = instrument(&mut ann, "ACME").await;
    assign(&mut ann, &core, &acme, json!({})).await;
    let mut bob = server.person("bob").await;
    let theirs = make(&mut bob, json!({ "category_name": "Core" })).await;
    let path = format!("{CATEGORIES}/{core}");
    let assignment = format!("{path}/assignments/{acme}");
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (
            Method::PUT,
            path.clone(),
            Some(json!({ "category_name": "Mine" })),
        ),
        (Method::DELETE, path.clone(), None),
        (Method::GET, format!("{path}/rules"), None),
        (
            Method::POST,
            format!("{path}/rules"),
            Some(json!({ "field": "symbol", "operands": ["X"] })),
        ),
        (
            Method::DELETE,
            format!("{path}/rules/{}", text(&own["id"])),
            None,
        ),
        (Method::PUT, assignment.clone(), Some(json!({}))),
        (Method::DELETE, assignment, None),
    ] {
        bob.api
            .call(method, &path, body)
            .await
            .refused(404, "not-found");
    }
    let below = json!({ "category_name": "Below", "parent_id": core });
    bob.api
        .call(Method::POST, CATEGORIES, Some(below))
        .await
        .refused(422, "invalid-input");
    // Nor can Bob sort what is private to Ann.
    let portfolio = ann.open("Home", "EUR").await;
    let body = json!({ "portfolio_id": portfolio, "name": "Flat", "kind": "property", "value": "5", "since": "2026-01-01" });
    let flat = ann
        .api
        .call(Method::POST, "/api/v1/portfolio/private-assets", Some(body))
        .await
        .json_of(201);
    let flat = text(&flat["instrument_id"]);
    bob.api
        .call(
            Method::PUT,
            &format!("{CATEGORIES}/{theirs}/assignments/{flat}"),
            Some(json!({})),
        )
        .await
        .refused(404, "not-found");
    let weights = format!("/api/v1/portfolio/fund-weights/{flat}");
    bob.api
        .call(Method::GET, &weights, None)
        .await
        .refused(404, "not-found");
    assign(&mut ann, &core, &flat, json!({})).await;
    assert_eq!(
        server
            .rows_of(&bob, "portfolio.asset_category_assignment")
            .await,
        0
    );
    assert_eq!(
        server
            .rows_of(&ann, "portfolio.asset_category_assignment")
            .await,
        2
    );
}

#[tokio::test]
async fn the_pages_do_the_same() {
    let (server, mut ann, mut browser, _) = household().await;
    let list = "/portfolio/categories";
    browser.get(list).await.shows("No category yet");
    let new = format!("{list}/new");
    browser.get(&new).await.shows("value=\"#3b82f6\"");
    let mut fields = vec![
        ("category_name", "Core <1>"),
        ("category_type", "strategy"),
        ("category_color", "#112233"),
        ("target_allocation_percent", "150"),
        ("rebalance_threshold", ""),
    ];
    let wrong = browser.post(&new, &fields).await;
    assert_eq!(wrong.status, 422);
    wrong.shows("The percent must be from 0 to 100.");
    fields[3].1 = "90";
    let id = browser
        .post(&new, &fields)
        .await
        .leads_below(&format!("{list}/"));
    let taken = browser.post(&new, &fields).await;
    assert_eq!(taken.status, 422);
    taken.shows("You have a category of this name already.");
    let page = format!("{list}/{id}");
    browser.get(&page).await.shows("Core &lt;1&gt;");

    let rules = format!("{page}/rules");
    let wrong = browser
        .post(&rules, &[("field", "asset_class"), ("operands", "castle")])
        .await;
    assert_eq!(wrong.status, 422);
    wrong.shows("is no asset class");
    browser
        .post(
            &rules,
            &[("field", "asset_class"), ("operands", "etf, bond")],
        )
        .await
        .leads_to(&page);
    browser.get(&page).await.shows("by rule");
    let acme = instrument(&mut ann, "ACME").await;
    let assignments = format!("{page}/assignments");
    let wrong = browser
        .post(&assignments, &[("instrument_id", &acme), ("weight", "0")])
        .await;
    assert_eq!(wrong.status, 422);
    browser
        .post(&assignments, &[("instrument_id", &acme), ("weight", "50")])
        .await
        .leads_to(&page);
    browser.get(&page).await.shows("by hand");
    // 500 and 200 of 1,300 are far below 90 %.
    browser.get(list).await.shows("▼ too low");
    let edit = format!("{page}/edit");
    browser.get(&edit).await.shows("value=\"90\"");
    fields[3].1 = "55";
    browser.post(&edit, &fields).await.leads_to(&page);
    browser.get(list).await.shows("✓ in band");

    let (_, mut eve) = server.visitor("eve").await;
    for path in [&page, &edit, &format!("{page}/delete")] {
        assert_eq!(eve.get(path).await.status, 404, "{path}");
    }
    for path in [&edit, &rules, &assignments, &format!("{page}/delete")] {
        let fields = [
            ("field", "symbol"),
            ("operands", "X"),
            ("instrument_id", acme.as_str()),
            ("weight", "5"),
            ("category_name", "X"),
            ("category_type", "custom"),
            ("category_color", "#000000"),
        ];
        assert_eq!(eve.post(path, &fields).await.status, 404, "{path}");
    }
    let gone = format!("{assignments}/{acme}/delete");
    browser.post(&gone, &[]).await.leads_to(&page);
    browser
        .post(&format!("{page}/delete"), &[])
        .await
        .leads_to(list);
    for table in [
        "vault_categories",
        "category_rules",
        "asset_category_assignment",
    ] {
        assert_eq!(
            server.rows_of(&ann, &format!("portfolio.{table}")).await,
            0,
            "{table}"
        );
    }
}
