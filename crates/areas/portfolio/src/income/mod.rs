//! Income: dividends, interest and withheld tax by year, month, instrument and currency, capital that
//! was given back apart from them, and what the next twelve months may bring.

pub(crate) mod api;
mod export;
mod model;
pub(crate) mod pages;
mod payers;
mod projection;
pub(crate) mod trail;
