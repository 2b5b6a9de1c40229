//! Laws that hold for the figures of every portfolio, whatever its values and flows.

use std::num::NonZeroU32;

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use money::{Currency, FxTable};
use performance::{
    Benchmark, Component, Confidence, Daily, Measure, NotAvailable, PriceSeries, Rebalancing,
    RollingWindow, Statistics, TailRisk, annual_return, calendar_returns, drawdown, drawdowns,
    historical_tail, modified_dietz, normal_tail, relative, roai, rolling_returns,
    rolling_volatility, same_flows, sharpe, simple_return, statistics, twr, twr_index, volatility,
    xirr,
};
use proptest::prelude::*;

const FIRST: Date = date(2023, 11, 15);

fn day(number: i32) -> Date {
    FIRST + number.days()
}

fn daily(opening: f64, days: &[(f64, f64, f64)]) -> Daily {
    Daily {
        first: FIRST,
        opening,
        cash: vec![0.0; days.len()],
        net_invested: vec![0.0; days.len()],
        value: days.iter().map(|day| day.0).collect(),
        inflow: days.iter().map(|day| day.1).collect(),
        outflow: days.iter().map(|day| day.2).collect(),
        findings: Vec::new(),
    }
}

/// A portfolio that earns a return on each day and has flows, never to nothing.
fn sound(most: usize) -> impl Strategy<Value = Daily> {
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

fn returns() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.2..0.2f64, 2..300)
}

fn benchmark(closes: &[f64]) -> Benchmark {
    let series = PriceSeries::new((-1..).map(day).zip(closes.iter().copied()));
    let component = Component {
        symbol: "WORLD",
        closes: &series,
        splits: &[],
        currency: Currency::EUR,
        weight: 1.0,
    };
    let days = (FIRST, day(closes.len() as i32 - 2));
    let (fx, rebalancing) = (FxTable::new(), Rebalancing::Daily);
    Benchmark::new(&[component], rebalancing, &fx, Currency::EUR, days).unwrap()
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-8 * left.abs().max(right.abs()).max(1.0)
}

/// Every ratio of a period; an absent one as none.
fn ratios(found: &Statistics) -> Vec<Option<f64>> {
    let tail = |bad: Result<TailRisk, NotAvailable>| {
        [bad.ok().map(|bad| bad.var), bad.ok().map(|bad| bad.cvar)]
    };
    let mut all = vec![
        found.summary.twr.ok(),
        found.summary.simple.ok(),
        found.summary.volatility.ok(),
        found.summary.mwr.as_ref().ok().map(|found| found.rate),
        found.summary.max_drawdown.ok().map(|fall| fall.depth),
        found.annual_return.ok(),
        found.roai.ok(),
        found.modified_dietz.ok(),
        found.sharpe.ok(),
        found.sortino.ok(),
        found.downside_deviation.ok(),
        found.calmar.ok(),
        found.best_day.ok(),
        found.worst_day.ok(),
        found.positive_days.ok(),
    ];
    for bad in [
        found.historical_95,
        found.historical_99,
        found.normal_95,
        found.normal_99,
    ] {
        all.extend(tail(bad));
    }
    if let Ok(beside) = &found.relative {
        let figures = [
            beside.beta,
            beside.alpha,
            beside.correlation,
            beside.r_squared,
            beside.tracking_error,
            beside.information_ratio,
            beside.up_capture,
            beside.down_capture,
        ];
        all.extend(figures.into_iter().map(Result::ok));
    }
    all
}

fn scaled(daily: &Daily, factor: f64) -> Daily {
    let times = |values: &[f64]| values.iter().map(|value| value * factor).collect();
    Daily {
        opening: daily.opening * factor,
        value: times(&daily.value),
        inflow: times(&daily.inflow),
        outflow: times(&daily.outflow),
        ..daily.clone()
    }
}

proptest! {
    #[test]
    fn no_ratio_depends_on_the_size_of_the_portfolio(
        own in sound(500), power in -3i32..8, closes in prop::collection::vec(50.0..150.0f64, 500),
    ) {
        let benchmark = benchmark(&closes);
        let last = own.last().unwrap();
        // A power of two changes no digit.
        let other = scaled(&own, 2.0_f64.powi(power));
        let measure = Measure { risk_free: 0.02, benchmark: Some(&benchmark) };
        let [small, large] = [&own, &other].map(|own| ratios(&statistics(own, FIRST, last, measure)));
        prop_assert_eq!(small.len(), large.len());
        for (small, large) in small.into_iter().zip(large) {
            prop_assert_eq!(small.is_some(), large.is_some());
            prop_assert!(near(small.unwrap_or(0.0), large.unwrap_or(0.0)), "{:?} {:?}", small, large);
        }
    }

    #[test]
    fn no_figure_is_ever_nan(
        days in prop::collection::vec((-1e12..1e12f64, 0.0..1e12f64, 0.0..1e12f64), 0..60),
        opening in -1e3..1e3f64,
        length in -2..70i32,
        closes in prop::collection::vec(1e-6..1e6f64, 70),
        risk_free in -1.0..1.0f64,
    ) {
        let benchmark = benchmark(&closes);
        let measure = Measure { risk_free, benchmark: Some(&benchmark) };
        let found = statistics(&daily(opening, &days), FIRST, day(length), measure);
        prop_assert!(ratios(&found).into_iter().flatten().all(f64::is_finite), "{:?}", found);
        if let Some(Ok(same)) = found.same_flows {
            let rates = [same.twr.ok(), same.mwr.ok().map(|found| found.rate), same.ahead.twr.ok(), same.ahead.mwr.ok()];
            prop_assert!(rates.into_iter().flatten().all(f64::is_finite));
        }
    }

    #[test]
    fn figures_of_one_call_are_those_of_their_own_functions(own in sound(400)) {
        let last = own.last().unwrap();
        let found = statistics(&own, FIRST, last, Measure::default());
        prop_assert_eq!(found.roai, roai(&own));
        prop_assert_eq!(found.modified_dietz, modified_dietz(&own));
        prop_assert_eq!(found.summary.volatility, volatility(&own));
        let weekdays = performance::weekday_returns(&own).unwrap();
        prop_assert_eq!(found.sharpe, sharpe(&weekdays, 0.0));
        prop_assert_eq!(found.historical_95, historical_tail(&weekdays, Confidence::P95));
        prop_assert_eq!(found.normal_99, normal_tail(&weekdays, Confidence::P99));
        prop_assert_eq!(found.drawdowns, drawdowns(FIRST, &twr_index(&own).unwrap()));
        prop_assert_eq!(found.summary, performance::summary(&own, FIRST, last));
    }

    #[test]
    fn without_flows_all_returns_are_one(own in sound(800)) {
        let none = vec![0.0; own.value.len()];
        let own = Daily { inflow: none.clone(), outflow: none, ..own };
        let total = twr(&own).unwrap();
        for other in [simple_return(&own), roai(&own), modified_dietz(&own)] {
            prop_assert!(near(other.unwrap(), total));
        }
        let flows = [(day(-1), -own.opening), (own.last().unwrap(), own.closing())];
        let yearly = annual_return(total, own.value.len() as f64 / 365.0);
        if let Ok(rate) = xirr(&flows) {
            prop_assert!(near(yearly.unwrap().ln_1p(), rate.rate.ln_1p()));
        }
    }

    #[test]
    fn a_flow_that_comes_and_goes_changes_nothing(own in sound(100), place in any::<prop::sample::Index>(), size in 0.0..1e5f64) {
        // Money that stays in cash over no night: in and out on a day whose return is zero.
        let place = place.index(own.value.len());
        let before = if place == 0 { own.opening } else { own.value[place - 1] };
        let mut still = own.clone();
        (still.value[place], still.inflow[place], still.outflow[place]) = (before, 0.0, 0.0);
        let mut passed = still.clone();
        (passed.inflow[place], passed.outflow[place]) = (size, size);
        prop_assert!(near(twr(&still).unwrap(), twr(&passed).unwrap()));
        prop_assert!((drawdown(FIRST, &twr_index(&still).unwrap()).unwrap().depth
            - drawdown(FIRST, &twr_index(&passed).unwrap()).unwrap().depth).abs() < 1e-9);
    }

    #[test]
    fn an_earlier_deposit_of_the_same_gain_earns_less(
        first in 0usize..50, later in 0usize..49, deposit in 1.0..100.0f64, gain in 1.0..50.0f64,
    ) {
        let later = first + 1 + later;
        let returned = |on: usize| {
            let days: Vec<_> = (0..100).map(|place| {
                let there = if place >= on { deposit } else { 0.0 };
                let end = if place == 99 { gain } else { 0.0 };
                (100.0 + there + end, if place == on { deposit } else { 0.0 }, 0.0)
            }).collect();
            let own = daily(100.0, &days);
            (modified_dietz(&own).unwrap(), roai(&own).unwrap(), simple_return(&own).unwrap())
        };
        let (early, late) = (returned(first), returned(later));
        prop_assert!(early.0 < late.0 && early.1 < late.1);
        prop_assert!(near(early.2, late.2));
    }

    #[test]
    fn falls_lie_between_zero_and_everything(own in sound(300)) {
        let index = twr_index(&own).unwrap();
        let falls = drawdowns(FIRST, &index).unwrap();
        prop_assert!(falls.iter().all(|fall| (-1.0..0.0).contains(&fall.depth)));
        prop_assert!(falls.iter().all(|fall| fall.peak_on < fall.trough_on));
        // One ends before the next begins, and only the last may not have ended.
        for pair in falls.windows(2) {
            prop_assert!(pair[0].recovered_on.is_some_and(|on| on > pair[0].trough_on && on <= pair[1].peak_on));
        }
        let deepest = falls.iter().map(|fall| fall.depth).fold(0.0, f64::min);
        prop_assert_eq!(drawdown(FIRST, &index).unwrap().depth, deepest);
        if let Some(fall) = falls.iter().find(|fall| fall.depth == deepest) {
            prop_assert_eq!(*fall, drawdown(FIRST, &index).unwrap());
        }
    }

    #[test]
    fn the_mean_beyond_is_never_better_than_the_quantile(returns in returns()) {
        for confidence in [Confidence::P95, Confidence::P99] {
            for bad in [historical_tail(&returns, confidence), normal_tail(&returns, confidence)].into_iter().flatten() {
                prop_assert!(bad.cvar <= bad.var, "{:?}", bad);
            }
        }
        if let (Ok(p95), Ok(p99)) = (historical_tail(&returns, Confidence::P95), historical_tail(&returns, Confidence::P99)) {
            prop_assert!(p99.var <= p95.var && p99.cvar <= p95.cvar + 1e-15);
            let beyond = returns.iter().filter(|growth| **growth < p95.var).count();
            prop_assert!(beyond as f64 <= 0.05 * returns.len() as f64 + 1.0);
        }
    }

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
    fn months_chain_to_years_and_years_to_the_whole(own in sound(900)) {
        let years = calendar_returns(&own).unwrap();
        let mut whole = 1.0;
        for year in &years {
            let months: f64 = year.months.iter().flatten().map(|month| 1.0 + month.twr).product();
            let total = 1.0 + year.twr.unwrap_or_default();
            prop_assert!(near(months, total));
            prop_assert!(near(1.0 + twr(&own.between(year.from, year.to)).unwrap(), total));
            whole *= total;
        }
        prop_assert!(near(whole, 1.0 + twr(&own).unwrap()));
        let gains: f64 = years.iter().map(|year| year.gain).sum();
        prop_assert!(near(gains / own.opening, performance::summary(&own, FIRST, Date::MAX).gain / own.opening));
        // Each year begins where the one before ended.
        for pair in years.windows(2) {
            prop_assert_eq!(pair[0].end_value, pair[1].start_value);
            prop_assert_eq!(pair[0].to + 1.day(), pair[1].from);
        }
        prop_assert_eq!(years.last().map(|year| year.to), own.last());
    }

    #[test]
    fn a_rolling_figure_is_the_figure_of_its_days(own in sound(150), length in 1u32..60, months in any::<bool>()) {
        let length = NonZeroU32::new(if months { length / 20 + 1 } else { length }).unwrap();
        let (window, back) = if months {
            (RollingWindow::Months(length), i64::from(length.get()).months())
        } else {
            (RollingWindow::Days(length), i64::from(length.get()).days())
        };
        let part = |on: Date| own.between(on - back + 1.day(), on);
        match (rolling_returns(&own, window), rolling_volatility(&own, window)) {
            (Ok(returns), Ok(spreads)) => {
                prop_assert_eq!(returns.last().map(|point| point.on), own.last());
                for point in returns {
                    prop_assert!(near(point.value, twr(&part(point.on)).unwrap()));
                }
                for point in spreads {
                    prop_assert_eq!(Ok(point.value), volatility(&part(point.on)));
                }
            }
            (Err(reason), Err(same)) => {
                prop_assert_eq!(reason, same);
                let NotAvailable::TooShort { days, needed } = reason else {
                    return Err(TestCaseError::fail(reason.to_string()));
                };
                prop_assert!(days == own.value.len() && days < needed);
            }
            (returns, spreads) => prop_assert!(false, "{:?} {:?}", returns, spreads),
        }
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
            prop_assert!(near(found.index_return, own_return.unwrap()));
        }
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
