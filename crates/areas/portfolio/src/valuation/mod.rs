//! What portfolios hold and are worth: loads transactions and prices, lets the engines compute, and
//! keeps the result for as long as neither has changed.
//!
//! A valuation is named by the revisions of everything it was made of. One small query tells these
//! revisions, so a cached valuation is never stale, on whichever node it was made.

pub(crate) mod compute;
mod findings;
mod model;
mod service;
pub(crate) mod store;

pub(crate) use compute::settle_currencies;
pub use findings::{Place, PlacedFinding};
pub use model::{CashBalance, Holding, OpenLot, Part, Totals, Valuation};
pub use service::{Request, Valuations};
