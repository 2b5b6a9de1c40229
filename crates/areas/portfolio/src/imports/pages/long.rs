//! Long files: what confirming them means, and how far they are.

use axum::{extract::State, response::Redirect};
use identity::Viewer;
use maud::{Markup, html};
use web::{
    App, Chrome, Path, Problem,
    components::{self as ui, NoticeKind},
};

use super::{
    super::{Import, ImportId, ImportStatus, Long, model::Listed, service},
    STEPS,
    history::status_label,
    show::{left_out, refusals},
};

/// How often the page of what is under way is fetched anew without a script.
pub(super) const REFRESH_S: u32 = 3;
const MIB: u64 = 1024 * 1024;

/// What waits for a decision.
pub(super) fn decision(chrome: &Chrome, import: &Import) -> Markup {
    let action = |verb: &str| format!("/portfolio/imports/{}/{verb}", import.id.0);
    let bytes = import.long.as_ref().map_or(0, |long| long.bytes_total);
    let format = import.format.map_or("", statements::Format::title);
    html! {
        section.card {
            (ui::stats(&[
                ui::stat("Size", html! { (bytes / MIB) " MiB" }, html! { "goes to " (import.portfolio_name) }),
                ui::stat("Format", html! { (format) }, html! {
                    @if import.mapping.is_some() { a href=(action("mapping")) { "Change the columns" } }
                }),
            ]))
            p.hint {
                "The file is long, so it is booked part by part in the background. You can watch it, stop it, "
                "resume it and undo it. Below are its first rows; all refused lines are listed as they are found."
            }
            div.actions {
                form method="post" action=(action("confirm")) {
                    (ui::csrf_field(chrome))
                    (ui::submit("Start the import"))
                }
                form method="post" action=(action("discard")) {
                    (ui::csrf_field(chrome))
                    (ui::submit_quiet("Discard the file"))
                }
            }
        }
    }
}

/// The page of a long file that is under way or was interrupted; other states have another page.
pub(super) fn page(chrome: &Chrome, import: &Import, listed: &Listed) -> Option<Markup> {
    let long = import.long.as_ref()?;
    let is_running = match import.status {
        ImportStatus::Running => true,
        ImportStatus::Interrupted => false,
        ImportStatus::Preview
        | ImportStatus::Imported
        | ImportStatus::Undoing
        | ImportStatus::UndoInterrupted
        | ImportStatus::Undone => return None,
    };
    let main = html! {
        (ui::breadcrumb(&[("Imports", "/portfolio/imports")], &import.file_name))
        (ui::page_head_with(&import.file_name, ui::badge(status_label(import.status)), html! {}))
        (ui::stepper(&STEPS, 2))
        @if let Some(reason) = &long.stopped_because {
            (ui::notice(NoticeKind::Problem, html! { p { strong { "The import was interrupted. " } (reason) } }))
        }
        section.card data-poll=[is_running.then_some("")] {
            (state(import, long))
            div.actions { (actions(chrome, import, long, is_running)) }
        }
        (refusals(&listed.rejected, import.rejected_count.unsigned_abs() as usize))
        (left_out(&listed.skipped, import.skipped_count.unsigned_abs() as usize))
    };
    Some(if is_running {
        web::live_page(chrome, &import.file_name, main, REFRESH_S)
    } else {
        web::page(chrome, &import.file_name, main)
    })
}

fn state(import: &Import, long: &Long) -> Markup {
    let percent = (long.bytes_done * 100)
        .checked_div(long.bytes_total)
        .unwrap_or(100);
    html! {
        div data-live {
            p { label for="progress" { (percent) " % of " (long.bytes_total / MIB) " MiB is booked" } }
            progress id="progress" max="100" value=(percent) { (percent) " %" }
        }
        div data-live {
            (ui::stats(&[
                ui::stat("Records", html! { (long.records_done) }, html! { "of the file are done" }),
                ui::stat("Imported", html! { (import.imported_count) }, html! { "went to " (import.portfolio_name) }),
                ui::stat("Duplicates", html! { (import.duplicate_count) }, html! { "were there already" }),
                ui::stat("Refused", html! { (import.rejected_count) }, html! { "lines" }),
                ui::stat("Left out", html! { (import.skipped_count) }, html! { "lines that state nothing to record" }),
            ]))
        }
    }
}

fn actions(chrome: &Chrome, import: &Import, long: &Long, is_running: bool) -> Markup {
    let action = |verb: &str| format!("/portfolio/imports/{}/{verb}", import.id.0);
    html! {
        @if is_running {
            form method="post" action=(action("stop")) {
                (ui::csrf_field(chrome))
                (ui::submit_quiet("Stop the import"))
            }
        } @else if long.spool.is_some() {
            form method="post" action=(action("resume")) {
                (ui::csrf_field(chrome))
                (ui::submit("Resume the import"))
            }
        } @else {
            p { "To go on, run the same " code { "bursar import transactions" } " command again, or hand the file in anew." }
        }
        (ui::link_button("Undo this import", &action("undo"), false))
    }
}

pub(super) async fn stop(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<Redirect, Problem> {
    service::stop(&app, viewer.user_id, id).await?;
    Ok(Redirect::to(&format!("/portfolio/imports/{}", id.0)))
}

pub(super) async fn resume(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<Redirect, Problem> {
    service::resume(&app, viewer.user_id, id).await?;
    Ok(Redirect::to(&format!("/portfolio/imports/{}", id.0)))
}
