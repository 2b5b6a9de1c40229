use axum::{
    Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use identity::Viewer;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use web::{
    App, Chrome, PageQuery, Path, Problem, Query,
    components::{self as ui},
};

use super::{
    model::{DeletedView, EndView, FieldChange, HistoryView, Operation, VersionView},
    service,
};
use crate::{
    portfolios::{Portfolio, PortfolioId},
    scope::{self, Scope, empty_is_none},
    transactions::{TransactionId, TransactionView, pages::kind_label},
};

const DELETED: &str = "/portfolio/transactions/deleted";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route(DELETED, get(deleted))
        .route("/portfolio/transactions/{id}/history", get(show))
        .route("/portfolio/transactions/{id}/restore", post(restore))
}

#[derive(Debug, Default, Deserialize)]
struct DeletedQuery {
    #[serde(default, deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    #[serde(default, deserialize_with = "empty_is_none")]
    known_on: Option<Date>,
    cursor: Option<String>,
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<TransactionId>,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let history = service::history(&app, viewer.user_id, id, scope.known_on).await?;
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let chrome = &viewer.chrome;
    let title = "History of a transaction";
    let gone = if scope.known_on.is_some() {
        "deleted then"
    } else {
        "deleted"
    };
    let main = html! {
        (ui::breadcrumb(&[("Transactions", "/portfolio/transactions")], "History"))
        (ui::page_head_with(title, html! { @if history.is_deleted { (ui::badge(gone)) } }, html! {
            @if !history.is_deleted && scope.known_on.is_none() {
                (ui::link_button("Edit", &format!("/portfolio/transactions/{}/edit", id.0), false))
            }
        }))
        @if scope.known_on.is_some() { (scope.knowledge(&format!("/portfolio/transactions/{}/history", id.0), &[])) }
        @if let Some(latest) = history.versions.first() {
            @let heading = match (history.is_deleted, scope.known_on.is_some()) {
                (true, _) => "As it last was",
                (false, true) => "As it was then",
                (false, false) => "As it is now",
            };
            (ui::card(heading, html! {
                p { (sentence(chrome, &latest.transaction)) }
                @if history.is_deleted && scope.known_on.is_none() { (restore_form(chrome, id)) }
            }))
        }
        (ui::card("What happened to it, the latest first", events(&viewer, &history, &portfolios)))
    };
    Ok(web::page(chrome, title, main))
}

/// A transaction in one line.
pub(crate) fn sentence(chrome: &Chrome, view: &TransactionView) -> Markup {
    html! {
        (ui::badge(kind_label(view.kind))) " "
        (ui::date(chrome, view.date)) " "
        @if let Some(symbol) = &view.symbol { strong { (symbol) } " " }
        @if let Some(quantity) = view.quantity { (ui::quantity(chrome, quantity)) " " }
        @if let Some(price) = view.price { "at " (ui::price(chrome, price, view.currency)) " " }
        @if !view.amount.is_zero() { "for " (ui::amount(chrome, view.amount, view.currency)) }
    }
}

fn restore_form(chrome: &Chrome, id: TransactionId) -> Markup {
    html! {
        form method="post" action=(format!("/portfolio/transactions/{}/restore", id.0)) {
            (ui::csrf_field(chrome))
            (ui::submit_quiet("Restore"))
        }
    }
}

fn events(viewer: &Viewer, history: &HistoryView, portfolios: &[Portfolio]) -> Markup {
    html! {
        div.table-scroll role="region" aria-label="What happened" tabindex="0" {
            table.data.cards {
                caption.visually-hidden { "Every change of this transaction, the latest first" }
                thead { tr {
                    (ui::th("When")) (ui::th("Who")) (ui::th("What")) (ui::th("Field"))
                    (ui::th("Was")) (ui::th("Became"))
                } }
                tbody {
                    @for (at, version) in history.versions.iter().enumerate() {
                        @if let Some(ended) = &version.ended { (change_rows(viewer, ended, portfolios)) }
                        (beginning(viewer, version, history.versions.get(at + 1)))
                    }
                }
            }
        }
    }
}

/// How a version began, where no edit tells it: recorded, imported or restored.
fn beginning(viewer: &Viewer, version: &VersionView, before: Option<&VersionView>) -> Markup {
    let operation = before
        .and_then(|before| before.ended.as_ref())
        .map(|ended| ended.operation);
    let word = match operation {
        Some(Operation::Update) => return html! {},
        Some(Operation::Delete) => "Restored",
        None if version.transaction.import_id.is_some() => "Imported",
        None => "Recorded",
    };
    html! {
        tr {
            (ui::td("When", ui::instant(&viewer.chrome, version.known_from)))
            (ui::td("Who", html! { (who(viewer, Some(viewer.user_id.0))) }))
            (ui::td("What", html! {
                (ui::badge(word))
                @if let (None, Some(import)) = (operation, version.transaction.import_id) {
                    " " a href=(format!("/portfolio/imports/{import}")) { "Import" }
                }
            }))
            td {} (ui::td("Was", html! {})) (ui::td("Became", sentence(&viewer.chrome, &version.transaction)))
        }
    }
}

fn change_rows(viewer: &Viewer, ended: &EndView, portfolios: &[Portfolio]) -> Markup {
    let rows = ended.changes.len().max(1);
    html! {
        @for at in 0..rows {
            @let change = ended.changes.get(at);
            tr {
                (ui::td("When", html! { @if at == 0 { (ui::instant(&viewer.chrome, ended.at)) } }))
                (ui::td("Who", html! { @if at == 0 { (who(viewer, ended.changed_by)) } }))
                (ui::td("What", html! { @if at == 0 {
                    (ui::badge(match ended.operation { Operation::Update => "Edited", Operation::Delete => "Deleted" }))
                    " " span.hint { (ended.cause.label()) }
                } }))
                @if let Some(change) = change {
                    (ui::td("Field", html! { (field_label(change)) }))
                    (ui::td("Was", html! { (text(&change.from, portfolios)) }))
                    (ui::td("Became", html! { (text(&change.to, portfolios)) }))
                } @else {
                    (ui::td("Field", html! { @if ended.operation == Operation::Update { span.hint { "stored again without a difference" } } }))
                    (ui::td("Was", html! {})) (ui::td("Became", html! {}))
                }
            }
        }
    }
}

fn field_label(change: &FieldChange) -> String {
    match change.field.as_str() {
        "portfolio_id" => "portfolio".to_owned(),
        "target_instrument_id" => "received instrument".to_owned(),
        "instrument_id" => "instrument".to_owned(),
        field => field.replace('_', " "),
    }
}

/// A value of a field for people.
fn text(value: &Value, portfolios: &[Portfolio]) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => portfolios
            .iter()
            .find(|portfolio| portfolio.id.0.to_string() == *text)
            .map_or_else(|| text.clone(), |portfolio| portfolio.name.clone()),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        other => other.to_string(),
    }
}

fn who(viewer: &Viewer, person: Option<Uuid>) -> &'static str {
    match person {
        Some(id) if id == viewer.user_id.0 => "you",
        Some(_) => "somebody else",
        None => "the system",
    }
}

async fn deleted(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<DeletedQuery>,
) -> Result<Markup, Problem> {
    let page = PageQuery {
        cursor: query.cursor.clone(),
        limit: None,
    };
    let scope = Scope::known(query.portfolio, query.known_on);
    let rows = service::deleted(&app, viewer.user_id, &scope, &page).await?;
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let next = rows
        .next_cursor
        .as_ref()
        .map(|cursor| scope.href_with(DELETED, None, &[("cursor", cursor.clone())]));
    let main = html! {
        (ui::breadcrumb(&[("Transactions", "/portfolio/transactions")], "Deleted"))
        (ui::page_head("Deleted transactions", html! {}))
        (scope.selector(DELETED, &portfolios, &[]))
        @if rows.items.is_empty() {
            (ui::empty_state(
                if scope.known_on.is_some() { "Nothing was deleted then" } else { "Nothing is deleted" },
                "What you delete stays here and can be brought back as it was.",
                ("All transactions", "/portfolio/transactions"),
                None,
            ))
        } @else {
            (ui::card("The latest deletion first", html! {
                (deleted_table(&viewer, &rows.items, &portfolios, &scope))
                (ui::pagination(next.as_deref()))
            }))
        }
    };
    Ok(web::page(&viewer.chrome, "Deleted transactions", main))
}

/// What is deleted now can be restored; what was deleted on another day is only shown.
fn deleted_table(
    viewer: &Viewer,
    rows: &[DeletedView],
    portfolios: &[Portfolio],
    scope: &Scope,
) -> Markup {
    let chrome = &viewer.chrome;
    let name = |id: PortfolioId| {
        let found = portfolios.iter().find(|portfolio| portfolio.id == id);
        found.map_or("", |portfolio| portfolio.name.as_str())
    };
    html! {
        div.table-scroll role="region" aria-label="Deleted transactions" tabindex="0" {
            table.data.cards {
                caption.visually-hidden { "Deleted transactions, the latest deletion first" }
                thead { tr {
                    (ui::th("Deleted")) (ui::th("Who")) (ui::th("Why")) (ui::th("Transaction"))
                    (ui::th("Portfolio")) (ui::th(""))
                } }
                tbody {
                    @for row in rows {
                        tr {
                            (ui::td("Deleted", ui::instant(chrome, row.deleted_at)))
                            (ui::td("Who", html! { (who(viewer, row.deleted_by)) }))
                            (ui::td("Why", html! { (row.cause.label()) }))
                            (ui::td("Transaction", sentence(chrome, &row.transaction)))
                            (ui::td("Portfolio", html! { (name(row.transaction.portfolio_id)) }))
                            td.row-actions {
                                a href=(scope.history_href(row.transaction.id.0)) { "History" }
                                @if scope.known_on.is_none() { " " (restore_form(chrome, row.transaction.id)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

async fn restore(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<TransactionId>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    service::restore(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!(
        "/portfolio/transactions/{}/history",
        id.0
    )))
}
