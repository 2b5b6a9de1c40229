use axum::{Router, extract::State, routing::get};
use calendar::{Calendar, Day};
use identity::Viewer;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use maud::{Markup, html};
use web::{
    App, Chrome, Path, Problem,
    components::{self as c, Column, DataTable, card, data_table, link_button, page_head, td},
    page,
};

use super::{
    model::{Exchange, WITHOUT_CALENDAR},
    store,
};

/// Days of which the page of an exchange tells what they are.
const DAYS_AHEAD: i32 = 370;
/// Sessions that are listed.
const SESSIONS: usize = 10;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/market/exchanges", get(list))
        .route("/market/exchanges/{mic}", get(show))
}

async fn list(State(app): State<App>, viewer: Viewer) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let exchanges = store::list(tx.conn()).await?;
    let chrome = &viewer.chrome;
    let now = app.clock.now();
    let columns = [
        Column::text("mic", "MIC").fixed(),
        Column::text("code", "Code"),
        Column::text("name", "Name").fixed(),
        Column::text("country", "Country"),
        Column::text("currency", "Currency"),
        Column::text("zone", "Time zone").wide(),
        Column::text("state", "Now").fixed(),
    ];
    let table = DataTable {
        id: "exchanges",
        caption: "Exchanges",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for exchange in &exchanges { (table_row(chrome, exchange, now)) } };
    Ok(page(
        chrome,
        "Exchanges",
        html! {
            (c::breadcrumb(&[("Market", "/market")], "Exchanges"))
            (page_head("Exchanges", html! {
                (link_button("Instruments", "/market/instruments", false))
            }))
            section.card { (data_table(&table, rows, None)) }
        },
    ))
}

fn table_row(chrome: &Chrome, exchange: &Exchange, now: Timestamp) -> Markup {
    html! {
        tr {
            (td("MIC", html! {
                a href=(format!("/market/exchanges/{}", exchange.mic)) { (exchange.mic) }
            }))
            (td("Code", html! { (exchange.code) }))
            (td("Name", html! { (exchange.name) }))
            (td("Country", html! { (exchange.country) }))
            (td("Currency", html! { (exchange.currency) }))
            (td("Time zone", html! { (exchange.time_zone) }))
            (td("Now", match exchange.calendar() {
                Ok(calendar) => state(chrome, &calendar, now),
                Err(_) => c::missing(WITHOUT_CALENDAR),
            }))
        }
    }
}

/// Whether it is open, and until or from when, on the person's own clock.
fn state(chrome: &Chrome, calendar: &Calendar, now: Timestamp) -> Markup {
    if let Some(session) = calendar.session_at(now).filter(|s| s.is_open_at(now)) {
        return html! { "Open until " (c::instant(chrome, session.closes_at)) };
    }
    html! {
        "Closed"
        @if let Some(opens) = calendar.next_open(now) { " until " (c::instant(chrome, opens)) }
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(mic): Path<String>,
) -> Result<Markup, Problem> {
    let exchange = {
        let mut tx = app.db.read(viewer.user_id).await?;
        store::require(tx.conn(), &mic).await?
    };
    let chrome = &viewer.chrome;
    let now = app.clock.now();
    let calendar = exchange.calendar();
    Ok(page(
        chrome,
        &exchange.name,
        html! {
            (c::breadcrumb(&[("Market", "/market"), ("Exchanges", "/market/exchanges")], &exchange.mic))
            (page_head(&exchange.name, html! {
                (link_button(
                    "Its instruments",
                    &format!("/market/screener?exchange={}", exchange.mic),
                    false,
                ))
            }))
            (card("Facts", facts(&exchange)))
            @match &calendar {
                Ok(calendar) => {
                    (card("Trading", html! {
                        p { (state(chrome, calendar, now)) }
                        (sessions(chrome, calendar, now))
                    }))
                    (card("Closed days", closed(chrome, calendar, now)))
                }
                Err(_) => {
                    (card("Trading", html! {
                        (c::notice(c::NoticeKind::Info, html! {
                            "This exchange has " (WITHOUT_CALENDAR) ". Its holidays, half days and hours are not "
                            "known: prices are asked for at any hour, and a daily bar that is made out of minutes "
                            "spans a day of UTC."
                        }))
                    }))
                }
            }
        },
    ))
}

fn facts(exchange: &Exchange) -> Markup {
    let facts = [
        ("MIC", exchange.mic.as_str()),
        ("Code", &exchange.code),
        ("Country", &exchange.country),
        ("Currency", &exchange.currency),
        ("Time zone", &exchange.time_zone),
    ];
    html! {
        dl.facts {
            @for (term, value) in facts { div { dt { (term) } dd { (value) } } }
            @if !exchange.aliases.is_empty() {
                div { dt { "Also called" } dd { (exchange.aliases.join(", ")) } }
            }
        }
    }
}

fn sessions(chrome: &Chrome, calendar: &Calendar, now: Timestamp) -> Markup {
    let today = calendar.zone().to_datetime(now).date();
    let until = today.saturating_add(DAYS_AHEAD.days());
    let columns = [
        Column::text("day", "Day").fixed(),
        Column::text("opens", "Opens").fixed(),
        Column::text("closes", "Closes").fixed(),
        Column::text("note", "Note"),
    ];
    let table = DataTable {
        id: "sessions",
        caption: "The next sessions, by the clock of the exchange",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for session in calendar.sessions(today, until).take(SESSIONS) {
            tr {
                (td("Day", c::date(chrome, session.date)))
                (td("Opens", clock(calendar.zone(), session.opens_at)))
                (td("Closes", clock(calendar.zone(), session.closes_at)))
                (td("Note", html! {
                    @if let Some(reason) = session.early_close { "Ends early: " (reason) ". " }
                    @if let Some(reason) = session.special { "Hours of its own: " (reason) ". " }
                    @if !calendar.knows(session.date) { "Not all holidays of this year are known. " }
                    @if let Some((from, to)) = session.pause {
                        "Pause from " (clock(calendar.zone(), from)) " to "
                            (clock(calendar.zone(), to))
                    }
                }))
            }
        }
    };
    html! {
        p.hint { "By the clock of the exchange." }
        (data_table(&table, rows, None))
    }
}

fn clock(zone: &TimeZone, at: Timestamp) -> Markup {
    let local = zone.to_datetime(at);
    html! { time datetime=(at) { (local.strftime("%H:%M")) } }
}

fn closed(chrome: &Chrome, calendar: &Calendar, now: Timestamp) -> Markup {
    let today = calendar.zone().to_datetime(now).date();
    let days = std::iter::successors(Some(today), |day| day.tomorrow().ok())
        .take(usize::try_from(DAYS_AHEAD).unwrap_or(usize::MAX));
    let closed: Vec<(Date, &str)> = days
        .filter_map(|day| match calendar.day(day) {
            Day::Holiday(reason) => Some((day, reason)),
            Day::Session(_) | Day::Weekend => None,
        })
        .collect();
    html! {
        @if closed.is_empty() {
            p { "It keeps no holidays." }
        } @else {
            ul {
                @for (day, reason) in closed { li { (c::date(chrome, day)) " · " (reason) } }
            }
        }
        @if let Some(year) = calendar.known_until() {
            p.hint {
                "Holidays that follow the moon or the sun or are decreed are known until " (year)
                "; what rules do not tell of later years is missing."
            }
        }
    }
}
