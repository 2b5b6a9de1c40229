//! What holds for every route, every page, every form, every table and every problem, also for those
//! that are added later: a law fails until the newcomer has its place.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a law is broken by panicking"
)]
#![expect(clippy::too_many_lines, reason = "a law is stated in one piece")]

mod advisories;
mod callers;
mod catalogue;
mod document;
mod forms;
mod guarded;
mod leaks;
mod migrations;
mod misses;
mod pages;
mod problems;
mod routes;
mod settings;
mod site;
mod strangers;
