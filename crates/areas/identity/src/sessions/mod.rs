//! Sessions: signing in and out, and finding out who is behind a request.
//!
//! A session is a token in a cookie that scripts cannot read: its id and random bits; the database keeps its hash. Apps,
//! which keep no cookies, carry pairs of tokens instead ([`crate::families`]). It ends 30 days after its
//! last use, at sign-out, when revoked, with every new password, and when the account is not active.

pub(crate) mod api;
mod device;
mod error;
mod jobs;
mod kept;
mod model;
pub(crate) mod pages;
mod resolve;
mod service;
pub(crate) mod store;
mod visitor;

pub use self::jobs::{SWEEP_EVERY, SweepExpired};
pub use error::SessionError;
pub(crate) use error::too_many_attempts;
pub use kept::forget_ended;
pub(crate) use kept::secret_of;
pub(crate) use model::Credential;
pub use model::SessionId;
pub use resolve::resolve;
pub(crate) use service::{end_everything, open, open_for_app, verify_password};
pub(crate) use visitor::Principal;
pub use visitor::{Admin, Holder, SignedIn, Viewer};

use axum::http::{HeaderValue, header::InvalidHeaderValue};
use jiff::SignedDuration;
use web::App;

/// A session ends when it was not used for this long.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The use of a session is written down at most this often.
pub(crate) const TOUCH_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// The account of the demo, in which its visitors find themselves signed in.
pub const DEMO_EMAIL: &str = "demo@bursar.example";

/// The header that gives a browser its session; an empty token takes it away.
pub(crate) fn set_cookie(app: &App, token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let max_age_s = if token.is_empty() {
        0
    } else {
        LIFETIME.as_secs()
    };
    HeaderValue::from_str(&app.cookie("session", token, max_age_s))
}
