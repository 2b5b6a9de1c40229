//! What holds for every calendar on every day.

#![expect(clippy::unwrap_used, reason = "these seconds are instants")]

use calendar::Calendar;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use proptest::prelude::*;

fn calendars() -> impl Strategy<Value = Calendar> {
    let all: Vec<_> = Calendar::codes().filter_map(Calendar::get).collect();
    proptest::sample::select(all)
}

fn days() -> impl Strategy<Value = Date> {
    (0..365 * 35_i32).prop_map(|days| date(2000, 1, 10).saturating_add(days.days()))
}

fn instants() -> impl Strategy<Value = Timestamp> {
    (947_462_400_i64..2_050_000_000).prop_map(|seconds| Timestamp::from_second(seconds).unwrap())
}

proptest! {
    #[test]
    fn sessions_follow_each_other_without_overlap(calendar in calendars(), day in days()) {
        let next = calendar.next_session(day).unwrap();
        let before = calendar.previous_session(next.date).unwrap();
        prop_assert!(before.date <= day && day < next.date);
        prop_assert!(before.opens_at < before.closes_at);
        prop_assert!(before.closes_at <= next.opens_at);
        if let Some((from, until)) = next.pause {
            prop_assert!(next.opens_at < from && from < until && until < next.closes_at);
        }
        let both: Vec<Date> = calendar.sessions(before.date, next.date).map(|one| one.date).collect();
        prop_assert_eq!(both, [before.date, next.date]);
    }

    #[test]
    fn the_next_opening_is_open_and_nothing_before_it_is(
        calendar in calendars(),
        at in instants(),
    ) {
        let opens = calendar.next_open(at).unwrap();
        prop_assert!(opens >= at && calendar.is_open(opens));
        if opens > at {
            prop_assert!(!calendar.is_open(at));
            prop_assert!(!calendar.is_open(opens - 1.nanosecond()) || calendar.code() == "24/7");
        }
    }

    #[test]
    fn the_last_closed_session_has_ended_and_the_one_after_it_has_not(
        calendar in calendars(),
        at in instants(),
    ) {
        let closed = calendar.last_closed(at).unwrap();
        prop_assert!(closed.closes_at <= at);
        prop_assert!(calendar.next_session(closed.date).unwrap().closes_at > at);
    }
}
