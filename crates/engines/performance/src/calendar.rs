//! Days as numbers, for arrays with one element per calendar day.

use jiff::{
    Span,
    civil::{Date, date},
};

/// Days from the Unix epoch, negative before it.
pub(crate) fn number(day: Date) -> i32 {
    const EPOCH: Date = date(1970, 1, 1);
    (day.duration_since(EPOCH).as_secs() / 86_400) as i32
}

/// The day so many days after another; the last day of the calendar where it would lie beyond.
pub(crate) fn after(first: Date, days: i64) -> Date {
    Span::new()
        .try_days(days)
        .map_or(Date::MAX, |span| first.saturating_add(span))
}

/// Calendar days from `first` to `last`, both included; none when they are the wrong way round.
pub(crate) fn length(first: Date, last: Date) -> usize {
    usize::try_from(number(last) - number(first) + 1).unwrap_or(0)
}

/// A window of days, one array element each.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) first: Date,
    /// [`number`] of `first`.
    pub(crate) start: i32,
    pub(crate) len: usize,
}

impl Window {
    pub(crate) fn new(first: Date, last: Date) -> Self {
        Self {
            first,
            start: number(first),
            len: length(first, last),
        }
    }

    /// Where a day lies: 0 for all before the window, its length for all after.
    pub(crate) fn clamp(&self, day: i32) -> usize {
        usize::try_from(day - self.start).unwrap_or(0).min(self.len)
    }

    pub(crate) fn date(&self, index: usize) -> Date {
        after(self.first, index as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_across_leap_years_and_before_the_epoch() {
        assert_eq!(number(date(1970, 1, 1)), 0);
        assert_eq!(number(date(1969, 12, 31)), -1);
        assert_eq!(number(date(2024, 3, 1)), 19_783);
        assert_eq!(after(date(2024, 2, 28), 2), date(2024, 3, 1));
        assert_eq!(after(Date::MAX, 1), Date::MAX);
        assert_eq!(length(date(2024, 1, 1), date(2024, 12, 31)), 366);
        assert_eq!(length(date(2024, 1, 2), date(2024, 1, 1)), 0);
    }
}
