//! Every fall of an index below a peak, with its length.

use jiff::civil::Date;

use crate::{Drawdown, NotAvailable, calendar};

impl Drawdown {
    /// Calendar days from the peak to the deepest point.
    pub fn days_down(&self) -> usize {
        days(self.peak_on, self.trough_on)
    }

    /// Calendar days from the deepest point to the recovery; `None` while there is none.
    pub fn days_up(&self) -> Option<usize> {
        self.recovered_on
            .map(|recovered| days(self.trough_on, recovered))
    }

    /// Calendar days from the peak to the recovery, or so far until a day.
    pub fn days_under_water(&self, until: Date) -> usize {
        days(self.peak_on, self.recovered_on.unwrap_or(until))
    }
}

/// All falls of an index from a peak, in the order of time; the index and its conventions are those
/// of [`crate::drawdown`], whose fall is the deepest of these.
///
/// A fall begins at the last day that was as high as any before and ends on the first day that is as
/// high again; the next one can begin there. The last fall may not have ended.
///
/// Errors: no day, a level that is not finite.
///
/// ```
/// use jiff::civil::date;
/// use performance::drawdowns;
///
/// let falls = drawdowns(date(2024, 1, 1), &[0.9, 1.0, 1.25, 1.0, 1.2])?;
/// assert_eq!(falls.len(), 2);
/// assert_eq!((falls[0].recovered_on, falls[0].days_under_water(date(2024, 1, 5))), (Some(date(2024, 1, 2)), 2));
/// assert_eq!((falls[1].peak_on, falls[1].days_down(), falls[1].days_up()), (date(2024, 1, 3), 1, None));
/// assert!((falls[1].depth + 0.2).abs() < 1e-12);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn drawdowns(first: Date, index: &[f64]) -> Result<Vec<Drawdown>, NotAvailable> {
    if index.is_empty() {
        return Err(NotAvailable::EmptyPeriod);
    }
    let day = |at| calendar::after(first, at);
    let (mut peak, mut peak_at) = (1.0, -1);
    let mut falls: Vec<Drawdown> = Vec::new();
    let mut falling = false;
    for (at, level) in (0_i64..).zip(index) {
        if !level.is_finite() {
            return Err(NotAvailable::OutOfRange);
        }
        let open = falls.last_mut().filter(|_| falling);
        if *level >= peak {
            if let Some(fall) = open {
                fall.recovered_on = Some(day(at));
            }
            falling = false;
            (peak, peak_at) = (*level, at);
            continue;
        }
        let depth = level / peak - 1.0;
        match open {
            Some(fall) if depth < fall.depth => {
                fall.depth = depth;
                fall.trough_on = day(at);
            }
            // A level so little below the peak that their ratio is one is no fall.
            None if depth < 0.0 => {
                falling = true;
                falls.push(Drawdown {
                    depth,
                    peak_on: day(peak_at),
                    trough_on: day(at),
                    recovered_on: None,
                });
            }
            _ => {}
        }
    }
    Ok(falls)
}

fn days(from: Date, to: Date) -> usize {
    calendar::length(from, to).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::drawdown;

    #[test]
    fn each_fall_is_told_once() {
        let first = date(2024, 1, 1);
        let index = [1.0, 0.8, 0.5, 0.9, 1.0, 1.0, 0.9, 1.1, 1.1, 0.55];
        let falls = drawdowns(first, &index).unwrap();
        let told: Vec<_> = falls
            .iter()
            .map(|fall| (fall.peak_on.day(), fall.trough_on.day(), fall.recovered_on))
            .collect();
        assert_eq!(
            told,
            [
                (1, 3, Some(date(2024, 1, 5))),
                (6, 7, Some(date(2024, 1, 8))),
                (9, 10, None)
            ]
        );
        assert_eq!((falls[0].days_down(), falls[0].days_up()), (2, Some(2)));
        assert_eq!(falls[2].days_under_water(date(2024, 1, 10)), 1);
        assert_eq!(falls[0], drawdown(first, &index).unwrap());
    }

    #[test]
    fn without_a_fall_there_is_none() {
        let first = date(2024, 1, 1);
        assert_eq!(drawdowns(first, &[1.0, 1.0, 2.0]), Ok(Vec::new()));
        assert_eq!(drawdowns(first, &[]), Err(NotAvailable::EmptyPeriod));
        assert_eq!(drawdowns(first, &[f64::NAN]), Err(NotAvailable::OutOfRange));
    }
}
