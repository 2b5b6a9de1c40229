use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use db::UserTx;
use identity::Viewer;
use jiff::civil::Date;
use market::{AssetClass, Instrument, InstrumentId, SecurityKey};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, FieldError, Form, Path, Problem, Query,
    components::{self as ui, Confirm, Field, FieldKind, NoticeKind, PriceSeries},
};

use super::{
    super::{Appraisal, CustomInstrument, Error, PrivateAsset, service, store},
    LIST, ROOM, href,
};
use crate::transactions::{
    self,
    form::{field_error, number, word},
};

/// Values on one page.
const VALUES_SHOWN: usize = 100;

/// Which value is to be changed, if one is, and from where on values are shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default, deserialize_with = "crate::scope::empty_is_none")]
    on: Option<Date>,
    #[serde(default, deserialize_with = "crate::scope::empty_is_none")]
    before: Option<Date>,
}

/// A value as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AppraisalForm {
    date: String,
    price: String,
}

/// What the page tells.
struct View {
    asset: PrivateAsset,
    values: Vec<Appraisal>,
    /// Values before this day are shown.
    before: Option<Date>,
    /// Whether any transaction names it.
    is_booked: bool,
    /// A listed instrument of the same symbol.
    namesake: Option<Instrument>,
}

impl View {
    async fn of(tx: &mut UserTx, asset: PrivateAsset) -> Result<Self, Error> {
        let id = asset.instrument_id;
        let values = store::appraisals::list(tx, id).await?;
        let filter = transactions::store::Filter {
            instrument_id: Some(id),
            ..Default::default()
        };
        let is_booked = !transactions::store::list(tx, &filter, None, 0)
            .await?
            .is_empty();
        let namesake = match &asset.instrument {
            Some(of) => {
                let key = SecurityKey {
                    symbol: of.symbol.clone(),
                    ..SecurityKey::default()
                };
                market::instruments::resolve(tx.conn(), &key).await?
            }
            None => None,
        };
        Ok(Self {
            asset,
            values,
            before: None,
            is_booked,
            namesake,
        })
    }
}

pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Query(chosen): Query<Chosen>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    let view = View {
        before: chosen.before,
        ..View::of(&mut tx, asset).await?
    };
    drop(tx);
    let former = view
        .values
        .iter()
        .find(|value| chosen.on == Some(value.date))
        .map(|value| value.price.to_string());
    let form = AppraisalForm {
        date: chosen.on.unwrap_or(viewer.today).to_string(),
        price: former.unwrap_or_default(),
    };
    Ok(page(&viewer, &view, &form, &[]))
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
            store::appraisals::upsert(&mut tx, viewer.user_id, id, &[appraisal]).await?;
            tx.commit().await?;
            Ok(Redirect::to(&href(id)).into_response())
        }
        Err(errors) => {
            let view = View::of(&mut tx, asset).await?;
            let page = page(&viewer, &view, &form, &errors);
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

fn page(viewer: &Viewer, view: &View, form: &AppraisalForm, errors: &[FieldError]) -> Markup {
    let (chrome, asset) = (&viewer.chrome, &view.asset);
    let word = asset.kind.value_label();
    let points = service::points(&view.values);
    let series = PriceSeries {
        dates: points.iter().map(|(day, _)| *day).collect(),
        close: points.iter().map(|(_, close)| *close).collect(),
        currency: asset.currency,
        marks: Vec::new(),
        table_href: None,
    };
    let title = if asset.kind.has_units() {
        format!("{} {}", asset.word(), asset.name)
    } else {
        asset.name.clone()
    };
    let main = html! {
        (ui::breadcrumb(&[(ROOM, LIST)], asset.word()))
        (ui::page_head_with(&title, ui::badge(asset.kind.label()), actions(view)))
        @if let Some(note) = &asset.note { p.lead { (note) } }
        @if let Some(namesake) = &view.namesake { (of_the_same_symbol(namesake)) }
        @if points.len() > 1 { (ui::card(word, ui::price_chart(chrome, "value", &series))) }
        @if let Some(of) = &asset.instrument { (ui::card("About", facts(asset, of))) }
        (ui::card(statement_title(asset), statement(viewer, asset, form, errors)))
        (ui::card(if asset.kind.has_units() { "Prices" } else { "Values" }, table(viewer, view, word)))
    };
    web::page(chrome, &title, main)
}

fn actions(view: &View) -> Markup {
    let asset = &view.asset;
    let id = asset.instrument_id;
    let class = asset.instrument.as_ref().map(|of| of.asset_class);
    html! {
        @if asset.kind.has_units() {
            (ui::link_button("Record a transaction", &transaction_href(asset, "buy"), true))
        }
        @if view.is_booked { (ui::link_button("Holding", &format!("/portfolio/holdings/{id}"), false)) }
        @if matches!(class, Some(AssetClass::Fund | AssetClass::Etf)) {
            (ui::link_button("Composition", &format!("/portfolio/fund-weights/{id}"), false))
        }
        (ui::link_button("Edit", &format!("{}/edit", href(id)), false))
        (ui::link_button("Delete", &format!("{}/delete", href(id)), false))
    }
}

fn of_the_same_symbol(listed: &Instrument) -> Markup {
    ui::notice(
        NoticeKind::Warning,
        html! {
            p {
                "The market lists "
                a href=(format!("/market/instruments/{}", listed.id)) { (listed.symbol) " " (listed.name) }
                " too. A transaction or a file that says only the symbol means yours; one with an exchange, or with "
                "another ISIN, means the listed one."
            }
        },
    )
}

fn facts(asset: &PrivateAsset, of: &CustomInstrument) -> Markup {
    let currency = asset.currency.to_string();
    let terms = [
        ("Symbol", Some(of.symbol.as_str())),
        ("Class", Some(of.asset_class.label())),
        ("Currency", Some(currency.as_str())),
        ("ISIN", of.isin.as_deref()),
        ("Sector", of.sector.as_deref()),
        ("Industry", of.industry.as_deref()),
        ("Country", of.country.as_deref()),
    ];
    html! {
        dl.facts {
            @for (term, text) in terms {
                div {
                    dt { (term) }
                    dd { @match text { Some(text) => (text), None => (ui::missing("not stated")) } }
                }
            }
        }
    }
}

fn statement_title(asset: &PrivateAsset) -> &'static str {
    if asset.kind.has_units() {
        "State a price"
    } else {
        "State a value"
    }
}

fn statement(
    viewer: &Viewer,
    asset: &PrivateAsset,
    form: &AppraisalForm,
    errors: &[FieldError],
) -> Markup {
    let field = |label, name, value, kind, hint| Field {
        label,
        name,
        value,
        kind,
        hint: Some(hint),
        required: true,
        error: ui::error_of(errors, name),
        ..Field::default()
    };
    let href = href(asset.instrument_id);
    let again = "What is stated of the same day is replaced.";
    let price = ui::text_field(&field(
        asset.kind.value_label(),
        "price",
        &form.price,
        FieldKind::Decimal,
        hint(asset),
    ));
    html! {
        form method="post" action=(href) {
            (ui::csrf_field(&viewer.chrome))
            (ui::form_errors(errors))
            div.fields {
                (ui::text_field(&field("Day", "date", &form.date, FieldKind::Date, again)))
                (price)
            }
            div.actions {
                (ui::submit("Save"))
                (ui::link_button("Import from a file", &format!("{href}/import"), false))
            }
        }
        @if asset.kind.is_owed() {
            p.hint {
                a href=(transaction_href(asset, "return_of_capital")) { "Record a repayment" }
                " as returned capital with a negative amount, then state here what is still owed: "
                "what is paid back is no gain."
            }
        }
    }
}

fn transaction_href(asset: &PrivateAsset, kind: &str) -> String {
    let mut query = web::QueryString::new();
    query.push("type", Some(kind));
    query.push("symbol", Some(asset.word()));
    format!("/portfolio/transactions/new{}", query.finish())
}

fn hint(asset: &PrivateAsset) -> &'static str {
    if asset.kind.is_owed() {
        "What is still owed on that day, as a positive amount."
    } else if asset.kind.has_units() {
        "On that day, as it was then: a later split is a transaction."
    } else {
        "Of the whole, on that day."
    }
}

/// The newest values first, page after page.
fn table(viewer: &Viewer, view: &View, word: &str) -> Markup {
    let (chrome, asset) = (&viewer.chrome, &view.asset);
    let href = href(asset.instrument_id);
    let wanted = |value: &&Appraisal| view.before.is_none_or(|day| value.date < day);
    let mut rows = view.values.iter().rev().filter(wanted);
    let shown: Vec<&Appraisal> = rows.by_ref().take(VALUES_SHOWN).collect();
    let next = shown
        .last()
        .filter(|_| rows.next().is_some())
        .map(|last| format!("{href}?before={}", last.date));
    html! {
        @if shown.is_empty() {
            p.hint {
                @if view.before.is_some() { "There is none before that day." }
                @else if asset.kind.has_units() { "No price was stated, so it counts at its cost." }
                @else { "No value was stated, so it counts at its cost." }
            }
        } @else {
            table.data.cards {
                caption.visually-hidden { "What was stated, the newest first" }
                thead { tr { (ui::th("Day")) (ui::th_num(word)) (ui::th("")) } }
                tbody {
                    @for value in shown {
                        tr {
                            (ui::td("Day", ui::date(chrome, value.date)))
                            (ui::td_num(word, figure(viewer, asset, value)))
                            td.row-actions {
                                a href=(format!("{href}?on={}", value.date)) { "Edit" } " "
                                a href=(format!("{href}/appraisals/{}/delete", value.date)) { "Delete" }
                            }
                        }
                    }
                }
            }
        }
        (ui::pagination(next.as_deref()))
    }
}

/// A price has digits that an amount has not.
fn figure(viewer: &Viewer, asset: &PrivateAsset, value: &Appraisal) -> Markup {
    if asset.kind.has_units() {
        ui::price(&viewer.chrome, value.price, asset.currency)
    } else {
        ui::amount(&viewer.chrome, value.price, asset.currency)
    }
}

pub(super) async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, date)): Path<(InstrumentId, Date)>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    let values = store::appraisals::list(&mut tx, id).await?;
    let value = values
        .iter()
        .find(|value| value.date == date)
        .ok_or(Error::NoAppraisal)?;
    let is_price = asset.kind.has_units();
    let word = if is_price { "price" } else { "value" };
    let chrome = &viewer.chrome;
    Ok(ui::confirm_page(
        chrome,
        &Confirm {
            title: if is_price {
                "Delete this price?"
            } else {
                "Delete this value?"
            },
            text: html! { p {
                strong { (asset.word()) } " " (ui::date(chrome, date)) ": "
                (figure(&viewer, &asset, value))
                ". The " (word) " before it counts from that day on."
            } },
            action: &format!("{}/appraisals/{date}/delete", href(id)),
            verb: if is_price {
                "Delete the price"
            } else {
                "Delete the value"
            },
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
    store::appraisals::delete(&mut tx, id, date).await?;
    tx.commit().await?;
    Ok(Redirect::to(&href(id)))
}
