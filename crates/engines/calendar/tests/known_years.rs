//! Every session of fifty exchanges over 27 years, against other programs' calendars.

#![expect(
    clippy::unwrap_used,
    reason = "a list that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Calendar, Day};
use jiff::civil::{Date, Time, date};

#[path = "known_years/corrections.rs"]
mod corrections;

const FILES: [&str; 9] = [
    include_str!("expected/sessions.txt"),
    include_str!("expected/germany.txt"),
    include_str!("expected/europe.txt"),
    include_str!("expected/nordic.txt"),
    include_str!("expected/middle_east.txt"),
    include_str!("expected/latin_america.txt"),
    include_str!("expected/asia.txt"),
    include_str!("expected/southeast_asia.txt"),
    include_str!("expected/futures.txt"),
];

/// What is stated of one year.
#[derive(Debug, Default, PartialEq, Eq)]
struct Year {
    /// Days outside of the weekend without a session.
    closed: BTreeSet<Date>,
    /// Sessions that end early, and when.
    early: BTreeMap<Date, Time>,
    /// Sessions that begin late, and when.
    late: BTreeMap<Date, Time>,
    /// Sessions on a weekend.
    on_weekend: BTreeSet<Date>,
}

struct Exchange {
    code: &'static str,
    /// Opening and close on 14 January 2026, where the file states them.
    hours: Option<(Time, Time)>,
    years: Vec<(i16, Year)>,
}

fn day(year: i16, text: &str) -> Date {
    let (month, day) = text.split_at(2);
    date(year, month.parse().unwrap(), day.parse().unwrap())
}

fn stated(line: &str) -> (i16, Year) {
    let mut parts = line.split('|');
    let mut closed = parts.next().unwrap().split_whitespace();
    let year = closed.next().unwrap().parse().unwrap();
    let mut stated = Year {
        closed: closed.map(|text| day(year, text)).collect(),
        ..Year::default()
    };
    for part in parts {
        let mut words = part.split_whitespace();
        let kind = words.next().unwrap();
        let days = words.map(|text| day(year, text));
        if kind == "+" {
            stated.on_weekend.extend(days);
        } else if let Some(opens) = kind.strip_prefix('>') {
            let opens = opens.parse().unwrap();
            stated.late.extend(days.map(|day| (day, opens)));
        } else {
            let closes = kind.parse().unwrap();
            stated.early.extend(days.map(|day| (day, closes)));
        }
    }
    (year, stated)
}

fn expected() -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let lines = FILES.iter().flat_map(|file| file.lines());
    for line in lines.filter(|line| !line.starts_with('#')) {
        if line.starts_with(char::is_alphabetic) {
            let (code, hours) = line.split_once(' ').unwrap_or((line, ""));
            let hours = hours
                .split_once('-')
                .map(|(opens, closes)| (opens.parse().unwrap(), closes.parse().unwrap()));
            exchanges.push(Exchange {
                code,
                hours,
                years: Vec::new(),
            });
            continue;
        }
        let exchange = exchanges.last_mut().unwrap();
        let (year, mut stated) = stated(line);
        corrections::apply(exchange.code, year, &mut stated);
        exchange.years.push((year, stated));
    }
    exchanges
}

fn ours(calendar: &Calendar, year: i16) -> Year {
    let mut stated = Year::default();
    let mut today = date(year, 1, 1);
    while today.year() == year {
        match calendar.day(today) {
            Day::Session(session) => {
                let clock = |at| calendar.zone().to_datetime(at).time();
                if is_weekend(calendar.code(), today) {
                    stated.on_weekend.insert(today);
                } else if session.special.is_some() {
                    stated.late.insert(today, clock(session.opens_at));
                } else if session.early_close.is_some() {
                    stated.early.insert(today, clock(session.closes_at));
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

fn is_weekend(code: &str, day: Date) -> bool {
    use jiff::civil::Weekday::{Friday, Saturday, Sunday};
    let weekend = match code {
        "XSAU" => [Friday, Saturday],
        "XTAE" if day < date(2026, 1, 5) => [Friday, Saturday],
        _ => [Saturday, Sunday],
    };
    weekend.contains(&day.weekday())
}

#[test]
fn every_closure_and_every_session_with_other_hours_is_stated() {
    let exchanges = expected();
    let years: usize = exchanges.iter().map(|exchange| exchange.years.len()).sum();
    assert_eq!((exchanges.len(), years), (50, 50 * 27 - 21 + 3 * 4));
    let mut differences = Vec::new();
    for Exchange { code, years, .. } in exchanges {
        let calendar = Calendar::get(code).unwrap();
        for (year, expected) in years {
            let ours = ours(&calendar, year);
            let only_here = ours.closed.difference(&expected.closed);
            let only_there = expected.closed.difference(&ours.closed);
            differences.extend(only_here.map(|day| format!("{code}: {day} is closed here alone")));
            differences.extend(only_there.map(|day| format!("{code}: {day} is open here alone")));
            for (what, ours, expected) in [
                ("ends early", &ours.early, &expected.early),
                ("begins late", &ours.late, &expected.late),
            ] {
                let days: BTreeSet<_> = ours.keys().chain(expected.keys()).collect();
                let days = days
                    .into_iter()
                    .filter(|day| ours.get(*day) != expected.get(*day));
                differences.extend(days.map(|day| {
                    let (ours, expected) = (ours.get(day), expected.get(day));
                    format!("{code}: {day} {what}: {ours:?} here, {expected:?} there")
                }));
            }
            if ours.on_weekend != expected.on_weekend {
                let (ours, expected) = (&ours.on_weekend, &expected.on_weekend);
                differences.push(format!(
                    "{code}: on weekends {ours:?} here, {expected:?} there"
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn regular_hours_are_those_of_the_other_program() {
    let stated = expected();
    let stated: Vec<_> = stated
        .iter()
        .filter_map(|exchange| Some((exchange.code, exchange.hours?)))
        .collect();
    assert_eq!(stated.len(), 37);
    for (code, hours) in stated {
        let calendar = Calendar::get(code).unwrap();
        let session = calendar.session(date(2026, 1, 14)).unwrap();
        let clock = |at| calendar.zone().to_datetime(at).time();
        let ours = (clock(session.opens_at), clock(session.closes_at));
        assert_eq!(ours, corrections::hours(code).unwrap_or(hours), "{code}");
    }
}

#[test]
fn exchanges_of_one_country_keep_one_calendar() {
    let (from, to) = (date(2000, 1, 1), date(2026, 12, 31));
    for (one, other) in [("XSHG", "XSHE"), ("XETR", "XMUN")] {
        let (one, other) = (Calendar::get(one).unwrap(), Calendar::get(other).unwrap());
        let days = |calendar: &Calendar| -> Vec<Date> {
            calendar
                .sessions(from, to)
                .map(|session| session.date)
                .collect()
        };
        assert_eq!(days(&one), days(&other));
    }
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
