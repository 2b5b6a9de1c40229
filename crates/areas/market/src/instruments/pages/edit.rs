use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Path, Problem, Query,
    components::{
        self as c, Field, csrf_field, error_of, form_errors, link_button, select_field, submit,
        text_field,
    },
    page,
};

use crate::instruments::{
    self, AssetClass, Error, Instrument, InstrumentId, NewInstrument,
    input::{Change, InstrumentBody, InstrumentPatch},
    store,
};

/// The fields of the form as texts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    symbol: String,
    exchange: String,
    name: String,
    asset_class: String,
    currency: String,
    sector: String,
    country: String,
    isin: String,
}

impl From<&Instrument> for Fields {
    fn from(instrument: &Instrument) -> Self {
        Self {
            symbol: instrument.symbol.clone(),
            exchange: instrument.exchange.clone(),
            name: instrument.name.clone(),
            asset_class: instrument.asset_class.as_str().to_owned(),
            currency: instrument
                .quotation()
                .map(|quotation| quotation.to_string())
                .unwrap_or_default(),
            sector: instrument.sector.clone().unwrap_or_default(),
            country: instrument.country.clone().unwrap_or_default(),
            isin: instrument.isin.clone().unwrap_or_default(),
        }
    }
}

impl From<Fields> for InstrumentBody {
    fn from(fields: Fields) -> Self {
        Self {
            symbol: fields.symbol,
            exchange: Some(fields.exchange),
            name: Some(fields.name),
            asset_class: AssetClass::parse(&fields.asset_class).unwrap_or_default(),
            currency: Some(fields.currency),
            sector: Some(fields.sector),
            country: Some(fields.country),
            isin: Some(fields.isin),
        }
    }
}

impl From<Fields> for InstrumentPatch {
    fn from(fields: Fields) -> Self {
        Self {
            name: Some(fields.name),
            asset_class: AssetClass::parse(&fields.asset_class),
            currency: Change::To(Some(fields.currency)),
            sector: Change::To(Some(fields.sector)),
            country: Change::To(Some(fields.country)),
            isin: Change::To(Some(fields.isin)),
        }
    }
}

/// What the form is opened with instead of what is stored: the repair of a doubtful price.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Proposed {
    currency: Option<String>,
}

pub(super) async fn new(_: Admin, viewer: Viewer) -> Markup {
    form(&viewer.chrome, None, &Fields::default(), &[])
}

pub(super) async fn create(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let outcome = match NewInstrument::try_from(InstrumentBody::from(fields.clone())) {
        Ok(new) => insert(&app, &new).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    answer(outcome, |errors| {
        form(&viewer.chrome, None, &fields, errors)
    })
}

async fn insert(app: &App, new: &NewInstrument) -> Result<Instrument, Error> {
    let mut tx = app.db.system("create an instrument").await?;
    let instrument = instruments::create(&mut tx, new).await?;
    tx.commit().await?;
    Ok(instrument)
}

pub(super) async fn edit(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Query(proposed): Query<Proposed>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = store::require(tx.conn(), id).await?;
    let mut fields = Fields::from(&instrument);
    if let Some(currency) = proposed.currency {
        fields.currency = currency;
    }
    Ok(form(&viewer.chrome, Some(&instrument), &fields, &[]))
}

pub(super) async fn update(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let mut tx = app.db.system("change an instrument").await?;
    let stored = store::require_for_update(&mut tx, id).await?;
    let patch = InstrumentPatch::from(fields.clone());
    let outcome = match patch.apply(stored.clone()) {
        Ok(changed) => instruments::change(&mut tx, &changed).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    if outcome.is_ok() {
        tx.commit().await?;
    }
    answer(outcome, |errors| {
        form(&viewer.chrome, Some(&stored), &fields, errors)
    })
}

/// Leads to the instrument, or shows the form again with what is wrong.
fn answer(
    outcome: Result<Instrument, Error>,
    form: impl Fn(&[FieldError]) -> Markup,
) -> Result<Response, Problem> {
    let errors = match outcome {
        Ok(instrument) => {
            let href = format!("/market/instruments/{}", instrument.id);
            return Ok(Redirect::to(&href).into_response());
        }
        Err(Error::Invalid(errors)) => errors,
        Err(Error::Taken { symbol, exchange }) => {
            let problem = Problem::from(Error::Taken { symbol, exchange });
            vec![FieldError {
                pointer: "symbol".into(),
                code: problem.code.into(),
                detail: problem.detail,
            }]
        }
        Err(error) => return Err(error.into()),
    };
    Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, form(&errors)).into_response())
}

fn form(
    chrome: &Chrome,
    instrument: Option<&Instrument>,
    fields: &Fields,
    errors: &[FieldError],
) -> Markup {
    let list = "/market/instruments";
    let action = instrument.map_or_else(|| list.to_owned(), |i| format!("{list}/{}", i.id));
    let title = instrument.map_or_else(
        || "Add an instrument".to_owned(),
        |i| format!("Edit {}", i.symbol),
    );
    page(
        chrome,
        &title,
        html! {
            (c::breadcrumb(&[("Instruments", "/market/instruments")], &title))
            (c::page_head(&title, html! {}))
            section.card {
                (form_errors(errors))
                form.stack method="post" action=(&action) {
                    (csrf_field(chrome))
                    @if instrument.is_none() { (identity_fields(fields, errors)) }
                    (fact_fields(fields, errors))
                    div.actions {
                        (submit("Save"))
                        (link_button("Cancel", &action, false))
                    }
                }
            }
        },
    )
}

/// Symbol and exchange name an instrument, so they are stated once.
fn identity_fields(fields: &Fields, errors: &[FieldError]) -> Markup {
    html! {
        (text_field(&Field {
            label: "Symbol",
            name: "symbol",
            value: &fields.symbol,
            error: error_of(errors, "symbol"),
            required: true,
            placeholder: Some("MSFT"),
            autofocus: true,
            ..Field::default()
        }))
        (text_field(&Field {
            label: "Exchange",
            name: "exchange",
            value: &fields.exchange,
            error: error_of(errors, "exchange"),
            placeholder: Some("XNAS"),
            ..Field::default()
        }))
    }
}

fn fact_fields(fields: &Fields, errors: &[FieldError]) -> Markup {
    let classes = AssetClass::ALL.map(|class| (class.as_str(), class.label()));
    let text = |label, name, value, hint| {
        let error = error_of(errors, name);
        text_field(&Field {
            label,
            name,
            value,
            error,
            hint,
            ..Field::default()
        })
    };
    let currency =
        "In which its prices are stated, such as USD; GBX for pence, ZAC and ILA likewise.";
    html! {
        (text("Name", "name", &fields.name, None))
        (select_field(
            &Field {
                label: "Class",
                name: "asset_class",
                value: &fields.asset_class,
                error: error_of(errors, "asset_class"),
                required: true,
                ..Field::default()
            },
            &classes,
        ))
        (text("Currency", "currency", &fields.currency, Some(currency)))
        (text("ISIN", "isin", &fields.isin, None))
        (text("Sector", "sector", &fields.sector, None))
        (text("Country", "country", &fields.country, None))
    }
}
