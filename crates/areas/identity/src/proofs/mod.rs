//! Recent proof of who somebody is. A session lasts for weeks; what would let somebody else in for good,
//! such as another factor or an API token, needs a proof of the last fifteen minutes: signing in, or the
//! password, a passkey or the linked provider once more. An API token gives none, whatever its scope.

mod disclosure;
mod extract;
pub(crate) mod pages;
mod service;
mod store;

pub use disclosure::Disclosure;
pub(crate) use extract::Recent;
pub(crate) use service::{is_recent, renew};

use jiff::SignedDuration;

/// How long a proof is good.
pub(crate) const GOOD_FOR: SignedDuration = SignedDuration::from_mins(15);
