//! What an administrator does to what everybody shares is on the activity record, in the person's name.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::site::Site;

const FORM: &str = "application/x-www-form-urlencoded";

/// The latest row of this type: by whom it was done, by which way in, and what is told of it.
async fn on_record(site: &Site, kind: &str) -> (String, String, Value) {
    let rows = site
        .texts(
            "select json_build_object('type', type, 'by', user_id, 'channel', channel,
                                      'resource', resource_id, 'details', details)::text
             from platform.activity order by at desc, id",
        )
        .await;
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    let found = rows.iter().find(|row| row["type"] == kind);
    let Some(found) = found else {
        panic!("nothing of {kind} among {rows:?}");
    };
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("by"), text("channel"), found["details"].clone())
}

async fn post(site: &Site, path: &str, body: &str) {
    let call = site.call(Method::POST, path, &site.owner);
    let answer = call
        .header("content-type", FORM)
        .send(body.to_owned())
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

#[tokio::test]
async fn decisions_about_sources_are_on_record_without_their_keys() {
    let site = Site::new().await;
    let owner = site.owner_id.to_string();
    post(&site, "/market/sources/fred/switch", "to=on").await;
    let (by, channel, details) = on_record(&site, "market.sources.switch").await;
    assert_eq!((by, channel.as_str()), (owner.clone(), "page"));
    assert_eq!(
        (&details["source"], &details["is_enabled"]),
        (&json!("fred"), &json!(true))
    );
    let call = site.call(Method::PUT, "/api/v1/market/sources/stooq", &site.owner);
    call.json(json!({ "is_enabled": true })).await;
    let (by, channel, details) = on_record(&site, "market.sources.update").await;
    assert_eq!((by, channel.as_str()), (owner.clone(), "api"));
    assert_eq!(details["source"], "stooq");

    let body = "api_key=s3cret-k3y&limit_count=7&limit_seconds=60";
    post(&site, "/market/sources/fred/key", body).await;
    let rows = site
        .texts("select details::text from platform.activity where type = 'market.sources.key'")
        .await;
    assert_eq!(rows.len(), 2, "the key, and the limit: {rows:?}");
    assert!(rows.iter().any(|row| row.contains(r#""has_key": true"#)));
    assert!(rows.iter().any(|row| row.contains(r#""limit_count": 7"#)));
    let all = site
        .texts("select row_to_json(a)::text from platform.activity a")
        .await;
    assert!(!all.iter().any(|row| row.contains("s3cret")), "{all:?}");

    post(
        &site,
        "/market/sources/order",
        "asset_class=crypto&order=coinbase",
    )
    .await;
    let (by, _, details) = on_record(&site, "market.sources.order").await;
    assert_eq!(
        (by, &details["order"]),
        (owner.clone(), &json!(["coinbase"]))
    );
    post(&site, "/market/sources/invalidate", "").await;
    assert_eq!(on_record(&site, "market.sources.invalidate").await.0, owner);
    post(&site, "/market/sources/refresh", "").await;
    assert_eq!(on_record(&site, "market.sources.refresh").await.0, owner);
    // What was not done is not on record.
    let call = site.call(Method::PUT, "/api/v1/market/sources/cboe", &site.ann);
    let refused = call.json(json!({ "is_enabled": true })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let all = site
        .texts("select details::text from platform.activity")
        .await;
    assert!(!all.iter().any(|row| row.contains("cboe")), "{all:?}");
}

#[tokio::test]
async fn what_is_entered_about_instruments_is_on_record() {
    let site = Site::new().await;
    let owner = site.owner_id.to_string();
    let id = site.add("ACME", json!({})).await;
    let (by, _, details) = on_record(&site, "market.instruments.create").await;
    assert_eq!(by, owner);
    assert_eq!(details["instrument"], json!(id));
    let path = format!("/api/v1/market/instruments/{id}");
    let call = site.call(Method::PATCH, &path, &site.owner);
    let changed = call.json(json!({ "sector": "Tools" })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(on_record(&site, "market.instruments.update").await.0, owner);

    let split =
        json!({ "instrument_id": id, "type": "split", "ex_date": "2024-05-31", "ratio": "4:1" });
    let path = "/api/v1/market/corporate-actions";
    let stated = site.call(Method::POST, path, &site.owner).json(split).await;
    assert_eq!(stated.status, StatusCode::CREATED, "{}", stated.text);
    let (by, _, details) = on_record(&site, "market.corporate_actions.create").await;
    assert_eq!(
        (by, &details["ex_date"]),
        (owner.clone(), &json!("2024-05-31"))
    );
    let path = format!("{path}/{}", stated.json()["id"].as_str().unwrap());
    let gone = site.call(Method::DELETE, &path, &site.owner).send("").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    let (by, _, details) = on_record(&site, "market.corporate_actions.delete").await;
    assert_eq!((by, &details["type"]), (owner.clone(), &json!("split")));

    let index = site.add("^TEST", json!({ "asset_class": "index" })).await;
    let path = format!("/api/v1/market/indices/{index}/values");
    let value = json!({ "at": "2024-06-03T10:00:00Z", "value": 5000.5 });
    let answer = site.call(Method::PUT, &path, &site.owner).json(value).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let (by, _, details) = on_record(&site, "market.indices.values").await;
    assert_eq!((by, &details["value"]), (owner, &json!(5000.5)));
}

#[tokio::test]
async fn imports_are_on_record_with_their_numbers() {
    let site = Site::new().await;
    let owner = site.owner_id.to_string();
    let id = site.add("ACME", json!({})).await;
    let bars = "date,symbol,close\n2024-05-30,ACME,10\n2024-05-31,ACME,11\n";
    let minutes = "time,symbol,open,high,low,close\n2024-05-31T14:00:00Z,ACME,10,11,9,10\n";
    let rates = "date,base,quote,rate\n2024-05-31,EUR,USD,1.08\n";
    let actions = "symbol,type,ex_date,ratio\nACME,split,2024-05-31,2:1\n";
    for (path, csv, kind, imported) in [
        ("/api/v1/market/bars", bars, "market.bars.create", 2),
        (
            "/api/v1/market/bars?interval=1m",
            minutes,
            "market.bars.create",
            1,
        ),
        ("/api/v1/market/fx", rates, "market.fx.create", 1),
        (
            "/api/v1/market/corporate-actions/import",
            actions,
            "market.corporate_actions.import",
            1,
        ),
    ] {
        let answer = site.post_csv(path, &site.owner, csv).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.json()["imported"], imported, "{}", answer.text);
        let (by, channel, details) = on_record(&site, kind).await;
        assert_eq!((by, channel.as_str()), (owner.clone(), "api"), "{path}");
        assert_eq!(details["imported"], imported, "{path}: {details}");
        assert_eq!(details["import"], answer.json()["batch_id"], "{path}");
    }
    assert_eq!(site.closes(id).await.len(), 2);
}
