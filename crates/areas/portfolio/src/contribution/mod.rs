//! What each holding, asset class, currency and portfolio added to the change in value.
//!
//! Amounts are exact: the contributions of a period sum to the gain of the portfolios in it, and what
//! they would leave unexplained is shown beside them.

pub(crate) mod api;
mod model;
mod movers;
pub(crate) mod pages;
pub(crate) mod trail;

pub(crate) use movers::month_returns;
pub use movers::{Mover, movers, top_movers};
