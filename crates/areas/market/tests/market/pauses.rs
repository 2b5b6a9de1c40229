//! What a source refuses or does not have is not asked for again and again, and does not stand in the way of the rest.

use jiff::{SignedDuration, Timestamp};
use jobs::{Registry, Runner};
use market::{
    InstrumentId,
    feeds::{self, Availability, RefreshQuotes, Want},
    interests::{self, Reason},
};
use serde_json::json;
use sources::ProviderId::{AlphaVantage, Yahoo};

use crate::{
    outside::{Outside, Reply, ok, yahoo_nothing, yahoo_quote},
    refreshes::look,
    site::Site,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn status(status: u16) -> Reply {
    Reply { status, ..ok("{}") }
}

/// Shares of Frankfurt that somebody holds, with a close.
async fn held(site: &Site, number: usize) -> Vec<InstrumentId> {
    let mut ids = Vec::new();
    for index in 0..number {
        let facts = json!({ "exchange": "XETR", "currency": "EUR" });
        let id = site.add(&format!("SAP{index}"), facts).await;
        site.close_of(id, "2024-05-31", 103.5).await;
        ids.push(id);
    }
    ids
}

async fn hold(site: &Site, ids: &[InstrumentId], now: Timestamp) {
    let mut tx = site.db().system("a test holds").await.unwrap();
    interests::state(&mut tx, Reason::Held, ids, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// A look in each hour, from Friday evening on.
async fn hours(site: &Site, outside: &Outside, ids: &[InstrumentId], hours: std::ops::Range<i64>) {
    for hour in hours {
        let now = at("2024-05-31T18:00:00Z") + SignedDuration::from_hours(hour);
        hold(site, ids, now).await;
        look(site, outside, now).await;
    }
}

#[tokio::test]
async fn a_chain_that_is_refused_is_asked_for_once_a_session_and_shuts_nobody_out() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = held(&site, 6).await;
    site.switch_on(&[Yahoo]).await;
    site.without_limit(Yahoo).await;
    outside.reply("/v8/finance/chart/", yahoo_nothing());
    outside.reply("/v7/finance/options/", status(401));
    // Until Monday at noon: Frankfurt has closed once.
    hours(&site, &outside, &ids, 0..66).await;
    assert_eq!(outside.asked("/v7/finance/options/"), 6);
    let states = feeds::list(&site.db()).await.unwrap();
    let yahoo = states.iter().find(|state| state.id == Yahoo).unwrap();
    let monday = at("2024-06-03T12:00:00Z");
    assert_eq!(yahoo.availability(monday), Availability::On);
    assert_eq!(yahoo.breaker.failures, 0);
    // And on Monday evening once more.
    hours(&site, &outside, &ids, 66..90).await;
    assert_eq!(outside.asked("/v7/finance/options/"), 12);
    // A person need not wait.
    let done = outside
        .feeds
        .refresh(
            &site.db(),
            at("2024-06-04T12:01:00Z"),
            ids[0],
            Want::OptionChain,
            true,
        )
        .await
        .unwrap();
    assert_eq!(
        (done.provider, outside.asked("/v7/finance/options/")),
        (None, 13)
    );
}

#[tokio::test]
async fn reports_that_nobody_has_are_asked_for_once_a_day_and_then_less() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = held(&site, 1).await;
    site.switch_on(&[AlphaVantage]).await;
    let unknown =
        json!({ "Error Message": "Invalid API call. Please retry or visit the documentation" });
    outside.reply("function=", ok(unknown.to_string()));
    outside.reply("function=OVERVIEW", ok("{}"));
    hours(&site, &outside, &ids, 0..24).await;
    assert_eq!(outside.asked("function=OVERVIEW"), 1);
    // A day apart three times, then two, four and seven.
    hours(&site, &outside, &ids, 24..240).await;
    assert_eq!(outside.asked("function=OVERVIEW"), 6);
}

#[tokio::test]
async fn minutes_and_prices_that_a_source_does_not_have_are_asked_for_less_and_less_often() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = held(&site, 1).await;
    site.switch_on(&[Yahoo]).await;
    outside.reply("/v8/finance/chart/", status(404));
    outside.reply("/v7/finance/options/", status(404));
    let registry = || {
        Registry::new()
            .with::<RefreshQuotes>()
            .provide(outside.feeds.clone())
    };
    // An hour of the session: at 0, 1, 2, 3, 5, 9, 17, 32 minutes.
    for minute in 0..60 {
        let now = at("2024-06-03T10:00:00Z") + SignedDuration::from_mins(minute);
        hold(&site, &ids, now).await;
        let mut tx = site.db().system("a test queues jobs").await.unwrap();
        jobs::enqueue(&mut tx, &RefreshQuotes {}).await.unwrap();
        tx.commit().await.unwrap();
        Runner::new(site.db(), db::Clock::fixed(now), registry())
            .run_due()
            .await
            .unwrap();
    }
    assert_eq!(outside.asked("range=1d"), 8);
    hours(&site, &outside, &ids, 0..66).await;
    let minutes = outside.asked("interval=1m");
    assert!((5..=9).contains(&minutes), "{minutes}");
    assert_eq!(outside.asked("interval=5m"), 4, "twenty hours apart");
    // It lists, and what comes is followed each minute again.
    outside.reply(
        "range=1d",
        yahoo_quote(104.25, "2024-06-03T12:00:00Z", "EUR"),
    );
    let done = outside
        .refresh(&site, "2024-06-03T12:00:30Z", ids[0], Want::Quote)
        .await;
    assert_eq!(done.stored, 1, "{done:?}");
    let state =
        "select misses || ' ' || (next_at is null) from market.refreshes where want = 'quote'";
    assert_eq!(site.texts(state).await, ["0 true"]);
}
