//! Portfolios: their transactions, the imports that bring them, and every figure that follows from
//! them.

mod allocation;
mod cash;
mod categories;
mod changes;
pub mod contribution;
pub mod corporate_actions;
mod dashboard;
pub mod demo;
mod fund_weights;
mod gains;
mod health;
pub mod history;
pub mod holdings;
pub mod imports;
mod income;
mod loading;
mod overview;
mod performance;
pub mod portfolios;
pub mod private_assets;
mod reconciliation;
pub mod report;
mod scope;
pub mod snapshots;
mod trail;
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
        .merge(gains::api::router())
        .merge(income::api::router())
        .merge(report::api::router())
        .merge(dashboard::api::router())
        .merge(overview::api::router())
        .merge(performance::api::router())
        .merge(contribution::api::router())
        .merge(health::api::router())
        .merge(trail::api::router())
        .merge(corporate_actions::api::router())
        .merge(history::api::router())
        .merge(changes::api::router())
        .merge(snapshots::api::router())
        .merge(private_assets::api::router())
        .merge(allocation::api::router())
        .merge(fund_weights::api::router())
        .merge(categories::api::router())
        .merge(cash::api::router())
        .layer(Extension(valuations.clone()))
}

/// The background jobs of the area and their timetable.
pub fn jobs() -> jobs::Registry {
    imports::jobs::registry()
        .merge(snapshots::jobs::registry())
        .merge(holdings::jobs::registry())
}

/// The pages of the area, with their full paths.
pub fn pages(valuations: &Valuations, checks: &checks::Checks) -> Router<App> {
    Router::new()
        .merge(dashboard::pages::router())
        .merge(holdings::pages::router())
        .merge(performance::pages::router())
        .merge(contribution::pages::router())
        .merge(health::pages::router())
        .merge(trail::pages::router())
        .merge(gains::pages::router())
        .merge(income::pages::router())
        .merge(transactions::pages::router())
        .merge(imports::pages::router())
        .merge(portfolios::pages::router())
        .merge(private_assets::pages::router())
        .merge(allocation::pages::router())
        .merge(fund_weights::pages::router())
        .merge(categories::pages::router())
        .merge(cash::pages::router())
        .merge(welcome::pages::router())
        .merge(corporate_actions::pages::router())
        .merge(history::pages::router())
        .merge(changes::pages::router())
        .layer(Extension(valuations.clone()))
        .layer(Extension(checks.clone()))
}
