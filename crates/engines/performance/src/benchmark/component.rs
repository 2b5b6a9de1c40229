//! The parts of a benchmark and how they are blended.

use jiff::civil::Date;
use ledger::Ratio;
use money::{Currency, FxTable, f64_from_decimal};

use super::BenchmarkError;
use crate::{
    PriceSeries,
    calendar::{self, Window},
};

/// One part of a benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    /// Its name, for messages.
    pub symbol: &'a str,
    /// Its closes as traded. Where they do not contain dividends, the benchmark does not either.
    pub closes: &'a PriceSeries,
    /// Its splits, ascending; none for closes that are already adjusted for them.
    pub splits: &'a [(Date, Ratio)],
    /// The currency of its closes.
    pub currency: Currency,
    /// Its part of the whole; the parts sum to one.
    pub weight: f64,
}

/// What becomes of the weights as prices move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rebalancing {
    /// They are restored at every close: `I_d = I_{d-1} × Σ w_i p_{i,d} / p_{i,d-1}`. The usual
    /// meaning of "60/40".
    #[default]
    Daily,
    /// They hold at the first close and drift from then on: `I_d = Σ w_i p_{i,d} / p_{i,0}`.
    Never,
}

impl Component<'_> {
    /// Value by day of what was one share on the first day, in the base currency, from the first day
    /// known on, and how many days of the window that is in.
    pub(super) fn in_base(
        &self,
        fx: &FxTable,
        base: Currency,
        window: Window,
    ) -> Result<(usize, Vec<f64>), BenchmarkError> {
        let closes = self.closes.across_splits(window, self.splits);
        let rates = fx.daily(self.currency, base, window.first, window.len);
        let rated = rates.iter().position(|rate| !rate.is_nan());
        let begin = closes.begin.max(rated.unwrap_or(window.len));
        if begin == window.len {
            return Ok((begin, Vec::new()));
        }
        let (head, last) = closes.of(begin..window.len);
        let mut values = head.to_vec();
        values.resize(window.len - begin, last);
        if let Some(place) = values.iter().position(|close| *close <= 0.0) {
            return Err(BenchmarkError::NotPositive {
                symbol: self.symbol.to_owned(),
                on: window.date(begin + place),
            });
        }
        for (value, rate) in values.iter_mut().zip(rates.iter().skip(begin)) {
            *value *= rate;
        }
        for (on, ratio) in self.splits {
            let day = window.clamp(calendar::number(*on));
            let shares = f64_from_decimal(ratio.to) / f64_from_decimal(ratio.from);
            let later = values.iter_mut().skip(day.saturating_sub(begin));
            later.for_each(|value| *value *= shares);
        }
        Ok((begin, values))
    }
}

pub(super) fn check_weights(components: &[Component<'_>]) -> Result<(), BenchmarkError> {
    if components.is_empty() {
        return Err(BenchmarkError::Empty);
    }
    let wrong = |component: &&Component<'_>| component.weight <= 0.0 || component.weight.is_nan();
    if let Some(component) = components.iter().find(wrong) {
        return Err(BenchmarkError::Weight {
            symbol: component.symbol.to_owned(),
            weight: component.weight,
        });
    }
    let sum: f64 = components.iter().map(|component| component.weight).sum();
    if (sum - 1.0).abs() > 1e-9 {
        return Err(BenchmarkError::WeightSum { sum });
    }
    Ok(())
}

pub(super) fn blend(parts: &[(f64, &[f64])], rebalancing: Rebalancing) -> Vec<f64> {
    let len = parts.first().map_or(0, |(_, series)| series.len());
    match rebalancing {
        Rebalancing::Never => {
            let mut levels = vec![0.0; len];
            for (weight, series) in parts {
                let shares = series.first().map_or(0.0, |first| weight / first);
                for (level, close) in levels.iter_mut().zip(*series) {
                    *level += shares * close;
                }
            }
            levels
        }
        Rebalancing::Daily => {
            // First the growth of each day, then its product.
            let mut levels = vec![0.0; len];
            for (weight, series) in parts {
                let moves = series.iter().zip(series.iter().skip(1));
                let growth = moves.map(|(before, close)| close / before);
                for (level, growth) in levels.iter_mut().skip(1).zip(growth) {
                    *level += weight * growth;
                }
            }
            let mut index = 1.0;
            if let Some(first) = levels.first_mut() {
                *first = 1.0;
            }
            for level in &mut levels {
                index *= *level;
                *level = index;
            }
            levels
        }
    }
}
