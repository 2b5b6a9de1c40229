//! Activity: what a person did, and what programs did in the person's name.
//!
//! The unit of work writes it when it ends well, in its own transaction, from the form of the request's
//! address; signing in and out, which the system does, says so itself; a download is put on record
//! before its first byte leaves. A person sees the own activity alone, whoever runs the instance.

pub(crate) mod api;
mod downloads;
mod model;
pub(crate) mod pages;
mod store;

pub use downloads::note_downloads;
pub use model::Activity;
