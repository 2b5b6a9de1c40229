//! The first page after set-up: look at a sample, or begin.

pub(crate) mod pages;
