use axum::extract::State;
use identity::Viewer;
use maud::{Markup, html};
use web::{App, Chrome, PageQuery, Problem, Query, QueryString, components as ui};

use super::{
    super::{Import, ImportStatus, service},
    known_formats,
};

pub(super) async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Markup, Problem> {
    let page = service::list(&app, viewer.user_id, &query).await?;
    let next = page.next_cursor.as_deref().map(|cursor| {
        let mut link = QueryString::new();
        link.push("limit", query.limit);
        link.push("cursor", Some(cursor));
        format!("/portfolio/imports{}", link.finish())
    });
    let chrome = &viewer.chrome;
    let main = html! {
        (ui::page_head("Imports", html! { (ui::link_button("Import a file", "/portfolio/imports/new", true)) }))
        @if page.items.is_empty() && query.cursor.is_none() {
            (ui::empty_state(
                "No imports yet",
                &format!("Bursar reads {}, and any CSV whose columns you name. Every import can be undone as a whole.", known_formats()),
                ("Import a file", "/portfolio/imports/new"),
                None,
            ))
        } @else {
            section.card {
                (table(chrome, &page.items))
                (ui::pagination(next.as_deref()))
            }
        }
    };
    Ok(web::page(chrome, "Imports", main))
}

fn table(chrome: &Chrome, imports: &[Import]) -> Markup {
    html! {
        div.table-scroll role="region" aria-label="Imports" tabindex="0" {
            table.data.cards {
                caption.visually-hidden { "Imports, newest first" }
                thead {
                    tr {
                        (ui::th("File")) (ui::th("Portfolio")) (ui::th("Format")) (ui::th("Date")) (ui::th("State"))
                        (ui::th_num("Imported")) (ui::th_num("Duplicates")) (ui::th_num("Refused"))
                    }
                }
                tbody {
                    @for import in imports {
                        tr {
                            (ui::td("File", html! { a href=(format!("/portfolio/imports/{}", import.id.0)) { (import.file_name) } }))
                            (ui::td("Portfolio", html! { (import.portfolio_name) }))
                            (ui::td("Format", html! { (import.format.map_or("not known yet", statements::Format::title)) }))
                            (ui::td("Date", ui::day_of(chrome, import.created_at)))
                            (ui::td("State", html! { (ui::badge(status_label(import.status))) }))
                            (ui::td_num("Imported", html! { (import.imported_count) }))
                            (ui::td_num("Duplicates", html! { (import.duplicate_count) }))
                            (ui::td_num("Refused", html! { (import.rejected_count) }))
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn status_label(status: ImportStatus) -> &'static str {
    match status {
        ImportStatus::Preview => "waiting for you",
        ImportStatus::Running => "running",
        ImportStatus::Interrupted => "interrupted",
        ImportStatus::Imported => "imported",
        ImportStatus::Undoing => "being undone",
        ImportStatus::UndoInterrupted => "undone in part",
        ImportStatus::Undone => "undone",
    }
}
