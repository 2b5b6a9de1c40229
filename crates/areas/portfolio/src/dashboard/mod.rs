//! The first page: what everything is worth, how it got there, and what moved.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod pages;
