//! What a person owns in all, in a few figures. They are kept for five minutes for all nodes together, under
//! the revisions of everything they were made of: any transaction gives another one, so that nothing older
//! is taken for them.

pub(crate) mod api;
mod model;
mod service;
