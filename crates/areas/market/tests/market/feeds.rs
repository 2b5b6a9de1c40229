//! Prices that are fetched: from whom, in which order, and what becomes of what looks wrong.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, Uri},
};
use jiff::{SignedDuration, Timestamp};
use market::{
    InstrumentId,
    bars::Interval,
    feeds,
    feeds::{Feeds, FetchOutcome, Want},
    overrides, quality,
};
use serde_json::json;
use sources::{Options, ProviderId, Sources};
use tokio::{net::TcpListener, task::JoinSet};

use crate::site::{NOW, Site};

/// Yahoo is down; Stooq gives a week whose Thursday is in pence.
const CSV: &str = "Date,Open,High,Low,Close,Volume\n\
    2024-05-27,100,101,99,100.5,1000\n\
    2024-05-28,100,102,99,101.5,1100\n\
    2024-05-29,101,103,100,102.5,1200\n\
    2024-05-30,10250,10300,10100,10225,1300\n\
    2024-05-31,102,104,101,103.5,1400\n";

struct Outside {
    feeds: Feeds,
    asked: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Outside {
    async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(asked.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let mut options = Options {
            addresses: ProviderId::ALL.map(|id| (id, address.clone())).into(),
            ..Options::default()
        };
        options.retry.base = Duration::from_millis(1);
        let policy = outbound::Policy {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            ..outbound::Policy::default()
        };
        Self {
            feeds: Feeds {
                sources: Arc::new(Sources::new(&options, policy).unwrap()),
                sealer: seal::Sealer::with_key([7; 32]),
            },
            asked,
            _task: task,
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(asked): State<Arc<AtomicUsize>>, uri: Uri) -> (StatusCode, &'static str) {
    asked.fetch_add(1, Ordering::SeqCst);
    if uri.path().starts_with("/q/d/l") {
        (StatusCode::OK, CSV)
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "maintenance")
    }
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

async fn acme(site: &Site) -> InstrumentId {
    let body = json!({ "symbol": "ACME", "name": "Acme", "currency": "USD" });
    let path = "/api/v1/market/instruments";
    let answer = site.call(Method::POST, path, &site.owner).json(body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    site.instrument("ACME").await.id
}

async fn switch_on(site: &Site, sources: &[&str]) {
    for source in sources {
        let path = format!("/api/v1/market/sources/{source}");
        let call = site.call(Method::PUT, &path, &site.owner);
        let answer = call.json(json!({ "is_enabled": true })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.json()["state"], "on");
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn a_source_that_fails_is_passed_over_and_what_looks_wrong_waits() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    let db = site.db();

    // Nothing is asked until the operator says so.
    let done = outside
        .feeds
        .refresh(&db, now(), id, Want::Bars(Interval::Day), true)
        .await
        .unwrap();
    assert_eq!((done.provider, outside.asked()), (None, 0));

    switch_on(&site, &["yahoo", "stooq"]).await;
    let done = outside
        .feeds
        .refresh(&db, now(), id, Want::Bars(Interval::Day), true)
        .await
        .unwrap();
    assert_eq!(done.provider.as_deref(), Some("stooq"));
    assert_eq!((done.stored, done.quarantined), (4, 1), "{done:?}");
    assert!(
        done.passed_over
            .iter()
            .any(|text| text.contains("yahoo fails (503)")),
        "{done:?}"
    );
    assert_eq!(outside.asked(), 4, "Yahoo three times, Stooq once");
    let closes = site.closes(id).await;
    assert_eq!(closes.last().unwrap(), &("2024-05-31".to_owned(), 103.5));
    assert!(!closes.iter().any(|(day, _)| day == "2024-05-30"));

    // The reasons are on record, and the page shows them.
    let attempts = feeds::attempts(&db, 10).await.unwrap();
    let of = |provider| {
        attempts
            .iter()
            .find(|(found, _)| found.provider == provider)
    };
    let (failed, symbol) = of(ProviderId::Yahoo).unwrap();
    assert_eq!(
        (failed.outcome, failed.code.as_str()),
        (FetchOutcome::Failed, "failing")
    );
    assert_eq!(symbol.as_deref(), Some("ACME"));
    assert_eq!(of(ProviderId::Stooq).unwrap().0.quarantined, 1);
    let page = site.get("/market/sources", &site.owner).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for text in [
        "maintenance",
        "Doubtful prices",
        "Switch off",
        "price history",
    ] {
        assert!(page.text.contains(text), "{text}");
    }

    // What came lately is used, and nobody is asked.
    let again = outside
        .feeds
        .refresh(&db, now(), id, Want::Bars(Interval::Day), false)
        .await
        .unwrap();
    assert_eq!(
        (again.provider.as_deref(), outside.asked()),
        (Some("stooq"), 4)
    );
    let cache = feeds::cache_statistics(&db, now()).await.unwrap();
    assert_eq!(
        (cache[0].entries, cache[0].hits, cache[0].misses),
        (1, 1, 2)
    );
    // Later the same is fetched again: nothing is new, and the doubt is not raised twice.
    let later = now() + SignedDuration::from_hours(7);
    let third = outside
        .feeds
        .refresh(&db, later, id, Want::Bars(Interval::Day), false)
        .await
        .unwrap();
    assert_eq!((third.stored, third.quarantined), (0, 0), "{third:?}");
    assert_eq!(feeds::invalidate(&db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_person_decides_about_doubtful_prices_and_overrides_stick() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    let db = site.db();
    switch_on(&site, &["stooq"]).await;
    outside
        .feeds
        .refresh(&db, now(), id, Want::Bars(Interval::Day), true)
        .await
        .unwrap();
    let found = quality::open(&db, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].doubts[0].code(), "hundredfold");
    let page = site.get("/market/quarantine", &site.owner).await;
    assert!(page.text.contains("mix up a currency"), "{}", page.text);

    let path = format!("/market/quarantine/{}/accept", found[0].id);
    let accepted = site.call(Method::POST, &path, &site.owner).send("").await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.text);
    assert!(
        site.closes(id)
            .await
            .contains(&("2024-05-30".to_owned(), 10_225.0))
    );
    let again = site.call(Method::POST, &path, &site.owner).send("").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(quality::open(&db, 10).await.unwrap().is_empty());

    let stated = overrides::Override {
        date: jiff::civil::date(2024, 5, 30),
        close: 102.25,
        reason: "The source had pence.".to_owned(),
        stated_at: now(),
    };
    overrides::put(&db, id, &stated, site.owner_id, now())
        .await
        .unwrap();
    outside
        .feeds
        .refresh(&db, now(), id, Want::Bars(Interval::Day), true)
        .await
        .unwrap();
    assert!(
        site.closes(id)
            .await
            .contains(&("2024-05-30".to_owned(), 102.25))
    );
    overrides::withdraw(&db, id, stated.date, site.owner_id, now())
        .await
        .unwrap();
    // The last that a source stated counts again.
    assert!(
        site.closes(id)
            .await
            .contains(&("2024-05-30".to_owned(), 10_225.0))
    );
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn sources_are_for_administrators_and_keys_are_sealed() {
    let site = Site::new().await;
    for path in [
        "/market/sources",
        "/market/quarantine",
        "/market/sources/fred/key",
        "/api/v1/market/sources",
    ] {
        assert_eq!(
            site.get(path, &site.ann).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
        assert_eq!(
            site.get(path, &site.owner).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
    let form = |path: &'static str, body: &'static str| {
        let call = site.call(Method::POST, path, &site.owner);
        call.header("content-type", "application/x-www-form-urlencoded")
            .send(body)
    };
    let saved = form(
        "/market/sources/fred/key",
        "api_key=s3cret-k3y&limit_count=7&limit_seconds=60",
    )
    .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let list = site.get("/api/v1/market/sources", &site.owner).await;
    let fred = list
        .json()
        .as_array()
        .unwrap()
        .iter()
        .find(|source| source["id"] == "fred")
        .cloned()
        .unwrap();
    assert_eq!(
        (fred["has_key"].clone(), fred["limit_count"].clone()),
        (json!(true), json!(7))
    );
    let page = site.get("/market/sources/fred/key", &site.owner).await;
    assert!(!list.text.contains("s3cret") && !page.text.contains("s3cret"));
    for body in [
        "limit_count=0&limit_seconds=60",
        "limit_count=5",
        "api_key=two%20words",
    ] {
        let refused = form("/market/sources/fred/key", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert_eq!(
        form("/market/sources/bloomberg/switch", "to=on")
            .await
            .status,
        StatusCode::NOT_FOUND
    );

    let ordered = form(
        "/market/sources/order",
        "asset_class=crypto&order=coinbase, kraken",
    )
    .await;
    assert_eq!(ordered.status, StatusCode::SEE_OTHER, "{}", ordered.text);
    let orders = feeds::orders(&site.db()).await.unwrap();
    let stated = feeds::Order {
        asset_class: market::AssetClass::Crypto,
        providers: vec![ProviderId::Coinbase, ProviderId::Kraken],
        is_usual: false,
    };
    assert!(orders.contains(&stated), "{orders:?}");
    for body in [
        "asset_class=crypto&order=bloomberg",
        "asset_class=cash&order=yahoo",
    ] {
        let refused = form("/market/sources/order", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn the_order_of_sources_is_set_of_every_class_that_is_fetched() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let path = "/api/v1/market/sources/orders";
    let listed = site.get(path, &site.owner).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.text);
    let classes: Vec<_> = listed.json().as_array().unwrap().iter().map(text).collect();
    assert_eq!(
        classes,
        [
            "equity",
            "etf",
            "fund",
            "bond",
            "crypto",
            "forex",
            "commodity",
            "index"
        ]
    );
    let page = site.get("/market/sources", &site.owner).await;
    assert!(page.text.contains(r#"value="commodity""#), "{}", page.text);

    let put = |class: &str, body: serde_json::Value| {
        let path = format!("{path}/{class}");
        site.call(Method::PUT, &path, &site.owner).json(body)
    };
    let set = put(
        "forex",
        json!({ "sources": ["twelve_data", "yahoo", "yahoo"] }),
    )
    .await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let stated = json!({
        "asset_class": "forex", "sources": ["twelve_data", "yahoo"], "is_usual": false
    });
    assert_eq!(set.json(), stated);
    let listed = site.get(path, &site.owner).await.json();
    assert!(listed.as_array().unwrap().contains(&stated), "{listed}");

    // What is named alone is asked: Stooq has the share, and nobody else is on.
    let id = acme(&site).await;
    switch_on(&site, &["stooq"]).await;
    let set = put("equity", json!({ "sources": ["yahoo"] })).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let want = Want::Bars(Interval::Day);
    let db = site.db();
    let refresh = || outside.feeds.refresh(&db, now(), id, want, true);
    assert_eq!(refresh().await.unwrap().provider, None);
    let set = put("equity", json!({ "sources": [] })).await;
    assert_eq!(set.json()["is_usual"], true, "{}", set.text);
    assert_eq!(refresh().await.unwrap().provider.as_deref(), Some("stooq"));

    let unknown = put("forex", json!({ "sources": ["bloomberg"] })).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unknown.json()["errors"][0]["code"], "unknown_source");
    for class in ["liability", "stamps"] {
        let none = put(class, json!({ "sources": ["yahoo"] })).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND, "{}", none.text);
    }
    let call = site.call(Method::PUT, &format!("{path}/forex"), &site.ann);
    let refused = call.json(json!({ "sources": [] })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(
        site.get(path, &site.ann).await.status,
        StatusCode::FORBIDDEN
    );
    let listed = site.get(path, &site.owner).await.json();
    assert!(listed.as_array().unwrap().contains(&stated), "{listed}");
}

fn text(order: &serde_json::Value) -> String {
    order["asset_class"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn made_up_prices_go_on_where_they_ended_and_real_ones_are_never_made_up() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let real = acme(&site).await;
    let db = site.db();
    let done = outside
        .feeds
        .refresh(&db, now(), real, Want::Bars(Interval::Day), true)
        .await
        .unwrap();
    assert_eq!(done.provider, None, "the simulator is on, and not asked");

    let mut tx = db.system("simulate").await.unwrap();
    let key = market::SecurityKey {
        symbol: "SIMCO".to_owned(),
        exchange: Some(market::instruments::SIMULATED_EXCHANGE.to_owned()),
        ..market::SecurityKey::default()
    };
    market::instruments::ensure_simulated(&mut tx, &[key])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let made_up = site.instrument("SIMCO").await.id;
    let mut tx = db.system("simulate").await.unwrap();
    let bar = market::bars::DailyBar {
        date: jiff::civil::date(2024, 5, 27),
        open: 40.0,
        high: 41.0,
        low: 39.0,
        close: 40.0,
        adjusted_close: None,
        volume: None,
    };
    market::bars::insert_daily(&mut tx, "simulated", [(made_up, bar)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let done = outside
        .feeds
        .refresh(&db, now(), made_up, Want::Bars(Interval::Day), true)
        .await
        .unwrap();
    assert_eq!(
        (done.provider.as_deref(), done.stored),
        (Some("simulator"), 4),
        "{done:?}"
    );
    let closes = site.closes(made_up).await;
    assert_eq!(closes.len(), 5);
    assert!(
        closes.iter().all(|(_, close)| (30.0..50.0).contains(close)),
        "{closes:?}"
    );
    assert_eq!(outside.asked(), 0);
}
