//! Every client against a server on this machine that speaks its format, and the way they share.
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod formats;
mod parts;
mod secrets;
mod server;
mod transport;
