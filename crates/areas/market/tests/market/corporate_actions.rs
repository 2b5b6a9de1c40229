use std::io::Cursor;

use axum::http::{Method, StatusCode};
use market::{ImportReport, instruments, instruments::NewInstrument};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const PATH: &str = "/api/v1/market/corporate-actions";

/// Lists ACME and BABY; returns their ids.
async fn instruments(site: &Site) -> [String; 2] {
    let mut tx = site.db().system("test").await.unwrap();
    let mut ids = Vec::new();
    for symbol in ["ACME", "BABY"] {
        let new = NewInstrument {
            symbol: symbol.into(),
            currency: Some(money::Currency::USD),
            ..NewInstrument::default()
        };
        let made = instruments::create(&mut tx, &new).await.unwrap();
        ids.push(made.id.to_string());
    }
    tx.commit().await.unwrap();
    ids.try_into().unwrap()
}

async fn state(site: &Site, body: &Value) -> Answer {
    let call = site.call(Method::POST, PATH, &site.owner);
    call.json(body.clone()).await
}

async fn import(site: &Site, csv: &str) -> ImportReport {
    let reader = Cursor::new(csv.to_owned());
    market::corporate_actions::import(&site.db(), reader, "test.csv", |_| ())
        .await
        .unwrap()
}

async fn listed(site: &Site, query: &str) -> Vec<(String, String)> {
    let page = site.get(&format!("{PATH}{query}"), &site.ann).await.json();
    let item = |item: &Value| {
        let text = |field: &str| item[field].as_str().unwrap().to_owned();
        (text("type"), text("ex_date"))
    };
    page["items"].as_array().unwrap().iter().map(item).collect()
}

#[tokio::test]
async fn the_owner_states_corrects_and_deletes_an_action() {
    let site = Site::new().await;
    let [acme, baby] = instruments(&site).await;
    let body = json!({"instrument_id": acme, "type": "spin_off", "ex_date": "2024-05-02",
        "ratio": "1:10", "target_symbol": "baby", "cost_share": "0.2"});
    let call = |key: &str| {
        site.call(Method::POST, PATH, &site.owner)
            .header("idempotency-key", key)
    };
    let made = call("once").json(body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let action = made.json();
    assert_eq!(
        (
            &action["ratio"],
            &action["target_instrument_id"],
            &action["target_symbol"]
        ),
        (&json!("1:10"), &json!(baby), &json!("BABY"))
    );
    assert_eq!(action["source"], "by hand");
    let repeated = call("once").json(body.clone()).await;
    assert_eq!(repeated.json()["id"], action["id"]);
    let again = call("twice").json(body.clone()).await;
    assert_eq!(
        (again.status.as_u16(), &*again.problem()),
        (409, "corporate-action-taken")
    );

    let path = format!("{PATH}/{}", action["id"].as_str().unwrap());
    let shown = site.get(&path, &site.ann).await;
    assert_eq!(shown.json(), action);
    let etag = shown.headers["etag"].to_str().unwrap().to_owned();
    let mut corrected = body.clone();
    corrected["cost_share"] = json!("0.25");
    let put = |token: &str| {
        site.call(Method::PUT, &path, token)
            .header("if-match", &etag)
    };
    let refused = put(&site.ann).json(corrected.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let done = put(&site.owner).json(corrected.clone()).await.json();
    assert_eq!(
        (&done["cost_share"], &done["version"]),
        (&json!("0.25"), &json!(2))
    );
    let stale = put(&site.owner).json(corrected.clone()).await;
    assert_eq!(
        (stale.status.as_u16(), &*stale.problem()),
        (412, "changed-meanwhile")
    );
    let mut moved = corrected;
    moved["instrument_id"] = json!(baby);
    let moved = site.call(Method::PUT, &path, &site.owner).json(moved).await;
    assert_eq!(moved.json()["errors"][0]["code"], "fixed_field");

    assert_eq!(
        listed(&site, &format!("?instrument_id={baby}")).await.len(),
        1
    );
    let gone = site.call(Method::DELETE, &path, &site.owner).send("").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(
        site.get(&path, &site.ann).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(listed(&site, "").await, []);
    // Stated again it is the same action.
    let back = state(&site, &body).await.json();
    assert_eq!((&back["id"], &back["version"]), (&action["id"], &json!(4)));
}

#[tokio::test]
async fn what_does_not_fit_the_type_is_named_by_field() {
    let site = Site::new().await;
    let [acme, _] = instruments(&site).await;
    let cases: [(Value, &[(&str, &str)]); 8] = [
        (json!({"type": "split"}), &[("ratio", "missing_field")]),
        (
            json!({"type": "split", "ratio": "four"}),
            &[("ratio", "unparsable_ratio")],
        ),
        (
            json!({"type": "split", "ratio": "0:1"}),
            &[("ratio", "out_of_range")],
        ),
        (
            json!({"type": "spin_off", "ratio": "1:2", "target_symbol": "NOBODY"}),
            &[
                ("target_symbol", "unknown_instrument"),
                ("cost_share", "missing_field"),
            ],
        ),
        (
            json!({"type": "symbol_change", "target_symbol": "ACME"}),
            &[("target_symbol", "same_instrument")],
        ),
        (
            json!({"type": "dividend", "cash_per_share": "-1", "pay_date": "2024-05-01"}),
            &[
                ("pay_date", "too_early"),
                ("cash_per_share", "out_of_range"),
            ],
        ),
        (
            json!({"type": "return_of_capital", "cash_per_share": "1", "currency": "?"}),
            &[("currency", "unknown_currency")],
        ),
        (json!({"type": "buy"}), &[("type", "unknown_type")]),
    ];
    for (mut body, expected) in cases {
        body["instrument_id"] = json!(acme);
        body["ex_date"] = json!("2024-05-02");
        let answer = state(&site, &body).await;
        assert_eq!(answer.status.as_u16(), 422, "{body}");
        let errors = answer.json()["errors"].clone();
        let found: Vec<(&str, &str)> = errors
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect();
        assert_eq!(found, expected, "{body}");
    }
    let nobody = json!({"instrument_id": "00000000-0000-7000-8000-000000000000", "type": "split",
        "ex_date": "2024-05-02", "ratio": "2:1"});
    assert_eq!(state(&site, &nobody).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get(PATH, "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(listed(&site, "").await, []);
}

#[tokio::test]
async fn a_file_is_loaded_once() {
    let site = Site::new().await;
    let [acme, _] = instruments(&site).await;
    let csv = "symbol,type,ex_date,ratio,target_symbol,cost_share,cash_per_share,currency\n\
               ACME,split,2024-05-02,4:1,,,,\n\
               ACME,spin_off,2024-05-03,1:10,BABY,0.2,,\n\
               ACME,dividend,2024-05-06,,,,0.25,USD\n\
               ACME,dividend,2024-05-07,,,,0.25,\n\
               ACME,split,2024-05-08,,,,,\n\
               ACME,split,2024-05-02,3:1,,,,\n";
    let first = import(&site, csv).await;
    let codes: Vec<_> = first.rejected.iter().map(|r| (r.line, &*r.code)).collect();
    assert_eq!(
        (first.imported, first.duplicates, codes),
        (
            3,
            0,
            vec![
                (5, "missing_field"),
                (6, "missing_field"),
                (7, "conflicting_action")
            ]
        )
    );
    let again = import(&site, csv).await;
    assert_eq!(
        (again.imported, again.duplicates, again.rejected.len()),
        (0, 3, 3)
    );
    let pair = |kind: &str, day: &str| (kind.to_owned(), day.to_owned());
    assert_eq!(
        listed(&site, &format!("?instrument_id={acme}")).await,
        [
            pair("dividend", "2024-05-06"),
            pair("spin_off", "2024-05-03"),
            pair("split", "2024-05-02")
        ]
    );
    let sent = site
        .post_csv(&format!("{PATH}/import"), &site.owner, csv)
        .await;
    assert_eq!(sent.json()["duplicates"], 3, "{}", sent.text);
    let refused = site
        .post_csv(&format!("{PATH}/import"), &site.ann, csv)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

async fn submit(site: &Site, path: &str, token: &str, fields: &str) -> Answer {
    let call = site
        .call(Method::POST, path, token)
        .header("content-type", "application/x-www-form-urlencoded");
    call.send(fields.to_owned()).await
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
async fn the_pages_add_correct_and_delete_after_asking() {
    let site = Site::new().await;
    let [acme, _] = instruments(&site).await;
    let home = format!("/market/instruments/{acme}");
    let empty = site.get(&home, &site.ann).await.text;
    assert!(empty.contains("No split, spin-off, merger"), "{empty}");
    assert!(!empty.contains("corporate-actions/new"));

    let new = format!("{home}/corporate-actions/new");
    assert_eq!(
        site.get(&new, &site.ann).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(site.get(&new, &site.owner).await.text.contains("Ex-date"));
    let wrong = submit(
        &site,
        &new,
        &site.owner,
        "type=split&ex_date=soon&ratio=4:1",
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("soon is no day"), "{}", wrong.text);
    let fields = "type=split&ex_date=2024-05-02&ratio=4:1&note=at+last";
    let made = submit(&site, &new, &site.owner, fields).await;
    assert_eq!(
        (made.status, made.headers["location"].to_str().unwrap()),
        (StatusCode::SEE_OTHER, &*home)
    );
    let twice = submit(&site, &new, &site.owner, fields).await;
    assert!(
        twice.text.contains("has a split on 2024-05-02 already"),
        "{}",
        twice.text
    );

    let page = site.get(PATH, &site.owner).await.json();
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = site.get(&home, &site.ann).await.text;
    assert!(
        shown.contains("4:1") && shown.contains("at last"),
        "{shown}"
    );
    assert!(!shown.contains("/market/corporate-actions/"));
    let stated = shown.split("Corporate actions</td>").nth(1).unwrap();
    assert!(
        stated.split("</tr>").next().unwrap().contains("a person"),
        "{shown}"
    );
    let edit = format!("/market/corporate-actions/{id}/edit");
    assert!(
        site.get(&edit, &site.owner)
            .await
            .text
            .contains("value=\"4:1\"")
    );
    let fields = "version=1&type=split&ex_date=2024-05-03&ratio=5:1";
    assert_eq!(
        submit(&site, &edit, &site.owner, fields).await.status,
        StatusCode::SEE_OTHER
    );
    let page = site.get(PATH, &site.owner).await.json();
    assert_eq!(
        (&page["items"][0]["ratio"], &page["items"][0]["ex_date"]),
        (&json!("5:1"), &json!("2024-05-03"))
    );

    let delete = format!("/market/corporate-actions/{id}/delete");
    let asked = site.get(&delete, &site.owner).await.text;
    assert!(asked.contains("Delete this corporate action?"), "{asked}");
    assert_eq!(
        submit(&site, &delete, &site.ann, "").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        submit(&site, &delete, &site.owner, "").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(listed(&site, "").await, []);
    assert_eq!(
        site.get(&edit, &site.owner).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn of_two_who_correct_an_action_at_once_the_second_is_told() {
    let site = Site::new().await;
    let [acme, _] = instruments(&site).await;
    let split =
        json!({"instrument_id": acme, "type": "split", "ex_date": "2024-05-02", "ratio": "4:1"});
    let stated = state(&site, &split).await.json();
    let edit = format!(
        "/market/corporate-actions/{}/edit",
        stated["id"].as_str().unwrap()
    );
    let bob = site.admin("Bob").await;
    let (first, second) = (
        site.get(&edit, &site.owner).await,
        site.get(&edit, &bob).await,
    );
    let fields = |form: &Answer, more: &str| {
        let version = form.opened();
        format!("version={version}&type=split&ex_date=2024-05-02&{more}")
    };
    let corrected = submit(&site, &edit, &site.owner, &fields(&first, "ratio=5:1")).await;
    assert_eq!(
        corrected.status,
        StatusCode::SEE_OTHER,
        "{}",
        corrected.text
    );
    let late = fields(&second, "ratio=4:1&note=checked");
    let told = submit(&site, &edit, &bob, &late).await;
    assert_eq!(told.status, StatusCode::PRECONDITION_FAILED);
    assert!(told.text.contains("Changed meanwhile"), "{}", told.text);
    let nothing_said = submit(
        &site,
        &edit,
        &bob,
        "type=split&ex_date=2024-05-02&ratio=4:1",
    )
    .await;
    assert_eq!(nothing_said.status, StatusCode::PRECONDITION_FAILED);
    let kept = || async {
        let page = site.get(PATH, &site.owner).await.json();
        let item = &page["items"][0];
        json!([item["ratio"], item["note"], item["version"]])
    };
    assert_eq!(kept().await, json!(["5:1", "", 2]));
    let again = site.get(&edit, &bob).await;
    assert!(again.text.contains("value=\"5:1\""), "{}", again.text);
    let repeated = submit(
        &site,
        &edit,
        &bob,
        &fields(&again, "ratio=5:1&note=checked"),
    )
    .await;
    assert_eq!(repeated.status, StatusCode::SEE_OTHER, "{}", repeated.text);
    assert_eq!(kept().await, json!(["5:1", "checked", 3]));
}

#[tokio::test]
async fn a_correction_that_repeats_the_symbol_received_means_the_same_instrument() {
    let site = Site::new().await;
    let [acme, _] = instruments(&site).await;
    let mut tx = site.db().system("test").await.unwrap();
    let namesake = NewInstrument {
        symbol: "BABY".into(),
        exchange: "XLON".into(),
        ..NewInstrument::default()
    };
    let namesake = instruments::create(&mut tx, &namesake).await.unwrap().id;
    tx.commit().await.unwrap();
    let body = json!({"instrument_id": acme, "type": "spin_off", "ex_date": "2024-05-02",
        "ratio": "1:10", "target_symbol": "BABY", "cost_share": "0.2"});
    let mut named = body.clone();
    named["target_instrument_id"] = json!(namesake);
    let stated = state(&site, &named).await.json();
    let id = stated["id"].as_str().unwrap();

    let mut corrected = body;
    corrected["cost_share"] = json!("0.25");
    let call = site.call(Method::PUT, &format!("{PATH}/{id}"), &site.owner);
    let done = call.json(corrected).await.json();
    let spun_off = |action: &Value| {
        json!([
            action["target_instrument_id"],
            action["cost_share"],
            action["version"]
        ])
    };
    assert_eq!(spun_off(&done), json!([namesake, "0.25", 2]));

    let edit = format!("/market/corporate-actions/{id}/edit");
    let fields =
        "version=2&type=spin_off&ex_date=2024-05-02&ratio=1:10&target_symbol=BABY&cost_share=0.3";
    let saved = submit(&site, &edit, &site.owner, fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let page = site.get(PATH, &site.ann).await.json();
    assert_eq!(spun_off(&page["items"][0]), json!([namesake, "0.3", 3]));
}
