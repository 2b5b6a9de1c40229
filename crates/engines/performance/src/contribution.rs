//! What each holding added to the result, to the last decimal.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::{f64_from_decimal, round_computed};
use rust_decimal::Decimal;
use thiserror::Error;

use crate::{NotAvailable, calendar, unavailable::stated};

/// The portfolio as a whole, base currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    /// The first day of the period.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Value at the close of the day before `from`.
    pub start: Decimal,
    /// Value at the close of `to`.
    pub end: Decimal,
    /// External flows of the period: money that came in positive, money that went out negative.
    pub flows: Vec<(Date, Decimal)>,
}

/// One holding of the period: an instrument, or the cash of a currency. `key` is whatever tells
/// holdings apart and puts them into groups: a symbol with its class and currency, for instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding<K> {
    /// What it is.
    pub key: K,
    /// What is known of it by day, ascending: first the close of the day before the period, last the
    /// close of its last day, and between them each day on which something was traded, received or
    /// paid. More days make the division between price and currency finer, the sum is the same.
    pub marks: Vec<Mark>,
}

/// A holding at the close of a day, and what happened to it on that day.
///
/// For cash, `traded` is what was paid in (deposits, proceeds, dividends) less what was paid out, at
/// the same amounts of the base currency as the other side of each; interest is `income`, a fee that
/// belongs to no instrument is in `fees`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// The day.
    pub on: Date,
    /// Value in the base currency, as the portfolio's value contains it.
    pub value: Decimal,
    /// Value in the holding's own currency.
    pub local: Decimal,
    /// Units of the base currency for one of the holding's own, at the close.
    pub rate: Decimal,
    /// Purchases less sales of the day in the base currency, without fees.
    pub traded: Decimal,
    /// The same in the holding's own currency.
    pub traded_local: Decimal,
    /// Dividends and interest of the day, base currency.
    pub income: Decimal,
    /// Fees and taxes of the day, base currency; positive.
    pub fees: Decimal,
}

impl Mark {
    /// A close without any event, its value computed to twelve decimal places; `None` where that is
    /// out of range.
    pub fn close(on: Date, local: Decimal, rate: Decimal) -> Option<Self> {
        Some(Self {
            on,
            value: round_computed(local.checked_mul(rate)?),
            local,
            rate,
            traded: Decimal::ZERO,
            traded_local: Decimal::ZERO,
            income: Decimal::ZERO,
            fees: Decimal::ZERO,
        })
    }

    /// What was put in on the day: purchases and fees less sales and income.
    fn net_flow(&self) -> Option<Decimal> {
        self.traded.checked_add(self.fees)?.checked_sub(self.income)
    }
}

/// A contribution in its parts, base currency: `total = price + currency + income - fees`, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// `end - start - net flow`: what the holding added to the portfolio's value.
    pub total: Decimal,
    /// From prices: the rest of the total, which is each day's gain in the holding's own currency at
    /// that day's rate, `Σ (L_d - L_{d-1} - traded_local_d) × f_d`.
    pub price: Decimal,
    /// From exchange rates: `Σ L_{d-1} × (f_d - f_{d-1}) + traded_local_d × f_d - traded_d`, rounded
    /// to twelve decimal places; the last term is what a trade's own rate made against the close.
    pub currency: Decimal,
    /// Dividends and interest.
    pub income: Decimal,
    /// Fees and taxes; positive, they lower the total.
    pub fees: Decimal,
}

/// What one holding added.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution<K> {
    /// The holding.
    pub key: K,
    /// Its value at the close of the day before the period.
    pub start: Decimal,
    /// Its value at the close of the last day.
    pub end: Decimal,
    /// Purchases and fees less sales and income.
    pub net_flow: Decimal,
    /// The contribution.
    pub parts: Parts,
    /// Contribution ÷ average capital of the portfolio: percentage points of its Modified Dietz
    /// return ([`crate::modified_dietz`]) that come from here. They add up to that return.
    pub share: Result<f64, NotAvailable>,
}

/// Contributions of one group of holdings.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupContribution {
    /// Their sum.
    pub parts: Parts,
    /// [`Contribution::share`] of the sum.
    pub share: Result<f64, NotAvailable>,
}

/// All contributions of a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution<K> {
    /// `end - start - external flows` of the portfolio: its gain.
    pub change: Decimal,
    /// Average capital of the portfolio, by the weights of [`crate::modified_dietz`].
    pub average_capital: f64,
    /// One per holding, in the order they were given.
    pub contributions: Vec<Contribution<K>>,
    /// Their sum.
    pub sum: Parts,
    /// `change - sum.total`: zero, exactly, when the holdings are all there is and each internal flow
    /// left one of them as the same amount that it reached another. Anything else is money that the
    /// holdings do not explain, and is to be shown beside them.
    pub unexplained: Decimal,
}

/// Why contributions cannot be stated; the text is a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ContributionError {
    /// The last day lies before the first.
    #[error("the period ends on {to}, before it begins on {from}: exchange the two days")]
    Reversed {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// A holding does not reach over the period.
    #[error(
        "holding {holding} (counted from 0) must have a mark at the close of {expected}, but has one of {found:?} there"
    )]
    Ends {
        /// Its place.
        holding: usize,
        /// The day that its first, or last, mark must have.
        expected: Date,
        /// The day that it has, if there is any.
        found: Option<Date>,
    },
    /// Marks are not in the order of days.
    #[error("holding {holding} (counted from 0) has its mark of {on} out of order")]
    Order {
        /// Its place.
        holding: usize,
        /// The day.
        on: Date,
    },
    /// Something happened on the day before the period.
    #[error(
        "holding {holding} (counted from 0) has a flow on {on}, the day before the period: leave it out, the value of that day contains it"
    )]
    EarlyFlow {
        /// Its place.
        holding: usize,
        /// The day.
        on: Date,
    },
    /// An external flow lies outside the period.
    #[error("an external flow of {on} lies outside the period: leave it out")]
    ForeignFlow {
        /// The day.
        on: Date,
    },
    /// A sum has more digits than an amount can have.
    #[error(
        "the amounts are too large to be added up: a price, rate or quantity is probably wrong"
    )]
    OutOfRange,
}

/// What each holding added to the portfolio's change in value.
///
/// Sums are exact as long as amounts are below 10^15 and have at most twelve decimal places.
///
/// Errors: marks that do not reach over the period or are out of order, flows outside of it, amounts
/// out of range.
///
/// Source: the arithmetic contribution of B. Feibel, "Investment Performance Measurement", with the
/// local return and the currency's told apart as in D. Karnosky and B. Singer, "Global Asset
/// Management and Performance Attribution" (1994), in money instead of returns.
///
/// ```
/// use jiff::civil::date;
/// use performance::{Holding, Mark, Whole, contributions};
/// use rust_decimal::Decimal;
///
/// let day = |on, dollars: i64, cents: i64| Mark::close(on, dollars.into(), Decimal::new(cents, 2)).unwrap();
/// let share = Holding { key: "SHARE", marks: vec![day(date(2023, 12, 31), 100, 90), day(date(2024, 1, 31), 110, 80)] };
/// let whole = Whole {
///     from: date(2024, 1, 1), to: date(2024, 1, 31), start: 90.into(), end: 88.into(), flows: vec![],
/// };
/// let found = contributions(&whole, &[share])?;
/// // Ten dollars more at 0.80, and a hundred dollars that lost 0.10 each.
/// assert_eq!((found.sum.price, found.sum.currency), (8.into(), (-10).into()));
/// assert_eq!((found.sum.total, found.unexplained), (Decimal::from(-2), Decimal::ZERO));
/// # Ok::<(), performance::ContributionError>(())
/// ```
pub fn contributions<K: Clone>(
    whole: &Whole,
    holdings: &[Holding<K>],
) -> Result<Attribution<K>, ContributionError> {
    if whole.to < whole.from {
        let (from, to) = (whole.from, whole.to);
        return Err(ContributionError::Reversed { from, to });
    }
    let average_capital = whole.average_capital()?;
    let mut found = Vec::with_capacity(holdings.len());
    let mut sum = Parts::default();
    for (place, holding) in holdings.iter().enumerate() {
        holding.check(place, whole)?;
        let contribution = holding.contribution(average_capital).ok_or(OUT_OF_RANGE)?;
        sum = sum.plus(contribution.parts).ok_or(OUT_OF_RANGE)?;
        found.push(contribution);
    }
    let change = whole.change().ok_or(OUT_OF_RANGE)?;
    Ok(Attribution {
        change,
        average_capital,
        contributions: found,
        sum,
        unexplained: change.checked_sub(sum.total).ok_or(OUT_OF_RANGE)?,
    })
}

const OUT_OF_RANGE: ContributionError = ContributionError::OutOfRange;

impl<K> Attribution<K> {
    /// The contributions of groups, such as asset classes or currencies, by what names the group of
    /// a holding. Their sums are [`Attribution::sum`], exactly.
    ///
    /// Errors: amounts out of range.
    pub fn by<G: Ord>(
        &self,
        group: impl Fn(&K) -> G,
    ) -> Result<BTreeMap<G, GroupContribution>, ContributionError> {
        let mut sums: BTreeMap<G, Parts> = BTreeMap::new();
        for contribution in &self.contributions {
            let sum = sums.entry(group(&contribution.key)).or_default();
            *sum = sum.plus(contribution.parts).ok_or(OUT_OF_RANGE)?;
        }
        let shared = |parts: Parts| GroupContribution {
            parts,
            share: share(parts.total, self.average_capital),
        };
        Ok(sums
            .into_iter()
            .map(|(group, parts)| (group, shared(parts)))
            .collect())
    }
}

impl Whole {
    fn change(&self) -> Option<Decimal> {
        let gain = self.end.checked_sub(self.start)?;
        self.flows
            .iter()
            .try_fold(gain, |gain, (_, flow)| gain.checked_sub(*flow))
    }

    fn average_capital(&self) -> Result<f64, ContributionError> {
        let days = calendar::length(self.from, self.to) as f64;
        let mut capital = f64_from_decimal(self.start);
        for (on, flow) in &self.flows {
            if *on < self.from || *on > self.to {
                return Err(ContributionError::ForeignFlow { on: *on });
            }
            let from_start = f64::from(u8::from(flow.is_sign_positive()));
            let left = (calendar::length(*on, self.to) - 1) as f64;
            capital += f64_from_decimal(*flow) * (left + from_start) / days;
        }
        Ok(capital)
    }
}

impl<K: Clone> Holding<K> {
    fn check(&self, holding: usize, whole: &Whole) -> Result<(), ContributionError> {
        let eve = calendar::after(whole.from, -1);
        let ends = [(self.marks.first(), eve), (self.marks.last(), whole.to)];
        for (mark, expected) in ends {
            let found = mark.map(|mark| mark.on);
            if found != Some(expected) {
                return Err(ContributionError::Ends {
                    holding,
                    expected,
                    found,
                });
            }
        }
        let mut pairs = self.marks.iter().zip(self.marks.iter().skip(1));
        if let Some((_, mark)) = pairs.find(|(before, mark)| before.on >= mark.on) {
            return Err(ContributionError::Order {
                holding,
                on: mark.on,
            });
        }
        let early = self.marks.first().filter(|mark| {
            let flows = [mark.traded, mark.traded_local, mark.income, mark.fees];
            flows.iter().any(|flow| !flow.is_zero())
        });
        early.map_or(Ok(()), |mark| {
            Err(ContributionError::EarlyFlow {
                holding,
                on: mark.on,
            })
        })
    }

    /// `None` when an amount is out of range.
    fn contribution(&self, average_capital: f64) -> Option<Contribution<K>> {
        let (first, last) = (self.marks.first()?, self.marks.last()?);
        let mut parts = Parts::default();
        let mut net_flow = Decimal::ZERO;
        for (before, mark) in self.marks.iter().zip(self.marks.iter().skip(1)) {
            net_flow = net_flow.checked_add(mark.net_flow()?)?;
            parts = parts.plus(day(before, mark)?)?;
        }
        Some(Contribution {
            key: self.key.clone(),
            start: first.value,
            end: last.value,
            net_flow,
            parts,
            share: share(parts.total, average_capital),
        })
    }
}

/// What happened from one mark to the next.
fn day(before: &Mark, mark: &Mark) -> Option<Parts> {
    let change = mark.value.checked_sub(before.value)?;
    let total = change.checked_sub(mark.net_flow()?)?;
    let moved = mark.rate.checked_sub(before.rate)?;
    let held = before.local.checked_mul(moved)?;
    let dealt = mark
        .traded_local
        .checked_mul(mark.rate)?
        .checked_sub(mark.traded)?;
    let currency = round_computed(held.checked_add(dealt)?);
    let price = total
        .checked_sub(currency)?
        .checked_sub(mark.income)?
        .checked_add(mark.fees)?;
    Some(Parts {
        total,
        price,
        currency,
        income: mark.income,
        fees: mark.fees,
    })
}

impl Parts {
    fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            total: self.total.checked_add(other.total)?,
            price: self.price.checked_add(other.price)?,
            currency: self.currency.checked_add(other.currency)?,
            income: self.income.checked_add(other.income)?,
            fees: self.fees.checked_add(other.fees)?,
        })
    }
}

fn share(total: Decimal, average_capital: f64) -> Result<f64, NotAvailable> {
    if average_capital <= 0.0 {
        return Err(NotAvailable::NothingInvested);
    }
    stated(f64_from_decimal(total) / average_capital)
}
