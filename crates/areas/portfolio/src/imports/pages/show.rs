use axum::{extract::State, response::Redirect};
use identity::Viewer;
use maud::{Markup, html};
use statements::Rejection;
use web::{
    App, Chrome, Path, Problem,
    components::{self as ui, NoticeKind},
};

use super::{
    super::{
        Import, ImportId, ImportStatus,
        model::Listed,
        preview::{Booking, Preview, ROWS_SHOWN},
        service,
    },
    STEPS,
    history::status_label,
    long, undo,
};
use crate::transactions::pages::kind_label;

pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<axum::response::Response, Problem> {
    use axum::response::IntoResponse;
    let (import, preview) = service::look(&app, viewer.user_id, id).await?;
    if import.status == ImportStatus::Preview && import.format.is_none() {
        let mapping = format!("/portfolio/imports/{}/mapping", id.0);
        return Ok(Redirect::to(&mapping).into_response());
    }
    let chrome = &viewer.chrome;
    let listed = match preview {
        Some(_) => Listed::default(),
        None => service::listed(&app, viewer.user_id, id, ROWS_SHOWN).await?,
    };
    let under_way = long::page(chrome, &import, &listed).or_else(|| undo::page(chrome, &import));
    if let Some(page) = under_way {
        return Ok(page.into_response());
    }
    let main = html! {
        (ui::breadcrumb(&[("Imports", "/portfolio/imports")], &import.file_name))
        (ui::page_head_with(&import.file_name, ui::badge(status_label(import.status)), html! {}))
        @if let Some(preview) = &preview {
            (ui::stepper(&STEPS, 2))
            (decision(chrome, &import, preview))
            (adds_up(preview))
            (refusals(&preview.rejected, preview.rejected.len()))
            (left_out(&preview.skipped, preview.skipped.len()))
            (ui::card(if import.long.is_some() { "The first rows" } else { "Preview" }, rows(chrome, preview)))
        } @else {
            (result(&import))
            (refusals(&listed.rejected, import.rejected_count.unsigned_abs() as usize))
            (left_out(&listed.skipped, import.skipped_count.unsigned_abs() as usize))
        }
    };
    Ok(web::page(chrome, &import.file_name, main).into_response())
}

fn decision(chrome: &Chrome, import: &Import, preview: &Preview) -> Markup {
    let action = |verb: &str| format!("/portfolio/imports/{}/{verb}", import.id.0);
    let new = preview.new_count();
    let format = import.format.map_or("", statements::Format::title);
    if import.long.is_some() {
        return long::decision(chrome, import);
    }
    html! {
        section.card {
            (ui::stats(&[
                ui::stat("New", html! { (new) }, html! { "go to " (import.portfolio_name) }),
                ui::stat("Duplicates", html! { (preview.duplicate_count()) }, html! { "are there already and will be left out" }),
                ui::stat("Refused", html! { (preview.rejected.len()) }, html! { "lines, listed below" }),
                ui::stat("Left out", html! { (preview.skipped.len()) }, html! { "lines that state nothing to record" }),
                ui::stat("Format", html! { (format) }, html! {
                    @if import.mapping.is_some() { a href=(action("mapping")) { "Change the columns" } }
                }),
            ]))
            div.actions {
                @if new > 0 {
                    form method="post" action=(action("confirm")) {
                        (ui::csrf_field(chrome))
                        (ui::submit(&format!("Import {new} {}", plural(new, "transaction", "transactions"))))
                    }
                }
                form method="post" action=(action("discard")) {
                    (ui::csrf_field(chrome))
                    (ui::submit_quiet("Discard the file"))
                }
            }
        }
    }
}

fn result(import: &Import) -> Markup {
    let transactions = format!("/portfolio/transactions?import_id={}", import.id.0);
    let undo = format!("/portfolio/imports/{}/undo", import.id.0);
    html! {
        @match import.status {
            ImportStatus::Imported => {
                (ui::notice(NoticeKind::Success, html! {
                    p {
                        (import.imported_count) (plural(import.imported_count, " transaction is in ", " transactions are in "))
                        (import.portfolio_name) ". " (import.duplicate_count)
                        (plural(import.duplicate_count, " was there already and ", " were there already and "))
                        (import.rejected_count)
                        (plural(import.rejected_count, " line was refused.", " lines were refused."))
                        @if import.skipped_count > 0 {
                            " " (import.skipped_count)
                            (plural(import.skipped_count, " line was left out.", " lines were left out."))
                        }
                    }
                }))
                div.actions {
                    (ui::link_button("Dashboard", "/", true))
                    (ui::link_button("Show the transactions", &transactions, false))
                    (ui::link_button("Does it add up?", "/portfolio/health", false))
                    (ui::link_button("Undo this import", &undo, false))
                }
            }
            ImportStatus::Undone => {
                (ui::notice(NoticeKind::Info, html! { p { "Everything that this import brought was taken back." } }))
                div.actions { (ui::link_button("Import a file", "/portfolio/imports/new", true)) }
            }
            // These have pages of their own.
            ImportStatus::Preview
            | ImportStatus::Running
            | ImportStatus::Interrupted
            | ImportStatus::Undoing
            | ImportStatus::UndoInterrupted => {}
        }
    }
}

pub(super) fn plural<'t>(count: impl TryInto<i64>, one: &'t str, many: &'t str) -> &'t str {
    if count.try_into().is_ok_and(|count| count == 1) {
        one
    } else {
        many
    }
}

/// What the file states, against what the portfolio would be.
fn adds_up(preview: &Preview) -> Markup {
    let (stated, gaps) = (preview.stated, &preview.gaps);
    html! {
        @if stated > 0 {
            (ui::card("Does it add up?", html! {
                @if gaps.is_empty() {
                    p {
                        "The file states " (stated) (plural(stated as i64, " balance", " balances"))
                        ", and after the import the portfolio agrees with " (plural(stated as i64, "it.", "all of them."))
                    }
                } @else {
                    p {
                        "The file states " (stated) (plural(stated as i64, " balance. ", " balances. "))
                        "After the import the portfolio would differ in " (gaps.len()) ":"
                    }
                    table.data.cards {
                        caption.visually-hidden { "Where the portfolio would differ" }
                        thead { tr { (ui::th("What")) (ui::th("Difference")) (ui::th("Proposed fix")) } }
                        tbody {
                            @for gap in gaps.iter().take(ROWS_SHOWN) {
                                tr {
                                    (ui::td("What", html! { (gap.symbol.as_deref().unwrap_or_default()) }))
                                    (ui::td("Difference", html! { (gap.message) }))
                                    (ui::td("Proposed fix", html! { (gap.remedy) }))
                                }
                            }
                        }
                    }
                    @if gaps.len() > ROWS_SHOWN { p.hint { "and " (gaps.len() - ROWS_SHOWN) " more" } }
                    p.hint { "You may import the file all the same: the differences stay on the health page until they are gone or accepted." }
                }
            }))
        }
    }
}

/// Lists refused lines, of which `count` are there in all.
pub(super) fn refusals(rejected: &[Rejection], count: usize) -> Markup {
    html! {
        @if !rejected.is_empty() {
            (ui::card("Refused lines", lines("Lines that were refused", rejected, count)))
        }
    }
}

/// Lists lines that state nothing to record, of which `count` are there in all.
pub(super) fn left_out(skipped: &[Rejection], count: usize) -> Markup {
    html! {
        @if !skipped.is_empty() {
            (ui::card("Left out, and why", lines("Lines that were left out", skipped, count)))
        }
    }
}

fn lines(caption: &str, lines: &[Rejection], count: usize) -> Markup {
    html! {
        table.data.cards {
            caption.visually-hidden { (caption) }
            thead { tr { (ui::th_num("Line")) (ui::th("Reason")) (ui::th("Code")) } }
            tbody {
                @for line in lines.iter().take(ROWS_SHOWN) {
                    tr {
                        (ui::td_num("Line", html! { (line.line) }))
                        (ui::td("Reason", html! { (line.message) }))
                        (ui::td("Code", html! { code { (line.code) } }))
                    }
                }
            }
        }
        @if count > ROWS_SHOWN { p.hint { "and " (count - ROWS_SHOWN) " more" } }
    }
}

fn rows(chrome: &Chrome, preview: &Preview) -> Markup {
    html! {
        @if preview.bookings.is_empty() {
            p.hint { "The file holds no transaction that could be imported." }
        } @else {
            div.table-scroll role="region" aria-label="Preview" tabindex="0" {
                table.data.cards {
                    caption.visually-hidden { "What the file holds" }
                    thead {
                        tr {
                            (ui::th_num("Line")) (ui::th("")) (ui::th("Date")) (ui::th("Type")) (ui::th("Symbol"))
                            (ui::th_num("Quantity")) (ui::th_num("Price")) (ui::th_num("Amount"))
                            (ui::th_num("Fees")) (ui::th_num("Taxes"))
                        }
                    }
                    tbody { @for booking in preview.bookings.iter().take(ROWS_SHOWN) { (row(chrome, booking)) } }
                }
            }
            @if preview.bookings.len() > ROWS_SHOWN {
                p.hint { "and " (preview.bookings.len() - ROWS_SHOWN) " more" }
            }
        }
    }
}

fn row(chrome: &Chrome, booking: &Booking) -> Markup {
    let draft = &booking.draft;
    let unless_zero = |n: rust_decimal::Decimal| {
        html! { @if !n.is_zero() { (ui::amount(chrome, n, draft.currency)) } }
    };
    html! {
        tr.closed[booking.is_duplicate] {
            (ui::td_num("Line", html! { (booking.line) }))
            (ui::td("", html! { (ui::badge(if booking.is_duplicate { "duplicate" } else { "new" })) }))
            (ui::td("Date", ui::date(chrome, draft.date)))
            (ui::td("Type", html! { (kind_label(draft.kind)) }))
            (ui::td("Symbol", html! { @if let Some(security) = &booking.security { (security.symbol) } }))
            (ui::td_num("Quantity", html! {
                @if let Some(quantity) = draft.quantity { (ui::quantity(chrome, quantity)) }
                @if let Some(ratio) = draft.ratio { (ratio.to.normalize()) ":" (ratio.from.normalize()) }
            }))
            (ui::td_num("Price", html! { @if let Some(price) = draft.price { (ui::price(chrome, price, draft.currency)) } }))
            (ui::td_num("Amount", unless_zero(draft.amount)))
            (ui::td_num("Fees", unless_zero(draft.fees)))
            (ui::td_num("Taxes", unless_zero(draft.taxes)))
        }
    }
}

pub(super) async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<Redirect, Problem> {
    service::decide(&app, viewer.user_id, id).await?;
    Ok(Redirect::to(&format!("/portfolio/imports/{}", id.0)))
}

pub(super) async fn discard(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<Redirect, Problem> {
    service::discard(&app, viewer.user_id, id).await?;
    Ok(Redirect::to("/portfolio/imports"))
}
