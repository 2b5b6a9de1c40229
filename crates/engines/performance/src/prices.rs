//! Closing prices of one instrument.

use jiff::civil::{Date, date};
use ledger::Ratio;
use money::f64_from_decimal;

use crate::calendar::{self, Window};

/// Closing prices of one instrument by day, as traded (not adjusted for splits), in its currency.
///
/// ```
/// use jiff::civil::date;
/// use performance::PriceSeries;
///
/// let closes = PriceSeries::new([(date(2024, 1, 2), 10.0), (date(2024, 1, 5), 11.5)]);
/// assert_eq!(closes.at(date(2024, 1, 4)), Some((date(2024, 1, 2), 10.0)));
/// assert_eq!(closes.at(date(2024, 1, 1)), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PriceSeries {
    /// [`calendar::number`] of each day, ascending.
    days: Vec<i32>,
    closes: Vec<f64>,
}

impl PriceSeries {
    /// From closes by day. They should come in the order of days and are sorted if they do not; of
    /// several closes for a day the last counts. Numbers that are not finite are left out.
    pub fn new(points: impl IntoIterator<Item = (Date, f64)>) -> Self {
        let mut points: Vec<(i32, f64)> = points
            .into_iter()
            .filter(|(_, close)| close.is_finite())
            .map(|(day, close)| (calendar::number(day), close))
            .collect();
        if !points.is_sorted_by(|left, right| left.0 < right.0) {
            // Reversed, then sorted stably: the last close of a day comes first and stays.
            points.reverse();
            points.sort_by_key(|(day, _)| *day);
            points.dedup_by_key(|(day, _)| *day);
        }
        let (days, closes) = points.into_iter().unzip();
        Self { days, closes }
    }

    /// `true` without a single close.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The last close on or before a day, with the day of that close.
    pub fn at(&self, day: Date) -> Option<(Date, f64)> {
        const EPOCH: Date = date(1970, 1, 1);
        let next = self
            .days
            .partition_point(|known| *known <= calendar::number(day));
        let last = next.checked_sub(1)?;
        Some((
            calendar::after(EPOCH, self.days[last].into()),
            self.closes[last],
        ))
    }

    /// Writes the last close on or before each day of a window; elements before the first close are
    /// left alone. Returns the position of the first element written.
    pub(crate) fn fill(&self, window: Window, out: &mut [f64]) -> usize {
        let start = self
            .days
            .partition_point(|day| *day <= window.start)
            .saturating_sub(1);
        let mut position = self
            .days
            .get(start)
            .map_or(window.len, |day| window.clamp(*day));
        let first = position;
        for (index, close) in self.closes.iter().enumerate().skip(start) {
            let end = self
                .days
                .get(index + 1)
                .map_or(window.len, |next| window.clamp(*next));
            while position < end {
                out[position] = *close;
                position += 1;
            }
            if position == window.len {
                break;
            }
        }
        first
    }

    /// A close from before a split is a price for old shares. On the days from the split to the next
    /// close, turns it into the price of a new one.
    pub(crate) fn carry_over_split(
        &self,
        window: Window,
        on: Date,
        ratio: Ratio,
        filled: &mut [f64],
    ) {
        let on = calendar::number(on);
        let next = self.days.partition_point(|day| *day < on);
        if next == 0 {
            return;
        }
        let end = self
            .days
            .get(next)
            .map_or(window.len, |day| window.clamp(*day));
        let begin = window.clamp(on).min(end);
        let old_per_new = f64_from_decimal(ratio.from) / f64_from_decimal(ratio.to);
        for close in &mut filled[begin..end] {
            *close *= old_per_new;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(series: &PriceSeries, from: Date, to: Date) -> (usize, Vec<f64>) {
        let window = Window::new(from, to);
        let mut out = vec![0.0; window.len];
        (series.fill(window, &mut out), out)
    }

    #[test]
    fn closes_hold_until_the_next_one() {
        let series = PriceSeries::new([
            (date(2024, 1, 5), 3.0),
            (date(2024, 1, 2), 1.0),
            (date(2024, 1, 2), 2.0),
            (date(2024, 1, 3), f64::NAN),
        ]);
        let (first, out) = filled(&series, date(2024, 1, 1), date(2024, 1, 6));
        assert_eq!((first, out), (1, vec![0.0, 2.0, 2.0, 2.0, 3.0, 3.0]));
        let (first, out) = filled(&series, date(2024, 1, 3), date(2024, 1, 4));
        assert_eq!((first, out), (0, vec![2.0, 2.0]));
        let (first, out) = filled(&series, date(2023, 1, 1), date(2023, 1, 2));
        assert_eq!((first, out), (2, vec![0.0, 0.0]));
        assert_eq!(
            filled(&PriceSeries::default(), date(2023, 1, 1), date(2023, 1, 2)).0,
            2
        );
    }
}
