//! What the other areas know about the person behind a request.

use axum::{extract::FromRequestParts, http::request::Parts};
use db::UserId;
use jiff::{civil::Date, tz::TimeZone};
use web::{App, Chrome, Problem};

use super::{SessionId, model::Credential};
use crate::{preferences::Preferences, tokens::Scope, users::Role};

/// The person behind a request, found by [`super::resolve`].
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) user_id: UserId,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) preferences: Preferences,
    pub(crate) credential: Credential,
}

/// The signed-in person, by session cookie or bearer token; strangers get 401.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn {
    /// Whose rows this request works on: opens the unit of work.
    pub user_id: UserId,
    /// Whether the person runs this instance: an administrator.
    pub is_admin: bool,
}

/// Somebody who runs this instance; others get 403, strangers 401.
#[derive(Clone, Copy, Debug)]
pub struct Admin {
    /// Who it is.
    pub user_id: UserId,
}

/// The signed-in holder of an account who manages it: settings, passwords, tokens, sessions. An agent
/// reads and drafts only, so it gets 403; strangers get 401.
#[derive(Clone, Debug)]
pub struct Holder(pub(crate) Principal);

impl Holder {
    /// Who it is.
    pub fn user_id(&self) -> UserId {
        self.0.user_id
    }
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
    /// Whether it is a program that acts for people.
    pub is_agent: bool,
}

impl Principal {
    /// What of the person's rights the request has.
    pub(crate) fn scope(&self) -> Scope {
        match self.credential {
            Credential::Session(_) | Credential::App(_) => Scope::Full,
            Credential::Token(scope) => scope,
        }
    }

    /// The session of this request, unless it came with an API token.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) | Credential::App(id) => Some(id),
            Credential::Token(_) => None,
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
            is_admin: principal.role == Role::Admin,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        if who.is_admin {
            Ok(Self {
                user_id: who.user_id,
            })
        } else {
            Err(Problem::forbidden(
                "Only an administrator of this instance may do this.",
            ))
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Holder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let who = Principal::from_request_parts(parts, state).await?;
        if who.role == Role::Agent {
            Err(Problem::forbidden(
                "An agent reads and drafts. People, settings, tokens and passwords are managed by \
                 people.",
            ))
        } else {
            Ok(Self(who))
        }
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
            preferences: principal.preferences.clone(),
            chrome: parts
                .extensions
                .get::<Chrome>()
                .cloned()
                .unwrap_or_default(),
            today: app.clock.today(&TimeZone::UTC),
            is_agent: principal.role == Role::Agent,
        })
    }
}
