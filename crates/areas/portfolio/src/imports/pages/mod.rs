//! The import assistant: file, columns if they are not known, preview, done; and the history.

mod history;
mod long;
mod mapping;
mod show;
mod undo;
mod upload;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use web::App;

/// What a file may be to be recognised by its content.
fn known_formats() -> String {
    let titles: Vec<&str> = statements::Format::all()
        .filter(|(format, ..)| *format != statements::Format::Csv)
        .map(|(.., title)| title)
        .collect();
    titles.join(", ")
}

/// The steps of the assistant.
const STEPS: [&str; 3] = ["File", "Columns", "Preview"];

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/imports", get(history::list))
        .route(
            "/portfolio/imports/new",
            // Files are counted as they come in, and long ones go to the disk.
            get(upload::new)
                .post(upload::create)
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/portfolio/imports/{id}", get(show::show))
        .route(
            "/portfolio/imports/{id}/mapping",
            get(mapping::edit).post(mapping::update),
        )
        .route("/portfolio/imports/{id}/confirm", post(show::confirm))
        .route("/portfolio/imports/{id}/discard", post(show::discard))
        .route("/portfolio/imports/{id}/stop", post(long::stop))
        .route("/portfolio/imports/{id}/resume", post(long::resume))
        .route(
            "/portfolio/imports/{id}/undo",
            get(undo::ask).post(undo::undo),
        )
}
