//! Reference data that all people share: instruments, their bars, exchange rates. People read it
//! in their own units of work; it is written in system units of work alone.

pub mod bars;
pub mod corporate_actions;
pub mod fx;
pub mod imports;
pub mod instruments;
pub mod live;
pub mod observations;
pub mod quotes;
mod revision;

pub use corporate_actions::{CorporateAction, CorporateActionId};
pub use imports::{ImportError, ImportReport, Progress, Refusal};
pub use instruments::{AssetClass, Instrument, InstrumentId, SecurityKey};
pub use revision::current as revision;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use web::App;

/// The REST routes of the area, with their full paths.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(instruments::api::routes())
        .merge(bars::api::routes())
        .merge(fx::api::routes())
        .merge(corporate_actions::api::routes())
        .merge(quotes::api::routes())
        .merge(live::api::routes())
}

/// The pages of the area, with their full paths.
pub fn pages() -> Router<App> {
    Router::new()
        .merge(instruments::pages::routes())
        .merge(bars::pages::routes())
        .merge(fx::pages::routes())
        .merge(corporate_actions::pages::routes())
}
