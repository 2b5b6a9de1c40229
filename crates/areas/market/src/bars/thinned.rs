//! Bars put together for a chart: of a whole span, however many there are.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    interval::Interval,
    model::{Bar, DailyBar},
    store,
};
use crate::InstrumentId;

/// Neighbouring bars put together while they come: of each group the prices so far, never its bars.
pub(super) struct Thinning {
    /// Bars of a group.
    size: usize,
    most: usize,
    groups: Vec<Bar>,
    /// Bars in the last group.
    held: usize,
}

impl Thinning {
    /// To at most `most` groups of equal size, the last of which may be smaller, if `count` bars come.
    pub(super) fn new(count: usize, most: usize) -> Self {
        let most = most.max(1);
        Self {
            size: count.div_ceil(most).max(1),
            most,
            groups: Vec::new(),
            held: 0,
        }
    }

    /// Each group bears the time of its first bar.
    pub(super) fn push(&mut self, bar: Bar) {
        // More may come than were counted, in the last group then.
        let is_full = self.held >= self.size && self.groups.len() < self.most;
        if let Some(group) = self.groups.last_mut().filter(|_| !is_full) {
            *group = joined(group, &bar);
            self.held += 1;
        } else {
            self.groups.push(bar);
            self.held = 1;
        }
    }

    pub(super) fn finish(self) -> Vec<Bar> {
        self.groups
    }
}

fn joined(group: &Bar, bar: &Bar) -> Bar {
    let both = [group.prices(), bar.prices()];
    let prices = series::together(&both).unwrap_or(bar.prices());
    Bar {
        at: group.at,
        open: prices.open,
        high: prices.high,
        low: prices.low,
        close: prices.close,
        adjusted_close: bar.adjusted_close,
        volume: prices.volume,
    }
}

/// These days put together until there are at most so many.
pub(super) fn days(days: Vec<DailyBar>, most: usize) -> Vec<DailyBar> {
    let mut thinning = Thinning::new(days.len(), most);
    for day in days {
        thinning.push(day.into());
    }
    thinning.finish().into_iter().map(DailyBar::from).collect()
}

/// All bars of an interval in `[from, to)`, put together until there are at most so many. They are counted first and
/// then put together as they come, so that a year of minutes takes no more room than what is answered.
pub(super) async fn within_days(
    conn: &mut PgConnection,
    id: InstrumentId,
    interval: Interval,
    (from, to): (Timestamp, Timestamp),
    most: usize,
) -> db::Result<Vec<Bar>> {
    let count = store::count(conn, id, interval, from, to).await?;
    let mut thinning = Thinning::new(count, most);
    store::visit(conn, id, interval, (from, to), i64::MAX, |bar| {
        thinning.push(bar);
    })
    .await?;
    Ok(thinning.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(number: i32) -> Bar {
        let price = f64::from(number);
        Bar {
            at: Timestamp::from_second(i64::from(number) * 60).unwrap(),
            open: price,
            high: price + 0.5,
            low: price - 0.5,
            close: price,
            adjusted_close: None,
            volume: Some(1.0),
        }
    }

    fn of(expected: usize, most: usize, bars: i32) -> Vec<(f64, f64, f64, f64, Option<f64>)> {
        let mut thinning = Thinning::new(expected, most);
        (1..=bars).for_each(|number| thinning.push(bar(number)));
        let groups = thinning.finish().into_iter();
        groups
            .map(|bar| (bar.open, bar.high, bar.low, bar.close, bar.volume))
            .collect()
    }

    #[test]
    fn groups_have_one_size_and_the_last_takes_what_nobody_counted() {
        let first = (1.0, 2.5, 0.5, 2.0, Some(2.0));
        let last = |close: f64| (3.0, close + 0.5, 2.5, close, Some(close - 2.0));
        assert_eq!(of(3, 2, 3), [first, last(3.0)]);
        assert_eq!(of(4, 2, 4), [first, last(4.0)]);
        assert_eq!(of(4, 2, 9), [first, last(9.0)]);
        assert_eq!(of(4, 0, 4), [(1.0, 4.5, 0.5, 4.0, Some(4.0))]);
        assert!(of(0, 5, 0).is_empty());
        assert_eq!(of(2, 5, 2).len(), 2);
    }
}
