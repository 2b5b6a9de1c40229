//! Stories of the record: through HTTP, in SQL and against tampering, on real PostgreSQL.
#![expect(clippy::too_many_lines, reason = "a story is told in one piece")]
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
