//! How sources are asked over several nodes and restarts: what is known of them, limits of a day, trials after
//! failures, spans that do not come whole.

use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use market::{
    InstrumentId,
    bars::Interval,
    feeds::{self, Availability, Feeds, Refreshed, Want},
};
use serde_json::json;
use sources::{
    Limit,
    ProviderId::{self, AlphaVantage, Coinbase, Kraken, Stooq, Yahoo},
};

use crate::{
    outside::{Outside, Reply, ok, vantage_quote, yahoo_quote},
    site::Site,
};

const OPEN: &str = "2024-06-03T15:00:00Z";
const DAILY: Want = Want::Bars(Interval::Day);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn several(site: &Site, number: usize) -> Vec<InstrumentId> {
    let mut ids = Vec::new();
    for index in 0..number {
        let symbol = format!("ACME{index}");
        let id = site.add(&symbol, json!({ "exchange": "XNYS" })).await;
        site.close_of(id, "2024-05-31", 103.5).await;
        ids.push(id);
    }
    ids
}

/// All of these instruments at once, by turns on each of the nodes.
async fn at_once(
    site: &Site,
    nodes: &[Feeds],
    now: &str,
    ids: &[InstrumentId],
    want: Want,
) -> Vec<Refreshed> {
    let db = site.db();
    let asks = ids.iter().enumerate().map(|(index, id)| {
        let node = &nodes[index % nodes.len()];
        let db = &db;
        async move { node.refresh(db, at(now), *id, want, false).await.unwrap() }
    });
    join_all(asks).await
}

async fn count(site: &Site, provider: ProviderId, outcome: &str, code: &str) -> usize {
    let attempts = site.attempts(provider).await;
    let alike = attempts
        .iter()
        .filter(|(was, named, _)| was == outcome && named == code);
    alike.count()
}

async fn state(site: &Site, provider: ProviderId, now: &str) -> Availability {
    let states = feeds::list(&site.db()).await.unwrap();
    let state = states.iter().find(|state| state.id == provider).unwrap();
    state.availability(at(now))
}

/// Leaves Yahoo alone until a moment, after five failures.
async fn left_alone(site: &Site, until: &str) {
    site.change(&format!(
        r#"update market.providers
           set breaker = '{{"failures":5,"openings":1,"open_until":"{until}","probe_until":null}}'
           where provider = 'yahoo'"#
    ))
    .await;
}

#[tokio::test]
async fn over_all_nodes_one_request_tries_a_source_that_was_left_alone() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = several(&site, 6).await;
    site.switch_on(&[Yahoo]).await;
    let nodes = [outside.node(), outside.node()];
    left_alone(&site, "2024-06-03T14:59:00Z").await;
    // The trial fails: nobody else was let through, and the source is left alone for two minutes.
    let failing = Reply {
        status: 503,
        after: Duration::from_millis(400),
        ..ok("still down")
    };
    outside.reply("range=1d", failing);
    at_once(&site, &nodes, OPEN, &ids, Want::Quote).await;
    assert_eq!(outside.asked("/v8/"), 1);
    assert_eq!(count(&site, Yahoo, "failed", "failing").await, 1);
    assert_eq!(count(&site, Yahoo, "skipped", "breaker_open").await, 5);
    assert_eq!(
        state(&site, Yahoo, "2024-06-03T15:01:59Z").await,
        Availability::LeftAlone
    );
    assert_eq!(
        state(&site, Yahoo, "2024-06-03T15:02:05Z").await,
        Availability::OnTrial
    );
    // The next trial succeeds, and everybody may ask again.
    let slow = Reply {
        after: Duration::from_millis(400),
        ..yahoo_quote(104.25, "2024-06-03T15:04:00Z", "USD")
    };
    outside.reply("range=1d", slow);
    at_once(&site, &nodes, "2024-06-03T15:05:00Z", &ids, Want::Quote).await;
    assert_eq!(outside.asked("/v8/"), 2);
    assert_eq!(
        state(&site, Yahoo, "2024-06-03T15:05:00Z").await,
        Availability::On
    );
    at_once(&site, &nodes, "2024-06-03T15:06:00Z", &ids, Want::Quote).await;
    assert_eq!(outside.asked("/v8/"), 8);
}

#[tokio::test]
async fn failures_of_several_nodes_add_up_and_nobody_forgets_them() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = several(&site, 3).await;
    site.switch_on(&[Yahoo]).await;
    let nodes = [outside.node(), outside.node()];
    // One request is under way for long, and is answered in the end.
    let slow = Reply {
        after: Duration::from_secs(5),
        ..yahoo_quote(104.25, "2024-06-03T14:59:00Z", "USD")
    };
    outside.reply("range=1d", ok("{}"));
    outside.reply("ACME2", slow);
    let down = Reply {
        status: 503,
        ..ok("down")
    };
    outside.reply("ACME0", down.clone());
    outside.reply("ACME1", down);
    // Three tries of each node, of which no five are in a row on any of them.
    let failing = async {
        while outside.asked("ACME2") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        at_once(&site, &nodes, OPEN, &ids[..2], Want::Quote).await
    };
    let slow = at_once(&site, &nodes, OPEN, &ids[2..], Want::Quote);
    let (answered, _) = tokio::join!(slow, failing);
    assert_eq!(
        answered[0].provider.as_deref(),
        Some("yahoo"),
        "{answered:?}"
    );
    assert_eq!(count(&site, Yahoo, "failed", "failing").await, 2);
    assert_eq!(
        state(&site, Yahoo, "2024-06-03T15:00:30Z").await,
        Availability::LeftAlone
    );
}

#[tokio::test]
async fn the_reason_of_a_failure_is_the_failure_and_tries_are_those_that_were_made() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = several(&site, 3).await;
    site.switch_on(&[Yahoo]).await;
    let down = Reply {
        status: 503,
        ..ok("down for maintenance")
    };
    outside.reply("range=1d", down);
    for id in &ids {
        outside.refresh(&site, OPEN, *id, Want::Quote).await;
    }
    let attempts = feeds::attempts(&site.db(), 10).await.unwrap();
    let mut told: Vec<_> = attempts
        .iter()
        .map(|(attempt, symbol)| {
            let symbol = symbol.clone().unwrap_or_default();
            let outcome = attempt.outcome.as_str();
            (symbol, outcome, attempt.code.clone(), attempt.tries)
        })
        .collect();
    told.sort();
    let row = |symbol: &str, outcome, code: &str, tries| {
        (symbol.to_owned(), outcome, code.to_owned(), tries)
    };
    assert_eq!(
        told,
        [
            row("ACME0", "failed", "failing", 3),
            // The fifth failure in a row opens the breaker, and is told.
            row("ACME1", "failed", "failing", 2),
            row("ACME2", "skipped", "breaker_open", 0),
        ]
    );
    let states = feeds::list(&site.db()).await.unwrap();
    let yahoo = states.iter().find(|state| state.id == Yahoo).unwrap();
    assert_eq!((yahoo.failed, yahoo.skipped), (2, 1));
    let reason = yahoo.last_failure.as_deref().unwrap();
    assert_eq!(reason, "yahoo fails (503): down for maintenance");
}

#[tokio::test]
async fn a_limit_of_a_day_holds_over_nodes_and_restarts() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = several(&site, 6).await;
    site.switch_on(&[AlphaVantage]).await;
    let three = Limit {
        count: 3,
        per: Duration::from_hours(24),
    };
    feeds::set_limit(&site.db(), AlphaVantage, Some(three))
        .await
        .unwrap();
    outside.reply("GLOBAL_QUOTE", vantage_quote("104.25", "2024-06-03"));
    for (index, id) in ids.iter().enumerate() {
        // Every time another process.
        let node = outside.node();
        let done = node
            .refresh(&site.db(), at(OPEN), *id, Want::Quote, false)
            .await
            .unwrap();
        let expected = (index < 3).then_some("alpha_vantage");
        assert_eq!(done.provider.as_deref(), expected, "{done:?}");
    }
    assert_eq!(outside.asked("GLOBAL_QUOTE"), 3);
    assert_eq!(count(&site, AlphaVantage, "skipped", "limited").await, 3);
    let states = feeds::list(&site.db()).await.unwrap();
    let state = states
        .iter()
        .find(|state| state.id == AlphaVantage)
        .unwrap();
    assert_eq!(
        (state.failed, state.last_failure.as_deref()),
        (0, None),
        "nothing was asked, so nothing failed"
    );
    // All at once on two nodes, a day later: no more than three, and those that are left are not lost.
    let nodes = [outside.node(), outside.node()];
    let next = "2024-06-04T15:00:01Z";
    at_once(&site, &nodes, next, &ids, Want::Quote).await;
    assert!(outside.asked("GLOBAL_QUOTE") <= 6);
    for id in &ids {
        let later = at("2024-06-04T15:02:00Z");
        let node = outside.node();
        node.refresh(&site.db(), later, *id, Want::Quote, false)
            .await
            .unwrap();
    }
    assert_eq!(outside.asked("GLOBAL_QUOTE"), 6);
}

#[tokio::test]
async fn a_try_more_counts_against_the_limit_of_a_day() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = several(&site, 2).await;
    site.switch_on(&[AlphaVantage]).await;
    let four = Limit {
        count: 4,
        per: Duration::from_hours(24),
    };
    feeds::set_limit(&site.db(), AlphaVantage, Some(four))
        .await
        .unwrap();
    let down = Reply {
        status: 500,
        ..ok("oops")
    };
    outside.reply("GLOBAL_QUOTE", down);
    for id in &ids {
        outside.refresh(&site, OPEN, *id, Want::Quote).await;
    }
    assert_eq!(outside.asked("GLOBAL_QUOTE"), 4, "three tries, and one");
    assert_eq!(count(&site, AlphaVantage, "failed", "failing").await, 2);
}

#[tokio::test]
async fn what_a_source_says_of_a_span_is_not_believed_of_another_and_never_when_forced() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = several(&site, 1).await[0];
    site.switch_on(&[Stooq]).await;
    let dated = |rows: &str| Reply {
        last_modified: Some("Fri, 31 May 2024 22:00:00 GMT"),
        ..ok(format!("Date,Open,High,Low,Close,Volume\n{rows}"))
    };
    let week = "2024-05-30,102,103.5,101,103,900\n2024-05-31,103,104,102,103.5,1000\n";
    outside.reply("/q/d/l", dated(week));
    let refresh = async |now: &str, is_forced: bool| {
        let db = site.db();
        let feeds = &outside.feeds;
        feeds
            .refresh(&db, at(now), id, DAILY, is_forced)
            .await
            .unwrap()
    };
    let conditional = || outside.asked("if changed since");
    refresh("2024-06-01T12:00:00Z", false).await;
    assert_eq!((outside.asked("/q/d/l"), conditional()), (1, 0));
    // The same span again: nothing is new, and that is good for as long as what came was.
    refresh("2024-06-01T19:00:00Z", false).await;
    assert_eq!((outside.asked("/q/d/l"), conditional()), (2, 1));
    assert_eq!(count(&site, Stooq, "not_modified", "not_modified").await, 1);
    let hit = refresh("2024-06-02T00:30:00Z", false).await;
    assert_eq!(
        (hit.provider.as_deref(), outside.asked("/q/d/l")),
        (Some("stooq"), 2)
    );
    // Somebody has removed a bar and wants it back: whoever asks for a refresh gets all of it.
    site.as_owner("delete from market.bars_1d where at = '2024-05-30 00:00:00Z'")
        .await;
    let done = refresh("2024-06-02T01:00:00Z", true).await;
    assert_eq!((done.stored, conditional()), (1, 1), "{done:?}");
    // On Monday evening the span is a longer one, of which the answer to the former says nothing.
    outside.reply(
        "/q/d/l",
        dated(&format!("{week}2024-06-03,104,105,103,104.5,1000\n")),
    );
    let done = refresh("2024-06-03T23:00:00Z", false).await;
    assert_eq!((done.stored, conditional()), (1, 1), "{done:?}");
}

async fn bitcoin(site: &Site) -> InstrumentId {
    site.add("BTC", json!({ "asset_class": "crypto" })).await
}

/// A candle of Coinbase.
fn candle(day: &str, close: f64) -> String {
    let second = at(&format!("{day}T00:00:00Z")).as_second();
    format!(
        "[{second},{},{},{close},{close},3.5]",
        close - 1.0,
        close + 1.0
    )
}

#[tokio::test]
async fn what_did_not_come_at_the_end_is_due_again() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = bitcoin(&site).await;
    site.switch_on(&[Coinbase]).await;
    // Of seven parts the first comes.
    let first = format!("[{}]", candle("2019-06-10", 7_700.0));
    outside.reply("start=2019-06-03", ok(first));
    let done = outside.refresh(&site, OPEN, id, DAILY).await;
    assert_eq!((done.stored, outside.asked("candles")), (1, 4), "{done:?}");
    let (outcome, code, reason) = site.attempts(Coinbase).await.remove(0);
    assert_eq!((outcome.as_str(), code.as_str()), ("fetched", "incomplete"));
    assert!(
        reason.contains("nothing came from 2020-03-29T00:00:00Z on: coinbase fails (503)"),
        "{reason}"
    );
    let fetched = site
        .texts(
            "select coalesce(fetched_at::text, 'due') from market.refreshes where want = 'bars_1d'",
        )
        .await;
    assert_eq!(fetched, ["due"]);
    // An hour later it goes on from where it ended, whatever is cached.
    outside.reply("start=2019-06-03", ok("[]"));
    outside.reply("start=20", ok("[]"));
    let last = format!("[{}]", candle("2024-06-02", 67_700.0));
    outside.reply("start=2024", ok(last));
    let later = "2024-06-03T16:00:00Z";
    let before = outside.asked("candles");
    outside.refresh(&site, later, id, DAILY).await;
    assert!(outside.asked("candles") > before);
    let (outcome, code, _) = site.attempts(Coinbase).await.remove(0);
    assert_eq!((outcome.as_str(), code.as_str()), ("fetched", "fetched"));
}

#[tokio::test]
async fn who_has_the_latest_alone_is_asked_after_who_has_all_and_says_what_is_missing() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = bitcoin(&site).await;
    site.switch_on(&[Kraken]).await;
    // 720 days whatever is wanted, the last of which has not ended.
    let today = at("2024-06-03T00:00:00Z").as_second();
    let rows: Vec<_> = (0..720)
        .map(|index| {
            let price = format!("{}", 30_000 + index);
            json!([
                today - (719 - index) * 86_400,
                price,
                price,
                price,
                price,
                price,
                "3.5",
                20
            ])
        })
        .collect();
    let body = json!({ "error": [], "result": { "XXBTZUSD": rows, "last": today } });
    outside.reply("/0/public/OHLC", ok(body.to_string()));
    let done = outside.refresh(&site, OPEN, id, DAILY).await;
    assert_eq!(
        (done.provider.as_deref(), done.stored),
        (Some("kraken"), 719)
    );
    let (_, code, reason) = site.attempts(Kraken).await.remove(0);
    assert_eq!(code, "incomplete");
    assert!(
        reason.contains("it gives nothing from before 2022-06-15T00:00:00Z"),
        "{reason}"
    );
    assert!(
        done.passed_over
            .iter()
            .any(|said| said.contains("2022-06-15")),
        "{done:?}"
    );

    // Where somebody has all of it, he is asked first, and Kraken again for what is new.
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = bitcoin(&site).await;
    site.switch_on(&[Kraken, Coinbase]).await;
    outside.reply(
        "candles",
        ok(format!("[{}]", candle("2024-06-02", 67_700.0))),
    );
    outside.reply("/0/public/OHLC", ok(body.to_string()));
    let done = outside.refresh(&site, OPEN, id, DAILY).await;
    assert_eq!(
        (done.provider.as_deref(), outside.asked("OHLC")),
        (Some("coinbase"), 0)
    );
    let next = outside
        .refresh(&site, "2024-06-04T15:00:00Z", id, DAILY)
        .await;
    assert_eq!(
        (next.provider.as_deref(), outside.asked("OHLC")),
        (Some("kraken"), 1)
    );
}
