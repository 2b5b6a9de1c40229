use axum::{Router, extract::State, routing::get};
use identity::{SignedIn, Viewer};
use jiff::civil::Date;
use maud::{Markup, html};
use money::Currency;
use web::{
    App, Chrome, Problem,
    components::{
        self as c, Column, DataTable, LiveField, card, data_table, empty_state, link_button, live,
        page_head_with, td, td_num,
    },
    market_page,
};

use super::model::{Board, Mover, Standing};
use crate::instruments::pages::{bare_number, price, volume};

/// Digits of a value in points.
const POINT_DIGITS: u32 = 2;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/market", get(show))
}

async fn show(State(app): State<App>, viewer: Viewer, who: SignedIn) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let board = super::board(tx.conn(), app.clock.now()).await?;
    let chrome = &viewer.chrome;
    Ok(market_page(
        chrome,
        "Market",
        html! {
            (page_head_with("Market", c::live_state(), html! {
                (link_button("Instruments", "/market/instruments", false))
                (link_button("Screener", "/market/screener", false))
                (link_button("Exchanges", "/market/exchanges", false))
            }))
            @if board.gainers.is_empty() && board.losers.is_empty()
                && board.most_active.is_empty() && board.indices.is_empty()
            {
                (nothing(who.is_admin))
            } @else {
                (indices(chrome, &board, viewer.today))
                div.movers {
                    (movers(chrome, "gainers", "Gainers", &board.gainers))
                    (movers(chrome, "losers", "Losers", &board.losers))
                    (movers(chrome, "active", "Most active", &board.most_active))
                }
            }
        },
    ))
}

fn nothing(is_admin: bool) -> Markup {
    let reason = "The board shows where indices stand and what rose, fell and was traded most. It is \
                  filled within a minute after daily prices are loaded.";
    if is_admin {
        return empty_state(
            "No prices yet",
            reason,
            ("Import prices", "/market/bars/import"),
            Some(("Add an index", "/market/instruments/new")),
        );
    }
    empty_state("No prices yet", reason, ("To the dashboard", "/"), None)
}

fn indices(chrome: &Chrome, board: &Board, today: Date) -> Markup {
    if board.indices.is_empty() {
        return card(
            "Indices",
            html! { p { "No instrument of the class index has a value yet." } },
        );
    }
    let columns = [
        Column::text("symbol", "Index").fixed(),
        Column::text("name", "Name").wide(),
        Column::number("value", "Value").fixed(),
        Column::number("change", "Change"),
        Column::number("percent", "Change %").fixed(),
        Column::number("volume", "Volume").wide(),
        Column::text("at", "As of"),
    ];
    let table = DataTable {
        id: "indices",
        caption: "Where indices stand",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for one in &board.indices { (standing(chrome, one, today)) } };
    card("Indices", data_table(&table, rows, None))
}

fn standing(chrome: &Chrome, one: &Standing, today: Date) -> Markup {
    let day = one.last.at.to_zoned(chrome.formats.zone.clone()).date();
    html! {
        tr {
            (td("Index", symbol(one.instrument_id, &one.symbol, one.is_simulated)))
            (td("Name", html! { (one.name) }))
            (td_num("Value", live(one.instrument_id, LiveField::Price, bare_number(chrome, one.last.value, POINT_DIGITS))))
            (td_num("Change", live(one.instrument_id, LiveField::Change, match one.last.change {
                Some(change) => bare_number(chrome, change, POINT_DIGITS),
                None => c::missing("no value of the day before"),
            })))
            (td_num("Change %", live(one.instrument_id, LiveField::Percent, change(chrome, one.last.change_percent))))
            (td_num("Volume", volume(chrome, one.last.volume)))
            (td("As of", html! {
                (live(one.instrument_id, LiveField::At, c::instant(chrome, one.last.at))) " "
                (c::stale_mark(chrome, day, today))
            }))
        }
    }
}

fn movers(chrome: &Chrome, id: &str, title: &str, movers: &[Mover]) -> Markup {
    if movers.is_empty() {
        return card(title, html! { p { "None on the last trading day." } });
    }
    let columns = [
        Column::text("symbol", "Symbol").fixed(),
        Column::text("name", "Name").wide(),
        Column::number("close", "Price").fixed(),
        Column::number("percent", "Change %").fixed(),
        Column::number("volume", "Volume"),
        Column::text("date", "As of"),
    ];
    let table = DataTable {
        id,
        caption: title,
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for one in movers {
            tr {
                (td("Symbol", symbol(one.instrument_id, &one.symbol, one.is_simulated)))
                (td("Name", html! { (one.name) }))
                (td_num("Price", live(one.instrument_id, LiveField::Price, close(chrome, one))))
                (td_num("Change %", live(one.instrument_id, LiveField::Percent, change(chrome, one.change_percent))))
                (td_num("Volume", volume(chrome, one.volume)))
                (td("As of", live(one.instrument_id, LiveField::At, c::date(chrome, one.date))))
            }
        }
    };
    card(title, data_table(&table, rows, None))
}

fn close(chrome: &Chrome, one: &Mover) -> Markup {
    let currency = one.currency.as_deref();
    let currency = currency.and_then(|code| Currency::new(code).ok());
    price(chrome, one.close, currency.map(money::Quotation::major))
}

fn symbol(id: crate::InstrumentId, symbol: &str, is_simulated: bool) -> Markup {
    html! {
        a href=(format!("/market/instruments/{id}")) { (symbol) }
        @if is_simulated { " " (c::simulated_mark()) }
    }
}

fn change(chrome: &Chrome, percent: Option<f64>) -> Markup {
    match percent {
        Some(percent) => c::signed_percent(chrome, percent / 100.0),
        None => c::missing("no close of the day before"),
    }
}
