//! Every figure with its name and what it means, for page and API alike.

use performance::{NotAvailable, Statistics, TailRisk};

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A ratio that gains or loses.
    Signed,
    /// A ratio.
    Percent,
    /// A plain number.
    Number,
}

/// A figure of a period.
pub(crate) struct Figure {
    pub(crate) key: &'static str,
    pub(crate) label: &'static str,
    /// In plain words, with the convention.
    pub(crate) meaning: &'static str,
    pub(crate) style: Style,
    /// The figure, or why there is none.
    pub(crate) value: Result<f64, String>,
}

/// Figures that belong together.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) figures: Vec<Figure>,
}

type Value = Result<f64, NotAvailable>;

fn figure(
    (key, label): (&'static str, &'static str),
    style: Style,
    value: Value,
    meaning: &'static str,
) -> Figure {
    Figure {
        key,
        label,
        meaning,
        style,
        value: value.map_err(|reason| reason.to_string()),
    }
}

/// All figures, in the order in which they are shown.
pub(crate) fn groups(found: &Statistics) -> Vec<Group> {
    let mut groups = vec![
        Group {
            title: "Returns",
            figures: returns(found),
        },
        Group {
            title: "Risk",
            figures: risk(found),
        },
        Group {
            title: "Bad days",
            figures: tails(found),
        },
    ];
    if found.same_flows.is_some() {
        groups.push(Group {
            title: "Beside the benchmark",
            figures: relative(found),
        });
    }
    groups
}

fn returns(found: &Statistics) -> Vec<Figure> {
    let summary = &found.summary;
    let mwr = Figure {
        key: "mwr",
        label: "Money-weighted return",
        meaning: "The yearly interest rate at which your deposits would have grown to the present value: it depends on when you paid in (XIRR, actual/365).",
        style: Style::Signed,
        value: summary
            .mwr
            .as_ref()
            .map(|found| found.rate)
            .map_err(ToString::to_string),
    };
    vec![
        figure(
            ("twr", "Time-weighted return"),
            Style::Signed,
            summary.twr,
            "How the investments did, whatever was paid in or out: the returns of the days linked. Compare this one with an index or a fund.",
        ),
        figure(
            ("annual_return", "Time-weighted, per year"),
            Style::Signed,
            found.annual_return,
            "The same as a yearly rate (365 days), for periods of a year or more.",
        ),
        mwr,
        figure(
            ("simple", "Simple return"),
            Style::Signed,
            summary.simple,
            "The gain over the value at the start and everything paid in.",
        ),
        figure(
            ("roai", "Return on average investment"),
            Style::Signed,
            found.roai,
            "The gain over the average of what was invested, day by day (as Ghostfolio has it).",
        ),
        figure(
            ("modified_dietz", "Modified Dietz"),
            Style::Signed,
            found.modified_dietz,
            "The gain over the start value and each flow, weighted by the days it was there.",
        ),
    ]
}

fn risk(found: &Statistics) -> Vec<Figure> {
    let summary = &found.summary;
    let fall = summary.max_drawdown.as_ref();
    vec![
        figure(
            ("volatility", "Volatility"),
            Style::Percent,
            summary.volatility,
            "Standard deviation of the weekday returns, times the square root of 252.",
        ),
        figure(
            ("max_drawdown", "Deepest fall"),
            Style::Signed,
            fall.map(|fall| fall.depth).map_err(|reason| *reason),
            "The largest loss from a peak to the following low of the time-weighted index.",
        ),
        figure(
            ("sharpe", "Sharpe ratio"),
            Style::Number,
            found.sharpe,
            "Mean weekday return above the risk-free rate over its standard deviation, per year (252 days).",
        ),
        figure(
            ("sortino", "Sortino ratio"),
            Style::Number,
            found.sortino,
            "Like Sharpe, but only the days below the risk-free rate count as risk.",
        ),
        figure(
            ("calmar", "Calmar ratio"),
            Style::Number,
            found.calmar,
            "The yearly return over the deepest fall.",
        ),
        figure(
            ("downside_deviation", "Downside deviation"),
            Style::Percent,
            found.downside_deviation,
            "Spread of the days below the risk-free rate alone, per year.",
        ),
        figure(
            ("positive_days", "Days that gained"),
            Style::Percent,
            found.positive_days,
            "Weekdays with a return above zero.",
        ),
    ]
}

fn tails(found: &Statistics) -> Vec<Figure> {
    let var = |tail: &Result<TailRisk, NotAvailable>| tail.map(|tail| tail.var);
    let cvar = |tail: &Result<TailRisk, NotAvailable>| tail.map(|tail| tail.cvar);
    let (h95, h99) = (&found.historical_95, &found.historical_99);
    let (n95, n99) = (&found.normal_95, &found.normal_99);
    let signed = Style::Signed;
    vec![
        figure(
            ("best_day", "Best day"),
            signed,
            found.best_day,
            "The highest return of a weekday.",
        ),
        figure(
            ("worst_day", "Worst day"),
            signed,
            found.worst_day,
            "The lowest return of a weekday.",
        ),
        figure(
            ("var_95_historical", "Value at risk 95 %"),
            signed,
            var(h95),
            "One day in 20 was worse: from the days as they were (historical method).",
        ),
        figure(
            ("cvar_95_historical", "Expected shortfall 95 %"),
            signed,
            cvar(h95),
            "The mean of those worst days (conditional value at risk, historical method).",
        ),
        figure(
            ("var_99_historical", "Value at risk 99 %"),
            signed,
            var(h99),
            "One day in 100 was worse (historical method).",
        ),
        figure(
            ("cvar_99_historical", "Expected shortfall 99 %"),
            signed,
            cvar(h99),
            "The mean of those worst days (historical method).",
        ),
        figure(
            ("var_95_normal", "Value at risk 95 %, normal"),
            signed,
            var(n95),
            "What one day in 20 would be worse than if returns were normally distributed with this mean and spread.",
        ),
        figure(
            ("cvar_95_normal", "Expected shortfall 95 %, normal"),
            signed,
            cvar(n95),
            "The mean of the worse days of that distribution.",
        ),
        figure(
            ("var_99_normal", "Value at risk 99 %, normal"),
            signed,
            var(n99),
            "One day in 100 of the normal distribution.",
        ),
        figure(
            ("cvar_99_normal", "Expected shortfall 99 %, normal"),
            signed,
            cvar(n99),
            "The mean of the worse days of that distribution.",
        ),
    ]
}

fn relative(found: &Statistics) -> Vec<Figure> {
    let of = |get: fn(&performance::Relative) -> Value| {
        found
            .relative
            .as_ref()
            .map_err(|reason| *reason)
            .and_then(get)
    };
    vec![
        figure(
            ("beta", "Beta"),
            Style::Number,
            of(|relative| relative.beta),
            "How much of the benchmark's moves the portfolio takes.",
        ),
        figure(
            ("alpha", "Alpha"),
            Style::Signed,
            of(|relative| relative.alpha),
            "Return per year beyond what beta explains (Jensen).",
        ),
        figure(
            ("correlation", "Correlation"),
            Style::Number,
            of(|relative| relative.correlation),
            "From -1, always the other way, to 1, always together.",
        ),
        figure(
            ("tracking_error", "Tracking error"),
            Style::Percent,
            of(|relative| relative.tracking_error),
            "Spread of the daily differences to the benchmark, per year.",
        ),
        figure(
            ("information_ratio", "Information ratio"),
            Style::Number,
            of(|relative| relative.information_ratio),
            "Mean difference to the benchmark over the tracking error.",
        ),
    ]
}
