//! Currencies, exact amounts and dated exchange rates.
//!
//! Money is [`rust_decimal::Decimal`]; statistics are `f64`. The two meet in this crate alone:
//! [`decimal_from_f64`] turns an observation into the shortest decimal that round-trips, and
//! [`f64_from_decimal`] goes the other way for statistics and charts.
#![warn(missing_docs)]

mod currency;
mod fx;
mod number;
mod quotation;

pub use currency::{Currency, InvalidCurrency};
pub use fx::{FxRate, FxTable};
pub use number::{
    decimal_from_f64, f64_from_decimal, round_computed, round_to_currency, round_to_store,
};
pub use quotation::{Quotation, QuoteUnit};
