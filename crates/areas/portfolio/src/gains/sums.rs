//! What sales add up to, and how long was held what they sold.

use std::{iter::Sum, ops::AddAssign};

use jiff::ToSpan;
use ledger::{Realization, Side};
use money::round_computed;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// Amounts of one or many sales in the currency of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct GainSums {
    /// What the sales brought, net of their charges, at the rate of the sale.
    #[schema(value_type = String)]
    pub(super) proceeds: Decimal,
    /// What the shares had cost, with charges, at the rate of the purchase.
    #[schema(value_type = String)]
    pub(super) cost: Decimal,
    /// Proceeds less cost.
    #[schema(value_type = String)]
    pub(super) gain: Decimal,
    /// The part of the gain that the price made, at the rate of the sale.
    #[schema(value_type = String)]
    pub(super) price_gain: Decimal,
    /// The part of the gain that the exchange rate made.
    #[schema(value_type = String)]
    pub(super) currency_gain: Decimal,
    /// Fees and taxes of purchase and sale, within proceeds and cost.
    #[schema(value_type = String)]
    pub(super) charges: Decimal,
}

impl GainSums {
    pub(super) fn of(realization: &Realization) -> Self {
        let gain = realization.gain_base();
        let currency_gain = round_computed(realization.currency_gain_base());
        Self {
            proceeds: realization.proceeds_base,
            cost: realization.cost_base,
            gain,
            price_gain: gain - currency_gain,
            currency_gain,
            charges: realization.charges_base,
        }
        .normalized()
    }

    fn normalized(self) -> Self {
        Self {
            proceeds: self.proceeds.normalize(),
            cost: self.cost.normalize(),
            gain: self.gain.normalize(),
            price_gain: self.price_gain.normalize(),
            currency_gain: self.currency_gain.normalize(),
            charges: self.charges.normalize(),
        }
    }
}

impl AddAssign for GainSums {
    fn add_assign(&mut self, more: Self) {
        *self = Self {
            proceeds: self.proceeds + more.proceeds,
            cost: self.cost + more.cost,
            gain: self.gain + more.gain,
            price_gain: self.price_gain + more.price_gain,
            currency_gain: self.currency_gain + more.currency_gain,
            charges: self.charges + more.charges,
        }
        .normalized();
    }
}

impl Sum for GainSums {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), |mut total, sums| {
            total += sums;
            total
        })
    }
}

/// How long shares were held, by the threshold of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HoldingTerm)]
pub(super) enum Term {
    /// Up to the threshold, and every short position.
    Short,
    /// Longer than the threshold.
    Long,
    /// With average cost no date of purchase belongs to a sale.
    Unknown,
}

impl Term {
    pub(super) const ALL: [Self; 3] = [Self::Short, Self::Long, Self::Unknown];

    /// Short positions are short-term however long they were open: the shares that closed them were
    /// held for no time.
    pub(super) fn of(realization: &Realization, long_term_months: u16) -> Self {
        let long_after = realization
            .acquired_on
            .map(|day| day.saturating_add(i32::from(long_term_months).months()));
        match (realization.side, long_after) {
            (Side::Long, None) => Self::Unknown,
            (Side::Long, Some(day)) if realization.sold_on > day => Self::Long,
            (Side::Long, Some(_)) | (Side::Short, _) => Self::Short,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use ledger::{AssetIndex, TransactionKind};
    use uuid::Uuid;

    use super::*;

    fn sale(side: Side, acquired_on: Option<Date>, sold_on: Date) -> Realization {
        Realization {
            entry: Uuid::from_u128(2),
            kind: TransactionKind::Sell,
            side,
            lot: None,
            asset: AssetIndex(0),
            acquired_on,
            sold_on,
            quantity: 10.into(),
            proceeds: 1200.into(),
            cost: 1000.into(),
            proceeds_base: 1080.into(),
            cost_base: 800.into(),
            charges_base: 3.into(),
        }
    }

    #[test]
    fn long_term_begins_the_day_after_the_months_have_passed() {
        let bought = Some(date(2024, 3, 1));
        let term = |side, acquired, sold| Term::of(&sale(side, acquired, sold), 12);
        assert_eq!(term(Side::Long, bought, date(2025, 3, 1)), Term::Short);
        assert_eq!(term(Side::Long, bought, date(2025, 3, 2)), Term::Long);
        // The leap day has its anniversary on the last of February.
        let leap = Some(date(2024, 2, 29));
        assert_eq!(term(Side::Long, leap, date(2025, 2, 28)), Term::Short);
        assert_eq!(term(Side::Long, leap, date(2025, 3, 1)), Term::Long);
        assert_eq!(term(Side::Short, bought, date(2030, 1, 1)), Term::Short);
        assert_eq!(term(Side::Short, None, date(2030, 1, 1)), Term::Short);
        assert_eq!(term(Side::Long, None, date(2030, 1, 1)), Term::Unknown);
    }

    #[test]
    fn price_and_currency_are_all_of_a_gain() {
        // Long: 1000 dollars from 0.80 to 0.90. Short: the same amounts, but 1200 came first at 0.90
        // and 1000 went at 0.80, so 1200 dollars that were owed became cheaper by 0.10.
        let day = date(2025, 1, 1);
        let long = GainSums::of(&sale(Side::Long, None, day));
        assert_eq!(
            (long.gain, long.price_gain, long.currency_gain),
            (280.into(), 180.into(), 100.into())
        );
        let short = GainSums::of(&sale(Side::Short, None, day));
        assert_eq!(
            (short.gain, short.price_gain, short.currency_gain),
            (280.into(), 160.into(), 120.into())
        );
    }
}
