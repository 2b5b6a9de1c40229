//! The database from outside: real servers, real processes, real kills.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests ask scratch tables and the catalogue, which no checked query knows"
)]
#![expect(
    clippy::expect_used,
    reason = "helpers of tests fail the test like the tests themselves"
)]

mod cluster;
mod copy;
mod facts;
mod given_server;
mod migrations;
mod row_security;
mod scratch;
mod time_series;
mod unit_of_work;
