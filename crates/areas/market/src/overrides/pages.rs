//! The page of an instrument's corrected prices: closes that persons stated, the form by which an
//! administrator states another, and what bars were before.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use identity::{Admin, SignedIn, Viewer};
use jiff::{Timestamp, civil::Date};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Path, Problem, Query,
    components::{
        self as c, Column, DataTable, Field, FieldKind, card, csrf_field, data_table, error_of,
        form_errors, link_button, submit, submit_quiet, td, td_num, text_field,
    },
    page,
};

use super::{Author, Change, Error, FormerBar, Override};
use crate::{
    InstrumentId,
    instruments::{self, Instrument, pages::price},
    stated_by,
};

/// Changes and corrections that are shown.
const HISTORY: i64 = 100;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/market/instruments/{id}/overrides", get(show).post(put))
        .route(
            "/market/instruments/{id}/overrides/{date}/withdraw",
            post(withdraw),
        )
}

/// The fields of the form as texts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    date: String,
    close: String,
    reason: String,
}

impl Fields {
    fn read(&self, now: Timestamp) -> Result<Override, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, code: &str, detail: &str| {
            errors.push(FieldError {
                pointer: pointer.to_owned(),
                code: code.to_owned(),
                detail: detail.to_owned(),
            });
        };
        let date = self.date.trim().parse::<Date>();
        if date.is_err() {
            refuse("date", "unparsable_date", "Write the day like 2025-06-30.");
        }
        let close = self.close.trim().parse::<f64>();
        if close.is_err() {
            refuse("close", "unparsable_number", "Write the close like 102.25.");
        }
        match (date, close) {
            (Ok(date), Ok(close)) => Ok(Override {
                date,
                close,
                reason: self.reason.trim().to_owned(),
                stated_at: now,
            }),
            _ => Err(errors),
        }
    }
}

struct View<'v> {
    chrome: &'v Chrome,
    is_admin: bool,
    instrument: &'v Instrument,
    stated: &'v [Override],
    changes: &'v [Change],
    history: &'v [FormerBar],
}

fn home(id: InstrumentId) -> String {
    format!("/market/instruments/{id}/overrides")
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
    // The day that a doubtful price is about.
    Query(proposed): Query<Fields>,
) -> Result<Markup, Problem> {
    render(&app, &viewer, who, id, &proposed, &[]).await
}

async fn put(
    State(app): State<App>,
    admin: Admin,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let outcome = match fields.read(now) {
        Ok(stated) => super::put(&app.db, id, &stated, admin.user_id, now).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match outcome {
        Ok(()) => Ok(Redirect::to(&home(id)).into_response()),
        Err(Error::Invalid(errors)) => {
            let who = SignedIn {
                user_id: admin.user_id,
                is_admin: true,
            };
            let form = render(&app, &viewer, who, id, &fields, &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn withdraw(
    State(app): State<App>,
    admin: Admin,
    Path((id, date)): Path<(InstrumentId, Date)>,
) -> Result<Redirect, Problem> {
    super::withdraw(&app.db, id, date, admin.user_id, app.clock.now()).await?;
    Ok(Redirect::to(&home(id)))
}

async fn render(
    app: &App,
    viewer: &Viewer,
    who: SignedIn,
    id: InstrumentId,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = instruments::store::require(tx.conn(), id).await?;
    let stated = super::list(tx.conn(), id).await?;
    let history = super::history(tx.conn(), id, HISTORY).await?;
    drop(tx);
    let changes = super::changes(&app.db, id, who, HISTORY).await?;
    let view = View {
        chrome: &viewer.chrome,
        is_admin: who.is_admin,
        instrument: &instrument,
        stated: &stated,
        changes: &changes,
        history: &history,
    };
    let title = format!("Corrected prices of {}", instrument.symbol);
    let of = format!("/market/instruments/{id}");
    let trail = [
        ("Instruments", "/market/instruments"),
        (instrument.symbol.as_str(), of.as_str()),
    ];
    Ok(page(
        &viewer.chrome,
        &title,
        html! {
            (c::breadcrumb(&trail, "Corrected prices"))
            (c::page_head(&title, html! { (link_button("Back", &of, false)) }))
            (card("Closes stated against every source", stated_closes(&view)))
            @if who.is_admin { (card("State a close", form(&view, fields, errors))) }
            (card("Who stated and withdrew closes", changes_card(&view)))
            (card("What daily prices were before corrections", former(&view)))
        },
    ))
}

fn stated_closes(view: &View<'_>) -> Markup {
    if view.stated.is_empty() {
        return html! {
            p { "Nobody has stated a close of " (view.instrument.symbol) ": the sources have the say." }
        };
    }
    let mut columns = vec![
        Column::text("day", "Day").fixed(),
        Column::number("close", "Close").fixed(),
        Column::text("reason", "Reason").fixed(),
        Column::text("stated", "Stated").wide(),
    ];
    if view.is_admin {
        columns.push(Column::text("action", "Action").fixed());
    }
    let table = DataTable {
        id: "overrides",
        caption: "Closes stated against every source",
        columns: &columns,
        csv_href: None,
    };
    let quoted = view.instrument.quotation();
    let rows = html! {
        @for stated in view.stated {
            tr {
                (td("Day", c::date(view.chrome, stated.date)))
                (td_num("Close", price(view.chrome, stated.close, quoted)))
                (td("Reason", html! { (stated.reason) }))
                (td("Stated", c::instant(view.chrome, stated.stated_at)))
                @if view.is_admin {
                    (td("Action", html! {
                        form method="post"
                            action=(format!("{}/{}/withdraw", home(view.instrument.id), stated.date)) {
                            (csrf_field(view.chrome)) (submit_quiet("Withdraw"))
                        }
                    }))
                }
            }
        }
    };
    data_table(&table, rows, None)
}

fn form(view: &View<'_>, fields: &Fields, errors: &[FieldError]) -> Markup {
    let field = |label, name, value, kind, hint| Field {
        label,
        name,
        value,
        kind,
        hint: Some(hint),
        error: error_of(errors, name),
        required: true,
        ..Field::default()
    };
    html! {
        (form_errors(errors))
        form method="post" action=(home(view.instrument.id)) {
            (csrf_field(view.chrome))
            div.fields {
                (text_field(&field("Day", "date", &fields.date, FieldKind::Date, "The trading day.")))
                (text_field(&field("Close", "close", &fields.close, FieldKind::Decimal, "In the unit in which the instrument is quoted.")))
                (text_field(&field("Reason", "reason", &fields.reason, FieldKind::Text, "For whoever reads it later.")))
            }
            div.actions { (submit("State the close")) }
        }
    }
}

fn changes_card(view: &View<'_>) -> Markup {
    if view.changes.is_empty() {
        return html! { p { "Nobody has stated or withdrawn a close yet." } };
    }
    let columns = [
        Column::text("changed", "When").fixed(),
        Column::text("who", "Who").fixed(),
        Column::text("day", "Day").fixed(),
        Column::number("close", "Close").fixed(),
        Column::text("reason", "Reason").fixed(),
    ];
    let table = DataTable {
        id: "override-changes",
        caption: "Who stated and withdrew closes, the latest first",
        columns: &columns,
        csv_href: None,
    };
    let quoted = view.instrument.quotation();
    let rows = html! {
        @for change in view.changes {
            tr {
                (td("When", c::instant(view.chrome, change.changed_at)))
                (td("Who", author(&change.by)))
                (td("Day", c::date(view.chrome, change.date)))
                @match change.close {
                    Some(close) => (td_num("Close", price(view.chrome, close, quoted))),
                    None => (td_num("Close", html! { "withdrawn" })),
                }
                (td("Reason", html! { @if let Some(reason) = &change.reason { (reason) } }))
            }
        }
    };
    data_table(&table, rows, None)
}

/// Who made a change, in words.
fn author(by: &Author) -> Markup {
    html! {
        @match by {
            Author::You => "you",
            Author::Named(name) => (name),
            Author::Gone => "somebody who has left",
            Author::Administrator => "an administrator",
            Author::Unknown => (c::missing("it was not kept yet who did this")),
        }
    }
}

fn former(view: &View<'_>) -> Markup {
    if view.history.is_empty() {
        return html! { p { "No daily price has been corrected yet." } };
    }
    let columns = [
        Column::text("day", "Day").fixed(),
        Column::number("close", "Close before").fixed(),
        Column::text("source", "Stated by").fixed(),
        Column::number("after", "Close after").fixed(),
        Column::text("next", "Stated by").fixed(),
        Column::text("known", "Known since").wide(),
        Column::text("corrected", "Corrected").fixed(),
    ];
    let table = DataTable {
        id: "former-bars",
        caption: "What daily prices were before corrections, the latest first",
        columns: &columns,
        csv_href: None,
    };
    let quoted = view.instrument.quotation();
    let rows = html! {
        @for former in view.history {
            tr {
                (td("Day", c::date(view.chrome, former.date)))
                (td_num("Close before", closes(view.chrome, former.close, former.adjusted_close, quoted)))
                (td("Stated by", html! { (stated_by::label(&former.source)) }))
                @match &former.next {
                    Some(next) => {
                        (td_num("Close after", closes(view.chrome, next.close, next.adjusted_close, quoted)))
                        (td("Stated by", html! {
                            (stated_by::label(&next.source))
                            @if former.is_refused { small { ", which stood" } }
                        }))
                    }
                    None => {
                        (td_num("Close after", c::missing("the day has no price any more")))
                        (td("Stated by", html! {}))
                    }
                }
                (td("Known since", c::instant(view.chrome, former.observed_at)))
                (td("Corrected", c::instant(view.chrome, former.replaced_at)))
            }
        }
    };
    data_table(&table, rows, None)
}

/// A close, and below it what its source adjusted it to.
fn closes(
    chrome: &Chrome,
    close: f64,
    adjusted: Option<f64>,
    quoted: Option<money::Quotation>,
) -> Markup {
    html! {
        (price(chrome, close, quoted))
        @if let Some(adjusted) = adjusted.filter(|adjusted| (adjusted - close).abs() > f64::EPSILON) {
            br; small { "adjusted " (price(chrome, adjusted, quoted)) }
        }
    }
}
