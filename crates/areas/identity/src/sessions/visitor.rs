//! What the other areas know about the person behind a request.

use axum::{extract::FromRequestParts, http::request::Parts};
use db::UserId;
use jiff::{civil::Date, tz::TimeZone};
use web::{App, Chrome, Problem};

use super::{SessionId, model::Credential};
use crate::preferences::Preferences;

/// The person behind a request, found by [`super::resolve`].
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) user_id: UserId,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) is_owner: bool,
    pub(crate) preferences: Preferences,
    pub(crate) credential: Credential,
}

/// The signed-in person, by session cookie or bearer token; strangers get 401.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn {
    /// Whose rows this request works on: opens the unit of work.
    pub user_id: UserId,
    /// Whether the person runs this instance.
    pub is_owner: bool,
}

/// The signed-in person who looks at a page; strangers get 401.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Whose rows this request works on: opens the unit of work.
    pub user_id: UserId,
    /// How the person likes the pages.
    pub preferences: Preferences,
    /// What the frame around the page needs.
    pub chrome: Chrome,
    /// The current day, in UTC as all stored days.
    pub today: Date,
}

impl Principal {
    /// The session of this request, unless it came with an API token.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::Token => None,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Problem::unauthenticated)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let principal = parts
            .extensions
            .get::<Principal>()
            .ok_or_else(Problem::unauthenticated)?;
        Ok(Self {
            user_id: principal.user_id,
            is_owner: principal.is_owner,
        })
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let principal = parts
            .extensions
            .get::<Principal>()
            .ok_or_else(Problem::unauthenticated)?;
        Ok(Self {
            user_id: principal.user_id,
            preferences: principal.preferences,
            chrome: parts
                .extensions
                .get::<Chrome>()
                .cloned()
                .unwrap_or_default(),
            today: app.clock.today(&TimeZone::UTC),
        })
    }
}
