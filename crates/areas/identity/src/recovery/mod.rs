//! Recovery codes: ten secrets on paper, each of which stands in for a lost second factor once. They are
//! shown when they are made and kept hashed. With 80 random bits they need no slow hash.

mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;

pub(crate) use service::{consume, ensure};

/// How many codes are made at a time.
pub(crate) const COUNT: usize = 10;
