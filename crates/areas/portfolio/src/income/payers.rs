//! What an instrument has paid for one share, and how regularly.

use jiff::{ToSpan, civil::Date};
use ledger::{AssetIndex, TransactionKind};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::valuation::{Part, Valuation};

/// Rows of one payment may be booked on days this far apart: corrections, reversals, parts of it.
const SAME_PAYMENT_DAYS: i32 = 5;
/// Months within which the days between payments must agree.
const REGULARITY_MONTHS: i32 = 25;

/// How often an instrument pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentFrequency)]
pub(super) enum Frequency {
    /// Every seven days.
    Weekly,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Twice a year.
    HalfYearly,
    /// Once a year.
    Yearly,
    /// No interval fits the days between its payments.
    Irregular,
    /// It has paid once, which tells no interval.
    Once,
}

impl Frequency {
    /// The intervals with the days that may lie between two payments.
    const INTERVALS: [(Self, std::ops::RangeInclusive<i32>); 5] = [
        (Self::Weekly, 6..=9),
        (Self::Monthly, 20..=45),
        (Self::Quarterly, 70..=115),
        (Self::HalfYearly, 150..=215),
        (Self::Yearly, 320..=410),
    ];

    /// The one interval that fits all days between payments, oldest payment first.
    pub(super) fn of(days: &[Date]) -> Self {
        let mut gaps = days.windows(2).filter_map(|pair| match pair {
            [before, after] => Some((*after - *before).get_days()),
            _ => None,
        });
        let Some(first) = gaps.next() else {
            return Self::Once;
        };
        let interval = Self::INTERVALS
            .into_iter()
            .find(|(_, range)| range.contains(&first));
        match interval {
            Some((frequency, range)) if gaps.all(|gap| range.contains(&gap)) => frequency,
            _ => Self::Irregular,
        }
    }

    /// The most days until the next payment, for one that pays in intervals.
    pub(super) fn longest_gap(self) -> Option<i32> {
        let mut intervals = Self::INTERVALS.into_iter();
        intervals
            .find(|(frequency, _)| *frequency == self)
            .map(|(_, range)| *range.end())
    }
}

/// One payment for one share, as shares are today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PerShare {
    pub(super) date: Date,
    /// In the instrument's currency, gross.
    pub(super) amount: Decimal,
}

/// Everything that one instrument paid for one share.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Payer {
    /// Oldest first.
    pub(super) payments: Vec<PerShare>,
    /// Whether something was paid when no shares were held, so that its amount per share is unknown.
    pub(super) has_unknown: bool,
}

impl Payer {
    /// The fullest series among the portfolios: an instrument pays all its holders the same, and the
    /// one that has held it longest has seen most of it.
    pub(super) fn of(valuation: &Valuation, asset: AssetIndex) -> Self {
        let year_ago = year_before(valuation.as_of);
        let series = valuation
            .parts
            .iter()
            .map(|part| Self::in_part(part, asset));
        let mut fullest = Self::default();
        for payer in series {
            let seen = |payer: &Self| (payer.since(year_ago).count(), payer.payments.len());
            if seen(&payer) > seen(&fullest) {
                fullest = payer;
            }
        }
        fullest
    }

    fn in_part(part: &Part, asset: AssetIndex) -> Self {
        let mut payer = Self::default();
        let paid = part.books.income.iter().filter(|paid| {
            paid.asset == Some(asset)
                && matches!(
                    paid.kind,
                    TransactionKind::Dividend | TransactionKind::ReinvestedDividend
                )
        });
        for paid in paid {
            let Some(amount) = paid
                .amount_asset
                .checked_div(paid.quantity)
                .and_then(|then| then.checked_div(part.split_factor(asset, paid.date)))
            else {
                payer.has_unknown = true;
                continue;
            };
            match payer.payments.last_mut() {
                Some(last) if (paid.date - last.date).get_days() <= SAME_PAYMENT_DAYS => {
                    last.amount += amount;
                }
                _ => payer.payments.push(PerShare {
                    date: paid.date,
                    amount,
                }),
            }
        }
        // What was booked and reversed was not paid.
        payer.payments.retain(|paid| paid.amount > Decimal::ZERO);
        payer
    }

    /// Payments after a day.
    pub(super) fn since(&self, day: Date) -> impl Iterator<Item = &PerShare> {
        self.payments.iter().filter(move |paid| paid.date > day)
    }

    /// What one share was paid in the twelve months up to a day.
    pub(super) fn trailing(&self, as_of: Date) -> Decimal {
        self.since(year_before(as_of)).map(|paid| paid.amount).sum()
    }

    /// How often it has paid lately.
    pub(super) fn frequency(&self, as_of: Date) -> Frequency {
        let start = as_of.saturating_sub(REGULARITY_MONTHS.months());
        let days: Vec<Date> = self.since(start).map(|paid| paid.date).collect();
        Frequency::of(&days)
    }
}

/// The same day of the year before.
pub(super) fn year_before(day: Date) -> Date {
    day.saturating_sub(12.months())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_interval_is_told_by_all_days_between_payments() {
        let monthly = [date(2025, 1, 31), date(2025, 2, 28), date(2025, 4, 4)];
        assert_eq!(Frequency::of(&monthly), Frequency::Monthly);
        let quarterly = [
            date(2025, 2, 15),
            date(2025, 5, 16),
            date(2025, 8, 14),
            date(2025, 11, 15),
        ];
        assert_eq!(Frequency::of(&quarterly), Frequency::Quarterly);
        let half_yearly = [date(2025, 3, 28), date(2025, 9, 12)];
        assert_eq!(Frequency::of(&half_yearly), Frequency::HalfYearly);
        let yearly = [date(2024, 5, 10), date(2025, 5, 16)];
        assert_eq!(Frequency::of(&yearly), Frequency::Yearly);
        let weekly = [date(2025, 5, 1), date(2025, 5, 8), date(2025, 5, 15)];
        assert_eq!(Frequency::of(&weekly), Frequency::Weekly);
        // A year of quarters in which one was left out.
        let broken = [date(2025, 2, 15), date(2025, 5, 16), date(2025, 11, 15)];
        assert_eq!(Frequency::of(&broken), Frequency::Irregular);
        assert_eq!(Frequency::of(&[date(2025, 5, 1)]), Frequency::Once);
        assert_eq!(Frequency::of(&[]), Frequency::Once);
    }
}
