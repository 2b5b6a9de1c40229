use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, IfMatch, Path, Problem, Query,
    components::{
        self as c, Field, FieldKind, csrf_field, error_of, form_errors, link_button, select_field,
        submit, text_field,
    },
    page,
};

use crate::instruments::{
    AssetClass, Error, Instrument, InstrumentId,
    input::{Change, InstrumentBody, InstrumentPatch},
    service, store,
};

/// The fields of the form as texts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    /// The version that was opened; empty for a new instrument.
    version: String,
    symbol: String,
    exchange: String,
    name: String,
    asset_class: String,
    currency: String,
    sector: String,
    country: String,
    isin: String,
    industry: String,
    market_cap: String,
    pe_ratio: String,
    figi: String,
    cusip: String,
    is_active: Option<String>,
    listed_on: String,
    delisted_on: String,
}

impl Fields {
    /// Those of an instrument that is about to be added.
    fn empty() -> Self {
        Self {
            is_active: Some("true".to_owned()),
            ..Self::default()
        }
    }
}

impl From<&Instrument> for Fields {
    fn from(instrument: &Instrument) -> Self {
        let facts = &instrument.facts;
        Self {
            version: instrument.version().to_string(),
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
            industry: facts.industry.clone().unwrap_or_default(),
            market_cap: text(facts.market_cap.as_ref()),
            pe_ratio: text(facts.pe_ratio.as_ref()),
            figi: facts.figi.clone().unwrap_or_default(),
            cusip: facts.cusip.clone().unwrap_or_default(),
            is_active: facts.is_active.then(|| "true".to_owned()),
            listed_on: text(facts.listed_on.as_ref()),
            delisted_on: text(facts.delisted_on.as_ref()),
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
            industry: Some(fields.industry),
            market_cap: Some(fields.market_cap),
            pe_ratio: Some(fields.pe_ratio),
            figi: Some(fields.figi),
            cusip: Some(fields.cusip),
            is_active: Some(fields.is_active.is_some()),
            listed_on: Some(fields.listed_on),
            delisted_on: Some(fields.delisted_on),
        }
    }
}

impl From<Fields> for InstrumentPatch {
    fn from(fields: Fields) -> Self {
        Self {
            symbol: Some(fields.symbol),
            exchange: Some(fields.exchange),
            name: Some(fields.name),
            asset_class: AssetClass::parse(&fields.asset_class),
            currency: Change::To(Some(fields.currency)),
            sector: Change::To(Some(fields.sector)),
            country: Change::To(Some(fields.country)),
            isin: Change::To(Some(fields.isin)),
            industry: Change::To(Some(fields.industry)),
            market_cap: Change::To(Some(fields.market_cap)),
            pe_ratio: Change::To(Some(fields.pe_ratio)),
            figi: Change::To(Some(fields.figi)),
            cusip: Change::To(Some(fields.cusip)),
            is_active: Some(fields.is_active.is_some()),
            listed_on: Change::To(Some(fields.listed_on)),
            delisted_on: Change::To(Some(fields.delisted_on)),
        }
    }
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// What the form is opened with instead of what is stored: the repair of a doubtful price.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Proposed {
    currency: Option<String>,
}

pub(super) async fn new(_: Admin, viewer: Viewer) -> Markup {
    form(&viewer.chrome, None, &Fields::empty(), &[])
}

pub(super) async fn create(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let outcome = service::create(&app.db, fields.clone().into()).await;
    answer(outcome, |errors| {
        form(&viewer.chrome, None, &fields, errors)
    })
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
    let mut tx = app.db.read(viewer.user_id).await?;
    let stored = store::require(tx.conn(), id).await?;
    drop(tx);
    let opened = IfMatch::of_form(&fields.version);
    let outcome = service::change(&app.db, id, opened, fields.clone().into()).await;
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
                    input type="hidden" name="version" value=(fields.version);
                    (identity_fields(instrument.is_none(), fields, errors))
                    (fact_fields(fields, errors))
                    (company_fields(fields, errors))
                    div.actions {
                        (submit("Save"))
                        (link_button("Cancel", &action, false))
                    }
                }
            }
        },
    )
}

/// Symbol and exchange name an instrument. The former symbol is kept when it is changed.
fn identity_fields(is_new: bool, fields: &Fields, errors: &[FieldError]) -> Markup {
    let kept = "A former symbol is kept, and found by searches.";
    html! {
        (text_field(&Field {
            label: "Symbol",
            name: "symbol",
            value: &fields.symbol,
            error: error_of(errors, "symbol"),
            hint: (!is_new).then_some(kept),
            required: true,
            placeholder: Some("MSFT"),
            autofocus: is_new,
            ..Field::default()
        }))
        (text_field(&Field {
            label: "Exchange",
            name: "exchange",
            value: &fields.exchange,
            error: error_of(errors, "exchange"),
            hint: Some("Its code by ISO 10383 or its common one, such as XNAS or NASDAQ."),
            placeholder: Some("XNAS"),
            ..Field::default()
        }))
    }
}

/// What screens compare companies by.
fn company_fields(fields: &Fields, errors: &[FieldError]) -> Markup {
    let of_kind = |kind, label, name, value, hint| {
        let error = error_of(errors, name);
        text_field(&Field {
            label,
            name,
            value,
            error,
            hint,
            kind,
            ..Field::default()
        })
    };
    let (text, number, day) = (FieldKind::Text, FieldKind::Decimal, FieldKind::Date);
    let cap = "In US dollars: small below 2 billion, mid below 10 billion, large from there.";
    let pe = "Low below 15, medium up to 25, high above. Negative after a loss.";
    html! {
        (of_kind(text, "Industry", "industry", &fields.industry, None))
        (of_kind(number, "Market cap", "market_cap", &fields.market_cap, Some(cap)))
        (of_kind(number, "P/E ratio", "pe_ratio", &fields.pe_ratio, Some(pe)))
        (of_kind(text, "FIGI", "figi", &fields.figi, None))
        (of_kind(text, "CUSIP", "cusip", &fields.cusip, None))
        (of_kind(day, "Listed on", "listed_on", &fields.listed_on, None))
        (of_kind(day, "Delisted on", "delisted_on", &fields.delisted_on, None))
        (c::checkbox("Traded still", "is_active", fields.is_active.is_some(), None))
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
