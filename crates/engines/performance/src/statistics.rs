//! Every figure of a period in one call.

use jiff::civil::Date;

use crate::{
    Benchmark, BenchmarkError, Confidence, Daily, Drawdown, NotAvailable, Relative, SameFlows,
    Summary, TailRisk, annual_return, calendar, calmar, downside_deviation, drawdowns,
    modified_dietz, normal_tail, relative, risk, roai, same_flows, sharpe, sortino,
    summary::Course, tail::tail_of_sorted,
};

/// Days that a period needs before its return is stated per year.
const YEAR: usize = 365;

/// Every figure of a period; each that cannot be stated says why.
///
/// Figures of risk are made of [`crate::weekday_returns`].
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Amounts, returns, the deepest fall and volatility.
    pub summary: Summary,
    /// The time-weighted return per year of 365 days: [`crate::annual_return`]. Not available for
    /// fewer days than that.
    pub annual_return: Result<f64, NotAvailable>,
    /// Return on average investment: [`crate::roai`].
    pub roai: Result<f64, NotAvailable>,
    /// [`crate::modified_dietz`].
    pub modified_dietz: Result<f64, NotAvailable>,
    /// [`crate::sharpe`].
    pub sharpe: Result<f64, NotAvailable>,
    /// [`crate::sortino`] with the risk-free rate as the target.
    pub sortino: Result<f64, NotAvailable>,
    /// [`crate::downside_deviation`] below the same target.
    pub downside_deviation: Result<f64, NotAvailable>,
    /// [`crate::calmar`] of the return per year.
    pub calmar: Result<f64, NotAvailable>,
    /// Bad days of one in 20, as they were: [`crate::historical_tail`].
    pub historical_95: Result<TailRisk, NotAvailable>,
    /// Bad days of one in 100, as they were.
    pub historical_99: Result<TailRisk, NotAvailable>,
    /// Bad days of one in 20 of a normal distribution: [`crate::normal_tail`].
    pub normal_95: Result<TailRisk, NotAvailable>,
    /// Bad days of one in 100 of a normal distribution.
    pub normal_99: Result<TailRisk, NotAvailable>,
    /// Every fall, in the order of time: [`crate::drawdowns`].
    pub drawdowns: Result<Vec<Drawdown>, NotAvailable>,
    /// The highest return of a weekday.
    pub best_day: Result<f64, NotAvailable>,
    /// The lowest return of a weekday.
    pub worst_day: Result<f64, NotAvailable>,
    /// Part of the weekdays with a return above zero.
    pub positive_days: Result<f64, NotAvailable>,
    /// Movement beside the benchmark: [`crate::relative`].
    pub relative: Result<Relative, NotAvailable>,
    /// The benchmark on the same flows: [`crate::same_flows`]; `None` without a benchmark.
    pub same_flows: Option<Result<SameFlows, BenchmarkError>>,
}

/// What figures are measured against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measure<'a> {
    /// Risk-free rate per year, 0.02 for 2 %; a day's is its 252nd part.
    pub risk_free: f64,
    /// The benchmark, over the days of the period or more.
    pub benchmark: Option<&'a Benchmark>,
}

/// Every figure of the days from `from` to `to`, both included, as far as they were valued.
///
/// The returns of each day are computed once and shared.
///
/// ```
/// use jiff::civil::date;
/// use performance::{Daily, Measure, NotAvailable, statistics};
///
/// let daily = Daily {
///     first: date(2024, 1, 1),
///     opening: 100.0,
///     value: vec![110.0, 99.0, 105.0],
///     cash: vec![0.0; 3],
///     net_invested: vec![0.0; 3],
///     inflow: vec![0.0; 3],
///     outflow: vec![0.0; 3],
///     ..Daily::default()
/// };
/// let found = statistics(&daily, date(2024, 1, 1), date(2024, 1, 3), Measure::default());
/// assert!((found.roai? - 0.05).abs() < 1e-12 && found.sharpe.is_ok());
/// assert_eq!(found.annual_return, Err(NotAvailable::TooShort { days: 3, needed: 365 }));
/// assert_eq!(found.relative, Err(NotAvailable::NoBenchmark));
/// # Ok::<(), NotAvailable>(())
/// ```
pub fn statistics(daily: &Daily, from: Date, to: Date, measure: Measure<'_>) -> Statistics {
    let period = daily.between(from, to);
    let course = Course::of(&period);
    let summary = course.summary(&period);
    let weekdays = course.weekdays.as_deref().map_err(|reason| *reason);
    let mut sorted = weekdays.unwrap_or_default().to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let of_sorted = || weekdays.map(|_| sorted.as_slice()).and_then(not_empty);
    let annual_return = per_year(&summary, period.value.len());
    let fall = summary.max_drawdown.map(|fall| fall.depth);
    let positive = |sorted: &[f64]| {
        let rest = sorted.partition_point(|growth| *growth <= 0.0);
        (sorted.len() - rest) as f64 / sorted.len() as f64
    };
    let historical = |confidence| weekdays.and_then(|_| tail_of_sorted(&sorted, confidence));
    let normal = |confidence| weekdays.and_then(|returns| normal_tail(returns, confidence));
    let free = measure.risk_free;
    let index = course.index.as_deref().map_err(|reason| *reason);
    Statistics {
        roai: roai(&period),
        modified_dietz: modified_dietz(&period),
        sharpe: weekdays.and_then(|returns| sharpe(returns, free)),
        sortino: weekdays.and_then(|returns| sortino(returns, free)),
        downside_deviation: weekdays.and_then(|returns| downside_deviation(returns, free)),
        calmar: annual_return.and_then(|yearly| calmar(yearly, fall?)),
        annual_return,
        historical_95: historical(Confidence::P95),
        historical_99: historical(Confidence::P99),
        normal_95: normal(Confidence::P95),
        normal_99: normal(Confidence::P99),
        drawdowns: index.and_then(|index| drawdowns(period.first, index)),
        best_day: of_sorted().map(|sorted| sorted.last().copied().unwrap_or_default()),
        worst_day: of_sorted().map(|sorted| sorted.first().copied().unwrap_or_default()),
        positive_days: of_sorted().map(positive),
        relative: beside(&period, &course, measure),
        same_flows: measure
            .benchmark
            .map(|benchmark| same_flows::beside(&period, summary.twr, &summary.mwr, benchmark)),
        summary,
    }
}

fn not_empty(returns: &[f64]) -> Result<&[f64], NotAvailable> {
    if returns.is_empty() {
        return Err(NotAvailable::TooFewReturns {
            found: 0,
            needed: 1,
        });
    }
    Ok(returns)
}

fn per_year(summary: &Summary, days: usize) -> Result<f64, NotAvailable> {
    let twr = summary.twr?;
    if days < YEAR {
        return Err(NotAvailable::TooShort { days, needed: YEAR });
    }
    annual_return(twr, days as f64 / YEAR as f64)
}

/// The portfolio's returns beside the benchmark's own. The day on which the first money came in is
/// left out: the portfolio saw only a part of it.
fn beside(period: &Daily, course: &Course, measure: Measure<'_>) -> Result<Relative, NotAvailable> {
    let benchmark = measure.benchmark.ok_or(NotAvailable::NoBenchmark)?;
    let returns = course.returns.as_deref().map_err(|reason| *reason)?;
    let entered = returns.iter().position(Option::is_some);
    let skipped = entered.filter(|_| period.opening <= 0.0);
    let mut levels = benchmark.levels_from(period.first);
    let mut before = levels.next().flatten();
    let mut pairs = Vec::with_capacity(returns.len());
    for (place, growth) in returns.iter().enumerate() {
        let level = levels.next().flatten();
        let ends = std::mem::replace(&mut before, level).zip(level);
        pairs.push(match growth.filter(|_| skipped != Some(place)) {
            None => None,
            Some(growth) => {
                let missing = || NotAvailable::NoBenchmarkPrice {
                    on: calendar::after(period.first, place as i64 - 1),
                };
                let (start, end) = ends.ok_or_else(missing)?;
                Some([growth, end / start - 1.0])
            }
        });
    }
    let weekdays = risk::fold(period.first, pairs.into_iter());
    let pairs: Vec<(f64, f64)> = weekdays
        .into_iter()
        .map(|[own, other]| (own, other))
        .collect();
    relative(&pairs, measure.risk_free)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Held from before, without flows, from a Monday on.
    fn held(value: Vec<f64>) -> Daily {
        let none = vec![0.0; value.len()];
        Daily {
            first: date(2024, 1, 1),
            opening: 100.0,
            cash: none.clone(),
            net_invested: none.clone(),
            inflow: none.clone(),
            outflow: none,
            value,
            ..Daily::default()
        }
    }

    fn all(daily: &Daily) -> Statistics {
        statistics(daily, daily.first, Date::MAX, Measure::default())
    }

    fn near(found: Result<f64, NotAvailable>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    #[test]
    fn days_are_counted_by_their_returns() {
        let found = all(&held(vec![102.0, 102.0, 51.0, 56.1, 56.1]));
        near(found.best_day, 0.1);
        near(found.worst_day, -0.5);
        // Two of five: a day without a return is not positive.
        near(found.positive_days, 0.4);
        assert_eq!(found.drawdowns.unwrap().len(), 1);
    }

    #[test]
    fn a_year_is_needed_for_a_figure_per_year() {
        let course = |days: usize| {
            let mut value = vec![50.0; days - 1];
            value.push(110.0);
            all(&held(value))
        };
        let year = course(365);
        near(year.annual_return, 0.1);
        near(year.calmar, 0.1 / 0.5);
        near(course(730).annual_return, 1.1_f64.sqrt() - 1.0);
        let short = Err(NotAvailable::TooShort {
            days: 364,
            needed: 365,
        });
        let nearly = course(364);
        assert_eq!((nearly.annual_return, nearly.calmar), (short, short));
        near(nearly.summary.twr, 0.1);
    }

    #[test]
    fn without_a_measurable_day_every_figure_has_the_same_reason() {
        let empty = all(&Daily::default());
        let reason = NotAvailable::EmptyPeriod;
        for figure in [
            empty.annual_return,
            empty.roai,
            empty.modified_dietz,
            empty.sharpe,
            empty.sortino,
            empty.calmar,
            empty.best_day,
            empty.positive_days,
        ] {
            assert_eq!(figure, Err(reason));
        }
        assert_eq!(empty.historical_95, Err(reason));
        assert_eq!(empty.drawdowns, Err(reason));
        // A Saturday alone has a return, but no weekday has.
        let mut saturday = held(vec![101.0]);
        saturday.first = date(2024, 1, 6);
        let found = all(&saturday);
        near(found.summary.twr, 0.01);
        let few = NotAvailable::TooFewReturns {
            found: 0,
            needed: 1,
        };
        assert_eq!((found.best_day, found.sortino), (Err(few), Err(few)));
    }
}
