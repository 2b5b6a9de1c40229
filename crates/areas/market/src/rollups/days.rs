use std::collections::HashMap;

use calendar::Calendar;
use jiff::{SignedDuration, Timestamp, Zoned, civil::Date};

use crate::bars::Interval;

/// The trading days of calendars, by the calendars' names.
#[derive(Default)]
pub(super) struct Days {
    calendars: HashMap<String, Option<Calendar>>,
}

/// The span out of which the bar of a day is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DaySpan {
    pub(super) date: Date,
    pub(super) from: Timestamp,
    /// Excluded.
    pub(super) to: Timestamp,
}

impl Days {
    /// The days that an hour has a part in: at most two, and none where the exchange is closed. Without a
    /// calendar it is the UTC day.
    pub(super) fn of_hour(&mut self, calendar: Option<&str>, hour: Timestamp) -> Vec<DaySpan> {
        let Some(calendar) = calendar.and_then(|name| self.calendar(name)) else {
            return round_the_clock(hour).into_iter().collect();
        };
        let end = hour + Interval::Hour.length();
        let zone = calendar.zone();
        let first = zone.to_datetime(hour).date();
        let last = zone.to_datetime(end - SignedDuration::from_nanos(1)).date();
        // A day of futures begins on the evening before.
        let dates = [Some(first), Some(last), last.tomorrow().ok()];
        let mut spans: Vec<DaySpan> = dates
            .into_iter()
            .flatten()
            .filter_map(|date| span(calendar, date))
            .filter(|span| span.from < end && hour < span.to)
            .collect();
        spans.dedup();
        spans
    }

    fn calendar(&mut self, name: &str) -> Option<&Calendar> {
        if !self.calendars.contains_key(name) {
            self.calendars.insert(name.to_owned(), Calendar::get(name));
        }
        self.calendars.get(name)?.as_ref()
    }
}

/// The regular session; before the calendar begins the whole day on the exchange's clock.
fn span(calendar: &Calendar, date: Date) -> Option<DaySpan> {
    if date.year() >= calendar.known_from() {
        return calendar.session(date).map(|session| DaySpan {
            date,
            from: session.opens_at,
            to: session.closes_at,
        });
    }
    let midnight = |date: Date| {
        date.to_zoned(calendar.zone().clone())
            .as_ref()
            .map(Zoned::timestamp)
            .ok()
    };
    Some(DaySpan {
        date,
        from: midnight(date)?,
        to: midnight(date.tomorrow().ok()?)?,
    })
}

fn round_the_clock(hour: Timestamp) -> Option<DaySpan> {
    let from = Interval::Day.floor(hour);
    let date = jiff::tz::Offset::UTC.to_datetime(from).date();
    let to = from.checked_add(Interval::Day.length()).ok()?;
    Some(DaySpan { date, from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'n>(calendar: impl Into<Option<&'n str>>, hour: &str) -> Vec<(String, String, String)> {
        let spans = Days::default().of_hour(calendar.into(), hour.parse().unwrap());
        let text = |span: DaySpan| {
            (
                span.date.to_string(),
                span.from.to_string(),
                span.to.to_string(),
            )
        };
        spans.into_iter().map(text).collect()
    }

    fn day(date: &str, from: &str, to: &str) -> Vec<(String, String, String)> {
        vec![(date.into(), from.into(), to.into())]
    }

    #[test]
    fn a_day_is_the_regular_session_of_the_exchange() {
        let session = day("2013-10-07", "2013-10-07T13:30:00Z", "2013-10-07T20:00:00Z");
        assert_eq!(of("XNYS", "2013-10-07T13:00:00Z"), session);
        assert_eq!(of("XNYS", "2013-10-07T19:00:00Z"), session);
        // Before and after hours belong to no day.
        assert!(of("XNYS", "2013-10-07T12:00:00Z").is_empty());
        assert!(of("XNYS", "2013-10-07T20:00:00Z").is_empty());
        // A Sunday.
        assert!(of("XNYS", "2013-10-06T15:00:00Z").is_empty());
    }

    #[test]
    fn the_day_of_sydney_begins_on_the_evening_before_in_utc() {
        let session = day("2024-01-16", "2024-01-15T23:00:00Z", "2024-01-16T05:00:00Z");
        assert_eq!(of("XASX", "2024-01-15T23:00:00Z"), session);
        assert_eq!(of("XASX", "2024-01-16T04:00:00Z"), session);
    }

    #[test]
    fn a_day_of_futures_begins_on_the_evening_before() {
        let session = day("2024-01-17", "2024-01-16T23:00:00Z", "2024-01-17T23:00:00Z");
        assert_eq!(of("XCME", "2024-01-16T23:00:00Z"), session);
        assert_eq!(of("XCME", "2024-01-17T03:00:00Z"), session);
        assert_eq!(of("XCME", "2024-01-17T22:00:00Z"), session);
        // On Friday evening it is over, and Monday begins on Sunday.
        assert!(of("XCME", "2024-01-19T23:00:00Z").is_empty());
        let monday = of("XCME", "2024-01-21T23:00:00Z");
        assert_eq!(monday.first().map(|day| day.0.as_str()), Some("2024-01-22"));
    }

    #[test]
    fn without_a_calendar_all_hours_of_the_utc_day_count() {
        let all = day("2024-01-06", "2024-01-06T00:00:00Z", "2024-01-07T00:00:00Z");
        assert_eq!(of(None, "2024-01-06T23:00:00Z"), all);
        assert_eq!(of("somewhere", "2024-01-06T00:00:00Z"), all);
    }

    #[test]
    fn before_the_calendars_begin_the_whole_day_of_the_exchange_counts() {
        let all = day("1995-06-01", "1995-06-01T04:00:00Z", "1995-06-02T04:00:00Z");
        assert_eq!(of("XNYS", "1995-06-01T10:00:00Z"), all);
        // That of Riyadh begins later than the others.
        let all = day("2019-06-02", "2019-06-01T21:00:00Z", "2019-06-02T21:00:00Z");
        assert_eq!(of("XSAU", "2019-06-02T10:00:00Z"), all);
    }
}
