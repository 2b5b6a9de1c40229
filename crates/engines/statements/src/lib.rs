//! Broker files: bytes in, rows and problems out. No look-ups, no clock, no storage.
#![warn(missing_docs)]

mod model;

pub use model::{Format, Rejection, Row, Security, Statement};
