//! Series of prices as figures and as pictures: adjusted for what corporate actions did to the price
//! ([`adjustments`]), and thinned out to what a chart can show ([`lttb`], [`merge`]).
#![warn(missing_docs)]

mod adjust;
mod thin;

pub use adjust::{Action, Adjustment, Basis, Unapplied, adjustments};
pub use thin::{Ohlc, lttb, merge};
