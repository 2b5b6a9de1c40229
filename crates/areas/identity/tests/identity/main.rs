//! Stories of the identity area, through HTTP against real PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod browser;
mod demo;
mod forgery;
mod guessing;
mod limits;
mod preferences;
mod routes;
mod sessions;
mod setup;
mod sweep;
mod tokens;
mod users;
