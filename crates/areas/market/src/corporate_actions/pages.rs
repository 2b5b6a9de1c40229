//! The corporate actions of an instrument on its page, and the forms by which the owner states,
//! corrects and deletes them.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use identity::{Admin, Viewer};
use jiff::civil::Date;
use ledger::TransactionKind;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Path, Problem, Query,
    components::{
        self as c, Confirm, Field, FieldKind, csrf_field, error_of, form_errors, link_button,
        select_field, submit, td, text_field,
    },
    page,
};

use super::{
    CorporateAction, CorporateActionId, Error, KINDS, import_page,
    input::{self, CorporateActionBody},
    model::{label, ratio_text, refusal},
    store,
};
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

/// The fields of the form as texts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    r#type: String,
    ex_date: String,
    pay_date: String,
    ratio: String,
    target_symbol: String,
    cost_share: String,
    cash_per_share: String,
    currency: String,
    note: String,
}

impl From<&CorporateAction> for Fields {
    fn from(action: &CorporateAction) -> Self {
        let terms = &action.terms;
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            r#type: terms.kind.as_str().to_owned(),
            ex_date: terms.ex_date.to_string(),
            pay_date: text(terms.pay_date.map(|day| day.to_string())),
            ratio: text(terms.ratio.map(ratio_text)),
            target_symbol: text(action.target_symbol.clone()),
            cost_share: text(terms.cost_share.map(|share| share.to_string())),
            cash_per_share: text(terms.cash.map(|cash| cash.amount.to_string())),
            currency: text(terms.cash.map(|cash| cash.currency.to_string())),
            note: action.note.clone(),
        }
    }
}

impl Fields {
    fn body(&self, instrument: InstrumentId) -> Result<CorporateActionBody, Vec<FieldError>> {
        let mut errors = Vec::new();
        let kind = self.r#type.parse::<TransactionKind>().ok();
        if kind.is_none() {
            errors.push(refusal("type", "unknown_type", "Choose one of the types."));
        }
        let ex_date = day("ex_date", &self.ex_date, &mut errors);
        if self.ex_date.trim().is_empty() {
            errors.push(refusal("ex_date", "missing_field", "State the ex-date."));
        }
        let pay_date = day("pay_date", &self.pay_date, &mut errors);
        let cost_share = number("cost_share", &self.cost_share, &mut errors);
        let cash_per_share = number("cash_per_share", &self.cash_per_share, &mut errors);
        let (Some(kind), Some(ex_date), true) = (kind, ex_date, errors.is_empty()) else {
            return Err(errors);
        };
        Ok(CorporateActionBody {
            instrument_id: instrument,
            kind,
            ex_date,
            pay_date,
            ratio: Some(self.ratio.clone()),
            target_instrument_id: None,
            target_symbol: Some(self.target_symbol.clone()),
            cost_share,
            cash_per_share,
            currency: Some(self.currency.clone()),
            note: Some(self.note.clone()),
        })
    }
}

fn day(pointer: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Date> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = text.parse().ok();
    if day.is_none() {
        let detail = format!("{text} is no day: write it like 2025-06-30.");
        errors.push(refusal(pointer, "unparsable_date", detail));
    }
    day
}

fn number(pointer: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Decimal> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let number = text.parse().ok();
    if number.is_none() {
        let detail = format!("{text} is no number: write it like 0.25.");
        errors.push(refusal(pointer, "unparsable_number", detail));
    }
    number
}

/// What the form is about.
struct Editor<'e> {
    chrome: &'e Chrome,
    instrument: &'e Instrument,
    title: String,
    action: String,
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
    let mut tx = app.db.system("state a corporate action").await?;
    let instrument = instruments::store::require(tx.conn(), id).await?;
    let outcome = async {
        let body = fields.body(id).map_err(Error::Invalid)?;
        let new = input::read(tx.conn(), &body).await?;
        let action = super::create(&mut tx, &new).await?;
        super::note(&mut tx, action.id, new.instrument_id, &new.terms).await?;
        Ok(tx.commit().await?)
    };
    let outcome = outcome.await;
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
    let mut tx = app.db.system("correct a corporate action").await?;
    let stored = store::require_for_update(&mut tx, id).await?;
    let instrument = instruments::store::require(tx.conn(), stored.instrument_id).await?;
    let outcome = async {
        let mut body = fields.body(stored.instrument_id).map_err(Error::Invalid)?;
        // Symbols are not unique, so the one that was not touched means what it meant.
        if Some(fields.target_symbol.trim()) == stored.target_symbol.as_deref() {
            body.target_instrument_id = stored.terms.target_id;
        }
        let changed = input::read(tx.conn(), &body).await?;
        super::change(&mut tx, id, &changed).await?;
        super::note(&mut tx, id, changed.instrument_id, &changed.terms).await?;
        Ok(tx.commit().await?)
    };
    let outcome = outcome.await;
    Editor::correcting(&viewer.chrome, &instrument, id).answer(outcome, &fields)
}

impl<'e> Editor<'e> {
    fn adding(chrome: &'e Chrome, instrument: &'e Instrument) -> Self {
        Self {
            chrome,
            instrument,
            title: format!("Add a corporate action of {}", instrument.symbol),
            action: format!(
                "/market/instruments/{}/corporate-actions/new",
                instrument.id
            ),
        }
    }

    fn correcting(chrome: &'e Chrome, instrument: &'e Instrument, id: CorporateActionId) -> Self {
        Self {
            chrome,
            instrument,
            title: format!("Correct a corporate action of {}", instrument.symbol),
            action: format!("/market/corporate-actions/{id}/edit"),
        }
    }

    fn home(&self) -> String {
        format!("/market/instruments/{}", self.instrument.id)
    }

    /// Leads to the instrument, or shows the form again with what is wrong.
    fn answer(&self, outcome: Result<(), Error>, fields: &Fields) -> Result<Response, Problem> {
        let errors = match outcome {
            Ok(()) => return Ok(Redirect::to(&self.home()).into_response()),
            Err(Error::Invalid(errors)) => errors,
            Err(error @ Error::Taken { .. }) => {
                let problem = Problem::from(error);
                vec![refusal("ex_date", problem.code, problem.detail)]
            }
            Err(error) => return Err(error.into()),
        };
        let form = self.form(fields, &errors);
        Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, form).into_response())
    }

    fn form(&self, fields: &Fields, errors: &[FieldError]) -> Markup {
        let home = self.home();
        let trail = [
            ("Instruments", "/market/instruments"),
            (self.instrument.symbol.as_str(), home.as_str()),
        ];
        page(
            self.chrome,
            &self.title,
            html! {
                (c::breadcrumb(&trail, &self.title))
                (c::page_head(&self.title, html! {}))
                section.card {
                    (form_errors(errors))
                    form method="post" action=(self.action) {
                        (csrf_field(self.chrome))
                        div.fields { (inputs(fields, errors)) }
                        div.actions { (submit("Save")) (link_button("Cancel", &home, false)) }
                    }
                }
            },
        )
    }
}

fn inputs(fields: &Fields, errors: &[FieldError]) -> Markup {
    let kinds = KINDS.map(|kind| (kind.as_str(), label(kind)));
    let field = |label, name, value, kind, hint| Field {
        label,
        name,
        value,
        kind,
        hint: Some(hint),
        error: error_of(errors, name),
        ..Field::default()
    };
    let (plain, decimal) = (FieldKind::Text, FieldKind::Decimal);
    html! {
        (select_field(
            &Field { required: true, ..field("Type", "type", &fields.r#type, plain, "What happens to the shares.") },
            &kinds,
        ))
        (text_field(&Field {
            required: true,
            ..field("Ex-date", "ex_date", &fields.ex_date, FieldKind::Date, "The first day without what the action gives.")
        }))
        (text_field(&field("Ratio", "ratio", &fields.ratio, plain, "New shares for old, such as 4:1; of a spin-off, merger or stock dividend, shares received for shares held.")))
        (text_field(&field("Shares received", "target_symbol", &fields.target_symbol, plain, "Symbol of the other instrument, for spin-offs, mergers and symbol changes.")))
        (text_field(&field("Cost share", "cost_share", &fields.cost_share, decimal, "Part of the cost that goes with the shares received, 0 to 1.")))
        (text_field(&field("Cash per share", "cash_per_share", &fields.cash_per_share, decimal, "For dividends, returns of capital and mergers.")))
        (text_field(&field("Currency", "currency", &fields.currency, plain, "Of the cash; the instrument's unless given.")))
        (text_field(&field("Pay date", "pay_date", &fields.pay_date, FieldKind::Date, "When the cash arrives, where that is a later day.")))
        (text_field(&field("Note", "note", &fields.note, plain, "Free text.")))
    }
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
    let mut tx = app.db.system("delete a corporate action").await?;
    let stored = store::require_for_update(&mut tx, id).await?;
    store::withdraw(&mut tx, id).await?;
    crate::figures::outdate(&mut tx).await?;
    super::note(&mut tx, id, stored.instrument_id, &stored.terms).await?;
    tx.commit().await?;
    let home = format!("/market/instruments/{}", stored.instrument_id);
    Ok(Redirect::to(&home))
}
