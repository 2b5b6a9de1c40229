//! Returns of a period.

use ::performance::{Daily, Summary, calendar_returns};

use super::{Amount, Input, Place, Step, Trail, newest};

fn period(place: &Place<'_>) -> Option<(Daily, Summary)> {
    let days = place.days?;
    let daily = place.valuation.daily.as_ref()?;
    let summary = place.valuation.summary(days)?;
    Some((daily.between(days.from, days.to), summary))
}

fn ratio<E: ToString>(value: Result<f64, E>) -> Amount {
    match value {
        Ok(value) => Amount::Ratio { value },
        Err(reason) => Amount::Missing {
            reason: reason.to_string(),
        },
    }
}

fn nothing(title: &str, formula: &'static str) -> Trail {
    Trail {
        title: title.to_owned(),
        formula,
        result: Amount::Missing {
            reason: "there is no valued day in this period".to_owned(),
        },
        inputs: Vec::new(),
        steps: Vec::new(),
    }
}

/// Value before the period and at its end, and every day on which money came in or went out.
fn flows(place: &Place<'_>, daily: &Daily) -> Vec<Input> {
    let inputs: Vec<Input> = daily
        .inflow
        .iter()
        .zip(&daily.outflow)
        .enumerate()
        .filter(|(_, (inflow, outflow))| **inflow != 0.0 || **outflow != 0.0)
        .map(|(index, (inflow, outflow))| {
            let text = if inflow >= outflow {
                "Came in"
            } else {
                "Went out"
            };
            let on = daily.date(index);
            place.recorded(
                text.to_owned(),
                place.exact_float(inflow - outflow),
                on,
                None,
            )
        })
        .collect();
    newest(inputs)
}

pub(super) fn twr(place: &Place<'_>) -> Trail {
    const FORMULA: &str = "Every day's value over the value of the day before and what came in, less one; all days linked by multiplication, so that deposits and withdrawals have no part in it. Below, the months instead of the days: they multiply to the same.";
    let title = "Time-weighted return";
    let Some((daily, summary)) = period(place) else {
        return nothing(title, FORMULA);
    };
    let mut steps = Vec::new();
    for year in calendar_returns(&daily).unwrap_or_default() {
        for (month, found) in (1..=12).zip(&year.months) {
            if let Some(found) = found {
                steps.push(Step {
                    text: format!("{}-{month:02}", year.year),
                    amount: Amount::Ratio { value: found.twr },
                });
            }
        }
    }
    Trail {
        title: title.to_owned(),
        formula: FORMULA,
        result: ratio(summary.twr),
        inputs: flows(place, &daily),
        steps,
    }
}

pub(super) fn mwr(place: &Place<'_>) -> Trail {
    const FORMULA: &str = "The yearly rate at which the value before the period and everything that came in, less what went out, grow to the value at the end: each flow × (1 + rate) to the power of its days to the end over 365, added up, is that value (XIRR).";
    let title = "Money-weighted return";
    let Some((daily, summary)) = period(place) else {
        return nothing(title, FORMULA);
    };
    let steps = vec![
        Step {
            text: format!("Value before {}", summary.from),
            amount: place.float(summary.start_value),
        },
        Step {
            text: "Came in less went out".to_owned(),
            amount: place.float(summary.net_flow),
        },
        Step {
            text: format!("Value at the close of {}", summary.to),
            amount: place.float(summary.end_value),
        },
    ];
    Trail {
        title: title.to_owned(),
        formula: FORMULA,
        result: ratio(
            summary
                .mwr
                .as_ref()
                .map(|found| found.rate)
                .map_err(ToString::to_string),
        ),
        inputs: flows(place, &daily),
        steps,
    }
}

pub(super) fn simple(place: &Place<'_>) -> Trail {
    const FORMULA: &str = "The gain over the value before the period and everything that came in. The gain is the value at the end less the value before, less what came in, plus what went out.";
    let title = "Simple return";
    let Some((daily, summary)) = period(place) else {
        return nothing(title, FORMULA);
    };
    let steps = vec![
        Step {
            text: format!("Value before {}", summary.from),
            amount: place.float(summary.start_value),
        },
        Step {
            text: "Came in".to_owned(),
            amount: place.float(summary.inflow),
        },
        Step {
            text: "Went out".to_owned(),
            amount: place.float(-summary.outflow),
        },
        Step {
            text: format!("Value at the close of {}", summary.to),
            amount: place.float(summary.end_value),
        },
        Step {
            text: "Gain".to_owned(),
            amount: place.float(summary.gain),
        },
    ];
    Trail {
        title: title.to_owned(),
        formula: FORMULA,
        result: ratio(summary.simple),
        inputs: flows(place, &daily),
        steps,
    }
}
