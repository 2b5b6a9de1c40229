use axum::{Router, extract::State, routing::get};
use identity::{SignedIn, Viewer, instant};
use jiff::{ToSpan as _, tz::TimeZone};
use maud::{Markup, html};
use web::{
    App, Chrome, Page, Problem, Query, QueryString,
    components::{
        Column, DataTable, Field, badge, card, data_table, date, empty_state, page_head,
        pagination, select_field, submit_quiet, td, td_num, text_field,
    },
};

use super::{
    LogEntry,
    api::require_owner,
    model::{LogQuery, PageDay},
    store,
};

const HREF: &str = "/record/logs";
/// Days before today whose pages are counted.
const USED_DAYS: i32 = 6;
/// Pages of those days that are listed at most.
const USED_ROWS: i64 = 200;

pub(crate) fn routes() -> Router<App> {
    Router::new().route(HREF, get(list))
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    who: SignedIn,
    Query(query): Query<LogQuery>,
) -> Result<Markup, Problem> {
    require_owner(&who)?;
    let page = query.page();
    let limit = page.limit();
    let mut tx = app
        .db
        .system("show the log to whoever runs the instance")
        .await?;
    let services = store::services(&mut tx).await?;
    let rows = store::list(&mut tx, &query, page.after()?, limit + 1).await?;
    let today = app.clock.today(&TimeZone::UTC);
    let since = today.checked_sub(USED_DAYS.days()).unwrap_or(today);
    let uses = store::page_days(&mut tx, since, USED_ROWS).await?;
    drop(tx);
    let lines = Page::of(rows, limit, |line| (line.at, line.id));
    let body = html! {
        (page_head("Logs of this server", html! {}))
        (list_card(&viewer.chrome, &query, &services, &lines))
        (uses_card(&viewer.chrome, &uses))
    };
    Ok(web::page(&viewer.chrome, "Logs of this server", body))
}

fn list_card(
    chrome: &Chrome,
    query: &LogQuery,
    services: &[String],
    lines: &Page<LogEntry>,
) -> Markup {
    let columns = [
        Column::text("at", "When").fixed(),
        Column::text("level", "Level").fixed(),
        Column::text("service", "Room").fixed(),
        Column::text("message", "Message").fixed(),
        Column::text("request", "Request").fixed(),
    ];
    let table = DataTable {
        id: "logs",
        caption: "Warnings and errors",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for line in &lines.items { (row(chrome, line)) } };
    let next_href = next_href(query, lines.next_cursor.as_deref());
    card(
        "Warnings and errors",
        html! {
            (filter(query, services))
            @if !lines.items.is_empty() {
                (data_table(&table, rows, None))
                (pagination(next_href.as_deref()))
            } @else if query.is_filtered() {
                p { "No line is like this." }
            } @else {
                (empty_state(
                    "Nothing to report",
                    "Warnings and errors of the process stand here for 30 days.",
                    ("Open the dashboard", "/"),
                    None,
                ))
            }
        },
    )
}

fn next_href(query: &LogQuery, cursor: Option<&str>) -> Option<String> {
    let cursor = cursor?;
    let mut next = QueryString::new();
    next.push("level", query.level().as_deref());
    next.push("service", query.service().as_deref());
    next.push("request_id", query.request_id().as_deref());
    next.push("cursor", Some(cursor));
    Some(format!("{HREF}{}", next.finish()))
}

fn filter(query: &LogQuery, services: &[String]) -> Markup {
    let mut rooms = vec![("", "Every room")];
    rooms.extend(services.iter().map(|name| (&**name, &**name)));
    let levels = [
        ("", "Every level"),
        ("warn", "Warnings"),
        ("error", "Errors"),
    ];
    html! {
        form.filters method="get" action=(HREF) aria-label="Which lines" {
            (select_field(&Field {
                label: "Level", name: "level", value: query.level().as_deref().unwrap_or(""), required: true,
                ..Field::default()
            }, &levels))
            (select_field(&Field {
                label: "Room", name: "service", value: query.service().as_deref().unwrap_or(""),
                required: true, ..Field::default()
            }, &rooms))
            (text_field(&Field {
                label: "Request", name: "request_id", value: query.request_id().as_deref().unwrap_or(""),
                autocomplete: Some("off"), ..Field::default()
            }))
            (submit_quiet("Show"))
        }
    }
}

fn row(chrome: &Chrome, line: &LogEntry) -> Markup {
    let details = line
        .metadata
        .as_object()
        .filter(|fields| !fields.is_empty());
    html! {
        tr {
            (td("When", instant(chrome, line.at)))
            (td("Level", badge(&line.level)))
            (td("Room", html! { (line.service) }))
            (td("Message", html! {
                (line.message)
                @if let Some(fields) = details {
                    @for (key, value) in fields {
                        p.hint {
                            (key) ": "
                            (value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                        }
                    }
                }
                @if let Some(trace) = &line.stack_trace {
                    details { summary { "Where" } pre { (trace) } }
                }
            }))
            (td("Request", html! {
                @if let Some(id) = &line.request_id { code { (id) } } @else { "–" }
            }))
        }
    }
}

fn uses_card(chrome: &Chrome, uses: &[PageDay]) -> Markup {
    let columns = [
        Column::text("day", "Day").fixed(),
        Column::text("page", "Page").fixed(),
        Column::number("views", "Views").fixed(),
        Column::number("people", "People").fixed(),
    ];
    let table = DataTable {
        id: "uses",
        caption: "Pages looked at, by day (UTC)",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for used in uses {
            tr {
                (td("Day", date(chrome, used.day)))
                (td("Page", html! { code { (used.page) } }))
                (td_num("Views", html! { (used.views) }))
                (td_num("People", html! { (used.people) }))
            }
        }
    };
    card(
        "Pages in use",
        html! {
            @if uses.is_empty() {
                p { "Nobody looked at a page in the last seven days." }
            } @else {
                (data_table(&table, rows, None))
            }
            p.hint {
                "The last seven days, by the form of the address. What a page shows, where somebody came "
                "from and what they did next are not noted."
            }
        },
    )
}
