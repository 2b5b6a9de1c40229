#![expect(clippy::float_cmp, reason = "what was stored comes back as it was")]
use axum::http::{Method, StatusCode};
use jiff::civil::date;
use market::{
    InstrumentId,
    bars::{self, Bar, ImportOptions, Interval},
};
use serde_json::{Value, json};

use crate::{
    bars_of,
    site::{Answer, Site},
};

async fn send(site: &Site, token: &str, path: &str, body: &str) -> Answer {
    let call = site.call(Method::POST, path, token);
    call.header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .send(body.to_owned())
        .await
}

#[tokio::test]
async fn a_close_is_stated_by_hand_kept_with_its_history_and_withdrawn() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let instrument = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    let path = format!("/market/instruments/{id}/overrides");
    assert!(
        instrument.contains(&format!("href=\"{path}\"")),
        "reached from the instrument"
    );
    let empty = site.get(&path, &site.owner).await.text;
    assert!(
        empty.contains("Nobody has stated a close of ACME"),
        "{empty}"
    );
    assert!(
        empty.contains("No daily price has been corrected yet."),
        "{empty}"
    );
    assert!(
        empty.contains("Nobody has stated or withdrawn a close yet."),
        "{empty}"
    );

    let form = "date=2024-05-31&close=10.5&reason=Typed+from+the+paper";
    let done = send(&site, &site.owner, &path, form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = site.get(&path, &site.ann).await.text;
    assert!(page.contains("Typed from the paper"), "{page}");
    assert!(page.contains("What daily prices were before"), "{page}");
    let history = page.split_once("What daily prices were before").unwrap().1;
    assert!(
        history.contains("value=\"11\"") && history.contains("value=\"10.5\""),
        "{history}"
    );
    assert!(
        history.contains(">file test<") && history.contains(">a person<"),
        "{history}"
    );
    let closes = site.closes(id).await;
    assert_eq!(closes.last().unwrap().1, 10.5);
    let shown = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    assert!(shown.contains(">a person<"), "{shown}");

    let withdraw = format!("{path}/2024-05-31/withdraw");
    let refused = send(&site, &site.ann, &withdraw, "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let done = send(&site, &site.owner, &withdraw, "").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(
        site.closes(id).await.last().unwrap().1,
        11.0,
        "the source speaks again"
    );
    let gone = send(&site, &site.owner, &withdraw, "").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
async fn the_history_names_who_stated_and_who_withdrew() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let path = format!("/market/instruments/{id}/overrides");
    let stated = "date=2024-05-31&close=10.5&reason=Typed+from+the+paper";
    send(&site, &site.owner, &path, stated).await;
    let other = site.admin("Olga Other").await;
    send(&site, &other, &format!("{path}/2024-05-31/withdraw"), "").await;

    let api = format!("/api/v1/market/instruments/{id}/overrides");
    let seen = async |token: &str| {
        let changes = site.get(&api, token).await.json()["changes"].clone();
        let changes = changes.as_array().unwrap().clone();
        let view = |change: &Value| {
            (
                change["close"].as_f64(),
                change["is_own"].as_bool().unwrap(),
                change["by"].as_str().map(str::to_owned),
            )
        };
        changes.iter().map(view).collect::<Vec<_>>()
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(
        seen(&site.owner).await,
        [(None, false, named("Olga Other")), (Some(10.5), true, None)]
    );
    let owner = "owner@example.org";
    assert_eq!(
        seen(&other).await,
        [(None, true, None), (Some(10.5), false, named(owner))],
        "an account without a name by its address"
    );
    assert_eq!(
        seen(&site.ann).await,
        [(None, false, None), (Some(10.5), false, None)],
        "names are for administrators"
    );

    let history = async |token: &str| {
        let page = site.get(&path, token).await.text;
        let (_, rest) = page.split_once("Who stated and withdrew closes").unwrap();
        rest.split_once("What daily prices were")
            .unwrap()
            .0
            .to_owned()
    };
    let page = history(&site.owner).await;
    for part in [
        ">you<",
        ">Olga Other<",
        ">withdrawn<",
        "Typed from the paper",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = history(&site.ann).await;
    assert!(
        page.contains(">an administrator<") && !page.contains("Olga") && !page.contains(owner),
        "{page}"
    );

    // Who has left keeps what they did, without a name; who is no administrator any more still knows their own.
    site.change("update identity.users set status = 'deleted' where name = 'Olga Other'")
        .await;
    assert!(
        history(&site.owner)
            .await
            .contains(">somebody who has left<")
    );
    site.change(&format!(
        "update identity.users set role = 'user' where email = '{owner}'"
    ))
    .await;
    assert_eq!(
        seen(&site.owner).await,
        [(None, false, None), (Some(10.5), true, None)]
    );
    site.change("update market.override_changes set changed_by = null")
        .await;
    assert!(
        history(&site.owner).await.contains("it was not kept yet"),
        "of before"
    );
}

#[tokio::test]
async fn what_cannot_be_a_close_is_refused_beside_its_field() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let path = format!("/market/instruments/{id}/overrides");
    for (form, said) in [
        (
            "date=2024-05-31&close=0&reason=x",
            "The close must be a price above zero.",
        ),
        (
            "date=2030-01-01&close=5&reason=x",
            "The day must not lie in the future.",
        ),
        ("date=2024-05-31&close=5&reason=", "State the reason"),
    ] {
        let refused = send(&site, &site.owner, &path, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.text.contains(said), "{form}: {}", refused.text);
    }
    let form = "date=2024-05-31&close=5&reason=x";
    assert_eq!(
        send(&site, &site.ann, &path, form).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        site.closes(id).await.last().unwrap().1,
        11.0,
        "nothing was changed"
    );
    let page = site.get(&path, &site.ann).await.text;
    assert!(
        !page.contains("name=\"close\""),
        "no form for those who may not: {page}"
    );
}

const DAY: &str = "2024-05-31";

/// What a source says about the day.
async fn says(site: &Site, id: InstrumentId, source: &str, close: f64, adjusted: Option<f64>) {
    let bar = Bar {
        at: format!("{DAY}T00:00:00Z").parse().unwrap(),
        open: 10.0,
        high: 13.0,
        low: 9.0,
        close,
        adjusted_close: adjusted,
        volume: Some(7.0),
    };
    let mut tx = site.db().system("test").await.unwrap();
    bars::ingest(&mut tx, Interval::Day, source, &[(id, bar)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Close and adjusted close of the day.
async fn day(site: &Site, id: InstrumentId) -> (f64, Option<f64>) {
    let mut tx = site.db().system("test").await.unwrap();
    let found = bars::on_day(tx.conn(), &[id], date(2024, 5, 31)).await;
    let bar = found.unwrap().remove(&id).unwrap();
    (bar.close, bar.adjusted_close)
}

async fn state(site: &Site, id: InstrumentId, close: f64) {
    let path = format!("/api/v1/market/instruments/{id}/overrides/{DAY}");
    let call = site.call(Method::PUT, &path, &site.owner);
    let done = call.json(json!({"close": close, "reason": "paper"})).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
}

async fn withdraw(site: &Site, id: InstrumentId) {
    let path = format!("/api/v1/market/instruments/{id}/overrides/{DAY}");
    let done = site.call(Method::DELETE, &path, &site.owner).send("").await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
}

#[tokio::test]
async fn what_a_source_adjusted_returns_with_its_close() {
    let site = Site::new().await;
    let options = ImportOptions {
        symbol: Some("ACME".into()),
        source: "file".into(),
        ..ImportOptions::default()
    };
    let csv = format!("date,close,adj close\n{DAY},12,6\n");
    site.import(&csv, &options).await.unwrap();
    let id = site.instrument("ACME").await.id;
    state(&site, id, 10.0).await;
    assert_eq!(day(&site, id).await, (10.0, Some(5.0)), "in the same ratio");
    state(&site, id, 8.0).await;
    assert_eq!(day(&site, id).await, (8.0, Some(4.0)));
    withdraw(&site, id).await;
    assert_eq!(day(&site, id).await, (12.0, Some(6.0)));
}

#[tokio::test]
async fn what_a_source_says_while_a_stated_close_stands_counts_when_that_is_withdrawn() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    says(&site, id, "yahoo", 11.5, Some(11.5)).await;
    state(&site, id, 10.0).await;
    for _ in 0..2 {
        // The former statement again, then a correction, each more than once.
        says(&site, id, "yahoo", 11.5, Some(11.5)).await;
    }
    for _ in 0..2 {
        says(&site, id, "yahoo", 12.0, Some(11.0)).await;
    }
    assert_eq!(day(&site, id).await, (10.0, Some(10.0)), "it stands");
    let path = format!("/api/v1/market/instruments/{id}/overrides");
    let told = site.get(&path, &site.ann).await.json();
    let refused = &told["history"][0];
    assert_eq!(
        (
            &refused["close"],
            &refused["adjusted_close"],
            &refused["source"],
            &refused["is_refused"],
            &refused["next_close"],
            &refused["next_source"]
        ),
        (
            &json!(12.0),
            &json!(11.0),
            &json!("yahoo"),
            &json!(true),
            &json!(10.0),
            &json!("override")
        )
    );
    let before = &told["history"][1];
    assert_eq!(
        (
            &before["close"],
            &before["is_refused"],
            &before["next_close"]
        ),
        (&json!(11.5), &json!(false), &json!(10.0))
    );
    assert_eq!(
        told["history"].as_array().unwrap().len(),
        3,
        "what is said again is kept once: {told}"
    );
    let page = site
        .get(&format!("/market/instruments/{id}/overrides"), &site.ann)
        .await;
    assert!(page.text.contains(", which stood"), "{}", page.text);
    withdraw(&site, id).await;
    assert_eq!(day(&site, id).await, (12.0, Some(11.0)));
}

#[tokio::test]
async fn a_source_that_comes_to_say_what_a_person_stated_keeps_it_said() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    says(&site, id, "yahoo", 11.5, None).await;
    state(&site, id, 10.0).await;
    says(&site, id, "yahoo", 10.0, None).await;
    withdraw(&site, id).await;
    assert_eq!(day(&site, id).await, (10.0, None));
    assert_eq!(
        site.texts("select source from market.bars_1d where at = '2024-05-31'")
            .await,
        ["yahoo"]
    );
}

#[tokio::test]
async fn a_correction_of_the_adjusted_close_alone_keeps_what_it_was() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    says(&site, id, "yahoo", 11.5, Some(11.5)).await;
    says(&site, id, "yahoo", 11.5, Some(11.25)).await;
    assert_eq!(
        site.texts(
            "select close || ' ' || adjusted_close from market.bar_versions
             where source = 'yahoo'"
        )
        .await,
        ["11.5 11.5"]
    );
    let told = site
        .get(&format!("/market/instruments/{id}/overrides"), &site.ann)
        .await
        .text;
    assert!(told.contains("11.25"), "{told}");
}
