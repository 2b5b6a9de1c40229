//! Property, private holdings, debts, and instruments of one's own: what no source knows. The shared table
//! of instruments holds a handle without a word in it; name, kind and every value are rows of their owner.
//! Of most kinds there is one, with a value of the whole; a debt is a negative position, and its price is
//! what is owed. An instrument has units, which ordinary transactions buy and sell by its symbol, and a
//! price for one of them. What is deleted or stated anew stays readable for
//! whoever asks what was known before.

pub(crate) mod api;
mod error;
mod finding;
mod import;
mod input;
mod model;
pub(crate) mod pages;
pub(crate) mod service;
pub(crate) mod store;

pub use error::Error;
pub(crate) use finding::worded;
pub use import::import_named;
pub(crate) use input::PrivateAssetBody;
pub use model::{Appraisal, CustomInstrument, Kind, PrivateAsset};
