//! When trading begins and ends, on the exchange's clock and in UTC.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong in the help of a test fails the test"
)]

use calendar::{Calendar, Day};
use jiff::{Timestamp, civil::date};

fn calendar(code: &str) -> Calendar {
    Calendar::get(code).unwrap_or_else(|| panic!("there is no calendar {code}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn every_calendar_that_is_listed_can_be_had_and_has_a_known_time_zone() {
    let codes: Vec<_> = Calendar::codes().collect();
    assert_eq!(codes.len(), 56);
    for code in codes {
        let calendar = calendar(code);
        assert_eq!(calendar.code(), code);
        let sessions = calendar.sessions(date(2025, 1, 1), date(2025, 12, 31));
        assert!(sessions.count() > 230, "{code}");
    }
    assert_eq!(Calendar::get("XXXX"), None);
}

#[test]
fn regular_hours_follow_the_clock_of_the_exchange() {
    for (code, day, opens, closes) in [
        ("XNYS", date(2024, 1, 16), "14:30", "21:00"),
        ("XNYS", date(2024, 7, 16), "13:30", "20:00"),
        // America changes its clocks two weeks before Europe.
        ("XNYS", date(2024, 3, 12), "13:30", "20:00"),
        ("XLON", date(2024, 3, 12), "08:00", "16:30"),
        ("XLON", date(2024, 7, 16), "07:00", "15:30"),
        ("XETR", date(2024, 1, 16), "08:00", "16:30"),
        ("XPAR", date(2024, 1, 16), "08:00", "16:30"),
        ("XLIS", date(2024, 1, 16), "08:00", "16:30"),
        ("XSWX", date(2024, 1, 16), "08:00", "16:30"),
        ("XTSE", date(2024, 1, 16), "14:30", "21:00"),
        ("XTKS", date(2024, 11, 1), "00:00", "06:00"),
        ("XTKS", date(2024, 11, 5), "00:00", "06:30"),
        ("XHKG", date(2011, 3, 4), "02:00", "08:00"),
        ("XHKG", date(2011, 3, 7), "01:30", "08:00"),
        ("XASX", date(2024, 7, 16), "00:00", "06:00"),
        ("XFRA", date(2011, 5, 31), "07:00", "18:00"),
        ("XFRA", date(2011, 6, 1), "06:00", "18:00"),
        ("XFRA", date(2021, 11, 29), "07:00", "21:00"),
        ("XMUN", date(2024, 1, 16), "07:00", "21:00"),
        ("XSTU", date(2024, 1, 16), "06:30", "21:00"),
        ("TGAT", date(2024, 1, 16), "06:30", "21:00"),
        ("XHEL", date(2024, 1, 16), "08:00", "16:30"),
        ("XKRX", date(2016, 7, 29), "00:00", "06:00"),
        ("XKRX", date(2016, 8, 1), "00:00", "06:30"),
        ("XNSE", date(2024, 1, 16), "03:45", "10:00"),
        ("XSHG", date(2024, 1, 16), "01:30", "07:00"),
        // Santiago follows the sun, Bogota and Mexico the clock of New York.
        ("XSGO", date(2024, 1, 16), "12:30", "20:00"),
        ("XSGO", date(2024, 7, 15), "13:30", "20:00"),
        ("XBOG", date(2024, 1, 16), "14:30", "21:00"),
        ("XBOG", date(2024, 7, 16), "13:30", "20:00"),
        ("XBOG", date(2024, 3, 12), "13:30", "20:00"),
        ("XMEX", date(2022, 7, 15), "13:30", "20:00"),
        ("XMEX", date(2024, 1, 16), "14:30", "21:00"),
        ("XMEX", date(2024, 7, 16), "13:30", "20:00"),
    ] {
        let session = calendar(code).session(day).unwrap();
        assert_eq!(session.opens_at, at(&format!("{day}T{opens}Z")), "{code}");
        assert_eq!(session.closes_at, at(&format!("{day}T{closes}Z")), "{code}");
    }
    // Auckland's Tuesday begins on Monday in UTC.
    let auckland = calendar("XNZE").session(date(2024, 7, 16)).unwrap();
    assert_eq!(auckland.opens_at, at("2024-07-15T22:00Z"));
}

#[test]
fn a_closed_day_says_why() {
    let nyse = calendar("XNYS");
    for (day, reason) in [
        (date(2001, 9, 11), "attacks of 11 September"),
        (date(2012, 10, 30), "Hurricane Sandy"),
        (date(2025, 1, 9), "national day of mourning"),
        (date(2026, 4, 3), "Good Friday"),
    ] {
        assert_eq!(nyse.day(day), Day::Holiday(reason));
    }
    assert_eq!(nyse.day(date(2026, 4, 4)), Day::Weekend);
    let half = nyse.session(date(2024, 11, 29)).unwrap();
    assert_eq!(half.early_close, Some("day after Thanksgiving"));
    assert_eq!(half.closes_at, at("2024-11-29T18:00Z"));
}

#[test]
fn trading_is_open_from_the_opening_until_just_before_the_close() {
    let nyse = calendar("XNYS");
    assert!(!nyse.is_open(at("2024-07-16T13:29:59Z")));
    assert!(nyse.is_open(at("2024-07-16T13:30:00Z")));
    assert!(nyse.is_open(at("2024-07-16T19:59:59Z")));
    assert!(!nyse.is_open(at("2024-07-16T20:00:00Z")));
    assert!(!nyse.is_open(at("2024-11-29T18:30:00Z")), "a half day");
}

#[test]
fn a_pause_at_midday_is_not_open_but_within_the_session() {
    let tokyo = calendar("XTKS");
    let noon = at("2024-07-16T03:00Z");
    assert!(!tokyo.is_open(noon));
    assert_eq!(tokyo.session_at(noon).unwrap().date, date(2024, 7, 16));
    assert_eq!(tokyo.next_open(noon), Some(at("2024-07-16T03:30Z")));
    // On a half day Hong Kong goes home at the pause.
    let eve = calendar("XHKG").session(date(2024, 12, 24)).unwrap();
    assert_eq!((eve.pause, eve.closes_at), (None, at("2024-12-24T04:00Z")));
}

#[test]
fn the_next_opening_skips_weekends_and_holidays() {
    let nyse = calendar("XNYS");
    let thursday_evening = at("2024-03-28T20:00Z");
    assert_eq!(
        nyse.next_open(thursday_evening),
        Some(at("2024-04-01T13:30Z"))
    );
    let open = at("2024-03-28T15:00Z");
    assert_eq!(nyse.next_open(open), Some(open));
    assert_eq!(
        nyse.last_closed(at("2024-03-31T12:00Z")).unwrap().date,
        date(2024, 3, 28)
    );
    assert_eq!(nyse.last_closed(open).unwrap().date, date(2024, 3, 27));
    // After the longest closure of these years, which no weekend broke.
    assert_eq!(
        nyse.next_session(date(2001, 9, 10)).unwrap().date,
        date(2001, 9, 17)
    );
    assert_eq!(
        nyse.previous_session(date(2001, 9, 17)).unwrap().date,
        date(2001, 9, 10)
    );
}

#[test]
fn a_session_with_hours_of_its_own_says_why_even_on_a_weekend() {
    let bombay = calendar("XBOM");
    // A Saturday, and the evening of a holiday.
    let budget = bombay.session(date(2025, 2, 1)).unwrap();
    assert_eq!(budget.special, Some("budget"));
    let diwali = bombay.session(date(2024, 11, 1)).unwrap();
    assert_eq!(diwali.special, Some("Muhurat trading"));
    assert_eq!(
        (diwali.opens_at, diwali.closes_at),
        (at("2024-11-01T12:30Z"), at("2024-11-01T13:30Z"))
    );
    assert!(!bombay.is_open(at("2024-11-01T05:00Z")));
    let examination = calendar("XKRX").session(date(2024, 11, 14)).unwrap();
    assert_eq!(
        (examination.opens_at, examination.closes_at),
        (at("2024-11-14T01:00Z"), at("2024-11-14T07:30Z"))
    );
    assert_eq!(bombay.session(date(2024, 11, 4)).unwrap().special, None);
}

#[test]
fn the_week_of_tel_aviv_became_that_of_europe_in_2026() {
    let tel_aviv = calendar("XTAE");
    let sunday = tel_aviv.session(date(2026, 1, 4)).unwrap();
    assert_eq!(sunday.closes_at, at("2026-01-04T13:40Z"));
    assert_eq!(tel_aviv.day(date(2026, 1, 2)), Day::Weekend);
    assert_eq!(tel_aviv.day(date(2026, 1, 11)), Day::Weekend);
    let friday = tel_aviv.session(date(2026, 1, 9)).unwrap();
    assert_eq!(friday.closes_at, at("2026-01-09T11:50Z"));
    assert_eq!(
        calendar("XSAU").day(date(2026, 1, 9)),
        Day::Weekend,
        "Riyadh keeps Friday and Saturday"
    );
}

#[test]
fn the_floors_trade_into_the_evening_when_xetra_is_closed() {
    let evening = at("2024-07-16T18:00Z");
    assert!(!calendar("XETR").is_open(evening));
    for floor in ["XFRA", "XSTU", "XMUN", "TGAT"] {
        assert!(calendar(floor).is_open(evening), "{floor}");
        let last = calendar(floor).session(date(2024, 12, 30)).unwrap();
        assert_eq!(last.closes_at, at("2024-12-30T13:00Z"), "{floor}");
    }
    // On Whit Monday of 2021 Tradegate alone traded, and until eight.
    let whit = date(2021, 5, 24);
    assert_eq!(calendar("XSTU").day(whit), Day::Holiday("Whit Monday"));
    let tradegate = calendar("TGAT").session(whit).unwrap();
    assert_eq!(tradegate.closes_at, at("2021-05-24T18:00Z"));
}

#[test]
fn a_day_of_futures_begins_on_the_evening_before() {
    let chicago = calendar("XCME");
    let evening = at("2024-07-15T23:00Z");
    assert_eq!(
        chicago.session_at(evening).unwrap().date,
        date(2024, 7, 16),
        "18:00 on Monday in Chicago"
    );
    let half = chicago.session(date(2024, 11, 28)).unwrap();
    assert_eq!(half.early_close, Some("Thanksgiving Day"));
    assert_eq!(half.closes_at, at("2024-11-28T18:00Z"));
}

#[test]
fn crypto_never_closes_and_currencies_close_for_the_weekend() {
    let crypto = calendar("24/7");
    assert!(crypto.is_open(at("2024-12-25T00:00Z")));
    let sunday = crypto.session(date(2024, 3, 31)).unwrap();
    assert_eq!(
        (sunday.opens_at, sunday.closes_at),
        (at("2024-03-31T00:00Z"), at("2024-04-01T00:00Z"))
    );
    let currencies = calendar("24/5");
    // 17:00 in New York, in winter and in summer.
    assert!(!currencies.is_open(at("2024-01-07T21:59Z")));
    assert!(currencies.is_open(at("2024-01-07T22:00Z")));
    assert!(currencies.is_open(at("2024-07-12T20:59Z")));
    assert!(!currencies.is_open(at("2024-07-12T21:00Z")));
    assert_eq!(
        currencies.next_open(at("2024-07-13T12:00Z")),
        Some(at("2024-07-14T21:00Z"))
    );
    assert_eq!(
        currencies.session_at(at("2024-07-14T22:00Z")).unwrap().date,
        date(2024, 7, 15)
    );
}

#[test]
fn tables_of_the_moon_and_the_sun_say_where_they_end() {
    assert_eq!(calendar("XHKG").known_until(), Some(2030));
    assert_eq!(calendar("XTKS").known_until(), Some(2040));
    assert_eq!(calendar("XNZE").known_until(), Some(2035));
    assert_eq!(calendar("XNYS").known_until(), None);
    // Whose holidays are decreed year by year.
    for code in [
        "XSHG", "XTAI", "XBOM", "XNSE", "XSES", "XBKK", "XIDX", "XKLS", "XPHS", "XSAU",
    ] {
        assert_eq!(calendar(code).known_until(), Some(2026), "{code}");
    }
    assert!(calendar("XSES").knows(date(2026, 12, 31)));
    assert!(!calendar("XSES").knows(date(2027, 1, 1)));
    assert!(!calendar("XTAI").knows(date(2008, 12, 31)));
    // And where they begin, if not with the year 2000.
    for (code, year) in [("XNYS", 2000), ("XTAI", 2009), ("XSAU", 2021)] {
        assert_eq!(calendar(code).known_from(), year, "{code}");
    }
}
