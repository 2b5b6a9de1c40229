use axum::{Extension, extract::State, response::Redirect};
use identity::Viewer;
use market::InstrumentId;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    App, Chrome, Form, Problem, Query,
    components::{self as ui},
};

use super::{
    super::{
        drift::Band,
        model::{AssignmentBody, AssignmentType, CategoryId},
        service::{self, Book, Drift, Placed},
        trail::{Category, ratio},
    },
    LIST,
};
use crate::{
    scope::{self, Scope},
    trail::Way,
    valuation::{Valuation, Valuations},
};

/// An answer to a suggestion.
#[derive(Clone, Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the words of the form")]
pub(super) struct Decision {
    category_id: CategoryId,
    instrument_id: InstrumentId,
    /// `accept` or `decline`.
    decision: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let book = service::book(&mut tx).await?;
    drop(tx);
    let chrome = &viewer.chrome;
    let main = html! {
        (ui::page_head_with("Categories", scope::marks(&valuation), html! {
            (ui::link_button("Allocation", &scope.href_with("/portfolio/allocation", None, &[("dimension", "category".to_owned())]), false))
            (ui::link_button("New category", "/portfolio/categories/new", true))
        }))
        (scope.selector(LIST, &portfolios, &[]))
        @if book.categories.is_empty() {
            (ui::empty_state(
                "No category yet",
                "Sort what you hold in your own way, such as core and play money, and state how much of each you want.",
                ("New category", "/portfolio/categories/new"),
                Some(("Allocation", "/portfolio/allocation")),
            ))
        } @else {
            (ui::card("Targets", drift_table(chrome, &valuation, &book.drifts(&valuation), &scope)))
            @let placed = book.placed(&valuation);
            (suggestions(&viewer, &book, &placed))
            (ui::card("Holdings", placed_table(chrome, &scope, &book, &placed)))
        }
    };
    Ok(web::page(chrome, "Categories", main))
}

fn drift_table(chrome: &Chrome, valuation: &Valuation, drifts: &[Drift], scope: &Scope) -> Markup {
    let percent = |percent: Option<Decimal>| {
        html! { @if let Some(percent) = percent { (ui::percent(chrome, ratio(percent))) } }
    };
    ui::table_scroll(
        "Targets",
        html! {
            table.data.cards {
                caption.visually-hidden { "Categories beside their targets" }
                thead { tr {
                    (ui::th("Category")) (ui::th_num("Value")) (ui::th_num("Share")) (ui::th_num("Target"))
                    (ui::th_num("Drift")) (ui::th_num("To target")) (ui::th("State"))
                } }
                tbody {
                    @for drift in drifts {
                        @let way = Way::new(scope).with("of", Some(drift.category_id.0));
                        tr {
                            (ui::td("Category", html! {
                                @if drift.parent_id.is_some() { span.hint aria-hidden="true" { "└ " } }
                                a href=(scope.href(&format!("{LIST}/{}", drift.category_id.0), None)) { (drift.category_name) }
                            }))
                            (ui::td_num("Value", way.to(Category::Value, ui::amount(chrome, drift.value, valuation.base))))
                            (ui::td_num("Share", way.to(Category::Share, percent(drift.percent))))
                            (ui::td_num("Target", percent(drift.target_allocation_percent)))
                            (ui::td_num("Drift", html! { @if let Some(drift) = drift.drift { (way.to(Category::Drift, ui::percent(chrome, ratio(drift)))) } }))
                            (ui::td_num("To target", html! { @if let Some(amount) = drift.to_target { (way.to(Category::ToTarget, ui::amount(chrome, amount, valuation.base))) } }))
                            (ui::td("State", html! { @if drift.band == Band::NoTarget { span.hint { (drift.band.label()) } } @else { (ui::badge(drift.band.label())) } }))
                        }
                    }
                }
            }
            p.hint { "Share of everything that is owned. Drift is in percentage points; to target is what would have to be bought, or below zero sold." }
        },
    )
}

fn suggestions(viewer: &Viewer, book: &Book, placed: &[Placed]) -> Markup {
    let chrome = &viewer.chrome;
    let open: Vec<_> = placed
        .iter()
        .filter_map(|placed| Some((placed, placed.suggestion.as_ref()?)))
        .collect();
    let answer = |placed: &Placed, category: CategoryId, decision: &str, button: Markup| {
        html! {
            form method="post" action=(LIST) {
                (ui::csrf_field(chrome))
                input type="hidden" name="category_id" value=(category.0);
                input type="hidden" name="instrument_id" value=(placed.instrument_id);
                input type="hidden" name="decision" value=(decision);
                (button)
            }
        }
    };
    html! {
        @if !open.is_empty() {
            (ui::card("Suggestions", html! {
                table.data.cards {
                    caption.visually-hidden { "Suggestions for holdings without a category" }
                    thead { tr { (ui::th("Holding")) (ui::th("Category")) (ui::th_num("Confidence")) (ui::th("Because")) (ui::th("")) } }
                    tbody {
                        @for (placed, suggestion) in &open {
                            tr {
                                (ui::td("Holding", html! { (placed.symbol) " " span.hint { (placed.name) } }))
                                (ui::td("Category", html! { (name(book, suggestion.category_id)) }))
                                (ui::td_num("Confidence", ui::percent(chrome, money::f64_from_decimal(suggestion.confidence))))
                                (ui::td("Because", html! { (suggestion.reason) }))
                                td { div.actions {
                                    (answer(placed, suggestion.category_id, "accept", ui::submit_quiet("Accept")))
                                    (answer(placed, suggestion.category_id, "decline", ui::submit_quiet("Decline")))
                                } }
                            }
                        }
                    }
                }
            }))
        }
    }
}

fn name(book: &Book, id: CategoryId) -> &str {
    book.categories
        .iter()
        .find(|category| category.id == id)
        .map_or("", |category| category.details.category_name.as_str())
}

fn placed_table(chrome: &Chrome, scope: &Scope, book: &Book, placed: &[Placed]) -> Markup {
    html! {
        @if placed.is_empty() {
            p.hint { "Nothing is held yet." }
        } @else {
            table.data.cards {
                caption.visually-hidden { "Where holdings belong" }
                thead { tr { (ui::th("Holding")) (ui::th("Categories")) } }
                tbody {
                    @for placed in placed {
                        tr {
                            (ui::td("Holding", html! { a href=(scope.holding_href(placed.instrument_id)) { (placed.symbol) } " " span.hint { (placed.name) } }))
                            (ui::td("Categories", html! {
                                @if placed.assignments.is_empty() { span.hint { "none: its page of a category puts it there" } }
                                @for (at, assignment) in placed.assignments.iter().enumerate() {
                                    @if at > 0 { " · " }
                                    a href=(scope.href(&format!("{LIST}/{}", assignment.category_id.0), None)) { (name(book, assignment.category_id)) }
                                    @if assignment.weight != Decimal::ONE_HUNDRED { " " (ui::percent(chrome, ratio(assignment.weight))) }
                                    " " span.hint { (assignment.assignment_type.label()) }
                                }
                            }))
                        }
                    }
                }
            }
        }
    }
}

/// Accepts or declines a suggestion.
pub(super) async fn decide(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Form(form): Form<Decision>,
) -> Result<Redirect, Problem> {
    let is_declined = match form.decision.as_str() {
        "accept" => false,
        "decline" => true,
        _ => {
            let detail = "Accept or decline the suggestion.";
            return Err(Problem::invalid_field(
                "decision",
                "unknown_decision",
                detail,
            ));
        }
    };
    let valuation = Scope::default().value(&app, &valuations, &viewer).await?;
    let mut tx = app.db.write(viewer.user_id).await?;
    let place = (form.category_id, form.instrument_id);
    let body = AssignmentBody {
        assignment_type: AssignmentType::Suggested,
        weight: Decimal::ONE_HUNDRED,
        is_declined,
    };
    service::assign(&mut tx, viewer.user_id, &valuation, place, body).await?;
    tx.commit().await?;
    Ok(Redirect::to(LIST))
}
