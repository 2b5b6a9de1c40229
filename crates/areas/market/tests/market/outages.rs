//! Sources that are away and come back: what was not asked is not held against it, and is asked for at once.

use jiff::{SignedDuration, Timestamp};
use market::{
    InstrumentId,
    feeds::{self, Want},
};
use serde_json::json;
use sources::ProviderId::{AlphaVantage, Fred, Stooq, TwelveData, Yahoo};

use crate::{
    outside::{Outside, Reply, ok, vantage_quote, yahoo_bars, yahoo_quote},
    refreshes::look,
    site::Site,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn down() -> Reply {
    Reply {
        status: 503,
        ..ok("down for maintenance")
    }
}

fn quarters(number: i64) -> SignedDuration {
    SignedDuration::from_mins(15 * number)
}

/// A bar of the Monday.
fn monday() -> Reply {
    let opening = at("2024-06-03T13:30:00Z");
    yahoo_bars(&[(opening, [103.8, 106.0, 103.2, 105.5, 9_500.0])])
}

async fn five(site: &Site) -> Vec<InstrumentId> {
    let mut ids = Vec::new();
    for index in 0..5 {
        let symbol = format!("ACME{index}");
        let id = site.add(&symbol, json!({ "exchange": "XNYS" })).await;
        site.close_of(id, "2024-05-31", 103.5).await;
        ids.push(id);
    }
    ids
}

#[tokio::test]
async fn whose_failures_opened_the_breaker_are_asked_for_when_another_closes_it() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = five(&site).await;
    site.switch_on(&[Yahoo]).await;
    outside.reply("interval=1d", down());
    look(&site, &outside, at("2024-06-03T22:00:00Z")).await;
    assert_eq!(
        outside.asked("interval=1d"),
        5,
        "three tries of the first, two of the second"
    );
    // Two wait for an hour, and three until the source is tried again.
    outside.reply("interval=1d", monday());
    look(&site, &outside, at("2024-06-03T22:15:00Z")).await;
    assert_eq!(outside.asked("interval=1d"), 5 + 5);
    for id in ids {
        let closes = site.closes(id).await;
        assert_eq!(closes.last().unwrap(), &("2024-06-03".to_owned(), 105.5));
    }
    let misses = "select sum(misses)::text from market.refreshes";
    assert_eq!(site.texts(misses).await, ["0"]);
}

#[tokio::test]
async fn after_two_days_without_the_source_everything_is_asked_for_at_the_first_look() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let ids = five(&site).await;
    // Stooq is there all the time, and has nothing.
    site.switch_on(&[Yahoo, Stooq]).await;
    outside.reply("/q/d/l", ok("No data"));
    site.without_limit(Stooq).await;
    site.without_limit(Yahoo).await;
    outside.reply("interval=1d", down());
    // From the moment at which the bar of Monday is due.
    let begun = at("2024-06-03T22:00:00Z");
    let mut now = begun;
    while now < begun + SignedDuration::from_hours(48) {
        look(&site, &outside, now).await;
        // What ends an hour after an answer is over by then.
        now += SignedDuration::from_secs(3_610);
    }
    let trials = outside.asked("interval=1d");
    assert!((40..60).contains(&trials), "an hour apart: {trials}");

    // Yahoo is back, and has everything by the time of its next trial.
    outside.reply("interval=1d", monday());
    let mut back = begun + quarters(48 * 4);
    while outside.asked("interval=1d") == trials {
        look(&site, &outside, back).await;
        back += quarters(1);
    }
    assert!(back <= begun + quarters(49 * 4), "{back}");
    assert_eq!(outside.asked("interval=1d"), trials + ids.len());
    for id in ids {
        let closes = site.closes(id).await;
        assert_eq!(closes.last().unwrap(), &("2024-06-03".to_owned(), 105.5));
    }
}

#[tokio::test]
async fn what_has_been_left_alone_since_before_the_outage_stays_so() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    for symbol in ["DEAD", "LIVE"] {
        site.add(symbol, json!({ "exchange": "XNYS" })).await;
    }
    site.switch_on(&[Yahoo]).await;
    site.change(
        "insert into market.refreshes (instrument_id, want, tried_at, misses, next_at)
         select id, 'bars_1d', '2024-06-01T12:00:00Z', 9, '2024-06-07T12:00:00Z'
         from market.instruments where symbol = 'DEAD'",
    )
    .await;
    outside.reply("interval=1d", down());
    look(&site, &outside, at("2024-06-03T22:00:00Z")).await;
    look(&site, &outside, at("2024-06-03T23:00:00Z")).await;
    outside.reply("interval=1d", monday());
    look(&site, &outside, at("2024-06-04T00:00:00Z")).await;
    let misses = site
        .texts(
            "select symbol || ' ' || misses from market.refreshes
             join market.instruments on id = instrument_id
             order by 1",
        )
        .await;
    assert_eq!(misses, ["DEAD 9", "LIVE 0"]);
}

#[tokio::test]
async fn who_enters_a_key_or_switches_a_source_on_need_not_wait() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let index = site.add("SPX", json!({ "asset_class": "index" })).await;
    feeds::set_enabled(&site.db(), Fred, true).await.unwrap();
    let now = at("2024-06-03T21:00:00Z");
    let values = json!({ "observations": [{ "date": "2024-05-31", "value": "5277.51" }] });
    let wrong = json!({ "error_message": "Bad Request. The value for variable api_key is not registered." });
    let refused = Reply {
        status: 400,
        ..ok(wrong.to_string())
    };
    outside.reply("series_id=SP500", refused);
    outside.reply("api_key=k3y", ok(values.to_string()));
    let state = async |want: &str| {
        let all = site
            .texts("select want || ' ' || misses || ' ' || (next_at is null) from market.refreshes order by 1")
            .await;
        all.into_iter().find(|row| row.starts_with(want)).unwrap()
    };
    look(&site, &outside, now).await;
    assert_eq!(
        state("index_values").await,
        "index_values 0 false",
        "nobody was asked"
    );
    assert_eq!(outside.asked("series_id"), 0);
    // A wrong key is refused until the source is left alone.
    let set_key = async |key: &str| {
        feeds::set_key(&site.db(), &site.app.sealer, Fred, Some(key), now)
            .await
            .unwrap();
    };
    set_key("wr0ng").await;
    look(&site, &outside, now + quarters(1)).await;
    assert_eq!(outside.asked("api_key=wr0ng"), 1);
    assert_eq!(state("index_values").await, "index_values 1 false");
    for _ in 0..5 {
        let asked = outside.refresh(&site, "2024-06-03T21:16:00Z", index, Want::IndexValues);
        assert_eq!(asked.await.provider, None);
    }
    assert_eq!(outside.asked("api_key=wr0ng"), 5, "then it is left alone");
    // The right one counts at once, whatever the breaker says.
    set_key("k3y").await;
    assert_eq!(state("index_values").await, "index_values 0 true");
    look(&site, &outside, now + quarters(2)).await;
    assert_eq!(outside.asked("api_key=k3y"), 1);
    assert_eq!(state("index_values").await, "index_values 0 true");

    // The index has no bars yet, since nobody who gives some is switched on.
    assert_eq!(state("bars_1d").await, "bars_1d 1 false");
    feeds::set_enabled(&site.db(), Stooq, true).await.unwrap();
    assert_eq!(state("bars_1d").await, "bars_1d 0 true");
}

/// What Twelve Data says of a price that was made then.
fn twelve_quote(price: &str, at: &str) -> Reply {
    let at: Timestamp = at.parse().unwrap();
    let opening: Timestamp = "2024-06-03T13:30:00Z".parse().unwrap();
    ok(json!({
        "symbol": "ACME", "currency": "USD", "datetime": "2024-06-03",
        "timestamp": opening.as_second(), "last_quote_at": at.as_second(),
        "close": price, "volume": "900", "previous_close": "103.50", "is_market_open": true,
    })
    .to_string())
}

#[tokio::test]
async fn an_older_price_does_not_end_the_search_while_the_market_is_open() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-31", 103.5).await;
    site.switch_on(&[Yahoo, TwelveData, AlphaVantage]).await;
    outside.reply(
        "range=1d",
        yahoo_quote(104.25, "2024-06-03T15:02:00Z", "USD"),
    );
    outside.reply(
        "/quote?symbol=ACME",
        twelve_quote("104.10", "2024-06-03T14:58:00Z"),
    );
    outside.reply("GLOBAL_QUOTE", vantage_quote("104.5", "2024-06-03"));
    let quote = async || {
        let known =
            "select price || ' ' || to_char(at at time zone 'UTC', 'HH24:MI') from market.quotes";
        site.texts(known).await.remove(0)
    };
    let ask = async |now: &str| outside.refresh(&site, now, id, Want::Quote).await;
    assert_eq!(
        ask("2024-06-03T15:02:30Z").await.provider.as_deref(),
        Some("yahoo")
    );

    // Yahoo is away: what Twelve Data has is older than what is known, and the next is asked.
    outside.reply("range=1d", down());
    let done = ask("2024-06-03T15:04:00Z").await;
    assert_eq!(done.provider.as_deref(), Some("alpha_vantage"), "{done:?}");
    assert_eq!(quote().await, "104.5 15:04");
    let (outcome, code, reason) = site.attempts(TwelveData).await.remove(0);
    assert_eq!(
        (outcome.as_str(), code.as_str()),
        ("fetched", "nothing_usable")
    );
    assert_eq!(
        reason,
        "the price is of 2024-06-03T14:58:00Z, and one of 2024-06-03T15:02:00Z is known"
    );
    // A newer one is an answer, of the minute in which it was made.
    outside.reply(
        "/quote?symbol=ACME",
        twelve_quote("104.75", "2024-06-03T15:05:00Z"),
    );
    let done = ask("2024-06-03T15:06:00Z").await;
    assert_eq!(done.provider.as_deref(), Some("twelve_data"), "{done:?}");
    assert_eq!(quote().await, "104.75 15:05");
    // After the close nothing newer is to be had.
    outside.reply(
        "/quote?symbol=ACME",
        twelve_quote("104.70", "2024-06-03T15:04:00Z"),
    );
    let before = outside.asked("GLOBAL_QUOTE");
    let done = ask("2024-06-03T21:00:00Z").await;
    assert_eq!(done.provider.as_deref(), Some("twelve_data"), "{done:?}");
    assert_eq!(outside.asked("GLOBAL_QUOTE"), before);
}
