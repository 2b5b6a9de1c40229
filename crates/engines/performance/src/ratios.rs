//! Return for the risk that was taken.
//!
//! The functions take daily returns, such as those of [`crate::weekday_returns`], and state yearly
//! figures with 252 trading days to the year, by convention.

use crate::{
    NotAvailable,
    sample::{Sample, at_least},
    unavailable::stated,
};

/// Trading days in a year, by convention: the factor that makes daily figures yearly ones.
pub const TRADING_DAYS: f64 = 252.0;

/// What a return would be per year: `(1 + total)^(1 / years) - 1`.
///
/// Periods of less than a year are not extrapolated by [`crate::statistics`], which counts years as
/// days / 365, as [`crate::xirr`] does; both agree when there is no flow.
///
/// Errors: a loss of more than everything, a length that is not above zero.
pub fn annual_return(total: f64, years: f64) -> Result<f64, NotAvailable> {
    if total < -1.0 || years <= 0.0 {
        return Err(NotAvailable::OutOfRange);
    }
    stated((1.0 + total).powf(1.0 / years) - 1.0)
}

/// Sample standard deviation (`n - 1`) of daily returns, times √252.
///
/// Errors: fewer than two returns.
pub fn annual_volatility(returns: &[f64]) -> Result<f64, NotAvailable> {
    stated(Sample::of(returns)?.deviation * TRADING_DAYS.sqrt())
}

/// Sharpe ratio: `(mean - f) / s × √252`, with the sample standard deviation `s` (`n - 1`) and the
/// risk-free rate of a day `f = risk_free / 252`.
///
/// Errors: fewer than two returns, returns that do not differ.
///
/// Source: W. F. Sharpe, "The Sharpe Ratio", The Journal of Portfolio Management (1994).
///
/// ```
/// // Mean 1 %, deviation 1 %.
/// let found = performance::sharpe(&[0.0, 0.01, 0.02], 0.0)?;
/// assert!((found - 252.0_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn sharpe(returns: &[f64], risk_free: f64) -> Result<f64, NotAvailable> {
    let sample = Sample::of(returns)?;
    let excess = sample.mean - risk_free / TRADING_DAYS;
    stated(excess / sample.spread()? * TRADING_DAYS.sqrt())
}

/// Downside deviation per year: `√(Σ min(r - t, 0)² / n) × √252`, over all `n` returns and not only
/// those below the target of a day `t = target / 252`. Zero when no return lies below it.
///
/// Errors: no return.
pub fn downside_deviation(returns: &[f64], target: f64) -> Result<f64, NotAvailable> {
    stated(downside(returns, target / TRADING_DAYS)? * TRADING_DAYS.sqrt())
}

/// Sortino ratio: `(mean - t) × 252 / downside deviation`, with the target of a day `t = target /
/// 252`.
///
/// Errors: no return, no return below the target.
///
/// Source: F. Sortino and L. Price, "Performance Measurement in a Downside Risk Framework", The
/// Journal of Investing (1994).
pub fn sortino(returns: &[f64], target: f64) -> Result<f64, NotAvailable> {
    let target = target / TRADING_DAYS;
    let downside = downside(returns, target)?;
    if downside == 0.0 {
        return Err(NotAvailable::NoDownside);
    }
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    stated((mean - target) / downside * TRADING_DAYS.sqrt())
}

/// Calmar ratio: return per year ÷ |maximum drawdown|, both of the whole period.
///
/// Errors: no drawdown.
///
/// Source: T. W. Young, "Calmar Ratio: A Smoother Tool", Futures (1991); there over three years.
pub fn calmar(annual_return: f64, max_drawdown: f64) -> Result<f64, NotAvailable> {
    if max_drawdown == 0.0 {
        return Err(NotAvailable::NoDrawdown);
    }
    stated(annual_return / max_drawdown.abs())
}

fn downside(returns: &[f64], target: f64) -> Result<f64, NotAvailable> {
    at_least(1, returns)?;
    let squares: f64 = returns
        .iter()
        .map(|growth| (growth - target).min(0.0).powi(2))
        .sum();
    stated((squares / returns.len() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Result<f64, NotAvailable>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    #[test]
    fn a_return_per_year_compounds_to_the_whole() {
        near(annual_return(0.21, 2.0), 0.1);
        near(annual_return(-1.0, 3.0), -1.0);
        assert_eq!(annual_return(-1.1, 1.0), Err(NotAvailable::OutOfRange));
        assert_eq!(annual_return(0.1, 0.0), Err(NotAvailable::OutOfRange));
        assert_eq!(annual_return(1e300, 1e-3), Err(NotAvailable::OutOfRange));
    }

    #[test]
    fn only_what_lies_below_the_target_is_downside() {
        // Squares 1e-4 and 0 of two returns.
        let yearly = 252.0_f64.sqrt();
        near(
            downside_deviation(&[-0.01, 0.03], 0.0),
            5e-5_f64.sqrt() * yearly,
        );
        near(
            sortino(&[-0.01, 0.03], 0.0),
            0.01 / 5e-5_f64.sqrt() * yearly,
        );
        // A target of 1 % a day: -2 % and +2 % about it, mean equal to it.
        near(sortino(&[-0.01, 0.03], 2.52), 0.0);
        near(downside_deviation(&[0.01, 0.03], 0.0), 0.0);
        assert_eq!(sortino(&[0.01, 0.03], 0.0), Err(NotAvailable::NoDownside));
    }

    #[test]
    fn a_ratio_without_a_divisor_says_why() {
        assert_eq!(sharpe(&[0.01; 5], 0.0), Err(NotAvailable::NoSpread));
        let few = NotAvailable::TooFewReturns {
            found: 0,
            needed: 1,
        };
        assert_eq!(sortino(&[], 0.0), Err(few));
        assert_eq!(calmar(0.1, 0.0), Err(NotAvailable::NoDrawdown));
        near(calmar(0.1, -0.2), 0.5);
        assert_eq!(sharpe(&[0.0, 0.1], f64::NAN), Err(NotAvailable::OutOfRange));
    }
}
