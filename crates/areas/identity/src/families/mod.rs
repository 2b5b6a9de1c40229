//! Sign-in for apps and programs that act as their person: an access token for a quarter of an hour, and a
//! refresh token that is exchanged for the next pair of both.
//!
//! All pairs that came of one sign-in are a family. The family is a session ([`crate::sessions`]) without
//! a cookie: it stands in the list of sessions, lives for 30 days from the last exchange, and ends as
//! sessions end, with all of its tokens. The database keeps hashes alone.
//!
//! A refresh token is good for one exchange. Of two at the same moment one succeeds; the other is refused
//! with 409 and nothing else happens, because an app with two requests on their way does that in good
//! faith. It gets no tokens by it, so whoever copied the token gains nothing. From [`GRACE`] on a second
//! use means that two hold the same token, and one of them should not: the whole family ends, for both.

pub(crate) mod api;
mod error;
mod model;
mod service;
pub(crate) mod store;

pub(crate) use error::FamilyError;
pub(crate) use model::{ACCESS_PREFIX, is_access_token};

use jiff::SignedDuration;

/// How long an access token works.
pub(crate) const ACCESS_FOR: SignedDuration = SignedDuration::from_mins(15);
/// How long after its exchange a second use of a refresh token is taken for an accident.
pub(crate) const GRACE: SignedDuration = SignedDuration::from_secs(10);
