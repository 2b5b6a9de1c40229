//! Time-weighted return: what one unit of money, left alone from the first day on, became.

use jiff::civil::Date;

use crate::{Daily, NotAvailable};

/// Time-weighted return of all days, linked daily: `Π (1 + r_d) - 1`, not annualised.
///
/// `r_d = (V_d + out_d) / (V_{d-1} + in_d) - 1`, with the value `V` at the close of a day: money that
/// comes in takes part in the day, money that goes out has taken part. A deposit therefore never
/// looks like a gain, nor a withdrawal like a loss.
///
/// A day that neither begins nor ends with a value, and on which money went one way only or not at
/// all, is no day of investing and is left out of the chain: a dividend that arrives after the last
/// share is sold, or a late fee, has no capital to be measured against. It is in the gain and in the
/// money-weighted return.
///
/// Errors: a day whose capital `V_{d-1} + in_d` is not above zero though there is something to
/// measure, a day that ends below zero, no day of investing at all.
///
/// Source: CFA Institute, Global Investment Performance Standards, "time-weighted return" by daily
/// valuation.
///
/// ```
/// use performance::{Daily, twr};
///
/// let daily = Daily {
///     value: vec![1_050.0, 2_100.0],
///     inflow: vec![1_000.0, 1_000.0],
///     outflow: vec![0.0, 0.0],
///     ..Daily::default()
/// };
/// let expected = 1_050.0 / 1_000.0 * (2_100.0 / 2_050.0) - 1.0;
/// assert!((twr(&daily)? - expected).abs() < 1e-15);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn twr(daily: &Daily) -> Result<f64, NotAvailable> {
    last_of(&twr_index(daily)?)
}

/// What one unit, invested before the first day, was worth at the close of each day; the chain of
/// [`twr`], whose conventions and errors apply.
pub fn twr_index(daily: &Daily) -> Result<Vec<f64>, NotAvailable> {
    index(&daily_returns(daily)?)
}

/// The return of each day; `None` for a day that is no day of investing.
pub(crate) fn daily_returns(daily: &Daily) -> Result<Vec<Option<f64>>, NotAvailable> {
    if daily.value.is_empty() {
        return Err(NotAvailable::EmptyPeriod);
    }
    // Below this, a value is the rounding error of a sum that is really zero.
    let largest = daily
        .value
        .iter()
        .fold(daily.opening.abs(), |most, value| most.max(value.abs()));
    if !largest.is_finite() || daily.value.iter().any(|value| value.is_nan()) {
        return Err(NotAvailable::OutOfRange);
    }
    let nothing = (largest * 1e-12).max(1e-9);
    let mut before = daily.opening;
    let mut returns = Vec::with_capacity(daily.value.len());
    let days = daily
        .value
        .iter()
        .zip(daily.inflow.iter().zip(&daily.outflow));
    for (index, (value, (inflow, outflow))) in days.enumerate() {
        let day = Day {
            before,
            inflow: *inflow,
            outflow: *outflow,
            value: *value,
        };
        returns.push(day.growth(nothing, || daily.date(index))?);
        before = *value;
    }
    if returns.iter().all(Option::is_none) {
        return Err(NotAvailable::NothingInvested);
    }
    Ok(returns)
}

struct Day {
    before: f64,
    inflow: f64,
    outflow: f64,
    value: f64,
}

impl Day {
    fn growth(&self, nothing: f64, on: impl Fn() -> Date) -> Result<Option<f64>, NotAvailable> {
        let empty = self.before.abs() <= nothing && self.value.abs() <= nothing;
        if empty && (self.inflow <= nothing || self.outflow <= nothing) {
            return Ok(None);
        }
        let (capital, result) = (self.before + self.inflow, self.value + self.outflow);
        if capital <= nothing {
            return Err(NotAvailable::NoCapital { on: on(), capital });
        }
        if result < -nothing {
            return Err(NotAvailable::BelowZero {
                on: on(),
                value: self.value,
            });
        }
        Ok(Some(result.max(0.0) / capital - 1.0))
    }
}

pub(crate) fn index(returns: &[Option<f64>]) -> Result<Vec<f64>, NotAvailable> {
    let mut level = 1.0;
    let index: Vec<f64> = returns
        .iter()
        .map(|growth| {
            level *= 1.0 + growth.unwrap_or_default();
            level
        })
        .collect();
    if level.is_finite() {
        Ok(index)
    } else {
        Err(NotAvailable::OutOfRange)
    }
}

pub(crate) fn last_of(index: &[f64]) -> Result<f64, NotAvailable> {
    index
        .last()
        .map(|level| level - 1.0)
        .ok_or(NotAvailable::EmptyPeriod)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn daily(opening: f64, days: &[(f64, f64, f64)]) -> Daily {
        Daily {
            first: date(2024, 1, 1),
            opening,
            value: days.iter().map(|day| day.0).collect(),
            inflow: days.iter().map(|day| day.1).collect(),
            outflow: days.iter().map(|day| day.2).collect(),
            ..Daily::default()
        }
    }

    #[test]
    fn flows_are_neither_gain_nor_loss() {
        let index = twr_index(&daily(
            0.0,
            &[
                (0.0, 0.0, 0.0),
                (100.0, 100.0, 0.0),
                (160.0, 50.0, 0.0),
                (80.0, 0.0, 80.0),
            ],
        ))
        .unwrap();
        let third = 160.0 / 150.0;
        assert_eq!(index, [1.0, 1.0, third, third]);
    }

    #[test]
    fn a_purchase_and_sale_within_a_day_counts() {
        assert!((twr(&daily(0.0, &[(0.0, 100.0, 101.0)])).unwrap() - 0.01).abs() < 1e-15);
    }

    #[test]
    fn income_after_the_last_sale_breaks_no_chain() {
        let days = [
            (110.0, 100.0, 0.0),
            (0.0, 0.0, 110.0),
            (0.0, 0.0, 5.0),
            (0.0, 1.0, 0.0),
        ];
        assert!((twr(&daily(0.0, &days)).unwrap() - 0.1).abs() < 1e-15);
    }

    #[test]
    fn a_total_loss_is_minus_one_for_good() {
        let days = [(0.0, 0.0, 0.0), (50.0, 50.0, 0.0)];
        assert_eq!(twr(&daily(100.0, &days)), Ok(-1.0));
    }

    #[test]
    fn what_cannot_be_measured_is_said() {
        let refusal = |opening, days: &[_]| twr(&daily(opening, days)).unwrap_err();
        assert_eq!(refusal(0.0, &[]), NotAvailable::EmptyPeriod);
        assert_eq!(
            refusal(0.0, &[(0.0, 0.0, 0.0)]),
            NotAvailable::NothingInvested
        );
        let on = date(2024, 1, 2);
        assert_eq!(
            refusal(-5.0, &[(0.0, 10.0, 0.0), (7.0, 0.0, 0.0)]),
            NotAvailable::NoCapital { on, capital: 0.0 }
        );
        assert_eq!(
            refusal(5.0, &[(5.0, 0.0, 0.0), (-7.0, 0.0, 0.0)]),
            NotAvailable::BelowZero { on, value: -7.0 }
        );
        assert_eq!(
            refusal(f64::INFINITY, &[(1.0, 0.0, 0.0)]),
            NotAvailable::OutOfRange
        );
        assert_eq!(
            refusal(1.0, &[(f64::NAN, 0.0, 0.0)]),
            NotAvailable::OutOfRange
        );
        assert_eq!(index(&[Some(f64::MAX); 2]), Err(NotAvailable::OutOfRange));
    }
}
