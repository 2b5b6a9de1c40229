//! Daily valuation and performance figures.
#![warn(missing_docs)]

mod closing;
mod daily;
mod prices;
mod risk;
mod summary;
mod twr;
mod unavailable;
mod xirr;

pub use closing::{Closing, ClosingCash, ClosingPosition, closing};
pub use daily::{Daily, value_asset_daily, value_daily};
pub use prices::PriceSeries;
pub use risk::{Drawdown, drawdown, volatility};
pub use summary::{Summary, simple_return, summary};
pub use twr::{twr, twr_index};
pub use unavailable::NotAvailable;
pub use xirr::{Xirr, XirrError, xirr, xnpv};
