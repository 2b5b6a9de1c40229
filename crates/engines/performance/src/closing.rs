//! Exact values at one day's close.
use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Finding};
use money::{Currency, FxTable};
use rust_decimal::Decimal;

use crate::PriceSeries;

/// The portfolio at the close of a day, exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    /// The day.
    pub on: Date,
    /// Every position in the books, closed ones too, by [`AssetIndex`].
    pub positions: Vec<ClosingPosition>,
    /// Every cash balance in the books.
    pub cash: Vec<ClosingCash>,
    /// Sum of the positions, base currency.
    pub positions_base: Decimal,
    /// Sum of the cash, base currency.
    pub cash_base: Decimal,
    /// Positions and cash, base currency.
    pub value_base: Decimal,
    /// Cost of all open lots, base currency.
    pub cost_base: Decimal,
    /// Sum of the positions' unrealised gains, base currency.
    pub unrealized_base: Decimal,
    /// What was left out or is doubtful.
    pub findings: Vec<Finding>,
}

/// One position at the close of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingPosition {
    /// The instrument.
    pub asset: AssetIndex,
    /// Shares held.
    pub quantity: Decimal,
    /// Last close in the instrument's currency, for one share of today (after splits).
    pub price: Option<Decimal>,
    /// Its day.
    pub price_on: Option<Date>,
    /// Day of the exchange rate into the base currency.
    pub rate_on: Option<Date>,
    /// Value in the instrument's currency.
    pub value: Decimal,
    /// Value in the base currency.
    pub value_base: Decimal,
    /// Value less the cost of the open lots, base currency.
    pub unrealized_base: Decimal,
    /// `false` when price or rate is missing and the position is valued at cost.
    pub priced: bool,
}

/// One cash balance at the close of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingCash {
    /// Its currency.
    pub currency: Currency,
    /// The balance in that currency.
    pub amount: Decimal,
    /// The balance in the base currency; `None` when there is no rate, and then not in any total.
    pub amount_base: Option<Decimal>,
}

/// Values books exactly at a day's close.
pub fn closing(
    _books: &Books,
    _assets: &[Asset],
    _prices: &[Option<&PriceSeries>],
    _fx: &FxTable,
    _base: Currency,
    _on: Date,
) -> Closing {
    todo!()
}
