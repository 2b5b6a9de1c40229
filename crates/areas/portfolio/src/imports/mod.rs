//! Imports: a file waits as a preview until its owner decides, becomes one batch of transactions, and
//! can be taken back as a whole.
//!
//! The file itself is kept while it waits, so a preview is always read from the bytes that will be
//! imported. Bookings that the portfolio holds already are recognised by their fingerprint: the same
//! file, or an overlapping one, adds nothing twice.

pub(crate) mod api;
mod by_name;
mod error;
pub(crate) mod jobs;
mod model;
pub(crate) mod pages;
mod preview;
pub(crate) mod service;
mod store;

pub use by_name::{Wanted, import_into_named};
pub use error::Error;
pub use model::{Import, ImportId, ImportOutcome, ImportStatus, Upload};
pub(crate) use preview::sample_bookings;
pub use service::{confirm, import_file, undo};
