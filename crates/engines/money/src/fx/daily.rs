//! Rates for day after day, in one pass over the observations.

use jiff::civil::Date;

use super::FxTable;
use crate::Currency;

impl FxTable {
    /// [`FxTable::rate_f64`] for each of `len` days from `first` on, in one pass. Days before the
    /// first observation are NaN, which is for the inner loops of valuation: callers replace or
    /// leave out those days, no figure may carry it on. Once a day has a rate, all later ones have.
    pub fn daily(&self, from: Currency, to: Currency, first: Date, len: usize) -> Vec<f64> {
        if from == to {
            return vec![1.0; len];
        }
        let mut best = self.daily_leg(from, to, first, len);
        for pivot in self.pivots(from, to) {
            let legs = (
                self.daily_leg(from, pivot, first, len),
                self.daily_leg(pivot, to, first, len),
            );
            for (day, (head, tail)) in best.iter_mut().zip(legs.0.into_iter().zip(legs.1)) {
                let observed = head.observed.min(tail.observed);
                if observed > day.observed {
                    *day = DailyRate {
                        observed,
                        rate: head.rate * tail.rate,
                    };
                }
            }
        }
        best.into_iter().map(|day| day.rate).collect()
    }

    fn daily_leg(&self, from: Currency, to: Currency, first: Date, len: usize) -> Vec<DailyRate> {
        let mut days = vec![DailyRate::UNKNOWN; len];
        if let Some(series) = self.pairs.get(&(from, to)) {
            fill(&mut days, series, first, |rate| rate);
        }
        if let Some(series) = self.pairs.get(&(to, from)) {
            fill(&mut days, series, first, f64::recip);
        }
        days
    }
}

/// Writes each observation into the days from its own to the next one's, where it is the freshest.
fn fill(days: &mut [DailyRate], series: &[(Date, f64)], first: Date, orient: impl Fn(f64) -> f64) {
    // The last observation before the first day still holds on it.
    let start = series
        .partition_point(|(day, _)| *day <= first)
        .saturating_sub(1);
    let mut observations = series[start..]
        .iter()
        .map(|(date, rate)| (days_since(first, *date), *rate));
    let mut next = observations.next();
    while let Some((observed, rate)) = next {
        next = observations.next();
        let begin = usize::try_from(observed).unwrap_or(0);
        if begin >= days.len() {
            break;
        }
        let end = next.map_or(days.len(), |(day, _)| {
            days.len().min(usize::try_from(day).unwrap_or(0))
        });
        let rate = orient(rate);
        for day in &mut days[begin..end] {
            if observed > day.observed {
                *day = DailyRate { observed, rate };
            }
        }
    }
}

fn days_since(first: Date, date: Date) -> i64 {
    date.duration_since(first).as_hours() / 24
}

/// A rate of one day inside [`FxTable::daily`]; days are counted from the first one asked for.
#[derive(Clone, Copy)]
struct DailyRate {
    observed: i64,
    rate: f64,
}

impl DailyRate {
    const UNKNOWN: Self = Self {
        observed: i64::MIN,
        rate: f64::NAN,
    };
}
