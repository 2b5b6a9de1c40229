//! The portfolios and benchmarks that the laws are tried on.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use money::{Currency, FxTable};
use performance::{Benchmark, Component, Daily, PriceSeries, Rebalancing};
use proptest::prelude::*;

pub(crate) const FIRST: Date = date(2023, 11, 15);

pub(crate) fn day(number: i32) -> Date {
    FIRST + number.days()
}

pub(crate) fn daily(opening: f64, days: &[(f64, f64, f64)]) -> Daily {
    Daily {
        first: FIRST,
        opening,
        cash: vec![0.0; days.len()],
        net_invested: vec![0.0; days.len()],
        value: days.iter().map(|day| day.0).collect(),
        inflow: days.iter().map(|day| day.1).collect(),
        outflow: days.iter().map(|day| day.2).collect(),
        transfers: Vec::new(),
        findings: Vec::new(),
    }
}

/// A portfolio that earns a return on each day and has flows, never to nothing.
pub(crate) fn sound(most: usize) -> impl Strategy<Value = Daily> {
    let flow = || prop_oneof![6 => Just(0.0), 1 => 0.0..0.4f64];
    let days = prop::collection::vec((-0.1..0.1f64, flow(), flow()), 2..most);
    (days, 100.0..1e6f64).prop_map(|(days, opening)| {
        let mut value = opening;
        let days: Vec<_> = days
            .into_iter()
            .map(|(growth, inflow, outflow)| {
                let (inflow, whole) = (inflow * value, value * (1.0 + inflow) * (1.0 + growth));
                let outflow = outflow * whole;
                value = whole - outflow;
                (value, inflow, outflow)
            })
            .collect();
        daily(opening, &days)
    })
}

pub(crate) fn returns() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.2..0.2f64, 2..300)
}

/// Closes from the day before the first on, over as many days as they are.
pub(crate) fn benchmark(closes: &[f64]) -> Benchmark {
    benchmark_of(closes, FIRST, day(closes.len() as i32 - 2))
}

/// The same closes over other days.
pub(crate) fn benchmark_of(closes: &[f64], from: Date, to: Date) -> Benchmark {
    let series = PriceSeries::new((-1..).map(day).zip(closes.iter().copied()));
    let component = Component {
        symbol: "WORLD",
        closes: &series,
        splits: &[],
        currency: Currency::EUR,
        weight: 1.0,
    };
    let (fx, rebalancing) = (FxTable::new(), Rebalancing::Daily);
    Benchmark::new(&[component], rebalancing, &fx, Currency::EUR, (from, to)).unwrap()
}

pub(crate) fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-8 * left.abs().max(right.abs()).max(1.0)
}
