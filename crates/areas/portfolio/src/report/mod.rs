//! The whole of a portfolio on one sheet: the same figures for the command line, the API and anyone
//! who wants to check them elsewhere.

pub(crate) mod api;
mod model;
mod service;

pub(crate) use model::stored;
pub use model::{HoldingReport, PerformanceReport, PortfolioReport, TotalsReport};
pub use service::{Wanted, report, report_by_name};
