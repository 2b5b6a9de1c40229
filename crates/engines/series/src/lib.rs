//! Series of prices as figures and as pictures: adjusted for what corporate actions did to the price
//! ([`adjustments`]), thinned out to what a chart can show ([`lttb`], [`merge`], [`merge_at`], [`together`]), and smoothed or measured by
//! the usual indicators ([`sma`], [`ema`], [`bollinger`], [`rsi`]).
#![warn(missing_docs)]

mod adjust;
mod indicators;
mod thin;

pub use adjust::{Action, Adjustment, Basis, Unapplied, adjustments};
pub use indicators::{Band, bollinger, ema, rsi, sma};
pub use thin::{Ohlc, lttb, merge, merge_at, together};
