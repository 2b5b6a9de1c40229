//! Dated exchange rates and the way from any currency to any other.

mod daily;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{Currency, decimal_from_f64};

/// Beyond these a rate is an error: the smallest coin against the largest is worth about 10^-14.
const SMALLEST: f64 = 1e-15;
const LARGEST: f64 = 1e15;

/// An observation: on a day, one unit of the first currency cost this many of the second.
type Observation = (Date, Currency, Currency, f64);

/// A rate and the day on which it was observed, so that a caller can show its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FxRate {
    /// Units of the target currency for one unit of the source currency.
    pub rate: Decimal,
    /// Day of the observation; of the older one where two were combined.
    pub observed_on: Date,
}

/// Exchange rates by day: "1 base = rate quote".
///
/// A rate is found, for a day, as the freshest of
/// 1. the pair as observed,
/// 2. the inverse of the opposite pair,
/// 3. the way through one other currency that has rates with both (tables of central banks have a
///    single base), dated as the older of its two legs.
///
/// Where several are equally fresh, the first in this list wins, and among other currencies the
/// first in the alphabet. An observation counts from its day on, never before, for ever: no maximal
/// age is applied, but [`FxRate::observed_on`] tells it.
///
/// ```
/// use jiff::civil::date;
/// use money::{Currency, FxTable};
/// use rust_decimal::Decimal;
///
/// let fx = FxTable::from_iter([
///     (date(2024, 1, 2), Currency::EUR, Currency::USD, 1.25),
///     (date(2024, 1, 2), Currency::EUR, Currency::GBP, 0.75),
/// ]);
/// let rate = fx.rate(Currency::USD, Currency::GBP, date(2024, 1, 6)).unwrap();
/// assert_eq!(rate.rate, Decimal::new(6, 1));
/// assert_eq!(rate.observed_on, date(2024, 1, 2));
/// assert!(fx.rate(Currency::USD, Currency::GBP, date(2024, 1, 1)).is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FxTable {
    /// By (base, quote), in the order of days, one observation a day.
    pairs: BTreeMap<(Currency, Currency), Vec<(Date, f64)>>,
    /// Which currencies have a rate with a currency, either way round.
    neighbours: BTreeMap<Currency, BTreeSet<Currency>>,
}

impl FxTable {
    /// A table without rates: only identities are known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an observation; one of the same pair and day is replaced. `false` when it was left out
    /// because it states no rate: not a number from 10^-15 to 10^15, or both currencies the same.
    pub fn insert(&mut self, date: Date, base: Currency, quote: Currency, rate: f64) -> bool {
        let Some(series) = self.series_for(base, quote, rate) else {
            return false;
        };
        match series.binary_search_by_key(&date, |(day, _)| *day) {
            Ok(index) => series[index].1 = rate,
            Err(index) => series.insert(index, (date, rate)),
        }
        true
    }

    /// `true` when there is not a single observation.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Units of `to` for one unit of `from`, as last observed on or before `date`; `None` when
    /// nothing was. The arithmetic is decimal, to 28 digits.
    pub fn rate(&self, from: Currency, to: Currency, date: Date) -> Option<FxRate> {
        if from == to {
            return Some(FxRate {
                rate: Decimal::ONE,
                observed_on: date,
            });
        }
        match self.way(from, to, date)? {
            Way::Direct(leg) => leg.exact(),
            Way::Through(first, second) => {
                let (first, second) = (first.exact()?, second.exact()?);
                Some(FxRate {
                    rate: first.rate.checked_mul(second.rate)?,
                    observed_on: first.observed_on.min(second.observed_on),
                })
            }
        }
    }

    /// The same rate as [`FxTable::rate`] in floating point, for statistics.
    pub fn rate_f64(&self, from: Currency, to: Currency, date: Date) -> Option<(f64, Date)> {
        if from == to {
            return Some((1.0, date));
        }
        Some(match self.way(from, to, date)? {
            Way::Direct(leg) => (leg.float(), leg.observed_on),
            Way::Through(first, second) => (
                first.float() * second.float(),
                first.observed_on.min(second.observed_on),
            ),
        })
    }

    fn series_for(
        &mut self,
        base: Currency,
        quote: Currency,
        rate: f64,
    ) -> Option<&mut Vec<(Date, f64)>> {
        if base == quote || !(SMALLEST..=LARGEST).contains(&rate) {
            return None;
        }
        Some(self.pairs.entry((base, quote)).or_insert_with(|| {
            self.neighbours.entry(base).or_default().insert(quote);
            self.neighbours.entry(quote).or_default().insert(base);
            Vec::new()
        }))
    }

    fn way(&self, from: Currency, to: Currency, date: Date) -> Option<Way> {
        let mut best = self.leg(from, to, date).map(Way::Direct);
        for pivot in self.pivots(from, to) {
            let legs = (self.leg(from, pivot, date), self.leg(pivot, to, date));
            if let (Some(head), Some(tail)) = legs {
                let way = Way::Through(head, tail);
                if best.is_none_or(|best| way.observed_on() > best.observed_on()) {
                    best = Some(way);
                }
            }
        }
        best
    }

    /// Currencies with rates to both, in alphabetical order.
    fn pivots(&self, from: Currency, to: Currency) -> impl Iterator<Item = Currency> {
        let pair = self.neighbours.get(&from).zip(self.neighbours.get(&to));
        pair.into_iter()
            .flat_map(|(near, far)| near.intersection(far).copied())
    }

    fn leg(&self, from: Currency, to: Currency, date: Date) -> Option<Leg> {
        let last = |base, quote| {
            let series = self.pairs.get(&(base, quote))?;
            let after = series.partition_point(|(day, _)| *day <= date);
            series[..after].last().copied()
        };
        let direct = last(from, to).map(|(observed_on, rate)| Leg {
            rate,
            inverse: false,
            observed_on,
        });
        let inverse = last(to, from).map(|(observed_on, rate)| Leg {
            rate,
            inverse: true,
            observed_on,
        });
        match (direct, inverse) {
            (Some(direct), Some(inverse)) if inverse.observed_on > direct.observed_on => {
                Some(inverse)
            }
            (Some(direct), _) => Some(direct),
            (None, inverse) => inverse,
        }
    }
}

#[derive(Clone, Copy)]
enum Way {
    Direct(Leg),
    Through(Leg, Leg),
}

impl Way {
    fn observed_on(self) -> Date {
        match self {
            Self::Direct(leg) => leg.observed_on,
            Self::Through(first, second) => first.observed_on.min(second.observed_on),
        }
    }
}

#[derive(Clone, Copy)]
struct Leg {
    rate: f64,
    inverse: bool,
    observed_on: Date,
}

impl Leg {
    fn float(self) -> f64 {
        if self.inverse {
            self.rate.recip()
        } else {
            self.rate
        }
    }

    /// `None` when the rate, or its inverse, is beyond what a decimal can hold.
    fn exact(self) -> Option<FxRate> {
        let observed = decimal_from_f64(self.rate)?;
        let rate = if self.inverse {
            Decimal::ONE.checked_div(observed)?
        } else {
            observed
        };
        (!rate.is_zero()).then_some(FxRate {
            rate,
            observed_on: self.observed_on,
        })
    }
}

impl Extend<Observation> for FxTable {
    /// Adds many observations in any order; of several for one pair and day the last counts. Those
    /// that state no rate are left out, as by [`FxTable::insert`].
    fn extend<I: IntoIterator<Item = Observation>>(&mut self, observations: I) {
        let mut unsorted = BTreeSet::new();
        for (date, base, quote, rate) in observations {
            let Some(series) = self.series_for(base, quote, rate) else {
                continue;
            };
            if series.last().is_some_and(|(day, _)| *day >= date) {
                unsorted.insert((base, quote));
            }
            series.push((date, rate));
        }
        for pair in unsorted {
            let Some(series) = self.pairs.get_mut(&pair) else {
                continue;
            };
            // Newest first, then a stable sort: the later of two equal days comes first and stays.
            series.reverse();
            series.sort_by_key(|(day, _)| *day);
            series.dedup_by_key(|(day, _)| *day);
        }
    }
}

impl FromIterator<Observation> for FxTable {
    fn from_iter<I: IntoIterator<Item = Observation>>(observations: I) -> Self {
        let mut table = Self::new();
        table.extend(observations);
        table
    }
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    use super::*;

    const EUR: Currency = Currency::EUR;
    const USD: Currency = Currency::USD;
    const GBP: Currency = Currency::GBP;
    const CHF: Currency = Currency::CHF;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn identity_needs_no_observation() {
        let day = date(2024, 5, 1);
        let rate = FxTable::new().rate(EUR, EUR, day).unwrap();
        assert_eq!(
            rate,
            FxRate {
                rate: Decimal::ONE,
                observed_on: day
            }
        );
    }

    #[test]
    fn a_rate_counts_from_its_day_on_and_never_before() {
        let fx = FxTable::from_iter([
            (date(2024, 1, 5), EUR, USD, 1.25),
            (date(2024, 1, 2), EUR, USD, 1.2),
        ]);
        assert_eq!(fx.rate(EUR, USD, date(2024, 1, 1)), None);
        assert_eq!(
            fx.rate(EUR, USD, date(2024, 1, 4)).unwrap().rate,
            dec("1.2")
        );
        let inverse = fx.rate(USD, EUR, date(2030, 1, 1)).unwrap();
        assert_eq!(
            (inverse.rate, inverse.observed_on),
            (dec("0.8"), date(2024, 1, 5))
        );
    }

    #[test]
    fn the_freshest_way_wins_then_the_shortest_then_the_alphabet() {
        let mut fx = FxTable::from_iter([
            (date(2015, 1, 1), USD, CHF, 9.0),
            (date(2024, 1, 2), EUR, USD, 1.25),
            (date(2024, 1, 2), EUR, CHF, 1.0),
            (date(2024, 1, 2), GBP, USD, 2.0),
            (date(2024, 1, 2), GBP, CHF, 1.0),
        ]);
        // The direct pair is years old; through EUR (before GBP in the alphabet) it is 1 / 1.25.
        assert_eq!(
            fx.rate(USD, CHF, date(2024, 1, 3)).unwrap().rate,
            dec("0.8")
        );
        assert_eq!(fx.rate(USD, CHF, date(2020, 1, 3)).unwrap().rate, dec("9"));
        assert!(fx.insert(date(2024, 1, 2), USD, CHF, 0.9));
        assert_eq!(
            fx.rate(USD, CHF, date(2024, 1, 3)).unwrap().rate,
            dec("0.9")
        );
    }

    #[test]
    fn what_states_no_rate_is_left_out() {
        let mut fx = FxTable::new();
        for rate in [0.0, -1.0, 1e-16, 1e16, f64::NAN, f64::INFINITY] {
            assert!(!fx.insert(date(2024, 1, 1), EUR, USD, rate));
        }
        assert!(!fx.insert(date(2024, 1, 1), EUR, EUR, 1.0));
        assert!(fx.is_empty());
    }

    #[test]
    fn the_last_of_two_observations_of_a_day_counts() {
        let day = date(2024, 1, 1);
        let fx = FxTable::from_iter([
            (date(2024, 1, 9), EUR, USD, 3.0),
            (day, EUR, USD, 1.0),
            (day, EUR, USD, 2.0),
        ]);
        assert_eq!(fx.rate(EUR, USD, day).unwrap().rate, dec("2"));
    }

    proptest! {
        #[test]
        fn the_daily_pass_equals_the_single_question(
            observations in prop::collection::vec((0i32..40, 0usize..4, 0usize..4, 0.1..10.0f64), 0..60),
            start in -10i32..40,
        ) {
            let currencies = [EUR, USD, GBP, CHF];
            let origin = date(2024, 1, 1);
            let fx: FxTable = observations.into_iter()
                .map(|(day, base, quote, rate)| (origin + day.days(), currencies[base], currencies[quote], rate))
                .collect();
            let first = origin + start.days();
            for from in currencies {
                for to in currencies {
                    for (offset, rate) in (0i32..).zip(fx.daily(from, to, first, 30)) {
                        let asked = fx.rate_f64(from, to, first + offset.days());
                        prop_assert_eq!(asked.is_none(), rate.is_nan());
                        if let Some((asked, _)) = asked {
                            prop_assert!((asked - rate).abs() <= rate * 1e-15);
                        }
                    }
                }
            }
        }
    }
}
