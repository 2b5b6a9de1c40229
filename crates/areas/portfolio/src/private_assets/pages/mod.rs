//! The list of what has no ticker, one of it with its values, and the forms.

mod edit;
mod show;

use axum::{Router, extract::State, routing::get};
use identity::Viewer;
use market::InstrumentId;
use maud::{Markup, html};
use web::{
    App, Problem,
    components::{self as ui},
};

use super::{PrivateAsset, store};

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
            get(edit::confirm).post(edit::remove),
        )
        .route(
            "/portfolio/private-assets/{instrument_id}/forget",
            get(edit::confirm_forgetting).post(edit::forget),
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
    let values = store::appraisals(&mut tx, &ids, None).await?;
    drop(tx);
    let chrome = &viewer.chrome;
    let title = "Property, private holdings and debts";
    let main = html! {
        (ui::page_head(title, html! { (ui::link_button("Add one", "/portfolio/private-assets/new", true)) }))
        @if assets.is_empty() {
            (ui::empty_state(
                "Nothing without a ticker yet",
                "A home, a share of a company that is not listed, a mortgage: you state what it is worth, and nobody else sees it.",
                ("Add a property, private holding or debt", "/portfolio/private-assets/new"),
                None,
            ))
        } @else {
            section.card { (ui::table_scroll(title, html! { table.data.cards {
                caption.visually-hidden { (title) }
                thead { tr { (ui::th("Name")) (ui::th("Kind")) (ui::th_num("Last value")) (ui::th("Stated on")) (ui::th("")) } }
                tbody {
                    @for asset in &assets {
                        @let last = values.get(&asset.instrument_id).and_then(|values| values.last());
                        @let href = format!("/portfolio/private-assets/{}", asset.instrument_id);
                        tr {
                            (ui::td("Name", html! { a href=(href) { (asset.name) } }))
                            (ui::td("Kind", html! { (asset.kind.label()) }))
                            @match last {
                                Some(last) => {
                                    (ui::td_num("Last value", html! {
                                        @if asset.kind.is_owed() { "owed " }
                                        (ui::amount(chrome, last.price, asset.currency))
                                    }))
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
                        }
                    }
                }
            } })) }
        }
        @if !deleted.is_empty() { (ui::card("Deleted", gone(&deleted))) }
    };
    Ok(web::page(chrome, title, main))
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
                    (asset.name) " " span.hint { (asset.kind.label()) } " "
                    a href=(format!("/portfolio/private-assets/{}/forget", asset.instrument_id)) { "Forget with its history" }
                }
            }
        }
    }
}
