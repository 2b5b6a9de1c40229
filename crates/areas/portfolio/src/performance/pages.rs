use axum::{Extension, Router, extract::State, routing::get};
use identity::Viewer;
use maud::{Markup, html};
use performance::{PERIODS, Statistics};
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui, Field, FieldKind, NoticeKind, ValueSeries},
};

use super::{
    Measured, PerformanceQuery,
    figures::{self, Figure, Style},
    measure,
    model::{self, YearView},
    trail::{Performance, money, way},
};
use crate::{portfolios::Portfolio, scope, trail::Way, valuation::Valuations};

const PATH: &str = "/portfolio/performance";
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// Steps of the colours of the table of months.
const STEPS: [f64; 3] = [0.005, 0.02, 0.05];

pub(crate) fn router() -> Router<App> {
    Router::new().route(PATH, get(show))
}

async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(mut query): Query<PerformanceQuery>,
) -> Result<Markup, Problem> {
    if query.names_no_period() {
        query.period = scope::usual_period(&viewer).unwrap_or_default();
    }
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let measured = measure(&app, &valuations, &viewer, &query).await?;
    let chrome = &viewer.chrome;
    let way = &way(&query, measured.period);
    let main = html! {
        (ui::page_head_with("Performance", scope::marks(&measured.valuation), html! {}))
        (selector(&query, &portfolios))
        (periods(chrome, &query, &measured))
        (choices(&query))
        @match &measured.outcome {
            Err(_) if measured.valuation.daily.is_none() && query.known_on.is_some() => {
                (query.scope().nothing_known(PATH))
            }
            Err(reason) => (ui::empty_state(
                "Nothing to measure",
                reason,
                ("All of the time", &href(&query, "all")),
                Some(("Import a file", "/portfolio/imports/new")),
            )),
            Ok(outcome) => {
                (headline(chrome, &measured, way))
                (ui::card("Value", chart(chrome, &measured)))
                (ui::grid(&figure_cards(chrome, &outcome.statistics, way)))
                (ui::card("Months and years", months(chrome, &measured, way)))
                (ui::grid(&[
                    ui::card("Deepest falls", falls(chrome, &measured, way)),
                    ui::card("Windows of twelve months", rolling(chrome, &measured, way)),
                ]))
            },
        }
    };
    Ok(web::page(chrome, "Performance", main))
}

fn href(query: &PerformanceQuery, period: &str) -> String {
    let mut text = web::QueryString::new();
    text.push("portfolio", query.portfolio_id.map(|id| id.0));
    text.push("period", Some(period));
    text.push(
        "benchmark",
        Some(&query.benchmark).filter(|b| !b.is_empty()),
    );
    text.push(
        "risk_free",
        Some(&query.risk_free).filter(|r| !r.is_empty()),
    );
    text.push("known_on", query.known_on);
    format!("{PATH}{}", text.finish())
}

fn selector(query: &PerformanceQuery, portfolios: &[Portfolio]) -> Markup {
    let scope = query.scope();
    html! {
        (scope::views(&scope, PATH))
        (scope.selector(PATH, portfolios, &query.rest()))
    }
}

fn periods(chrome: &Chrome, query: &PerformanceQuery, measured: &Measured) -> Markup {
    let mut words: Vec<(String, String)> = PERIODS
        .iter()
        .map(|(key, label, _)| ((*key).to_owned(), (*label).to_owned()))
        .collect();
    if let Some(daily) = &measured.valuation.daily {
        let years = daily.first.year()..=measured.valuation.as_of.year();
        words.extend(years.rev().map(|year| (year.to_string(), year.to_string())));
    }
    let words: Vec<(&str, &str)> = words
        .iter()
        .map(|(key, label)| (key.as_str(), label.as_str()))
        .collect();
    ui::period_selector(chrome, &measured.period.to_string(), &words, |key| {
        href(query, key)
    })
}

/// A free range, a benchmark and the risk-free rate, all in the address.
fn choices(query: &PerformanceQuery) -> Markup {
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| day.to_string());
    let (from, to) = (day(query.from), day(query.to));
    let field = |label, name, value, kind| Field {
        label,
        name,
        value,
        kind,
        ..Field::default()
    };
    html! {
        form.filters method="get" action=(PATH) aria-label="What is measured, and against what" {
            @if let Some(id) = query.portfolio_id { input type="hidden" name="portfolio" value=(id.0); }
            @if !query.period.is_empty() { input type="hidden" name="period" value=(query.period); }
            @if let Some(day) = query.known_on { input type="hidden" name="known_on" value=(day); }
            (ui::text_field(&field("From", "from", &from, FieldKind::Date)))
            (ui::text_field(&field("To", "to", &to, FieldKind::Date)))
            (ui::text_field(&Field {
                placeholder: Some("VWRL:60, AGGH:40"),
                ..field("Benchmark", "benchmark", &query.benchmark, FieldKind::Text)
            }))
            (ui::text_field(&field("Risk-free rate, %", "risk_free", &query.risk_free, FieldKind::Decimal)))
            (ui::submit_quiet("Compare"))
        }
    }
}

fn headline(chrome: &Chrome, measured: &Measured, way: &Way) -> Markup {
    let Ok(outcome) = &measured.outcome else {
        return html! {};
    };
    let summary = &outcome.statistics.summary;
    let currency = measured.valuation.base;
    let amount = |figure, value: f64| way.to(figure, ui::amount(chrome, money(value), currency));
    let signed =
        |figure, value: f64| way.to(figure, ui::signed_amount(chrome, money(value), currency));
    let twr = match summary.twr {
        Ok(twr) => html! {
            (way.to(Performance::Twr, ui::signed_percent(chrome, twr))) " time-weighted"
        },
        Err(reason) => html! { (reason.to_string()) },
    };
    let span = html! {
        (ui::date(chrome, summary.from)) " to " (ui::date(chrome, summary.to))
    };
    let mut tiles = vec![
        ui::stat("Gain", signed(Performance::Gain, summary.gain), twr),
        ui::stat(
            "Value",
            amount(Performance::EndValue, summary.end_value),
            span,
        ),
        ui::stat(
            "Paid in",
            amount(Performance::PaidIn, summary.inflow),
            html! { "taken out " (amount(Performance::TakenOut, summary.outflow)) },
        ),
    ];
    if let Some(benchmark) = model::benchmark(measured) {
        let same = match (benchmark.ahead, &benchmark.not_available) {
            (Some(ahead), _) => signed(Performance::Ahead, ahead),
            (None, reason) => ui::missing(reason.as_deref().unwrap_or("")),
        };
        tiles.push(ui::stat(
            "Ahead of the benchmark",
            same,
            html! {
                (benchmark.name)
                @if let Some(change) = benchmark.index_return { " " (way.to(Performance::BenchmarkReturn, ui::signed_percent(chrome, change))) }
            },
        ));
    }
    let doubt = measured
        .benchmark
        .as_ref()
        .and_then(|chosen| chosen.as_ref().err());
    html! {
        @if let Some(reason) = doubt { (ui::notice(NoticeKind::Warning, html! { (reason) })) }
        (ui::stats(&tiles))
    }
}

fn chart(chrome: &Chrome, measured: &Measured) -> Markup {
    let series = model::series(measured);
    let name = model::benchmark(measured).map(|benchmark| benchmark.name);
    let has_benchmark = series.benchmark.len() == series.dates.len();
    ui::value_chart(
        chrome,
        "value",
        &ValueSeries {
            dates: series.dates,
            value: series.value,
            net_invested: series.net_invested,
            benchmark: name
                .filter(|_| has_benchmark)
                .map(|name| (name, series.benchmark)),
            currency: measured.valuation.base,
            table_href: None,
        },
    )
}

fn shown(chrome: &Chrome, figure: &Figure) -> Markup {
    match (&figure.value, figure.style) {
        (Err(reason), _) => ui::missing(reason),
        (Ok(value), Style::Signed) => ui::signed_percent(chrome, *value),
        (Ok(value), Style::Percent) => ui::percent(chrome, *value),
        (Ok(value), Style::Number) => html! { data value=(value) { (format!("{value:.2}")) } },
    }
}

fn figure_cards(chrome: &Chrome, statistics: &Statistics, way: &Way) -> Vec<Markup> {
    let shown = |figure: &Figure| {
        let markup = shown(chrome, figure);
        match Performance::named(figure.key) {
            Some(traced) => way.to(traced, markup),
            None => markup,
        }
    };
    let card = |group: &figures::Group| {
        let table = figure_table(group.title, &group.figures, shown);
        ui::card(group.title, table)
    };
    figures::groups(statistics).iter().map(card).collect()
}

fn figure_table(title: &str, figures: &[Figure], shown: impl Fn(&Figure) -> Markup) -> Markup {
    ui::table_scroll(
        title,
        html! {
            table.data {
                caption.visually-hidden { (title) }
                tbody {
                    @for figure in figures {
                        tr {
                            td { (ui::definition(figure.label, figure.meaning)) }
                            (ui::td_num(figure.label, shown(figure)))
                        }
                    }
                }
            }
        },
    )
}

/// One row a year, one cell a month; the number says what the colour hints at.
fn months(chrome: &Chrome, measured: &Measured, way: &Way) -> Markup {
    let mut years = model::years(measured);
    years.reverse();
    ui::table_scroll(
        "Returns by month",
        html! {
            table.data.months {
                caption.visually-hidden { "Time-weighted return by month and year, newest first" }
                thead {
                    tr {
                        (ui::th("Year"))
                        @for month in MONTHS { (ui::th_num(month)) }
                        (ui::th_num("Year's return"))
                        (ui::th_num("Gain"))
                    }
                }
                tbody { @for year in &years { (year_row(chrome, measured, year, way)) } }
            }
        },
    )
}

fn year_row(chrome: &Chrome, measured: &Measured, year: &YearView, way: &Way) -> Markup {
    let of_year = way.with("of", Some(year.year));
    html! {
        tr {
            th scope="row" {
                (year.year)
                @if !year.complete { " " span.hint title="Only a part of this year is on record." { "part" } }
            }
            @for (at, (month, name)) in year.months.iter().zip(MONTHS).enumerate() {
                (month_cell(chrome, name, *month, &way.with("of", Some(format!("{}-{:02}", year.year, at + 1)))))
            }
            (ui::td_num("Year's return", html! {
                @if let Some(twr) = year.twr { strong { (of_year.to(Performance::YearReturn, ui::signed_percent(chrome, twr))) } }
            }))
            (ui::td_num("Gain", of_year.to(Performance::YearGain, ui::signed_amount(chrome, money(year.gain), measured.valuation.base))))
        }
    }
}

fn month_cell(chrome: &Chrome, name: &str, month: Option<f64>, way: &Way) -> Markup {
    let Some(value) = month else {
        return html! { td.num data-label=(name) {} };
    };
    let step = STEPS.iter().filter(|step| value.abs() >= **step).count();
    let side = if value < 0.0 { "loss" } else { "gain" };
    html! {
        td.num.(format!("heat-{side}-{step}")) data-label=(name) { (way.to(Performance::MonthReturn, ui::signed_percent(chrome, value))) }
    }
}

fn falls(chrome: &Chrome, measured: &Measured, way: &Way) -> Markup {
    let falls = match &measured.outcome {
        Ok(outcome) => model::drawdowns(&outcome.statistics),
        Err(_) => Vec::new(),
    };
    if falls.is_empty() {
        return html! { p.hint { "The value never fell below an earlier peak in this period." } };
    }
    ui::table_scroll(
        "Deepest falls",
        html! {
            table.data.cards {
                caption.visually-hidden { "Deepest falls of the time-weighted index, deepest first" }
                thead { tr { (ui::th_num("Depth")) (ui::th("Peak")) (ui::th("Low")) (ui::th("Recovered")) (ui::th_num("Days")) } }
                tbody {
                    @for fall in &falls {
                        tr {
                            (ui::td_num("Depth", way.with("of", Some(fall.peak_on)).to(Performance::FallDepth, ui::signed_percent(chrome, fall.depth))))
                            (ui::td("Peak", ui::date(chrome, fall.peak_on)))
                            (ui::td("Low", ui::date(chrome, fall.trough_on)))
                            (ui::td("Recovered", html! {
                                @match fall.recovered_on {
                                    Some(day) => (ui::date(chrome, day)),
                                    None => span.hint { "not yet" },
                                }
                            }))
                            (ui::td_num("Days", html! { (fall.days) }))
                        }
                    }
                }
            }
        },
    )
}

fn rolling(chrome: &Chrome, measured: &Measured, way: &Way) -> Markup {
    let rolling = model::rolling(measured);
    let Some(windows) = model::windows(&rolling) else {
        let reason = rolling
            .not_available
            .unwrap_or_else(|| "There is no window of twelve months in this period.".to_owned());
        return html! { p.hint { (reason) } };
    };
    let rows = [
        ("The latest", Performance::RollingLatest, windows.latest),
        ("The best", Performance::RollingBest, windows.best),
        ("The median", Performance::RollingMedian, windows.median),
        ("The worst", Performance::RollingWorst, windows.worst),
    ];
    html! {
        (ui::sparkline(&rolling.twr))
        table.data {
            caption.visually-hidden { "Time-weighted returns of all windows of twelve months" }
            tbody {
                @for (label, figure, value) in rows {
                    tr { (ui::td("Window", html! { (label) })) (ui::td_num(label, way.to(figure, ui::signed_percent(chrome, value)))) }
                }
                @if let Some(volatility) = rolling.volatility.last() {
                    tr { (ui::td("Window", html! { "Volatility of the latest" })) (ui::td_num("Volatility", way.to(Performance::RollingVolatility, ui::percent(chrome, *volatility)))) }
                }
            }
        }
    }
}
