//! Profiles: what people say about themselves, what their account is entitled to, and their email
//! address, which changes once the new one is proved.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod service;
mod store;

pub use error::ProfileError;
pub(crate) use model::optional;
pub use model::{ReferralCode, Username, WalletAddress};
