//! People: who they are, how they prove it, and how they like their pages.
//!
//! The binary puts [`resolve`] around all pages and API routes; handlers then ask for [`SignedIn`]
//! (API) or [`Viewer`] (pages) in their signature, or for an [`Admin`]. All refuse strangers with 401,
//! which [`web::render_page`] turns into the way to sign-in.

mod avatars;
mod client;
mod confirm;
pub mod details;
pub mod factors;
mod families;
pub mod invitations;
mod links;
pub mod onboarding;
pub mod openid;
mod origin;
pub mod outbox;
mod passkeys;
pub mod people;
pub mod preferences;
pub mod profile;
mod proofs;
mod recovery;
pub mod registration;
pub mod requests;
mod second_step;
mod secret;
pub mod sessions;
mod settings;
pub mod setup;
mod throttle;
pub mod tokens;
mod totp;
pub mod users;

pub use confirm::confirm;
pub use links::OneTimeLink;
pub use preferences::Preferences;
pub use proofs::Disclosure;
pub use sessions::{Admin, Holder, SignedIn, Viewer, resolve};
pub use settings::{Saved, Tab, frame as settings_frame, instant};

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use web::App;

/// The REST routes of the area, with their full paths.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(users::api::routes())
        .merge(preferences::api::routes())
        .merge(tokens::api::routes())
        .merge(sessions::api::routes())
        .merge(families::api::routes())
        .merge(factors::api::routes())
        .merge(profile::api::routes())
        .merge(details::api::routes())
        .merge(onboarding::api::routes())
        .merge(people::api::routes())
        .merge(invitations::api::routes())
        .merge(registration::api::routes())
}

/// The pages of the area, with their full paths.
pub fn pages() -> Router<App> {
    Router::new()
        .merge(setup::pages::routes())
        .merge(users::pages::routes())
        .merge(preferences::pages::routes())
        .merge(tokens::pages::routes())
        .merge(sessions::pages::routes())
        .merge(factors::pages::routes())
        .merge(profile::pages::routes())
        .merge(details::pages::routes())
        .merge(onboarding::pages::routes())
        .merge(avatars::pages::routes())
        .merge(registration::pages::routes())
        .merge(registration::setting::routes())
        .merge(invitations::pages::routes())
        .merge(people::pages::routes())
        .merge(openid::pages::routes())
}

/// The background jobs of the area and their timetable.
pub fn jobs() -> jobs::Registry {
    jobs::Registry::new()
        .every::<sessions::SweepExpired>(sessions::SWEEP_EVERY)
        .with::<requests::AnswerMailRequest>()
        .with::<outbox::DeliverMessage>()
        .with::<details::TellOfChange>()
        .with::<preferences::CallWebhook>()
        .every::<outbox::SweepOutbox>(outbox::SWEEP_EVERY)
}
