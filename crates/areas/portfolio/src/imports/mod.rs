//! Imports: a file waits as a preview until its owner decides, becomes one batch of transactions, and
//! can be taken back as a whole.
//!
//! The file itself is kept while it waits, so a preview is always read from the bytes that will be
//! imported. Bookings that the portfolio holds already are recognised by their fingerprint: the same
//! file, or an overlapping one, adds nothing twice.
//!
//! A file of several mebibytes is kept on disk instead of in the database, and booked part by part. What
//! brought many transactions is taken back part by part as well.

pub(crate) mod api;
mod by_name;
mod error;
mod gaps;
pub(crate) mod jobs;
mod long;
mod mappings;
mod model;
pub(crate) mod pages;
mod preview;
mod receiving;
mod runs;
pub(crate) mod service;
mod spool;
mod store;
mod undoing;

pub use by_name::{Wanted, import_into_named, interrupt};
pub use error::Error;
pub use long::{Progress, remove_abandoned};
pub use model::{Import, ImportId, ImportOutcome, ImportStatus, Long, Undo, Upload};
pub(crate) use preview::sample_bookings;
pub use service::import_file;
pub use spool::name_of;
pub(crate) use store::undo::is_any_busy;
pub use undoing::{UndoProgress, Undoing, interrupt_undo, undo, undo_here};
