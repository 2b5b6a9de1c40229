//! Sums over daily returns, shared by the figures of risk.

use crate::NotAvailable;

/// Mean and spread of some returns.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) mean: f64,
    /// Sample standard deviation, divisor `n - 1`.
    pub(crate) deviation: f64,
}

impl Sample {
    /// Errors: fewer than two returns, a return that is not finite.
    pub(crate) fn of(returns: &[f64]) -> Result<Self, NotAvailable> {
        at_least(2, returns)?;
        let count = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / count;
        let squares: f64 = returns.iter().map(|growth| (growth - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0)).sqrt();
        if deviation.is_finite() {
            Ok(Self { mean, deviation })
        } else {
            Err(NotAvailable::OutOfRange)
        }
    }

    /// The deviation, if it is one: equal returns leave a rest of rounding.
    pub(crate) fn spread(self) -> Result<f64, NotAvailable> {
        if self.deviation > 1e-12 * self.mean.abs() && self.deviation > 0.0 {
            Ok(self.deviation)
        } else {
            Err(NotAvailable::NoSpread)
        }
    }
}

/// Refuses fewer returns than are needed, and any that is not finite.
pub(crate) fn at_least(needed: usize, returns: &[f64]) -> Result<(), NotAvailable> {
    let found = returns.len();
    if found < needed {
        return Err(NotAvailable::TooFewReturns { found, needed });
    }
    if returns.iter().all(|growth| growth.is_finite()) {
        Ok(())
    } else {
        Err(NotAvailable::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_returns_have_no_spread() {
        let same = Sample::of(&[0.1; 7]).unwrap();
        assert_eq!(same.spread(), Err(NotAvailable::NoSpread));
        assert_eq!(
            Sample::of(&[0.0; 2]).unwrap().spread(),
            Err(NotAvailable::NoSpread)
        );
        let two = Sample::of(&[0.1, 0.3]).unwrap();
        assert!((two.spread().unwrap() - 0.02_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        let few = NotAvailable::TooFewReturns {
            found: 1,
            needed: 2,
        };
        assert_eq!(Sample::of(&[0.1]).err(), Some(few));
        for wild in [f64::NAN, f64::INFINITY, f64::MAX] {
            assert_eq!(
                Sample::of(&[wild, -wild]).err(),
                Some(NotAvailable::OutOfRange)
            );
        }
    }
}
