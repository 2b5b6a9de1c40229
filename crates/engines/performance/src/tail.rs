//! How bad a bad day is: value at risk and what is lost beyond it.

use std::f64::consts::TAU;

use crate::{
    NotAvailable,
    sample::{Sample, at_least},
    unavailable::stated,
};

/// How sure a statement about bad days is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// 95 %: one day in 20 is worse.
    P95,
    /// 99 %: one day in 100 is worse.
    P99,
}

/// A bad day, as returns: losses are negative. `cvar` is never above `var`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailRisk {
    /// Value at risk: the return that all but the worst days exceed.
    pub var: f64,
    /// Conditional value at risk (expected shortfall): the mean return of those worst days.
    pub cvar: f64,
}

impl Confidence {
    /// The part of days that is worse.
    fn tail(self) -> f64 {
        match self {
            Self::P95 => 0.05,
            Self::P99 => 0.01,
        }
    }

    /// Days of which one is worse.
    fn one_in(self) -> usize {
        match self {
            Self::P95 => 20,
            Self::P99 => 100,
        }
    }

    /// The quantile of the standard normal distribution at [`Confidence::tail`].
    fn quantile(self) -> f64 {
        match self {
            Self::P95 => -1.644_853_626_951_472_2,
            Self::P99 => -2.326_347_874_040_840_8,
        }
    }
}

/// Bad days as they were: of `n` returns in ascending order `x_0, x_1, ...`, VaR is the quantile at
/// `h = (n - 1) p`, between `x_⌊h⌋` and the next in proportion to the rest of `h`; CVaR is the mean of
/// `x_0` to `x_⌊h⌋`. `p` is 5 % or 1 %; both are returns of one day.
///
/// Errors: fewer than 20 returns (95 %) or 100 (99 %): the worst day in a hundred cannot be read
/// from fifty.
///
/// Source: R. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American
/// Statistician (1996), type 7; P. Artzner and others, "Coherent Measures of Risk", Mathematical
/// Finance (1999).
pub fn historical_tail(returns: &[f64], confidence: Confidence) -> Result<TailRisk, NotAvailable> {
    let mut sorted = returns.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    tail_of_sorted(&sorted, confidence)
}

/// Bad days if returns were normally distributed with the mean `m` and sample deviation `s` that they
/// had: `VaR = m + z_p s`, `CVaR = m - s φ(z_p) / p`. Real returns have fatter tails, so this is
/// usually too mild at 99 %; it moves less from period to period.
///
/// Errors: fewer than two returns.
///
/// Source: P. Jorion, "Value at Risk" (the delta-normal method).
pub fn normal_tail(returns: &[f64], confidence: Confidence) -> Result<TailRisk, NotAvailable> {
    let Sample { mean, deviation } = Sample::of(returns)?;
    let z = confidence.quantile();
    let density = (-z * z / 2.0).exp() / TAU.sqrt();
    Ok(TailRisk {
        var: stated(mean + z * deviation)?,
        cvar: stated(mean - deviation * density / confidence.tail())?,
    })
}

/// [`historical_tail`] of returns in ascending order.
pub(crate) fn tail_of_sorted(
    sorted: &[f64],
    confidence: Confidence,
) -> Result<TailRisk, NotAvailable> {
    at_least(confidence.one_in(), sorted)?;
    let place = (sorted.len() - 1) as f64 * confidence.tail();
    let (below, rest) = (place.floor() as usize, place.fract());
    let mut worst = sorted.iter().take(below + 1);
    let sum: f64 = worst.by_ref().sum();
    let low = sorted.get(below).copied().unwrap_or_default();
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    let mean = sum / (below + 1) as f64;
    Ok(TailRisk {
        var: stated(low + (high - low) * rest)?,
        // Rounding may lift the mean of equal numbers above them.
        cvar: stated(mean.min(low))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_known_days() {
        // -20 to +20 in steps of one: the 5 % quantile of 41 is the third lowest, exactly.
        let returns: Vec<f64> = (-20..=20).rev().map(f64::from).collect();
        let bad = historical_tail(&returns, Confidence::P95).unwrap();
        assert_eq!((bad.var, bad.cvar), (-18.0, -19.0));
        // Of 21, the second lowest; of 31, half-way between the second and the third.
        let some: Vec<f64> = (0..31).map(f64::from).collect();
        let bad = historical_tail(&some, Confidence::P95).unwrap();
        assert!((bad.var - 1.5).abs() < 1e-12);
        assert!((bad.cvar - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_normal_tail_of_a_standard_sample() {
        // Mean zero, deviation one: the tabulated quantiles and expected shortfalls.
        let half = 0.5_f64.sqrt();
        let bad = |confidence| normal_tail(&[-half, half], confidence).unwrap();
        let (p95, p99) = (bad(Confidence::P95), bad(Confidence::P99));
        assert!((p95.var + 1.644_854).abs() < 1e-6 && (p95.cvar + 2.062_713).abs() < 1e-6);
        assert!((p99.var + 2.326_348).abs() < 1e-6 && (p99.cvar + 2.665_214).abs() < 1e-6);
    }

    #[test]
    fn rare_days_cannot_be_read_from_few() {
        let few = |found, needed| Err(NotAvailable::TooFewReturns { found, needed });
        assert_eq!(historical_tail(&[0.0; 19], Confidence::P95), few(19, 20));
        assert_eq!(historical_tail(&[0.0; 99], Confidence::P99), few(99, 100));
        assert_eq!(normal_tail(&[0.0], Confidence::P95), few(1, 2));
        assert!(historical_tail(&[0.0; 100], Confidence::P99).is_ok());
        let mut wild = [0.0; 20];
        wild[3] = f64::NAN;
        assert_eq!(
            historical_tail(&wild, Confidence::P95),
            Err(NotAvailable::OutOfRange)
        );
    }
}
