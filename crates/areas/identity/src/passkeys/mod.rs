//! Passkeys (WebAuthn): as the second step after a password, in place of one, and as a recent proof.
//!
//! A page asks for a passkey in a form: the challenge stands in an attribute of the form, a small script
//! lets the browser answer it and sends the form. What was asked stays in `identity.ceremonies` until the
//! answer comes, five minutes at most, and is used up by it.
//!
//! Passkeys belong to the host name of the public address. Browsers accept https and `localhost`, and no
//! IP address.

mod error;
mod form;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod sign_in;
pub(crate) mod store;

pub(crate) use error::PasskeyError;
pub(crate) use form::{Asked, Deed, asking_form};
pub(crate) use model::{Passkey, PasskeyId, PasskeyView, Purpose};
pub(crate) use pages::passkeys_card;
pub(crate) use service::{are_available, authenticate, begin_authentication};

use jiff::SignedDuration;

/// How long an answer may take.
pub(crate) const CEREMONY_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
