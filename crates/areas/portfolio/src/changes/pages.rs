use axum::{Router, extract::State, routing::get};
use identity::Viewer;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui, Field, FieldKind, NoticeKind},
};

use super::{
    model::{ChangeView, ChangesView, Question, TouchedView},
    service,
};
use crate::{
    portfolios::{Portfolio, PortfolioId},
    scope::{self, empty_is_none},
    transactions::{Error, pages::kind_label},
};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/portfolio/changes", get(show))
}

/// The question as the form sends it.
#[derive(Debug, Default, Deserialize)]
struct ChangesQuery {
    #[serde(default, deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    #[serde(default, deserialize_with = "empty_is_none")]
    on: Option<Date>,
    #[serde(default, deserialize_with = "empty_is_none")]
    known_from: Option<Date>,
    #[serde(default, deserialize_with = "empty_is_none")]
    known_to: Option<Date>,
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<ChangesQuery>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let yesterday = viewer.today.yesterday().unwrap_or(viewer.today);
    let on = query.on.or(query.known_from).unwrap_or(yesterday);
    let question = Question {
        portfolio: query.portfolio,
        on,
        known_from: query.known_from.unwrap_or(on),
        known_to: query.known_to,
    };
    let base = viewer.preferences.base_currency;
    let answer = service::explain(&app, viewer.user_id, question, base).await;
    let chrome = &viewer.chrome;
    let body = match answer {
        Ok(view) => explanation(chrome, &view),
        Err(Error::Invalid(errors)) => ui::form_errors(&errors),
        Err(error) => return Err(error.into()),
    };
    let main = html! {
        (ui::page_head("Why did this past value change?", html! {}))
        (form(&question, &portfolios))
        (body)
    };
    Ok(web::page(chrome, "Why did this past value change?", main))
}

fn form(question: &Question, portfolios: &[Portfolio]) -> Markup {
    let ids: Vec<String> = portfolios.iter().map(|p| p.id.0.to_string()).collect();
    let mut options = vec![("", "All portfolios")];
    options.extend(
        ids.iter()
            .zip(portfolios)
            .map(|(id, portfolio)| (id.as_str(), portfolio.name.as_str())),
    );
    let chosen = question
        .portfolio
        .map_or_else(String::new, |id| id.0.to_string());
    let (on, known_from) = (question.on.to_string(), question.known_from.to_string());
    let known_to = question
        .known_to
        .map_or_else(String::new, |day| day.to_string());
    let day = |label, name, value, required| Field {
        label,
        name,
        value,
        kind: FieldKind::Date,
        required,
        ..Field::default()
    };
    let portfolio = Field {
        label: "Portfolio",
        name: "portfolio",
        value: &chosen,
        required: true,
        ..Field::default()
    };
    html! {
        form.filters method="get" action="/portfolio/changes" aria-label="Which value" {
            (ui::select_field(&portfolio, &options))
            (ui::text_field(&day("Value of", "on", &on, true)))
            (ui::text_field(&day("As known at the end of", "known_from", &known_from, true)))
            (ui::text_field(&day("Against the end of", "known_to", &known_to, false)))
            (ui::submit_quiet("Explain"))
        }
        p.hint { "Without a last day, the value is compared with what is known now. Days end at midnight UTC." }
    }
}

fn explanation(chrome: &Chrome, view: &ChangesView) -> Markup {
    let now = view.known_to.map_or_else(
        || "as known now".to_owned(),
        |day| format!("as known on {day}"),
    );
    html! {
        (ui::stats(&[
            ui::stat(
                &format!("Value of {}", view.on),
                ui::amount(chrome, view.value_then, view.currency),
                html! { "as known on " (view.known_from) },
            ),
            ui::stat("The same", ui::amount(chrome, view.value_now, view.currency), html! { (now) }),
            ui::stat(
                "Difference",
                ui::signed_amount(chrome, view.difference, view.currency),
                html! { "the sum of all effects" },
            ),
        ]))
        @if view.changes.is_empty() {
            (ui::notice(NoticeKind::Success, html! { p {
                "Nothing about this day has changed since: no transaction up to it, no price, no value that you stated and no rate."
            } }))
        } @else {
            (ui::card("What became known, in the order of time", table(chrome, view)))
        }
    }
}

fn table(chrome: &Chrome, view: &ChangesView) -> Markup {
    html! {
        div.table-scroll role="region" aria-label="What became known" tabindex="0" {
            table.data.cards {
                caption.visually-hidden { "What changed the value, in the order of time" }
                thead { tr {
                    (ui::th("When")) (ui::th("What")) (ui::th("Which"))
                    (ui::th_num("Effect")) (ui::th_num("Value after it"))
                } }
                tbody { @for change in &view.changes {
                    tr {
                        (ui::td("When", ui::instant(chrome, change.at)))
                        (ui::td("What", html! { (ui::badge(change.kind.label())) }))
                        (ui::td("Which", which(chrome, change)))
                        (ui::td_num("Effect", ui::signed_amount(chrome, change.effect, view.currency)))
                        (ui::td_num("Value after it", ui::amount(chrome, change.value_after, view.currency)))
                    }
                } }
                tfoot { tr {
                    td { "Together" } td {} td {}
                    (ui::td_num("Effect", ui::signed_amount(chrome, view.difference, view.currency)))
                    td {}
                } }
            }
        }
    }
}

fn which(chrome: &Chrome, change: &ChangeView) -> Markup {
    /// Transactions named in a row.
    const SHOWN: usize = 4;
    let more = change.count.saturating_sub(SHOWN);
    html! {
        @if let Some(import) = &change.import {
            a href=(format!("/portfolio/imports/{}", import.id)) { (import.file_name) } ", " (change.count)
            @if change.count == 1 { " transaction" } @else { " transactions" }
        } @else if let Some(subject) = &change.subject {
            strong { (subject) } ", " (change.count)
            @if change.count == 1 { " day" } @else { " days" }
            @if let Some(source) = &change.source { " " span.hint { "from " (source) } }
        } @else if change.transactions.is_empty() {
            (change.count) " changes, too many to be told one by one"
        } @else {
            @for (at, transaction) in change.transactions.iter().take(SHOWN).enumerate() {
                @if at > 0 { br; }
                (touched(chrome, transaction))
            }
            @if more > 0 { " and " (more) " more" }
        }
    }
}

fn touched(chrome: &Chrome, view: &TouchedView) -> Markup {
    html! {
        a href=(format!("/portfolio/transactions/{}/history", view.id.0)) { (kind_label(view.kind)) }
        " " (ui::date(chrome, view.date))
        @if let Some(symbol) = &view.symbol { " " (symbol) }
        @if let Some(quantity) = view.quantity { " " (ui::quantity(chrome, quantity)) }
        @if !view.amount.is_zero() { " for " (ui::amount(chrome, view.amount, view.currency)) }
    }
}
