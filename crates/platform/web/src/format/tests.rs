use jiff::civil::date as day;
use rust_decimal::Decimal;

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

/// Number, dollars, francs, percentage and day in every locale. A no-break space is written as a
/// space, a narrow one as an underscore.
const TABLE: &str = "
en-US | −1,234,567.89 | −$1,234.50  | CHF 12.00 | 12.3%  | Mar 5, 2026
en-GB | −1,234,567.89 | −$1,234.50  | CHF 12.00 | 12.3%  | 5 Mar 2026
de-DE | −1.234.567,89 | −1.234,50 $ | 12,00 CHF | 12,3 % | 05.03.2026
de-CH | −1’234’567.89 | $ −1’234.50 | CHF 12.00 | 12.3%  | 05.03.2026
fr-FR | −1_234_567,89 | −1_234,50 $ | 12,00 CHF | 12,3_% | 5 mars 2026
es-ES | −1.234.567,89 | −1.234,50 $ | 12,00 CHF | 12,3 % | 5 mar 2026
it-IT | −1.234.567,89 | −1.234,50 $ | 12,00 CHF | 12,3%  | 5 mar 2026
nl-NL | −1.234.567,89 | $ −1.234,50 | CHF 12,00 | 12,3%  | 5 mrt 2026
pt-PT | −1 234 567,89 | −1 234,50 $ | 12,00 CHF | 12,3%  | 05/03/2026
sv-SE | −1 234 567,89 | −1 234,50 $ | 12,00 CHF | 12,3 % | 5 mars 2026
ja-JP | −1,234,567.89 | −$1,234.50  | CHF 12.00 | 12.3%  | 2026/03/05
";

#[test]
fn every_locale_has_its_own_way() {
    let rows: Vec<Vec<&str>> = TABLE
        .trim()
        .lines()
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), Locale::ALL.len());
    for row in rows {
        let formats = Formats::of(Locale::parse(row[0]).unwrap());
        let written = [
            formats.locale.tag().to_owned(),
            decimal(&formats, dec("-1234567.894"), 2),
            money(&formats, dec("-1234.495"), currency("USD")),
            money(&formats, dec("12"), currency("CHF")),
            percent(&formats, 0.1234, 1),
            date(&formats, day(2026, 3, 5)),
        ];
        let visible = written.map(|text| text.replace('\u{a0}', " ").replace('\u{202f}', "_"));
        assert_eq!(visible.as_slice(), row.as_slice());
    }
}

#[test]
fn the_currency_decides_the_digits() {
    let formats = Formats::of(Locale::EnUs);
    assert_eq!(money(&formats, dec("1234.5"), currency("JPY")), "¥1,235");
    assert_eq!(money(&formats, dec("0.005"), currency("EUR")), "€0.01");
    assert_eq!(
        price(&formats, dec("0.00012340"), currency("USD").into()),
        "$0.000123"
    );
    assert_eq!(
        price(&formats, dec("187.5"), currency("USD").into()),
        "$187.50"
    );
    let pence = money::Quotation::parse("GBX").unwrap();
    assert_eq!(price(&formats, dec("1234.5"), pence), "GBX\u{a0}1,234.50");
}

#[test]
fn nothing_is_minus_zero() {
    let formats = Formats::of(Locale::EnUs);
    assert_eq!(money(&formats, dec("-0.004"), currency("USD")), "$0.00");
    assert_eq!(decimal(&formats, dec("-0"), 0), "0");
    assert_eq!(percent(&formats, -0.00004, 2), "0.00%");
    assert_eq!(percent(&formats, -0.5, 0), "−50%");
}

#[test]
fn quantities_lose_their_trailing_zeros() {
    let formats = Formats::of(Locale::EnUs);
    assert_eq!(quantity(&formats, dec("1200.50000000")), "1,200.5");
    assert_eq!(quantity(&formats, dec("100")), "100");
    assert_eq!(quantity(&formats, dec("-0.123456789")), "−0.12345679");
    assert_eq!(quantity(&formats, dec("0.00000000")), "0");
}

#[test]
fn what_is_not_a_number_is_a_dash() {
    assert_eq!(percent(&Formats::default(), f64::NAN, 2), UNKNOWN);
    assert_eq!(percent(&Formats::default(), f64::INFINITY, 2), UNKNOWN);
}

#[test]
fn tags_are_read_in_any_case_and_strangers_refused() {
    assert_eq!(Locale::parse("de-ch"), Some(Locale::DeCh));
    assert_eq!(Locale::parse("tlh"), None);
}

fn chosen(change: impl FnOnce(&mut Formats)) -> Formats {
    let mut formats = Formats::of(Locale::EnUs);
    change(&mut formats);
    formats
}

#[test]
fn signs_in_numbers_can_differ_from_the_language() {
    for (numbers, written) in [
        (NumberFormat::Locale, "$1,234.50"),
        (NumberFormat::CommaPoint, "$1,234.50"),
        (NumberFormat::PointComma, "$1.234,50"),
        (NumberFormat::ApostrophePoint, "$1’234.50"),
        (NumberFormat::SpaceComma, "$1\u{202f}234,50"),
    ] {
        let formats = chosen(|formats| formats.numbers = numbers);
        assert_eq!(money(&formats, dec("1234.5"), currency("USD")), written);
    }
}

#[test]
fn days_are_written_as_chosen() {
    for (dates, written) in [
        (DateFormat::Locale, "Mar 5, 2026"),
        (DateFormat::Iso, "2026-03-05"),
        (DateFormat::Dotted, "05.03.2026"),
        (DateFormat::DaySlashes, "05/03/2026"),
        (DateFormat::MonthSlashes, "03/05/2026"),
    ] {
        let formats = chosen(|formats| formats.dates = dates);
        assert_eq!(date(&formats, day(2026, 3, 5)), written);
    }
}

#[test]
fn instants_stand_on_the_clock_of_the_person() {
    let at: jiff::Timestamp = "2026-03-05T23:05:00Z".parse().unwrap();
    let auckland = jiff::tz::TimeZone::get("Pacific/Auckland").unwrap();
    let mut formats = chosen(|formats| formats.dates = DateFormat::Iso);
    assert_eq!(instant(&formats, at), "2026-03-05 23:05 UTC");
    formats.zone = auckland;
    assert_eq!(instant(&formats, at), "2026-03-06 12:05 NZDT");
    formats.times = TimeFormat::Hours12;
    assert_eq!(instant(&formats, at), "2026-03-06 12:05 pm NZDT");
    let midnight = "2026-03-05T11:00:00Z".parse().unwrap();
    assert_eq!(instant(&formats, midnight), "2026-03-06 12:00 am NZDT");
}

#[test]
fn prices_keep_their_digits_unless_told_otherwise() {
    let formats = chosen(|formats| formats.prices = PriceDigits::Rounded);
    let dollars = || currency("USD").into();
    assert_eq!(price(&formats, dec("1.2345"), dollars()), "$1.23");
    assert_eq!(
        price(&Formats::default(), dec("1.2345"), dollars()),
        "$1.2345"
    );
}
