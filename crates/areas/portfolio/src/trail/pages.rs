use axum::{Extension, Router, extract::State, routing::get};
use identity::Viewer;
use maud::{Markup, html};
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui},
};

use super::{Amount, Input, Quality, Trail, TrailQuery, service::trace};
use crate::{scope, valuation::Valuations};

const PATH: &str = "/portfolio/trail";

pub(crate) fn router() -> Router<App> {
    Router::new().route(PATH, get(show))
}

async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<TrailQuery>,
) -> Result<Markup, Problem> {
    let scope = query.scope();
    let (valuation, found) = trace(&app, &valuations, &viewer, &query).await?;
    let chrome = &viewer.chrome;
    let main = html! {
        (ui::breadcrumb(&[("Dashboard", &scope.href("/", None))], &found.title))
        (ui::page_head_with(&found.title, scope::marks(&valuation), html! {}))
        (scope.knowledge(PATH, &query.rest()))
        div.stack data-trail {
            section.card {
                (ui::stats(&[ui::stat("Result", result(chrome, &found), html! {})]))
                p.prose { (found.formula) }
            }
            @if !found.steps.is_empty() { (ui::card("Steps", steps(chrome, &found))) }
            (ui::card("Inputs", inputs(chrome, &found.inputs)))
        }
    };
    Ok(web::page(chrome, &found.title, main))
}

/// As the page shows it that leads here.
fn result(chrome: &Chrome, found: &Trail) -> Markup {
    match &found.result {
        Amount::Money { amount, currency } if found.is_signed => {
            ui::signed_amount(chrome, *amount, *currency)
        }
        Amount::Ratio { value } if !found.is_signed => ui::percent(chrome, *value),
        Amount::Number { value } => html! { data value=(value) { (format!("{value:.2}")) } },
        other => amount(chrome, other),
    }
}

fn amount(chrome: &Chrome, amount: &Amount) -> Markup {
    match amount {
        Amount::Money { amount, currency } => ui::amount(chrome, *amount, *currency),
        Amount::Ratio { value } => ui::signed_percent(chrome, *value),
        Amount::Number { value } if value.fract() == 0.0 => {
            html! { data value=(value) { (value) } }
        }
        Amount::Number { value } => html! { data value=(value) { (format!("{value:.2}")) } },
        Amount::Missing { reason } => ui::missing(reason),
    }
}

fn steps(chrome: &Chrome, trail: &Trail) -> Markup {
    ui::table_scroll(
        "Steps",
        html! {
            table.data {
                caption.visually-hidden { "Steps from the inputs to the result" }
                tbody {
                    @for step in &trail.steps {
                        tr { (ui::td("Step", html! { (step.text) })) (ui::td_num("Result", amount(chrome, &step.amount))) }
                    }
                }
            }
        },
    )
}

fn inputs(chrome: &Chrome, inputs: &[Input]) -> Markup {
    if inputs.is_empty() {
        return html! { p.hint { "Nothing went in." } };
    }
    ui::table_scroll(
        "Inputs",
        html! {
            table.data.cards {
                caption.visually-hidden { "What the figure was made of" }
                thead { tr { (ui::th("Input")) (ui::th_num("Adds")) (ui::th("Source")) (ui::th("Day")) (ui::th_num("Age")) (ui::th("Quality")) } }
                tbody { @for input in inputs { (row(chrome, input)) } }
            }
        },
    )
}

fn row(chrome: &Chrome, input: &Input) -> Markup {
    let quality = match input.quality {
        Quality::Good => "good",
        Quality::Stale => "stale",
        Quality::AtCost => "valued at cost",
        Quality::Unreconciled => "unreconciled",
        Quality::Missing => "missing",
        Quality::Simulated => "simulated",
    };
    html! {
        tr {
            (ui::td("Input", html! {
                @match &input.href {
                    Some(href) => a href=(href) { (input.text) },
                    None => (input.text),
                }
            }))
            (ui::td_num("Adds", amount(chrome, &input.amount)))
            (ui::td("Source", html! { (input.source) }))
            (ui::td("Day", html! { @if let Some(on) = input.on { (ui::date(chrome, on)) } }))
            (ui::td_num("Age", html! {
                @if let Some(days) = input.age_days {
                    @if days == 1 { "1 day" } @else { (days) " days" }
                }
            }))
            (ui::td("Quality", ui::badge(quality)))
        }
    }
}
