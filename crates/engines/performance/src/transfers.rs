//! What transferred shares were worth on their day.

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Ratio, Transfer};
use money::{Currency, FxTable, decimal_from_f64, round_computed};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::PriceSeries;

/// The worth of transferred shares: a flow that crosses the border of one portfolio and, where it is
/// linked, that of another one in the other direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransferFlow {
    /// Day of the crossing.
    pub date: Date,
    /// Worth in the base currency: positive came in.
    pub amount_base: Decimal,
    /// What ties the two sides together.
    pub link: Option<Uuid>,
}

/// Values every transfer of the books as shares × multiplier × last close × last rate on or before
/// its day; without a close or rate, at what the shares had cost.
pub fn transfer_flows(
    books: &Books,
    assets: &[Asset],
    prices: &[Option<&PriceSeries>],
    fx: &FxTable,
    base: Currency,
) -> Vec<TransferFlow> {
    let worth = |transfer: &Transfer| -> Option<Decimal> {
        let index = transfer.asset.0 as usize;
        let asset = assets.get(index)?;
        let series = prices.get(index).copied().flatten()?;
        let quote = Quote::find(books, transfer.asset, series, transfer.date)?;
        let rate = fx.rate(asset.currency, base, transfer.date)?;
        let value = product(transfer.quantity, quote.price)?;
        product(product(value, asset.multiplier)?, rate.rate)
    };
    let flow = |transfer: &Transfer| TransferFlow {
        date: transfer.date,
        amount_base: worth(transfer).unwrap_or(transfer.cost_base),
        link: transfer.link,
    };
    books.transfers.iter().map(flow).collect()
}

/// The last close on or before a day, for one share as they are on that day.
#[derive(Clone, Copy)]
pub(crate) struct Quote {
    pub(crate) price: Decimal,
    pub(crate) on: Date,
}

impl Quote {
    pub(crate) fn find(
        books: &Books,
        asset: AssetIndex,
        prices: &PriceSeries,
        on: Date,
    ) -> Option<Self> {
        let (price_on, close) = prices.at(on)?;
        let mut price = decimal_from_f64(close)?;
        let splits = books.splits.get(&asset).into_iter().flatten();
        for (_, Ratio { to, from }) in splits.filter(|(day, _)| *day > price_on && *day <= on) {
            price = price.checked_mul(*from)?.checked_div(*to)?;
        }
        Some(Self {
            price,
            on: price_on,
        })
    }
}

pub(crate) fn product(amount: Decimal, factor: Decimal) -> Option<Decimal> {
    Some(round_computed(amount.checked_mul(factor)?).normalize())
}
