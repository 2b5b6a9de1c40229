//! Users: who has an account here, and how they prove who they are.
//!
//! The first user of an instance is its admin, the owner. Emails are lower case and unique.
//! Passwords are kept as Argon2id hashes; who has none yet sets it through a one-time link.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
pub(crate) mod password;
mod service;
pub(crate) mod store;

pub use error::UserError;
pub(crate) use model::clean_name;
pub use model::{AddedUser, Email, NewUser, Password, Role, User, Weakness};
pub(crate) use service::insert_owner;
pub use service::{add, count, has_password, list, reset_password, resolve};
