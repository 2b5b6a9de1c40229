//! Money-weighted return: the interest rate at which an account with the same flows would have done
//! as well.

use jiff::civil::Date;
use thiserror::Error;

use crate::calendar;

/// Days in a year, by the convention of spreadsheets (actual/365): leap years do not count.
const DAYS_PER_YEAR: f64 = 365.0;

/// Rates are looked for from a loss of all but a millionth a year...
const LOWEST: f64 = -0.999_999;
/// ...to 650-fold a year.
const HIGHEST: f64 = 650.0;

/// An internal rate of return.
#[derive(Clone, Debug, PartialEq)]
pub struct Xirr {
    /// Per year of 365 days; 0.12 is 12 %.
    pub rate: f64,
    /// Other rates that explain the same flows, ascending. When there is one, the answer is not
    /// unique, and no figure should be built on it without saying so.
    pub other_roots: Vec<f64>,
}

/// Why there is no internal rate of return; the text is a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum XirrError {
    /// Flows of one direction alone.
    #[error(
        "a money-weighted return needs money that went in and money, or a value, that came out"
    )]
    OneSign,
    /// All flows on one day.
    #[error("a money-weighted return needs flows on at least two days")]
    OneDay,
    /// No rate in the range that is searched.
    #[error("no rate between -99.9999 % and 65,000 % a year explains these flows")]
    NoRoot,
    /// A flow is not known in the base currency.
    #[error("an exchange rate is missing, so a part of the flows is not known: import it first")]
    MissingRate,
    /// A flow is NaN or infinite.
    #[error("one of the flows is not a finite number")]
    NotFinite,
}

/// The yearly rate `r` with `Σ a_i / (1 + r)^((d_i - d_0) / 365) = 0`, `d_0` the earliest date;
/// flows in any order, what is paid in negative and what comes back positive (or the other way
/// round).
///
/// Flows that change direction more than once can have several such rates. All that are found
/// between -99.9999 % and 65,000 % are told; the one nearest to zero is [`Xirr::rate`], because the
/// others are artefacts of flows that dwarf what is invested. Where the number of possible rates is
/// known to be one (Laguerre's rule of signs for the partial sums of the flows) it is bracketed at once;
/// else the range is scanned in steps of 2 % of growth up to a factor of e a year and 10 % beyond, so
/// two rates closer than that can be overlooked together.
///
/// Source: the definition of XIRR in spreadsheets; E. Laguerre, "Sur la théorie des équations
/// numériques" (1883).
///
/// ```
/// use jiff::civil::date;
///
/// let flows = [(date(2010, 1, 1), -200.0), (date(2010, 12, 31), 210.0)];
/// let found = performance::xirr(&flows)?;
/// assert!((found.rate - 0.050_140_750).abs() < 1e-9);
/// assert!(found.other_roots.is_empty());
/// # Ok::<(), performance::XirrError>(())
/// ```
pub fn xirr(flows: &[(Date, f64)]) -> Result<Xirr, XirrError> {
    let series = Series::new(flows)?;
    let mut roots: Vec<f64> = [series.losses(), series.gains()].concat();
    roots.extend(series.balanced().then_some(0.0));
    roots.sort_by(f64::total_cmp);
    let nearest = (0..roots.len()).min_by(|a, b| roots[*a].abs().total_cmp(&roots[*b].abs()));
    let rate = nearest
        .map(|index| roots.remove(index))
        .ok_or(XirrError::NoRoot)?;
    Ok(Xirr {
        rate,
        other_roots: roots,
    })
}

/// Net present value `Σ a_i / (1 + rate)^((d_i - d_0) / 365)` as of the earliest date `d_0`; `None`
/// without flows, for a rate of -100 % or less, and when the sum is out of range.
pub fn xnpv(rate: f64, flows: &[(Date, f64)]) -> Option<f64> {
    let first = calendar::number(flows.iter().map(|(day, _)| *day).min()?);
    if rate <= -1.0 {
        return None;
    }
    let present = |(day, amount): &(Date, f64)| {
        let years = f64::from(calendar::number(*day) - first) / DAYS_PER_YEAR;
        amount / (1.0 + rate).powf(years)
    };
    Some(flows.iter().map(present).sum::<f64>()).filter(|sum| sum.is_finite())
}

/// Flows by day. A rate is written as `x = ln(1 + r)`, growth per year.
struct Series {
    amounts: Vec<f64>,
    /// Days since the flow before; zero for the first.
    gaps: Vec<u32>,
}

impl Series {
    fn new(flows: &[(Date, f64)]) -> Result<Self, XirrError> {
        if flows.iter().any(|(_, amount)| !amount.is_finite()) {
            return Err(XirrError::NotFinite);
        }
        let mut by_day: Vec<(i32, f64)> = flows
            .iter()
            .filter(|(_, amount)| *amount != 0.0)
            .map(|(day, amount)| (calendar::number(*day), *amount))
            .collect();
        by_day.sort_by_key(|(day, _)| *day);
        by_day.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0.0 };
            same
        });
        let (Some(first), Some(last)) = (by_day.first(), by_day.last()) else {
            return Err(XirrError::OneSign);
        };
        if first.0 == last.0 {
            return Err(XirrError::OneDay);
        }
        if sign_changes(by_day.iter().map(|(_, amount)| *amount)) == 0 {
            return Err(XirrError::OneSign);
        }
        let mut day = first.0;
        let gaps = by_day
            .iter()
            .map(|(next, _)| next.abs_diff(std::mem::replace(&mut day, *next)));
        let gaps = gaps.collect();
        Ok(Self {
            amounts: by_day.into_iter().map(|(_, amount)| amount).collect(),
            gaps,
        })
    }

    /// As much came back as was paid: a rate of zero, but for the rounding of the sum.
    fn balanced(&self) -> bool {
        let size: f64 = self.amounts.iter().map(|amount| amount.abs()).sum();
        self.amounts.iter().sum::<f64>().abs() <= size * 1e-15
    }

    /// Positive rates.
    fn gains(&self) -> Vec<f64> {
        let limit = sign_changes(partial_sums(self.amounts.iter()));
        self.roots::<false>(limit, HIGHEST.ln_1p())
    }

    /// Negative rates.
    fn losses(&self) -> Vec<f64> {
        let limit = sign_changes(partial_sums(self.amounts.iter().rev()));
        self.roots::<true>(limit, LOWEST.ln_1p().abs())
    }

    /// Rates on one side of zero, of which there are `limit` at most, up to a growth or decline of
    /// `bound`.
    fn roots<const LOSS: bool>(&self, limit: usize, bound: f64) -> Vec<f64> {
        const LANES: usize = 8;
        if limit == 0 {
            return Vec::new();
        }
        // Zero itself is a root of balanced flows and belongs to neither side.
        let start = if self.balanced() { 1e-6 } else { 0.0 };
        let grid = if limit == 1 {
            vec![start, bound]
        } else {
            grid(start, bound)
        };
        let mut roots = Vec::new();
        let mut previous: Option<(f64, f64)> = None;
        for chunk in grid.chunks(LANES) {
            let mut lanes = [bound; LANES];
            lanes[..chunk.len()].copy_from_slice(chunk);
            let levels = self.levels::<LOSS, LANES>(lanes);
            for (x, level) in chunk.iter().copied().zip(levels) {
                if let Some(low) = previous.filter(|low| crosses(low.1, level)) {
                    roots.push(self.refine::<LOSS>(low, (x, level)));
                }
                previous = Some((x, level));
            }
        }
        roots
            .into_iter()
            .map(|x| if LOSS { (-x).exp_m1() } else { x.exp_m1() })
            .collect()
    }

    /// The present value of the flows at several rates, or for losses the future value, whose sign
    /// is the same: every power is of a number not above one, so nothing overflows.
    fn levels<const LOSS: bool, const N: usize>(&self, growth: [f64; N]) -> [f64; N] {
        let daily = growth.map(|x| (-x / DAYS_PER_YEAR).exp());
        let mut levels = [0.0; N];
        let mut discount = |gap: u32, amount: f64| {
            let factor = powers(daily, gap);
            for (level, factor) in levels.iter_mut().zip(factor) {
                *level = *level * factor + amount;
            }
        };
        if LOSS {
            for (amount, gap) in self.amounts.iter().zip(&self.gaps) {
                discount(*gap, *amount);
            }
        } else {
            let mut gap = 0;
            for (amount, before) in self.amounts.iter().zip(&self.gaps).rev() {
                discount(gap, *amount);
                gap = *before;
            }
        }
        levels
    }

    /// Narrows a bracket by false position (Illinois), with a bisection in every third step, which
    /// bounds the number of steps.
    fn refine<const LOSS: bool>(&self, mut low: (f64, f64), mut high: (f64, f64)) -> f64 {
        for step in 0..200 {
            if high.1 == 0.0 || high.0 - low.0 <= 1e-15 * high.0.max(1e-3) {
                break;
            }
            let secant = low.0 - low.1 * (high.0 - low.0) / (high.1 - low.1);
            let inside = secant > low.0 && secant < high.0;
            let x = if step % 3 == 2 || !inside {
                low.0.midpoint(high.0)
            } else {
                secant
            };
            let [level] = self.levels::<LOSS, 1>([x]);
            if level == 0.0 {
                return x;
            }
            if (level < 0.0) == (low.1 < 0.0) {
                low = (x, level);
                high.1 /= 2.0;
            } else {
                high = (x, level);
                low.1 /= 2.0;
            }
        }
        high.0
    }
}

/// Whether zero lies between two levels, or at the second one.
fn crosses(before: f64, level: f64) -> bool {
    before != 0.0 && (level == 0.0 || (before < 0.0) != (level < 0.0))
}

/// Points between which at most one root is expected.
fn grid(start: f64, bound: f64) -> Vec<f64> {
    let near = (1..=50).map(|step| f64::from(step) * 0.02);
    let far = (11..)
        .map(|step| f64::from(step) * 0.1)
        .take_while(|x| *x < bound);
    [start]
        .into_iter()
        .chain(near)
        .chain(far)
        .chain([bound])
        .collect()
}

fn powers<const N: usize>(mut base: [f64; N], mut exponent: u32) -> [f64; N] {
    let mut powers = [1.0; N];
    while exponent > 0 {
        if exponent & 1 == 1 {
            powers
                .iter_mut()
                .zip(base)
                .for_each(|(power, base)| *power *= base);
        }
        base = base.map(|base| base * base);
        exponent >>= 1;
    }
    powers
}

fn partial_sums<'a>(amounts: impl Iterator<Item = &'a f64>) -> impl Iterator<Item = f64> {
    amounts.scan(0.0, |sum, amount| {
        *sum += amount;
        Some(*sum)
    })
}

fn sign_changes(values: impl Iterator<Item = f64>) -> usize {
    let mut last = 0.0;
    values
        .filter(|value| *value != 0.0)
        .filter(|value| crosses(std::mem::replace(&mut last, *value), *value))
        .count()
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn several_rates_are_all_told_and_the_nearest_to_zero_is_first() {
        // -100 (1+r)^2 + 230 (1+r) - 132 = 0 has the roots 10 % and 20 %.
        let flows = [
            (date(2021, 1, 1), -100.0),
            (date(2022, 1, 1), 230.0),
            (date(2023, 1, 1), -132.0),
        ];
        let found = xirr(&flows).unwrap();
        assert!((found.rate - 0.1).abs() < 1e-12, "{found:?}");
        assert_eq!(found.other_roots.len(), 1);
        assert!((found.other_roots[0] - 0.2).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn money_back_without_gain_is_a_rate_of_zero() {
        let flows = [
            (date(2021, 1, 1), -0.3),
            (date(2022, 1, 1), 0.1),
            (date(2023, 1, 1), 0.2),
        ];
        assert_eq!(
            xirr(&flows),
            Ok(Xirr {
                rate: 0.0,
                other_roots: Vec::new()
            })
        );
    }

    #[test]
    fn what_has_no_rate_is_refused_with_the_reason() {
        let day = date(2021, 1, 1);
        let later = date(2022, 1, 1);
        assert_eq!(xirr(&[]), Err(XirrError::OneSign));
        assert_eq!(xirr(&[(day, -1.0), (later, -1.0)]), Err(XirrError::OneSign));
        assert_eq!(xirr(&[(day, -1.0), (day, 2.0)]), Err(XirrError::OneDay));
        assert_eq!(
            xirr(&[(day, -1.0), (later, f64::NAN)]),
            Err(XirrError::NotFinite)
        );
        assert_eq!(
            xirr(&[(day, -1.0), (date(2021, 1, 2), 3.0)]),
            Err(XirrError::NoRoot)
        );
        // 100 - 150 + 100 has no real root.
        let flows = [(day, 100.0), (later, -150.0), (date(2023, 1, 1), 100.0)];
        assert_eq!(xirr(&flows), Err(XirrError::NoRoot));
    }

    proptest! {
        #[test]
        fn a_rate_that_is_told_explains_the_flows(
            flows in prop::collection::vec((0i32..4_000, -1e6..1e6f64), 2..40),
        ) {
            let flows: Vec<_> = flows.into_iter()
                .map(|(day, amount)| (date(2010, 1, 1) + day.days(), amount))
                .collect();
            if let Ok(found) = xirr(&flows) {
                for rate in [&[found.rate], &found.other_roots[..]].concat() {
                    let size: f64 = flows.iter()
                        .filter_map(|(day, amount)| xnpv(rate, &[(date(2010, 1, 1), 0.0), (*day, amount.abs())]))
                        .sum();
                    let rest = xnpv(rate, &[&[(date(2010, 1, 1), 0.0)], &flows[..]].concat()).unwrap_or(0.0);
                    prop_assert!(rest.abs() <= size * 1e-9, "{} of {} at {}", rest, size, rate);
                }
            }
        }

        #[test]
        fn the_rule_of_signs_overlooks_no_rate(
            flows in prop::collection::vec((0i32..4_000, -1e3..1e3f64), 2..12),
        ) {
            let flows: Vec<_> = flows.into_iter()
                .map(|(day, amount)| (date(2010, 1, 1) + day.days(), amount))
                .collect();
            if let Ok(series) = Series::new(&flows) {
                for (side, scan) in [
                    (series.gains(), series.roots::<false>(usize::MAX, HIGHEST.ln_1p())),
                    (series.losses(), series.roots::<true>(usize::MAX, LOWEST.ln_1p().abs())),
                ] {
                    prop_assert_eq!(side.len(), scan.len());
                }
            }
        }
    }
}
