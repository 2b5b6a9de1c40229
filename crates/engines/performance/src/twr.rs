//! Time-weighted return.
use crate::{Daily, NotAvailable};
/// Time-weighted return of all days.
pub fn twr(_daily: &Daily) -> Result<f64, NotAvailable> {
    todo!()
}
/// Growth of one unit by the end of each day.
pub fn twr_index(_daily: &Daily) -> Result<Vec<f64>, NotAvailable> {
    todo!()
}
