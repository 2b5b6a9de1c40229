//! Stories of the identity area, through HTTP against real PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod authenticator;
mod browser;
mod demo;
mod details;
mod factors;
mod families;
mod forgery;
mod guessing;
mod invitations;
mod kept;
mod limits;
mod mail;
mod onboarding;
mod openid;
mod passkeys;
mod passwords;
mod people;
mod preferences;
mod profile;
mod proofs;
mod provider;
mod registration;
mod roles;
mod routes;
mod scopes;
mod sessions;
mod setup;
mod sweep;
mod tokens;
mod users;
