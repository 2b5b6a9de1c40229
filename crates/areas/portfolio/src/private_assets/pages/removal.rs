//! What is asked before something goes, and its end.

use axum::{extract::State, response::Redirect};
use identity::Viewer;
use market::InstrumentId;
use maud::{Markup, html};
use web::{
    App, Path, Problem,
    components::{self as ui, Confirm},
};

use super::{
    super::{service, store},
    LIST,
};

pub(super) async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    Ok(ui::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Delete it?",
            text: html! {
                p {
                    strong { (asset.word()) } " is deleted with all its values and with every transaction in it. "
                    "What was known until now stays in your history: figures as known on an earlier day "
                    "still count it, and restoring one of its deleted transactions brings it back."
                }
                p { a href=(format!("{LIST}/{id}/forget")) { "Forget it with its history instead" } }
            },
            action: &format!("{LIST}/{id}/delete"),
            verb: "Delete it",
            cancel_href: &format!("{LIST}/{id}"),
        },
    ))
}

pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    service::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Redirect::to(LIST))
}

/// Asks before history goes, of something that is deleted already as well.
pub(super) async fn confirm_forgetting(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require_with_deleted(&mut tx, id).await?;
    Ok(ui::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Forget it with its history?",
            text: html! { p {
                strong { (asset.word()) } " is erased with all its values, with every transaction in it and "
                "with every former version of them. Figures as known on an earlier day will change, and "
                "nothing will tell why. This cannot be undone."
            } },
            action: &format!("{LIST}/{id}/forget"),
            verb: "Forget it for good",
            cancel_href: LIST,
        },
    ))
}

pub(super) async fn forget(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Redirect, Problem> {
    service::forget(&app, viewer.user_id, id).await?;
    Ok(Redirect::to(LIST))
}
