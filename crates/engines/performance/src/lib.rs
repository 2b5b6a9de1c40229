//! Values books by day and states how they performed.
//!
//! [`value_daily`] turns [`ledger::Books`], prices and exchange rates into one value per calendar day;
//! [`statistics`] states all figures of a [`Period`] at once, [`summary`] the first of them, and each
//! has a function of its own:
//!
//! - returns: [`twr`], [`xirr`], [`simple_return`], [`roai`], [`modified_dietz`];
//! - by time: [`calendar_returns`], [`rolling_returns`], [`rolling_volatility`];
//! - risk: [`volatility`], [`drawdowns`], [`sharpe`], [`sortino`], [`calmar`], [`historical_tail`],
//!   [`normal_tail`];
//! - beside a [`Benchmark`]: [`relative`], [`same_flows`];
//! - by holding: [`contributions`], of what [`tracks`] finds in the books.
//!
//! [`closing`] values one day exactly, in decimals. Ratios are numbers: 0.12 is 12 %. A figure that
//! cannot be stated is an error that says why; none is NaN or infinite.
//!
//! Conventions, once for all figures:
//! - Money that comes in on a day is there from its start, money that goes out leaves at its end.
//! - The start value of a period is the value at the close of the day before it.
//! - Prices are as traded and hold until the next one; exchange rates likewise.
#![warn(missing_docs)]

mod benchmark;
mod calendar;
mod calendar_returns;
mod capital;
mod closing;
mod contribution;
mod daily;
mod doubtful;
mod drawdowns;
mod finding;
mod period;
mod prices;
mod ratios;
mod relative;
mod risk;
mod rolling;
mod same_flows;
mod sample;
mod statistics;
mod summary;
mod tail;
mod tracks;
mod transfers;
mod twr;
mod unavailable;
mod valuation;
mod xirr;

pub use benchmark::{Benchmark, BenchmarkError, Component, Rebalancing};
pub use calendar_returns::{MonthReturn, YearReturns, calendar_returns};
pub use capital::{average_capital, average_investment, modified_dietz, roai};
pub use closing::{Closing, ClosingCash, ClosingPosition, closing};
pub use contribution::{
    Attribution, Contribution, ContributionError, GroupContribution, Holding, Mark, Parts, Whole,
    contributions,
};
pub use daily::Daily;
pub use doubtful::{PRICE_IN_MAJOR_UNIT, PRICE_IN_MINOR_UNIT, SUSPICIOUS_PRICE, doubtful_prices};
pub use drawdowns::drawdowns;
pub use period::{Days, Known, PERIODS, Period, PeriodError};
pub use prices::PriceSeries;
pub use ratios::{
    TRADING_DAYS, annual_return, annual_volatility, calmar, downside_deviation, sharpe, sortino,
};
pub use relative::{Relative, relative};
pub use risk::{Drawdown, drawdown, volatility, weekday_returns};
pub use rolling::{RollingPoint, RollingWindow, rolling_returns, rolling_volatility};
pub use same_flows::{Ahead, SameFlows, same_flows};
pub use statistics::{Measure, Statistics, statistics};
pub use summary::{Summary, simple_return, summary};
pub use tail::{Confidence, TailRisk, historical_tail, normal_tail};
pub use tracks::{Detail, Held, Track, Tracks, tracks};
pub use transfers::{TransferFlow, transfer_flows};
pub use twr::{twr, twr_index};
pub use unavailable::NotAvailable;
pub use valuation::{value_asset_daily, value_daily};
pub use xirr::{Xirr, XirrError, xirr, xnpv};
