//! Realised gains: what every sale earned, by year, instrument and holding period, and what it would
//! have earned under the other ways of choosing cost.
//!
//! All of it is read off a valuation. Amounts are the ledger's own, unrounded, so that lines add up to
//! subtotals and subtotals to the realised gain of the report exactly.

pub(crate) mod api;
mod export;
mod methods;
mod model;
pub(crate) mod pages;
mod service;
mod sums;
pub(crate) mod trail;
mod wash_sales;

pub(crate) use pages::sale_href;
pub(crate) use wash_sales::{CODE as WASH_SALE, WashSales, findings};
