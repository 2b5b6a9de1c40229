//! The corporate actions of an instrument on its page, and the forms by which the owner states,
//! corrects and deletes them.

mod form;

use axum::{
    Router,
    extract::State,
    response::{Redirect, Response},
    routing::get,
};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use web::{
    App, Chrome, Form, IfMatch, Path, Problem, Query,
    components::{self as c, Confirm, link_button, td},
};

use form::{Editor, Fields};

use super::{CorporateAction, CorporateActionId, Error, import_page, service, store};
use crate::instruments::{self, Instrument, InstrumentId};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/market/instruments/{id}/corporate-actions/new",
            get(new).post(create),
        )
        .route(
            "/market/corporate-actions/{id}/edit",
            get(edit).post(update),
        )
        .route(
            "/market/corporate-actions/{id}/delete",
            get(confirm).post(remove),
        )
        .merge(import_page::routes())
}

/// The part of the page of an instrument.
pub(crate) fn card(
    chrome: &Chrome,
    instrument: &Instrument,
    actions: &[CorporateAction],
    is_admin: bool,
) -> Markup {
    let add = format!(
        "/market/instruments/{}/corporate-actions/new",
        instrument.id
    );
    let head = html! { @if is_admin {
        (link_button("Add", &add, false))
        (link_button("Import a file", import_page::PATH, false))
    } };
    let body = html! {
        @if actions.is_empty() {
            p.hint { "No split, spin-off, merger or payment of " (instrument.symbol) " is known." }
        } @else {
            table.data.cards {
                caption.visually-hidden { "Corporate actions" }
                thead { tr {
                    (c::th("Ex-date")) (c::th("Type")) (c::th("Terms")) (c::th("Note"))
                    @if is_admin { (c::th("")) }
                } }
                tbody {
                    @for action in actions.iter().rev() { (row(chrome, action, is_admin)) }
                }
            }
        }
    };
    c::card_with("Corporate actions", head, body)
}

fn row(chrome: &Chrome, action: &CorporateAction, is_admin: bool) -> Markup {
    let terms = &action.terms;
    html! {
        tr {
            (td("Ex-date", html! {
                (c::date(chrome, terms.ex_date))
                @if let Some(day) = terms.pay_date { span.hint { " paid " (c::date(chrome, day)) } }
            }))
            (td("Type", html! { (action.label()) }))
            (td("Terms", html! { (action.terms_text()) }))
            (td("Note", html! { (action.note) }))
            @if is_admin {
                td.row-actions {
                    a href=(format!("/market/corporate-actions/{}/edit", action.id)) { "Edit" } " "
                    a href=(format!("/market/corporate-actions/{}/delete", action.id)) { "Delete" }
                }
            }
        }
    }
}

async fn new(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    // What a doubtful price proposes; nothing is stated until the form is sent.
    Query(proposed): Query<Fields>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = instruments::store::require(tx.conn(), id).await?;
    let editor = Editor::adding(&viewer.chrome, &instrument);
    Ok(editor.form(&proposed, &[]))
}

async fn create(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = instruments::store::require(tx.conn(), id).await?;
    drop(tx);
    let outcome = match fields.body(id) {
        Ok(body) => service::state(&app.db, &body).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    Editor::adding(&viewer.chrome, &instrument).answer(outcome, &fields)
}

async fn edit(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<CorporateActionId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let action = store::require(tx.conn(), id).await?;
    let instrument = instruments::store::require(tx.conn(), action.instrument_id).await?;
    let editor = Editor::correcting(&viewer.chrome, &instrument, id);
    Ok(editor.form(&Fields::from(&action), &[]))
}

async fn update(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<CorporateActionId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let stored = store::require(tx.conn(), id).await?;
    let instrument = instruments::store::require(tx.conn(), stored.instrument_id).await?;
    drop(tx);
    let outcome = match fields.body(stored.instrument_id) {
        Ok(body) => service::correct(&app.db, id, fields.opened(), &body).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    Editor::correcting(&viewer.chrome, &instrument, id).answer(outcome, &fields)
}

async fn confirm(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<CorporateActionId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let action = store::require(tx.conn(), id).await?;
    let kind = action.label().to_lowercase();
    Ok(c::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Delete this corporate action?",
            text: html! {
                p {
                    "The " (kind) " of " strong { (action.symbol) } " on "
                    (c::date(&viewer.chrome, action.terms.ex_date)) " (" (action.terms_text())
                    ") is no longer proposed to anybody."
                }
                p { "Transactions that applied it stay as they are; their owners are told." }
            },
            action: &format!("/market/corporate-actions/{id}/delete"),
            verb: "Delete the corporate action",
            cancel_href: &format!("/market/instruments/{}", action.instrument_id),
        },
    ))
}

async fn remove(
    State(app): State<App>,
    _: Admin,
    _viewer: Viewer,
    Path(id): Path<CorporateActionId>,
) -> Result<Redirect, Problem> {
    let withdrawn = service::withdraw(&app.db, id, IfMatch(None)).await?;
    let home = format!("/market/instruments/{}", withdrawn.instrument_id);
    Ok(Redirect::to(&home))
}
