//! Invitations: what an administrator gives to somebody who is to make an account. An invitation works
//! once and ends after a week unless said otherwise; it carries a role, and perhaps the address for which
//! alone it is. Only its hash is kept.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;

pub use error::InvitationError;
pub use model::{Created, Invitation, InvitationId, NewInvitation, State};
pub use service::{create, list, revoke};
