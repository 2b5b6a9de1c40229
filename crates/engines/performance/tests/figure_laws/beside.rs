//! Laws of a portfolio beside its benchmark.

use money::{Currency, FxTable};
use performance::{
    Benchmark, Component, Measure, NotAvailable, PriceSeries, Rebalancing, relative, same_flows,
    statistics, twr,
};
use proptest::prelude::*;

use crate::portfolios::{FIRST, benchmark, benchmark_of, daily, day, near, returns, sound};

proptest! {
    #[test]
    fn beside_itself_a_portfolio_moves_as_itself(returns in returns(), risk_free in -0.1..0.1f64) {
        let pairs: Vec<(f64, f64)> = returns.iter().map(|growth| (*growth, *growth)).collect();
        let found = relative(&pairs, risk_free).unwrap();
        prop_assert!((found.beta.unwrap() - 1.0).abs() < 1e-12);
        prop_assert!(found.alpha.unwrap().abs() < 1e-10);
        prop_assert!((found.correlation.unwrap() - 1.0).abs() < 1e-12);
        prop_assert!((found.r_squared.unwrap() - 1.0).abs() < 1e-12);
        prop_assert_eq!(found.tracking_error, Ok(0.0));
        prop_assert_eq!(found.information_ratio, Err(NotAvailable::NoSpread));
        for capture in [found.up_capture, found.down_capture].into_iter().flatten() {
            prop_assert!((capture - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn beta_is_linear_and_correlation_is_bounded(
        pairs in prop::collection::vec((-0.1..0.1f64, -0.1..0.1f64), 3..100), leverage in 0.5..3.0f64,
    ) {
        let found = relative(&pairs, 0.0).unwrap();
        let geared: Vec<_> = pairs.iter().map(|(own, other)| (own * leverage, *other)).collect();
        let geared = relative(&geared, 0.0).unwrap();
        prop_assert!((geared.beta.unwrap() - leverage * found.beta.unwrap()).abs() < 1e-9);
        prop_assert!((geared.correlation.unwrap() - found.correlation.unwrap()).abs() < 1e-9);
        prop_assert!((-1.0..=1.0).contains(&found.correlation.unwrap()));
        prop_assert!((0.0..=1.0).contains(&found.r_squared.unwrap()));
    }

    #[test]
    fn a_holding_beside_itself_makes_no_difference(
        closes in prop::collection::vec(10.0..20.0f64, 3..120),
        trades in prop::collection::vec((any::<prop::sample::Index>(), 0.1..50.0f64, any::<bool>()), 0..12),
        opened in any::<bool>(),
    ) {
        // Shares bought and sold at the close, never more than there are.
        let days = closes.len() - 1;
        let mut shares = if opened { 10.0 } else { 0.0 };
        let opening = shares * closes[0];
        let rows: Vec<_> = (0..days).map(|place| {
            let close = closes[place + 1];
            let (mut inflow, mut outflow) = (0.0, 0.0);
            for (_, number, buys) in trades.iter().filter(|(on, ..)| on.index(days) == place) {
                if *buys || (place == 0 && !opened) {
                    shares += number;
                    inflow += number * close;
                } else {
                    let sold = number.min(shares / 2.0);
                    shares -= sold;
                    outflow += sold * close;
                }
            }
            (shares * close, inflow, outflow)
        }).collect();
        let own = daily(opening, &rows);
        let benchmark = benchmark(&closes);
        let found = same_flows(&own, &benchmark).unwrap();
        prop_assert_eq!(found.exhausted_on, None);
        for (mirrored, value) in found.daily.value.iter().zip(&own.value) {
            prop_assert!((mirrored - value).abs() < 1e-7);
        }
        prop_assert!(found.ahead.value.abs() < 1e-7);
        let own_return = twr(&own);
        prop_assert_eq!(found.twr.is_ok(), own_return.is_ok());
        prop_assert!(found.ahead.twr.unwrap_or(0.0).abs() < 1e-9);
        // Rates of a few days are huge: their difference is compared with them.
        if let (Ok(difference), Ok(mirrored)) = (&found.ahead.mwr, &found.mwr) {
            prop_assert!(difference.abs() <= 1e-5 * (1.0 + mirrored.rate.abs()) || !mirrored.other_roots.is_empty());
        }
        // Held from before and left alone, its beta is one.
        if opened && trades.is_empty() {
            let measure = Measure { risk_free: 0.01, benchmark: Some(&benchmark) };
            let beside = statistics(&own, FIRST, own.last().unwrap(), measure).relative;
            if let Ok(beside) = beside {
                prop_assert!((beside.beta.unwrap() - 1.0).abs() < 1e-9);
                prop_assert!(beside.alpha.unwrap().abs() < 1e-9);
            }
            prop_assert!(near(found.index_return.unwrap(), own_return.unwrap()));
        }
    }

    #[test]
    fn a_benchmark_of_more_days_measures_the_same(
        own in sound(60), closes in prop::collection::vec(50.0..150.0f64, 61), begin in 0i32..20, length in 2i32..40,
    ) {
        let begin = begin.min(own.value.len() as i32 - 1);
        let (from, to) = (day(begin), day(begin + length).min(own.last().unwrap()));
        let part = |closes: &[f64], from: i32, to: i32| benchmark_of(closes, day(from), day(to));
        let [exact, more] = [(begin, begin + length), (0, 59)].map(|(from, to)| part(&closes, from, to));
        let [exact, more] = [&exact, &more].map(|benchmark| {
            let measure = Measure { risk_free: 0.02, benchmark: Some(benchmark) };
            statistics(&own, from, to, measure)
        });
        match (exact.relative, more.relative) {
            (Ok(exact), Ok(more)) => {
                prop_assert!((exact.beta.unwrap() - more.beta.unwrap()).abs() < 1e-9);
                prop_assert_eq!(exact.returns, more.returns);
            }
            (exact, more) => prop_assert_eq!(exact.err(), more.err()),
        }
        let [exact, more] = [exact.same_flows, more.same_flows].map(Option::unwrap);
        let (exact, more) = (exact.unwrap(), more.unwrap());
        prop_assert!(near(exact.gain / own.opening, more.gain / own.opening));
        prop_assert_eq!(exact.index_return.is_some(), more.index_return.is_some());
        prop_assert!(near(exact.index_return.unwrap_or(0.0), more.index_return.unwrap_or(0.0)));
    }

    #[test]
    fn a_mix_lies_between_its_parts(
        first in prop::collection::vec(10.0..20.0f64, 2..60), weight in 0.01..0.99f64, seed in 0.5..2.0f64,
    ) {
        let second: Vec<f64> = first.iter().rev().map(|close| close * seed).collect();
        let series = [&first, &second].map(|closes| PriceSeries::new((-1..).map(day).zip(closes.iter().copied())));
        let component = |place: usize, weight| Component {
            symbol: ["A", "B"][place],
            closes: &series[place],
            splits: &[],
            currency: Currency::EUR,
            weight,
        };
        let days = (FIRST, day(first.len() as i32 - 2));
        let total = |mix: &[Component<'_>], rebalancing| {
            Benchmark::new(mix, rebalancing, &FxTable::new(), Currency::EUR, days).unwrap().total_return()
        };
        let parts = [total(&[component(0, 1.0)], Rebalancing::Never), total(&[component(1, 1.0)], Rebalancing::Daily)];
        let mix = [component(0, weight), component(1, 1.0 - weight)];
        let drifting = total(&mix, Rebalancing::Never);
        prop_assert!(near(drifting, weight * parts[0] + (1.0 - weight) * parts[1]));
        // The same part twice is that part, however it is balanced.
        let twice = [component(0, weight), component(0, 1.0 - weight)];
        prop_assert!(near(total(&twice, Rebalancing::Daily), parts[0]));
    }
}

/// A portfolio that began within the period: its first day, of which it saw a part, is no evidence
/// about its benchmark; a benchmark without prices is said with the day.
#[test]
fn a_benchmark_is_measured_from_the_day_after_the_first_purchase() {
    let closes = [100.0, 130.0, 143.0, 128.7, 154.44, 139.0];
    let rows: Vec<_> = closes[1..]
        .iter()
        .enumerate()
        .map(|(place, close)| (*close, if place == 0 { 130.0 } else { 0.0 }, 0.0))
        .collect();
    let own = daily(0.0, &rows);
    let benchmark = benchmark(&closes);
    let measure = Measure {
        risk_free: 0.0,
        benchmark: Some(&benchmark),
    };
    let last = own.last().unwrap();
    let beside = statistics(&own, FIRST, last, measure).relative.unwrap();
    // Wednesday is left out; the weekend is folded and the period ends on Sunday.
    assert_eq!(beside.returns, 2);
    assert!((beside.beta.unwrap() - 1.0).abs() < 1e-12);

    let late = PriceSeries::new([(day(2), 1.0)]);
    let component = Component {
        symbol: "LATE",
        closes: &late,
        splits: &[],
        currency: Currency::EUR,
        weight: 1.0,
    };
    let (fx, days) = (FxTable::new(), (FIRST, last));
    let late = Benchmark::new(&[component], Rebalancing::Daily, &fx, Currency::EUR, days).unwrap();
    let measure = Measure {
        risk_free: 0.0,
        benchmark: Some(&late),
    };
    let found = statistics(&own, FIRST, last, measure);
    assert_eq!(
        found.relative,
        Err(NotAvailable::NoBenchmarkPrice { on: FIRST })
    );
    let refused = found.same_flows.unwrap().unwrap_err();
    assert!(refused.to_string().contains("LATE"), "{refused}");
}
