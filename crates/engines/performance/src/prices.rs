//! Closing prices of one instrument.

use jiff::civil::Date;

/// Closing prices of one instrument by day, as traded (not adjusted for splits), in its currency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PriceSeries {
    points: Vec<(Date, f64)>,
}

impl PriceSeries {
    /// From closes in the order of days.
    pub fn new(points: impl IntoIterator<Item = (Date, f64)>) -> Self {
        Self { points: points.into_iter().collect() }
    }

    /// The last close on or before a day, with its day.
    pub fn at(&self, date: Date) -> Option<(Date, f64)> {
        self.points[..self.points.partition_point(|(day, _)| *day <= date)].last().copied()
    }
}
