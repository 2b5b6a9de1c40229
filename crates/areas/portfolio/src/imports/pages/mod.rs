//! The import assistant: file, columns if they are not known, preview, done; and the history.

mod history;
mod mapping;
mod show;
mod upload;

use axum::{
    Router,
    routing::{get, post},
};
use web::App;

/// The steps of the assistant.
const STEPS: [&str; 3] = ["File", "Columns", "Preview"];

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/imports", get(history::list))
        .route(
            "/portfolio/imports/new",
            get(upload::new).post(upload::create),
        )
        .route("/portfolio/imports/{id}", get(show::show))
        .route(
            "/portfolio/imports/{id}/mapping",
            get(mapping::edit).post(mapping::update),
        )
        .route("/portfolio/imports/{id}/confirm", post(show::confirm))
        .route("/portfolio/imports/{id}/discard", post(show::discard))
        .route(
            "/portfolio/imports/{id}/undo",
            get(show::ask_undo).post(show::undo),
        )
}
