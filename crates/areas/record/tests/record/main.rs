//! Stories of the record: through HTTP, in SQL and against tampering, on real PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod account;
mod activity;
mod audit;
mod chain;
mod logs;
mod server;
