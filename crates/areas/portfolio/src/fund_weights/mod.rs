//! What funds are made of, in percent by sector, country and asset class, as their holder knows it: an
//! allocation looks through to it. What is missing to 100 percent is unknown.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
pub(crate) mod store;

pub(crate) use error::Error;
pub(crate) use model::{Dimension, FundWeights, Weight};
