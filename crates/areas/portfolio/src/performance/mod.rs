//! How portfolios performed in a period: returns, risk, the months and years, and the same money in a
//! benchmark.

pub(crate) mod api;
mod benchmark;
mod figures;
mod model;
pub(crate) mod pages;
pub(crate) mod trail;

use std::sync::Arc;

use db::UserId;
use identity::Viewer;
use performance::{Measure, NotAvailable, Period, PeriodError, Statistics, statistics};
use serde::Deserialize;
use utoipa::IntoParams;
use web::{App, FieldError, Problem};

use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::{Request, Valuation, Valuations},
};
use benchmark::Chosen;

/// What is to be measured, and against what.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct PerformanceQuery {
    /// One portfolio; all together unless given.
    #[serde(alias = "portfolio", deserialize_with = "empty_is_none")]
    #[param(value_type = Option<Uuid>)]
    pub(crate) portfolio_id: Option<PortfolioId>,
    /// `1d`, `wtd`, `mtd`, `ytd`, `1w`, `1m`, `3m`, `1y`, `3y`, `5y` or `all`, a year such as `2024`, or
    /// two days such as `2024-01-01..2024-03-31`; one year unless given.
    #[param(required = false)]
    pub(crate) period: String,
    /// First day of a free range; with `to`, instead of `period`.
    #[serde(deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<jiff::civil::Date>,
    /// Last day of a free range.
    #[serde(deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) to: Option<jiff::civil::Date>,
    /// A symbol, or several with their percentages: `VWRL:60,AGGH:40`.
    #[param(required = false)]
    pub(crate) benchmark: String,
    /// Risk-free rate in percent a year; 0 unless given.
    #[param(required = false, example = "2.5")]
    pub(crate) risk_free: String,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) known_on: Option<jiff::civil::Date>,
}

/// A valuation with the statistics of a period.
pub(crate) struct Measured {
    pub(crate) valuation: Arc<Valuation>,
    pub(crate) period: Period,
    /// Why there is nothing to measure, or what was measured.
    pub(crate) outcome: Result<Outcome, String>,
    /// What was asked for as the benchmark, and why it cannot be had.
    pub(crate) benchmark: Option<Result<Chosen, String>>,
}

pub(crate) struct Outcome {
    pub(crate) days: performance::Days,
    pub(crate) statistics: Statistics,
}

impl PerformanceQuery {
    pub(crate) fn period(&self) -> Result<Period, PeriodError> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => Err(PeriodError::Reversed { from, to }),
            (Some(from), Some(to)) => Ok(Period::Range { from, to }),
            _ if self.period.trim().is_empty() => Ok(Period::default()),
            _ => self.period.trim().parse(),
        }
    }

    pub(crate) fn names_no_period(&self) -> bool {
        self.period.trim().is_empty() && self.from.is_none() && self.to.is_none()
    }

    /// The same as other pages say it.
    fn scope(&self) -> Scope {
        Scope {
            portfolio: self.portfolio_id,
            period: Some(self.period.clone()).filter(|period| !period.is_empty()),
            known_on: self.known_on,
        }
    }

    /// What else stands in the address of its page.
    fn rest(&self) -> Vec<(&'static str, String)> {
        let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        [
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("benchmark", text(&self.benchmark)),
            ("risk_free", text(&self.risk_free)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    fn risk_free(&self) -> Result<f64, Problem> {
        let text = self.risk_free.trim().replace(',', ".");
        if text.is_empty() {
            return Ok(0.0);
        }
        let percent: Option<f64> = text.parse().ok();
        percent
            .filter(|percent| (-50.0..=100.0).contains(percent))
            .map(|percent| percent / 100.0)
            .ok_or_else(|| {
                Problem::invalid(vec![FieldError {
                    pointer: "risk_free".to_owned(),
                    code: "out_of_range".to_owned(),
                    detail: "The risk-free rate must be a percentage from -50 to 100.".to_owned(),
                }])
            })
    }
}

/// Values what the query names and measures its period.
pub(crate) async fn measure(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    query: &PerformanceQuery,
) -> Result<Measured, Problem> {
    let request = Request {
        portfolio: query.portfolio_id,
        base: None,
        cost_basis: None,
        as_of: viewer.today,
        known_on: query.known_on,
    };
    let base = viewer.preferences.base_currency;
    let valuation = valuations.value(app, viewer.user_id, request, base).await?;
    measure_of(app, viewer.user_id, valuation, query).await
}

/// Measures the period of what was valued.
async fn measure_of(
    app: &App,
    user: UserId,
    valuation: Arc<Valuation>,
    query: &PerformanceQuery,
) -> Result<Measured, Problem> {
    let period = query
        .period()
        .map_err(|error| crate::dashboard::api::unknown_period(&error))?;
    let risk_free = query.risk_free()?;
    let Some(days) = valuation.days(period) else {
        let reason = if valuation.daily.is_some() {
            "This period has no day on record."
        } else {
            "There are no transactions yet."
        };
        return Ok(Measured {
            outcome: Err(reason.to_owned()),
            valuation,
            period,
            benchmark: None,
        });
    };
    let benchmark = benchmark::choose(app, user, &valuation, days, &query.benchmark).await?;
    let outcome = statistics_of(&valuation, days, risk_free, benchmark.as_ref());
    Ok(Measured {
        valuation,
        period,
        outcome,
        benchmark,
    })
}

fn statistics_of(
    valuation: &Valuation,
    days: performance::Days,
    risk_free: f64,
    benchmark: Option<&Result<Chosen, String>>,
) -> Result<Outcome, String> {
    if valuation.lacks_rate() {
        return Err(NotAvailable::MissingRate.to_string());
    }
    let daily = valuation
        .daily
        .as_ref()
        .ok_or_else(|| "There are no transactions yet.".to_owned())?;
    let measure = Measure {
        risk_free,
        benchmark: benchmark
            .and_then(|chosen| chosen.as_ref().ok())
            .map(|chosen| &chosen.index),
    };
    Ok(Outcome {
        days,
        statistics: statistics(daily, days.from, days.to, measure),
    })
}
