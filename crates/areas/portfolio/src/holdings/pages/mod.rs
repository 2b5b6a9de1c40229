//! The table and treemap of all holdings, and the page of one.

mod list;
mod show;

use axum::{Router, routing::get};
use web::App;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/holdings", get(list::show))
        .route("/portfolio/holdings.csv", get(list::csv))
        .route("/portfolio/holdings/{instrument_id}", get(show::show))
}
