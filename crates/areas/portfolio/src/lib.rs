//! Portfolios: their transactions, the imports that bring them, and every figure that follows from
//! them.

pub mod contribution;
mod dashboard;
pub mod demo;
pub mod holdings;
pub mod imports;
mod loading;
pub mod portfolios;
pub mod report;
mod scope;
pub mod transactions;
pub mod valuation;
mod welcome;

use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;
use web::App;

pub use valuation::Valuations;

/// The REST routes of the area, with their full paths.
pub fn api(valuations: &Valuations) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(portfolios::api::router())
        .merge(transactions::api::router())
        .merge(imports::api::router())
        .merge(holdings::api::router())
        .merge(report::api::router())
        .merge(dashboard::api::router())
        .merge(contribution::api::router())
        .layer(Extension(valuations.clone()))
}

/// The background jobs of the area and their timetable.
pub fn jobs() -> jobs::Registry {
    imports::jobs::registry()
}

/// The pages of the area, with their full paths.
pub fn pages(valuations: &Valuations, access: &db::Access) -> Router<App> {
    Router::new()
        .merge(dashboard::pages::router())
        .merge(holdings::pages::router())
        .merge(contribution::pages::router())
        .merge(transactions::pages::router())
        .merge(imports::pages::router())
        .merge(portfolios::pages::router())
        .merge(welcome::pages::router())
        .layer(Extension(valuations.clone()))
        .layer(Extension(access.clone()))
}
