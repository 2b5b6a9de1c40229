//! Decimal fixed point: the numbers inside a replay.
//!
//! Amounts are whole numbers of 10^-12, quantities of 10^-16. That is finer than anything stored
//! (10^-8), sums are exact in whatever order, and adding, comparing and sharing out cost a few
//! instructions where a floating decimal needs hundreds. Only conversion, sharing out and splits round,
//! half to even.

use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use rust_decimal::Decimal;

use crate::Ratio;

/// A figure is beyond 10^15, a thousand times what the database can hold. Sums of 10^11 figures
/// within the limit still fit, so adding up needs no check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

/// No figure of an entry may be larger, in units.
pub(crate) const LIMIT: u64 = 1_000_000_000_000_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fixed<const DIGITS: u32>(i128);

/// Money.
pub(crate) type Amount = Fixed<12>;
/// Shares. The digits beyond the stored ones keep a third of a share after a split.
pub(crate) type Quantity = Fixed<16>;

/// An amount in the two currencies in which an instrument is booked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Both {
    /// In the instrument's currency; without an instrument, in the base currency.
    pub(crate) asset: Amount,
    /// In the portfolio's base currency.
    pub(crate) base: Amount,
}

impl<const DIGITS: u32> Fixed<DIGITS> {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) const ONE: Self = Self(power_of_ten(DIGITS));

    /// The smallest figure that a database row can state, eight digits after the point.
    pub(crate) const SMALLEST_STORED: Self = Self(power_of_ten(DIGITS - 8));

    /// Digits beyond the last are rounded.
    #[inline]
    pub(crate) fn new(figure: Decimal) -> Result<Self, Overflow> {
        let (mantissa, scale) = (figure.mantissa(), figure.scale());
        let units = if scale <= DIGITS {
            mantissa
                .checked_mul(power_of_ten(DIGITS - scale))
                .ok_or(Overflow)?
        } else {
            divide(mantissa, power_of_ten(scale - DIGITS))
        };
        Self(units).within_limit()
    }

    pub(crate) fn within_limit(self) -> Result<Self, Overflow> {
        let limit = const { LIMIT as u128 * 10_u128.pow(DIGITS) };
        if self.0.unsigned_abs() <= limit {
            Ok(self)
        } else {
            Err(Overflow)
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// In a ratio of new for old.
    pub(crate) fn in_ratio(self, ratio: Ratio) -> Result<Self, Overflow> {
        if ratio == Ratio::ONE {
            return Ok(self);
        }
        let product = self.decimal().checked_mul(ratio.to).ok_or(Overflow)?;
        Self::new(product.checked_div(ratio.from).unwrap_or(Decimal::MAX))
    }

    /// With a rate of exchange.
    pub(crate) fn times(self, rate: Decimal) -> Result<Self, Overflow> {
        /// A mantissa of 28 digits is multiplied in two halves of fourteen.
        const HALF: u32 = 14;
        let (mantissa, scale) = (rate.mantissa(), rate.scale());
        if let Some(product) = self.0.checked_mul(mantissa) {
            return Self(divide(product, power_of_ten(scale))).within_limit();
        }
        if scale < HALF {
            let product = self.decimal().checked_mul(rate).ok_or(Overflow)?;
            return Self::new(product);
        }
        let half = power_of_ten(HALF);
        let low = self.0.checked_mul(mantissa % half).ok_or(Overflow)?;
        let high = self.0.checked_mul(mantissa / half).ok_or(Overflow)?;
        // What is cut off here is less than one part in 10^14 of the last digit but one; it only
        // matters to tell a half from slightly more, so it stays as a sticky last digit.
        let sticky = (low % half).signum();
        let sum = (high + low / half).checked_mul(10).ok_or(Overflow)? + sticky;
        Self(divide(sum, power_of_ten(scale - HALF + 1))).within_limit()
    }

    /// `self * part / whole` for `0 <= part <= whole`. The difference to `self` is the other part, so
    /// that nothing is lost.
    pub(crate) fn share(self, part: Quantity, whole: Quantity) -> Self {
        if part >= whole {
            return self;
        }
        if let Some(product) = self.0.checked_mul(part.0) {
            return Self(divide(product, whole.0));
        }
        // Figures this large have no use for the last digits.
        let ratio = part
            .decimal()
            .checked_div(whole.decimal())
            .unwrap_or_default();
        let share = self
            .decimal()
            .checked_mul(ratio)
            .and_then(|share| Self::new(share).ok());
        share.unwrap_or_default()
    }

    /// With few digits where few suffice.
    pub(crate) fn decimal(self) -> Decimal {
        const MANTISSA: i128 = 1 << 96;
        for digits in [0, 2, 8] {
            // A multiple of 10^n ends in n binary zeros: most others need no division to be told.
            if self.0.trailing_zeros() >= DIGITS - digits {
                let unit = power_of_ten(DIGITS - digits);
                let quotient = quotient(self.0, unit);
                if quotient * unit == self.0 && quotient.abs() < MANTISSA {
                    return Decimal::from_i128_with_scale(quotient, digits);
                }
            }
        }
        let (mut units, mut digits) = (self.0, DIGITS);
        while units.abs() >= MANTISSA {
            units = divide(units, 10);
            digits -= 1;
        }
        Decimal::from_i128_with_scale(units, digits)
    }
}

/// Rounds half to even; the divisor is positive.
fn divide(dividend: i128, divisor: i128) -> i128 {
    let quotient = quotient(dividend, divisor);
    let remainder = dividend - quotient * divisor;
    let distance = divisor - remainder.abs();
    let up = remainder.abs() > distance || (remainder.abs() == distance && quotient & 1 == 1);
    if up {
        quotient + remainder.signum()
    } else {
        quotient
    }
}

/// Most figures fit 64 bits, where division is one instruction instead of a hundred.
fn quotient(dividend: i128, divisor: i128) -> i128 {
    match (i64::try_from(dividend), i64::try_from(divisor)) {
        (Ok(dividend), Ok(divisor)) => (dividend / divisor).into(),
        _ => dividend / divisor,
    }
}

/// Up to 10^28.
const fn power_of_ten(exponent: u32) -> i128 {
    const POWERS: [i128; 29] = {
        let mut powers = [1; 29];
        let mut exponent = 1;
        while exponent < powers.len() {
            powers[exponent] = powers[exponent - 1] * 10;
            exponent += 1;
        }
        powers
    };
    POWERS[exponent as usize]
}

impl<const DIGITS: u32> Add for Fixed<DIGITS> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl<const DIGITS: u32> Sub for Fixed<DIGITS> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl<const DIGITS: u32> Neg for Fixed<DIGITS> {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl<const DIGITS: u32> AddAssign for Fixed<DIGITS> {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl<const DIGITS: u32> SubAssign for Fixed<DIGITS> {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Both {
    pub(crate) fn share(self, part: Quantity, whole: Quantity) -> Self {
        let asset = self.asset.share(part, whole);
        let same = self.asset == self.base;
        Self {
            asset,
            base: if same {
                asset
            } else {
                self.base.share(part, whole)
            },
        }
    }
}

impl Both {
    /// The smaller amount in each currency.
    pub(crate) fn min(self, other: Self) -> Self {
        Self {
            asset: self.asset.min(other.asset),
            base: self.base.min(other.base),
        }
    }
}

impl Add for Both {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            asset: self.asset + other.asset,
            base: self.base + other.base,
        }
    }
}

impl Sub for Both {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            asset: self.asset - other.asset,
            base: self.base - other.base,
        }
    }
}

impl Neg for Both {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            asset: -self.asset,
            base: -self.base,
        }
    }
}

impl AddAssign for Both {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Both {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn amount(text: &str) -> Amount {
        Amount::new(dec(text)).unwrap()
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (exact, rounded) in [
            ("0.0000000000005", "0"),
            ("0.0000000000015", "0.000000000002"),
            ("-0.0000000000025", "-0.000000000002"),
            ("0.00000000000050001", "0.000000000001"),
            ("123.45", "123.45"),
        ] {
            assert_eq!(amount(exact).decimal(), dec(rounded), "{exact}");
        }
    }

    #[test]
    fn a_figure_beyond_the_limit_is_refused() {
        assert!(Amount::new(Decimal::from(LIMIT)).is_ok());
        for figure in [Decimal::from(LIMIT + 1), Decimal::MAX, Decimal::MIN] {
            assert_eq!(Amount::new(figure), Err(Overflow));
        }
        assert_eq!(amount("1000000000000000").times(dec("1.1")), Err(Overflow));
        assert_eq!(amount("1").times(Decimal::MAX), Err(Overflow));
    }

    #[test]
    fn a_rate_of_28_digits_is_used_to_its_end() {
        let rate = Decimal::ONE / dec("1.0845");
        assert_eq!(amount("1084.5").times(rate), Ok(amount("1000")));
        assert_eq!(
            amount("-1084500000000").times(rate),
            Ok(amount("-1000000000000"))
        );
    }

    #[test]
    fn shares_of_the_largest_figures_stay_right() {
        let whole = Quantity::new(Decimal::from(LIMIT)).unwrap();
        let quarter = Quantity::new(Decimal::from(LIMIT / 4)).unwrap();
        let total = Amount::new(Decimal::from(LIMIT)).unwrap();
        assert_eq!(
            total.share(quarter, whole),
            Amount::new(Decimal::from(LIMIT / 4)).unwrap()
        );
        assert_eq!(total.share(whole, whole), total);
    }

    #[test]
    fn sums_beyond_28_digits_lose_only_last_digits() {
        let mut sum = amount("1000000000000000") + amount("0.000000000001");
        for _ in 0..10 {
            sum += sum;
        }
        assert_eq!(sum.decimal(), dec("1024000000000000000.000000001"));
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_the_decimal_crate(
            mantissa in -1_000_000_000_000_000_i64..1_000_000_000_000_000,
            scale in 0u32..=12,
            rate in 1i64..1_000_000_000_000,
            rate_scale in 0u32..=12,
            part in 1u32..1_000,
            rest in 1u32..1_000,
        ) {
            let figure = Decimal::new(mantissa, scale);
            let fixed = Amount::new(figure).unwrap();
            prop_assert_eq!(fixed.decimal(), figure);
            for rate in [Decimal::new(rate, rate_scale), Decimal::ONE / Decimal::new(rate, rate_scale)] {
                if let Ok(product) = fixed.times(rate) {
                    // The decimal crate has 28 digits in all, the last of which may be off.
                    let exact = figure * rate;
                    prop_assert!((product.decimal() - exact).abs() <= Decimal::new(6, 13));
                }
            }
            let (part, whole) = (Decimal::from(part), Decimal::from(part + rest));
            let share = fixed.share(Quantity::new(part).unwrap(), Quantity::new(whole).unwrap());
            let exact = figure * part / whole;
            prop_assert!((share.decimal() - exact).abs() <= Decimal::new(6, 13));
        }
    }
}
