use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use identity::Viewer;
use market::InstrumentId;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, FieldError, Form, IfMatch, Path, Problem, Query,
    components::{self as ui, Field, FieldKind},
};

use super::{
    super::{CustomInstrument, Error, Kind, PrivateAsset, service, store},
    LIST, NEW, ROOM,
    form::AssetForm,
};
use crate::portfolios::Portfolio;

/// Which form is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    kind: Kind,
}

pub(super) async fn new(
    State(app): State<App>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let portfolios = crate::scope::portfolios(&app, viewer.user_id).await?;
    let first = portfolios.iter().find(|portfolio| !portfolio.is_simulated);
    let form = AssetForm {
        portfolio_id: first.map_or_else(String::new, |portfolio| portfolio.id.0.to_string()),
        currency: first.map_or_else(
            || viewer.preferences.base_currency.to_string(),
            |portfolio| portfolio.currency.to_string(),
        ),
        kind: wanted.kind.as_str().to_owned(),
        ..AssetForm::default()
    };
    let form = form.with(&CustomInstrument::empty());
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
            let errors = form.errors(error)?;
            let portfolios = crate::scope::portfolios(&app, viewer.user_id).await?;
            let page = editor(&viewer, &portfolios, &form, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
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
    let is_instrument = form.kind().is_some_and(Kind::has_units);
    let title = if is_instrument {
        "Add a custom instrument"
    } else {
        "Add a property, private holding or debt"
    };
    let main = html! {
        (ui::breadcrumb(&[(ROOM, LIST)], title))
        (ui::page_head(title, html! {}))
        p.lead {
            "Only you see its name and its "
            @if is_instrument { "prices." } @else { "values." }
        }
        @if portfolios.is_empty() && !is_instrument {
            (ui::empty_state("No portfolio yet", "It belongs to a portfolio, like everything you hold.", ("New portfolio", "/portfolio/portfolios/new"), None))
        } @else {
            form.card method="post" action=(NEW) {
                (ui::csrf_field(chrome))
                (ui::form_errors(errors))
                @if is_instrument {
                    input type="hidden" name="kind" value=(form.kind);
                    (instrument_fields(form, errors))
                    (price_fields(form, errors))
                } @else {
                    (fields_of_one(portfolios, form, errors))
                }
                (ui::text_area(&optional_field(field(errors, ("Note", "note"), &form.note, "")), 2))
                div.actions { (ui::submit("Save")) (ui::link_button("Cancel", LIST, false)) }
            }
        }
    };
    web::page(chrome, title, main)
}

/// Of that of which there is one, with a value of the whole.
fn fields_of_one(portfolios: &[Portfolio], form: &AssetForm, errors: &[FieldError]) -> Markup {
    let of = |label, value, hint| field(errors, label, value, hint);
    let choices: Vec<(String, &str)> = portfolios
        .iter()
        .map(|portfolio| (portfolio.id.0.to_string(), portfolio.name.as_str()))
        .collect();
    let choices: Vec<(&str, &str)> = choices
        .iter()
        .map(|(id, name)| (id.as_str(), *name))
        .collect();
    let kinds: Vec<(&str, &str)> = Kind::ALL
        .into_iter()
        .filter(|kind| !kind.has_units())
        .map(|kind| (kind.as_str(), kind.label()))
        .collect();
    html! {
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
    }
}

/// What an instrument is, of a new one and of one that is there.
fn instrument_fields(form: &AssetForm, errors: &[FieldError]) -> Markup {
    let of = |label, value, hint| field(errors, label, value, hint);
    let text = |label, value, hint| ui::text_field(&optional_field(of(label, value, hint)));
    let classes = CustomInstrument::CLASSES.map(|class| (class.as_str(), class.label()));
    html! {
        div.fields {
            (ui::text_field(&of(("Symbol", "symbol"), &form.symbol, "What stands for it in your transactions and files, without spaces: WORLD-P.")))
            (ui::text_field(&of(("Name", "name"), &form.name, "")))
            (ui::select_field(&of(("Class", "asset_class"), &form.asset_class, ""), &classes))
            (text(("Sector", "sector"), &form.sector, ""))
            (text(("Industry", "industry"), &form.industry, ""))
            (text(("Country", "country"), &form.country, "Of domicile, by name or code: LU."))
            (text(("ISIN", "isin"), &form.isin, "If it has one: files that name it mean this instrument."))
        }
    }
}

/// What can be said of a new instrument alone.
fn price_fields(form: &AssetForm, errors: &[FieldError]) -> Markup {
    let of = |label, value, hint| field(errors, label, value, hint);
    html! {
        div.fields {
            (ui::text_field(&of(("Currency", "currency"), &form.currency, "Of its prices; it stays.")))
            (ui::text_field(&Field { kind: FieldKind::Decimal, ..optional_field(of(("Price of one unit", "value"), &form.value, "If you know one; more can follow, also from a file.")) }))
            (ui::text_field(&Field { kind: FieldKind::Date, ..optional_field(of(("Day of that price", "valued_on"), &form.valued_on, "Today when empty.")) }))
        }
    }
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
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    drop(tx);
    let outcome = async {
        let body = form.details().map_err(Error::Invalid)?;
        let mut tx = app.db.write(viewer.user_id).await?;
        let opened = IfMatch::of_form(&form.version);
        service::change(&mut tx, id, opened, &body).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    match outcome.await {
        Ok(()) => Ok(Redirect::to(&format!("{LIST}/{id}")).into_response()),
        Err(error) => {
            let page = details(&viewer, &asset, &form, &form.errors(error)?);
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
        .filter(|kind| kind.is_owed() == asset.kind.is_owed() && !kind.has_units())
        .map(|kind| (kind.as_str(), kind.label()))
        .collect();
    let title = format!("Edit {}", asset.word());
    web::page(
        chrome,
        &title,
        html! {
            (ui::breadcrumb(&[(ROOM, LIST), (asset.word(), &href)], "Edit"))
            (ui::page_head(&title, html! {}))
            form.card method="post" action=(format!("{href}/edit")) {
                (ui::csrf_field(chrome))
                input type="hidden" name="version" value=(form.version);
                (ui::form_errors(errors))
                @if asset.kind.has_units() {
                    input type="hidden" name="kind" value=(asset.kind.as_str());
                    (instrument_fields(form, errors))
                } @else {
                    div.fields {
                        (ui::text_field(&of(("Name", "name"), &form.name, "")))
                        (ui::select_field(&of(("Kind", "kind"), &form.kind, ""), &kinds))
                    }
                }
                (ui::text_area(&optional_field(of(("Note", "note"), &form.note, "")), 2))
                div.actions { (ui::submit("Save")) (ui::link_button("Cancel", &href, false)) }
            }
        },
    )
}
