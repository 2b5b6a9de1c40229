use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use identity::Viewer;
use jiff::civil::Date;
use market::InstrumentId;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, FieldError, Form, Path, Problem, Query,
    components::{self as ui, Confirm, Field, FieldKind, PriceSeries},
};

use super::super::{Appraisal, Error, PrivateAsset, service, store};
use crate::transactions::form::{field_error, number, word};

/// Which value is to be changed, if one is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default, deserialize_with = "crate::scope::empty_is_none")]
    on: Option<Date>,
}

/// A value as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AppraisalForm {
    date: String,
    price: String,
}

pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Query(chosen): Query<Chosen>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    let values = store::list_appraisals(&mut tx, id).await?;
    drop(tx);
    let former = values
        .iter()
        .find(|value| chosen.on == Some(value.date))
        .map(|value| value.price.to_string());
    let form = AppraisalForm {
        date: chosen.on.unwrap_or(viewer.today).to_string(),
        price: former.unwrap_or_default(),
    };
    Ok(page(&viewer, &asset, &values, &form, &[]))
}

/// States a value, or replaces that of the day.
pub(super) async fn appraise(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Form(form): Form<AppraisalForm>,
) -> Result<Response, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    let asset = store::lock(&mut tx, id).await?;
    match read(&form, viewer.today) {
        Ok(appraisal) => {
            store::upsert_appraisal(&mut tx, viewer.user_id, id, appraisal).await?;
            tx.commit().await?;
            Ok(Redirect::to(&href(id)).into_response())
        }
        Err(errors) => {
            let values = store::list_appraisals(&mut tx, id).await?;
            let page = page(&viewer, &asset, &values, &form, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn read(form: &AppraisalForm, today: Date) -> Result<Appraisal, Vec<FieldError>> {
    let mut errors = Vec::new();
    let detail = "Give the date as year-month-day.";
    let date: Option<Date> = word(&form.date, "date", detail, &mut errors);
    let price = number(&form.price, "price", &mut errors);
    if let (Some(date), Some(price)) = (date, price) {
        return Appraisal::new(date, price, today);
    }
    if errors.is_empty() {
        let detail = "State the value of that day.";
        errors.push(field_error("price", "missing_field", detail));
    }
    Err(errors)
}

fn href(id: InstrumentId) -> String {
    format!("/portfolio/private-assets/{id}")
}

fn page(
    viewer: &Viewer,
    asset: &PrivateAsset,
    values: &[Appraisal],
    form: &AppraisalForm,
    errors: &[FieldError],
) -> Markup {
    let chrome = &viewer.chrome;
    let id = asset.instrument_id;
    let word = if asset.kind.is_owed() {
        "Amount owed"
    } else {
        "Value"
    };
    let points = service::points(values);
    let series = PriceSeries {
        dates: points.iter().map(|(day, _)| *day).collect(),
        close: points.iter().map(|(_, close)| *close).collect(),
        currency: asset.currency,
        marks: Vec::new(),
        table_href: None,
    };
    let field = |label, name, value, kind, hint| Field {
        label,
        name,
        value,
        kind,
        hint,
        required: true,
        error: ui::error_of(errors, name),
        ..Field::default()
    };
    let main = html! {
        (ui::breadcrumb(&[("Property, private holdings and debts", "/portfolio/private-assets")], &asset.name))
        (ui::page_head_with(&asset.name, ui::badge(asset.kind.label()), html! {
            (ui::link_button("Holding", &format!("/portfolio/holdings/{id}"), false))
            (ui::link_button("Edit", &format!("{}/edit", href(id)), false))
            (ui::link_button("Delete", &format!("{}/delete", href(id)), false))
        }))
        @if let Some(note) = &asset.note { p.lead { (note) } }
        @if points.len() > 1 { (ui::card(word, ui::price_chart(chrome, "value", &series))) }
        (ui::card("State a value", html! {
            form method="post" action=(href(id)) {
                (ui::csrf_field(chrome))
                (ui::form_errors(errors))
                div.fields {
                    (ui::text_field(&field("Day", "date", &form.date, FieldKind::Date, Some("A value of the same day is replaced."))))
                    (ui::text_field(&field(word, "price", &form.price, FieldKind::Decimal, Some(hint(asset)))))
                }
                div.actions { (ui::submit("Save")) }
            }
            @if asset.kind.is_owed() {
                p.hint {
                    a href=(repayment_href(asset)) { "Record a repayment" }
                    " as returned capital with a negative amount, then state here what is still owed: "
                    "what is paid back is no gain."
                }
            }
        }))
        (ui::card("Values", table(viewer, asset, values, word)))
    };
    web::page(chrome, &asset.name, main)
}

fn repayment_href(asset: &PrivateAsset) -> String {
    let mut query = web::QueryString::new();
    query.push("type", Some("return_of_capital"));
    query.push("symbol", Some(&asset.name));
    format!("/portfolio/transactions/new{}", query.finish())
}

fn hint(asset: &PrivateAsset) -> &'static str {
    if asset.kind.is_owed() {
        "What is still owed on that day, as a positive amount."
    } else {
        "Of the whole, on that day."
    }
}

fn table(viewer: &Viewer, asset: &PrivateAsset, values: &[Appraisal], word: &str) -> Markup {
    let chrome = &viewer.chrome;
    let href = href(asset.instrument_id);
    html! {
        @if values.is_empty() {
            p.hint { "No value was stated, so it counts at its cost." }
        } @else {
            table.data.cards {
                caption.visually-hidden { "Stated values, the newest first" }
                thead { tr { (ui::th("Day")) (ui::th_num(word)) (ui::th("")) } }
                tbody {
                    @for value in values.iter().rev() {
                        tr {
                            (ui::td("Day", ui::date(chrome, value.date)))
                            (ui::td_num(word, ui::amount(chrome, value.price, asset.currency)))
                            td.row-actions {
                                a href=(format!("{href}?on={}", value.date)) { "Edit" } " "
                                a href=(format!("{href}/appraisals/{}/delete", value.date)) { "Delete" }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, date)): Path<(InstrumentId, Date)>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    let values = store::list_appraisals(&mut tx, id).await?;
    let value = values
        .iter()
        .find(|value| value.date == date)
        .ok_or(Error::NoAppraisal)?;
    let chrome = &viewer.chrome;
    Ok(ui::confirm_page(
        chrome,
        &Confirm {
            title: "Delete this value?",
            text: html! { p {
                strong { (asset.name) } " " (ui::date(chrome, date)) ": "
                (ui::amount(chrome, value.price, asset.currency))
                ". The value before it counts from that day on."
            } },
            action: &format!("{}/appraisals/{date}/delete", href(id)),
            verb: "Delete the value",
            cancel_href: &href(id),
        },
    ))
}

pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, date)): Path<(InstrumentId, Date)>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::delete_appraisal(&mut tx, id, date).await?;
    tx.commit().await?;
    Ok(Redirect::to(&href(id)))
}
