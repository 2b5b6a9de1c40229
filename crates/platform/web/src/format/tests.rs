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
        let locale = Locale::parse(row[0]).unwrap();
        let written = [
            locale.tag().to_owned(),
            decimal(&locale, dec("-1234567.894"), 2),
            money(&locale, dec("-1234.495"), currency("USD")),
            money(&locale, dec("12"), currency("CHF")),
            percent(&locale, 0.1234, 1),
            date(&locale, day(2026, 3, 5)),
        ];
        let visible = written.map(|text| text.replace('\u{a0}', " ").replace('\u{202f}', "_"));
        assert_eq!(visible.as_slice(), row.as_slice());
    }
}

#[test]
fn the_currency_decides_the_digits() {
    let locale = Locale::EnUs;
    assert_eq!(money(&locale, dec("1234.5"), currency("JPY")), "¥1,235");
    assert_eq!(money(&locale, dec("0.005"), currency("EUR")), "€0.01");
    assert_eq!(
        price(&locale, dec("0.00012340"), currency("USD").into()),
        "$0.000123"
    );
    assert_eq!(
        price(&locale, dec("187.5"), currency("USD").into()),
        "$187.50"
    );
    let pence = money::Quotation::parse("GBX").unwrap();
    assert_eq!(price(&locale, dec("1234.5"), pence), "GBX\u{a0}1,234.50");
}

#[test]
fn nothing_is_minus_zero() {
    let locale = Locale::EnUs;
    assert_eq!(money(&locale, dec("-0.004"), currency("USD")), "$0.00");
    assert_eq!(decimal(&locale, dec("-0"), 0), "0");
    assert_eq!(percent(&locale, -0.00004, 2), "0.00%");
    assert_eq!(percent(&locale, -0.5, 0), "−50%");
}

#[test]
fn quantities_lose_their_trailing_zeros() {
    let locale = Locale::EnUs;
    assert_eq!(quantity(&locale, dec("1200.50000000")), "1,200.5");
    assert_eq!(quantity(&locale, dec("100")), "100");
    assert_eq!(quantity(&locale, dec("-0.123456789")), "−0.12345679");
    assert_eq!(quantity(&locale, dec("0.00000000")), "0");
}

#[test]
fn what_is_not_a_number_is_a_dash() {
    assert_eq!(percent(&Locale::EnUs, f64::NAN, 2), UNKNOWN);
    assert_eq!(percent(&Locale::EnUs, f64::INFINITY, 2), UNKNOWN);
}

#[test]
fn tags_are_read_in_any_case_and_strangers_refused() {
    assert_eq!(Locale::parse("de-ch"), Some(Locale::DeCh));
    assert_eq!(Locale::parse("tlh"), None);
}
