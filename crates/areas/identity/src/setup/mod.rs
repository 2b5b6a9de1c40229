//! Set-up: while an instance has no user, every start prints a one-time link under which the administrator
//! makes the account. There is no default password, and no open door: who does not have the link
//! cannot claim the instance.

mod error;
mod model;
pub(crate) mod pages;
mod service;

pub use error::SetupError;
pub use service::issue_link;
