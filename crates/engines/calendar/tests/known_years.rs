//! Every session of thirteen exchanges over 27 years, against another program's calendars.

#![expect(
    clippy::unwrap_used,
    reason = "a list that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Calendar, Day};
use jiff::civil::{Date, Time, date, time};

const SESSIONS: &str = include_str!("expected/sessions.txt");

/// What the other program states of one year: weekdays without a session, and early closes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Year {
    closed: BTreeSet<Date>,
    early: BTreeMap<Date, Time>,
}

/// Where these calendars say something else, and why.
fn corrected(code: &str, year: i16, expected: &mut Year) {
    match (code, year) {
        // Super typhoon Saola and the black rainstorm a week later: the exchange cancelled trading
        // for the whole of both days.
        ("XHKG", 2023) => {
            expected.closed.extend([date(2023, 9, 1), date(2023, 9, 8)]);
        }
        // The other program's rules of the half days leave a gap between two spans of years; the
        // exchange closed at 14:10 as every year.
        ("XASX", 2022) => {
            expected
                .early
                .insert(date(2022, 12, 23), time(14, 10, 0, 0));
            expected
                .early
                .insert(date(2022, 12, 30), time(14, 10, 0, 0));
        }
        _ => {}
    }
}

fn day(year: i16, text: &str) -> Date {
    let (month, day) = text.split_at(2);
    date(year, month.parse().unwrap(), day.parse().unwrap())
}

fn expected() -> Vec<(&'static str, i16, Year)> {
    let mut code = "";
    let mut years = Vec::new();
    for line in SESSIONS.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with('X') {
            code = line;
            continue;
        }
        let mut parts = line.split('|');
        let mut closed = parts.next().unwrap().split_whitespace();
        let year = closed.next().unwrap().parse().unwrap();
        let mut stated = Year {
            closed: closed.map(|text| day(year, text)).collect(),
            early: BTreeMap::new(),
        };
        for part in parts {
            let mut words = part.split_whitespace();
            let closes = words.next().unwrap().parse().unwrap();
            stated
                .early
                .extend(words.map(|text| (day(year, text), closes)));
        }
        corrected(code, year, &mut stated);
        years.push((code, year, stated));
    }
    years
}

fn ours(calendar: &Calendar, year: i16) -> Year {
    let mut stated = Year::default();
    let mut today = date(year, 1, 1);
    while today.year() == year {
        match calendar.day(today) {
            Day::Session(session) => {
                let closes = calendar.zone().to_datetime(session.closes_at);
                if session.early_close.is_some() {
                    stated.early.insert(today, closes.time());
                }
            }
            Day::Holiday(_) => {
                stated.closed.insert(today);
            }
            Day::Weekend => {}
        }
        today = today.tomorrow().unwrap();
    }
    stated
}

#[test]
fn every_closure_and_half_day_of_27_years_is_stated() {
    let years = expected();
    assert_eq!(years.len(), 13 * 27);
    let mut differences = Vec::new();
    for (code, year, expected) in years {
        let ours = ours(&Calendar::get(code).unwrap(), year);
        let only_here = ours.closed.difference(&expected.closed);
        let only_there = expected.closed.difference(&ours.closed);
        differences.extend(only_here.map(|day| format!("{code}: {day} is closed here alone")));
        differences.extend(only_there.map(|day| format!("{code}: {day} is open here alone")));
        if ours.early != expected.early {
            differences.push(format!(
                "{code} {year}: {:?} here, {:?} there",
                ours.early, expected.early
            ));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn nasdaq_keeps_the_calendar_of_the_new_york_stock_exchange() {
    let (nasdaq, nyse) = (
        Calendar::get("XNAS").unwrap(),
        Calendar::get("XNYS").unwrap(),
    );
    let (from, to) = (date(2000, 1, 1), date(2026, 12, 31));
    assert!(nasdaq.sessions(from, to).eq(nyse.sessions(from, to)));
    // 27 years of weekdays without the closures of the file.
    assert_eq!(nyse.sessions(from, to).count(), 6790);
}
