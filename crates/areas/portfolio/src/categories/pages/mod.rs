//! Categories beside their targets, one of them with its rules and members, and the forms.

mod edit;
mod list;
mod show;

use axum::{
    Router,
    routing::{get, post},
};
use web::App;

/// Where the list is.
const LIST: &str = "/portfolio/categories";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/categories", get(list::show).post(list::decide))
        .route(
            "/portfolio/categories/new",
            get(edit::new).post(edit::create),
        )
        .route("/portfolio/categories/{id}", get(show::show))
        .route(
            "/portfolio/categories/{id}/edit",
            get(edit::edit).post(edit::update),
        )
        .route(
            "/portfolio/categories/{id}/delete",
            get(edit::confirm).post(edit::remove),
        )
        .route("/portfolio/categories/{id}/rules", post(show::add_rule))
        .route(
            "/portfolio/categories/{id}/rules/{rule_id}/delete",
            post(show::remove_rule),
        )
        .route("/portfolio/categories/{id}/assignments", post(show::assign))
        .route(
            "/portfolio/categories/{id}/assignments/{instrument_id}/delete",
            post(show::unassign),
        )
}
