//! Daily values.
use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Finding};
use money::{Currency, FxTable};

use crate::PriceSeries;

/// A portfolio by calendar day, in the base currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Daily {
    /// The first day.
    pub first: Date,
    /// Value at the close of the day before.
    pub opening: f64,
    /// Value with cash at the close of each day.
    pub value: Vec<f64>,
    /// Cash within it.
    pub cash: Vec<f64>,
    /// External flows since inception, cumulative.
    pub net_invested: Vec<f64>,
    /// What came in on each day, not negative.
    pub inflow: Vec<f64>,
    /// What went out on each day, not negative.
    pub outflow: Vec<f64>,
    /// What does not add up.
    pub findings: Vec<Finding>,
}

impl Daily {
    /// Sums several portfolios.
    pub fn combine(_parts: &[Daily]) -> Daily {
        todo!()
    }
    /// The part within a period.
    pub fn between(&self, _from: Date, _to: Date) -> Daily {
        todo!()
    }
    /// The last day; `None` when there is none.
    pub fn last(&self) -> Option<Date> {
        todo!()
    }
    /// The date of a day by its position.
    pub fn date(&self, _index: usize) -> Date {
        todo!()
    }
}

/// Values a portfolio by day.
#[expect(clippy::too_many_arguments, reason = "the inputs of a valuation are these eight")]
pub fn value_daily(
    _books: &Books,
    _assets: &[Asset],
    _prices: &[Option<&PriceSeries>],
    _fx: &FxTable,
    _base: Currency,
    _from: Date,
    _to: Date,
) -> Daily {
    todo!()
}

/// Values one instrument by day.
#[expect(clippy::too_many_arguments, reason = "the inputs of a valuation are these eight")]
pub fn value_asset_daily(
    _books: &Books,
    _asset: AssetIndex,
    _assets: &[Asset],
    _prices: Option<&PriceSeries>,
    _fx: &FxTable,
    _base: Currency,
    _from: Date,
    _to: Date,
) -> Vec<f64> {
    todo!()
}
