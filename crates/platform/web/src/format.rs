//! How numbers, money and dates are written for a person's locale. The patterns follow the Unicode
//! CLDR (medium dates, standard decimals); a negative number carries a true minus sign (U+2212)
//! everywhere, so that columns line up. Programs read the API instead, which never localises.

mod locale;

use jiff::civil::Date;
use money::{Currency, Quotation};
use rust_decimal::{Decimal, RoundingStrategy};

pub use locale::Locale;
use locale::{DatePattern, Place};

/// Shown in place of a value that is not known.
pub const UNKNOWN: &str = "\u{2014}";
const MINUS: char = '\u{2212}';
const NO_BREAK: char = '\u{a0}';
/// Fractional digits that a quantity has at most in the ledger.
const QUANTITY_DIGITS: u32 = 8;

/// A number with exactly `digits` fractional digits, rounded half away from zero, and grouped.
pub fn decimal(locale: &Locale, value: Decimal, digits: u32) -> String {
    let rounded = rounded(value, digits);
    signed(rounded, &plain(*locale, rounded.abs(), digits))
}

/// An amount in a currency, with the digits of that currency: `−$1,234.50`, `1.234,50 €`, `CHF 1’234.50`.
pub fn money(locale: &Locale, value: Decimal, currency: Currency) -> String {
    money_with(*locale, value, currency.as_str(), currency.digits())
}

/// A price: like [`money`], with up to six digits where the price has them (`$0.000123`), in the
/// currency or its hundredth (`1,234.50 GBX`).
pub fn price(locale: &Locale, value: Decimal, quoted: Quotation) -> String {
    let digits = rounded(value, 6).normalize().scale();
    let digits = digits.max(quoted.currency.digits());
    money_with(*locale, value, &quoted.to_string(), digits)
}

fn money_with(locale: Locale, value: Decimal, code: &str, digits: u32) -> String {
    let spec = locale.spec();
    let rounded = rounded(value, digits);
    let number = plain(locale, rounded.abs(), digits);
    let symbol = symbol(code);
    let unit = symbol.unwrap_or(code);
    match spec.currency {
        Place::Before if symbol.is_some() => signed(rounded, &format!("{unit}{number}")),
        Place::Before => signed(rounded, &format!("{unit}{NO_BREAK}{number}")),
        Place::BeforeSpaced => format!("{unit}{NO_BREAK}{}", signed(rounded, &number)),
        Place::After => signed(rounded, &format!("{number}{NO_BREAK}{unit}")),
    }
}

/// A ratio as a percentage (`0.123` is `12.3%`), or a dash when it is not a finite number.
pub fn percent(locale: &Locale, ratio: f64, digits: usize) -> String {
    if !ratio.is_finite() {
        return UNKNOWN.to_owned();
    }
    let text = format!("{:.digits$}", (ratio * 100.0).abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if ratio < 0.0 && !is_zero {
        "\u{2212}"
    } else {
        ""
    };
    format!(
        "{sign}{}{}%",
        join(*locale, whole, fraction),
        locale.spec().percent_gap
    )
}

/// A number of shares or units: at most eight fractional digits, none that are trailing zeros.
pub fn quantity(locale: &Locale, value: Decimal) -> String {
    let rounded = rounded(value, QUANTITY_DIGITS).normalize();
    signed(rounded, &plain(*locale, rounded.abs(), rounded.scale()))
}

/// A day, in the medium form of the locale: `Mar 5, 2026`, `05.03.2026`, `2026/03/05`.
pub fn date(locale: &Locale, date: Date) -> String {
    let spec = locale.spec();
    let (year, month, day) = (date.year(), date.month(), date.day());
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|i| spec.months.get(i))
        .unwrap_or(&"");
    match spec.date {
        DatePattern::MonthDayYear => format!("{name} {day}, {year}"),
        DatePattern::DayMonthYear => format!("{day} {name} {year}"),
        DatePattern::Dotted => format!("{day:02}.{month:02}.{year}"),
        DatePattern::DaySlashes => format!("{day:02}/{month:02}/{year}"),
        DatePattern::YearSlashes => format!("{year}/{month:02}/{day:02}"),
    }
}

/// The symbol of a currency where it is unmistakable; the others keep their code.
fn symbol(code: &str) -> Option<&'static str> {
    match code {
        "USD" => Some("$"),
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "JPY" => Some("¥"),
        "INR" => Some("₹"),
        "KRW" => Some("₩"),
        _ => None,
    }
}

/// The value as it is shown with so many digits: half away from zero, as in [`money::round_to_currency`].
pub(crate) fn rounded(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

fn signed(value: Decimal, magnitude: &str) -> String {
    if value.is_sign_negative() && !value.is_zero() {
        format!("{MINUS}{magnitude}")
    } else {
        magnitude.to_owned()
    }
}

fn plain(locale: Locale, magnitude: Decimal, digits: u32) -> String {
    let text = format!("{magnitude:.*}", digits as usize);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    join(locale, whole, fraction)
}

fn join(locale: Locale, whole: &str, fraction: &str) -> String {
    let spec = locale.spec();
    let mut out = String::with_capacity(whole.len() * 2 + fraction.len());
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(spec.group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(spec.decimal);
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests;
