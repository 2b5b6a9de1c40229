//! How the figures of a period came about.

mod steps;

use jiff::civil::Date;
use performance::{Daily, Period};
use rust_decimal::Decimal;
use web::Problem;

use super::{
    Measured, PerformanceQuery,
    figures::{self, Style},
    measure_of, model,
};
use crate::trail::{self, Amount, Asked, Input, Place, Trail, TrailQuery, figures};

figures! {
    /// Figures of a period. The words are those under which the performance has them.
    Performance {
        Gain: "period_gain", "Gain of the period", "The value at the end less the value before the period, less what came in, plus what went out.";
        EndValue: "end_value", "Value at the end", "Every holding and every cash balance at the close of the last day of the period, at the last prices and exchange rates of then.";
        PaidIn: "paid_in", "Paid in", "Everything that came in from outside in the period, each at the exchange rate of its day.";
        TakenOut: "taken_out", "Taken out", "Everything that went out in the period, each at the exchange rate of its day.";
        Twr: "twr", "Time-weighted return", "Every day's value, with what went out, over the value of the day before and what came in, less one; all days linked by multiplication, so that deposits and withdrawals have no part in it. Not annualised. Below, the months instead of the days: they multiply to the same.";
        AnnualReturn: "annual_return", "Time-weighted return per year", "(1 + time-weighted return) to the power of 365 over the days of the period, less one; stated for 365 days or more.";
        Mwr: "mwr", "Money-weighted return", "The yearly rate at which the value before the period and everything that came in, less what went out, grow to the value at the end: each flow × (1 + rate) to the power of its days to the end over 365, added up, is that value (XIRR, actual/365).";
        Simple: "simple", "Simple return", "The gain over the value before the period and everything that came in. The gain is the value at the end less the value before, less what came in, plus what went out.";
        Roai: "roai", "Return on average investment", "The gain over the mean, night by night, of what was paid for what is held; nights without money do not count (as Ghostfolio has it). Money that goes out takes its part of the capital with it.";
        ModifiedDietz: "modified_dietz", "Modified Dietz return", "The gain over the value at the start and each flow × the part of the period for which it was there.";
        Volatility: "volatility", "Volatility", "Standard deviation (n − 1) of the returns of Monday to Friday × √252; a weekend's return is part of Monday's.";
        MaxDrawdown: "max_drawdown", "Deepest fall", "The lowest of: time-weighted index over its highest value before, less one. Deposits and withdrawals do not hide it.";
        Sharpe: "sharpe", "Sharpe ratio", "(Mean of the weekday returns − risk-free rate of a day) over their standard deviation × √252. The risk-free rate of a day is the yearly one over 252.";
        Sortino: "sortino", "Sortino ratio", "(Mean of the weekday returns − risk-free rate of a day) × 252 over the downside deviation.";
        Calmar: "calmar", "Calmar ratio", "Time-weighted return per year (365 days) over the size of the deepest fall.";
        DownsideDeviation: "downside_deviation", "Downside deviation", "√ of the sum of the squares of the weekday returns' shortfalls below the risk-free rate of a day, over all weekdays, × √252.";
        PositiveDays: "positive_days", "Days that gained", "Weekdays with a return above zero over all weekdays with a return.";
        BestDay: "best_day", "Best day", "The highest return of a weekday; a weekend's return is part of Monday's.";
        WorstDay: "worst_day", "Worst day", "The lowest return of a weekday; a weekend's return is part of Monday's.";
        Var95: "var_95_historical", "Value at risk 95 %", "Historical method: the 5 % quantile of the weekday returns as they were, between two of them in proportion. One day in 20 was worse. At least 20 returns.";
        Cvar95: "cvar_95_historical", "Expected shortfall 95 %", "Historical method: the mean of the weekday returns up to the 5 % quantile.";
        Var99: "var_99_historical", "Value at risk 99 %", "Historical method: the 1 % quantile of the weekday returns as they were, between two of them in proportion. One day in 100 was worse. At least 100 returns.";
        Cvar99: "cvar_99_historical", "Expected shortfall 99 %", "Historical method: the mean of the weekday returns up to the 1 % quantile.";
        Var95Normal: "var_95_normal", "Value at risk 95 %, normal", "Normal method: mean of the weekday returns − 1.645 × their standard deviation, as if they were normally distributed.";
        Cvar95Normal: "cvar_95_normal", "Expected shortfall 95 %, normal", "Normal method: mean of the weekday returns − standard deviation × density of the normal distribution at its 5 % quantile over 5 %.";
        Var99Normal: "var_99_normal", "Value at risk 99 %, normal", "Normal method: mean of the weekday returns − 2.326 × their standard deviation, as if they were normally distributed.";
        Cvar99Normal: "cvar_99_normal", "Expected shortfall 99 %, normal", "Normal method: mean of the weekday returns − standard deviation × density of the normal distribution at its 1 % quantile over 1 %.";
        Beta: "beta", "Beta", "Covariance of the weekday returns with the benchmark's over the variance of the benchmark's.";
        Alpha: "alpha", "Alpha", "(1 + mean − risk-free rate − beta × (benchmark's mean − risk-free rate)) to the power of 252, less one; all of weekday returns (Jensen).";
        Correlation: "correlation", "Correlation", "Covariance of the weekday returns with the benchmark's over both standard deviations.";
        TrackingError: "tracking_error", "Tracking error", "Standard deviation of the daily differences to the benchmark × √252.";
        InformationRatio: "information_ratio", "Information ratio", "Mean daily difference to the benchmark × 252 over the tracking error.";
        Ahead: "ahead", "Ahead of the benchmark", "The value at the end less what the same money at the same time would be worth in the benchmark: the value at the start and each deposit buy it at the close of their day, each withdrawal sells it, without costs.";
        BenchmarkReturn: "benchmark_return", "Return of the benchmark", "The benchmark's close on the last day over its close before the first, in the portfolio's currency, less one; dividends are in it only if its prices contain them.";
        MonthReturn: "month_return", "Return of a month", "Time-weighted return of the month's days on record: every day's value, with what went out, over the value of the day before and what came in, all linked.";
        YearReturn: "year_return", "Return of a year", "Time-weighted return of the year's days on record. Below, its months: they multiply to the same.";
        YearGain: "year_gain", "Gain of a year", "The value at the end of the year less the value before it, less what came in, plus what went out.";
        FallDepth: "fall_depth", "Depth of a fall", "The time-weighted index at its lowest after a peak over the peak, less one.";
        RollingLatest: "rolling_latest", "Return of the latest twelve months", "Time-weighted return of the window of twelve months that ends on the last day.";
        RollingBest: "rolling_best", "Best return of twelve months", "The highest time-weighted return of all windows of twelve months in the period.";
        RollingMedian: "rolling_median", "Median return of twelve months", "The time-weighted return in the middle of those of all windows of twelve months in the period.";
        RollingWorst: "rolling_worst", "Worst return of twelve months", "The lowest time-weighted return of all windows of twelve months in the period.";
        RollingVolatility: "rolling_volatility", "Volatility of the latest twelve months", "Standard deviation (n − 1) of the weekday returns × √252, of the window of twelve months that ends on the last day.";
    }
}

impl Performance {
    /// The figure under which the performance has it.
    pub(super) fn named(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|figure| figure.word() == key)
    }
}

/// `None` when there is no such month, year or fall.
pub(crate) async fn trail(asked: Asked<'_>, figure: Performance) -> Result<Option<Trail>, Problem> {
    let query = asked.query;
    let wanted = PerformanceQuery {
        portfolio_id: query.portfolio_id,
        period: query.period()?.to_string(),
        from: None,
        to: None,
        benchmark: query.benchmark.clone(),
        risk_free: query.risk_free.clone(),
        known_on: query.known_on,
    };
    let measured = measure_of(asked.app, asked.user, asked.valuation.clone(), &wanted).await?;
    let told = Told {
        place: asked.place(),
        query,
        measured: &measured,
        risk_free: wanted.risk_free()?,
    };
    Ok(told.trail(figure))
}

/// What was measured, for those who ask how.
struct Told<'a> {
    place: Place<'a>,
    query: &'a TrailQuery,
    measured: &'a Measured,
    risk_free: f64,
}

impl Told<'_> {
    fn trail(&self, figure: Performance) -> Option<Trail> {
        match figure {
            Performance::MonthReturn | Performance::YearReturn | Performance::YearGain => {
                self.calendar(figure)
            }
            Performance::FallDepth => self.fall(),
            _ => Some(self.of_period(figure)),
        }
    }

    fn of_period(&self, figure: Performance) -> Trail {
        let outcome = match &self.measured.outcome {
            Ok(outcome) => outcome,
            Err(reason) => return Trail::new(figure, Amount::missing(reason)),
        };
        let (result, is_signed) = self.result(figure);
        let daily = self.daily(outcome.days.from, outcome.days.to);
        Trail::new(figure, result.clone())
            .signed_if(is_signed)
            .inputs(self.inputs(&daily, figure))
            .steps(self.steps(outcome, &daily, figure, result))
    }

    /// The days of a part of the record.
    fn daily(&self, from: Date, to: Date) -> Daily {
        let daily = self.place.valuation.daily.as_ref();
        daily.map_or_else(Daily::default, |daily| daily.between(from, to))
    }

    /// The figure as the page has it, and whether it is shown as a change.
    fn result(&self, figure: Performance) -> (Amount, bool) {
        let place = self.place;
        let Ok(outcome) = &self.measured.outcome else {
            return (Amount::missing("there is nothing to measure"), false);
        };
        let summary = &outcome.statistics.summary;
        let rolling = || model::windows(&model::rolling(self.measured));
        let window = |value: Option<f64>| {
            let reason = "there is no window of twelve months in this period";
            (Amount::ratio(value.ok_or(reason)), true)
        };
        match figure {
            Performance::Gain => (place.float(summary.gain), true),
            Performance::EndValue => (place.float(summary.end_value), false),
            Performance::PaidIn => (place.float(summary.inflow), false),
            Performance::TakenOut => (place.float(summary.outflow), false),
            Performance::Ahead | Performance::BenchmarkReturn => (self.beside(figure), true),
            Performance::RollingLatest => window(rolling().map(|found| found.latest)),
            Performance::RollingBest => window(rolling().map(|found| found.best)),
            Performance::RollingMedian => window(rolling().map(|found| found.median)),
            Performance::RollingWorst => window(rolling().map(|found| found.worst)),
            Performance::RollingVolatility => {
                let found = model::rolling(self.measured).volatility.last().copied();
                (window(found).0, false)
            }
            _ => {
                let groups = figures::groups(&outcome.statistics);
                let mut all = groups.into_iter().flat_map(|group| group.figures);
                match all.find(|one| one.key == figure.word()) {
                    None => (Amount::missing("no benchmark was chosen"), false),
                    Some(one) if one.style == Style::Number => (Amount::number(one.value), false),
                    Some(one) => (Amount::ratio(one.value), one.style == Style::Signed),
                }
            }
        }
    }

    fn beside(&self, figure: Performance) -> Amount {
        let Some(benchmark) = model::benchmark(self.measured) else {
            return Amount::missing("no benchmark was chosen");
        };
        let reason = benchmark.not_available.unwrap_or_default();
        match figure {
            Performance::Ahead => match benchmark.ahead {
                Some(ahead) => self.place.float(ahead),
                None => Amount::missing(reason),
            },
            _ => Amount::ratio(benchmark.index_return.ok_or(reason)),
        }
    }

    /// Value before the days and at their end, and every day on which money came in or went out.
    fn inputs(&self, daily: &Daily, figure: Performance) -> Vec<Input> {
        let place = self.place;
        let counts = |inflow: f64, outflow: f64| match figure {
            Performance::PaidIn => inflow != 0.0,
            Performance::TakenOut => outflow != 0.0,
            _ => inflow != 0.0 || outflow != 0.0,
        };
        let flows = daily.inflow.iter().zip(&daily.outflow).enumerate();
        let flows = flows.filter(|(_, (inflow, outflow))| counts(**inflow, **outflow));
        let mut inputs: Vec<Input> = flows
            .map(|(index, (inflow, outflow))| {
                let (text, amount) = match figure {
                    Performance::PaidIn => ("Came in", *inflow),
                    Performance::TakenOut => ("Went out", *outflow),
                    _ if inflow >= outflow => ("Came in", inflow - outflow),
                    _ => ("Went out", inflow - outflow),
                };
                let on = daily.date(index);
                place.recorded(text.to_owned(), place.float(amount), on, None)
            })
            .collect();
        if matches!(figure, Performance::PaidIn | Performance::TakenOut) {
            return inputs;
        }
        let before = daily.first.yesterday().unwrap_or(daily.first);
        let (opening, closing) = (place.float(daily.opening), place.float(daily.closing()));
        if daily.opening != 0.0 {
            let text = "Value before the first day".to_owned();
            inputs.push(place.worth(text, opening, before, None));
        }
        if let Some(last) = daily.last() {
            let scope = self.query.scope();
            let way = trail::Way::new(&scope)
                .with("base", self.query.base)
                .with("as_of", Some(last));
            let text = "Value at the close of the last day".to_owned();
            let href = Some(way.href(trail::Whole::Value));
            inputs.push(place.worth(text, closing, last, href));
        }
        inputs.extend(self.choices(figure));
        inputs
    }

    /// What was chosen in the address.
    fn choices(&self, figure: Performance) -> Vec<Input> {
        let mut choices = Vec::new();
        if matches!(
            figure,
            Performance::Sharpe
                | Performance::Sortino
                | Performance::DownsideDeviation
                | Performance::Alpha
        ) {
            let rate = Amount::Ratio {
                value: self.risk_free,
            };
            choices.push(Input::chosen("Risk-free rate per year", rate));
        }
        if let Some(Ok(chosen)) = self.measured.benchmark.as_ref().filter(|_| {
            matches!(
                figure,
                Performance::Beta
                    | Performance::Alpha
                    | Performance::Correlation
                    | Performance::TrackingError
                    | Performance::InformationRatio
                    | Performance::Ahead
                    | Performance::BenchmarkReturn
            )
        }) {
            let text = format!("Benchmark {}, its own return", chosen.name);
            let own = self.beside(Performance::BenchmarkReturn);
            choices.push(Input {
                source: "daily closes".to_owned(),
                ..Input::chosen(text, own)
            });
        }
        choices
    }

    /// A month or year of the table.
    fn calendar(&self, figure: Performance) -> Option<Trail> {
        let of = self.query.of.trim();
        let (year, month) = match of.split_once('-') {
            Some((year, month)) => (year, Some(month.parse::<i8>().ok()?)),
            None => (of, None),
        };
        let number: i16 = year.parse().ok()?;
        let years = model::years(self.measured);
        let year = years.into_iter().find(|one| one.year == number)?;
        let nothing = "nothing was invested";
        let (from, to) = match month {
            Some(month) => {
                let first = Date::new(number, month, 1).ok()?;
                (first, first.last_of_month())
            }
            None => (
                Date::new(number, 1, 1).ok()?,
                Date::new(number, 12, 31).ok()?,
            ),
        };
        let result = match (figure, month) {
            (Performance::MonthReturn, Some(month)) => {
                let at = usize::try_from(month).ok()?.checked_sub(1)?;
                Amount::ratio(year.months.get(at).copied().flatten().ok_or(nothing))
            }
            (Performance::YearReturn, None) => Amount::ratio(year.twr.ok_or(nothing)),
            (Performance::YearGain, None) => self.place.float(year.gain),
            _ => return None,
        };
        let daily = self.daily(from, to);
        let steps = self.calendar_steps(&year, &daily, (figure, result.clone()));
        let trail = Trail::new(figure, result).signed().about(of);
        Some(trail.inputs(self.inputs(&daily, figure)).steps(steps))
    }

    /// One of the falls that are listed, by the day of its peak.
    fn fall(&self) -> Option<Trail> {
        let Ok(outcome) = &self.measured.outcome else {
            return None;
        };
        let peak: Date = self.query.of.trim().parse().ok()?;
        let falls = model::drawdowns(&outcome.statistics);
        let fall = falls.iter().find(|fall| fall.peak_on == peak)?;
        let end = fall.recovered_on.unwrap_or(outcome.days.to);
        let daily = self.daily(peak.tomorrow().unwrap_or(peak), end);
        let figure = Performance::FallDepth;
        let trail = Trail::new(figure, Amount::Ratio { value: fall.depth });
        let inputs = self.inputs(&daily, figure);
        let steps = steps::of_fall(fall);
        Some(
            trail
                .signed()
                .about(&format!("from {peak}"))
                .inputs(inputs)
                .steps(steps),
        )
    }
}

/// The way to the trails of the figures of a page.
pub(super) fn way(query: &PerformanceQuery, period: Period) -> trail::Way {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    trail::Way::new(&query.scope())
        .with("period", Some(period))
        .with("benchmark", text(&query.benchmark))
        .with("risk_free", text(&query.risk_free))
}

/// An amount of the daily series, for the page and its trail alike.
pub(super) fn money(value: f64) -> Decimal {
    money::decimal_from_f64(value).unwrap_or_default()
}
