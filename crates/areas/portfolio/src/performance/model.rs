use std::{collections::BTreeMap, num::NonZeroU32};

use jiff::civil::Date;
use money::Currency;
use performance::{
    BenchmarkError, Daily, Drawdown, RollingPoint, RollingWindow, SameFlows, Statistics,
    YearReturns, calendar_returns, rolling_returns, rolling_volatility,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Measured, figures};
use crate::dashboard::model::SeriesView;

/// Falls that are listed.
const DEEPEST: usize = 10;
/// Points of a rolling series at most.
const MAX_POINTS: usize = 400;
const MONTHS_OF_YEAR: NonZeroU32 = NonZeroU32::new(12).unwrap();

/// Performance in a period. Amounts are numbers in `currency`, ratios numbers, 0.12 being 12 %.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PerformanceView {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    currency: Currency,
    /// Whether what brokers state differs from the books, and nobody accepted it.
    is_unreconciled: bool,
    /// The period as it was asked for.
    period: String,
    /// First day measured.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day measured.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Value before the first day.
    start_value: Option<f64>,
    /// Value at the close of the last day.
    end_value: Option<f64>,
    /// What was paid in.
    inflow: Option<f64>,
    /// What was taken out.
    outflow: Option<f64>,
    /// Change of the value that is neither.
    gain: Option<f64>,
    /// Every figure by name, see `docs/concepts/performance.md`; absent ones are in `not_available`.
    figures: BTreeMap<&'static str, f64>,
    /// Why a figure is absent.
    not_available: BTreeMap<&'static str, String>,
    /// The deepest falls, deepest first.
    drawdowns: Vec<DrawdownView>,
    /// Returns by year and month, of all years on record.
    years: Vec<YearView>,
    /// Return and volatility of every window of twelve months, by its last day.
    rolling: RollingView,
    /// What was chosen to compare with.
    benchmark: Option<BenchmarkView>,
    /// Value, net invested and benchmark by day.
    series: PerformanceSeries,
}

/// A fall from a peak.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DrawdownView {
    /// Zero or negative.
    pub(crate) depth: f64,
    /// The day of the peak.
    #[schema(value_type = String, format = Date)]
    pub(crate) peak_on: Date,
    /// The deepest day.
    #[schema(value_type = String, format = Date)]
    pub(crate) trough_on: Date,
    /// The first day as high as the peak again.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) recovered_on: Option<Date>,
    /// Days from peak to recovery, or to the end of the period while there is none.
    pub(crate) days: i32,
}

/// A calendar year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearView {
    /// The year.
    pub(crate) year: i16,
    /// Time-weighted return of its days on record.
    pub(crate) twr: Option<f64>,
    /// The same by month, January first.
    pub(crate) months: Vec<Option<f64>>,
    /// Whether all its days are on record.
    pub(crate) complete: bool,
    /// Change of the value that is not deposits or withdrawals.
    pub(crate) gain: f64,
    /// Deposits less withdrawals.
    pub(crate) net_flow: f64,
    /// Value at its end.
    pub(crate) end_value: f64,
}

/// Windows of twelve months.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct RollingView {
    /// Last days of the windows.
    #[schema(value_type = Vec<String>)]
    pub(crate) dates: Vec<Date>,
    /// Time-weighted return of each.
    pub(crate) twr: Vec<f64>,
    /// Volatility of each.
    pub(crate) volatility: Vec<f64>,
    /// Why there are none.
    pub(crate) not_available: Option<String>,
}

/// The same money in the benchmark.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BenchmarkView {
    /// What it is.
    pub(crate) name: String,
    /// Its own return over the days.
    pub(crate) index_return: Option<f64>,
    /// What the same deposits and withdrawals would be worth.
    pub(crate) value: Option<f64>,
    /// What they would have gained.
    pub(crate) gain: Option<f64>,
    /// Their time-weighted return.
    pub(crate) twr: Option<f64>,
    /// Their money-weighted return.
    pub(crate) mwr: Option<f64>,
    /// How far the portfolio is ahead, in value.
    pub(crate) ahead: Option<f64>,
    /// Why it cannot be compared.
    pub(crate) not_available: Option<String>,
}

/// Lines over the same days.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct PerformanceSeries {
    /// The days.
    #[schema(value_type = Vec<String>)]
    pub(crate) dates: Vec<Date>,
    /// Value.
    pub(crate) value: Vec<f64>,
    /// Net invested.
    pub(crate) net_invested: Vec<f64>,
    /// The same money in the benchmark; empty without one.
    pub(crate) benchmark: Vec<f64>,
}

impl PerformanceView {
    pub(crate) fn new(measured: &Measured) -> Self {
        let valuation = &measured.valuation;
        let outcome = measured.outcome.as_ref();
        let statistics = outcome.map(|outcome| &outcome.statistics).ok();
        let days = outcome.map(|outcome| outcome.days).ok();
        let summary = statistics.map(|found| &found.summary);
        let (figures, not_available) = statistics.map(sorted).unwrap_or_default();
        Self {
            currency: valuation.base,
            is_unreconciled: valuation.is_unreconciled(),
            period: measured.period.to_string(),
            from: days.map(|days| days.from),
            to: days.map(|days| days.to),
            start_value: summary.map(|summary| summary.start_value),
            end_value: summary.map(|summary| summary.end_value),
            inflow: summary.map(|summary| summary.inflow),
            outflow: summary.map(|summary| summary.outflow),
            gain: summary.map(|summary| summary.gain),
            figures,
            not_available: match &measured.outcome {
                Ok(_) => not_available,
                Err(reason) => BTreeMap::from([("all", reason.clone())]),
            },
            drawdowns: statistics.map(drawdowns).unwrap_or_default(),
            years: years(measured),
            rolling: rolling(measured),
            benchmark: benchmark(measured),
            series: series(measured),
        }
    }
}

type Named<T> = BTreeMap<&'static str, T>;

fn sorted(statistics: &Statistics) -> (Named<f64>, Named<String>) {
    let mut values = Named::new();
    let mut reasons = Named::new();
    let groups = figures::groups(statistics);
    for figure in groups.into_iter().flat_map(|group| group.figures) {
        match figure.value {
            Ok(value) => values.insert(figure.key, value).map(|_| ()),
            Err(reason) => reasons.insert(figure.key, reason).map(|_| ()),
        };
    }
    (values, reasons)
}

/// The deepest falls, deepest first.
pub(crate) fn drawdowns(statistics: &Statistics) -> Vec<DrawdownView> {
    let mut falls: Vec<Drawdown> = statistics.drawdowns.clone().unwrap_or_default();
    falls.sort_by(|left, right| left.depth.total_cmp(&right.depth));
    falls.truncate(DEEPEST);
    let end = statistics.summary.to;
    let views = falls.iter().map(|fall| DrawdownView::new(fall, end));
    views.collect()
}

impl DrawdownView {
    /// A fall of a period that ends on a day.
    pub(crate) fn new(fall: &Drawdown, end: Date) -> Self {
        let until = fall.recovered_on.unwrap_or(end);
        Self {
            depth: fall.depth,
            peak_on: fall.peak_on,
            trough_on: fall.trough_on,
            recovered_on: fall.recovered_on,
            days: until.since(fall.peak_on).map_or(0, |span| span.get_days()),
        }
    }
}

/// What stands out of the windows.
pub(super) struct Windows {
    pub(super) latest: f64,
    pub(super) best: f64,
    pub(super) median: f64,
    pub(super) worst: f64,
}

/// The latest of the windows, the best, the median and the worst; `None` where there is none.
pub(super) fn windows(rolling: &RollingView) -> Option<Windows> {
    let mut sorted = rolling.twr.clone();
    sorted.sort_by(f64::total_cmp);
    Some(Windows {
        latest: rolling.twr.last().copied()?,
        best: sorted.last().copied()?,
        median: sorted.get(sorted.len() / 2).copied()?,
        worst: sorted.first().copied()?,
    })
}

/// All years on record, whatever the period; none while amounts are not known.
pub(crate) fn years(measured: &Measured) -> Vec<YearView> {
    let daily = measured.valuation.daily.as_ref();
    let daily = daily.filter(|_| !measured.valuation.lacks_rate());
    let years = daily.map(|daily| calendar_returns(daily).unwrap_or_default());
    years
        .unwrap_or_default()
        .iter()
        .map(|year: &YearReturns| YearView {
            year: year.year,
            twr: year.twr,
            months: year
                .months
                .iter()
                .map(|month| month.as_ref().map(|month| month.twr))
                .collect(),
            complete: year.complete,
            gain: year.gain,
            net_flow: year.net_flow,
            end_value: year.end_value,
        })
        .collect()
}

/// Windows of twelve months within the period.
pub(crate) fn rolling(measured: &Measured) -> RollingView {
    let Some((daily, Ok(outcome))) = measured
        .valuation
        .daily
        .as_ref()
        .zip(Some(measured.outcome.as_ref()))
    else {
        return RollingView::default();
    };
    let period = daily.between(outcome.days.from, outcome.days.to);
    let window = RollingWindow::Months(MONTHS_OF_YEAR);
    let twr = rolling_returns(&period, window);
    let volatility = rolling_volatility(&period, window);
    match twr.and_then(|twr| volatility.map(|volatility| (twr, volatility))) {
        Err(reason) => RollingView {
            not_available: Some(reason.to_string()),
            ..RollingView::default()
        },
        Ok((twr, volatility)) => {
            let spread: BTreeMap<Date, f64> = volatility
                .iter()
                .map(|point| (point.on, point.value))
                .collect();
            let both: Vec<(RollingPoint, f64)> = twr
                .into_iter()
                .filter_map(|point| spread.get(&point.on).map(|value| (point, *value)))
                .collect();
            let step = both.len() / MAX_POINTS + 1;
            // Counted from the end, so that the last day is always there.
            let mut picked: Vec<(RollingPoint, f64)> =
                both.into_iter().rev().step_by(step).collect();
            picked.reverse();
            RollingView {
                dates: picked.iter().map(|(point, _)| point.on).collect(),
                twr: picked.iter().map(|(point, _)| point.value).collect(),
                volatility: picked.iter().map(|(_, volatility)| *volatility).collect(),
                not_available: None,
            }
        }
    }
}

pub(crate) fn benchmark(measured: &Measured) -> Option<BenchmarkView> {
    let chosen = measured.benchmark.as_ref()?;
    let absent = |name: &str, reason: String| BenchmarkView {
        name: name.to_owned(),
        index_return: None,
        value: None,
        gain: None,
        twr: None,
        mwr: None,
        ahead: None,
        not_available: Some(reason),
    };
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(reason) => return Some(absent("", reason.clone())),
    };
    let same = measured
        .outcome
        .as_ref()
        .ok()?
        .statistics
        .same_flows
        .as_ref()?;
    Some(match same {
        Err(reason) => absent(&chosen.name, reason.to_string()),
        Ok(same) => BenchmarkView {
            name: chosen.name.clone(),
            index_return: same.index_return,
            value: Some(same.daily.closing()),
            gain: Some(same.gain),
            twr: same.twr.ok(),
            mwr: same.mwr.as_ref().ok().map(|found| found.rate),
            ahead: Some(same.ahead.value),
            not_available: None,
        },
    })
}

pub(crate) fn series(measured: &Measured) -> PerformanceSeries {
    let (Some(daily), Ok(outcome)) = (&measured.valuation.daily, &measured.outcome) else {
        return PerformanceSeries::default();
    };
    let own = SeriesView::new(daily, outcome.days);
    let same: Option<&Result<SameFlows, BenchmarkError>> = outcome.statistics.same_flows.as_ref();
    let benchmark = match same {
        Some(Ok(same)) => own
            .dates
            .iter()
            .map(|day| value_on(&same.daily, *day))
            .collect(),
        _ => Vec::new(),
    };
    PerformanceSeries {
        dates: own.dates,
        value: own.value,
        net_invested: own.net_invested,
        benchmark,
    }
}

fn value_on(daily: &Daily, day: Date) -> f64 {
    let place = day.since(daily.first).map_or(-1, |span| span.get_days());
    usize::try_from(place)
        .ok()
        .and_then(|place| daily.value.get(place))
        .copied()
        .unwrap_or(daily.opening)
}
