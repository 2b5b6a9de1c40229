//! Option symbols after the OCC: root, expiry as `YYMMDD`, `C` or `P`, strike in thousandths with eight
//! digits.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::Right;

/// Expiry, right and strike.
pub(crate) fn parse(symbol: &str) -> Option<(Date, Right, Decimal)> {
    let tail = symbol.len().checked_sub(15)?;
    let (_, terms) = symbol.split_at_checked(tail)?;
    let number = |range| -> Option<i64> {
        let text: &str = terms.get(range)?;
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(())?;
        text.parse().ok()
    };
    let year = i16::try_from(2_000 + number(0..2)?).ok()?;
    let month = i8::try_from(number(2..4)?).ok()?;
    let day = i8::try_from(number(4..6)?).ok()?;
    let right = match terms.get(6..7)? {
        "C" => Right::Call,
        "P" => Right::Put,
        _ => return None,
    };
    let strike = Decimal::new(number(7..15)?, 3).normalize();
    Some((Date::new(year, month, day).ok()?, right, strike))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_says_expiry_right_and_strike() {
        let day = jiff::civil::date(2026, 12, 18);
        let strike = Decimal::new(2125, 1);
        assert_eq!(
            parse("AAPL261218C00212500"),
            Some((day, Right::Call, strike))
        );
        assert_eq!(
            parse("SPXW261218P05000000"),
            Some((day, Right::Put, Decimal::from(5_000)))
        );
        for wrong in [
            "",
            "AAPL",
            "AAPL261318C00212500",
            "AAPL261218X00212500",
            "éé61218C00212500",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
