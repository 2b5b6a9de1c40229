//! The first page: what everything is worth, how it got there, and what moved.

pub(crate) mod api;
mod model;
pub(crate) mod pages;
