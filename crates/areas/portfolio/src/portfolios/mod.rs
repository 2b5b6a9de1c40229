//! Portfolios: a currency, a cost-basis method, and whether cash is tracked. Everything else about a
//! portfolio follows from its transactions.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;

pub use error::Error;
pub use model::{NewPortfolio, Portfolio, PortfolioBody, PortfolioId, PortfolioView};
pub use service::{list, open};
