use jiff::{Timestamp, civil::Date, tz::Offset};

/// The bar of one trading day. Prices are positive, in the currency of the instrument; high is not
/// below low.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailyBar {
    /// Trading day.
    pub date: Date,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Last price as adjusted by the source for splits and dividends that came later.
    pub adjusted_close: Option<f64>,
    /// Shares or units traded.
    pub volume: Option<f64>,
}

/// The instant under which the bar of a day is stored: its midnight in UTC.
pub(super) fn midnight(date: Date) -> Timestamp {
    // Every date has a midnight in UTC; the fallback only satisfies the types.
    Offset::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).unwrap_or_default()
}

/// The day of an instant.
pub(super) fn day(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}
