//! People, as administrators see them: who has an account, what they may do, what they are entitled to,
//! and whether their account may be used.

pub(crate) mod api;
mod error;
pub(crate) mod frame;
mod model;
pub(crate) mod pages;
mod service;
mod store;

pub use error::PeopleError;
pub use model::{Change, Filter, Person, PersonId, TierGrant};
pub use service::{change, find, list, set_email};
