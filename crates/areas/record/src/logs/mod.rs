//! What the process has to say, for whoever runs it.
//!
//! Warnings and errors go through a bounded queue into `platform.system_logs`; when the database is slow
//! or away they are dropped and counted, never waited for, and the next line that is written says how many. What the writer itself says goes nowhere, so
//! that a failing database does not feed the queue. Addresses of people and API tokens are blotted out of
//! every line, in the database and on standard error.

pub(crate) mod api;
mod layer;
mod model;
pub(crate) mod pages;
mod scrub;
mod store;
mod usage;
mod writer;

pub use layer::{LogLayer, queue};
pub use model::LogEntry;
pub use scrub::{ScrubbedWriter, scrub};
pub use usage::{USAGE, note_usage};
pub use writer::{DroppedLines, LogWriter};
