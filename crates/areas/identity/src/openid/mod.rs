//! Sign-in by a provider that speaks OpenID Connect, whom whoever runs the instance has chosen.
//!
//! The browser is sent to the provider and comes back with a code; the code is exchanged for a signed
//! statement who it is. State, nonce and the proof of the code (PKCE) follow from a secret in a cookie
//! of ten minutes, and the row behind it is used up by the first answer.
//!
//! - An account is known by issuer and subject, never by its address: addresses change hands.
//! - Whoever comes for the first time with the address of an account does not get into it. The person
//!   signs in as before and links the identity in the settings, with a recent proof.
//! - A verified address on the allow-list is asked for at every entry, not only at the first.
//! - The provider takes the place of the password alone: a second factor of the account is asked for.

mod error;
mod model;
pub(crate) mod pages;
mod provider;
mod service;
pub(crate) mod store;

pub use error::OpenIdError;
pub(crate) use model::Identity;
pub use model::Unlinked;
pub use provider::OpenId;
pub use service::unlink_all;

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::SignedDuration;
use std::convert::Infallible;

/// How long a browser may stay with the provider.
pub(crate) const FLOW_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// The provider of this server, if it has one: put around all routes as an `Extension`.
#[derive(Clone, Debug)]
pub(crate) struct Offered(pub(crate) Option<OpenId>);

impl Offered {
    /// Whether one of these identities is of this provider.
    pub(crate) fn knows(&self, identities: &[Identity]) -> bool {
        let issuer = self.0.as_ref().map(OpenId::issuer);
        identities
            .iter()
            .any(|identity| issuer == Some(identity.issuer.as_str()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Offered {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<OpenId>().cloned()))
    }
}
