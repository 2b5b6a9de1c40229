use axum::{
    Extension,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use identity::Viewer;
use market::InstrumentId;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    App, FieldError, Form, Path, Problem, Query,
    components::{self as ui, Field, FieldKind},
};

use super::{
    super::{
        Error,
        drift::Band,
        model::{AssignmentBody, AssignmentType, Category, CategoryId, RuleId},
        rules::{self, Condition, Rule},
        service::{self, Book, Drift, Placed},
        store,
        trail::{Category as Figure, ratio},
    },
    LIST,
};
use crate::{
    scope::{self, Scope},
    trail::Way,
    transactions::form::{field_error, number, word},
    valuation::{Valuation, Valuations},
};

/// A rule as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RuleForm {
    field: String,
    operands: String,
}

/// An assignment as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AssignForm {
    instrument_id: String,
    weight: String,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    rule: RuleForm,
    assignment: AssignForm,
    errors: Vec<FieldError>,
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path(id): Path<CategoryId>,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let place = (id, &scope);
    page(&app, &valuations, &viewer, place, &Typed::default()).await
}

async fn page(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    (id, scope): (CategoryId, &Scope),
    typed: &Typed,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(app, viewer.user_id).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let category = store::require(&mut tx, id).await?;
    let book = service::book(&mut tx).await?;
    drop(tx);
    let valuation = scope.value(app, valuations, viewer).await?;
    let drifts = book.drifts(&valuation);
    let placed = book.placed(&valuation);
    let chrome = &viewer.chrome;
    let name = &category.details.category_name;
    let href = format!("{LIST}/{}", id.0);
    let main = html! {
        (ui::breadcrumb(&[("Categories", &scope.href(LIST, None))], name))
        (ui::page_head_with(name, scope::marks(&valuation), html! {
            (ui::link_button("Edit", &format!("{href}/edit"), false))
            (ui::link_button("Delete", &format!("{href}/delete"), false))
        }))
        @if let Some(text) = &category.details.category_description { p.lead { (text) } }
        (scope.selector(&href, &portfolios, &[]))
        @if let Some(drift) = drifts.iter().find(|drift| drift.category_id == id) {
            (figures(viewer, &valuation, &category, drift))
        }
        (ui::form_errors(&typed.errors))
        (ui::card("Members", members(viewer, &book, &placed, (id, scope))))
        (ui::card("Put a holding here", assign_form(viewer, &placed, &href, typed)))
        (ui::card("Rules", html! { (rule_list(viewer, &book, id)) (rule_form(viewer, &href, typed)) }))
    };
    Ok(web::page(chrome, name, main))
}

fn figures(viewer: &Viewer, valuation: &Valuation, category: &Category, drift: &Drift) -> Markup {
    let chrome = &viewer.chrome;
    let way = Way::default().with("of", Some(category.id.0));
    let percent = |percent: Option<Decimal>, why: &str| match percent {
        Some(percent) => ui::percent(chrome, ratio(percent)),
        None => ui::missing(why),
    };
    let details = &category.details;
    let limits = html! {
        @if let Some(min) = details.min_allocation_percent { "at least " (ui::percent(chrome, ratio(min))) " " }
        @if let Some(max) = details.max_allocation_percent { "at most " (ui::percent(chrome, ratio(max))) }
    };
    let drifted = html! {
        @match drift.drift {
            Some(points) => (way.to(Figure::Drift, ui::percent(chrome, ratio(points)))),
            None => (ui::missing("it has no target")),
        }
    };
    ui::stats(&[
        ui::stat(
            "Value",
            way.to(
                Figure::Value,
                ui::amount(chrome, drift.value, valuation.base),
            ),
            html! { "those below it included" },
        ),
        ui::stat(
            "Share of assets",
            way.to(Figure::Share, percent(drift.percent, "nothing is owned")),
            html! { @if drift.band != Band::NoTarget { (ui::badge(drift.band.label())) } },
        ),
        ui::stat(
            "Target",
            percent(details.target_allocation_percent, "it has no target"),
            limits,
        ),
        ui::stat("Drift", drifted, html! { "percentage points" }),
    ])
}

fn members(
    viewer: &Viewer,
    book: &Book,
    placed: &[Placed],
    (id, scope): (CategoryId, &Scope),
) -> Markup {
    let chrome = &viewer.chrome;
    let there: Vec<_> = placed
        .iter()
        .flat_map(|placed| placed.assignments.iter().map(move |a| (placed, a)))
        .filter(|(_, assignment)| assignment.category_id == id)
        .collect();
    let declined = book
        .decided
        .iter()
        .filter(|a| a.category_id == id && a.is_declined);
    let declined: Vec<&Placed> = declined
        .filter_map(|a| placed.iter().find(|p| p.instrument_id == a.instrument_id))
        .collect();
    let take_back = |instrument: InstrumentId, label: &str| {
        html! {
            form method="post" action=(format!("{LIST}/{}/assignments/{instrument}/delete", id.0)) {
                (ui::csrf_field(chrome)) (ui::submit_quiet(label))
            }
        }
    };
    html! {
        @if there.is_empty() && declined.is_empty() {
            p.hint { "No holding belongs here yet." }
        } @else {
            table.data.cards {
                caption.visually-hidden { "Holdings of the category" }
                thead { tr { (ui::th("Holding")) (ui::th("How")) (ui::th_num("Weight")) (ui::th_num("Confidence")) (ui::th("")) } }
                tbody {
                    @for (placed, assignment) in there {
                        tr {
                            (ui::td("Holding", html! { a href=(scope.holding_href(placed.instrument_id)) { (placed.symbol) } " " span.hint { (placed.name) } }))
                            (ui::td("How", html! { (assignment.assignment_type.label()) }))
                            (ui::td_num("Weight", ui::percent(chrome, money::f64_from_decimal(assignment.weight / Decimal::ONE_HUNDRED))))
                            (ui::td_num("Confidence", ui::percent(chrome, money::f64_from_decimal(assignment.assignment_confidence))))
                            td { @if assignment.assignment_type != AssignmentType::RuleBased { (take_back(placed.instrument_id, "Take out")) } }
                        }
                    }
                    @for placed in declined {
                        tr.closed {
                            (ui::td("Holding", html! { (placed.symbol) " " span.hint { (placed.name) } }))
                            (ui::td("How", html! { "kept out" }))
                            td {} td {}
                            td { (take_back(placed.instrument_id, "No longer keep out")) }
                        }
                    }
                }
            }
        }
    }
}

fn assign_form(viewer: &Viewer, placed: &[Placed], href: &str, typed: &Typed) -> Markup {
    let choices: Vec<(String, String)> = placed
        .iter()
        .map(|placed| {
            let label = format!("{} {}", placed.symbol, placed.name);
            (placed.instrument_id.to_string(), label)
        })
        .collect();
    let choices: Vec<(&str, &str)> = choices
        .iter()
        .map(|(id, label)| (id.as_str(), label.as_str()))
        .collect();
    let weight = if typed.assignment.weight.is_empty() {
        "100"
    } else {
        &typed.assignment.weight
    };
    let field = |label, name, value| Field {
        label,
        name,
        value,
        required: true,
        error: ui::error_of(&typed.errors, name),
        ..Field::default()
    };
    html! {
        @if choices.is_empty() {
            p.hint { "Nothing is held yet." }
        } @else {
            form method="post" action=(format!("{href}/assignments")) {
                (ui::csrf_field(&viewer.chrome))
                div.fields {
                    (ui::select_field(&field("Holding", "instrument_id", &typed.assignment.instrument_id), &choices))
                    (ui::text_field(&Field { kind: FieldKind::Decimal, hint: Some("The percent of it that counts here. What is decided by hand counts before all rules."), ..field("Weight, percent", "weight", weight) }))
                }
                div.actions { (ui::submit("Put it here")) }
            }
        }
    }
}

fn rule_list(viewer: &Viewer, book: &Book, id: CategoryId) -> Markup {
    let own: Vec<&Rule> = book.rules.iter().filter(|r| r.category_id == id).collect();
    html! {
        @if own.is_empty() {
            p.hint { "No rule puts holdings here. The first rule that fits counts, in the order in which they were made; cash follows a rule for the asset class cash." }
        } @else {
            table.data.cards {
                caption.visually-hidden { "Rules" }
                thead { tr { (ui::th("What")) (ui::th("Is one of")) (ui::th("")) } }
                tbody {
                    @for rule in own {
                        tr {
                            (ui::td("What", html! { (rule.condition.field.label()) }))
                            (ui::td("Is one of", html! { (rule.condition.operands.join(", ")) }))
                            td {
                                form method="post" action=(format!("{LIST}/{}/rules/{}/delete", id.0, rule.id.0)) {
                                    (ui::csrf_field(&viewer.chrome)) (ui::submit_quiet("Delete"))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn rule_form(viewer: &Viewer, href: &str, typed: &Typed) -> Markup {
    let fields = rules::Field::ALL.map(|field| (field.as_str(), field.label()));
    let field = |label, name, value, hint| Field {
        label,
        name,
        value,
        hint: Some(hint),
        required: true,
        error: ui::error_of(&typed.errors, name),
        ..Field::default()
    };
    html! {
        form method="post" action=(format!("{href}/rules")) {
            (ui::csrf_field(&viewer.chrome))
            div.fields {
                (ui::select_field(&field("What", "field", &typed.rule.field, "What is known of an instrument."), &fields))
                (ui::text_field(&field("Is one of", "operands", &typed.rule.operands, "Values with commas between them, such as equity, etf.")))
            }
            div.actions { (ui::submit("Add the rule")) }
        }
    }
}

pub(super) async fn add_rule(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path(id): Path<CategoryId>,
    Form(form): Form<RuleForm>,
) -> Result<Response, Problem> {
    let outcome = async {
        let mut tx = app.db.write(viewer.user_id).await?;
        store::lock(&mut tx, id).await?;
        let mut errors = Vec::new();
        let field = word(
            &form.field,
            "field",
            "Choose what it looks at.",
            &mut errors,
        );
        let field: rules::Field = field.ok_or(Error::Invalid(errors))?;
        let operands = form.operands.split(',').map(str::to_owned).collect();
        let condition = Condition { field, operands };
        let condition = condition.checked().map_err(Error::Invalid)?;
        store::insert_rule(&mut tx, viewer.user_id, id, &condition).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    let error = outcome.await.err();
    let typed = Typed {
        rule: form,
        ..Typed::default()
    };
    answer(&app, &valuations, &viewer, id, (error, typed)).await
}

pub(super) async fn assign(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path(id): Path<CategoryId>,
    Form(form): Form<AssignForm>,
) -> Result<Response, Problem> {
    let valuation = Scope::default().value(&app, &valuations, &viewer).await?;
    let outcome = async {
        let mut errors = Vec::new();
        let choose = "Choose a holding.";
        let instrument = word(&form.instrument_id, "instrument_id", choose, &mut errors);
        let weight = number(&form.weight, "weight", &mut errors);
        if weight.is_none() && errors.is_empty() {
            let detail = "State the percent of it that counts here.";
            errors.push(field_error("weight", "missing_field", detail));
        }
        let (Some(instrument), Some(weight)) = (instrument, weight) else {
            return Err(Error::Invalid(errors));
        };
        let body = AssignmentBody {
            assignment_type: AssignmentType::Manual,
            weight,
            is_declined: false,
        };
        let mut tx = app.db.write(viewer.user_id).await?;
        service::assign(&mut tx, viewer.user_id, &valuation, (id, instrument), body).await?;
        Ok(tx.commit().await?)
    };
    let error = outcome.await.err();
    let typed = Typed {
        assignment: form,
        ..Typed::default()
    };
    answer(&app, &valuations, &viewer, id, (error, typed)).await
}

/// Back to the page of the category, or the page again with what is wrong.
async fn answer(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    id: CategoryId,
    (error, typed): (Option<Error>, Typed),
) -> Result<Response, Problem> {
    let errors = match error {
        None => return Ok(Redirect::to(&format!("{LIST}/{}", id.0)).into_response()),
        Some(Error::Invalid(errors)) => errors,
        Some(other) => return Err(other.into()),
    };
    let typed = Typed { errors, ..typed };
    let place = (id, &Scope::default());
    let page = page(app, valuations, viewer, place, &typed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn remove_rule(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, rule)): Path<(CategoryId, RuleId)>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::delete_rule(&mut tx, id, rule).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("{LIST}/{}", id.0)))
}

pub(super) async fn unassign(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, instrument)): Path<(CategoryId, InstrumentId)>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::delete_assignment(&mut tx, id, instrument).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("{LIST}/{}", id.0)))
}
