use super::*;

fn bar(at: &str, open: f64, high: f64, low: f64, close: f64, volume: f64) -> Bar {
    Bar {
        at: at.parse().unwrap(),
        open,
        high,
        low,
        close,
        adjusted_close: None,
        volume: Some(volume),
    }
}

fn day(date: &str, close: f64) -> Bar {
    bar(
        &format!("{date}T00:00:00Z"),
        close,
        close * 1.01,
        close * 0.99,
        close,
        1_000.0 + close,
    )
}

fn new_york() -> &'static Calendar {
    static CALENDAR: std::sync::LazyLock<Calendar> =
        std::sync::LazyLock::new(|| Calendar::get("XNYS").unwrap());
    &CALENDAR
}

fn known(before: &[Bar]) -> Known<'_> {
    Known {
        now: "2026-11-22T02:00:00Z".parse().unwrap(),
        before,
        explained: &[],
        settled: &[],
        zone: TimeZone::get("America/New_York").unwrap(),
        calendar: Some(new_york()),
        is_daily: true,
    }
}

fn codes(series: &[Bar], known: &Known<'_>) -> Vec<String> {
    let joined = |doubts: &Vec<Doubt>| doubts.iter().map(Doubt::code).collect::<Vec<_>>().join("+");
    judge(series, known).iter().map(joined).collect()
}

#[test]
fn an_ordinary_week_raises_no_doubt() {
    let week = [
        "2026-11-16",
        "2026-11-17",
        "2026-11-18",
        "2026-11-19",
        "2026-11-20",
    ];
    let series: Vec<_> = week
        .iter()
        .zip([100.0, 92.0, 97.0, 120.0, 118.0])
        .map(|(d, c)| day(d, c))
        .collect();
    assert_eq!(codes(&series, &known(&[])), ["", "", "", "", ""]);
}

#[test]
fn pence_for_pounds_is_caught_and_the_next_good_bar_is_not() {
    let before = [day("2026-11-17", 2.5)];
    let series = [day("2026-11-18", 251.0), day("2026-11-19", 2.52)];
    assert_eq!(codes(&series, &known(&before)), ["hundredfold", ""]);
    let back = [day("2026-11-18", 0.0251)];
    assert_eq!(codes(&back, &known(&before)), ["hundredfold"]);
}

#[test]
fn what_no_market_can_do_is_caught() {
    let zero = bar("2026-11-18T00:00:00Z", 0.0, 1.0, 0.0, 1.0, 1.0);
    let negative = bar("2026-11-18T00:00:00Z", 1.0, 1.0, 1.0, 1.0, -5.0);
    let nan = bar("2026-11-18T00:00:00Z", 1.0, f64::NAN, 1.0, 1.0, 1.0);
    let low = bar("2026-11-18T00:00:00Z", 10.0, 10.5, 10.2, 10.4, 1.0);
    let high = bar("2026-11-18T00:00:00Z", 10.0, 10.1, 9.0, 10.4, 1.0);
    let later = day("2026-11-23", 10.0);
    let series = [zero, negative, nan, low, high, later];
    assert_eq!(
        codes(&series, &known(&[])),
        [
            "not_positive+not_positive",
            "not_positive",
            "not_positive",
            "high_low",
            "high_low",
            "future"
        ]
    );
}

#[test]
fn a_repeating_source_is_told_from_a_quiet_market() {
    let series: Vec<_> = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"]
        .map(|d| day(d, 50.0))
        .into();
    assert_eq!(codes(&series, &known(&[])), ["", "", "", "stale"]);
    let quiet: Vec<_> = series
        .iter()
        .map(|bar| Bar {
            volume: Some(0.0),
            ..*bar
        })
        .collect();
    assert_eq!(codes(&quiet, &known(&[])), ["", "", "", ""]);
}

/// AAPL closed at 645.57 on 2014-06-06 and opened at 92.70 on the 9th, after a 7:1 split (LEAN sample data).
#[test]
fn a_gap_like_a_split_proposes_it_unless_it_is_known() {
    let before = [day("2014-06-06", 645.57)];
    let series = [bar("2014-06-09T00:00:00Z", 92.7, 93.88, 91.75, 93.7, 7.5e7)];
    let verdict = judge(&series, &known(&before));
    let expected = Doubt::Split {
        to: 7.into(),
        from: 1.into(),
        is_inside: false,
    };
    assert_eq!(verdict, [vec![expected]]);
    let days = [jiff::civil::date(2014, 6, 9)];
    let explained = Known {
        explained: &days,
        ..known(&before)
    };
    assert_eq!(codes(&series, &explained), [""]);
    let reverse = [bar(
        "2014-06-09T00:00:00Z",
        6_450.0,
        6_500.0,
        6_400.0,
        6_460.0,
        1.0,
    )];
    let verdict = judge(&reverse, &known(&before));
    assert!(
        matches!(verdict[0][0], Doubt::Split { to, from, .. } if (to, from) == (1.into(), 10.into())),
        "{verdict:?}"
    );
    // On a day without a bar, or with one that is doubted for something else, it explains the next.
    let weekend = [jiff::civil::date(2014, 6, 7)];
    let explained = Known {
        explained: &weekend,
        ..known(&before)
    };
    assert_eq!(codes(&series, &explained), [""]);
    let long_ago = [jiff::civil::date(2014, 6, 6)];
    let not_explained = Known {
        explained: &long_ago,
        ..known(&before)
    };
    assert_eq!(codes(&series, &not_explained), ["split"]);
    // A crash of a quarter is a crash.
    assert_eq!(codes(&[day("2014-06-09", 484.0)], &known(&before)), [""]);
}

#[test]
fn what_was_accepted_is_not_doubted_again_and_what_follows_is_compared_with_it() {
    let before = [day("2026-11-16", 104.0)];
    let fall = [
        day("2026-11-17", 52.0),
        day("2026-11-18", 51.0),
        day("2026-11-19", 53.0),
    ];
    assert_eq!(codes(&fall, &known(&before)), ["split", "split", "split"]);
    let accepted = [fall[0]];
    let settled = Known {
        settled: &accepted,
        ..known(&before)
    };
    assert_eq!(codes(&fall, &settled), ["", "", ""]);
    let restated = [day("2026-11-17", 52.5), fall[1]];
    assert_eq!(codes(&restated, &settled), ["split", "split"]);
    // Within a day: the first minute is accepted, and the others are no gap.
    let minute = |at: &str, price: f64| bar(at, price, price, price, price, price);
    let minutes = [
        minute("2026-11-17T14:30:00Z", 52.0),
        minute("2026-11-17T14:31:00Z", 52.1),
    ];
    let accepted = [minutes[0]];
    let last = [minute("2026-11-16T20:59:00Z", 104.0)];
    let intraday = |settled| Known {
        is_daily: false,
        settled,
        ..known(&last)
    };
    assert_eq!(codes(&minutes, &intraday(&[])), ["split", "split"]);
    assert_eq!(codes(&minutes, &intraday(&accepted)), ["", ""]);
}

/// The first minute of 2014-06-09 in LEAN's sample data straddles the split: open 645.57, close 92.42.
#[test]
fn a_minute_that_straddles_a_split_is_questioned() {
    let trap = bar("2014-06-09T08:00:00Z", 645.57, 645.57, 92.0, 92.42, 3_000.0);
    let minutes = Known {
        is_daily: false,
        ..known(&[])
    };
    let expected = Doubt::Split {
        to: 7.into(),
        from: 1.into(),
        is_inside: true,
    };
    assert_eq!(judge(&[trap], &minutes), [vec![expected]]);
}

#[test]
fn a_session_that_begins_hours_off_or_when_nothing_trades_is_doubted() {
    assert_eq!(
        codes(&[day("2026-11-21", 10.0)], &known(&[])),
        ["time_zone"]
    );
    let always = Calendar::get("24/7").unwrap();
    let crypto = Known {
        calendar: Some(&always),
        ..known(&[])
    };
    assert_eq!(codes(&[day("2026-11-21", 10.0)], &crypto), [""]);
    // Thanksgiving of the year before; there are sessions on the days around it.
    let series = ["2025-11-26", "2025-11-27", "2025-11-28"].map(|date| day(date, 10.0));
    assert_eq!(codes(&series, &known(&[])), ["", "holiday", ""]);
    assert_eq!(codes(&series, &crypto), ["", "", ""]);
    let minute = |at: &str, price: f64| bar(at, price, price, price, price, price);
    // 09:30 in New York, also across the end of summer time on 2026-11-01.
    let before = [
        minute("2026-10-28T13:30:00Z", 10.0),
        minute("2026-10-29T13:30:00Z", 10.1),
        minute("2026-10-30T13:30:00Z", 10.2),
    ];
    let minutes = Known {
        is_daily: false,
        ..known(&before)
    };
    assert_eq!(
        codes(&[minute("2026-11-02T14:30:00Z", 10.3)], &minutes),
        [""]
    );
    let slipped = judge(&[minute("2026-11-02T19:30:00Z", 10.3)], &minutes);
    assert_eq!(slipped, [vec![Doubt::TimeZone { hours: Some(5) }]]);
}

#[test]
fn a_session_that_the_calendar_lets_begin_late_or_on_a_weekend_is_not_doubted() {
    let minute = |at: &str, price: f64| bar(at, price, price, price, price, price);
    // 09:00 in Seoul; on the day of the examination trading begins at ten.
    let before = [
        minute("2024-11-11T00:00:00Z", 10.0),
        minute("2024-11-12T00:00:00Z", 10.1),
        minute("2024-11-13T00:00:00Z", 10.2),
    ];
    let seoul = Calendar::get("XKRX").unwrap();
    let minutes = Known {
        is_daily: false,
        zone: seoul.zone().clone(),
        calendar: Some(&seoul),
        ..known(&before)
    };
    assert_eq!(
        codes(&[minute("2024-11-14T01:00:00Z", 10.3)], &minutes),
        [""]
    );
    assert_eq!(
        codes(&[minute("2024-11-15T01:00:00Z", 10.3)], &minutes),
        ["time_zone"],
        "on the day after it is a slip"
    );
    // A Saturday on which the budget was read, and any other.
    let bombay = Calendar::get("XBOM").unwrap();
    let days = Known {
        calendar: Some(&bombay),
        ..known(&[])
    };
    let series = ["2025-02-01", "2025-02-08"].map(|date| day(date, 10.0));
    assert_eq!(codes(&series, &days), ["", "time_zone"]);
    // Futures begin on Sunday evening.
    let chicago = Calendar::get("XCME").unwrap();
    let evenings = Known {
        is_daily: false,
        zone: chicago.zone().clone(),
        calendar: Some(&chicago),
        ..known(&[])
    };
    let series = ["2024-01-20T23:00:00Z", "2024-01-21T23:00:00Z"].map(|at| minute(at, 10.0));
    assert_eq!(codes(&series, &evenings), ["time_zone", ""]);
}
