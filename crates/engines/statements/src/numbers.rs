//! Numbers as people and brokers write them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{code, model::Refusal, text::shown};

/// Which character separates the decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalSeparator {
    /// Found out from all numbers of the file.
    #[default]
    Auto,
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

/// What the numbers of a file reveal about their decimal separator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Evidence {
    point: u64,
    comma: u64,
}

/// How the ambiguous numbers of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    decimal: DecimalSeparator,
    /// The separator was prescribed, so a number in the other style is an error.
    strict: bool,
}

impl Style {
    pub(crate) const POINT: Self = Self {
        decimal: DecimalSeparator::Point,
        strict: false,
    };

    /// True when decimals follow a comma, which no country combines with dates of month first.
    pub(crate) fn has_decimal_comma(self) -> bool {
        self.decimal == DecimalSeparator::Comma
    }
}

impl Evidence {
    /// Looks at one value. Only values that can be read in one way alone count.
    pub(crate) fn observe(&mut self, text: &str) {
        let Some(number) = Number::split(text) else {
            return;
        };
        match own_separator(&number.body) {
            Own::Decimal('.') => self.point += 1,
            Own::Decimal(',') => self.comma += 1,
            _ => {}
        }
    }

    /// True where some values have a decimal point and others a decimal comma.
    pub(crate) fn is_mixed(self) -> bool {
        self.point > 0 && self.comma > 0
    }

    /// The style of the file; a prescribed separator wins over what was seen.
    pub(crate) fn decide(self, prescribed: DecimalSeparator) -> Style {
        let decimal = match prescribed {
            DecimalSeparator::Auto if self.comma > self.point => DecimalSeparator::Comma,
            DecimalSeparator::Auto if self.point > 0 => DecimalSeparator::Point,
            other => other,
        };
        Style {
            decimal,
            strict: prescribed != DecimalSeparator::Auto,
        }
    }
}

/// An empty cell, or one of the signs for it.
pub(crate) fn is_blank(text: &str) -> bool {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    matches!(text.trim(), "" | "-" | "--" | "—" | "n/a" | "N/A" | "null")
}

/// Reads a number: blanks, apostrophes, thousands separators, currency signs and codes around it,
/// a sign on either side, brackets for negative, and an exponent are understood.
pub(crate) fn parse(field: &str, text: &str, style: Style) -> Result<Decimal, Refusal> {
    let unparsable = || {
        Refusal::new(
            code::UNPARSABLE_NUMBER,
            format!(
                "{field} “{}” is not a number: write it like 1234.56",
                shown(text)
            ),
        )
    };
    let number = Number::split(text).ok_or_else(unparsable)?;
    let plain = match own_separator(&number.body) {
        Own::None => number.body.replace([',', '.'], ""),
        Own::Decimal(decimal) if style.strict && !style.allows(decimal) => {
            return Err(unparsable());
        }
        Own::Decimal(decimal) => with_point(&number.body, decimal),
        Own::Unclear(sign) => match (style.decimal, sign) {
            (DecimalSeparator::Auto, ',') => {
                return Err(Refusal::new(
                    code::AMBIGUOUS_NUMBER,
                    format!(
                        "{field} “{}” may have decimals or thousands after the comma and no other \
                         number settles it: set the decimal separator in the column mapping",
                        shown(text)
                    ),
                ));
            }
            (DecimalSeparator::Comma, '.') | (DecimalSeparator::Point, ',') => {
                number.body.replace(sign, "")
            }
            _ => with_point(&number.body, sign),
        },
        Own::Malformed => return Err(unparsable()),
    };
    let value = decimal(&plain, number.exponent.as_deref()).ok_or_else(|| {
        Refusal::new(
            code::NUMBER_TOO_LARGE,
            format!(
                "{field} “{}” has more digits than can be kept exactly",
                shown(text)
            ),
        )
    })?;
    Ok(if number.negative {
        negated(value)
    } else {
        value
    })
}

/// The negative without a negative zero, which would be shown as `-0`.
pub(crate) fn negated(value: Decimal) -> Decimal {
    if value.is_zero() {
        Decimal::ZERO
    } else {
        -value
    }
}

impl Style {
    fn allows(self, decimal: char) -> bool {
        match self.decimal {
            DecimalSeparator::Auto => true,
            DecimalSeparator::Point => decimal == '.',
            DecimalSeparator::Comma => decimal == ',',
        }
    }
}

fn decimal(plain: &str, exponent: Option<&str>) -> Option<Decimal> {
    match exponent {
        None => plain.parse().ok(),
        Some(exponent) => {
            let power: i32 = exponent.parse().ok()?;
            // Decimal holds 28 digits; anything beyond is zero or too large, and slow to find out.
            (-40..=28)
                .contains(&power)
                .then(|| Decimal::from_scientific(&format!("{plain}e{power}")).ok())?
        }
    }
}

fn with_point(body: &str, decimal: char) -> String {
    body.chars()
        .filter_map(|c| match c {
            _ if c == decimal => Some('.'),
            '.' | ',' => None,
            digit => Some(digit),
        })
        .collect()
}

/// A number taken apart: sign, digits with their separators, exponent.
struct Number {
    negative: bool,
    body: String,
    exponent: Option<String>,
}

impl Number {
    fn split(text: &str) -> Option<Self> {
        let text = text.trim();
        let in_brackets = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        let (core, minus) = signed(strip_currency(in_brackets.unwrap_or(text)));
        // The sign may stand on either side of the currency: `-$30.93`, `$-30.93`, `CHF -5`.
        let (core, inner_minus) = signed(strip_currency(core));
        if minus && inner_minus {
            return None;
        }
        let (mantissa, exponent) = match core.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent.to_owned())),
            None => (core, None),
        };
        let body: String = mantissa.chars().filter(|c| !is_filler(*c)).collect();
        let well_formed = body.chars().any(|c| c.is_ascii_digit())
            && body
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
        let negative = in_brackets.is_some() || minus || inner_minus;
        well_formed.then_some(Self {
            negative,
            body,
            exponent,
        })
    }
}

fn is_filler(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\'' | '’' | '_')
}

fn signed(text: &str) -> (&str, bool) {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(['-', '−', '–']) {
        (rest.trim(), true)
    } else if let Some(rest) = text.strip_suffix(['-', '−']) {
        (rest.trim(), true)
    } else {
        (text.strip_prefix('+').unwrap_or(text).trim(), false)
    }
}

/// Removes a currency sign, or a code of up to four capital letters, on either side.
fn strip_currency(text: &str) -> &str {
    const SIGNS: [char; 12] = ['€', '$', '£', '¥', '₣', '₹', '₽', '₩', '₺', '₿', 'ł', '¢'];
    let is_letter = |c: char| c.is_ascii_uppercase();
    let text = text.trim().trim_matches(SIGNS).trim();
    let bare = text.trim_start_matches(is_letter);
    let text = if text.len() - bare.len() <= 4 {
        bare
    } else {
        text
    };
    let bare = text.trim_end_matches(is_letter);
    let text = if text.len() - bare.len() <= 4 {
        bare
    } else {
        text
    };
    text.trim().trim_matches(SIGNS).trim()
}

enum Own {
    /// No decimals: no separator, or thousands separators only.
    None,
    /// The decimals follow this character, whatever the rest of the file does.
    Decimal(char),
    /// One separator and three digits after it.
    Unclear(char),
    /// Separators in places where no number has them.
    Malformed,
}

/// What a number by itself says about its separators.
fn own_separator(body: &str) -> Own {
    let commas = body.matches(',').count();
    let points = body.matches('.').count();
    match (commas, points) {
        (0, 0) => Own::None,
        (0, 1) => lone(body, '.'),
        (1, 0) => lone(body, ','),
        (_, 0) => grouped(body, ','),
        (0, _) => grouped(body, '.'),
        _ => {
            let (decimal, group) = if body.rfind(',') > body.rfind('.') {
                (',', '.')
            } else {
                ('.', ',')
            };
            let whole = body.split(decimal).next().unwrap_or_default();
            let once = body.matches(decimal).count() == 1;
            if once && groups_fit(whole, group) {
                Own::Decimal(decimal)
            } else {
                Own::Malformed
            }
        }
    }
}

fn lone(body: &str, sign: char) -> Own {
    let (whole, rest) = body.split_once(sign).unwrap_or((body, ""));
    let may_be_thousands = rest.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0";
    if may_be_thousands {
        Own::Unclear(sign)
    } else {
        Own::Decimal(sign)
    }
}

fn grouped(body: &str, group: char) -> Own {
    if groups_fit(body, group) {
        Own::None
    } else {
        Own::Malformed
    }
}

/// Groups of three, or of two and a last one of three as in India.
fn groups_fit(whole: &str, group: char) -> bool {
    let mut groups = whole.rsplit(group);
    let last = groups.next().unwrap_or_default();
    let mut before: Vec<&str> = groups.collect();
    let first = before.pop();
    last.len() == 3
        && first.is_some_and(|digits| (1..=3).contains(&digits.len()))
        && (before.iter().all(|digits| digits.len() == 3)
            || before.iter().all(|digits| digits.len() == 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, decimal: DecimalSeparator) -> String {
        let style = Style {
            decimal,
            strict: false,
        };
        parse("amount", text, style)
            .map_or_else(|refusal| refusal.code.to_owned(), |value| value.to_string())
    }

    #[test]
    fn one_number_in_many_hands() {
        for (text, value) in [
            ("1234.56", "1234.56"),
            (" 1,234.56 ", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1 234,56", "1234.56"),
            ("1\u{a0}234,56 €", "1234.56"),
            ("1'234.50", "1234.50"),
            ("12,34,567.8", "1234567.8"),
            ("1.234.567", "1234567"),
            ("1,234,567", "1234567"),
            ("-$30.93", "-30.93"),
            ("$-30.93", "-30.93"),
            ("CHF 5.00-", "-5.00"),
            ("(1,000.5)", "-1000.5"),
            ("−5", "-5"),
            ("+5", "5"),
            ("€0.12649", "0.12649"),
            ("0,125", "0.125"),
            ("0.125", "0.125"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e-8", "0.00000001"),
            ("2.5E3", "2500"),
            ("100 EUR", "100"),
        ] {
            assert_eq!(read(text, DecimalSeparator::Auto), value, "{text}");
        }
    }

    #[test]
    fn the_file_settles_what_a_number_leaves_open() {
        assert_eq!(
            read("1,234", DecimalSeparator::Auto),
            code::AMBIGUOUS_NUMBER
        );
        assert_eq!(read("1,234", DecimalSeparator::Point), "1234");
        assert_eq!(read("1,234", DecimalSeparator::Comma), "1.234");
        assert_eq!(read("1.234", DecimalSeparator::Auto), "1.234");
        assert_eq!(read("1.234", DecimalSeparator::Comma), "1234");
        let mut evidence = Evidence::default();
        for text in ["1,234", "", "abc", "7,5", "1.000"] {
            evidence.observe(text);
        }
        assert!(evidence.decide(DecimalSeparator::Auto).has_decimal_comma());
    }

    #[test]
    fn a_prescribed_separator_refuses_the_other() {
        let style = Evidence::default().decide(DecimalSeparator::Comma);
        assert_eq!(
            parse("price", "12.5", style).unwrap_err().code,
            code::UNPARSABLE_NUMBER
        );
        assert_eq!(parse("price", "12,5", style).unwrap().to_string(), "12.5");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "ten", "1.2.3", "1,2,3", "--5", "1,23.4,5", "", "e5", "5 shares", "NaN", "1..2",
        ] {
            assert_eq!(
                read(text, DecimalSeparator::Auto),
                code::UNPARSABLE_NUMBER,
                "{text}"
            );
        }
        for text in ["99999999999999999999999999999999", "1e400", "1e29"] {
            assert_eq!(
                read(text, DecimalSeparator::Auto),
                code::NUMBER_TOO_LARGE,
                "{text}"
            );
        }
    }
}
