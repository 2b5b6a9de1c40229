//! Users: who has an account here, and how they prove who they are.
//!
//! Whoever is added while no administrator is in use becomes one. Emails are lower case and unique.
//! Passwords are kept as Argon2id hashes; imported bcrypt hashes verify and are replaced at the next
//! sign-in. Who has no password yet sets it through a one-time link.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
pub(crate) mod password;
mod service;
mod standing;
pub(crate) mod store;

pub use error::UserError;
pub(crate) use model::clean_name;
pub use model::{AddedUser, Email, NewUser, Password, Role, User, Weakness};
pub use password::{HashingError, PasswordHash};
pub(crate) use service::insert_first_admin;
pub use service::{add, has_admin, has_password, import, list, reset_password, resolve};
pub use standing::{Status, Tier};
