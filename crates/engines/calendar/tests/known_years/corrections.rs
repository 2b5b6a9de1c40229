//! Where these calendars say something else than the other programs, and why.

use jiff::civil::{Date, Time, date, time};

use super::Year;

/// Muhurat trading on weekdays, and when it began. For the NSE the other program states it; that of the BSE
/// takes some of these days for sessions as any and some for closed.
const MUHURAT: [(Date, Time); 18] = [
    (date(2000, 10, 26), time(18, 30, 0, 0)),
    (date(2001, 11, 14), time(17, 0, 0, 0)),
    (date(2002, 11, 4), time(17, 0, 0, 0)),
    (date(2004, 11, 12), time(17, 30, 0, 0)),
    (date(2005, 11, 1), time(18, 5, 0, 0)),
    (date(2007, 11, 9), time(18, 0, 0, 0)),
    (date(2008, 10, 28), time(18, 15, 0, 0)),
    (date(2010, 11, 5), time(18, 15, 0, 0)),
    (date(2011, 10, 26), time(16, 45, 0, 0)),
    (date(2012, 11, 13), time(15, 45, 0, 0)),
    (date(2014, 10, 23), time(18, 30, 0, 0)),
    (date(2015, 11, 11), time(17, 45, 0, 0)),
    (date(2017, 10, 19), time(18, 30, 0, 0)),
    (date(2018, 11, 7), time(17, 30, 0, 0)),
    (date(2021, 11, 4), time(18, 15, 0, 0)),
    (date(2022, 10, 24), time(18, 15, 0, 0)),
    (date(2024, 11, 1), time(18, 0, 0, 0)),
    (date(2025, 10, 21), time(13, 45, 0, 0)),
];

/// Sessions on weekends, of which the other programs know one: Muhurat trading, budgets and drills in
/// Bombay, and Saturdays in Taipei on which a bridge was made up for.
const ON_WEEKENDS: [(&str, &[Date]); 2] = [
    (
        "XBOM XNSE",
        &[
            date(2003, 10, 25),
            date(2006, 10, 21),
            date(2009, 10, 17),
            date(2012, 1, 7),
            date(2012, 3, 3),
            date(2012, 4, 28),
            date(2012, 9, 8),
            date(2013, 5, 11),
            date(2013, 11, 3),
            date(2014, 3, 22),
            date(2015, 2, 28),
            date(2016, 10, 30),
            date(2019, 10, 27),
            date(2020, 2, 1),
            date(2020, 11, 14),
            date(2023, 11, 12),
            date(2024, 1, 20),
            date(2024, 3, 2),
            date(2024, 5, 18),
            date(2025, 2, 1),
            date(2026, 2, 1),
            date(2026, 11, 8),
        ],
    ),
    (
        "XTAI",
        &[
            date(2009, 1, 10),
            date(2009, 1, 17),
            date(2010, 2, 6),
            date(2012, 2, 4),
            date(2012, 3, 3),
            date(2012, 12, 22),
            date(2013, 2, 23),
            date(2013, 9, 14),
            date(2014, 12, 27),
            date(2016, 1, 30),
            date(2016, 6, 4),
            date(2016, 9, 10),
            date(2017, 2, 18),
            date(2017, 6, 3),
            date(2017, 9, 30),
            date(2018, 3, 31),
            date(2018, 12, 22),
        ],
    ),
];

/// Public holidays of Germany and Hesse on which the floor of Frankfurt trades, until eight instead of ten
/// in the evening, as the exchange announced with its longer hours. The other program knows neither.
const UNTIL_EIGHT: [Date; 19] = [
    date(2022, 5, 26),
    date(2022, 6, 6),
    date(2022, 6, 16),
    date(2022, 10, 3),
    date(2023, 5, 18),
    date(2023, 5, 29),
    date(2023, 6, 8),
    date(2023, 10, 3),
    date(2024, 5, 9),
    date(2024, 5, 20),
    date(2024, 5, 30),
    date(2024, 10, 3),
    date(2025, 5, 29),
    date(2025, 6, 9),
    date(2025, 6, 19),
    date(2025, 10, 3),
    date(2026, 5, 14),
    date(2026, 5, 25),
    date(2026, 6, 4),
];

/// The days on which Stuttgart was closed with Xetra, as its list of 2017 has them (Whit Monday, Day of
/// Unity, Reformation), and which the other program leaves out.
const STUTTGART: [Date; 14] = [
    date(2007, 5, 28),
    date(2014, 10, 3),
    date(2015, 5, 25),
    date(2016, 5, 16),
    date(2016, 10, 3),
    date(2017, 6, 5),
    date(2017, 10, 3),
    date(2017, 10, 31),
    date(2018, 5, 21),
    date(2018, 10, 3),
    date(2019, 6, 10),
    date(2019, 10, 3),
    date(2020, 6, 1),
    date(2021, 5, 24),
];

/// The other program's table of examinations ends in 2020.
const EXAMINATIONS: [Date; 6] = [
    date(2021, 11, 18),
    date(2022, 11, 17),
    date(2023, 11, 16),
    date(2024, 11, 14),
    date(2025, 11, 13),
    date(2026, 11, 19),
];

pub(super) fn apply(code: &str, year: i16, expected: &mut Year) {
    let of_year = |day: &&Date| day.year() == year;
    for (codes, days) in ON_WEEKENDS {
        if codes.contains(code) {
            expected.on_weekend.extend(days.iter().filter(of_year));
        }
    }
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
        ("XBOM", _) => {
            for (day, opens) in MUHURAT.iter().filter(|(day, _)| day.year() == year) {
                expected.closed.remove(day);
                expected.late.insert(*day, *opens);
            }
            // Muharram was moved by a day shortly before.
            if expected.closed.remove(&date(2013, 11, 14)) {
                expected.closed.insert(date(2013, 11, 15));
            }
        }
        ("XFRA", _) => {
            let eight = |day: &Date| (*day, time(20, 0, 0, 0));
            let days = UNTIL_EIGHT.iter().filter(of_year);
            expected.early.extend(days.map(eight));
        }
        ("XSTU", _) => {
            expected.closed.extend(STUTTGART.iter().filter(of_year));
            // The last session of the year ends at two on all German exchanges.
            let last = [date(year, 12, 30), date(year, 12, 29), date(year, 12, 28)];
            let last = last.into_iter().find(|day| !super::is_weekend(code, *day));
            let last = last.filter(|_| year >= 2010);
            expected
                .early
                .extend(last.map(|day| (day, time(14, 0, 0, 0))));
        }
        ("XKRX", _) => {
            let ten = |day: &Date| (*day, time(10, 0, 0, 0));
            let days = EXAMINATIONS.iter().filter(of_year);
            expected.late.extend(days.map(ten));
            // The last session of a year begins at nine: the other program moves the first one of the next.
            expected.late.remove(&date(2030, 12, 30));
        }
        // Founding Day was introduced in 2022.
        ("XSAU", 2021) => {
            expected.closed.remove(&date(2021, 2, 22));
        }
        _ => {}
    }
}

/// The floors trade longer than Xetra, whose hours the other program states for them.
pub(super) fn hours(code: &str) -> Option<(Time, Time)> {
    match code {
        "XFRA" => Some((time(8, 0, 0, 0), time(22, 0, 0, 0))),
        "XSTU" => Some((time(7, 30, 0, 0), time(22, 0, 0, 0))),
        _ => None,
    }
}
