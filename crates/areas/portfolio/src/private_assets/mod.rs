//! Property, private holdings and debts: what has no ticker. The shared table of instruments holds a
//! handle without a word in it; name, kind and every value are rows of their owner. A debt is a
//! negative position, and its price is what is owed. What is deleted or stated anew stays readable for
//! whoever asks what was known before.

pub(crate) mod api;
mod error;
mod finding;
mod model;
pub(crate) mod pages;
pub(crate) mod service;
pub(crate) mod store;

pub use error::Error;
pub(crate) use finding::worded;
pub(crate) use model::PrivateAssetBody;
pub use model::{Appraisal, Kind, PrivateAsset};
