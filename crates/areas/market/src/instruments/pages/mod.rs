//! What people see of instruments: the list, one of them with its price, and the forms by which the
//! owner adds and edits.

mod edit;
mod facts;
mod list;
mod provenance;
mod reported;
mod show;

use axum::{Router, routing::get};
use maud::{Markup, html};
use money::Quotation;
use web::{App, Chrome, components, format};

use super::Instrument;

/// Digits of a price whose currency is not known.
const PRICE_DIGITS: u32 = 2;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/market/instruments", get(list::list).post(edit::create))
        .route("/market/instruments/new", get(edit::new))
        .route(
            "/market/instruments/{id}",
            get(show::show).post(edit::update),
        )
        .route("/market/instruments/{id}/edit", get(edit::edit))
}

/// A price in what its instrument is quoted in, or bare where that is not known.
pub(crate) fn price(chrome: &Chrome, value: f64, quoted: Option<Quotation>) -> Markup {
    let Some(exact) = money::decimal_from_f64(value) else {
        return components::missing("too large to be shown");
    };
    let Some(quoted) = quoted else {
        let digits = exact.round_dp(6).normalize().scale().max(PRICE_DIGITS);
        return html! {
            data.price value=(exact) { (format::decimal(&chrome.formats, exact, digits)) }
        };
    };
    components::price(chrome, exact, quoted)
}

/// A number without a unit, with so many digits.
pub(crate) fn bare_number(chrome: &Chrome, value: f64, digits: u32) -> Markup {
    match money::decimal_from_f64(value) {
        Some(exact) => html! {
            data value=(exact) { (format::decimal(&chrome.formats, exact, digits)) }
        },
        None => components::missing("too large to be shown"),
    }
}

/// A volume is public, so it is not hidden with a person's own quantities.
pub(crate) fn volume(chrome: &Chrome, volume: Option<f64>) -> Markup {
    let Some(volume) = volume else {
        return components::missing("not stated by the source");
    };
    match money::decimal_from_f64(volume) {
        Some(exact) => html! {
            data value=(exact) { (format::quantity(&chrome.formats, exact)) }
        },
        None => components::missing("too large to be shown"),
    }
}

/// Symbol, exchange and name in one line.
fn title(instrument: &Instrument) -> String {
    if instrument.name.is_empty() {
        instrument.symbol.clone()
    } else {
        format!("{} · {}", instrument.symbol, instrument.name)
    }
}
