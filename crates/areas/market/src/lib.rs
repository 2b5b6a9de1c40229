//! Reference data that all people share: instruments, exchanges, bars, exchange rates, indices. People read it
//! in their own units of work; it is written in system units of work alone.

pub mod bars;
pub mod cache;
pub mod charts;
pub mod corporate_actions;
pub mod exchanges;
pub mod feeds;
pub mod figures;
mod freshness;
pub mod fundamentals;
pub mod fx;
pub mod imports;
pub mod indices;
pub mod instruments;
pub mod interests;
pub mod lifetimes;
pub mod live;
pub mod observations;
pub mod options;
pub mod overrides;
pub mod quality;
pub mod quotes;
mod revision;
pub mod rollups;
pub mod screener;
pub mod stated_by;
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
        .merge(exchanges::api::routes())
        .merge(indices::api::routes())
        .merge(screener::api::routes())
        .merge(feeds::api::routes())
        .merge(feeds::spelling::api::routes())
        .merge(overrides::api::routes())
        .merge(quotes::api::routes())
        .merge(live::api::routes())
        .merge(ticks::api::routes())
        .merge(freshness::api::routes())
        .merge(lifetimes::api::routes())
        .merge(options::api::routes())
        .merge(fundamentals::api::routes())
}

/// The background jobs of the area and their timetable.
pub fn jobs() -> ::jobs::Registry {
    figures::registry()
        .merge(feeds::registry())
        .every::<rollups::RollUp>(SignedDuration::from_mins(1))
        .every::<lifetimes::KeepBars>(SignedDuration::from_hours(24))
}

/// The pages of the area, with their full paths.
pub fn pages() -> Router<App> {
    Router::new()
        .merge(instruments::pages::routes())
        .merge(bars::pages::routes())
        .merge(fx::pages::routes())
        .merge(corporate_actions::pages::routes())
        .merge(exchanges::pages::routes())
        .merge(indices::pages::routes())
        .merge(screener::pages::routes())
        .merge(feeds::pages::routes())
        .merge(feeds::spelling::pages::routes())
        .merge(quality::pages::routes())
        .merge(overrides::pages::routes())
        .merge(lifetimes::pages::routes())
        .merge(freshness::pages::routes())
}
