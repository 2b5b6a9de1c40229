//! Closing prices of one instrument.

use std::{borrow::Cow, ops::Range};

use jiff::civil::{Date, date};
use ledger::Ratio;
use money::f64_from_decimal;

use crate::calendar::{self, Window};

/// Beyond this a close is an error, and sums of values could leave the range of floats.
const LARGEST: f64 = 1e15;

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
///
/// Every day from the first close to the last has its element, filled forward once, so that valuing
/// a portfolio is plain arithmetic over slices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PriceSeries {
    /// [`calendar::number`] of each day with a close, ascending.
    observed: Vec<i32>,
    /// The last close on or before each day, from the first day observed to the last.
    filled: Vec<f64>,
}

impl PriceSeries {
    /// From closes by day. They should come in the order of days and are sorted if they do not; of
    /// several closes for a day the last counts. Numbers that are not finite, or beyond 10^15, are no
    /// prices and are left out.
    pub fn new(points: impl IntoIterator<Item = (Date, f64)>) -> Self {
        let mut points: Vec<(i32, f64)> = points
            .into_iter()
            .filter(|(_, close)| close.abs() <= LARGEST)
            .map(|(day, close)| (calendar::number(day), close))
            .collect();
        if !points.is_sorted_by(|left, right| left.0 < right.0) {
            // Reversed, then sorted stably: the last close of a day comes first and stays.
            points.reverse();
            points.sort_by_key(|(day, _)| *day);
            points.dedup_by_key(|(day, _)| *day);
        }
        let mut filled: Vec<f64> = Vec::with_capacity(points.len() * 3 / 2);
        let mut previous: Option<(i32, f64)> = None;
        for (day, close) in &points {
            if let Some((before, held)) = previous.replace((*day, *close)) {
                filled.extend((before + 1..*day).map(|_| held));
            }
            filled.push(*close);
        }
        Self {
            observed: points.into_iter().map(|(day, _)| day).collect(),
            filled,
        }
    }

    /// `true` without a single close.
    pub fn is_empty(&self) -> bool {
        self.observed.is_empty()
    }

    /// The last close on or before a day, with the day of that close.
    pub fn at(&self, day: Date) -> Option<(Date, f64)> {
        const EPOCH: Date = date(1970, 1, 1);
        let last = self.observed_by(calendar::number(day))?;
        Some((calendar::after(EPOCH, last.into()), self.close(last)))
    }

    /// The last day with a close on or before a day.
    fn observed_by(&self, day: i32) -> Option<i32> {
        let next = self.observed.partition_point(|known| *known <= day);
        self.observed[..next].last().copied()
    }

    /// The close that holds on a day not before the first.
    fn close(&self, day: i32) -> f64 {
        let offset = self.observed.first().map_or(0, |first| day - first);
        let index = usize::try_from(offset)
            .unwrap_or(0)
            .min(self.filled.len() - 1);
        self.filled[index]
    }

    /// The closes as they hold on the days of a window.
    pub(crate) fn within(&self, window: Window) -> Closes<'_> {
        let Some(first) = self.observed.first() else {
            return Closes::none(window);
        };
        let begin = window.clamp(*first);
        let known = usize::try_from(window.start - first)
            .unwrap_or(0)
            .min(self.filled.len());
        let values = &self.filled[known..];
        Closes {
            begin,
            values: Cow::Borrowed(&values[..values.len().min(window.len - begin)]),
            last: self.filled.last().copied().unwrap_or_default(),
        }
    }

    /// The same for an instrument that was split: a close from before a split is a price for old
    /// shares, so on the days from the split to the next close it is turned into the price of a new
    /// one.
    pub(crate) fn across_splits(&self, window: Window, splits: &[(Date, Ratio)]) -> Closes<'_> {
        let mut closes = self.within(window);
        for (on, ratio) in splits {
            let on = calendar::number(*on);
            if self.observed_by(on).is_none_or(|known| known == on) {
                continue;
            }
            let next = self.observed.partition_point(|day| *day < on);
            let end = self
                .observed
                .get(next)
                .map_or(window.len, |day| window.clamp(*day));
            let old_per_new = f64_from_decimal(ratio.from) / f64_from_decimal(ratio.to);
            closes.scale(window.clamp(on)..end, window.len, old_per_new);
        }
        closes
    }
}

/// Closes by day of a window: none before `begin`, then `values`, then `last` for ever.
pub(crate) struct Closes<'a> {
    pub(crate) begin: usize,
    values: Cow<'a, [f64]>,
    last: f64,
}

impl Closes<'_> {
    pub(crate) fn none(window: Window) -> Self {
        Self {
            begin: window.len,
            values: Cow::Borrowed(&[]),
            last: 0.0,
        }
    }

    /// The closes of some days, all not before `begin`: first those that differ by day, then the one
    /// that holds on the rest.
    pub(crate) fn of(&self, days: Range<usize>) -> (&[f64], f64) {
        let end = self.values.len();
        let begin = (days.start - self.begin).min(end);
        (
            &self.values[begin..(days.end - self.begin).min(end)],
            self.last,
        )
    }

    fn scale(&mut self, days: Range<usize>, len: usize, factor: f64) {
        let last = self.last;
        let values = self.values.to_mut();
        values.resize(len - self.begin, last);
        for index in days {
            values[index - self.begin] *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(closes: &Closes<'_>, len: usize) -> (usize, Vec<f64>) {
        let (values, last) = closes.of(closes.begin..len);
        let mut all = values.to_vec();
        all.resize(len - closes.begin, last);
        (closes.begin, all)
    }

    fn within(series: &PriceSeries, from: Date, to: Date) -> (usize, Vec<f64>) {
        let window = Window::new(from, to);
        filled(&series.within(window), window.len)
    }

    #[test]
    fn closes_hold_until_the_next_one() {
        let series = PriceSeries::new([
            (date(2024, 1, 5), 3.0),
            (date(2024, 1, 2), 1.0),
            (date(2024, 1, 2), 2.0),
            (date(2024, 1, 3), f64::NAN),
        ]);
        assert_eq!(
            within(&series, date(2024, 1, 1), date(2024, 1, 7)),
            (1, vec![2.0, 2.0, 2.0, 3.0, 3.0, 3.0])
        );
        assert_eq!(
            within(&series, date(2024, 1, 3), date(2024, 1, 4)),
            (0, vec![2.0, 2.0])
        );
        assert_eq!(
            within(&series, date(2024, 2, 1), date(2024, 2, 2)),
            (0, vec![3.0, 3.0])
        );
        assert_eq!(
            within(&series, date(2023, 1, 1), date(2023, 1, 2)),
            (2, vec![])
        );
        assert_eq!(
            within(&PriceSeries::default(), date(2023, 1, 1), date(2023, 1, 2)),
            (2, vec![])
        );
        assert_eq!(series.at(date(2024, 1, 4)), Some((date(2024, 1, 2), 2.0)));
        assert_eq!(series.at(date(2024, 1, 1)), None);
    }

    #[test]
    fn a_split_divides_only_the_closes_carried_over_it() {
        let two_for_one = Ratio {
            to: 2.into(),
            from: 1.into(),
        };
        let series = PriceSeries::new([(date(2024, 1, 1), 10.0), (date(2024, 1, 4), 5.0)]);
        let across = |on, from, to| {
            let window = Window::new(from, to);
            filled(
                &series.across_splits(window, &[(on, two_for_one)]),
                window.len,
            )
        };
        let (first, last) = (date(2024, 1, 1), date(2024, 1, 5));
        assert_eq!(
            across(date(2024, 1, 3), first, last),
            (0, vec![10.0, 10.0, 5.0, 5.0, 5.0])
        );
        assert_eq!(
            across(date(2024, 1, 4), first, last),
            (0, vec![10.0, 10.0, 10.0, 5.0, 5.0])
        );
        assert_eq!(
            across(date(2024, 1, 5), first, last),
            (0, vec![10.0, 10.0, 10.0, 5.0, 2.5])
        );
        // A window that begins after the split still carries the old close over it.
        assert_eq!(
            across(date(2024, 1, 5), date(2024, 1, 6), date(2024, 1, 7)),
            (0, vec![2.5; 2])
        );
        assert_eq!(
            across(date(2023, 1, 1), first, date(2024, 1, 2)),
            (0, vec![10.0; 2])
        );
    }
}
