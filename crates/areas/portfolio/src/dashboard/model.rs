use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use market::InstrumentId;
use money::Currency;
use performance::{Daily, Days, Period};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    contribution::top_movers,
    report::{PerformanceReport, TotalsReport},
    valuation::{PlacedFinding, Valuation},
};

/// Points that a chart gets at most; longer histories are thinned evenly.
const MAX_POINTS: usize = 800;

/// The dashboard. Amounts are decimal strings, series and ratios numbers, 0.12 being 12 %.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardView {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub(crate) as_of: Date,
    /// The day at whose end the transactions were stored like this; absent: as they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) known_on: Option<Date>,
    /// Whether what brokers state differs from the books, and nobody accepted it.
    pub(crate) is_unreconciled: bool,
    /// As it was asked for.
    pub(crate) period: String,
    /// First day of the period.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<Date>,
    /// Value, cash and gains since inception.
    pub(crate) totals: TotalsReport,
    /// External flows since inception.
    #[schema(value_type = String)]
    pub(crate) net_invested: Decimal,
    /// Change of the value in the period that is not deposits or withdrawals.
    pub(crate) gain: Option<f64>,
    /// Time-weighted return of the period.
    pub(crate) gain_ratio: Option<f64>,
    /// Performance of the period.
    pub(crate) performance: PerformanceReport,
    /// Value and net invested by day.
    pub(crate) series: SeriesView,
    /// Value by asset class, cash included.
    pub(crate) allocation: Vec<SliceView>,
    /// What gained most and lost most in the period.
    pub(crate) movers: Vec<MoverView>,
    /// What does not add up.
    #[schema(value_type = Vec<Object>)]
    pub(crate) findings: Vec<PlacedFinding>,
}

/// Two lines over the same days.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct SeriesView {
    /// The days.
    #[schema(value_type = Vec<String>)]
    pub(crate) dates: Vec<Date>,
    /// Value at the close.
    pub(crate) value: Vec<f64>,
    /// External flows since inception.
    pub(crate) net_invested: Vec<f64>,
}

/// A part of the whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SliceView {
    /// What it is.
    pub(crate) label: String,
    /// Its value.
    #[schema(value_type = String)]
    pub(crate) value: Decimal,
    /// Its share of the whole.
    pub(crate) share: f64,
}

/// A holding that moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MoverView {
    /// The instrument.
    #[schema(value_type = uuid::Uuid)]
    pub(crate) instrument_id: InstrumentId,
    /// Its symbol.
    pub(crate) symbol: String,
    /// Its name.
    pub(crate) name: String,
    /// What it gained in the period.
    pub(crate) gain: f64,
    /// The same over what was at stake.
    pub(crate) ratio: Option<f64>,
}

impl DashboardView {
    pub(crate) fn new(valuation: &Valuation, period: Period) -> Self {
        let days = valuation.days(period);
        let summary = days.and_then(|days| valuation.summary(days));
        Self {
            currency: valuation.base,
            as_of: valuation.as_of,
            known_on: valuation.known_on,
            is_unreconciled: valuation.is_unreconciled(),
            period: period.to_string(),
            from: days.map(|days| days.from),
            totals: TotalsReport::new(valuation),
            net_invested: crate::report::stored(valuation.totals.net_invested),
            gain: summary.as_ref().map(|summary| summary.gain),
            gain_ratio: summary.as_ref().and_then(|summary| summary.twr.ok()),
            performance: PerformanceReport::new(summary.as_ref()),
            series: valuation
                .daily
                .as_ref()
                .zip(days)
                .map(|(daily, days)| SeriesView::new(daily, days))
                .unwrap_or_default(),
            allocation: allocation(valuation),
            movers: days.map_or_else(Vec::new, |days| mover_views(valuation, days)),
            findings: valuation.findings.clone(),
        }
    }
}

impl SeriesView {
    /// The days of a period with the close before it as the first point.
    pub(crate) fn new(daily: &Daily, Days { from, to }: Days) -> Self {
        let before = from.yesterday().unwrap_or(from).max(daily.first);
        let offset = |day: Date| {
            usize::try_from(day.since(daily.first).map_or(0, |span| span.get_days())).unwrap_or(0)
        };
        let last = offset(to).min(daily.value.len().saturating_sub(1));
        let first = offset(before).min(last);
        let step = (last - first) / MAX_POINTS + 1;
        // Counted from the end, so that the last day is always there.
        let mut picked: Vec<usize> = (first..=last).rev().step_by(step).collect();
        picked.reverse();
        let take = |series: &[f64]| picked.iter().map(|at| cents(series[*at])).collect();
        Self {
            dates: picked
                .iter()
                .map(|at| {
                    daily
                        .first
                        .saturating_add(i64::try_from(*at).unwrap_or(0).days())
                })
                .collect(),
            value: take(&daily.value),
            net_invested: take(&daily.net_invested),
        }
    }
}

/// Series are drawn, not added up: cents are enough.
fn cents(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Value by asset class, largest first, with cash as a class of its own.
pub(crate) fn allocation(valuation: &Valuation) -> Vec<SliceView> {
    let mut by_class: BTreeMap<&'static str, Decimal> = BTreeMap::new();
    for holding in valuation.open_holdings() {
        let class = valuation.instrument(holding.asset).asset_class.label();
        *by_class.entry(class).or_default() += holding.value;
    }
    if !valuation.totals.cash.is_zero() {
        *by_class.entry("Cash").or_default() += valuation.totals.cash;
    }
    let whole: Decimal = by_class
        .values()
        .filter(|value| **value > Decimal::ZERO)
        .sum();
    let mut slices: Vec<SliceView> = by_class
        .into_iter()
        .map(|(label, value)| SliceView {
            label: label.to_owned(),
            value: crate::report::stored(value),
            share: value
                .checked_div(whole)
                .map_or(0.0, money::f64_from_decimal),
        })
        .collect();
    slices.sort_by_key(|slice| std::cmp::Reverse(slice.value));
    slices
}

fn mover_views(valuation: &Valuation, days: Days) -> Vec<MoverView> {
    top_movers(valuation, days)
        .into_iter()
        .map(|mover| {
            let instrument = valuation.instrument(mover.asset);
            MoverView {
                instrument_id: instrument.id,
                symbol: instrument.symbol.clone(),
                name: instrument.name.clone(),
                gain: cents(mover.gain),
                ratio: mover.ratio,
            }
        })
        .collect()
}
