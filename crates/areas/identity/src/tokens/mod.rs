//! API tokens: what programs send as `Authorization: Bearer bur_…`. A token has a scope, which says what
//! of its person's rights it has, is shown once and stored hashed, and works until its end or until it
//! is revoked.

pub(crate) mod api;
mod error;
mod expiry;
mod model;
pub(crate) mod pages;
mod scope;
mod service;
pub(crate) mod store;

pub use error::TokenError;
pub use expiry::Expiry;
pub use model::{CreatedToken, NewToken, Token, TokenId};
pub use scope::{KEPT_FROM_LIMITED, LIMITED_WRITES, Scope};
pub use service::create;
