//! Holdings: what is held of each instrument, what it cost and what it is worth.

pub(crate) mod api;
pub(crate) mod jobs;
pub(crate) mod pages;
mod store;
