//! A portfolio beside a benchmark, by their returns of the same days.

use crate::{
    NotAvailable,
    ratios::TRADING_DAYS,
    sample::{Sample, at_least},
    unavailable::stated,
};

/// How a portfolio moved beside its benchmark; ratios as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Relative {
    /// Days compared.
    pub returns: usize,
    /// `cov(p, b) / var(b)`: the part of the benchmark's moves that the portfolio takes.
    pub beta: Result<f64, NotAvailable>,
    /// Jensen's alpha per year: `(1 + a)^252 - 1`, with the alpha of a day `a = (p̄ - f) - beta (b̄ -
    /// f)` and the risk-free rate of a day `f = risk_free / 252`.
    pub alpha: Result<f64, NotAvailable>,
    /// `cov(p, b) / √(var(p) var(b))`, from -1 to 1.
    pub correlation: Result<f64, NotAvailable>,
    /// Square of the correlation: the part of the portfolio's variance that goes with the benchmark.
    pub r_squared: Result<f64, NotAvailable>,
    /// Sample standard deviation (`n - 1`) of the differences of a day, times √252.
    pub tracking_error: Result<f64, NotAvailable>,
    /// Mean difference of a day × 252 ÷ tracking error.
    pub information_ratio: Result<f64, NotAvailable>,
    /// Return per year over the days on which the benchmark rose, ÷ the benchmark's over the same:
    /// each `(Π (1 + r))^(252 / days) - 1`.
    pub up_capture: Result<f64, NotAvailable>,
    /// The same over the days on which the benchmark fell; below one means that less was lost.
    pub down_capture: Result<f64, NotAvailable>,
}

/// Compares the returns of a portfolio (first of each pair) with a benchmark's (second) of the same
/// day.
///
/// Errors: fewer than two days, a return that is not finite. A single figure can be unavailable for
/// its own reason, such as a benchmark that did not move.
///
/// Source: M. Jensen, "The Performance of Mutual Funds", The Journal of Finance (1968), for alpha;
/// R. Grinold and R. Kahn, "Active Portfolio Management", for the information ratio.
///
/// ```
/// let double = [(0.02, 0.01), (-0.02, -0.01), (0.04, 0.02)];
/// let found = performance::relative(&double, 0.0)?;
/// assert!((found.beta? - 2.0).abs() < 1e-12 && found.alpha?.abs() < 1e-12);
/// assert!((found.correlation? - 1.0).abs() < 1e-12);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn relative(pairs: &[(f64, f64)], risk_free: f64) -> Result<Relative, NotAvailable> {
    let (portfolio, benchmark): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    at_least(2, &portfolio)?;
    at_least(2, &benchmark)?;
    let differences: Vec<f64> = pairs.iter().map(|(p, b)| p - b).collect();
    let line = Line::of(pairs, &portfolio, &benchmark);
    let beta = line.and_then(Line::beta);
    let correlation = line.and_then(Line::correlation);
    let active = Sample::of(&differences);
    Ok(Relative {
        returns: pairs.len(),
        beta,
        alpha: line.and_then(|line| line.alpha(risk_free / TRADING_DAYS)),
        correlation,
        r_squared: correlation.map(|correlation| correlation.powi(2)),
        tracking_error: active.and_then(|active| stated(active.deviation * TRADING_DAYS.sqrt())),
        information_ratio: active
            .and_then(|active| stated(active.mean / active.spread()? * TRADING_DAYS.sqrt())),
        up_capture: capture(pairs, |benchmark| benchmark > 0.0, NotAvailable::NoRise),
        down_capture: capture(pairs, |benchmark| benchmark < 0.0, NotAvailable::NoFall),
    })
}

/// The moments of two samples.
#[derive(Clone, Copy)]
struct Line {
    portfolio: Sample,
    benchmark: Sample,
    covariance: f64,
}

impl Line {
    fn of(
        pairs: &[(f64, f64)],
        portfolio: &[f64],
        benchmark: &[f64],
    ) -> Result<Self, NotAvailable> {
        let (portfolio, benchmark) = (Sample::of(portfolio)?, Sample::of(benchmark)?);
        let products: f64 = pairs
            .iter()
            .map(|(p, b)| (p - portfolio.mean) * (b - benchmark.mean))
            .sum();
        Ok(Self {
            portfolio,
            benchmark,
            covariance: stated(products / (pairs.len() as f64 - 1.0))?,
        })
    }

    fn beta(self) -> Result<f64, NotAvailable> {
        let spread = self
            .benchmark
            .spread()
            .map_err(|_| NotAvailable::BenchmarkFlat)?;
        stated(self.covariance / spread.powi(2))
    }

    fn alpha(self, risk_free: f64) -> Result<f64, NotAvailable> {
        let expected = risk_free + self.beta()? * (self.benchmark.mean - risk_free);
        let alpha = self.portfolio.mean - expected;
        stated((1.0 + alpha).powf(TRADING_DAYS) - 1.0)
    }

    fn correlation(self) -> Result<f64, NotAvailable> {
        let benchmark = self
            .benchmark
            .spread()
            .map_err(|_| NotAvailable::BenchmarkFlat)?;
        let correlation = self.covariance / self.portfolio.spread()? / benchmark;
        // Rounding may carry a perfect one beyond its bounds.
        stated(correlation.clamp(-1.0, 1.0))
    }
}

fn capture(
    pairs: &[(f64, f64)],
    wanted: impl Fn(f64) -> bool,
    none: NotAvailable,
) -> Result<f64, NotAvailable> {
    let chosen = || pairs.iter().filter(|(_, benchmark)| wanted(*benchmark));
    let days = chosen().count();
    if days == 0 {
        return Err(none);
    }
    let yearly = |growth: f64| growth.powf(TRADING_DAYS / days as f64) - 1.0;
    let portfolio = yearly(chosen().map(|(portfolio, _)| 1.0 + portfolio).product());
    let benchmark = yearly(chosen().map(|(_, benchmark)| 1.0 + benchmark).product());
    stated(portfolio / benchmark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_benchmark_measures_nothing() {
        let found = relative(&[(0.01, 0.0), (0.02, 0.0)], 0.0).unwrap();
        assert_eq!(found.beta, Err(NotAvailable::BenchmarkFlat));
        assert_eq!(found.alpha, Err(NotAvailable::BenchmarkFlat));
        assert_eq!(found.correlation, Err(NotAvailable::BenchmarkFlat));
        assert_eq!(found.up_capture, Err(NotAvailable::NoRise));
        assert_eq!(found.down_capture, Err(NotAvailable::NoFall));
        assert!(found.tracking_error.is_ok() && found.information_ratio.is_ok());
    }

    #[test]
    fn a_still_portfolio_has_a_beta_of_zero() {
        let found = relative(&[(0.0, 0.01), (0.0, -0.02)], 0.0).unwrap();
        assert_eq!(found.beta, Ok(0.0));
        assert_eq!(found.alpha, Ok(0.0));
        assert_eq!(found.correlation, Err(NotAvailable::NoSpread));
        assert_eq!(found.up_capture, Ok(0.0));
    }

    #[test]
    fn alpha_is_what_lies_beside_the_line() {
        // p = 0.1 % + b / 2: above a risk-free rate of 0.01 % a day alpha is 0.095 % a day.
        let pairs = [0.01, -0.01, 0.03, 0.0].map(|b: f64| (0.001 + b / 2.0, b));
        let found = relative(&pairs, 0.0252).unwrap();
        assert!((found.beta.unwrap() - 0.5).abs() < 1e-12);
        assert!((found.alpha.unwrap() - (1.00095_f64.powi(252) - 1.0)).abs() < 1e-12);
        assert!((found.r_squared.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn too_few_days_are_refused() {
        let few = NotAvailable::TooFewReturns {
            found: 1,
            needed: 2,
        };
        assert_eq!(relative(&[(0.1, 0.1)], 0.0), Err(few));
        assert_eq!(
            relative(&[(0.1, f64::NAN), (0.0, 0.0)], 0.0),
            Err(NotAvailable::OutOfRange)
        );
    }
}
