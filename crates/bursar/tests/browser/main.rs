//! Journeys through the pages in headless Chromium, against the real router and a real PostgreSQL.
//!
//! On every page that a journey looks at, the browser must have logged no error and no breach of the
//! content security policy, axe-core must find nothing serious in light and dark, and the page must not
//! scroll sideways. With `BURSAR_SCREENSHOTS` set, each of them is kept as a picture in
//! `target/screenshots`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod accessibility;
mod chrome;
mod demo_tour;
mod factors;
mod first_import;
mod foreign_columns;
mod keyboard;
mod onboarding;
mod person;
mod phone;
mod settings;
mod site;
mod without_script;
