use std::io::Cursor;

use axum::{Router, extract::State, response::Response, routing::get};
use identity::{Admin, SignedIn, Viewer};
use jiff::civil::Date;
use maud::{Markup, html};
use web::{
    App, Chrome, Problem,
    components::{
        self as c, Column, DataTable, data_table, empty_state, link_button, page_head, td, td_num,
    },
    format, page,
};

use super::store::{self, Recent};
use crate::imports::{
    pages::{ImportPage, Outcome},
    upload::{self, Upload},
};

/// Rates of a sparkline: about three months.
const SPARK_DAYS: i64 = 60;
/// Digits of a rate; central banks publish five or six significant ones.
const RATE_DIGITS: u32 = 6;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/market/fx", get(list))
        .route("/market/fx/import", get(new).post(create))
        .layer(upload::body_limit())
}

async fn list(State(app): State<App>, viewer: Viewer, who: SignedIn) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let pairs = store::list_pairs(tx.conn()).await?;
    let recent = store::recent(tx.conn(), &pairs, SPARK_DAYS).await?;
    let chrome = &viewer.chrome;
    Ok(page(
        chrome,
        "Exchange rates",
        html! {
            (c::breadcrumb(&[("Instruments", "/market/instruments")], "Exchange rates"))
            (page_head("Exchange rates", html! {
                @if who.is_admin { (link_button("Import rates", "/market/fx/import", true)) }
            }))
            @if recent.is_empty() {
                (nothing(who.is_admin))
            } @else {
                (table(chrome, viewer.today, &recent))
            }
        },
    ))
}

fn nothing(is_admin: bool) -> Markup {
    if is_admin {
        return empty_state(
            "No exchange rates yet",
            "They are needed to value what is not held in your own currency.",
            ("Import rates", "/market/fx/import"),
            None,
        );
    }
    empty_state(
        "No exchange rates yet",
        "They are loaded by an administrator of this instance.",
        ("To the dashboard", "/"),
        None,
    )
}

fn table(chrome: &Chrome, today: Date, recent: &[Recent]) -> Markup {
    let columns = [
        Column::text("pair", "One").fixed(),
        Column::text("quote", "Costs in").fixed(),
        Column::number("rate", "Rate").fixed(),
        Column::text("date", "As of"),
        Column::text("course", "Course"),
    ];
    let table = DataTable {
        id: "rates",
        caption: "Exchange rates as last observed",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for pair in recent { (table_row(chrome, today, pair)) } };
    data_table(&table, rows, None)
}

fn table_row(chrome: &Chrome, today: Date, recent: &Recent) -> Markup {
    let Recent {
        pair: (base, quote),
        rates,
    } = recent;
    let course: Vec<f64> = rates.iter().map(|(_, rate)| *rate).collect();
    html! {
        tr {
            (td("One", html! { (base) }))
            (td("Costs in", html! { (quote) }))
            @if let Some((date, rate)) = rates.last() {
                (td_num("Rate", figure(chrome, *rate)))
                (td("As of", html! {
                    (c::date(chrome, *date)) " " (c::stale_mark(chrome, *date, today))
                }))
            }
            (td("Course", c::sparkline(&course)))
        }
    }
}

fn figure(chrome: &Chrome, rate: f64) -> Markup {
    match money::decimal_from_f64(rate) {
        Some(exact) => {
            let digits = exact.normalize().scale().min(RATE_DIGITS);
            html! { data value=(exact) { (format::decimal(&chrome.formats, exact, digits)) } }
        }
        None => c::missing("too large or too small to be shown"),
    }
}

async fn new(_: Admin, viewer: Viewer) -> Markup {
    import_page(&viewer.chrome).form(&[])
}

async fn create(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    upload: Upload,
) -> Result<Response, Problem> {
    let source = upload.file_name.as_deref().unwrap_or(upload::UNNAMED);
    let result = super::import(&app.db, Cursor::new(upload.content.clone()), source, |_| ()).await;
    Ok(import_page(&viewer.chrome).answer(&Outcome::of(result)?))
}

fn import_page(chrome: &Chrome) -> ImportPage<'_> {
    ImportPage {
        chrome,
        title: "Import exchange rates",
        parent: ("Exchange rates", "/market/fx"),
        action: "/market/fx/import",
        explanation: html! {
            p {
                "A CSV file of one of two layouts: that of the European Central Bank, with the \
                 columns Date, USD, JPY and so on (units of each currency for one euro), or the \
                 columns date, base, quote, rate (one unit of base costs rate units of quote)."
            }
            p { "The same file twice adds nothing. A day that has another rate already is refused." }
        },
        accept: ".csv,.txt",
        fields: html! {},
    }
}
