use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use web::{
    App, Chrome, FieldError, Page, PageQuery, Problem, Query,
    components::{
        self as c, Column, DataTable, Field, badge, data_table, empty_state, error_of, form_errors,
        instant, missing, page_head, pagination, select_field, simulated_mark, submit_quiet, td,
        td_num,
    },
    format, page,
};

use super::{
    model::{After, Fresh, Question, page_of},
    store,
};
use crate::{AssetClass, stated_by};

const PAGE: &str = "/market/freshness";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(PAGE, get(list))
}

async fn list(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Query(question): Query<Question>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let chrome = &viewer.chrome;
    let filter = match question.read() {
        Ok(filter) => filter,
        Err(errors) => {
            let answer = render(chrome, &question, &errors, &html! {});
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response());
        }
    };
    let after = query.after::<After>()?;
    let mut tx = app.db.system("read how fresh prices are").await?;
    let now = app.clock.now();
    let found = store::list(&mut tx, filter, now, after.as_ref(), query.limit()).await?;
    let found = page_of(found, query.limit());
    let next = found.next_cursor.as_deref();
    let next = next.map(|cursor| question.href(PAGE, Some(cursor)));
    let rows = html! {
        @if found.items.is_empty() { (nothing(after.is_some())) }
        @else {
            section.card { (table(chrome, &found)) }
            (pagination(next.as_deref()))
        }
    };
    Ok(render(chrome, &question, &[], &rows).into_response())
}

fn nothing(is_beyond: bool) -> Markup {
    let text = if is_beyond {
        "This was the last page."
    } else {
        "No instrument that can have prices of a source is like that."
    };
    empty_state("Nothing here", text, ("Show all", PAGE), None)
}

fn render(chrome: &Chrome, question: &Question, errors: &[FieldError], rows: &Markup) -> Markup {
    let classes = AssetClass::ALL.map(|class| (class.as_str(), class.label()));
    let choice = |label, name, value: &Option<String>, options: &[(&str, &str)]| {
        let mut all = vec![("", "Any")];
        all.extend_from_slice(options);
        let field = Field {
            label,
            name,
            value: value.as_deref().unwrap_or_default(),
            error: error_of(errors, name),
            ..Field::default()
        };
        select_field(&field, &all)
    };
    page(
        chrome,
        "Freshness",
        html! {
            (c::breadcrumb(&[("Data sources", "/market/sources")], "Freshness"))
            (page_head("Freshness", html! {}))
            p.lead { "How far the daily prices of every instrument reach, the stalest first." }
            (form_errors(errors))
            form.filters method="get" action=(PAGE) {
                (choice("State", "state", &question.state, &[("behind", "Behind"), ("current", "Current")]))
                (choice("Interest", "interest", &question.interest, &[("held", "Held"), ("watched", "Watched")]))
                (choice("Class", "asset_class", &question.asset_class, &classes))
                (submit_quiet("Show"))
            }
            (rows)
        },
    )
}

fn table(chrome: &Chrome, found: &Page<Fresh>) -> Markup {
    let columns = [
        Column::text("instrument", "Instrument").fixed(),
        Column::text("class", "Class"),
        Column::text("last", "Last bar").fixed(),
        Column::text("expected", "Expected"),
        Column::text("state", "State").fixed(),
        Column::text("source", "Source").fixed(),
        Column::number("quality", "Quality").fixed(),
        Column::text("interest", "Interest"),
        Column::text("tried", "Last tried").wide(),
    ];
    let about = DataTable {
        id: "freshness-of-all",
        caption: "How far the prices of instruments reach",
        columns: &columns,
        csv_href: None,
    };
    data_table(
        &about,
        html! { @for of in &found.items { (row(chrome, of)) } },
        None,
    )
}

fn row(chrome: &Chrome, of: &Fresh) -> Markup {
    let interest = match (of.is_held, of.is_watched) {
        (true, true) => "Held, watched",
        (true, false) => "Held",
        (false, true) => "Watched",
        (false, false) => "",
    };
    html! {
        tr {
            (td("Instrument", html! {
                a href=(format!("/market/instruments/{}", of.instrument_id)) { (of.symbol) }
                @if of.is_simulated { " " (simulated_mark()) }
                @if !of.exchange.is_empty() { " " small { (of.exchange) } }
            }))
            (td("Class", html! { (of.asset_class.label()) }))
            (td("Last bar", of.last_day.map_or_else(
                || missing("No source has given a price yet."),
                |day| c::date(chrome, day),
            )))
            (td("Expected", c::date(chrome, of.expected_day)))
            (td("State", badge(if of.is_behind { "Behind" } else { "Current" })))
            (td("Source", html! { (of.source.as_deref().map_or("", stated_by::label)) }))
            (td_num("Quality", quality(chrome, of.quality_score)))
            (td("Interest", html! { (interest) }))
            (td("Last tried", of.tried_at.map_or_else(
                || missing("Nothing has been tried yet."),
                |at| instant(chrome, at),
            )))
        }
    }
}

/// How good what a source gave last was.
pub(crate) fn quality(chrome: &Chrome, score: Option<f64>) -> Markup {
    let exact = score.and_then(money::decimal_from_f64);
    html! {
        @match exact {
            Some(exact) => { (format::decimal(&chrome.formats, exact, 2)) }
            None => { (missing("No source was asked for it lately.")) }
        }
    }
}
