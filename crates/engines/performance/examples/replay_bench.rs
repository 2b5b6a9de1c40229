//! How long the way from transactions to figures takes, and how that compares with merely reading the
//! prices: replay, daily valuation of ten years, and all figures, over a generated ledger; then what the
//! statistics of those ten years take by themselves, with and without a benchmark.
//!
//! `cargo run --release -p performance --example replay_bench` prints one JSON object; times are
//! medians in milliseconds of processor time, which other programs on the machine disturb less than the
//! time on the wall; `total_best_ms` is the sum of the shortest runs. `times_at_ten_times_the_entries`
//! compares the whole way at 100,000 entries and at 10,000: the shortest of runs that take turns.
#![expect(clippy::print_stdout, reason = "its output is what the program is for")]
#![expect(
    clippy::expect_used,
    reason = "without a clock there is nothing to measure"
)]

use std::{hint::black_box, num::NonZeroU32, time::Duration};

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Rules, Settlement, replay, sort};
use money::{Currency, FxTable, decimal_from_f64};
use nix::time::{ClockId, clock_gettime};
use performance::{
    Benchmark, Component, Daily, Measure, PriceSeries, Rebalancing, RollingWindow, Summary,
    calendar_returns, rolling_returns, rolling_volatility, same_flows, statistics, summary,
    value_daily,
};
use rust_decimal::Decimal;
use uuid::Uuid;

const FIRST: Date = date(2015, 1, 1);
const DAYS: i32 = 3_650;
const SYMBOLS: u32 = 100;

fn main() {
    let worlds = [10_000, 100_000].map(World::generate);
    let cases = worlds.each_ref().map(measure);
    let growth = growth(&worlds);
    println!(
        "{}",
        serde_json::json!({ "cases": cases, "times_at_ten_times_the_entries": growth })
    );
}

/// Processor time of the second ledger over that of the first, from entries to figures.
fn growth([small, large]: &[World; 2]) -> f64 {
    let mut best = [f64::INFINITY; 2];
    for _ in 0..20 {
        for (best, (world, runs)) in best.iter_mut().zip([(small, 10), (large, 1)]) {
            for _ in 0..runs {
                *best = best.min(milliseconds(|| world.figures()));
            }
        }
    }
    best[1] / best[0]
}

/// Half of the instruments are quoted in USD, half in EUR; the portfolio is kept in EUR.
struct World {
    assets: Vec<Asset>,
    prices: Vec<PriceSeries>,
    closes: Vec<Vec<f64>>,
    fx: FxTable,
    entries: Vec<Entry>,
}

/// A linear congruential generator (Knuth's MMIX constants): the same ledger on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// Uniform from -1 to 1.
    fn swing(&mut self) -> f64 {
        self.below(2_000_001) as f64 / 1e6 - 1.0
    }
}

impl World {
    fn generate(count: u32) -> Self {
        let mut dice = Dice(42);
        let assets = (0..SYMBOLS).map(|index| {
            Asset::new(
                format!("S{index:03}"),
                if index % 2 == 0 {
                    Currency::EUR
                } else {
                    Currency::USD
                },
            )
        });
        let closes: Vec<Vec<f64>> = (0..SYMBOLS)
            .map(|_| {
                let mut price = 20.0 + dice.below(200) as f64;
                (0..DAYS)
                    .map(|_| {
                        price *= 1.0 + 0.02 * dice.swing();
                        (price * 100.0).round() / 100.0
                    })
                    .collect()
            })
            .collect();
        let days = || (0..DAYS).map(|day| FIRST + day.days());
        let prices = closes
            .iter()
            .map(|closes| PriceSeries::new(days().zip(closes.iter().copied())))
            .collect();
        let mut dollar = 1.1;
        let fx = days()
            .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
            .map(|day| {
                dollar *= 1.0 + 0.004 * dice.swing();
                (
                    day,
                    Currency::EUR,
                    Currency::USD,
                    (dollar * 1e4_f64).round() / 1e4,
                )
            })
            .collect();
        let mut world = Self {
            assets: assets.collect(),
            prices,
            closes,
            fx,
            entries: Vec::new(),
        };
        world.entries = world.ledger(count, &mut dice);
        world
    }

    /// Deposits first; then of a hundred entries 60 purchases, 25 sales, 10 dividends, 4 fees and
    /// interest, and now and then a sale of more than is held becomes a purchase.
    fn ledger(&self, count: u32, dice: &mut Dice) -> Vec<Entry> {
        let mut held = vec![0_u64; SYMBOLS as usize];
        let mut entries: Vec<Entry> = (0..count)
            .map(|number| {
                let day = (i64::from(number) * i64::from(DAYS) / i64::from(count)) as i32;
                let index = dice.below(SYMBOLS.into()) as usize;
                let (asset, currency) = (AssetIndex(index as u32), self.assets[index].currency);
                let quantity = 1 + dice.below(50);
                let close = decimal_from_f64(self.closes[index][day as usize]).unwrap_or_default();
                let amount = close * Decimal::from(quantity);
                let event = match dice.below(100) {
                    _ if number % 100 == 0 => Event::Deposit {
                        amount: Decimal::from(600_000),
                    },
                    60..85 if held[index] >= quantity => {
                        held[index] -= quantity;
                        Event::Sell {
                            asset,
                            quantity: quantity.into(),
                            amount,
                        }
                    }
                    85..95 => Event::Dividend {
                        asset,
                        amount: close.round_dp(2),
                    },
                    95..99 => Event::Fee {
                        asset: Some(asset),
                        amount: Decimal::ONE,
                    },
                    99 => Event::Interest {
                        amount: Decimal::new(1_234, 2),
                    },
                    _ => {
                        held[index] += quantity;
                        Event::Buy {
                            asset,
                            quantity: quantity.into(),
                            amount,
                        }
                    }
                };
                let outside = matches!(event, Event::Deposit { .. } | Event::Interest { .. });
                let currency = if outside { Currency::EUR } else { currency };
                self.entry(number, FIRST + day.days(), currency, event)
            })
            .collect();
        sort(&mut entries);
        entries
    }

    /// Every other dollar entry is settled in EUR at the broker's rate.
    fn entry(&self, number: u32, day: Date, currency: Currency, event: Event) -> Entry {
        let rate = self
            .fx
            .rate(currency, Currency::EUR, day)
            .map(|found| found.rate.round_dp(6));
        let settled = currency == Currency::USD && number.is_multiple_of(2);
        Entry {
            id: Uuid::from_u128(number.into()),
            date: day,
            executed_at: None,
            event,
            fees: Decimal::new(99, 2),
            taxes: Decimal::ZERO,
            currency,
            settlement: rate.filter(|_| settled).map(|fx_rate| Settlement {
                currency: Currency::EUR,
                fx_rate,
            }),
            lots: Vec::new(),
        }
    }

    fn replay(&self) -> Books {
        let rules = Rules {
            base: Currency::EUR,
            cost_basis: CostBasis::Fifo,
            tracks_cash: true,
        };
        replay(&self.entries, &self.assets, &self.fx, &rules)
    }

    fn value(&self, books: &Books) -> Daily {
        let prices: Vec<_> = self.prices.iter().map(Some).collect();
        let last = FIRST + (DAYS - 1).days();
        value_daily(
            books,
            &self.assets,
            &prices,
            &self.fx,
            Currency::EUR,
            FIRST,
            last,
        )
    }
}

impl World {
    /// From entries to figures, as a portfolio that is opened goes.
    fn figures(&self) -> Summary {
        let daily = self.value(&self.replay());
        summary(&daily, FIRST, FIRST + DAYS.days())
    }

    /// Two of the instruments, 60/40, restored every day; one is quoted in dollars.
    fn benchmark(&self) -> Benchmark {
        let component = |place: usize, weight| Component {
            symbol: &self.assets[place].symbol,
            closes: &self.prices[place],
            splits: &[],
            currency: self.assets[place].currency,
            weight,
        };
        let mix = [component(0, 0.6), component(1, 0.4)];
        let days = (FIRST, FIRST + (DAYS - 1).days());
        match Benchmark::new(&mix, Rebalancing::Daily, &self.fx, Currency::EUR, days) {
            Ok(benchmark) => benchmark,
            Err(reason) => unreachable!("the mix has prices and weights: {reason}"),
        }
    }
}

fn measure(world: &World) -> serde_json::Value {
    let books = world.replay();
    let daily = world.value(&books);
    let last = FIRST + DAYS.days();
    let summarize = || summary(&daily, FIRST, last);
    let found = summarize();
    assert!(
        found.twr.is_ok() && found.mwr.is_ok(),
        "the ledger has no figures: {found:?}"
    );
    let replay = Times::of(|| world.replay());
    let valuation = Times::of(|| world.value(&books));
    let figures = Times::of(summarize);
    let benchmark = world.benchmark();
    let mirrored = same_flows(&daily, &benchmark);
    assert!(
        mirrored.is_ok(),
        "the benchmark has no figures: {mirrored:?}"
    );
    let alone = Times::of(|| statistics(&daily, FIRST, last, Measure::default()));
    let beside = Times::of(|| {
        let measure = Measure {
            risk_free: 0.02,
            benchmark: Some(&benchmark),
        };
        statistics(&daily, FIRST, last, measure)
    });
    let blend = Times::of(|| world.benchmark());
    let months = Times::of(|| calendar_returns(&daily));
    let year = RollingWindow::Months(NonZeroU32::MIN.saturating_add(11));
    let rolling = Times::of(|| {
        (
            rolling_returns(&daily, year),
            rolling_volatility(&daily, year),
        )
    });
    let read = Times::of(|| world.closes.iter().flatten().sum::<f64>());
    let total = replay.median + valuation.median + figures.median;
    serde_json::json!({
        "entries": world.entries.len(),
        "symbols": SYMBOLS,
        "days": DAYS,
        "prices": world.closes.iter().map(Vec::len).sum::<usize>(),
        "replay_ms": replay.median,
        "valuation_ms": valuation.median,
        "figures_ms": figures.median,
        "statistics_ms": alone.median,
        "statistics_beside_benchmark_ms": beside.median,
        "benchmark_ms": blend.median,
        "calendar_returns_ms": months.median,
        "rolling_year_ms": rolling.median,
        "total_ms": total,
        "total_best_ms": replay.best + valuation.best + figures.best,
        "read_prices_ms": read.median,
        "times_reading_prices": total / read.median,
    })
}

/// Milliseconds of processor time of repeated runs, about half a second of them.
struct Times {
    median: f64,
    best: f64,
}

impl Times {
    fn of<T>(work: impl Fn() -> T) -> Self {
        let begin = processor_time();
        let mut times: Vec<f64> = Vec::new();
        while times.len() < 5 || processor_time().saturating_sub(begin) < Duration::from_millis(500)
        {
            times.push(milliseconds(&work));
        }
        times.sort_by(f64::total_cmp);
        Self {
            median: times[times.len() / 2],
            best: times[0],
        }
    }
}

fn milliseconds<T>(work: impl Fn() -> T) -> f64 {
    let start = processor_time();
    black_box(work());
    processor_time().saturating_sub(start).as_secs_f64() * 1e3
}

/// What this thread has had of the processor.
fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map(Duration::from)
        .expect("a clock of the thread")
}
