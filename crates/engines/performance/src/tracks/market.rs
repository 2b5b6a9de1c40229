//! What holdings are worth, exactly.

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Exchange};
use money::{Currency, FxTable};
use rust_decimal::Decimal;

use super::Held;
use crate::{
    PriceSeries, calendar,
    transfers::{Quote, product},
};

/// What values positions exactly.
#[derive(Clone, Copy)]
pub(super) struct Market<'a> {
    pub(super) books: &'a Books,
    pub(super) assets: &'a [Asset],
    pub(super) prices: &'a [Option<&'a PriceSeries>],
    pub(super) fx: &'a FxTable,
    pub(super) base: Currency,
}

impl<'a> Market<'a> {
    fn asset(&self, asset: AssetIndex) -> Option<&'a Asset> {
        self.assets.get(asset.0 as usize)
    }

    pub(super) fn currency(&self, held: Held) -> Currency {
        match held {
            Held::Cash(currency) => currency,
            Held::Asset(asset) => self.asset(asset).map_or(self.base, |asset| asset.currency),
        }
    }

    pub(super) fn rate(&self, currency: Currency, on: Date) -> Option<Decimal> {
        self.fx.rate(currency, self.base, on).map(|rate| rate.rate)
    }

    /// Value of shares in their own currency and in the base currency; `None` without price or rate.
    fn worth(&self, asset: AssetIndex, shares: Decimal, on: Date) -> Option<(Decimal, Decimal)> {
        if shares.is_zero() {
            return Some((Decimal::ZERO, Decimal::ZERO));
        }
        let info = self.asset(asset)?;
        let series = self.prices.get(asset.0 as usize).copied().flatten()?;
        let quote = Quote::find(self.books, asset, series, on)?;
        let local = product(product(shares, info.multiplier)?, quote.price)?;
        let rate = self.rate(info.currency, on)?;
        Some((local, product(local, rate)?))
    }

    pub(super) fn quantity(&self, asset: AssetIndex, on: Date) -> Decimal {
        level(self.books.quantity_steps.get(&asset), on)
    }

    /// The holding at the close of a day: local value, value, and rate where there is one.
    pub(super) fn close(&self, held: Held, on: Date) -> (Decimal, Decimal, Option<Decimal>) {
        let rate = self.rate(self.currency(held), on);
        let worth = match held {
            Held::Cash(currency) => {
                let balance = level(self.books.cash_steps.get(&currency), on);
                let value = rate.and_then(|rate| product(balance, rate));
                value.map(|value| (balance, value)).unwrap_or_default()
            }
            Held::Asset(asset) => self
                .worth(asset, self.quantity(asset, on), on)
                // What stands at its cost has neither moved in price nor in currency.
                .unwrap_or_else(|| (Decimal::ZERO, level(self.books.cost_steps.get(&asset), on))),
        };
        (worth.0, worth.1, rate)
    }

    /// What moves from one instrument to another, base currency: what the receiving one takes in.
    pub(super) fn moved(&self, exchange: &Exchange) -> Decimal {
        let Exchange { from, to, date, .. } = *exchange;
        let arrived = self.worth(to, exchange.arrived, date);
        let left = || {
            let (_, left) = self.worth(from, exchange.left, date)?;
            (!exchange.left.is_zero()).then(|| left.saturating_add(exchange.paid_base))
        };
        arrived
            .map(|(_, arrived)| arrived)
            .or_else(left)
            .unwrap_or(exchange.cost_base)
    }

    /// Whether the position is owed: at the close of the day or, once closed, at that of the eve.
    pub(super) fn is_short(&self, asset: AssetIndex, on: Date) -> bool {
        let after = self.quantity(asset, on);
        let quantity = if after.is_zero() {
            self.quantity(asset, calendar::after(on, -1))
        } else {
            after
        };
        quantity < Decimal::ZERO
    }
}

/// The level that holds on a day.
fn level(steps: Option<&Vec<(Date, Decimal)>>, on: Date) -> Decimal {
    let steps = steps.map_or(&[][..], Vec::as_slice);
    let next = steps.partition_point(|(day, _)| *day <= on);
    let last = next.checked_sub(1).and_then(|last| steps.get(last));
    last.map_or(Decimal::ZERO, |(_, level)| *level)
}
