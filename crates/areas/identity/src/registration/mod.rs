//! Registration: who may make an account, and how. Somebody names an email address, and a link that is
//! sent there makes the account; so every address is proved, and nobody learns from the form who has an
//! account here.
//!
//! An administrator says whether registration is open, by invitation or closed; whoever starts the server
//! may pin the choice.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod setting;
mod store;

pub use error::RegistrationError;
pub use model::{Policy, Setting};
pub(crate) use service::admits;
pub use service::{choose, pin, policy};
