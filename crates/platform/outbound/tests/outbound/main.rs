//! The guarded client: the laws of its judgement, and its behaviour against real servers.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod judgement;
mod requests;
mod servers;
