//! What a portfolio is compared with: an instrument, an index, or a mix of several.

use jiff::civil::Date;
use ledger::Finding;
use money::{Currency, FxTable};
use thiserror::Error;

use crate::{
    calendar::{self, Window},
    finding,
};

mod component;

pub use component::{Component, Rebalancing};
use component::{blend, check_weights};

/// Why a benchmark cannot be stated; the text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BenchmarkError {
    /// No component at all.
    #[error("the benchmark has no instrument: name at least one")]
    Empty,
    /// A weight that is not above zero.
    #[error("the weight of {symbol} in the benchmark is {weight}: it must be above 0")]
    Weight {
        /// The component.
        symbol: String,
        /// Its weight.
        weight: f64,
    },
    /// The weights are not one.
    #[error("the weights of the benchmark sum to {sum}: they must sum to 1")]
    WeightSum {
        /// Their sum.
        sum: f64,
    },
    /// There is no close, or no exchange rate, by a day that needs one.
    #[error(
        "the benchmark {symbol} has no price, or no exchange rate, on or before {on}: load its prices back to that day"
    )]
    NoPrice {
        /// The component that is known last.
        symbol: String,
        /// The day.
        on: Date,
    },
    /// A close that is not above zero.
    #[error("the benchmark {symbol} has a price of zero or less on {on}: correct its prices")]
    NotPositive {
        /// The component.
        symbol: String,
        /// The day.
        on: Date,
    },
    /// The level is beyond what a number can tell.
    #[error("the benchmark is out of range by {on}: one of its prices is probably wrong")]
    OutOfRange {
        /// The day.
        on: Date,
    },
    /// The benchmark was made for other days than the portfolio's.
    #[error("the benchmark covers {from} to {to}, but the portfolio has flows on {on}")]
    OtherDays {
        /// First day of the benchmark.
        from: Date,
        /// Its last day.
        to: Date,
        /// The day that it does not have.
        on: Date,
    },
}

/// A benchmark as an index by calendar day, in the base currency of the portfolio: one at the first
/// close known, from the day before its first day on.
#[derive(Clone, Debug, PartialEq)]
pub struct Benchmark {
    /// The day before its first day.
    eve: Date,
    /// The days from `eve` on that have no level.
    unknown: usize,
    /// From the first day that is known to the last day.
    levels: Vec<f64>,
    /// The component that is known last.
    last_known: String,
    findings: Vec<Finding>,
}

impl Benchmark {
    /// Blends components into an index of the days from `from` to `to` and the day before `from`.
    ///
    /// Closes and exchange rates hold until the next ones. The index begins where all components are
    /// known, which may be later than `from`; figures that need an earlier day then say so. A close
    /// that is too old for the last day is a finding.
    ///
    /// Errors: no component, weights that are not above zero or do not sum to one (to 10^-9), a price
    /// that is not above zero, nothing known by `to`.
    pub fn new(
        components: &[Component<'_>],
        rebalancing: Rebalancing,
        fx: &FxTable,
        base: Currency,
        (from, to): (Date, Date),
    ) -> Result<Self, BenchmarkError> {
        check_weights(components)?;
        let window = Window::new(calendar::after(from, -1), to);
        let mut closes = Vec::with_capacity(components.len());
        let mut last: Option<(usize, &str)> = None;
        let mut findings = Vec::new();
        for component in components {
            let (begin, series) = component.in_base(fx, base, window)?;
            if last.is_none_or(|(known, _)| begin > known) {
                last = Some((begin, component.symbol));
            }
            closes.push((component.weight, begin, series));
            if let Some((price_on, _)) = component.closes.at(to) {
                findings.extend(finding::stale_price(component.symbol, price_on, to));
            }
        }
        let (unknown, last_known) = last.ok_or(BenchmarkError::Empty)?;
        if unknown >= window.len {
            return Err(BenchmarkError::NoPrice {
                symbol: last_known.to_owned(),
                on: to,
            });
        }
        let parts: Vec<(f64, &[f64])> = closes
            .iter()
            .map(|(weight, begin, series)| {
                let known = series.get(unknown - begin..).unwrap_or_default();
                (*weight, known)
            })
            .collect();
        let levels = blend(&parts, rebalancing);
        if let Some(place) = levels
            .iter()
            .position(|level| !level.is_finite() || *level <= 0.0)
        {
            let on = window.date(unknown + place);
            return Err(BenchmarkError::OutOfRange { on });
        }
        Ok(Self {
            eve: window.first,
            unknown,
            levels,
            last_known: last_known.to_owned(),
            findings,
        })
    }

    /// The level at the close of a day; `None` before all components are known, and beyond its days.
    pub fn level(&self, day: Date) -> Option<f64> {
        let place = usize::try_from(calendar::number(day) - calendar::number(self.eve)).ok()?;
        self.levels.get(place.checked_sub(self.unknown)?).copied()
    }

    /// The day of the first level.
    pub fn known_from(&self) -> Date {
        calendar::after(self.eve, self.unknown as i64)
    }

    /// Return of the days from `from` to `to`: from the close of the day before `from`, or from the
    /// first level if that is later; `None` where the last day has no level.
    pub fn return_between(&self, from: Date, to: Date) -> Option<f64> {
        let start = calendar::after(from, -1).max(self.known_from());
        let end = self.level(to)?;
        self.level(start.min(to)).map(|start| end / start - 1.0)
    }

    /// Return of all its days.
    pub fn total_return(&self) -> f64 {
        let ends = self.levels.first().zip(self.levels.last());
        ends.map_or(0.0, |(first, last)| last / first - 1.0)
    }

    /// What is doubtful: the last close of a component is old.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The levels of the days from `first` on and of the day before it; `None` where unknown.
    pub(crate) fn levels_from(&self, first: Date) -> impl Iterator<Item = Option<f64>> {
        let skip = calendar::number(first) - 1 - calendar::number(self.eve);
        let (skip, early) = (
            usize::try_from(skip).unwrap_or(0),
            usize::try_from(-skip).unwrap_or(0),
        );
        let unknown = self.unknown.saturating_sub(skip) + early;
        let known = skip.saturating_sub(self.unknown);
        std::iter::repeat_n(None, unknown)
            .chain(self.levels.iter().skip(known).map(|level| Some(*level)))
    }

    /// Why a day has no level.
    pub(crate) fn missing(&self, on: Date) -> BenchmarkError {
        let from = calendar::after(self.eve, 1);
        let days = self.unknown + self.levels.len();
        let to = calendar::after(self.eve, days as i64 - 1);
        if on < self.eve || on > to {
            return BenchmarkError::OtherDays { from, to, on };
        }
        BenchmarkError::NoPrice {
            symbol: self.last_known.clone(),
            on,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ledger::Ratio;

    use super::*;
    use crate::PriceSeries;

    const FIRST: Date = date(2024, 1, 1);
    const EUR: Currency = Currency::EUR;

    fn series(closes: &[f64]) -> PriceSeries {
        let days = (0_i64..).map(|day| calendar::after(FIRST, day));
        PriceSeries::new(days.zip(closes.iter().copied()))
    }

    fn component(closes: &PriceSeries, weight: f64) -> Component<'_> {
        Component {
            symbol: "X",
            closes,
            splits: &[],
            currency: EUR,
            weight,
        }
    }

    fn levels(
        components: &[Component<'_>],
        rebalancing: Rebalancing,
        from: Date,
        to: Date,
    ) -> Result<Vec<Option<f64>>, BenchmarkError> {
        let benchmark = Benchmark::new(components, rebalancing, &FxTable::new(), EUR, (from, to))?;
        Ok(benchmark.levels_from(from).collect())
    }

    fn near(found: &[Option<f64>], expected: &[Option<f64>]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.is_some(), expected.is_some());
            assert!((found.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn weights_are_restored_every_day_or_drift() {
        let (up, flat) = (series(&[1.0, 2.0, 4.0]), series(&[10.0, 10.0, 10.0]));
        let mix = [component(&up, 0.5), component(&flat, 0.5)];
        let (from, to) = (date(2024, 1, 2), date(2024, 1, 3));
        let daily = levels(&mix, Rebalancing::Daily, from, to).unwrap();
        near(&daily, &[Some(1.0), Some(1.5), Some(2.25)]);
        let never = levels(&mix, Rebalancing::Never, from, to).unwrap();
        near(&never, &[Some(1.0), Some(1.5), Some(2.5)]);
    }

    #[test]
    fn a_split_is_no_loss_and_a_currency_counts() {
        let closes = series(&[100.0, 50.0, 60.0]);
        let mut fx = FxTable::new();
        assert!(fx.insert(FIRST, Currency::USD, EUR, 1.0));
        assert!(fx.insert(date(2024, 1, 3), Currency::USD, EUR, 0.5));
        let two_for_one = Ratio {
            to: 2.into(),
            from: 1.into(),
        };
        let splits = [(date(2024, 1, 2), two_for_one)];
        let share = Component {
            splits: &splits,
            currency: Currency::USD,
            ..component(&closes, 1.0)
        };
        let days = (date(2024, 1, 2), date(2024, 1, 3));
        let benchmark = Benchmark::new(&[share], Rebalancing::Daily, &fx, EUR, days).unwrap();
        let found: Vec<_> = benchmark.levels_from(days.0).collect();
        near(&found, &[Some(1.0), Some(1.0), Some(0.6)]);
        assert!((benchmark.total_return() + 0.4).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let (whole, late) = (series(&[1.0; 5]), series(&[]));
        let days = (FIRST, date(2024, 1, 5));
        let refused = levels(&[component(&late, 1.0)], Rebalancing::Daily, days.0, days.1);
        let symbol = || "X".to_owned();
        assert_eq!(
            refused,
            Err(BenchmarkError::NoPrice {
                symbol: symbol(),
                on: days.1
            })
        );
        // Known from the first day on, but not on the day before it.
        let found = levels(&[component(&whole, 1.0)], Rebalancing::Never, days.0, FIRST);
        near(&found.unwrap(), &[None, Some(1.0)]);
        let bad = series(&[1.0, 0.0]);
        assert_eq!(
            levels(&[component(&bad, 1.0)], Rebalancing::Daily, days.0, days.1),
            Err(BenchmarkError::NotPositive {
                symbol: symbol(),
                on: date(2024, 1, 2)
            })
        );
        let old = (FIRST, date(2024, 3, 1));
        let old = Benchmark::new(
            &[component(&whole, 1.0)],
            Rebalancing::Daily,
            &FxTable::new(),
            EUR,
            old,
        );
        assert_eq!(old.unwrap().findings()[0].code, "stale_price");
    }

    #[test]
    fn weights_must_make_a_whole() {
        let closes = series(&[1.0]);
        let refused = |weights: &[f64]| {
            let mix: Vec<_> = weights
                .iter()
                .map(|weight| component(&closes, *weight))
                .collect();
            levels(&mix, Rebalancing::Daily, FIRST, FIRST).unwrap_err()
        };
        assert_eq!(refused(&[]), BenchmarkError::Empty);
        assert_eq!(
            refused(&[0.5, 0.25]),
            BenchmarkError::WeightSum { sum: 0.75 }
        );
        for weight in [0.0, -1.0, f64::NAN] {
            let found = refused(&[1.0, weight]);
            assert!(matches!(found, BenchmarkError::Weight { .. }), "{found:?}");
        }
    }

    #[test]
    fn levels_line_up_with_other_days() {
        let closes = series(&[1.0, 2.0, 3.0, 4.0]);
        let one = [component(&closes, 1.0)];
        let days = (date(2024, 1, 2), date(2024, 1, 4));
        let fx = FxTable::new();
        let benchmark = Benchmark::new(&one, Rebalancing::Daily, &fx, EUR, days).unwrap();
        let from = |first| benchmark.levels_from(first).collect::<Vec<_>>();
        near(
            &from(date(2024, 1, 1)),
            &[None, Some(1.0), Some(2.0), Some(3.0), Some(4.0)],
        );
        near(&from(date(2024, 1, 4)), &[Some(3.0), Some(4.0)]);
        assert_eq!(benchmark.level(date(2023, 12, 31)), None);
        assert_eq!(benchmark.known_from(), FIRST);
        // From the close of 1 January, where prices begin: 1 to 2, to 3, to 4.
        let grown = |from, to| benchmark.return_between(from, to).map(f64::round);
        assert_eq!(grown(date(2023, 5, 1), date(2024, 1, 2)), Some(1.0));
        assert_eq!(grown(date(2024, 1, 2), date(2024, 1, 4)), Some(3.0));
        assert_eq!(grown(date(2024, 1, 3), date(2024, 1, 4)), Some(1.0));
        assert_eq!(grown(FIRST, date(2024, 1, 5)), None);
        assert_eq!(grown(FIRST, date(2023, 12, 31)), None);
        let beyond = benchmark.missing(date(2024, 1, 5));
        assert!(matches!(beyond, BenchmarkError::OtherDays { .. }));
    }
}
