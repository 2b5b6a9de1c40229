//! What transactions were before they were edited or deleted: who changed what, when and why. The
//! database keeps it by itself, so nothing changes silently; here it is shown, and what was deleted
//! is brought back.
//!
//! A version holds from the moment it was stored until the moment it ended. A day's knowledge is what
//! held at its end, UTC.

pub(crate) mod api;
mod model;
pub(crate) mod pages;
mod service;

pub(crate) use model::{Cause, EARLIEST, Operation, end_of};
