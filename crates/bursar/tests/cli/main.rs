//! The command line as people and scripts use it: the real program, a private data directory, text and
//! JSON on standard output, and exit codes.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(clippy::too_many_lines, reason = "a story is told in one piece")]

mod audit;
mod database;
mod files;
mod house;
mod keys;
mod long_files;
mod market;
mod people;
mod refusals;
mod running;
mod sockets;
