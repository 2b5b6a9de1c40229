//! What is on record: what people and programs did, what critical rows were before, whether the books
//! are as they were written, what the process had to say, and how a person's account ends.
//!
//! The rows are written by the unit of work and by triggers of the schema `platform`, which no code can
//! forget; this area reads, proves, shows, exports and drops them.

pub mod account;
pub mod activity;
pub mod audit;
mod keeping;
pub mod logs;
mod retention;

pub use activity::note_downloads;
pub use keeping::NewFile;

use axum::Router;
use jiff::SignedDuration;
use utoipa_axum::router::OpenApiRouter;
use web::App;

const DAILY: SignedDuration = SignedDuration::from_hours(24);

/// The REST routes of the area, with their full paths.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(activity::api::routes())
        .merge(account::api::routes())
        .merge(logs::api::routes())
}

/// The pages of the area, with their full paths.
pub fn pages() -> Router<App> {
    Router::new()
        .merge(activity::pages::routes())
        .merge(account::pages::routes())
        .merge(logs::pages::routes())
}

/// The background jobs of the area and their timetable.
pub fn jobs() -> jobs::Registry {
    jobs::Registry::new()
        .every::<retention::KeepMonths>(DAILY)
        .every::<account::PurgeClosed>(DAILY)
}
