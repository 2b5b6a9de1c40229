//! Laws that hold for the figures of every portfolio, whatever its values and flows.
#![expect(
    clippy::unwrap_used,
    reason = "portfolios are generated so that they have their figures"
)]

use std::num::NonZeroU32;

use jiff::{ToSpan, civil::Date};
use performance::{
    Confidence, Daily, Measure, NotAvailable, RollingWindow, Statistics, TailRisk, annual_return,
    calendar_returns, drawdown, drawdowns, historical_tail, modified_dietz, normal_tail, roai,
    rolling_returns, rolling_volatility, sharpe, simple_return, statistics, twr, twr_index,
    volatility, xirr,
};
use proptest::prelude::*;

mod beside;
mod portfolios;

use portfolios::{FIRST, benchmark, daily, day, near, returns, sound};

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
        prop_assert!(near(drawdown(FIRST, &index).unwrap().depth, deepest));
        let first = falls.iter().find(|fall| fall.depth <= deepest);
        prop_assert!(first.is_none_or(|fall| drawdown(FIRST, &index) == Ok(*fall)));
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
            prop_assert!(near(pair[0].end_value, pair[1].start_value));
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
}
