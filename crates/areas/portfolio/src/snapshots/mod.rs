//! What each portfolio was worth at the close of every day, kept in a table so that charts and other
//! programs need no replay.
//!
//! Derived and free to be thrown away: triggers and the revision of the market tell the first day that
//! is not right any more, and a job builds again from there. The result is the same as building
//! everything from the first day. Years that ended a year ago are packed, one row each.

pub(crate) mod api;
mod build;
pub(crate) mod jobs;
mod model;
mod service;
mod store;

pub use service::{Built, bring_up_to_date, pack, rebuild};
