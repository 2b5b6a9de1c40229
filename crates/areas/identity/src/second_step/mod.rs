//! The second step of signing in. After the right password, or the way by a provider, stands a pending
//! sign-in with a cookie of its own: it is no session, lasts ten minutes and a few attempts, and opens
//! nothing but this step.

pub(crate) mod pages;
mod service;
pub(crate) mod store;

pub(crate) use service::{begin, check_code, finish, pending};

use jiff::SignedDuration;

/// How long the second step may take.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// Wrong codes after which the password is asked for again.
const MAX_FAILURES: i32 = 5;
