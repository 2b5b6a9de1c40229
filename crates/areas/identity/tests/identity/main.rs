//! Stories of the identity area, through HTTP against real PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod authenticator;
mod browser;
mod demo;
mod factors;
mod forgery;
mod guessing;
mod limits;
mod passkeys;
mod preferences;
mod proofs;
mod routes;
mod sessions;
mod setup;
mod sweep;
mod tokens;
mod users;
