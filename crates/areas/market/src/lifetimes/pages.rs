//! The operator's page of what is kept of bars and ticks.

use axum::{
    Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use web::{
    App, Chrome, Problem,
    components::{
        Column, DataTable, badge, breadcrumb, card, csrf_field, data_table, instant, page_head,
        submit, td, td_num,
    },
    page,
};

use super::{
    KeepBars,
    overview::{self, Overview, Stored},
};

const HOME: &str = "/market/lifetimes";
const TITLE: &str = "What is kept";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(HOME, get(show))
        .route("/market/lifetimes/run", post(run))
}

async fn show(State(app): State<App>, _: Admin, viewer: Viewer) -> Result<Markup, Problem> {
    let overview = overview::overview(&app.db, app.clock.now()).await?;
    let chrome = &viewer.chrome;
    let actions = html! {
        form method="post" action="/market/lifetimes/run" {
            (csrf_field(chrome)) (submit("Look after it now"))
        }
    };
    Ok(page(
        chrome,
        TITLE,
        html! {
            (breadcrumb(&[("Data sources", "/market/sources")], TITLE))
            (page_head(TITLE, actions))
            p.lead {
                "Ticks are kept for 14 days, minutes for 30 (packed after 7), quarters of an hour for their "
                "month and 30 days; longer bars stay. What goes was computed into longer bars before."
                @if overview.tables.iter().any(|stored| stored.is_hypertable) {
                    " Bars and ticks are hypertables of TimescaleDB, whose chunks come by themselves."
                }
            }
            (card("Tables", tables(&overview)))
            (card("Upkeep", tasks(chrome, &overview)))
            (card("Gone by age", dropped(chrome, &overview)))
        },
    ))
}

async fn run(State(app): State<App>, _: Admin) -> Result<Redirect, Problem> {
    let mut tx = app.db.system("queue the upkeep of bars").await?;
    jobs::enqueue(&mut tx, &KeepBars {}).await?;
    tx.note_deed(None, &serde_json::json!({})).await?;
    tx.commit().await?;
    Ok(Redirect::to(HOME))
}

/// What a table holds, in words.
fn holds(name: &str) -> &str {
    match name {
        "bars_1m" => "Minutes",
        "bars_5m" => "Bars of 5 minutes",
        "bars_15m" => "Quarters of an hour",
        "bars_1h" => "Hours",
        "bars_1d" => "Days",
        "bar_versions" => "Former values of bars",
        "packed_bars" => "Packed minutes (one row a day and instrument)",
        "ticks" => "Ticks",
        other => other,
    }
}

fn tables(overview: &Overview) -> Markup {
    let columns = [
        Column::text("holds", "Holds").fixed(),
        Column::number("rows", "Rows, about").fixed(),
        Column::number("size", "Size").fixed(),
        Column::number("partitions", "Partitions"),
        Column::text("ahead", "Next days").fixed(),
    ];
    let table = DataTable {
        id: "tables",
        caption: "Tables of bars and ticks",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for stored in &overview.tables {
            tr {
                (td("Holds", html! { (holds(&stored.name)) }))
                (td_num("Rows, about", html! { (stored.rows_about) }))
                (td_num("Size", html! { (size(stored.bytes)) }))
                (td_num("Partitions", partitions(stored)))
                (td("Next days", badge(if stored.is_ahead { "Ready" } else { "Missing" })))
            }
        }
    };
    html! {
        (data_table(&table, rows, None))
        p.hint {
            "Rows are as the server counted them last. " (overview.waiting.minutes) " minutes and "
            (overview.waiting.hours) " hours wait to be computed."
        }
    }
}

fn partitions(stored: &Stored) -> Markup {
    let Some(step) = &stored.step else {
        return html! { "one table" };
    };
    let each = if stored.is_hypertable {
        "chunks of"
    } else {
        "by"
    };
    html! { (stored.partitions) " (" (each) " " (step) ")" }
}

fn size(bytes: i64) -> String {
    let mut amount = bytes as f64;
    for unit in ["bytes", "kB", "MB"] {
        if amount < 1000.0 {
            let digits = usize::from(unit != "bytes");
            return format!("{amount:.digits$} {unit}");
        }
        amount /= 1000.0;
    }
    format!("{amount:.1} GB")
}

fn does(task: &str) -> &str {
    match task {
        "ahead" => "Next days made ready",
        "pack" => "Minutes packed",
        "drop_1m" => "Minutes dropped",
        "drop_15m" => "Months of quarters of an hour dropped",
        "drop_ticks" => "Ticks dropped",
        other => other,
    }
}

fn tasks(chrome: &Chrome, overview: &Overview) -> Markup {
    if overview.tasks.is_empty() {
        return html! { p { "It has not run yet. A server looks after it every day." } };
    }
    let columns = [
        Column::text("task", "Task").fixed(),
        Column::text("ran", "Last run").fixed(),
        Column::number("done", "Done").fixed(),
        Column::text("kept", "What had to stay").fixed(),
    ];
    let table = DataTable {
        id: "upkeep",
        caption: "What the upkeep did last",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for task in &overview.tasks {
            tr {
                (td("Task", html! { (does(&task.name)) }))
                (td("Last run", instant(chrome, task.ran_at)))
                (td_num("Done", html! { (task.done) }))
                (td("What had to stay", html! { (task.kept.as_deref().unwrap_or("Nothing")) }))
            }
        }
    };
    data_table(&table, rows, None)
}

fn dropped(chrome: &Chrome, overview: &Overview) -> Markup {
    if overview.dropped.is_empty() {
        return html! { p { "Nothing has gone yet." } };
    }
    html! {
        ul {
            @for gone in &overview.dropped {
                li {
                    (if gone.kind == "ticks" { "Ticks" } else { "Minutes" }) " of " (gone.days)
                    " days of instruments, the last at " (instant(chrome, gone.last_at)) "."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_a_unit_that_people_read() {
        let sizes = [0, 999, 8_192, 20_000_000, 3_400_000_000_000].map(size);
        assert_eq!(
            sizes,
            ["0 bytes", "999 bytes", "8.2 kB", "20.0 MB", "3400.0 GB"]
        );
    }
}
