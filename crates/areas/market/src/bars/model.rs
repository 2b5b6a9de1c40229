use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::Offset,
};
use series::Ohlc;

/// The bar of one trading day. Prices are positive and as the source stated them, in the unit in which
/// the instrument is quoted; high is not below low.
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

/// A bar of any interval. Prices are as in [`DailyBar`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// When it begins; of a day midnight UTC of the trading day.
    pub at: Timestamp,
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

impl Bar {
    /// What it is put together by.
    pub(crate) fn prices(&self) -> Ohlc {
        Ohlc {
            open: self.open,
            high: self.high,
            low: self.low,
            close: self.close,
            volume: self.volume,
        }
    }
}

impl From<DailyBar> for Bar {
    fn from(bar: DailyBar) -> Self {
        Self {
            at: midnight(bar.date),
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            adjusted_close: bar.adjusted_close,
            volume: bar.volume,
        }
    }
}

impl From<Bar> for DailyBar {
    fn from(bar: Bar) -> Self {
        Self {
            date: day(bar.at),
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            adjusted_close: bar.adjusted_close,
            volume: bar.volume,
        }
    }
}

impl From<Bar> for sources::Bar {
    fn from(bar: Bar) -> Self {
        Self {
            at: bar.at,
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            adjusted_close: bar.adjusted_close,
            volume: bar.volume,
        }
    }
}

/// What became of bars that were ingested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Bars of times that had none.
    pub inserted: u64,
    /// Bars that took the place of another one, which is kept among the versions.
    pub replaced: u64,
    /// Bars that say what is there already.
    pub unchanged: u64,
    /// Minutes of a day that has lost its minutes by age: they were left out, because the longer bars
    /// could not be computed from them any more.
    pub expired: u64,
}

impl std::ops::AddAssign for Ingested {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.replaced += other.replaced;
        self.unchanged += other.unchanged;
        self.expired += other.expired;
    }
}

/// A value in which two bars of one day contradict each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) field: &'static str,
    pub(super) here: f64,
    pub(super) there: f64,
}

impl DailyBar {
    /// In which values this bar and another of the same day contradict each other. What one of them
    /// does not state is no contradiction, and neither is the adjusted close, which sources restate
    /// after every dividend.
    pub(super) fn differences(&self, other: &Self) -> Vec<Difference> {
        let prices = [
            ("open", other.open, self.open),
            ("high", other.high, self.high),
            ("low", other.low, self.low),
            ("close", other.close, self.close),
        ];
        let volume = other
            .volume
            .zip(self.volume)
            .map(|(here, there)| ("volume", here, there));
        let differing = prices.into_iter().chain(volume).filter(|(_, here, there)| {
            // Negative zero is the same volume.
            (here + 0.0).total_cmp(&(there + 0.0)).is_ne()
        });
        differing
            .map(|(field, here, there)| Difference { field, here, there })
            .collect()
    }
}

/// No bar is older.
pub(crate) const EARLIEST: Date = jiff::civil::date(1, 1, 1);
/// The last day whose midnight is an instant in every offset.
pub(crate) const LATEST: Date = jiff::civil::date(9999, 12, 30);

/// The instant under which the bar of a day is stored: its midnight in UTC.
pub(crate) fn midnight(date: Date) -> Timestamp {
    let midnight = date.clamp(EARLIEST, LATEST).to_datetime(Time::midnight());
    // Every day between the two has a midnight; the fallback only satisfies the types.
    Offset::UTC.to_timestamp(midnight).unwrap_or_default()
}

/// The day of an instant.
pub(crate) fn day(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}
