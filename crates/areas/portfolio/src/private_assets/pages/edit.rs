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
    App, FieldError, Form, Path, Problem,
    components::{self as ui, Confirm, Field, FieldKind},
};

use super::super::{
    Error, Kind, PrivateAsset,
    model::{DetailsBody, PrivateAssetBody},
    service, store,
};
use crate::{
    portfolios::{self, Portfolio, PortfolioId},
    transactions::{
        self,
        form::{field_error, number, optional, word},
    },
};

const TITLE: &str = "Add a property, private holding or debt";
const NEW: &str = "/portfolio/private-assets/new";
const LIST: &str = "/portfolio/private-assets";

/// Something private as typed; an edit shows its first fields only.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AssetForm {
    portfolio_id: String,
    name: String,
    kind: String,
    currency: String,
    value: String,
    valued_on: String,
    since: String,
    cost: String,
    note: String,
}

impl AssetForm {
    fn of(asset: &PrivateAsset) -> Self {
        Self {
            name: asset.name.clone(),
            kind: asset.kind.as_str().to_owned(),
            note: asset.note.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    fn note(&self) -> Option<String> {
        Some(self.note.clone()).filter(|note| !note.trim().is_empty())
    }

    fn body(&self) -> Result<PrivateAssetBody, Vec<FieldError>> {
        let mut errors = Vec::new();
        let day = "Give the date as year-month-day.";
        let portfolio_id: Option<PortfolioId> = word(
            &self.portfolio_id,
            "portfolio_id",
            "Choose a portfolio.",
            &mut errors,
        );
        let kind: Option<Kind> = word(&self.kind, "kind", "Choose a kind.", &mut errors);
        let value = number(&self.value, "value", &mut errors);
        if value.is_none() && self.value.trim().is_empty() {
            let detail = "State what it is worth, or what is owed.";
            errors.push(field_error("value", "missing_field", detail));
        }
        let since: Option<Date> = word(&self.since, "since", day, &mut errors);
        let valued_on: Option<Date> = optional(&self.valued_on, "valued_on", day, &mut errors);
        let cost = number(&self.cost, "cost", &mut errors);
        match (portfolio_id, kind, value, since) {
            (Some(portfolio_id), Some(kind), Some(value), Some(since)) if errors.is_empty() => {
                Ok(PrivateAssetBody {
                    portfolio_id,
                    name: self.name.clone(),
                    kind,
                    currency: Some(self.currency.clone()),
                    value,
                    valued_on,
                    since,
                    cost,
                    note: self.note(),
                })
            }
            _ => Err(errors),
        }
    }

    fn details(&self) -> Result<DetailsBody, Vec<FieldError>> {
        let mut errors = Vec::new();
        let kind: Option<Kind> = word(&self.kind, "kind", "Choose a kind.", &mut errors);
        let kind = kind.ok_or(errors)?;
        Ok(DetailsBody {
            name: self.name.clone(),
            kind,
            note: self.note(),
        })
    }
}

pub(super) async fn new(State(app): State<App>, viewer: Viewer) -> Result<Markup, Problem> {
    let portfolios = crate::scope::portfolios(&app, viewer.user_id).await?;
    let first = portfolios.iter().find(|portfolio| !portfolio.is_simulated);
    let form = AssetForm {
        portfolio_id: first.map_or_else(String::new, |portfolio| portfolio.id.0.to_string()),
        currency: first.map_or_else(
            || viewer.preferences.base_currency.to_string(),
            |portfolio| portfolio.currency.to_string(),
        ),
        kind: Kind::Property.as_str().to_owned(),
        ..AssetForm::default()
    };
    Ok(editor(&viewer, &portfolios, &form, &[]))
}

pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Form(form): Form<AssetForm>,
) -> Result<Response, Problem> {
    let outcome = async {
        let body = form.body().map_err(Error::Invalid)?;
        let mut tx = app.db.write(viewer.user_id).await?;
        let id = service::create(&app, &mut tx, viewer.user_id, &body, viewer.today).await?;
        tx.commit().await?;
        Ok::<_, Error>(id)
    };
    match outcome.await {
        Ok(id) => Ok(Redirect::to(&format!("{LIST}/{id}")).into_response()),
        Err(error) => {
            let errors = fields(error)?;
            let portfolios = crate::scope::portfolios(&app, viewer.user_id).await?;
            let page = editor(&viewer, &portfolios, &form, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// What the form shows beside its fields; anything else is a problem of its own.
fn fields(error: Error) -> Result<Vec<FieldError>, Problem> {
    match error {
        Error::Invalid(errors) | Error::Transaction(transactions::Error::Invalid(errors)) => {
            Ok(errors)
        }
        Error::Transaction(transactions::Error::Portfolio(portfolios::Error::NotFound)) => {
            let detail = "Choose one of your portfolios.";
            Ok(vec![field_error(
                "portfolio_id",
                "unknown_portfolio",
                detail,
            )])
        }
        Error::NameTaken { .. } => {
            let detail = "You have something private of this name already.";
            Ok(vec![field_error("name", "name_taken", detail)])
        }
        other => Err(other.into()),
    }
}

fn field<'a>(
    errors: &'a [FieldError],
    (label, name): (&'a str, &'a str),
    value: &'a str,
    hint: &'a str,
) -> Field<'a> {
    Field {
        label,
        name,
        value,
        hint: Some(hint).filter(|hint| !hint.is_empty()),
        required: true,
        error: ui::error_of(errors, name),
        ..Field::default()
    }
}

fn optional_field(field: Field<'_>) -> Field<'_> {
    Field {
        required: false,
        ..field
    }
}

fn editor(
    viewer: &Viewer,
    portfolios: &[Portfolio],
    form: &AssetForm,
    errors: &[FieldError],
) -> Markup {
    let chrome = &viewer.chrome;
    let of = |label, value, hint| field(errors, label, value, hint);
    let choices: Vec<(String, &str)> = portfolios
        .iter()
        .map(|portfolio| (portfolio.id.0.to_string(), portfolio.name.as_str()))
        .collect();
    let choices: Vec<(&str, &str)> = choices
        .iter()
        .map(|(id, name)| (id.as_str(), *name))
        .collect();
    let kinds = Kind::ALL.map(|kind| (kind.as_str(), kind.label()));
    let main = html! {
        (ui::breadcrumb(&[("Property, private holdings and debts", LIST)], TITLE))
        (ui::page_head(TITLE, html! {}))
        p.lead { "Only you see its name and its values." }
        @if portfolios.is_empty() {
            (ui::empty_state("No portfolio yet", "It belongs to a portfolio, like everything you hold.", ("New portfolio", "/portfolio/portfolios/new"), None))
        } @else {
            form.card method="post" action=(NEW) {
                (ui::csrf_field(chrome))
                (ui::form_errors(errors))
                div.fields {
                    (ui::text_field(&of(("Name", "name"), &form.name, "As you call it: Flat in Lisbon, Mortgage.")))
                    (ui::select_field(&of(("Kind", "kind"), &form.kind, ""), &kinds))
                    (ui::select_field(&of(("Portfolio", "portfolio_id"), &form.portfolio_id, ""), &choices))
                    (ui::text_field(&optional_field(of(("Currency", "currency"), &form.currency, "The currency of its values; the portfolio's when empty."))))
                    (ui::text_field(&Field { kind: FieldKind::Decimal, ..of(("Value, or amount owed", "value"), &form.value, "A debt is stated as a positive amount.") }))
                    (ui::text_field(&Field { kind: FieldKind::Date, ..optional_field(of(("Day of that value", "valued_on"), &form.valued_on, "Today when empty and a cost is given; without a cost the day from which on you have it.")) }))
                    (ui::text_field(&Field { kind: FieldKind::Date, ..of(("Since", "since"), &form.since, "When you bought it, or borrowed the money.") }))
                    (ui::text_field(&Field { kind: FieldKind::Decimal, ..optional_field(of(("Cost, or amount borrowed", "cost"), &form.cost, "What it cost on that day; the value when empty.")) }))
                }
                (ui::text_area(&optional_field(of(("Note", "note"), &form.note, "")), 2))
                div.actions { (ui::submit("Save")) (ui::link_button("Cancel", LIST, false)) }
            }
        }
    };
    web::page(chrome, TITLE, main)
}

pub(super) async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    Ok(details(&viewer, &asset, &AssetForm::of(&asset), &[]))
}

pub(super) async fn update(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Form(form): Form<AssetForm>,
) -> Result<Response, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    let asset = store::lock(&mut tx, id).await?;
    let outcome = async {
        let body = form.details().map_err(Error::Invalid)?;
        let details = body.read(&asset).map_err(Error::Invalid)?;
        store::update(&mut tx, id, &details).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    match outcome.await {
        Ok(()) => Ok(Redirect::to(&format!("{LIST}/{id}")).into_response()),
        Err(error) => {
            let page = details(&viewer, &asset, &form, &fields(error)?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn details(
    viewer: &Viewer,
    asset: &PrivateAsset,
    form: &AssetForm,
    errors: &[FieldError],
) -> Markup {
    let chrome = &viewer.chrome;
    let href = format!("{LIST}/{}", asset.instrument_id);
    let of = |label, value, hint| field(errors, label, value, hint);
    let kinds: Vec<(&str, &str)> = Kind::ALL
        .into_iter()
        .filter(|kind| kind.is_owed() == asset.kind.is_owed())
        .map(|kind| (kind.as_str(), kind.label()))
        .collect();
    let title = format!("Edit {}", asset.name);
    web::page(
        chrome,
        &title,
        html! {
            (ui::breadcrumb(&[("Property, private holdings and debts", LIST), (&asset.name, &href)], "Edit"))
            (ui::page_head(&title, html! {}))
            form.card method="post" action=(format!("{href}/edit")) {
                (ui::csrf_field(chrome))
                (ui::form_errors(errors))
                div.fields {
                    (ui::text_field(&of(("Name", "name"), &form.name, "")))
                    (ui::select_field(&of(("Kind", "kind"), &form.kind, ""), &kinds))
                }
                (ui::text_area(&optional_field(of(("Note", "note"), &form.note, "")), 2))
                div.actions { (ui::submit("Save")) (ui::link_button("Cancel", &href, false)) }
            }
        },
    )
}

pub(super) async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    Ok(ui::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Delete it?",
            text: html! {
                p {
                    strong { (asset.name) } " is deleted with all its values and with every transaction in it. "
                    "What was known until now stays in your history: figures as known on an earlier day "
                    "still count it, and restoring one of its deleted transactions brings it back."
                }
                p { a href=(format!("{LIST}/{id}/forget")) { "Forget it with its history instead" } }
            },
            action: &format!("{LIST}/{id}/delete"),
            verb: "Delete it",
            cancel_href: &format!("{LIST}/{id}"),
        },
    ))
}

pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    service::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Redirect::to(LIST))
}

/// Asks before history goes, of something that is deleted already as well.
pub(super) async fn confirm_forgetting(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require_with_deleted(&mut tx, id).await?;
    Ok(ui::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Forget it with its history?",
            text: html! { p {
                strong { (asset.name) } " is erased with all its values, with every transaction in it and "
                "with every former version of them. Figures as known on an earlier day will change, and "
                "nothing will tell why. This cannot be undone."
            } },
            action: &format!("{LIST}/{id}/forget"),
            verb: "Forget it for good",
            cancel_href: LIST,
        },
    ))
}

pub(super) async fn forget(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Redirect, Problem> {
    service::forget(&app, viewer.user_id, id).await?;
    Ok(Redirect::to(LIST))
}
