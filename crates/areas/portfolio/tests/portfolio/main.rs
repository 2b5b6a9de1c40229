//! Stories of the portfolio area, through HTTP against real PostgreSQL: what a person does, what she
//! sees, and what is in the tables afterwards. Figures are computed by hand in the comments.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(clippy::too_many_lines, reason = "a story is told in one piece")]

mod allocation;
mod at_once;
mod brokers;
mod by_hand;
mod cash;
mod categories;
mod changes;
mod contribution;
mod corporate_actions;
mod custom_instruments;
mod dashboard;
mod findings;
mod freshness;
mod gains;
mod health;
mod history;
mod holdings;
mod imports;
mod income;
mod known_on;
mod long_files;
mod mapping;
mod options;
mod overview;
mod pence;
mod performance;
mod portfolios;
mod private_assets;
mod report;
mod sample;
mod server;
mod snapshots;
mod tour;
mod traced;
mod trail;
mod transactions;
mod undoing;
