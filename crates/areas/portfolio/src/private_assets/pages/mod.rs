//! The list of what is private, one of it with its values, and the forms.

mod edit;
mod form;
mod import;
mod removal;
mod show;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    routing::get,
};
use identity::Viewer;
use market::InstrumentId;
use maud::{Markup, html};
use web::{
    App, Problem,
    components::{self as ui},
};

use super::{Appraisal, PrivateAsset, import::MAX_BYTES, store};

/// What the room is called.
const ROOM: &str = "Private assets";
const LIST: &str = "/portfolio/private-assets";
const NEW: &str = "/portfolio/private-assets/new";
const NEW_INSTRUMENT: &str = "/portfolio/private-assets/new?kind=instrument";

/// The page of one.
fn href(id: InstrumentId) -> String {
    format!("{LIST}/{id}")
}

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/private-assets", get(list))
        .route(
            "/portfolio/private-assets/new",
            get(edit::new).post(edit::create),
        )
        .route(
            "/portfolio/private-assets/{instrument_id}",
            get(show::show).post(show::appraise),
        )
        .route(
            "/portfolio/private-assets/{instrument_id}/edit",
            get(edit::edit).post(edit::update),
        )
        .route(
            "/portfolio/private-assets/{instrument_id}/delete",
            get(removal::confirm).post(removal::remove),
        )
        .route(
            "/portfolio/private-assets/{instrument_id}/forget",
            get(removal::confirm_forgetting).post(removal::forget),
        )
        .route(
            "/portfolio/private-assets/{instrument_id}/import",
            get(import::new)
                .post(import::create)
                .layer(DefaultBodyLimit::max(MAX_BYTES)),
        )
        .route(
            "/portfolio/private-assets/{instrument_id}/appraisals/{date}/delete",
            get(show::confirm).post(show::remove),
        )
}

async fn list(State(app): State<App>, viewer: Viewer) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let (deleted, assets): (Vec<PrivateAsset>, Vec<PrivateAsset>) =
        store::list_with_deleted(&mut tx)
            .await?
            .into_iter()
            .partition(|asset| asset.is_deleted);
    let ids: Vec<InstrumentId> = assets.iter().map(|asset| asset.instrument_id).collect();
    let last = store::appraisals::list_last(&mut tx, &ids).await?;
    drop(tx);
    let chrome = &viewer.chrome;
    let main = html! {
        (ui::page_head(ROOM, html! {
            @if !assets.is_empty() {
                (ui::link_button("Add property or debt", NEW, true))
                (ui::link_button("Add a custom instrument", NEW_INSTRUMENT, false))
            }
        }))
        p.lead { "Property, private holdings, debts, and instruments whose prices no source knows. Only you see them." }
        @if assets.is_empty() {
            (ui::empty_state(
                "Nothing private yet",
                "A home, a share of a company that is not listed, a mortgage, a fund of your insurer: you state what it is worth, and nobody else sees it.",
                ("Add property or debt", NEW),
                Some(("Add a custom instrument", NEW_INSTRUMENT)),
            ))
        } @else {
            section.card { (ui::table_scroll(ROOM, html! { table.data.cards {
                caption.visually-hidden { (ROOM) }
                thead { tr { (ui::th("Name")) (ui::th("Kind")) (ui::th_num("Last value")) (ui::th("Stated on")) (ui::th("")) } }
                tbody {
                    @for asset in &assets {
                        (row(&viewer, asset, last.get(&asset.instrument_id)))
                    }
                }
            } })) }
        }
        @if !deleted.is_empty() { (ui::card("Deleted", gone(&deleted))) }
    };
    Ok(web::page(chrome, ROOM, main))
}

fn row(viewer: &Viewer, asset: &PrivateAsset, last: Option<&Appraisal>) -> Markup {
    let chrome = &viewer.chrome;
    let href = href(asset.instrument_id);
    html! { tr {
        (ui::td("Name", html! {
            a href=(href) { (asset.word()) }
            @if asset.kind.has_units() { " " span.hint { (asset.name) } }
        }))
        (ui::td("Kind", html! { (asset.kind.label()) }))
        @match last {
            Some(last) => {
                (ui::td_num("Last value", stated(viewer, asset, last)))
                (ui::td("Stated on", ui::date(chrome, last.date)))
            }
            None => {
                (ui::td_num("Last value", ui::missing("no value was stated: it counts at its cost")))
                (ui::td("Stated on", html! {}))
            }
        }
        td.row-actions {
            a href=(format!("{href}/edit")) { "Edit" } " "
            a href=(format!("{href}/delete")) { "Delete" }
        }
    } }
}

/// A value in the words of its kind.
fn stated(viewer: &Viewer, asset: &PrivateAsset, value: &Appraisal) -> Markup {
    let chrome = &viewer.chrome;
    html! {
        @if asset.kind.has_units() {
            (ui::price(chrome, value.price, asset.currency)) " a unit"
        } @else {
            @if asset.kind.is_owed() { "owed " }
            (ui::amount(chrome, value.price, asset.currency))
        }
    }
}

/// What is deleted, and how it comes back or goes for good.
fn gone(deleted: &[PrivateAsset]) -> Markup {
    html! {
        p.hint {
            "They count for what was known while they were there. Each comes back with one of its "
            a href="/portfolio/transactions/deleted" { "deleted transactions" } "."
        }
        ul {
            @for asset in deleted {
                li {
                    (asset.word()) " " span.hint { (asset.kind.label()) } " "
                    a href=(format!("{}/forget", href(asset.instrument_id))) { "Forget with its history" }
                }
            }
        }
    }
}
