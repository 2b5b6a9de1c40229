//! How rough the way was: drawdown and volatility.

use jiff::civil::{Date, Weekday};

use crate::{Daily, NotAvailable, annual_volatility, calendar, twr::daily_returns};

/// The deepest fall below an earlier peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    /// `trough / peak - 1`, never positive: -0.25 is a fall by a quarter.
    pub depth: f64,
    /// The day of the peak; the day before the first when the fall began at once.
    pub peak_on: Date,
    /// The day on which the fall was deepest.
    pub trough_on: Date,
    /// The first day after it that was as high as the peak; `None` while there is none.
    pub recovered_on: Option<Date>,
}

/// The deepest fall of an index from a peak, `min_d (I_d / max_{e <= d} I_e - 1)`, of
/// [`crate::twr_index`], so that deposits and withdrawals neither hide nor make a fall. `first` is the
/// day of the first element; before it the index is one. Of equally deep falls the first is told.
/// Without any fall the depth is zero, and peak, trough and recovery are the day before the first.
///
/// ```
/// use jiff::civil::date;
/// use performance::drawdown;
///
/// let fall = drawdown(date(2024, 1, 1), &[1.1, 0.88, 1.2])?;
/// assert!((fall.depth + 0.2).abs() < 1e-15);
/// assert_eq!((fall.peak_on, fall.trough_on), (date(2024, 1, 1), date(2024, 1, 2)));
/// assert_eq!(fall.recovered_on, Some(date(2024, 1, 3)));
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn drawdown(first: Date, index: &[f64]) -> Result<Drawdown, NotAvailable> {
    if index.is_empty() {
        return Err(NotAvailable::EmptyPeriod);
    }
    let (mut peak, mut peak_at) = (1.0, -1);
    let (mut depth, mut fall) = (0.0, None);
    for (at, level) in (0_i64..).zip(index) {
        if !level.is_finite() {
            return Err(NotAvailable::OutOfRange);
        }
        if *level >= peak {
            (peak, peak_at) = (*level, at);
        } else if level / peak - 1.0 < depth {
            depth = level / peak - 1.0;
            fall = Some((peak, peak_at, at));
        }
    }
    let (peak, peak_at, trough_at) = fall.unwrap_or((1.0, -1, -1));
    let day = |at| calendar::after(first, at);
    let mut later = (0_i64..).zip(index).filter(|(at, _)| *at > trough_at);
    Ok(Drawdown {
        depth,
        peak_on: day(peak_at),
        trough_on: day(trough_at),
        recovered_on: if fall.is_none() {
            Some(day(-1))
        } else {
            later
                .find(|(_, level)| **level >= peak)
                .map(|(at, _)| day(at))
        },
    })
}

/// Annualised volatility: the sample standard deviation (`n - 1`) of daily returns, times √252.
///
/// Portfolios are valued on calendar days, but markets of shares rest at weekends, so the returns
/// of Monday to Friday are used, and what moved on Saturday and Sunday (crypto) is folded into
/// Monday. Holidays on weekdays stay as returns of zero, which lowers the figure by about two
/// percent of itself against a count of trading days. Days on which nothing was invested are left
/// out. Returns and their errors are those of [`crate::twr`]; at least two are needed.
pub fn volatility(daily: &Daily) -> Result<f64, NotAvailable> {
    annual_volatility(&weekday_returns(daily)?)
}

/// The returns of Monday to Friday that [`volatility`] and the other figures of risk are made of:
/// those of [`crate::twr`], with its errors, those of weekends folded into Monday's; days on which
/// nothing was invested are left out.
pub fn weekday_returns(daily: &Daily) -> Result<Vec<f64>, NotAvailable> {
    Ok(fold_weekends(daily.first, &daily_returns(daily)?))
}

/// One return per weekday; a weekend at the very end has no Monday and is left out.
pub(crate) fn fold_weekends(first: Date, returns: &[Option<f64>]) -> Vec<f64> {
    let single = returns.iter().map(|growth| growth.map(|growth| [growth]));
    let folded = fold(first, single);
    folded.into_iter().map(|[growth]| growth).collect()
}

/// The same for several series at once, on the days on which all are known.
pub(crate) fn fold<const N: usize>(
    first: Date,
    returns: impl ExactSizeIterator<Item = Option<[f64; N]>>,
) -> Vec<[f64; N]> {
    // Days since the Monday of the first week.
    let offset = usize::try_from(first.weekday().since(Weekday::Monday)).unwrap_or(0);
    let mut weekdays = Vec::with_capacity(returns.len() * 5 / 7 + 5);
    let mut folded: Option<[f64; N]> = None;
    for (day, growth) in (offset..).zip(returns) {
        if let Some(growth) = growth {
            let factors = folded.get_or_insert([1.0; N]);
            factors
                .iter_mut()
                .zip(growth)
                .for_each(|(factor, growth)| *factor *= 1.0 + growth);
        }
        if day % 7 < 5
            && let Some(factors) = folded.take()
        {
            weekdays.push(factors.map(|factor| factor - 1.0));
        }
    }
    weekdays
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn weekends_fold_into_monday() {
        // 2024-01-05 is a Friday.
        let returns = [
            Some(0.01),
            Some(0.1),
            Some(0.1),
            Some(-0.1),
            None,
            Some(0.02),
            None,
        ];
        let weekdays = fold_weekends(date(2024, 1, 5), &returns);
        let expected = [0.01, 1.1 * 1.1 * 0.9 - 1.0, 0.02];
        assert_eq!(weekdays.len(), expected.len());
        for (found, expected) in weekdays.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn a_known_sample() {
        // Returns 1 %, -1 %, 2 %: mean 2/3 %, sum of squares 14/3 e-4, variance 7/3 e-4.
        let returns = [0.01, -0.01, 0.02];
        let found = annual_volatility(&returns).unwrap();
        assert!((found - (7.0 / 3.0 * 1e-4 * 252.0_f64).sqrt()).abs() < 1e-15);
        let few = annual_volatility(&returns[..1]);
        assert_eq!(
            few,
            Err(NotAvailable::TooFewReturns {
                found: 1,
                needed: 2
            })
        );
    }

    #[test]
    fn a_fall_may_begin_at_once_and_may_last() {
        let fall = drawdown(date(2024, 1, 1), &[0.9, 0.95, 0.6]).unwrap();
        assert_eq!((fall.depth, fall.peak_on), (-0.4, date(2023, 12, 31)));
        assert_eq!(
            (fall.trough_on, fall.recovered_on),
            (date(2024, 1, 3), None)
        );
        let none = drawdown(date(2024, 1, 1), &[1.0, 1.5]).unwrap();
        assert_eq!(
            (none.depth, none.recovered_on),
            (0.0, Some(date(2023, 12, 31)))
        );
        assert_eq!(
            drawdown(date(2024, 1, 1), &[]),
            Err(NotAvailable::EmptyPeriod)
        );
        assert_eq!(
            drawdown(date(2024, 1, 1), &[f64::NAN]),
            Err(NotAvailable::OutOfRange)
        );
    }
}
