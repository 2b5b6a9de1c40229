//! The wiring of Bursar: its router, its command line, its start and its end. Everything that Bursar
//! can do lives in the areas; this crate only brings them together.

pub mod cli;
mod commands;
mod doctor;
mod health;
mod instance;
mod listen;
mod metrics;
pub mod openapi;
pub mod problems;
mod router;
mod serve;

pub use commands::run;
pub use instance::Instance;
pub use router::{NAV, jobs, router};
