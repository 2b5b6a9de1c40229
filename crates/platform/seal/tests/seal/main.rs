//! Keys on disk, and their rotation over whatever the catalogue says is sealed.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod keys;
mod rotation;
