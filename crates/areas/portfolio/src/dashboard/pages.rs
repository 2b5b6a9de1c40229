use axum::{
    Extension, Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use identity::Viewer;
use market::Instrument;
use maud::{Markup, html};
use performance::Summary;
use performance::{PERIODS, Period};
use rust_decimal::Decimal;
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui, NoticeKind, Slice, ValueSeries},
};

use super::model::{SeriesView, allocation as slices_of};
use crate::{
    allocation,
    cash::trail::Cash,
    contribution::{movers, top_movers, trail::Contribution},
    corporate_actions::notice,
    performance::trail::Performance,
    scope::{self, Scope},
    trail::{Way, Whole},
    valuation::{Valuation, Valuations},
};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/", get(show))
}

async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Response, Problem> {
    let scope = scope.or_usual(&viewer);
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    if portfolios.is_empty() {
        return Ok(Redirect::to("/welcome").into_response());
    }
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let waiting = notice::count(&app, viewer.user_id, &valuation).await?;
    let first_steps = identity::onboarding::strip(&app, &viewer).await?;
    let chrome = &viewer.chrome;
    let period = scope.period();
    let main = html! {
        (ui::page_head_with("Dashboard", scope::marks(&valuation), html! {
            (ui::link_button("Add transaction", "/portfolio/transactions/new", false))
            (ui::link_button("Import", "/portfolio/imports/new", true))
        }))
        (first_steps)
        (scope.selector("/", &portfolios, &[]))
        @if valuation.daily.is_none() && scope.known_on.is_some() {
            (scope.nothing_known("/"))
        } @else if valuation.daily.is_none() {
            (ui::empty_state(
                "No transactions yet",
                "Import an export of your broker, or add the first transaction by hand.",
                ("Import a file", "/portfolio/imports/new"),
                Some(("Add a transaction", "/portfolio/transactions/new")),
            ))
        } @else {
            (notice::banner(waiting, &scope))
            (findings(&valuation, &scope))
            (moved(&viewer, &valuation, &scope))
            (figures(chrome, &valuation, &scope, period))
            @let worth = allocation::worth(&valuation);
            @if !worth.liabilities.is_zero() { (allocation::pages::worth_stats(chrome, &valuation, worth, &Way::new(&scope))) }
            (ui::main_aside(
                html! {
                    (chart(chrome, &valuation, &scope, period))
                    (ui::card_with("Allocation", html! { a href=(scope.href("/portfolio/allocation", None)) { "All dimensions" } }, donut(chrome, &valuation)))
                },
                html! {
                    (performance(chrome, &valuation, &scope, period))
                    (ui::card(&format!("Top movers {}", period.phrase()), mover_table(chrome, &valuation, &scope, period)))
                },
            ))
        }
    };
    Ok(web::market_page(chrome, "Dashboard", main).into_response())
}

/// Which holdings moved further since the last close than the person wants to overlook.
fn moved(viewer: &Viewer, valuation: &Valuation, scope: &Scope) -> Markup {
    let chrome = &viewer.chrome;
    let threshold = viewer.preferences.alert_ratio();
    let Some(days) = valuation.days(Period::Day) else {
        return html! {};
    };
    let far: Vec<(&Instrument, f64)> = movers(valuation, days)
        .into_iter()
        .filter_map(|mover| Some((valuation.instrument(mover.asset), mover.ratio?)))
        .filter(|(_, ratio)| *ratio != 0.0 && ratio.abs() >= threshold)
        .collect();
    html! {
        @if !far.is_empty() {
            (ui::notice(NoticeKind::Info, html! {
                p {
                    "Moved " (ui::percent(chrome, threshold)) " or more since the last close: "
                    @for (at, (instrument, ratio)) in far.iter().enumerate() {
                        @if at > 0 { ", " }
                        a href=(scope.holding_href(instrument.id)) { (instrument.symbol) } " "
                        (ui::signed_percent(chrome, *ratio))
                    }
                    ". " a href="/identity/settings" { "Change the limit" }
                }
            }))
        }
    }
}

/// What there is, and what became of it.
fn figures(chrome: &Chrome, valuation: &Valuation, scope: &Scope, period: Period) -> Markup {
    let way = Way::new(scope);
    let of_period = way.with("period", Some(period));
    let money = |figure, amount| way.to(figure, ui::amount(chrome, amount, valuation.base));
    let currency = valuation.base;
    let totals = &valuation.totals;
    let days = valuation.days(period);
    let summary = days.and_then(|days| valuation.summary(days));
    let gain = totals.value - totals.net_invested;
    html! {
        (ui::stats(&[
            ui::stat("Value", money(Whole::Value, totals.value), change(chrome, valuation, summary.as_ref(), period, &of_period)),
            ui::stat("Net invested", money(Whole::NetInvested, totals.net_invested), html! { "deposits less withdrawals" }),
            ui::stat("Gain since the beginning", way.to(Whole::Gain, ui::signed_amount(chrome, gain, currency)), html! { "value less net invested" }),
            ui::stat("Cash", money(Whole::Cash, totals.cash), cash(chrome, valuation, scope)),
        ]))
    }
}

fn chart(chrome: &Chrome, valuation: &Valuation, scope: &Scope, period: Period) -> Markup {
    let periods: Vec<(&str, &str)> = PERIODS
        .iter()
        .map(|(key, label, _)| (*key, *label))
        .collect();
    ui::card_with(
        "Value",
        ui::period_selector(chrome, &period.to_string(), &periods, |key| {
            scope.href("/", Some(key))
        }),
        html! {
            @if let (Some(daily), Some(days)) = (&valuation.daily, valuation.days(period)) {
                @let series = SeriesView::new(daily, days);
                (ui::value_chart(chrome, "value", &ValueSeries {
                    dates: series.dates,
                    value: series.value,
                    net_invested: series.net_invested,
                    benchmark: None,
                    currency: valuation.base,
                    table_href: None,
                }))
            }
        },
    )
}

fn change(
    chrome: &Chrome,
    valuation: &Valuation,
    summary: Option<&Summary>,
    period: Period,
    way: &Way,
) -> Markup {
    html! {
        @if let Some(summary) = summary {
            @let gain = money::decimal_from_f64(summary.gain).unwrap_or(Decimal::ZERO);
            (way.to(Performance::Gain, ui::signed_amount(chrome, gain, valuation.base)))
            " "
            (way.to(Performance::Twr, match &summary.twr {
                Ok(ratio) => ui::signed_percent(chrome, *ratio),
                Err(reason) => ui::missing(&reason.to_string()),
            }))
            " " (period.phrase())
        }
    }
}

fn cash(chrome: &Chrome, valuation: &Valuation, scope: &Scope) -> Markup {
    let balances: Vec<_> = valuation
        .cash
        .iter()
        .filter(|c| !c.amount.is_zero())
        .collect();
    html! {
        @if balances.len() > 1 || balances.iter().any(|c| c.currency != valuation.base) {
            @for (at, balance) in balances.iter().enumerate() {
                @if at > 0 { " · " }
                (Way::new(scope).with("of", Some(balance.currency)).to(Cash::Balance, ui::amount(chrome, balance.amount, balance.currency)))
            }
            " "
        }
        a href=(scope.href("/portfolio/cash", None)) { "ledger" }
    }
}

fn donut(chrome: &Chrome, valuation: &Valuation) -> Markup {
    let slices: Vec<Slice> = slices_of(valuation)
        .into_iter()
        .map(|slice| Slice::new(slice.label, money::f64_from_decimal(slice.value)))
        .collect();
    ui::donut(
        chrome,
        "allocation",
        "Allocation by asset class",
        valuation.base,
        &slices,
    )
}

fn mover_table(chrome: &Chrome, valuation: &Valuation, scope: &Scope, period: Period) -> Markup {
    let shown = valuation
        .days(period)
        .map_or_else(Vec::new, |days| top_movers(valuation, days));
    html! {
        @if shown.is_empty() {
            p.hint { "Nothing moved " (period.phrase()) "." }
        } @else {
            table.data {
                caption.visually-hidden { "What gained and lost most " (period.phrase()) }
                thead { tr { (ui::th("Holding")) (ui::th_num("Gain")) (ui::th_num("Return")) } }
                tbody {
                    @for mover in &shown {
                        @let instrument = valuation.instrument(mover.asset);
                        @let way = Way::new(scope).with("instrument_id", Some(instrument.id)).with("period", Some(period));
                        tr {
                            td { a href=(scope.holding_href(instrument.id)) { (instrument.symbol) } " " span.hint { (instrument.name) } }
                            (ui::td_num("Gain", way.to(Contribution::MoverGain, ui::signed_amount(chrome, money::decimal_from_f64(mover.gain).unwrap_or_default(), valuation.base))))
                            (ui::td_num("Return", match mover.ratio {
                                Some(ratio) => way.to(Contribution::MoverReturn, ui::signed_percent(chrome, ratio)),
                                None => ui::missing("nothing was at stake at the start of the period"),
                            }))
                        }
                    }
                }
            }
        }
    }
}

/// The figures of the period side by side, each with what it means.
fn performance(chrome: &Chrome, valuation: &Valuation, scope: &Scope, period: Period) -> Markup {
    let Some(summary) = valuation
        .days(period)
        .and_then(|days| valuation.summary(days))
    else {
        return html! {};
    };
    let way = Way::new(scope).with("period", Some(period));
    let rows = performance_rows(chrome, &summary, |figure, shown| way.to(figure, shown));
    ui::card(
        &format!("Performance {}", period.phrase()),
        ui::table_scroll(
            "Performance",
            html! {
                table.data {
                    caption.visually-hidden { "Performance " (period.phrase()) }
                    tbody {
                        @for (name, figure, meaning) in rows {
                            tr { td { (ui::definition(name, meaning)) } (ui::td_num(name, figure)) }
                        }
                    }
                }
            },
        ),
    )
}

/// Name, figure and meaning of each; `traced` leads from a figure to how it came about.
fn performance_rows(
    chrome: &Chrome,
    summary: &Summary,
    traced: impl Fn(Performance, Markup) -> Markup,
) -> [(&'static str, Markup, &'static str); 5] {
    let ratio = |figure: Result<f64, String>, signed: bool| match figure {
        Ok(ratio) if signed => ui::signed_percent(chrome, ratio),
        Ok(ratio) => ui::percent(chrome, ratio),
        Err(reason) => ui::missing(&reason),
    };
    let mwr = summary.mwr.as_ref().map(|found| found.rate);
    let fall = summary.max_drawdown.as_ref().map(|fall| fall.depth);
    let twr = ratio(summary.twr.map_err(|e| e.to_string()), true);
    let mwr = ratio(mwr.map_err(ToString::to_string), true);
    let simple = ratio(summary.simple.map_err(|e| e.to_string()), true);
    let fall = ratio(fall.map_err(ToString::to_string), true);
    let volatility = ratio(summary.volatility.map_err(|e| e.to_string()), false);
    [
        (
            "Time-weighted return",
            traced(Performance::Twr, twr),
            "How the investments did, whatever was paid in or out: daily returns linked. Compare it with an index.",
        ),
        (
            "Money-weighted return",
            traced(Performance::Mwr, mwr),
            "The yearly interest rate at which your deposits would have grown to the present value (XIRR, actual/365).",
        ),
        (
            "Simple return",
            traced(Performance::Simple, simple),
            "The gain over the value at the start and everything paid in.",
        ),
        (
            "Deepest fall",
            traced(Performance::MaxDrawdown, fall),
            "The largest loss from a peak to the following low of the time-weighted index.",
        ),
        (
            "Volatility",
            traced(Performance::Volatility, volatility),
            "Standard deviation of the weekday returns, times the square root of 252.",
        ),
    ]
}

/// What does not add up, before the figures that it touches.
fn findings(valuation: &Valuation, scope: &Scope) -> Markup {
    let count = valuation.findings.len();
    let is_of_several = valuation.portfolios.len() > 1;
    html! {
        @if count > 0 {
            (ui::notice(NoticeKind::Warning, html! {
                details {
                    summary {
                        @if count == 1 { "One thing does not add up" } @else { (count) " things do not add up" }
                    }
                    ul {
                        @for placed in valuation.findings.iter().take(50) {
                            @let finding = &placed.finding;
                            li {
                                @if let Some(place) = placed.place.as_ref().filter(|_| is_of_several) { strong { (place.portfolio) ": " } }
                                (finding.message) " " span.hint { (finding.remedy) }
                                @if let Some(id) = finding.transaction {
                                    " " a href=(scope.transaction_href(id)) { "Open the transaction" }
                                }
                            }
                        }
                        @if count > 50 { li { "and " (count - 50) " more" } }
                    }
                    p { a href=(scope.href("/portfolio/health", None)) { "Mend or accept them" } }
                }
            }))
        }
    }
}
