//! Drawdown and volatility.
use crate::{Daily, NotAvailable};
use jiff::civil::Date;
/// The deepest fall from a peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    /// Not positive: -0.25 is a fall of a quarter.
    pub depth: f64,
    /// The day of the peak before the fall.
    pub peak_on: Date,
    /// The lowest day.
    pub trough_on: Date,
    /// The day on which the peak was reached again.
    pub recovered_on: Option<Date>,
}
/// Deepest fall of an index whose first element is of day `first`.
pub fn drawdown(_first: Date, _index: &[f64]) -> Result<Drawdown, NotAvailable> {
    todo!()
}
/// Annualised volatility.
pub fn volatility(_daily: &Daily) -> Result<f64, NotAvailable> {
    todo!()
}
