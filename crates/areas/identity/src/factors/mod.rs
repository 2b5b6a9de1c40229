//! What a person signs in with beside the password, on one page: authenticator app, passkeys, recovery
//! codes. Whoever has an app or a passkey needs a second step after the password.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;

pub use error::FactorError;
pub use model::RemovedFactors;
pub(crate) use model::{Factors, PasskeyCount};
pub use service::reset;
pub(crate) use service::{forget_unneeded_codes, has_other_way, summary};
