//! Stories of the identity area, through HTTP against real PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod browser;
mod demo;
mod forgery;
mod invitations;
mod mail;
mod passwords;
mod people;
mod preferences;
mod profile;
mod registration;
mod roles;
mod routes;
mod sessions;
mod setup;
mod sweep;
mod tokens;
mod users;
