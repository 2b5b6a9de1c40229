use axum::{
    Extension, Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use identity::{SignedIn, Viewer};
use ledger::Severity;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Form, Problem, Query,
    components::{self as ui, Field},
};

use super::{HealthEntry, anchor, api::check, open_count, service_entries, store};
use crate::{
    reconciliation,
    scope::{self, Scope},
    valuation::Valuations,
};

const PATH: &str = "/portfolio/health";
/// Runs of imports shown.
const RUNS: i64 = 20;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(show))
        .route("/portfolio/health/accept", post(accept))
        .route("/portfolio/health/reopen", post(reopen))
}

async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    caller: SignedIn,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let entries = service_entries(&app, &valuations, &viewer, caller.is_admin, &scope).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let runs = reconciliation::store::list_runs(&mut tx, None, RUNS - 1).await?;
    drop(tx);
    let chrome = &viewer.chrome;
    let (open, accepted): (Vec<&HealthEntry>, Vec<&HealthEntry>) =
        entries.iter().partition(|entry| entry.accepted.is_none());
    let main = html! {
        (ui::page_head("Health of the books", html! {}))
        (scope::views(&scope, PATH))
        (scope.selector(PATH, &portfolios, &[]))
        (ui::stats(&[
            ui::stat("Errors", html! { (open_count(&entries, Severity::Error)) }, html! { "figures are wrong until they are mended" }),
            ui::stat("Warnings", html! { (open_count(&entries, Severity::Warning)) }, html! { "figures may be wrong" }),
            ui::stat("Accepted", html! { (accepted.len()) }, html! { "left as they are" }),
        ]))
        @if open.is_empty() {
            (ui::empty_state(
                "Everything adds up",
                "Every price and rate is there, every sale has its purchase, and what brokers state agrees with the books.",
                ("Import a file", "/portfolio/imports/new"),
                None,
            ))
        } @else {
            (ui::card("To be mended", html! { @for entry in open { (finding(chrome, entry)) } }))
        }
        @if !accepted.is_empty() {
            (ui::card("Accepted", html! { @for entry in accepted { (finding(chrome, entry)) } }))
        }
        @if !runs.is_empty() { (ui::card("Runs of imports", run_table(chrome, &runs))) }
    };
    Ok(web::page(chrome, "Health", main))
}

fn finding(chrome: &Chrome, entry: &HealthEntry) -> Markup {
    let word = match entry.finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    html! {
        article.finding id=(anchor(&entry.id)) {
            p { (ui::badge(word)) " " (entry.finding.message) }
            p.hint { (entry.finding.remedy) }
            @if let Some(accepted) = &entry.accepted {
                p.hint {
                    "Accepted on " (ui::day_of(chrome, accepted.at))
                    @if let Some(note) = &accepted.note { ": " (note) }
                }
            }
            div.actions {
                @for repair in &entry.repairs { (ui::link_button(repair.label, &repair.href, false)) }
                @if entry.accepted.is_some() {
                    form method="post" action="/portfolio/health/reopen" {
                        (ui::csrf_field(chrome))
                        input type="hidden" name="id" value=(entry.id);
                        (ui::submit_quiet("Count it again"))
                    }
                } @else {
                    details {
                        summary { "Accept it" }
                        form method="post" action="/portfolio/health/accept" {
                            (ui::csrf_field(chrome))
                            input type="hidden" name="id" value=(entry.id);
                            (ui::text_field(&Field { label: "Why, for later", name: "note", ..Field::default() }))
                            (ui::submit_quiet("Leave it as it is"))
                        }
                    }
                }
            }
        }
    }
}

fn run_table(chrome: &Chrome, runs: &[reconciliation::store::LoggedRun]) -> Markup {
    ui::table_scroll(
        "Runs of imports",
        html! {
            table.data.cards {
                caption.visually-hidden { "Runs of imports, newest first" }
                thead { tr { (ui::th("When")) (ui::th("File")) (ui::th("Portfolio")) (ui::th("Source")) (ui::th("State")) (ui::th_num("Imported")) (ui::th("Reason")) } }
                tbody {
                    @for run in runs {
                        tr {
                            (ui::td("When", ui::day_of(chrome, run.started)))
                            (ui::td("File", html! {
                                @let name = run.file_name.as_deref().unwrap_or("");
                                @match run.import_id {
                                    Some(id) => a href=(format!("/portfolio/imports/{id}")) { (name) },
                                    None => (name),
                                }
                            }))
                            (ui::td("Portfolio", html! { (run.portfolio.as_deref().unwrap_or("")) }))
                            (ui::td("Source", html! { (run.source) }))
                            (ui::td("State", ui::badge(&run.status)))
                            (ui::td_num("Imported", html! { (run.imported) }))
                            (ui::td("Reason", html! { (run.error.as_deref().unwrap_or("")) }))
                        }
                    }
                }
            }
        },
    )
}

/// Which finding, and why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AcceptForm {
    id: String,
    note: String,
}

async fn accept(
    State(app): State<App>,
    viewer: Viewer,
    Form(form): Form<AcceptForm>,
) -> Result<Redirect, Problem> {
    let note = Some(form.note.trim()).filter(|note| !note.is_empty());
    check(&form.id, note)?;
    let mut tx = app.db.write(viewer.user_id).await?;
    store::accept(&mut tx, viewer.user_id, &form.id, note).await?;
    tx.commit().await?;
    Ok(Redirect::to(PATH))
}

async fn reopen(
    State(app): State<App>,
    viewer: Viewer,
    Form(form): Form<AcceptForm>,
) -> Result<Redirect, Problem> {
    check(&form.id, None)?;
    let mut tx = app.db.write(viewer.user_id).await?;
    store::reopen(&mut tx, &form.id).await?;
    tx.commit().await?;
    Ok(Redirect::to(PATH))
}
