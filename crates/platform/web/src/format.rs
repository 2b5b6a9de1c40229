//! How numbers, money, days and times are written for a person. Where nothing else is chosen, the
//! patterns of the language follow the Unicode CLDR (medium dates, standard decimals). A negative number carries a true minus sign (U+2212)
//! everywhere, so that columns line up. Programs read the API instead, which never localises.

mod formats;
mod locale;

use money::{Currency, Quotation};
use rust_decimal::{Decimal, RoundingStrategy};

pub use formats::{
    DateFormat, Formats, NumberFormat, PriceDigits, TimeFormat, date, instant, time,
};
pub use locale::Locale;
use locale::Place;

/// Shown in place of a value that is not known.
pub const UNKNOWN: &str = "\u{2014}";
const MINUS: char = '\u{2212}';
const NO_BREAK: char = '\u{a0}';
/// Fractional digits that a quantity has at most in the ledger.
const QUANTITY_DIGITS: u32 = 8;

/// A number with exactly `digits` fractional digits, rounded half away from zero, and grouped.
pub fn decimal(formats: &Formats, value: Decimal, digits: u32) -> String {
    let rounded = rounded(value, digits);
    signed(rounded, &plain(formats, rounded.abs(), digits))
}

/// An amount in a currency, with the digits of that currency: `−$1,234.50`, `1.234,50 €`, `CHF 1’234.50`.
pub fn money(formats: &Formats, value: Decimal, currency: Currency) -> String {
    money_with(formats, value, currency.as_str(), currency.digits())
}

/// A price: like [`money`], with up to six digits where the price has them (`$0.000123`), unless the
/// person wants those of the currency alone; in the currency or its hundredth (`1,234.50 GBX`).
pub fn price(formats: &Formats, value: Decimal, quoted: Quotation) -> String {
    let least = quoted.currency.digits();
    let digits = match formats.prices {
        PriceDigits::Exact => rounded(value, 6).normalize().scale().max(least),
        PriceDigits::Rounded => least,
    };
    money_with(formats, value, &quoted.to_string(), digits)
}

fn money_with(formats: &Formats, value: Decimal, code: &str, digits: u32) -> String {
    let spec = formats.spec();
    let rounded = rounded(value, digits);
    let number = plain(formats, rounded.abs(), digits);
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
pub fn percent(formats: &Formats, ratio: f64, digits: usize) -> String {
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
        join(formats, whole, fraction),
        formats.spec().percent_gap
    )
}

/// A number of shares or units: at most eight fractional digits, none that are trailing zeros.
pub fn quantity(formats: &Formats, value: Decimal) -> String {
    let rounded = rounded(value, QUANTITY_DIGITS).normalize();
    signed(rounded, &plain(formats, rounded.abs(), rounded.scale()))
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

fn plain(formats: &Formats, magnitude: Decimal, digits: u32) -> String {
    let text = format!("{magnitude:.*}", digits as usize);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    join(formats, whole, fraction)
}

fn join(formats: &Formats, whole: &str, fraction: &str) -> String {
    let spec = formats.numerals().spec();
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
