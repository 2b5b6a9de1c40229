//! From the inputs to the result, with the numbers put in.

use jiff::{ToSpan, civil::Date};
use performance::{Daily, TRADING_DAYS, annual_volatility, calendar_returns, twr, weekday_returns};

use super::{Performance, Told};
use crate::{
    performance::{
        Outcome,
        model::{DrawdownView, YearView},
    },
    trail::{Amount, Step},
};

impl Told<'_> {
    pub(super) fn steps(
        &self,
        outcome: &Outcome,
        daily: &Daily,
        figure: Performance,
        result: Amount,
    ) -> Vec<Step> {
        let mut steps = match figure {
            Performance::Twr | Performance::AnnualReturn => linked(outcome, daily, figure),
            Performance::MaxDrawdown => match &outcome.statistics.summary.max_drawdown {
                Err(_) => Vec::new(),
                Ok(fall) => of_fall(&DrawdownView::new(fall, outcome.days.to)),
            },
            Performance::BestDay | Performance::WorstDay => self.day(daily, &result),
            Performance::Gain
            | Performance::EndValue
            | Performance::PaidIn
            | Performance::TakenOut
            | Performance::Mwr
            | Performance::Simple
            | Performance::Roai
            | Performance::ModifiedDietz
            | Performance::Ahead
            | Performance::BenchmarkReturn => self.flows(daily),
            _ => self.risk(outcome, daily, figure),
        };
        if !matches!(figure, Performance::Twr) {
            steps.push(Step::new(figure.title(), result));
        }
        steps
    }

    /// From the value before to the value at the end.
    fn flows(&self, daily: &Daily) -> Vec<Step> {
        let (came_in, went_out) = (sum(&daily.inflow), sum(&daily.outflow));
        let gain = daily.closing() - daily.opening - came_in + went_out;
        let step = |text: &str, value| Step::new(text, self.place.float(value));
        vec![
            step("Value before the first day", daily.opening),
            step("Came in", came_in),
            step("Went out", -went_out),
            step("Value at the close of the last day", daily.closing()),
            step("Gain", gain),
        ]
    }

    fn risk(&self, outcome: &Outcome, daily: &Daily, figure: Performance) -> Vec<Step> {
        let found = &outcome.statistics;
        let Ok(returns) = weekday_returns(daily) else {
            return Vec::new();
        };
        let mut steps = vec![count("Returns of Monday to Friday", returns.len())];
        let Some(mean) = mean(&returns) else {
            return steps;
        };
        let ratio = |text: &str, value| Step::new(text, Amount::Ratio { value });
        let of = |text: &str, value: Result<f64, performance::NotAvailable>| {
            Step::new(text, Amount::ratio(value))
        };
        let yearly = annual_volatility(&returns);
        match figure {
            Performance::Volatility => {
                steps.push(ratio("Their mean", mean));
                steps.push(of(
                    "Their standard deviation",
                    yearly.map(|spread| spread / TRADING_DAYS.sqrt()),
                ));
            }
            Performance::Sharpe => {
                steps.push(ratio("Their mean × 252", mean * TRADING_DAYS));
                steps.push(ratio("less the risk-free rate", -self.risk_free));
                steps.push(of("over the volatility", yearly));
            }
            Performance::Sortino => {
                steps.push(ratio("Their mean × 252", mean * TRADING_DAYS));
                steps.push(ratio("less the risk-free rate", -self.risk_free));
                steps.push(of("over the downside deviation", found.downside_deviation));
            }
            Performance::Calmar => {
                let fall = found.summary.max_drawdown.as_ref().map(|fall| fall.depth);
                steps = vec![
                    of("Time-weighted return per year", found.annual_return),
                    of("Deepest fall", fall.map_err(|reason| *reason)),
                ];
            }
            Performance::DownsideDeviation => {
                let target = self.risk_free / TRADING_DAYS;
                let below = returns.iter().filter(|found| **found < target).count();
                steps.push(count("of which below the risk-free rate", below));
            }
            Performance::PositiveDays => {
                let above = returns.iter().filter(|found| **found > 0.0).count();
                steps.push(count("of which above zero", above));
            }
            Performance::Var95Normal
            | Performance::Cvar95Normal
            | Performance::Var99Normal
            | Performance::Cvar99Normal => {
                steps.push(ratio("Their mean", mean));
                steps.push(of(
                    "Their standard deviation",
                    yearly.map(|spread| spread / TRADING_DAYS.sqrt()),
                ));
            }
            Performance::Var95 | Performance::Cvar95 | Performance::Var99 | Performance::Cvar99 => {
                steps.push(of("The lowest of them", found.worst_day));
            }
            Performance::Beta
            | Performance::Alpha
            | Performance::Correlation
            | Performance::TrackingError
            | Performance::InformationRatio => {
                steps.extend(self.beside_steps(outcome, mean, yearly, figure));
            }
            _ => {}
        }
        steps
    }

    fn beside_steps(
        &self,
        outcome: &Outcome,
        mean: f64,
        yearly: Result<f64, performance::NotAvailable>,
        figure: Performance,
    ) -> Vec<Step> {
        let Ok(relative) = &outcome.statistics.relative else {
            return Vec::new();
        };
        let number = |text: &str, value: Result<f64, performance::NotAvailable>| {
            Step::new(text, Amount::number(value))
        };
        let ratio = |text: &str, value: Result<f64, performance::NotAvailable>| {
            Step::new(text, Amount::ratio(value))
        };
        let mut steps = vec![count(
            "of which beside one of the benchmark",
            relative.returns,
        )];
        match figure {
            Performance::Alpha => {
                steps.push(ratio("Mean of the returns × 252", Ok(mean * TRADING_DAYS)));
                steps.push(number("Beta", relative.beta));
                steps.push(ratio("Risk-free rate", Ok(self.risk_free)));
            }
            Performance::InformationRatio => {
                steps.push(ratio("Tracking error", relative.tracking_error));
            }
            _ => {
                steps.push(ratio("Volatility of the portfolio", yearly));
                steps.push(number("Correlation", relative.correlation));
            }
        }
        steps
    }

    /// Which day it was, and what happened on it.
    fn day(&self, daily: &Daily, result: &Amount) -> Vec<Step> {
        let Amount::Ratio { value } = result else {
            return Vec::new();
        };
        let Some(day) = day_of(daily, *value) else {
            return Vec::new();
        };
        let mut steps = self.flows(&course_of(daily, day));
        steps.push(Step::new(format!("Return of {day}"), result.clone()));
        steps
    }

    pub(super) fn calendar_steps(
        &self,
        year: &YearView,
        daily: &Daily,
        (figure, result): (Performance, Amount),
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        if figure == Performance::YearReturn {
            for (month, found) in (1..=12).zip(&year.months) {
                if let Some(value) = *found {
                    let text = format!("{}-{month:02}", year.year);
                    steps.push(Step::new(text, Amount::Ratio { value }));
                }
            }
        } else {
            steps.extend(self.flows(daily));
        }
        steps.push(Step::new(figure.title(), result));
        steps
    }
}

/// The months that multiply to the return.
fn linked(outcome: &Outcome, daily: &Daily, figure: Performance) -> Vec<Step> {
    let mut steps = Vec::new();
    for year in calendar_returns(daily).unwrap_or_default() {
        for (month, found) in (1..=12).zip(&year.months) {
            if let Some(found) = found {
                let text = format!("{}-{month:02}", year.year);
                steps.push(Step::new(text, Amount::Ratio { value: found.twr }));
            }
        }
    }
    if figure == Performance::AnnualReturn {
        let whole = Amount::ratio(outcome.statistics.summary.twr);
        steps.push(Step::new("All of them linked", whole));
        steps.push(count("Days", daily.value.len()));
    }
    steps
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn mean(returns: &[f64]) -> Option<f64> {
    let many = u32::try_from(returns.len()).ok().filter(|many| *many > 0)?;
    Some(sum(returns) / f64::from(many))
}

fn count(text: &str, many: usize) -> Step {
    let value = f64::from(u32::try_from(many).unwrap_or(u32::MAX));
    Step::new(text, Amount::Number { value })
}

/// The day, with the weekend before it where it is a Monday.
fn course_of(daily: &Daily, day: Date) -> Daily {
    let days = if day.weekday() == jiff::civil::Weekday::Monday {
        2
    } else {
        0
    };
    daily.between(day.saturating_sub(days.days()), day)
}

/// The weekday with a return; the last of several that are as high.
fn day_of(daily: &Daily, value: f64) -> Option<Date> {
    const SAME: f64 = 1e-12;
    (0..daily.value.len())
        .rev()
        .map(|index| daily.date(index))
        .filter(|day| {
            !matches!(
                day.weekday(),
                jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
            )
        })
        .find(|day| twr(&course_of(daily, *day)).is_ok_and(|found| (found - value).abs() < SAME))
}

/// Peak, low and recovery.
pub(super) fn of_fall(fall: &DrawdownView) -> Vec<Step> {
    let days = f64::from(fall.days);
    let length = match fall.recovered_on {
        Some(day) => format!("Days from the peak to {day}, when it was recovered"),
        None => "Days from the peak to the end of the period: not recovered yet".to_owned(),
    };
    let down = (fall.trough_on - fall.peak_on).get_days();
    vec![
        Step::new(
            format!(
                "Days from the peak at the close of {} to the low of {}",
                fall.peak_on, fall.trough_on
            ),
            Amount::Number {
                value: f64::from(down),
            },
        ),
        Step::new(length, Amount::Number { value: days }),
    ]
}
