use axum::extract::State;
use identity::{SignedIn, Viewer};
use jiff::civil::Date;
use maud::{Markup, html};
use money::Quotation;
use serde::Deserialize;
use web::{
    App, Chrome, Page, PageQuery, Problem, Query, QueryString,
    components::{
        self as c, Column, DataTable, Field, FieldKind, data_table, empty_state, link_button,
        page_head, pagination, td, td_num,
    },
    page,
};

use super::price;
use crate::{
    bars,
    instruments::{self, Instrument, InstrumentId, store},
};

/// Closes of a sparkline: about three months.
const SPARK_DAYS: i64 = 60;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Search {
    q: Option<String>,
}

/// An instrument and its last closes.
struct Row {
    instrument: Instrument,
    closes: Vec<(Date, f64)>,
}

pub(super) async fn list(
    State(app): State<App>,
    viewer: Viewer,
    who: SignedIn,
    Query(search): Query<Search>,
    Query(query): Query<PageQuery>,
) -> Result<Markup, Problem> {
    let after = query.after::<(String, InstrumentId)>()?;
    let text = search.q.as_deref().unwrap_or_default().trim();
    let mut tx = app.db.read(viewer.user_id).await?;
    let found = if text.is_empty() {
        let found = store::list(tx.conn(), text, after.as_ref(), query.limit()).await?;
        Page::of(found, query.limit(), |last| (last.symbol.clone(), last.id))
    } else {
        // The best ones first; who wants others says more of the name.
        let items = instruments::search(tx.conn(), text, query.limit()).await?;
        Page {
            items,
            next_cursor: None,
        }
    };
    let ids: Vec<_> = found.items.iter().map(|instrument| instrument.id).collect();
    let mut closes = bars::latest_closes(tx.conn(), &ids, SPARK_DAYS).await?;
    for (id, running) in bars::running(tx.conn(), &ids, app.clock.now()).await? {
        if let Some(closes) = closes.get_mut(&id) {
            closes.retain(|(date, _)| *date < running.date);
        }
    }
    let rows = found.map(|instrument| {
        let closes = closes.remove(&instrument.id).unwrap_or_default();
        Row { instrument, closes }
    });
    let is_first = after.is_none();
    Ok(render(&viewer, who.is_admin, text, is_first, &rows))
}

fn render(viewer: &Viewer, is_admin: bool, text: &str, is_first: bool, rows: &Page<Row>) -> Markup {
    let chrome = &viewer.chrome;
    let next = rows.next_cursor.as_deref().map(next_href);
    page(
        chrome,
        "Instruments",
        html! {
            (page_head("Instruments", html! {
                (link_button("Screener", "/market/screener", false))
                (link_button("Exchanges", "/market/exchanges", false))
                (link_button("Exchange rates", "/market/fx", false))
                @if is_admin {
                    (link_button("Data sources", "/market/sources", false))
                    (link_button("Add", "/market/instruments/new", false))
                    (link_button("Import corporate actions", "/market/corporate-actions/import", false))
                    (link_button("Import prices", "/market/bars/import", true))
                }
            }))
            form.filters method="get" action="/market/instruments" role="search" {
                (c::text_field(&Field {
                    label: "Symbol, name or ISIN",
                    name: "q",
                    value: text,
                    kind: FieldKind::Search,
                    ..Field::default()
                }))
                (c::submit_quiet("Search"))
            }
            @if rows.items.is_empty() {
                (nothing(text, is_admin, is_first))
            } @else {
                section.card { (table(chrome, viewer.today, &rows.items)) }
                (pagination(next.as_deref()))
            }
        },
    )
}

fn nothing(text: &str, is_admin: bool, is_first: bool) -> Markup {
    if !text.is_empty() || !is_first {
        return empty_state(
            "Nothing found",
            "No symbol begins with this text, no name contains it or a word like it, and no ISIN is it.",
            ("Show all instruments", "/market/instruments"),
            None,
        );
    }
    if is_admin {
        return empty_state(
            "No instruments yet",
            "They appear with the first prices or the first transactions that name them.",
            ("Import prices", "/market/bars/import"),
            Some(("Add one by hand", "/market/instruments/new")),
        );
    }
    empty_state(
        "No instruments yet",
        "They appear with the first transactions that name them; prices are loaded by the owner of \
         this instance.",
        ("To the dashboard", "/"),
        None,
    )
}

fn table(chrome: &Chrome, today: Date, rows: &[Row]) -> Markup {
    let columns = [
        Column::text("symbol", "Symbol").fixed(),
        Column::text("name", "Name"),
        Column::text("class", "Class"),
        Column::text("exchange", "Exchange").hidden(),
        Column::text("currency", "Currency"),
        Column::number("close", "Last close").fixed(),
        Column::text("date", "As of"),
        Column::text("course", "Course"),
    ];
    let table = DataTable {
        id: "instruments",
        caption: "Instruments with their last close",
        columns: &columns,
        csv_href: Some("/market/screener.csv"),
    };
    data_table(
        &table,
        html! { @for row in rows { (table_row(chrome, today, row)) } },
        None,
    )
}

fn table_row(chrome: &Chrome, today: Date, row: &Row) -> Markup {
    let Row { instrument, closes } = row;
    let courses: Vec<f64> = closes.iter().map(|(_, close)| *close).collect();
    html! {
        tr {
            (td("Symbol", html! {
                a href=(format!("/market/instruments/{}", instrument.id)) { (instrument.symbol) }
                @if instrument.is_simulated { " " (c::simulated_mark()) }
                @if !instrument.facts.is_active { " " (c::badge("No longer traded")) }
            }))
            (td("Name", html! { (instrument.name) }))
            (td("Class", html! { (instrument.asset_class.label()) }))
            (td("Exchange", html! { (instrument.exchange) }))
            (td("Currency", html! {
                @match instrument.currency {
                    Some(currency) => { (currency) }
                    None => { (c::missing("no source has told the currency yet")) }
                }
            }))
            @if let Some((date, close)) = closes.last() {
                (td_num("Last close", price(chrome, *close, instrument.currency.map(Quotation::major))))
                (td("As of", html! {
                    (c::date(chrome, *date)) " " (c::stale_mark(chrome, *date, today))
                }))
            } @else {
                (td_num("Last close", c::missing("no close is known yet")))
                (td("As of", html! {}))
            }
            (td("Course", c::sparkline(&courses)))
        }
    }
}

fn next_href(cursor: &str) -> String {
    let mut query = QueryString::new();
    query.push("cursor", Some(cursor));
    format!("/market/instruments{}", query.finish())
}
