//! Option chains: the contracts on an underlying, and what they cost each time the chain was fetched.

pub(crate) mod api;
mod model;
pub(crate) mod store;

pub use model::{Chain, Contract, OptionType};
