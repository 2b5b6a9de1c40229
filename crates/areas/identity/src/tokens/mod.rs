//! API tokens: what programs send as `Authorization: Bearer bur_…`. A token has all rights of its
//! person, is shown once and stored hashed, and works until it is revoked.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;

pub use error::TokenError;
pub use model::{CreatedToken, NewToken, Token, TokenId};
pub use service::create;
