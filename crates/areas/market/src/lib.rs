//! Reference data that all people share: instruments, their bars, exchange rates. People read it
//! in their own units of work; it is written in system units of work alone.

pub mod bars;
pub mod corporate_actions;
pub mod fx;
pub mod imports;
pub mod instruments;
pub mod lifetimes;
pub mod observations;
mod revision;
pub mod rollups;
pub mod ticks;

pub use corporate_actions::{CorporateAction, CorporateActionId};
pub use imports::{ImportError, ImportReport, Progress, Refusal};
pub use instruments::{AssetClass, Instrument, InstrumentId, SecurityKey};
pub use revision::current as revision;

use axum::Router;
use jiff::SignedDuration;
use utoipa_axum::router::OpenApiRouter;
use web::App;

/// The REST routes of the area, with their full paths.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(instruments::api::routes())
        .merge(bars::api::routes())
        .merge(fx::api::routes())
        .merge(corporate_actions::api::routes())
}

/// The pages of the area, with their full paths.
pub fn pages() -> Router<App> {
    Router::new()
        .merge(instruments::pages::routes())
        .merge(bars::pages::routes())
        .merge(fx::pages::routes())
        .merge(corporate_actions::pages::routes())
}

/// The background jobs of the area and their timetable.
pub fn jobs() -> jobs::Registry {
    jobs::Registry::new()
        .every::<rollups::RollUp>(SignedDuration::from_mins(1))
        .every::<lifetimes::KeepBars>(SignedDuration::from_hours(24))
}
