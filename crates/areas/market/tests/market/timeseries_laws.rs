//! Whatever order bars, corrections, files, ticks, packing, ageing and roll-ups come in, by one worker or by several
//! at once: the longer bars are those that one computation over everything gives, and what has gone by age
//! stands as it was computed.

use std::{collections::BTreeMap, fmt::Write as _, io::Cursor};

use axum::http::Method;
use jiff::SignedDuration;
use market::{
    InstrumentId,
    bars::{self, Bar, DailyBar, ImportOptions, Interval},
    lifetimes, rollups,
    ticks::{self, Tick},
};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    site::Site,
    timeseries::instrument,
    timeseries_model::{Bars, Model, PLACES, Place, day, flat, time},
};

#[derive(Clone, Debug)]
enum Step {
    /// Minute of the span, price, volume.
    Minutes(Vec<(i64, u8, u8)>),
    /// The same out of a file.
    File(Vec<(i64, u8, u8)>),
    /// The same while two workers compute what is marked.
    Meanwhile(Vec<(i64, u8, u8)>),
    /// Second of the span, number, price.
    Ticks(Vec<(i64, u8, u8)>),
    /// A quarter of an hour that the source states itself.
    OwnQuarter(i64, u8),
    OwnHour(i64, u8),
    OwnDay(i64, u8),
    RollUp,
    Pack,
    /// Everything of the span that goes by age has gone.
    Age,
    /// It turns out to be traded at the other exchange of the place.
    Exchange,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
/// Four days.
const MINUTES: i64 = 4 * DAY;

fn step() -> impl Strategy<Value = Step> {
    let minutes = || prop::collection::vec((0..MINUTES, 1..50u8, 0..9u8), 1..40);
    let tick = (0..MINUTES * 60, 0..3u8, 1..50u8);
    prop_oneof![
        5 => minutes().prop_map(Step::Minutes),
        2 => minutes().prop_map(Step::File),
        2 => minutes().prop_map(Step::Meanwhile),
        3 => prop::collection::vec(tick, 1..40).prop_map(Step::Ticks),
        1 => (0..MINUTES / 15, 1..50u8).prop_map(|(quarter, price)| Step::OwnQuarter(quarter, price)),
        1 => (0..MINUTES / 60, 1..50u8).prop_map(|(hour, price)| Step::OwnHour(hour, price)),
        1 => (0..5i64, 1..50u8).prop_map(|(day, price)| Step::OwnDay(day, price)),
        2 => Just(Step::RollUp),
        1 => Just(Step::Pack),
        1 => Just(Step::Age),
        2 => Just(Step::Exchange),
    ]
}

fn minutes_of(place: &Place, minutes: &[(i64, u8, u8)]) -> Vec<Bar> {
    let bar = |(minute, price, volume): &(i64, u8, u8)| {
        let at = place.start() + SignedDuration::from_mins(*minute);
        flat(at, f64::from(*price), f64::from(*volume))
    };
    // Of several of one minute the last counts.
    let last: Bars = minutes.iter().map(bar).map(|bar| (bar.at, bar)).collect();
    last.into_values().collect()
}

async fn ingest(site: &Site, id: InstrumentId, interval: Interval, rows: &[Bar]) -> u64 {
    let named: Vec<_> = rows.iter().map(|bar| (id, *bar)).collect();
    loop {
        let mut tx = site.db().system("law").await.unwrap();
        match bars::ingest(&mut tx, interval, "test", &named).await {
            Ok(done) => {
                tx.commit().await.unwrap();
                return done.expired;
            }
            Err(db::Error::Serialization) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn load(site: &Site, symbol: &str, model: &Model, rows: &[Bar]) -> u64 {
    let mut csv = "time,open,high,low,close,volume\n".to_owned();
    for bar in rows {
        let volume = bar.volume.unwrap_or_default();
        writeln!(
            csv,
            "{},{},{},{},{},{volume}",
            bar.at, bar.open, bar.high, bar.low, bar.close
        )
        .unwrap();
    }
    let options = ImportOptions {
        symbol: Some(symbol.to_owned()),
        exchange: (!model.exchange.code.is_empty()).then(|| model.exchange.code.to_owned()),
        interval: Interval::Minute,
        source: "test".to_owned(),
        ..ImportOptions::default()
    };
    // Loaded later: its minutes are packed wherever their day has no partition.
    let now = model.place.after(40);
    let report = bars::import(&site.db(), Cursor::new(csv), &options, now, |_| ()).await;
    let report = report.unwrap();
    assert!(
        report.rejected.iter().all(|line| line.code == "expired"),
        "{:?}",
        report.rejected
    );
    report.rejected.len() as u64
}

/// Two workers.
async fn roll_up(site: &Site) {
    tokio::join!(work(site), work(site));
}

/// Of two that wait for each other the database ends one, which begins again, as its job does.
async fn work(site: &Site) {
    loop {
        match rollups::run(&site.db()).await {
            Ok(_) => return,
            Err(db::Error::Serialization) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn apply(site: &Site, id: InstrumentId, symbol: &str, model: &mut Model, step: &Step) {
    let place = model.place;
    let at = |minutes: i64| place.start() + SignedDuration::from_mins(minutes);
    let (interval, rows) = match step {
        Step::Minutes(minutes) | Step::File(minutes) | Step::Meanwhile(minutes) => {
            (Interval::Minute, minutes_of(place, minutes))
        }
        Step::OwnQuarter(quarter, price) => {
            let at = at(quarter * 15);
            (
                Interval::QuarterHour,
                vec![flat(at, f64::from(*price), 7.0)],
            )
        }
        Step::OwnHour(hour, price) => {
            let at = at(hour * HOUR);
            (Interval::Hour, vec![flat(at, f64::from(*price), 7.0)])
        }
        Step::OwnDay(day, price) => {
            let at = Interval::Day.floor(at(day * DAY));
            (Interval::Day, vec![flat(at, f64::from(*price), 7.0)])
        }
        Step::Ticks(ticks) => return apply_ticks(site, id, model, ticks).await,
        Step::RollUp => return roll_up(site).await,
        // Time does not go back.
        Step::Pack if model.quarters_are_gone => return roll_up(site).await,
        // Old enough to be packed, too young to go.
        Step::Pack => {
            let kept = lifetimes::keep(&site.db(), place.after(12)).await;
            kept.unwrap();
            return;
        }
        Step::Age => {
            roll_up(site).await;
            let kept = lifetimes::keep(&site.db(), place.after(70)).await;
            assert_eq!(kept.unwrap().postponed, [""; 0]);
            return model.age();
        }
        Step::Exchange => return change_exchange(site, id, model).await,
    };
    let expired = match step {
        Step::File(_) => load(site, symbol, model, &rows).await,
        Step::Meanwhile(_) => {
            let (expired, ()) = tokio::join!(ingest(site, id, interval, &rows), roll_up(site));
            expired
        }
        _ => ingest(site, id, interval, &rows).await,
    };
    assert_eq!(expired, model.state(interval, &rows) as u64, "{step:?}");
}

async fn change_exchange(site: &Site, id: InstrumentId, model: &mut Model) {
    if !model.minutes_gone.is_empty() {
        // A day that stands as it was computed has to be.
        roll_up(site).await;
    }
    let [one, other] = &model.place.exchanges;
    let exchange = if model.exchange.code == one.code {
        other
    } else {
        one
    };
    let path = format!("/api/v1/market/instruments/{id}");
    let call = site.call(Method::PATCH, &path, &site.owner);
    let done = call.json(json!({ "exchange": exchange.code })).await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.text);
    model.trade_at(exchange);
}

async fn apply_ticks(site: &Site, id: InstrumentId, model: &mut Model, ticks: &[(i64, u8, u8)]) {
    let start = model.place.start();
    let mut last = BTreeMap::new();
    for (second, sequence, price) in ticks {
        let at = start + SignedDuration::from_secs(*second);
        last.insert((at, i64::from(*sequence)), f64::from(*price));
    }
    let rows: Vec<_> = last
        .iter()
        .map(|((at, sequence), price)| {
            let tick = Tick {
                at: *at,
                sequence: *sequence,
                price: *price,
                volume: Some(1.0),
                bid: None,
                ask: None,
            };
            (id, tick)
        })
        .collect();
    let mut tx = site.db().system("law").await.unwrap();
    let done = ticks::ingest(&mut tx, "test", &rows).await.unwrap();
    tx.commit().await.unwrap();
    let all = last.len();
    last.retain(|(at, _), _| {
        let day = day(*at);
        !model.ticks_gone.contains(&day) && !model.minutes_gone.contains(&day)
    });
    assert_eq!(done.expired, (all - last.len()) as u64);
    model.ticks.extend(last);
}

async fn check(place: &'static Place, steps: &[Step]) {
    let site = Site::new().await;
    let symbol = "LAW";
    let id = instrument(&site, symbol, place.exchanges[0].code).await;
    let mut model = Model::new(place);
    for step in steps {
        apply(&site, id, symbol, &mut model, step).await;
    }
    roll_up(&site).await;
    let (from, to) = (time("2024-01-01T00:00:00Z"), time("2025-01-01T00:00:00Z"));
    let mut tx = site.db().system("law").await.unwrap();
    for interval in Interval::ALL {
        let found = bars::between(tx.conn(), id, interval, from, to, i64::MAX)
            .await
            .unwrap();
        let wanted: Vec<Bar> = model.bars(interval).into_values().collect();
        assert_eq!(found, wanted, "{interval} {place:?} {steps:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 30, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_what_can_happen_equals_a_full_computation(
        place in 0..PLACES.len(),
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(check(&PLACES[place], &steps));
    }
}

#[tokio::test]
async fn while_bars_are_loaded_ticks_come_nothing_is_rolled_up_and_no_mark_is_lost() {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    let minute = flat(time("2024-01-02T10:01:00Z"), 2.0, 10.0);
    ingest(&site, id, Interval::Minute, &[minute]).await;
    // What the decade has already: whoever writes into a new chunk of a hypertable keeps others from making one.
    let before = flat(time("2024-01-01T00:00:00Z"), 2.0, 10.0);
    ingest(&site, id, Interval::Day, &[before]).await;
    let mut loading = site.db().system("load in a test").await.unwrap();
    let day = DailyBar {
        date: jiff::civil::date(2024, 1, 5),
        open: 2.0,
        high: 3.0,
        low: 1.0,
        close: 2.5,
        adjusted_close: None,
        volume: None,
    };
    bars::insert_daily(&mut loading, "file", [(id, day)])
        .await
        .unwrap();
    let tick = Tick {
        at: time("2024-01-02T10:05:30Z"),
        sequence: 1,
        price: 3.0,
        volume: None,
        bid: None,
        ask: None,
    };
    let mut tx = site.db().system("a tick meanwhile").await.unwrap();
    let stored = ticks::ingest(&mut tx, "test", &[(id, tick)]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stored.written, 1);
    let done = rollups::run(&site.db()).await.unwrap();
    assert_eq!((done.minutes, done.hours), (0, 0));
    loading.commit().await.unwrap();
    // The minute of the tick, two of 5m, and one each of 15m, 1h and 1d.
    let done = rollups::run(&site.db()).await.unwrap();
    assert_eq!((done.minutes, done.hours, done.changed), (1, 1, 6));
}
