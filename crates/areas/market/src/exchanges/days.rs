//! Which trading day a moment and an hour belong to, and what a day spans.

use std::collections::HashMap;

use calendar::Calendar;
use jiff::{SignedDuration, Timestamp, Zoned, civil::Date, tz::Offset};

use crate::bars::{Interval, midnight};

/// The calendar of what trades nobody knows where.
pub(crate) const WEEKDAYS: &str = "24/5";

/// When something is traded by the calendar of this name; where that is not known, weekends are kept and no holidays.
pub(crate) fn trading(name: Option<&str>) -> Option<Calendar> {
    name.and_then(Calendar::get)
        .or_else(|| Calendar::get(WEEKDAYS))
}

/// The trading days of calendars, by the calendars' names.
#[derive(Default)]
pub(crate) struct Days {
    calendars: HashMap<String, Option<Calendar>>,
}

/// The span out of which the bar of a day is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DaySpan {
    pub(crate) date: Date,
    pub(crate) from: Timestamp,
    /// Excluded.
    pub(crate) to: Timestamp,
}

impl DaySpan {
    /// First and last day of UTC that it has a part in.
    pub(crate) fn utc_days(&self) -> (Date, Date) {
        let last = self.to - SignedDuration::from_nanos(1);
        (utc_day(self.from), utc_day(last))
    }
}

impl Days {
    /// The days that an hour has a part in: at most two, and none where the exchange is closed. Without a
    /// calendar it is the UTC day.
    pub(crate) fn of_hour(&mut self, calendar: Option<&str>, hour: Timestamp) -> Vec<DaySpan> {
        let Some(calendar) = self.calendar(calendar) else {
            return round_the_clock(utc_day(hour)).into_iter().collect();
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

    /// What a day spans, if it is a trading day.
    pub(crate) fn span(&mut self, calendar: Option<&str>, date: Date) -> Option<DaySpan> {
        match self.calendar(calendar) {
            Some(calendar) => span(calendar, date),
            None => round_the_clock(date),
        }
    }

    /// The trading day of a price; see [`trading_day`].
    pub(crate) fn at(&mut self, calendar: Option<&str>, at: Timestamp) -> Date {
        trading_day(self.calendar(calendar), at)
    }

    /// When prices of a trading day begin: with the day on the exchange's clock, or with its session on the
    /// evening before.
    pub(crate) fn begin(&mut self, calendar: Option<&str>, date: Date) -> Timestamp {
        let Some(calendar) = self.calendar(calendar) else {
            return midnight(date);
        };
        let here = date.to_zoned(calendar.zone().clone());
        let here = here.as_ref().map_or(midnight(date), Zoned::timestamp);
        span(calendar, date).map_or(here, |span| span.from.min(here))
    }

    fn calendar(&mut self, name: Option<&str>) -> Option<&Calendar> {
        let name = name?;
        if !self.calendars.contains_key(name) {
            self.calendars.insert(name.to_owned(), Calendar::get(name));
        }
        self.calendars.get(name)?.as_ref()
    }
}

/// The trading day to which a price of a moment belongs: that of the session in which it lies; outside of sessions
/// the day on the exchange's clock or, if that is none, the last trading day before it. Without a calendar it is
/// the UTC day.
pub(crate) fn trading_day(calendar: Option<&Calendar>, at: Timestamp) -> Date {
    let Some(calendar) = calendar else {
        return utc_day(at);
    };
    if let Some(session) = calendar.session_at(at) {
        return session.date;
    }
    let here = calendar.zone().to_datetime(at).date();
    if span(calendar, here).is_some() {
        return here;
    }
    let before = calendar.previous_session(here);
    before.map_or(here, |session| session.date)
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

fn round_the_clock(date: Date) -> Option<DaySpan> {
    let from = midnight(date);
    let to = from.checked_add(Interval::Day.length()).ok()?;
    Some(DaySpan { date, from, to })
}

fn utc_day(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
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

    fn at(calendar: &str, moment: &str) -> String {
        let day = Days::default().at(Some(calendar), moment.parse().unwrap());
        day.to_string()
    }

    #[test]
    fn a_price_belongs_to_its_session_and_outside_to_the_day_on_the_exchanges_clock() {
        assert_eq!(at("XNYS", "2024-03-08T15:00:00Z"), "2024-03-08");
        // Before and after hours, the latter on the next day of UTC.
        assert_eq!(at("XNYS", "2024-03-08T10:00:00Z"), "2024-03-08");
        assert_eq!(at("XNYS", "2024-03-09T00:30:00Z"), "2024-03-08");
        // A Saturday has no day of its own, and neither has a holiday.
        assert_eq!(at("XNYS", "2024-03-09T15:00:00Z"), "2024-03-08");
        assert_eq!(at("XNYS", "2024-07-04T15:00:00Z"), "2024-07-03");
        // Over midnight of UTC.
        assert_eq!(at("XASX", "2024-03-04T23:30:00Z"), "2024-03-05");
        assert_eq!(at("XASX", "2024-03-05T04:30:00Z"), "2024-03-05");
        assert_eq!(at("somewhere", "2024-03-09T23:30:00Z"), "2024-03-09");
    }

    #[test]
    fn the_evening_of_futures_belongs_to_the_next_day() {
        assert_eq!(at("XCME", "2024-01-16T22:30:00Z"), "2024-01-16");
        assert_eq!(at("XCME", "2024-01-16T23:30:00Z"), "2024-01-17");
        // Friday evening, Sunday noon and Sunday evening.
        assert_eq!(at("XCME", "2024-01-19T23:30:00Z"), "2024-01-19");
        assert_eq!(at("XCME", "2024-01-21T18:00:00Z"), "2024-01-19");
        assert_eq!(at("XCME", "2024-01-21T23:30:00Z"), "2024-01-22");
    }

    #[test]
    fn where_prices_of_a_day_begin_those_of_the_day_before_end() {
        let mut days = Days::default();
        for calendar in [
            Some("XNYS"),
            Some("XASX"),
            Some("XCME"),
            Some("24/7"),
            Some("24/5"),
            None,
        ] {
            for hour in 0..24 * 400 {
                let at = "2023-12-01T00:15:00Z".parse::<Timestamp>().unwrap()
                    + SignedDuration::from_hours(hour);
                let day = days.at(calendar, at);
                let begin = days.begin(calendar, day);
                let before = begin - SignedDuration::from_secs(1);
                assert!(begin <= at, "{calendar:?} {at}");
                assert_eq!(days.at(calendar, begin), day, "{calendar:?} {at}");
                assert!(days.at(calendar, before) < day, "{calendar:?} {at}");
            }
        }
    }
}
