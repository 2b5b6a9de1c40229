//! Stories of the portfolio area, through HTTP against real PostgreSQL: what a person does, what she
//! sees, and what is in the tables afterwards. Figures are computed by hand in the comments.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(clippy::too_many_lines, reason = "a story is told in one piece")]

mod at_once;
mod brokers;
mod contribution;
mod dashboard;
mod freshness;
mod holdings;
mod imports;
mod mapping;
mod portfolios;
mod report;
mod sample;
mod server;
mod transactions;
