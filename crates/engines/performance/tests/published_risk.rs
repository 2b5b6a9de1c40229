//! Figures of risk as independent software states them, on the returns of published series: ratios,
//! bad days, falls, a benchmark, and the returns of periods, months and years.
//!
//! Where the libraries differ the test names the definition that this crate documents: empyrical's
//! with 252 days to the year, ffn's where a figure counts calendar days.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a series that cannot be read is a failed test"
)]

use std::{collections::BTreeMap, path::Path};

use jiff::civil::Date;
use performance::{
    Confidence, Daily, Days, Known, NotAvailable, Period, TRADING_DAYS, annual_return,
    annual_volatility, calendar_returns, calmar, downside_deviation, drawdown, drawdowns,
    historical_tail, normal_tail, relative, sharpe, sortino, twr,
};
use serde_json::Value;

mod reference;

type Closes = BTreeMap<Date, f64>;

/// A published series: the case, its closes, and the returns between them.
struct Case {
    figures: Value,
    closes: Closes,
    returns: Vec<f64>,
    /// Returns beside those of the benchmark, if it has one.
    pairs: Vec<(f64, f64)>,
}

fn column(root: &Path, file: &Value, name: &Value) -> Closes {
    let file = Path::new(file.as_str().unwrap()).file_name().unwrap();
    let file = root.join("prices").join(file);
    let text = reference::text(&file);
    let mut lines = text.lines();
    let mut headers = lines.next().unwrap().split(',');
    let name = name.as_str().unwrap();
    let wanted = headers
        .position(|header| header == name)
        .unwrap_or_else(|| panic!("{} has no column {name}", file.display()));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (fields[0].parse().unwrap(), fields[wanted].parse().unwrap())
        })
        .collect()
}

fn returns(closes: &Closes) -> Vec<f64> {
    let moves = closes.values().zip(closes.values().skip(1));
    moves.map(|(before, close)| close / before - 1.0).collect()
}

impl Case {
    fn read(root: &Path, figures: &Value) -> Self {
        let day = |key: &str| figures["plain"][key].as_str().unwrap().parse::<Date>();
        let period = day("first").unwrap()..=day("last").unwrap();
        let mut closes = column(root, &figures["prices"], &figures["column"]);
        closes.retain(|day, _| period.contains(day));
        let mut pairs = Vec::new();
        if figures["benchmark"].is_string() {
            let mut other = column(root, &figures["benchmark"], &figures["benchmark_column"]);
            // Only days that both have, before returns are taken.
            other.retain(|day, _| closes.contains_key(day));
            closes.retain(|day, _| other.contains_key(day));
            pairs = returns(&closes).into_iter().zip(returns(&other)).collect();
        }
        Self {
            figures: figures.clone(),
            returns: returns(&closes),
            closes,
            pairs,
        }
    }

    /// The series as a portfolio that was worth one share on every day.
    fn daily(&self) -> Daily {
        let (first, close) = self.closes.first_key_value().unwrap();
        let (last, _) = self.closes.last_key_value().unwrap();
        let days = first.series(jiff::ToSpan::day(1));
        let value: Vec<f64> = days
            .take_while(|day| day <= last)
            .map(|day| *self.closes.range(..=day).next_back().unwrap().1)
            .collect();
        Daily {
            first: *first,
            opening: *close,
            cash: vec![0.0; value.len()],
            net_invested: vec![0.0; value.len()],
            inflow: vec![0.0; value.len()],
            outflow: vec![0.0; value.len()],
            value,
            ..Daily::default()
        }
    }

    /// The figure must be the published one, to a billionth of it; null is a figure that there are
    /// too few returns for.
    fn near(&self, library: &str, key: &str, found: Result<f64, NotAvailable>) {
        let name = &self.figures["name"];
        let published = &self.figures[library][key];
        if published.is_null() {
            assert!(
                self.figures[library].get(key).is_some()
                    && matches!(found, Err(NotAvailable::TooFewReturns { .. })),
                "{key} of {name} is not published by {library}, and ours is {found:?}"
            );
            return;
        }
        let (found, published) = (found.unwrap(), published.as_f64().unwrap());
        let error = (found - published).abs() / published.abs().max(1e-3);
        assert!(
            error < 1e-9,
            "{key} of {name} is {found}, not {published} as of {library}"
        );
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    // The project's own, then the reference data where it is present.
    let files = ["risk_ratios.json", "risk_metrics.json"];
    for (root, name) in reference::roots().into_iter().zip(files) {
        let file = reference::json(&root.join("expected").join(name));
        let published = file["cases"].as_array().unwrap();
        assert!(!published.is_empty(), "a file of cases is empty");
        cases.extend(published.iter().map(|case| Case::read(&root, case)));
    }
    cases
}

#[test]
fn ratios_are_as_published() {
    for case in cases() {
        let returns = &case.returns;
        let near = |key, found| case.near("empyrical", key, found);
        near("annual_volatility", annual_volatility(returns));
        near("sharpe", sharpe(returns, 0.0));
        near("sharpe_rf_2pct_annual", sharpe(returns, 0.02));
        near("sortino", sortino(returns, 0.0));
        near("downside_risk", downside_deviation(returns, 0.0));
        let total = twr(&case.daily()).unwrap();
        let years = returns.len() as f64 / TRADING_DAYS;
        let yearly = annual_return(total, years);
        near("annual_return_cagr", yearly);
        let depth = case.fall().depth;
        near("calmar", calmar(yearly.unwrap(), depth));
        let days = (case.closes.len() > 1).then(|| case.daily().value.len() - 1);
        let yearly = annual_return(total, days.unwrap() as f64 / 365.25);
        case.near("ffn", "cagr", yearly);
        case.near("ffn", "calmar", calmar(yearly.unwrap(), depth));
    }
}

#[test]
fn bad_days_are_as_published() {
    for case in cases() {
        let bad = historical_tail(&case.returns, Confidence::P95);
        case.near("empyrical", "var_95_historical", bad.map(|bad| bad.var));
        case.near("empyrical", "cvar_95_historical", bad.map(|bad| bad.cvar));
        let rare = historical_tail(&case.returns, Confidence::P99);
        case.near("plain", "var_99_percentile_linear", rare.map(|bad| bad.var));
        let normal = normal_tail(&case.returns, Confidence::P95);
        case.near("quantstats", "var_95_normal", normal.map(|bad| bad.var));
    }
}

impl Case {
    fn index(&self) -> (Date, Vec<f64>) {
        let daily = self.daily();
        let index = daily.value.iter().map(|value| value / daily.opening);
        (daily.first, index.collect())
    }

    fn fall(&self) -> performance::Drawdown {
        let (first, index) = self.index();
        drawdown(first, &index).unwrap()
    }
}

#[test]
fn falls_are_as_published() {
    for case in cases() {
        let (first, index) = case.index();
        let falls = drawdowns(first, &index).unwrap();
        let mean = falls.iter().map(|fall| fall.depth).sum::<f64>() / falls.len() as f64;
        case.near("ffn", "avg_drawdown", Ok(mean));
        let deepest = falls
            .iter()
            .min_by(|a, b| a.depth.total_cmp(&b.depth))
            .unwrap();
        assert_eq!(*deepest, case.fall());
        case.near("empyrical", "max_drawdown", Ok(deepest.depth));
    }
}

#[test]
fn a_benchmark_is_measured_as_published() {
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| !case.pairs.is_empty())
        .collect();
    assert!(!cases.is_empty(), "no case has a benchmark");
    for case in cases {
        let found = relative(&case.pairs, 0.0).unwrap();
        let near = |key, found| case.near("empyrical", key, found);
        near("beta", found.beta);
        near("alpha_annual", found.alpha);
        near("correlation", found.correlation);
        near("up_capture", found.up_capture);
        near("down_capture", found.down_capture);
        // Published for a day.
        let daily = found
            .information_ratio
            .map(|ratio| ratio / TRADING_DAYS.sqrt());
        near("excess_sharpe_information_ratio", daily);
        assert_eq!(found.returns, case.returns.len());
    }
}

/// ffn states these for the reference series; the project's own are too short for them.
#[test]
fn periods_months_and_years_are_as_published() {
    for case in cases() {
        let daily = case.daily();
        let years = calendar_returns(&daily).unwrap();
        let chained: f64 = years.iter().map(|year| 1.0 + year.twr.unwrap()).product();
        assert!((chained - 1.0 - twr(&daily).unwrap()).abs() < 1e-9 * chained);
        if daily.value.len() < 5 * 365 {
            continue;
        }
        let known = Known {
            first: daily.first,
            as_of: daily.last().unwrap(),
            priced_on: None,
        };
        for (key, period, years) in [
            ("mtd", Period::MonthToDate, None),
            ("three_month", Period::Quarter, None),
            ("ytd", Period::YearToDate, None),
            ("one_year", Period::Year, None),
            ("three_year", Period::ThreeYears, Some(365.25)),
        ] {
            let Days { from, to } = period.days(known).unwrap();
            let part = daily.between(from, to);
            let total = twr(&part);
            let found = match years {
                None => total,
                Some(days) => annual_return(total.unwrap(), part.value.len() as f64 / days),
            };
            case.near("ffn", key, found);
        }
        // Published months and years begin with the first that is whole.
        let months: Vec<f64> = years
            .iter()
            .flat_map(|year| year.months.iter().flatten())
            .skip(1)
            .map(|month| month.twr)
            .collect();
        let whole: Vec<f64> = years.iter().skip(1).filter_map(|year| year.twr).collect();
        let ends = |returns: &[f64]| {
            let worst = returns.iter().copied().fold(f64::INFINITY, f64::min);
            (
                worst,
                returns.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            )
        };
        let (worst, best) = ends(&months);
        case.near("ffn", "worst_month", Ok(worst));
        case.near("ffn", "best_month", Ok(best));
        let (worst, best) = ends(&whole);
        case.near("ffn", "worst_year", Ok(worst));
        case.near("ffn", "best_year", Ok(best));
    }
}
