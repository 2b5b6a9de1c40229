use jiff::civil::Date;
use money::Currency;

/// An observation: on a day, one unit of base cost `rate` units of quote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Day of the observation.
    pub date: Date,
    /// The currency that is priced.
    pub base: Currency,
    /// The currency of the price; another than the base.
    pub quote: Currency,
    /// Positive and finite.
    pub rate: f64,
}

/// Base and quote.
pub(super) type Pair = (Currency, Currency);
