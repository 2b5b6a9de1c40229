use axum::{
    Extension, Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use identity::{SignedIn, Viewer};
use jiff::civil::Date;
use ledger::Severity;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Form, Problem, Query,
    components::{self as ui, Field},
};

use super::{HealthEntry, anchor, api::check, open_count, service_entries, store};
use crate::{
    portfolios::PortfolioId,
    reconciliation,
    scope::{self, Scope, empty_is_none},
    valuation::Valuations,
};

const PATH: &str = "/portfolio/health";
/// Runs of imports shown.
const RUNS: i64 = 20;
/// Findings shown that are for information; the API has all.
const TOLD: usize = 100;

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
    let (told, open): (Vec<&HealthEntry>, Vec<&HealthEntry>) = open
        .into_iter()
        .partition(|entry| entry.placed.finding.severity == Severity::Information);
    let main = html! {
        (ui::page_head("Health of the books", html! {}))
        (scope::views(&scope, PATH))
        (scope.selector(PATH, &portfolios, &[]))
        (ui::stats(&[
            ui::stat("Errors", html! { (open_count(&entries, Severity::Error)) }, html! { "figures are wrong until they are mended" }),
            ui::stat("Warnings", html! { (open_count(&entries, Severity::Warning)) }, html! { "figures may be wrong" }),
            ui::stat("For information", html! { (open_count(&entries, Severity::Information)) }, html! { "no figure is wrong" }),
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
            (ui::card("To be mended", html! { @for entry in open { (finding(chrome, &scope, entry)) } }))
        }
        @if !told.is_empty() { (ui::card("Worth knowing", worth_knowing(chrome, &scope, &told))) }
        @if !accepted.is_empty() {
            (ui::card("Accepted", html! { @for entry in accepted { (finding(chrome, &scope, entry)) } }))
        }
        @if !runs.is_empty() { (ui::card("Runs of imports", run_table(chrome, &runs))) }
    };
    Ok(web::page(chrome, "Health", main))
}

/// What no figure is wrong about. There may be very many of it: what is longer is in its report.
fn worth_knowing(chrome: &Chrome, scope: &Scope, told: &[&HealthEntry]) -> Markup {
    html! {
        @for entry in told.iter().take(TOLD) { (finding(chrome, scope, entry)) }
        @if told.len() > TOLD {
            p { "The latest " (TOLD) " of " (told.len()) ". " a href=(scope.href_with("/portfolio/gains", None, &[("year", "all".to_owned())])) { "All are in the report of gains" } }
        }
    }
}

fn finding(chrome: &Chrome, scope: &Scope, entry: &HealthEntry) -> Markup {
    let (found, place) = (&entry.placed.finding, &entry.placed.place);
    let word = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    };
    html! {
        article.finding id=(anchor(&entry.id)) {
            p {
                (ui::badge(word)) " "
                @if let Some(place) = place { strong { (place.portfolio) } " " }
                (found.message)
            }
            p.hint { (found.remedy) }
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
                        (hidden(scope, &entry.id))
                        (ui::submit_quiet("Count it again"))
                    }
                } @else {
                    details {
                        summary { "Accept it" }
                        form method="post" action="/portfolio/health/accept" {
                            (ui::csrf_field(chrome))
                            (hidden(scope, &entry.id))
                            (ui::text_field(&Field { label: "Why, for later", name: "note", of: &format!("-{}", anchor(&entry.id)), ..Field::default() }))
                            (ui::submit_quiet("Leave it as it is"))
                        }
                    }
                }
            }
        }
    }
}

/// Which finding, and the page to come back to.
fn hidden(scope: &Scope, id: &str) -> Markup {
    html! {
        input type="hidden" name="id" value=(id);
        @if let Some(portfolio) = scope.portfolio { input type="hidden" name="portfolio" value=(portfolio.0); }
        @if let Some(day) = scope.known_on { input type="hidden" name="known_on" value=(day); }
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

/// Which finding, why, and the page that the form stood on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AcceptForm {
    id: String,
    note: String,
    #[serde(deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    #[serde(deserialize_with = "empty_is_none")]
    known_on: Option<Date>,
}

impl AcceptForm {
    fn back(&self) -> Redirect {
        Redirect::to(&Scope::known(self.portfolio, self.known_on).href(PATH, None))
    }
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
    Ok(form.back())
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
    Ok(form.back())
}
