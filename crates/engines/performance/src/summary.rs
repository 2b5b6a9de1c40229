//! The figures of a period.
use crate::{Daily, Drawdown, NotAvailable, Xirr, XirrError};
use jiff::civil::Date;
/// The figures of a period, base currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Value at the close of the day before `from`.
    pub start_value: f64,
    /// Value at the close of `to`.
    pub end_value: f64,
    /// What came in.
    pub inflow: f64,
    /// What went out.
    pub outflow: f64,
    /// What came in less what went out.
    pub net_flow: f64,
    /// `end_value - start_value - net_flow`.
    pub gain: f64,
    /// External flows since inception, by the close of `to`.
    pub net_invested: f64,
    /// Time-weighted return of the period, not annualised.
    pub twr: Result<f64, NotAvailable>,
    /// Money-weighted return per year.
    pub mwr: Result<Xirr, XirrError>,
    /// Gain over start value and inflows.
    pub simple: Result<f64, NotAvailable>,
    /// Deepest fall of the time-weighted index.
    pub max_drawdown: Result<Drawdown, NotAvailable>,
    /// Annualised volatility.
    pub volatility: Result<f64, NotAvailable>,
}
/// The figures of a period.
pub fn summary(_daily: &Daily, _from: Date, _to: Date) -> Summary {
    todo!()
}
/// Gain over start value and inflows.
pub fn simple_return(_daily: &Daily) -> Result<f64, NotAvailable> {
    todo!()
}
