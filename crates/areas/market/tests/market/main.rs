//! The market room from outside: through HTTP and through the functions that other rooms and the
//! command line call, against PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong in the help of a test fails the test"
)]

mod bars;
mod corporate_actions;
mod exchanges;
mod facts;
mod feeds;
mod fx;
mod indices;
mod instruments;
mod pages;
mod reference;
mod restart;
mod screener;
mod searching;
mod site;
mod timeseries;
mod timeseries_laws;
