//! How far the prices of all instruments reach, for whoever runs the instance.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::Timestamp;
use market::{
    AssetClass,
    bars::Interval,
    interests::{self, Reason},
};
use serde_json::{Value, json};

use crate::{
    bars_of,
    site::{NOW, Site},
};

const PATH: &str = "/api/v1/market/freshness";

/// Sixty that have no prices, one whose prices end on a Tuesday, and one that has last Friday's.
async fn filled() -> Site {
    let site = Site::new().await;
    bars_of(&site, "LIVE").await;
    let late = "symbol,date,close\nLATE,2024-05-28,7\n";
    site.post_csv("/api/v1/market/bars", &site.owner, late)
        .await;
    site.change(
        "insert into market.instruments (id, symbol, exchange, currency, asset_class)
         select gen_random_uuid(), 'D' || lpad(n::text, 3, '0'), 'XNAS', 'USD',
                case when n = 60 then 'etf' else 'equity' end
         from generate_series(1, 60) as n",
    )
    .await;
    site
}

async fn symbols(site: &Site, query: &str) -> Vec<String> {
    let answer = site.get(&format!("{PATH}?{query}"), &site.owner).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let items = answer.json()["items"].as_array().unwrap().clone();
    let symbol = |item: &Value| item["symbol"].as_str().unwrap().to_owned();
    items.iter().map(symbol).collect()
}

#[tokio::test]
async fn what_is_alive_is_found_behind_what_is_dead() {
    let site = filled().await;
    let page = site.get("/market/freshness", &site.owner).await.text;
    assert!(
        page.contains(">D001<") && !page.contains(">LIVE<"),
        "{page}"
    );
    let first = site.get(PATH, &site.owner).await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 50);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = symbols(&site, &format!("cursor={cursor}")).await;
    assert_eq!(rest.len(), 12, "{rest:?}");
    assert_eq!(rest[9..], ["D060", "LATE", "LIVE"]);
    let next = format!("/market/freshness?cursor={cursor}");
    assert!(page.contains("cursor="), "{page}");
    let next = site.get(&next, &site.owner).await.text;
    assert!(
        next.contains(">LIVE<") && next.contains("Current"),
        "{next}"
    );
}

#[tokio::test]
async fn the_list_is_narrowed_by_state_interest_and_class() {
    let site = filled().await;
    assert_eq!(symbols(&site, "state=current").await, ["LIVE"]);
    let behind = symbols(&site, "state=behind&limit=500").await;
    assert_eq!((behind.len(), behind[60].as_str()), (61, "LATE"));
    assert_eq!(symbols(&site, "asset_class=etf").await, ["D060"]);
    assert!(symbols(&site, "interest=held").await.is_empty());
    let id = site.instrument("LATE").await.id;
    let mut tx = site.db().system("a test holds").await.unwrap();
    interests::state(&mut tx, Reason::Held, &[id], NOW.parse().unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(symbols(&site, "interest=held&state=behind").await, ["LATE"]);
    assert!(symbols(&site, "interest=watched").await.is_empty());
    let late = site
        .get(&format!("{PATH}?interest=held"), &site.owner)
        .await
        .json();
    let late = &late["items"][0];
    assert_eq!(
        (
            &late["last_day"],
            &late["expected_day"],
            &late["is_behind"],
            &late["is_held"]
        ),
        (
            &json!("2024-05-28"),
            &json!("2024-05-31"),
            &json!(true),
            &json!(true)
        )
    );
    let page = "/market/freshness?interest=held&asset_class=bond";
    let nothing = site.get(page, &site.owner).await.text;
    assert!(nothing.contains("Nothing here"), "{nothing}");
}

#[tokio::test]
async fn a_day_that_is_computed_from_its_minutes_is_not_the_one_that_is_waited_for() {
    let site = Site::new().await;
    bars_of(&site, "ACME").await;
    let csv = "time,close\n2024-06-03T10:00:00Z,1\n";
    let door = "/api/v1/market/bars?interval=1m&symbol=ACME";
    site.post_csv(door, &site.owner, csv).await;
    market::rollups::run(&site.db()).await.unwrap();
    let found = site.get(PATH, &site.owner).await.json();
    let found = &found["items"][0];
    assert_eq!(
        (&found["last_day"], &found["source"]),
        (&json!("2024-05-31"), &json!("file test"))
    );
}

/// The queries and the program each know what is fetched, and by which calendar.
#[tokio::test]
async fn what_is_listed_is_what_sources_are_asked_for() {
    let site = Site::new().await;
    let id = |place: usize, is_active: bool| {
        let last = 2 * place + usize::from(is_active);
        format!("00000000-0000-7000-8000-{last:012}")
    };
    for (place, class) in AssetClass::ALL.into_iter().enumerate() {
        let class = class.as_str();
        let (active, old) = (id(place, true), id(place, false));
        site.change(&format!(
            "insert into market.instruments (id, symbol, exchange, currency, asset_class, is_active)
             values ('{active}', 'ACT{place}', 'XNAS', 'USD', '{class}', true),
                    ('{old}', 'OLD{place}', 'XNAS', 'USD', '{class}', false)"
        ))
        .await;
    }
    let answer = site.get(&format!("{PATH}?limit=500"), &site.owner).await;
    let mut listed = BTreeMap::new();
    for item in answer.json()["items"].as_array().unwrap() {
        let text = |field: &str| item[field].as_str().unwrap().to_owned();
        listed.insert(
            text("instrument_id"),
            (text("asset_class"), text("expected_day")),
        );
    }
    for (place, class) in AssetClass::ALL.into_iter().enumerate() {
        for is_active in [true, false] {
            let id = id(place, is_active);
            let page = site
                .get(&format!("/market/instruments/{id}"), &site.owner)
                .await;
            assert_eq!(page.status, StatusCode::OK);
            let is_asked_for = page.text.contains("How sources write it");
            assert_eq!(
                listed.contains_key(&id),
                is_asked_for,
                "{class:?} {is_active}"
            );
        }
    }
    // It is a Monday: coins traded yesterday, Nasdaq did on Friday.
    let days: BTreeMap<String, String> = listed.into_values().collect();
    assert_eq!(
        (&*days["crypto"], &*days["etf"]),
        ("2024-06-02", "2024-05-31")
    );
    assert!(!days.contains_key("cash"), "{days:?}");
}

#[tokio::test]
async fn a_bar_of_the_future_makes_nothing_fresh_and_moves_no_board() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let now: Timestamp = NOW.parse().unwrap();
    let csv = "date,close\n2024-06-04,12\n2024-06-05,90\n2027-05-05,5\n";
    let door = "/api/v1/market/bars?symbol=ACME";
    let report = site.post_csv(door, &site.owner, csv).await.json();
    assert_eq!(
        report["imported"],
        json!(1),
        "where a day has begun already"
    );
    for (place, line, date) in [(0, 3, "2024-06-05"), (1, 4, "2027-05-05")] {
        let refused = &report["rejected"][place];
        assert_eq!(
            (&refused["line"], &refused["code"]),
            (&json!(line), &json!("future_date"))
        );
        assert!(
            refused["message"].as_str().unwrap().contains(date),
            "{refused}"
        );
    }
    let csv = "time,close\n2024-06-04T12:00:00Z,12\n2024-06-04T12:01:00Z,13\n";
    let door = "/api/v1/market/bars?interval=1m&symbol=ACME";
    let report = site.post_csv(door, &site.owner, csv).await.json();
    assert_eq!(
        (&report["imported"], &report["rejected"][0]["code"]),
        (&json!(1), &json!("future_date"))
    );
    // What a source says by mistake about a later day neither counts as fresh nor ends the window of the board.
    let far = crate::timeseries::bar("2027-05-05T00:00:00Z", [5.0; 4], 1.0);
    crate::timeseries::ingest(&site, Interval::Day, "test", &[(id, far)]).await;
    let other = bars_of(&site, "OTHER").await;
    let found = site.get(PATH, &site.owner).await.json();
    let acme = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["symbol"] == "ACME");
    assert_eq!(acme.unwrap()["last_day"], json!("2024-05-31"));
    let mut tx = site.db().system("compute in a test").await.unwrap();
    market::figures::refresh(&mut tx).await.unwrap();
    let board = market::indices::board(tx.conn(), now).await.unwrap();
    let gainers: Vec<_> = board
        .gainers
        .iter()
        .map(|mover| mover.instrument_id)
        .collect();
    assert_eq!(gainers, [other], "10 to 11 on the last trading day");
}

#[tokio::test]
async fn others_may_not_look_and_unknown_words_are_refused() {
    let site = Site::new().await;
    for path in [PATH, "/market/freshness"] {
        let ann = site.get(path, &site.ann).await;
        assert_eq!(ann.status, StatusCode::FORBIDDEN, "{path}");
    }
    let refused = site
        .get(&format!("{PATH}?state=ripe&asset_class=gold"), &site.owner)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = refused.json()["errors"].clone();
    assert_eq!(
        (&errors[0]["pointer"], &errors[1]["pointer"]),
        (&json!("state"), &json!("asset_class"))
    );
    let page = site.get("/market/freshness?state=ripe", &site.owner).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("none of the words"), "{}", page.text);
}
