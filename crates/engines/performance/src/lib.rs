//! Values books by day and states how they performed.
//!
//! [`value_daily`] turns [`ledger::Books`], prices and exchange rates into one value per calendar day;
//! [`summary`] states all figures of a period, and each has a function of its own: [`twr`],
//! [`xirr`], [`simple_return`], [`drawdown`], [`volatility`]. [`closing`] values one day exactly, in
//! decimals. Ratios are numbers: 0.12 is 12 %. A figure that cannot be stated is an error that says
//! why; none is NaN or infinite.
//!
//! Conventions, once for all figures:
//! - Money that comes in on a day is there from its start, money that goes out leaves at its end.
//! - The start value of a period is the value at the close of the day before it.
//! - Prices are as traded and hold until the next one; exchange rates likewise.
#![warn(missing_docs)]

mod calendar;
mod closing;
mod daily;
mod finding;
mod prices;
mod risk;
mod summary;
mod transfers;
mod twr;
mod unavailable;
mod valuation;
mod xirr;

pub use closing::{Closing, ClosingCash, ClosingPosition, closing};
pub use daily::Daily;
pub use prices::PriceSeries;
pub use risk::{Drawdown, drawdown, volatility};
pub use summary::{Summary, simple_return, summary};
pub use transfers::{TransferFlow, transfer_flows};
pub use twr::{twr, twr_index};
pub use unavailable::NotAvailable;
pub use valuation::{value_asset_daily, value_daily};
pub use xirr::{Xirr, XirrError, xirr, xnpv};
