//! Money-weighted return.
use jiff::civil::Date;
use thiserror::Error;
/// An internal rate of return.
#[derive(Clone, Debug, PartialEq)]
pub struct Xirr {
    /// Per year of 365 days; 0.12 is 12 %.
    pub rate: f64,
    /// Other rates that solve the same flows, ascending.
    pub other_roots: Vec<f64>,
}
/// Why there is no internal rate of return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum XirrError {
    /// Nothing to solve.
    #[error("a money-weighted return needs money going in and coming out")]
    OneSign,
    /// All flows on one day.
    #[error("a money-weighted return needs flows on at least two days")]
    OneDay,
    /// No rate solves the flows.
    #[error("no rate between -99.9999 % and 65,000 % a year explains these flows")]
    NoRoot,
    /// A flow is not a number.
    #[error("one of the flows is not a finite number")]
    NotFinite,
}
/// Internal rate of return of dated flows.
pub fn xirr(_flows: &[(Date, f64)]) -> Result<Xirr, XirrError> {
    todo!()
}
/// Net present value of dated flows.
pub fn xnpv(_rate: f64, _flows: &[(Date, f64)]) -> Option<f64> {
    todo!()
}
