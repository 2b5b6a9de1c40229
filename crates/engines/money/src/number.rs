//! The crossing between exact decimals (money) and binary floating point (observations, statistics).

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use crate::Currency;

/// Digits after the point of `numeric(20,8)`, the form in which amounts and quantities are stored.
const STORED_DIGITS: u32 = 8;

/// The shortest decimal that reads back as the same floating-point number: 0.1 becomes 0.1, not
/// 0.1000000000000000055511151231257827.
///
/// `None` for NaN and infinities, for magnitudes a [`Decimal`] cannot hold (about 7.9e28) and for
/// numbers so small that 28 decimal places show nothing of them. Numbers with digits beyond the 28th
/// place are rounded there.
///
/// ```
/// # use rust_decimal::Decimal;
/// assert_eq!(money::decimal_from_f64(1.0845), Some(Decimal::new(10845, 4)));
/// assert_eq!(money::decimal_from_f64(f64::NAN), None);
/// ```
pub fn decimal_from_f64(value: f64) -> Option<Decimal> {
    const LARGEST: f64 = 7.922_816_251_426_433e28;
    if !value.is_finite() || value.abs() > LARGEST {
        return None;
    }
    if let Some(decimal) = few_digits(value) {
        return Some(decimal);
    }
    let mut text = Digits::default();
    // `Display` of a float is the shortest text that round-trips, never in exponent form.
    write!(text, "{value}").ok()?;
    let decimal = Decimal::from_str(text.as_str()).ok()?;
    (!decimal.is_zero() || value == 0.0).then(|| decimal.normalize())
}

/// Prices and rates have few digits, and finding these needs no text. Numerator and denominator are
/// exact, so the quotient is the float nearest to the decimal; decimals of up to fifteen digits all
/// have different floats, so no shorter one has this float.
fn few_digits(value: f64) -> Option<Decimal> {
    [0_u32, 2, 4, 6, 8].into_iter().find_map(|scale| {
        let power = POWERS_OF_TEN[scale as usize];
        let mantissa = (value * power).round();
        let exact = mantissa.abs() < 1e15 && (mantissa / power).to_bits() == value.to_bits();
        exact.then(|| Decimal::new(mantissa as i64, scale).normalize())
    })
}

/// The nearest floating-point number, for statistics and charts; never for booking.
pub fn f64_from_decimal(value: Decimal) -> f64 {
    if value.mantissa().unsigned_abs() < 1 << f64::MANTISSA_DIGITS && value.scale() <= 22 {
        // Both operands are exact, so one division rounds correctly.
        return value.mantissa() as f64 / POWERS_OF_TEN[value.scale() as usize];
    }
    // Parsing rounds correctly where the arithmetic of the decimal crate may be off in the last bit.
    let mut text = Digits::default();
    let parsed = write!(text, "{value}")
        .ok()
        .and_then(|()| text.as_str().parse().ok());
    parsed.or_else(|| value.to_f64()).unwrap_or_default()
}

/// The powers of ten that a float holds exactly.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Rounds an amount to the digits in which its currency is shown ([`Currency::digits`]), a half away
/// from zero: the commercial rounding of statements and invoices.
///
/// ```
/// # use money::{Currency, round_to_currency};
/// # use rust_decimal::Decimal;
/// assert_eq!(round_to_currency(Decimal::new(-2_345, 3), Currency::EUR), Decimal::new(-235, 2));
/// ```
pub fn round_to_currency(amount: Decimal, currency: Currency) -> Decimal {
    amount.round_dp_with_strategy(currency.digits(), RoundingStrategy::MidpointAwayFromZero)
}

/// Rounds to the eight digits that the database keeps, a half to the even neighbour, so that many
/// roundings do not drift to one side.
pub fn round_to_store(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(STORED_DIGITS, RoundingStrategy::MidpointNearestEven)
}

/// Rounds an amount that was computed (converted, or shared out) to twelve digits, a half to the even
/// neighbour: four beyond what is stored, so that the rounding never shows, and few enough that a
/// [`Decimal`] of 28 digits adds up amounts of up to sixteen digits before the point exactly, in
/// whatever order.
///
/// ```
/// # use money::round_computed;
/// # use rust_decimal::Decimal;
/// let third = Decimal::ONE / Decimal::from(3);
/// assert_eq!(round_computed(third), Decimal::new(333_333_333_333, 12));
/// ```
pub fn round_computed(amount: Decimal) -> Decimal {
    const DIGITS: u32 = 12;
    /// Powers of ten for up to 28 - 12 digits too many.
    const SHIFTS: [u64; 17] = {
        let mut powers = [1; 17];
        let mut exponent = 1;
        while exponent < 17 {
            powers[exponent] = powers[exponent - 1] * 10;
            exponent += 1;
        }
        powers
    };
    if amount.scale() <= DIGITS {
        return amount;
    }
    // The decimal crate divides by ten once per digit; this is the inner loop of replay.
    let divisor = i128::from(SHIFTS[(amount.scale() - DIGITS) as usize]);
    let quotient = amount.mantissa() / divisor;
    let remainder = amount.mantissa() - quotient * divisor;
    let twice = remainder.abs() * 2;
    let up = twice > divisor || (twice == divisor && quotient % 2 != 0);
    let rounded = if up {
        quotient + remainder.signum()
    } else {
        quotient
    };
    Decimal::from_i128_with_scale(rounded, DIGITS)
}

/// Text of a number on the stack: rates are turned into decimals inside replay, where an
/// allocation for each would show.
struct Digits {
    bytes: [u8; 64],
    length: usize,
}

impl Default for Digits {
    fn default() -> Self {
        Self {
            bytes: [0; 64],
            length: 0,
        }
    }
}

impl Digits {
    fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Write for Digits {
    /// Digits past the end are dropped: they lie beyond the 28th place, for the largest text before
    /// the point has 29.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.len() - self.length;
        let taken = text.len().min(room);
        self.bytes[self.length..self.length + taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.length += taken;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn observations_become_their_shortest_decimal() {
        for (float, text) in [
            (0.1, "0.1"),
            (148.9, "148.9"),
            (1e-10, "0.0000000001"),
            (-0.0, "0"),
            (1e28, "10000000000000000000000000000"),
            (43_099.7, "43099.7"),
        ] {
            assert_eq!(decimal_from_f64(float).unwrap(), dec(text));
        }
        for float in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            8e28,
            -1e300,
            1e-29,
            5e-324,
        ] {
            assert_eq!(decimal_from_f64(float), None, "{float}");
        }
    }

    #[test]
    fn halves_round_as_documented() {
        assert_eq!(round_to_currency(dec("0.125"), Currency::EUR), dec("0.13"));
        assert_eq!(round_to_currency(dec("-0.5"), Currency::JPY), dec("-1"));
        assert_eq!(round_to_store(dec("0.000000005")), dec("0"));
        assert_eq!(round_to_store(dec("0.000000015")), dec("0.00000002"));
    }

    proptest! {
        #[test]
        fn short_and_long_ways_agree(mantissa in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0u32..=12) {
            let float = f64_from_decimal(Decimal::new(mantissa, scale));
            prop_assert_eq!(decimal_from_f64(float).unwrap().to_string(), float.to_string());
        }

        #[test]
        fn a_price_survives_the_way_there_and_back(value in 1e-8..1e12f64) {
            let decimal = decimal_from_f64(value).unwrap();
            prop_assert_eq!(f64_from_decimal(decimal).to_bits(), value.to_bits());
        }

        #[test]
        fn every_decimal_goes_to_its_nearest_float(mantissa in any::<i64>(), scale in 0u32..=28) {
            let decimal = Decimal::new(mantissa, scale);
            let nearest: f64 = decimal.to_string().parse().unwrap();
            prop_assert_eq!(f64_from_decimal(decimal).to_bits(), nearest.to_bits());
        }

        #[test]
        fn computed_amounts_round_half_to_even(mantissa in any::<i64>(), high in any::<u32>(), scale in 0u32..=28) {
            let amount = Decimal::from_i128_with_scale(i128::from(mantissa) << 30 | i128::from(high >> 2), scale);
            prop_assert_eq!(round_computed(amount), amount.round_dp(12));
            let halves = Decimal::new(mantissa / 10 * 10 + 5, 13);
            prop_assert_eq!(round_computed(halves), halves.round_dp(12));
        }

        #[test]
        fn no_float_panics(bits in any::<u64>()) {
            if let Some(decimal) = decimal_from_f64(f64::from_bits(bits)) {
                let value = f64::from_bits(bits);
                prop_assert!((f64_from_decimal(decimal) - value).abs() <= value.abs() * 1e-15 + 1e-28);
            }
        }
    }
}
