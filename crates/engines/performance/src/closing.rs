//! Exact values at the close of one day.

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Finding, Position};
use money::{Currency, FxTable};
use rust_decimal::Decimal;

use crate::{
    PriceSeries, finding,
    transfers::{Quote, product},
};

/// The portfolio at the close of a day, exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    /// The day.
    pub on: Date,
    /// Every position in the books, closed ones too, by [`AssetIndex`].
    pub positions: Vec<ClosingPosition>,
    /// Every cash balance in the books, by currency.
    pub cash: Vec<ClosingCash>,
    /// Sum of the positions, base currency.
    pub positions_base: Decimal,
    /// Sum of the cash that has a rate, base currency.
    pub cash_base: Decimal,
    /// Positions and cash, base currency.
    pub value_base: Decimal,
    /// Cost of all open lots, base currency.
    pub cost_base: Decimal,
    /// Sum of the positions' unrealised gains, base currency.
    pub unrealized_base: Decimal,
    /// What is left out or doubtful; the codes of [`crate::value_daily`].
    pub findings: Vec<Finding>,
}

/// One position at the close of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingPosition {
    /// The instrument.
    pub asset: AssetIndex,
    /// Shares held.
    pub quantity: Decimal,
    /// Last close in the instrument's currency, for one share as they are today (after splits).
    pub price: Option<Decimal>,
    /// The day of that close.
    pub price_on: Option<Date>,
    /// The day of the exchange rate into the base currency; the day asked for when no rate is
    /// needed.
    pub rate_on: Option<Date>,
    /// Value in the instrument's currency.
    pub value: Decimal,
    /// Value in the base currency.
    pub value_base: Decimal,
    /// Value less cost of the open lots, base currency: with currency gains, without dividends.
    pub unrealized_base: Decimal,
    /// `false` when price or rate is missing and the position is valued at its cost.
    pub priced: bool,
}

/// One cash balance at the close of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingCash {
    /// Its currency.
    pub currency: Currency,
    /// The balance.
    pub amount: Decimal,
    /// The balance in the base currency; `None` without a rate, and then it is in no total.
    pub amount_base: Option<Decimal>,
}

/// Values books at the close of a day in exact decimals: the last price and rate on or before it.
///
/// The books are taken as they are: for an earlier day, replay the entries up to that day. Computed
/// values are rounded to twelve decimal places; rounding for people is the caller's.
pub fn closing(
    books: &Books,
    assets: &[Asset],
    prices: &[Option<&PriceSeries>],
    fx: &FxTable,
    base: Currency,
    on: Date,
) -> Closing {
    let mut findings = Vec::new();
    let positions: Vec<ClosingPosition> = books
        .positions
        .values()
        .map(|position| {
            let index = position.asset.0 as usize;
            let series = prices.get(index).copied().flatten();
            let quote = series.and_then(|series| Quote::find(books, position.asset, series, on));
            let valued = value(position, quote, assets.get(index), fx, base, on);
            report(&valued, assets.get(index), base, on, &mut findings);
            valued
        })
        .collect();
    let cash: Vec<ClosingCash> = books
        .cash
        .iter()
        .map(|(currency, amount)| {
            let rate = fx.rate(*currency, base, on);
            let amount_base = rate.and_then(|rate| product(*amount, rate.rate));
            if amount_base.is_none() && !amount.is_zero() {
                findings.push(finding::missing_cash_rate(*currency, base, on));
            }
            ClosingCash {
                currency: *currency,
                amount: *amount,
                amount_base,
            }
        })
        .collect();
    let sum = |figures: &mut dyn Iterator<Item = Decimal>| {
        figures.fold(Decimal::ZERO, Decimal::saturating_add)
    };
    let positions_base = sum(&mut positions.iter().map(|position| position.value_base));
    let cash_base = sum(&mut cash.iter().filter_map(|cash| cash.amount_base));
    let cost_base = sum(&mut books.positions.values().map(|position| position.cost_base));
    Closing {
        on,
        positions_base,
        cash_base,
        value_base: positions_base.saturating_add(cash_base),
        cost_base,
        unrealized_base: positions_base.saturating_sub(cost_base),
        positions,
        cash,
        findings,
    }
}

fn value(
    position: &Position,
    quote: Option<Quote>,
    asset: Option<&Asset>,
    fx: &FxTable,
    base: Currency,
    on: Date,
) -> ClosingPosition {
    let currency = asset.map_or(base, |asset| asset.currency);
    let rate = fx.rate(currency, base, on);
    let units = match asset {
        Some(asset) => product(position.quantity, asset.multiplier),
        None => Some(position.quantity),
    };
    let value = quote
        .zip(units)
        .and_then(|(quote, units)| product(units, quote.price));
    let value_base = value
        .zip(rate)
        .and_then(|(value, rate)| product(value, rate.rate));
    // Nothing held needs no price.
    let known = value_base.or(position.quantity.is_zero().then_some(Decimal::ZERO));
    let value_base = known.unwrap_or(position.cost_base);
    ClosingPosition {
        asset: position.asset,
        quantity: position.quantity,
        price: quote.map(|quote| quote.price),
        price_on: quote.map(|quote| quote.on),
        rate_on: rate.map(|rate| rate.observed_on),
        value: value.unwrap_or(position.cost),
        value_base,
        unrealized_base: value_base.saturating_sub(position.cost_base),
        priced: known.is_some(),
    }
}

fn report(
    position: &ClosingPosition,
    asset: Option<&Asset>,
    base: Currency,
    on: Date,
    findings: &mut Vec<Finding>,
) {
    if position.quantity.is_zero() {
        return;
    }
    let symbol = asset.map_or("?", |asset| asset.symbol.as_str());
    match position.price_on {
        None => findings.push(finding::missing_price(symbol, on)),
        Some(price_on) => findings.extend(finding::stale_price(symbol, price_on, on)),
    }
    if position.rate_on.is_none() {
        let currency = asset.map_or(base, |asset| asset.currency);
        findings.push(finding::missing_rate(symbol, currency, base, on));
    }
}
