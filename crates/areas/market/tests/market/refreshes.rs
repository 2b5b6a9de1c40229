//! Whose turn it is, and what is asked again: daily bars come although minutes have come, in turns that are fair.

use jiff::{SignedDuration, Timestamp};
use jobs::{Registry, Runner};
use market::{
    InstrumentId,
    bars::{self, Interval},
    feeds::{self, QueueRefreshes, Refresh, Want},
    interests::{self, Reason},
};
use serde_json::json;
use sources::ProviderId::{Folder, Stooq, Yahoo};

use crate::{
    outside::{Outside, Reply, ok, yahoo_bars},
    site::Site,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One look for what is due, and all that it queues.
pub(crate) async fn look(site: &Site, outside: &Outside, now: Timestamp) {
    let registry = Registry::new()
        .with::<Refresh>()
        .with::<QueueRefreshes>()
        .provide(outside.feeds.clone());
    let mut tx = site.db().system("a test queues jobs").await.unwrap();
    jobs::enqueue(&mut tx, &QueueRefreshes {}).await.unwrap();
    tx.commit().await.unwrap();
    let runner = Runner::new(site.db(), db::Clock::fixed(now), registry);
    while runner.run_due().await.unwrap() > 0 {}
}

#[tokio::test]
async fn the_official_bar_of_a_day_takes_the_place_of_its_minutes() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-31", 103.5).await;
    site.switch_on(&[Yahoo]).await;
    let minutes = [
        (
            at("2024-06-03T14:30:00Z"),
            [104.0, 104.5, 103.9, 104.2, 500.0],
        ),
        (
            at("2024-06-03T14:31:00Z"),
            [104.2, 104.4, 104.1, 104.3, 400.0],
        ),
    ];
    outside.reply("interval=1m", yahoo_bars(&minutes));
    let want = Want::Bars(Interval::Minute);
    let done = outside
        .refresh(&site, "2024-06-03T14:45:00Z", id, want)
        .await;
    assert_eq!(done.stored, 2, "{done:?}");
    market::rollups::run(&site.db()).await.unwrap();
    let rolled = ("2024-06-03".to_owned(), 104.3);
    assert_eq!(site.closes(id).await.last().unwrap(), &rolled);

    // New York closes at 20:00, and the bar is due two hours later.
    let days = [
        (
            at("2024-05-31T13:30:00Z"),
            [103.0, 104.0, 102.8, 103.5, 9_000.0],
        ),
        (
            at("2024-06-03T13:30:00Z"),
            [103.8, 106.0, 103.2, 105.5, 9_500.0],
        ),
    ];
    outside.reply("interval=1d", yahoo_bars(&days));
    look(&site, &outside, at("2024-06-03T21:45:00Z")).await;
    assert_eq!(outside.asked("interval=1d"), 0, "not yet");
    look(&site, &outside, at("2024-06-03T22:00:00Z")).await;
    assert_eq!(outside.asked("interval=1d"), 1);
    let mut tx = site.db().system("look into a test").await.unwrap();
    let day = "2024-06-03".parse().unwrap();
    let bar = bars::on_day(tx.conn(), &[id], day).await.unwrap()[&id];
    let prices = format!("{} {} {} {}", bar.open, bar.high, bar.low, bar.close);
    assert_eq!(prices, "103.8 106 103.2 105.5");
    assert_eq!(bar.volume, Some(9_500.0));
    drop(tx);
    look(&site, &outside, at("2024-06-04T12:00:00Z")).await;
    assert_eq!(outside.asked("interval=1d"), 1, "it is there");
}

#[tokio::test]
async fn hours_lie_on_the_clock_or_are_left_out() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.switch_on(&[Yahoo]).await;
    // Yahoo counts the hours of New York from half past.
    let shifted = [(
        at("2024-06-03T13:30:00Z"),
        [104.0, 106.0, 103.0, 105.0, 900.0],
    )];
    outside.reply("interval=1h", yahoo_bars(&shifted));
    let quarters = [
        (
            at("2024-06-03T13:30:00Z"),
            [104.0, 105.0, 103.5, 104.5, 400.0],
        ),
        (
            at("2024-06-03T13:45:00Z"),
            [104.5, 104.6, 103.0, 103.2, 300.0],
        ),
        (
            at("2024-06-03T14:00:00Z"),
            [103.2, 106.0, 103.2, 105.0, 200.0],
        ),
    ];
    outside.reply("interval=15m", yahoo_bars(&quarters));
    let want = Want::Bars(Interval::Hour);
    let now = "2024-06-10T15:00:00Z";
    let done = outside.refresh(&site, now, id, want).await;
    assert_eq!((done.stored, done.quarantined), (2, 0), "{done:?}");
    assert_eq!(outside.asked("interval=1h"), 0);
    let mut tx = site.db().system("look into a test").await.unwrap();
    let (from, to) = (at("2024-06-03T00:00:00Z"), at("2024-06-04T00:00:00Z"));
    let hours = bars::between(tx.conn(), id, Interval::Hour, from, to, 10)
        .await
        .unwrap();
    let told: Vec<String> = hours
        .iter()
        .map(|bar| {
            format!(
                "{} {} {} {} {}",
                bar.at, bar.open, bar.high, bar.low, bar.close
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "2024-06-03T13:00:00Z 104 105 103 103.2",
            "2024-06-03T14:00:00Z 103.2 106 103.2 105"
        ]
    );
    assert_eq!(hours[0].volume, Some(700.0));
    drop(tx);

    // A coin has no opening: what begins between two hours is none of the clock's.
    let coin = site.add("BTC", json!({ "asset_class": "crypto" })).await;
    let bars = [
        (
            at("2024-06-03T13:30:00Z"),
            [64_000.0, 64_100.0, 63_900.0, 64_050.0, 9.0],
        ),
        (
            at("2024-06-03T14:00:00Z"),
            [64_050.0, 64_200.0, 64_000.0, 64_150.0, 8.0],
        ),
    ];
    outside.reply("interval=1h", yahoo_bars(&bars));
    let done = outside.refresh(&site, now, coin, want).await;
    assert_eq!((done.stored, done.quarantined), (1, 0), "{done:?}");
    let reason = &site.attempts(Yahoo).await[0].2;
    assert!(
        reason.contains("1 are left out since they do not begin on the clock"),
        "{reason}"
    );
}

/// What one look queues; then all of it is tried in vain.
async fn queued(site: &Site, now: Timestamp) -> Vec<String> {
    let mut tx = site.db().system("a test queues jobs").await.unwrap();
    jobs::enqueue(&mut tx, &QueueRefreshes {}).await.unwrap();
    tx.commit().await.unwrap();
    let registry = Registry::new().with::<QueueRefreshes>();
    let runner = Runner::new(site.db(), db::Clock::fixed(now), registry);
    assert_eq!(runner.run_due().await.unwrap(), 1);
    let symbols = site
        .texts(
            "select i.symbol from platform.jobs j
             join market.instruments i on i.id::text = j.payload ->> 'instrument_id'
             where j.name = 'market.refresh' and j.payload ->> 'want' = 'bars_1d'
             order by i.symbol",
        )
        .await;
    let tried = format!(
        "insert into market.refreshes (instrument_id, want, tried_at, misses, next_at)
         select (payload ->> 'instrument_id')::uuid, 'bars_1d', '{now}', 1,
                '{now}'::timestamptz + interval '1 hour'
         from platform.jobs where name = 'market.refresh' and payload ->> 'want' = 'bars_1d'
         on conflict (instrument_id, want) do update
         set tried_at = excluded.tried_at, next_at = excluded.next_at;
         delete from platform.jobs where name = 'market.refresh'"
    );
    site.change(&tried).await;
    symbols
}

#[tokio::test]
async fn those_who_never_answer_do_not_take_the_turn_of_those_who_do() {
    let site = Site::new().await;
    // As many as an hour of looks takes, all of them first by the alphabet and by what is missing.
    site.change(
        "insert into market.instruments (symbol, exchange, name, currency)
         select 'A' || lpad(n::text, 4, '0'), 'NOWHERE', 'Dead', 'USD' from generate_series(1, 2100) n",
    )
    .await;
    let held = site.add("YYY", json!({ "exchange": "XNYS" })).await;
    let live = site.add("ZZZ", json!({ "exchange": "XNYS" })).await;
    for id in [held, live] {
        site.close_of(id, "2024-05-30", 103.0).await;
    }
    let now = at("2024-06-03T12:00:00Z");
    let mut tx = site.db().system("a test holds").await.unwrap();
    interests::state(&mut tx, Reason::Held, &[held], now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let has = |symbols: &[String], symbol: &str| symbols.iter().any(|one| one == symbol);

    let mut turn_of_live = Vec::new();
    for look in 0..6 {
        let symbols = queued(&site, now + SignedDuration::from_mins(15 * look)).await;
        assert_eq!(symbols.len(), 500, "look {look}");
        // What is held comes first, and again an hour later.
        assert_eq!(has(&symbols, "YYY"), look == 0 || look == 4, "look {look}");
        if has(&symbols, "ZZZ") {
            turn_of_live.push(look);
        }
    }
    assert_eq!(
        turn_of_live,
        [4],
        "when all before it had theirs, and not never"
    );
    // Who is new goes before those who were tried.
    site.add("ZZZZ", json!({ "exchange": "XNYS" })).await;
    let symbols = queued(&site, now + SignedDuration::from_mins(150)).await;
    assert!(has(&symbols, "ZZZZ") && symbols.len() == 500, "{symbols:?}");
}

#[tokio::test]
async fn without_a_source_the_reason_is_on_record_and_nothing_is_held_against_the_instrument() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    site.add("ACME", json!({ "exchange": "XNYS" })).await;
    // The folder is on from the start.
    feeds::set_enabled(&site.db(), Folder, false).await.unwrap();
    let now = at("2024-06-03T12:00:00Z");
    for days in 0..2 {
        look(&site, &outside, now + SignedDuration::from_hours(24 * days)).await;
        let found = site.texts(PAUSE).await;
        assert_eq!(
            found,
            ["0 24 no source that gives daily bars for it is switched on"]
        );
    }
    let page = site.get("/market/sources", &site.owner).await;
    assert!(page.text.contains("no source that gives"), "{}", page.text);
    // Whoever switches a source on wants it asked.
    site.switch_on(&[Stooq]).await;
    let csv = "Date,Open,High,Low,Close,Volume\n2024-06-03,103,104,102,103.5,100\n";
    outside.reply("/q/d/l", ok(csv));
    look(&site, &outside, now + SignedDuration::from_hours(25)).await;
    assert_eq!(outside.asked("s=acme.us"), 1);
}

/// Misses in a row, hours that are left alone, and why.
const PAUSE: &str =
    "select misses || ' ' || (extract(epoch from next_at - tried_at) / 3600)::int || ' ' || reason
                     from market.refreshes where want = 'bars_1d'";

#[tokio::test]
async fn what_no_source_has_is_asked_for_less_and_less_often() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.switch_on(&[Yahoo]).await;
    let unknown = Reply {
        status: 404,
        ..ok("{}")
    };
    outside.reply("/v8/finance/chart/ACME", unknown);
    let mut now = at("2024-06-03T12:00:00Z");
    let mut pauses = Vec::new();
    for _ in 0..6 {
        look(&site, &outside, now).await;
        let found = site.texts(PAUSE).await;
        let words: Vec<&str> = found[0].splitn(3, ' ').collect();
        let pause: i64 = words[1].parse().unwrap();
        assert!(words[2].contains("yahoo does not know ACME"), "{found:?}");
        pauses.push(pause);
        let sooner = SignedDuration::from_hours(pause) - SignedDuration::from_mins(1);
        look(&site, &outside, now + sooner).await;
        assert_eq!(site.texts(PAUSE).await, found, "not sooner");
        now += SignedDuration::from_hours(pause);
    }
    assert_eq!(pauses, [1, 1, 1, 2, 4, 8]);
}

#[tokio::test]
async fn a_bar_that_is_late_is_asked_for_again_and_a_person_need_not_wait() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id: InstrumentId = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.switch_on(&[Stooq]).await;
    let head = "Date,Open,High,Low,Close,Volume\n2024-05-31,103,104,102,103.5,100\n";
    outside.reply("/q/d/l", ok(head));
    look(&site, &outside, at("2024-06-03T22:00:00Z")).await;
    assert_eq!(outside.asked("/q/d/l"), 1);
    let reasons = site.texts("select reason from market.refreshes").await;
    assert_eq!(reasons, ["stooq: it has no usable bar of 2024-06-03 yet"]);
    look(&site, &outside, at("2024-06-03T22:30:00Z")).await;
    assert_eq!(outside.asked("/q/d/l"), 1, "not within the hour");
    outside.reply(
        "/q/d/l",
        ok(format!("{head}2024-06-03,104,106,103,105.5,120\n")),
    );
    look(&site, &outside, at("2024-06-03T23:00:00Z")).await;
    assert_eq!(outside.asked("/q/d/l"), 2, "what is cached has not the bar");
    assert_eq!(site.closes(id).await.last().unwrap().0, "2024-06-03");
    let reasons = site
        .texts("select coalesce(reason, 'none') from market.refreshes")
        .await;
    assert_eq!(reasons, ["none"]);

    // A refresh that waits and may use what is cached is not the one that a person asks for.
    let want = Want::Bars(Interval::Day);
    let mut tx = site.db().system("a test queues jobs").await.unwrap();
    let waiting = Refresh {
        instrument_id: id,
        want,
        is_forced: false,
    };
    assert!(jobs::enqueue(&mut tx, &waiting).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(
        feeds::queue(&site.db(), Some(id), Some(want))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        feeds::queue(&site.db(), Some(id), Some(want))
            .await
            .unwrap(),
        0
    );
}
