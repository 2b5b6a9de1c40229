//! Taking an import back: the question, and how far it is.

use axum::{extract::State, response::Redirect};
use identity::Viewer;
use maud::{Markup, html};
use web::{
    App, Chrome, Path, Problem,
    components::{self as ui, Confirm, NoticeKind},
};

use super::{
    super::{Import, ImportId, ImportStatus, model::Undo, service, undoing},
    history::status_label,
    long::REFRESH_S,
    show::plural,
};

pub(super) async fn ask(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<Markup, Problem> {
    let import = service::require(&app, viewer.user_id, id).await?;
    let action = format!("/portfolio/imports/{}/undo", id.0);
    let cancel = format!("/portfolio/imports/{}", id.0);
    Ok(ui::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Undo this import?",
            text: html! {
                p {
                    "The " (import.imported_count)
                    (plural(import.imported_count, " transaction that ", " transactions that "))
                    strong { (import.file_name) } " brought to " (import.portfolio_name)
                    (plural(import.imported_count, " is", " are"))
                    " removed, also those that were edited since. The file can be imported again."
                }
            },
            action: &action,
            verb: "Undo the import",
            cancel_href: &cancel,
        },
    ))
}

pub(super) async fn undo(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<Redirect, Problem> {
    undoing::undo(&app, viewer.user_id, id).await?;
    Ok(Redirect::to(&format!("/portfolio/imports/{}", id.0)))
}

/// The page of an import that is taken back part by part, or of which that was interrupted.
pub(super) fn page(chrome: &Chrome, import: &Import) -> Option<Markup> {
    let undo = import.undo.as_ref()?;
    let is_running = match import.status {
        ImportStatus::Undoing => true,
        ImportStatus::UndoInterrupted => false,
        ImportStatus::Preview
        | ImportStatus::Running
        | ImportStatus::Interrupted
        | ImportStatus::Imported
        | ImportStatus::Undone => return None,
    };
    let main = html! {
        (ui::breadcrumb(&[("Imports", "/portfolio/imports")], &import.file_name))
        (ui::page_head_with(&import.file_name, ui::badge(status_label(import.status)), html! {}))
        @if let Some(reason) = &undo.stopped_because {
            (ui::notice(NoticeKind::Problem, html! { p { strong { "Undoing this import was interrupted. " } (reason) } }))
        }
        (ui::notice(NoticeKind::Info, html! {
            p {
                @if is_running { "This import is being undone in the background" } @else { "This import is undone in part" }
                ", from the end of its file. Until that is done, every figure of " (import.portfolio_name)
                " is of what is left, its history may be of before, and no other file can be imported into it."
            }
        }))
        section.card data-poll=[is_running.then_some("")] {
            (state(import, undo))
            div.actions { (action(chrome, import, is_running)) }
        }
    };
    Some(if is_running {
        web::live_page(chrome, &import.file_name, main, REFRESH_S)
    } else {
        web::page(chrome, &import.file_name, main)
    })
}

fn state(import: &Import, undo: &Undo) -> Markup {
    let percent = (undo.removed * 100).checked_div(undo.total).unwrap_or(100);
    let left = undo.total.saturating_sub(undo.removed);
    html! {
        div data-live {
            p { label for="progress" { (percent) " % is taken back" } }
            progress id="progress" max="100" value=(percent) { (percent) " %" }
        }
        div data-live {
            (ui::stats(&[
                ui::stat("Removed", html! { (undo.removed) }, html! { "of " (undo.total) " transactions" }),
                ui::stat("Left", html! { (left) }, html! { "are still in " (import.portfolio_name) }),
            ]))
        }
    }
}

fn action(chrome: &Chrome, import: &Import, is_running: bool) -> Markup {
    let (verb, label) = if is_running {
        ("stop", "Stop undoing")
    } else {
        ("resume", "Resume undoing")
    };
    html! {
        form method="post" action=(format!("/portfolio/imports/{}/{verb}", import.id.0)) {
            (ui::csrf_field(chrome))
            @if is_running { (ui::submit_quiet(label)) } @else { (ui::submit(label)) }
        }
    }
}
