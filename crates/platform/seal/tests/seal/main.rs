//! Keys on disk, and their rotation over whatever the catalogue says is sealed.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod keys;
mod rotation;
