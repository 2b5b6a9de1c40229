//! The proof that the books are as they were written.
//!
//! Every row that enters, changes in or leaves a chained table adds a link to its person's chain: a
//! trigger writes it, and its hash covers the row and the hash of the link before. [`verify`] recomputes
//! all of them and compares the rows with their last link; [`export`] writes everything that is needed
//! to do the same without Bursar.

mod error;
mod model;
mod pack;
mod store;
mod verify;

pub use error::AuditError;
pub use model::{Broken, Fault, Head, Proof, Step};
pub use pack::{Pack, export, heads_of};
pub use verify::verify;
