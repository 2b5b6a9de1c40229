//! Whatever order bars, corrections, ticks, packing and roll-ups come in: the longer bars are those that
//! one computation over everything gives.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use market::{
    InstrumentId,
    bars::{self, Bar, Interval},
    instruments, lifetimes, rollups,
    ticks::{self, Tick},
};
use proptest::prelude::*;

use crate::site::Site;

#[derive(Clone, Debug)]
enum Step {
    /// Minute of the span, price, volume.
    Minutes(Vec<(i64, u8, u8)>),
    /// Second of the span, number, price.
    Ticks(Vec<(i64, u8, u8)>),
    /// An hour that the source states itself.
    OwnHour(i64, u8),
    OwnDay(i64, u8),
    RollUp,
    Pack,
}

const START: &str = "2024-03-04T12:00:00Z";
/// Three days, over a midnight and over sessions of New York.
const MINUTES: i64 = 3 * 24 * 60;

fn step() -> impl Strategy<Value = Step> {
    let minute = (0..MINUTES, 1..50u8, 0..9u8);
    let tick = (0..MINUTES * 60, 0..3u8, 1..50u8);
    prop_oneof![
        6 => prop::collection::vec(minute, 1..40).prop_map(Step::Minutes),
        3 => prop::collection::vec(tick, 1..40).prop_map(Step::Ticks),
        1 => (0..MINUTES / 60, 1..50u8).prop_map(|(hour, price)| Step::OwnHour(hour, price)),
        1 => (0..4i64, 1..50u8).prop_map(|(day, price)| Step::OwnDay(day, price)),
        2 => Just(Step::RollUp),
        1 => Just(Step::Pack),
    ]
}

fn flat(at: Timestamp, price: f64, volume: f64) -> Bar {
    Bar {
        at,
        open: price,
        high: price + 1.0,
        low: price,
        close: price + 0.5,
        adjusted_close: None,
        volume: Some(volume),
    }
}

/// Everything that was ever said, and the bars that follow from it, computed plainly.
#[derive(Default)]
struct Model {
    own: BTreeMap<(Interval, Timestamp), Bar>,
    ticks: BTreeMap<(Timestamp, i64), f64>,
}

impl Model {
    fn minutes(&self) -> BTreeMap<Timestamp, Bar> {
        let mut minutes: BTreeMap<Timestamp, Bar> = BTreeMap::new();
        for ((at, _), price) in &self.ticks {
            let start = Interval::Minute.floor(*at);
            let traded = Bar {
                close: *price,
                high: *price,
                ..flat(start, *price, 1.0)
            };
            minutes
                .entry(start)
                .and_modify(|bar| add(bar, &traded))
                .or_insert(traded);
        }
        let own = self
            .own
            .iter()
            .filter(|((interval, _), _)| *interval == Interval::Minute);
        minutes.extend(own.map(|((_, at), bar)| (*at, *bar)));
        minutes
    }

    fn bars(&self, interval: Interval, is_on_exchange: bool) -> BTreeMap<Timestamp, Bar> {
        let mut bars: BTreeMap<Timestamp, Bar> = BTreeMap::new();
        for (at, minute) in self.minutes() {
            // Regular hours of New York in the first week of March: 14:30 to 21:00 UTC.
            let of_day = at.duration_since(Interval::Day.floor(at)).as_mins();
            let is_regular = (14 * 60 + 30..21 * 60).contains(&of_day);
            if interval == Interval::Day && is_on_exchange && !is_regular {
                continue;
            }
            let start = interval.floor(at);
            let minute = Bar {
                at: start,
                ..minute
            };
            bars.entry(start)
                .and_modify(|bar| add(bar, &minute))
                .or_insert(minute);
        }
        let own = self.own.iter().filter(|((of, _), _)| *of == interval);
        bars.extend(own.map(|((_, at), bar)| (*at, *bar)));
        bars
    }
}

fn add(bar: &mut Bar, next: &Bar) {
    bar.high = bar.high.max(next.high);
    bar.low = bar.low.min(next.low);
    bar.close = next.close;
    bar.volume = Some(bar.volume.unwrap_or(0.0) + next.volume.unwrap_or(0.0));
}

async fn apply(site: &Site, id: InstrumentId, model: &mut Model, step: &Step) {
    let start: Timestamp = START.parse().unwrap();
    let mut rows = Vec::new();
    let mut interval = Interval::Minute;
    match step {
        Step::Minutes(minutes) => rows.extend(minutes.iter().map(|(minute, price, volume)| {
            let at = start + SignedDuration::from_mins(*minute);
            flat(at, f64::from(*price), f64::from(*volume))
        })),
        Step::OwnHour(hour, price) => {
            interval = Interval::Hour;
            rows.push(flat(
                start + SignedDuration::from_hours(*hour),
                f64::from(*price),
                7.0,
            ));
        }
        Step::OwnDay(day, price) => {
            interval = Interval::Day;
            let at = Interval::Day.floor(start) + SignedDuration::from_hours(24 * day);
            rows.push(flat(at, f64::from(*price), 7.0));
        }
        Step::Ticks(ticks) => return apply_ticks(site, id, model, ticks).await,
        Step::RollUp => {
            rollups::run(&site.db()).await.unwrap();
        }
        // Old enough to be packed, too young to go.
        Step::Pack => {
            lifetimes::keep(&site.db(), "2024-03-16T00:00:00Z".parse().unwrap())
                .await
                .unwrap();
        }
    }
    let mut tx = site.db().system("law").await.unwrap();
    let named: Vec<_> = rows.iter().map(|bar| (id, *bar)).collect();
    bars::ingest(&mut tx, interval, "test", &named)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    model
        .own
        .extend(rows.into_iter().map(|bar| ((interval, bar.at), bar)));
}

async fn apply_ticks(site: &Site, id: InstrumentId, model: &mut Model, ticks: &[(i64, u8, u8)]) {
    let start: Timestamp = START.parse().unwrap();
    let rows: Vec<_> = ticks
        .iter()
        .map(|(second, sequence, price)| {
            let tick = Tick {
                at: start + SignedDuration::from_secs(*second),
                sequence: (*sequence).into(),
                price: (*price).into(),
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
    assert_eq!(done.expired, 0);
    model.ticks.extend(
        rows.into_iter()
            .map(|(_, tick)| ((tick.at, tick.sequence), tick.price)),
    );
}

async fn check(steps: [Vec<Step>; 2]) {
    let site = Site::new().await;
    let mut models = [Model::default(), Model::default()];
    let mut tx = site.db().system("law").await.unwrap();
    let keys = [("WORLD", ""), ("STREET", "XNYS")].map(|(symbol, exchange)| market::SecurityKey {
        symbol: symbol.into(),
        exchange: Some(exchange.into()),
        ..market::SecurityKey::default()
    });
    let ids = instruments::ensure(&mut tx, &keys).await.unwrap();
    tx.commit().await.unwrap();
    for ((steps, model), id) in steps.iter().zip(&mut models).zip(&ids) {
        for step in steps {
            apply(&site, *id, model, step).await;
        }
    }
    rollups::run(&site.db()).await.unwrap();
    let (from, to) = (
        "2024-01-01T00:00:00Z".parse().unwrap(),
        "2025-01-01T00:00:00Z".parse().unwrap(),
    );
    let mut tx = site.db().system("law").await.unwrap();
    for (place, id) in ids.iter().enumerate() {
        for interval in Interval::ALL {
            let found = bars::between(tx.conn(), *id, interval, from, to, i64::MAX)
                .await
                .unwrap();
            let wanted: Vec<Bar> = models[place]
                .bars(interval, place == 1)
                .into_values()
                .collect();
            assert_eq!(found, wanted, "{interval} {steps:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 30, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_ingests_corrections_and_roll_ups_equals_a_full_computation(
        street in prop::collection::vec(step(), 1..8),
        world in prop::collection::vec(step(), 1..8),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(check([world, street]));
    }
}
