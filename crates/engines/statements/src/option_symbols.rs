//! Option contracts in the symbols and descriptions of brokers.

use jiff::civil::Date;
use ledger::OptionRight;
use rust_decimal::Decimal;

use crate::{OptionTerms, Security, dates};

/// Reads `FB    180921C00200000` (the symbol of the clearing house, with or without blanks), or words
/// such as `FB 21SEP18 200.0 C` and `AAPL 20250117 CALL 150`. Contracts are about `multiplier` shares,
/// 100 where that is not known.
///
/// ```
/// let terms = statements::option_terms("FB    180921C00200000", None);
/// assert_eq!(terms.map(|terms| terms.underlying).as_deref(), Some("FB"));
/// ```
pub fn parse(text: &str, multiplier: Option<Decimal>) -> Option<OptionTerms> {
    let multiplier = multiplier
        .filter(|value| *value > Decimal::ZERO)
        .unwrap_or(Decimal::ONE_HUNDRED);
    cleared(text, multiplier).or_else(|| worded(text, multiplier))
}

/// Gives the instrument the symbol by which every broker's files are matched.
pub(crate) fn adopt(security: &mut Security, terms: OptionTerms) {
    if let Some(symbol) = clearing_symbol(&terms) {
        security.symbol = symbol;
    }
    security.asset_class = Some("option".to_owned());
    security.option = Some(terms);
}

/// `FB180921C00200000`: underlying, day, right, and the strike in thousandths with eight digits.
///
/// `None` for a strike with more than three digits after the point, or beyond 99,999.999.
pub fn clearing_symbol(terms: &OptionTerms) -> Option<String> {
    let thousandths = terms.strike.checked_mul(Decimal::ONE_THOUSAND)?.normalize();
    let digits = thousandths.to_string();
    if thousandths.scale() > 0 || digits.len() > 8 || digits.starts_with('-') {
        return None;
    }
    let right = match terms.right {
        OptionRight::Call => 'C',
        OptionRight::Put => 'P',
    };
    let (underlying, day) = (&terms.underlying, terms.expires_on.strftime("%y%m%d"));
    Some(format!("{underlying}{day}{right}{digits:0>8}"))
}

fn cleared(text: &str, multiplier: Decimal) -> Option<OptionTerms> {
    const TAIL: usize = 15;
    let compact: String = text.split_whitespace().collect();
    let at = compact.len().checked_sub(TAIL)?;
    let (underlying, tail) = compact.split_at_checked(at)?;
    let (day, tail) = tail.split_at_checked(6)?;
    let (letter, strike) = tail.split_at_checked(1)?;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if underlying.is_empty() || !is_digits(day) || !is_digits(strike) {
        return None;
    }
    Some(OptionTerms {
        underlying: underlying.to_uppercase(),
        expires_on: dates::parse("expiry", &format!("20{day}"), None).ok()?.date,
        strike: strike
            .parse::<Decimal>()
            .ok()?
            .checked_div(Decimal::ONE_THOUSAND)?
            .normalize(),
        right: right(letter)?,
        multiplier,
    })
}

fn worded(text: &str, multiplier: Decimal) -> Option<OptionTerms> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| day(word).is_some())?;
    let underlying = words.get(..at)?.join(" ").to_uppercase();
    let [first, second] = words.get(at + 1..)? else {
        return None;
    };
    let (strike, right) = match (right(first), right(second)) {
        (None, Some(found)) => (first, found),
        (Some(found), None) => (second, found),
        _ => return None,
    };
    (!underlying.is_empty()).then_some(())?;
    Some(OptionTerms {
        underlying,
        expires_on: day(words.get(at)?)?,
        strike: strike.parse::<Decimal>().ok()?.normalize(),
        right,
        multiplier,
    })
}

/// `21SEP18`, `20250117` or `2025-01-17`.
fn day(word: &str) -> Option<Date> {
    let is_day = match word.len() {
        7 => word.as_bytes()[2..5].iter().all(u8::is_ascii_uppercase),
        8 => word.bytes().all(|byte| byte.is_ascii_digit()),
        10 => word.as_bytes()[4] == b'-',
        _ => false,
    };
    (is_day && word.is_ascii()).then_some(())?;
    let spaced = match word.len() {
        7 => format!("{} {} {}", &word[..2], &word[2..5], &word[5..]),
        _ => word.to_owned(),
    };
    dates::parse("expiry", &spaced, None)
        .ok()
        .map(|found| found.date)
}

/// The right in one letter or one word.
pub(crate) fn right(word: &str) -> Option<OptionRight> {
    match word.to_uppercase().as_str() {
        "C" | "CALL" => Some(OptionRight::Call),
        "P" | "PUT" => Some(OptionRight::Put),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_contract_in_many_hands() {
        let wanted = OptionTerms {
            underlying: "FB".to_owned(),
            expires_on: jiff::civil::date(2018, 9, 21),
            strike: Decimal::from(200),
            right: OptionRight::Call,
            multiplier: Decimal::ONE_HUNDRED,
        };
        for text in [
            "FB    180921C00200000",
            "FB180921C00200000",
            "FB 21SEP18 200.0 C",
            "fb 20180921 CALL 200",
            "FB 2018-09-21 200.0 Call",
        ] {
            assert_eq!(parse(text, None), Some(wanted.clone()), "{text}");
        }
        assert_eq!(
            clearing_symbol(&wanted).as_deref(),
            Some("FB180921C00200000")
        );
        for text in [
            "FB",
            "FB 21SEP18 200.0",
            "180921C00200000",
            "ÄÖÜ21SEP18 1 C",
            "",
        ] {
            assert_eq!(parse(text, None), None, "{text}");
        }
    }

    #[test]
    fn a_strike_of_many_decimals_keeps_its_own_symbol() {
        let terms = parse("ABC 20250117 CALL 1.2345", None).unwrap();
        assert_eq!(clearing_symbol(&terms), None);
    }
}
