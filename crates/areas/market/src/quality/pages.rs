use axum::{
    Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use uuid::Uuid;
use web::{
    App, Path, Problem,
    components::{
        Column, DataTable, breadcrumb, card, csrf_field, data_table, empty_state, instant,
        link_button, page_head, submit, submit_quiet, td, td_num,
    },
    page,
};

use super::{Doubtful, Finding, Kind};
use crate::{bars, stated_by};

const HOME: &str = "/market/quarantine";
/// Rows of the page; the rest follows as these are decided.
const ROWS: i64 = 100;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(HOME, get(list))
        .route("/market/quarantine/{id}/accept", post(accept))
        .route("/market/quarantine/{id}/reject", post(reject))
        .route("/market/quarantine/findings/{id}/dismiss", post(dismiss))
}

async fn list(State(app): State<App>, _: Admin, viewer: Viewer) -> Result<Markup, Problem> {
    let found = super::open(&app.db, ROWS).await?;
    let findings = super::open_findings(&app.db, ROWS).await?;
    let body = if found.is_empty() && findings.is_empty() {
        empty_state(
            "Nothing is doubted",
            "Bars and quotes that look wrong wait here until you accept or reject them.",
            ("Data sources", "/market/sources"),
            None,
        )
    } else {
        html! {
            @if !found.is_empty() { (card("Waiting for you", table(&viewer, &found))) }
            @let (stored, left_out): (Vec<&Finding>, Vec<&Finding>) =
                findings.iter().partition(|finding| finding.is_stored);
            @if !left_out.is_empty() {
                (card("Left out", table_of_findings(&viewer, ("left-out", "Values that were left out"), &left_out)))
            }
            @if !stored.is_empty() {
                (card("Stored from files", html! {
                    p.hint {
                        "Whoever loads a file states what it says, so these bars are stored. Mend what is wrong on the \
                         page of the instrument: a split as a corporate action, a price by an override."
                    }
                    (table_of_findings(&viewer, ("stored", "Bars of files that are doubted"), &stored))
                }))
            }
        }
    };
    Ok(page(
        &viewer.chrome,
        "Doubtful prices",
        html! {
            (breadcrumb(&[("Data sources", "/market/sources")], "Doubtful prices"))
            (page_head("Doubtful prices", html! {}))
            (body)
        },
    ))
}

fn table(viewer: &Viewer, found: &[Doubtful]) -> Markup {
    let columns = [
        Column::text("instrument", "Instrument").fixed(),
        Column::text("day", "Day").fixed(),
        Column::text("what", "What"),
        Column::number("close", "Close").fixed(),
        Column::text("source", "Source"),
        Column::text("why", "Why it is doubted").fixed(),
        Column::text("found", "Found").wide(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id: "quarantine",
        caption: "Doubtful prices",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for doubtful in found { (row(viewer, doubtful)) } };
    data_table(&table, rows, None)
}

fn row(viewer: &Viewer, doubtful: &Doubtful) -> Markup {
    let day = doubtful.day();
    let instrument = format!("/market/instruments/{}", doubtful.instrument_id);
    let act = |verb: &str| format!("{HOME}/{}/{verb}", doubtful.id);
    let split = doubtful.proposed_split().map(|(to, from)| {
        format!("{instrument}/corporate-actions/new?type=split&ex_date={day}&ratio={to}:{from}")
    });
    let close = format!("{instrument}/overrides?date={day}");
    html! {
        tr {
            (td("Instrument", html! { a href=(instrument) { (doubtful.symbol) } }))
            (td("Day", match doubtful.kind {
                Kind::Bar(bars::Interval::Day) => web::components::date(&viewer.chrome, day),
                _ => instant(&viewer.chrome, doubtful.bar.at),
            }))
            (td("What", html! { (what(doubtful.kind)) }))
            (td_num("Close", html! { (doubtful.bar.close) }))
            (td("Source", html! { (stated_by::label(&doubtful.source)) }))
            (td("Why it is doubted", html! {
                @for doubt in &doubtful.doubts { p { (doubt.sentence()) } }
            }))
            (td("Found", instant(&viewer.chrome, doubtful.found_at)))
            (td("Action", html! {
                div.actions {
                    @if let Some(split) = &split {
                        (link_button("State the split", split, false))
                    }
                    @if doubtful.can_be_accepted() {
                        form method="post" action=(act("accept")) {
                            (csrf_field(&viewer.chrome)) (submit("Accept"))
                        }
                    }
                    form method="post" action=(act("reject")) {
                        (csrf_field(&viewer.chrome)) (submit_quiet("Reject"))
                    }
                    (link_button("State the close", &close, false))
                }
            }))
        }
    }
}

fn what(kind: Kind) -> String {
    match kind {
        Kind::Bar(bars::Interval::Day) => "Daily bar".to_owned(),
        Kind::Bar(interval) => format!("Bar of {interval}"),
        Kind::Quote => "Quote".to_owned(),
    }
}

fn table_of_findings(
    viewer: &Viewer,
    (id, caption): (&'static str, &'static str),
    findings: &[&Finding],
) -> Markup {
    let columns = [
        Column::text("instrument", "Instrument").fixed(),
        Column::text("what", "What").fixed(),
        Column::text("source", "Source"),
        Column::text("why", "Why it is doubted").fixed(),
        Column::number("count", "Values").fixed(),
        Column::text("example", "For example"),
        Column::text("seen", "Last seen").wide(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id,
        caption,
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for finding in findings {
            @let dismiss = format!("{HOME}/findings/{}/dismiss", finding.id);
            tr {
                (td("Instrument", html! {
                    @match finding.instrument_id {
                        Some(id) => { a href=(format!("/market/instruments/{id}")) { (finding.symbol) } }
                        None => (finding.symbol),
                    }
                }))
                (td("What", html! { (finding.want.replace('_', " ")) }))
                (td("Source", html! { (stated_by::label(&finding.source)) }))
                (td("Why it is doubted", html! { (finding.sentence) }))
                (td_num("Values", html! { (finding.count) }))
                (td("For example", html! { (finding.example) }))
                (td("Last seen", instant(&viewer.chrome, finding.seen_at)))
                (td("Action", html! {
                    form method="post" action=(dismiss) {
                        (csrf_field(&viewer.chrome)) (submit_quiet("Dismiss"))
                    }
                }))
            }
        }
    };
    data_table(&table, rows, None)
}

async fn dismiss(
    State(app): State<App>,
    admin: Admin,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    super::dismiss(&app.db, id, admin.user_id, app.clock.now()).await?;
    Ok(Redirect::to(HOME))
}

async fn accept(
    State(app): State<App>,
    admin: Admin,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    super::decide(&app.db, id, true, admin.user_id, app.clock.now()).await?;
    Ok(Redirect::to(HOME))
}

async fn reject(
    State(app): State<App>,
    admin: Admin,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    super::decide(&app.db, id, false, admin.user_id, app.clock.now()).await?;
    Ok(Redirect::to(HOME))
}
