use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::model::DailyBar;
use crate::InstrumentId;

/// What is known about the bars of one instrument while a file is loaded. Bars before the first or
/// after the last known day are certainly new, so a file in the order of days (either way) is loaded
/// without any look at the bars that are there; only a bar between them needs the history.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) id: InstrumentId,
    /// First and last day that have bars.
    span: Option<(Date, Date)>,
    /// All bars that somebody stated, once they were needed.
    known: Option<BTreeMap<Date, DailyBar>>,
    /// Days whose bar was computed; of these one that is stated takes the place.
    computed: BTreeSet<Date>,
}

/// What to do with a bar.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// Load it.
    New,
    /// Let it take the place of one that was computed.
    Instead,
    /// It is there already, and says nothing new.
    Duplicate,
    /// It is there already, but the volume was unknown, or the source has adjusted the close again
    /// (after every dividend): store it as it is now.
    Restated(DailyBar),
    /// Another bar of the day is there.
    Conflict(DailyBar),
}

impl Series {
    pub(super) fn new(id: InstrumentId, span: Option<(Date, Date)>) -> Self {
        Self {
            id,
            span,
            known: None,
            computed: BTreeSet::new(),
        }
    }

    /// Whether [`Series::remember`] has to be told the history before [`Series::judge`] can decide.
    pub(super) fn needs_history(&self, date: Date) -> bool {
        self.known.is_none()
            && self
                .span
                .is_some_and(|(first, last)| first <= date && date <= last)
    }

    /// The bars beside a day among those that are known.
    pub(super) fn beside(&self, date: Date) -> impl Iterator<Item = DailyBar> {
        let known = self.known.iter();
        known.flat_map(move |known| {
            let before = known.range(..date).next_back();
            let after = known.range(date..).find(|(day, _)| **day != date);
            before.into_iter().chain(after).map(|(_, bar)| *bar)
        })
    }

    /// Decides on a bar. A new one counts as loaded from here on.
    pub(super) fn judge(&mut self, bar: &DailyBar) -> Verdict {
        if let Some(known) = &mut self.known {
            if let Some(there) = known.get_mut(&bar.date) {
                return compare(there, bar);
            }
            known.insert(bar.date, *bar);
            if self.computed.remove(&bar.date) {
                return Verdict::Instead;
            }
        }
        let (first, last) = self.span.unwrap_or((bar.date, bar.date));
        self.span = Some((first.min(bar.date), last.max(bar.date)));
        Verdict::New
    }

    pub(super) fn remember(
        &mut self,
        mut known: BTreeMap<Date, DailyBar>,
        computed: BTreeSet<Date>,
    ) {
        known.retain(|day, _| !computed.contains(day));
        self.known = Some(known);
        self.computed = computed;
    }
}

/// Brings the bar that is there up to date, unless the two contradict each other.
fn compare(there: &mut DailyBar, bar: &DailyBar) -> Verdict {
    if !there.differences(bar).is_empty() {
        return Verdict::Conflict(*there);
    }
    let merged = DailyBar {
        volume: there.volume.or(bar.volume),
        adjusted_close: bar.adjusted_close.or(there.adjusted_close),
        ..*there
    };
    if merged == *there {
        return Verdict::Duplicate;
    }
    *there = merged;
    Verdict::Restated(merged)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn bar(day: i8, close: f64) -> DailyBar {
        DailyBar {
            date: date(2024, 1, day),
            open: close,
            high: close,
            low: close,
            close,
            adjusted_close: None,
            volume: None,
        }
    }

    #[test]
    fn a_file_in_order_needs_no_history_either_way_round() {
        let mut series = Series::new(InstrumentId(Uuid::nil()), None);
        for day in [10, 11, 12, 9, 8] {
            assert!(!series.needs_history(date(2024, 1, day)), "{day}");
            assert_eq!(series.judge(&bar(day, 1.0)), Verdict::New, "{day}");
        }
        assert!(series.needs_history(date(2024, 1, 10)));
    }

    #[test]
    fn history_tells_a_repetition_from_a_contradiction_and_from_a_gap() {
        let span = (date(2024, 1, 2), date(2024, 1, 9));
        let mut series = Series::new(InstrumentId(Uuid::nil()), Some(span));
        assert!(series.needs_history(date(2024, 1, 5)));
        let bars = [bar(2, 1.0), bar(9, 3.0)].map(|bar| (bar.date, bar));
        series.remember(BTreeMap::from(bars), BTreeSet::new());
        assert!(!series.needs_history(date(2024, 1, 5)));
        assert_eq!(series.judge(&bar(5, 2.0)), Verdict::New);
        assert_eq!(series.judge(&bar(5, 2.0)), Verdict::Duplicate);
        assert_eq!(series.judge(&bar(9, 4.0)), Verdict::Conflict(bar(9, 3.0)));
        assert_eq!(series.judge(&bar(10, 4.0)), Verdict::New);
        assert_eq!(series.judge(&bar(10, 4.0)), Verdict::Duplicate);
    }

    #[test]
    fn a_stated_bar_takes_the_place_of_a_computed_one_once() {
        let mut series = Series::new(
            InstrumentId(Uuid::nil()),
            Some((date(2024, 1, 2), date(2024, 1, 2))),
        );
        let computed = BTreeMap::from([(date(2024, 1, 2), bar(2, 1.0))]);
        series.remember(computed, BTreeSet::from([date(2024, 1, 2)]));
        assert_eq!(series.judge(&bar(2, 5.0)), Verdict::Instead);
        assert_eq!(series.judge(&bar(2, 5.0)), Verdict::Duplicate);
        assert_eq!(series.judge(&bar(2, 6.0)), Verdict::Conflict(bar(2, 5.0)));
    }

    #[test]
    fn a_bar_may_learn_its_volume_and_be_adjusted_again() {
        let first = DailyBar {
            adjusted_close: Some(0.9),
            ..bar(2, 1.0)
        };
        let mut series = Series::new(InstrumentId(Uuid::nil()), Some((first.date, first.date)));
        series.remember(BTreeMap::from([(first.date, first)]), BTreeSet::new());
        assert_eq!(series.judge(&bar(2, 1.0)), Verdict::Duplicate);
        let with_volume = DailyBar {
            volume: Some(5.0),
            ..first
        };
        let later = DailyBar {
            adjusted_close: Some(0.8),
            volume: Some(5.0),
            ..first
        };
        assert_eq!(series.judge(&with_volume), Verdict::Restated(with_volume));
        assert_eq!(series.judge(&later), Verdict::Restated(later));
        assert_eq!(series.judge(&later), Verdict::Duplicate);
        let other_volume = DailyBar {
            volume: Some(6.0),
            ..later
        };
        assert_eq!(series.judge(&other_volume), Verdict::Conflict(later));
    }
}
