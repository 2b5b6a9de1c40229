//! Codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds, one step of tolerance).
//! The secret is stored sealed; no step is accepted twice.

mod model;
pub(crate) mod pages;
mod service;
mod store;

pub(crate) use model::Enrolment;
pub(crate) use service::{enrolment, verify};
