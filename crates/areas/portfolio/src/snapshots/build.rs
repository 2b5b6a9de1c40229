//! From a portfolio's transactions to its snapshots: pure, runs off the async threads.

use std::collections::{BTreeMap, HashMap};

use jiff::{ToSpan, civil::Date};
use ledger::{AssetIndex, Books};
use market::InstrumentId;
use money::FxTable;
use performance::{Daily, PriceSeries, TransferFlow, value_asset_daily, value_daily};
use rust_decimal::Decimal;

use super::model::Snapshot;
use crate::{loading::Ledgers, valuation::compute::Replayed};

/// The word for cash among the asset classes.
const CASH: &str = "cash";

pub(super) struct Input {
    /// One portfolio first, behind it those with which it has exchanged shares.
    pub(super) ledgers: Ledgers,
    pub(super) closes: HashMap<InstrumentId, Vec<(Date, f64)>>,
    pub(super) fx: FxTable,
    /// The first day wanted.
    pub(super) from: Date,
    /// The last day wanted.
    pub(super) to: Date,
}

/// The snapshots of the first portfolio from a day on, or from its first transaction if that is
/// later. A day depends on nothing after it, and on no other snapshot.
pub(super) fn build(input: Input) -> Vec<Snapshot> {
    let Input {
        mut ledgers,
        closes,
        fx,
        from,
        to,
    } = input;
    let Some(portfolio) = ledgers.portfolios.first().cloned() else {
        return Vec::new();
    };
    let base = portfolio.currency;
    let Replayed {
        assets,
        prices,
        accounts,
        books,
    } = Replayed::new(&mut ledgers, closes, &fx, base, None, to);
    let (Some((entries, _)), Some(books)) = (accounts.first(), books.first()) else {
        return Vec::new();
    };
    let Some(first) = entries.first().map(|entry| entry.date.max(from)) else {
        return Vec::new();
    };
    if to < first {
        return Vec::new();
    }
    let prices: Vec<Option<&PriceSeries>> = prices.iter().map(Option::as_ref).collect();
    let daily = value_daily(books, &assets, &prices, &fx, base, first, to);
    let mut classes: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for asset in books.quantity_steps.keys().copied() {
        let Some(instrument) = ledgers.instruments.get(asset.0 as usize) else {
            continue;
        };
        let price = prices.get(asset.0 as usize).copied().flatten();
        let values = value_asset_daily(books, asset, &assets, price, &fx, base, first, to);
        let sum = classes
            .entry(instrument.asset_class.as_str())
            .or_insert_with(|| vec![0.0; daily.value.len()]);
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += value;
        }
    }
    let mut invested = Invested::new(books, &daily.transfers);
    (0..daily.value.len())
        .map(|at| {
            let date = first.saturating_add(i64::try_from(at).unwrap_or(i64::MAX).days());
            let asset_allocation = allocation(&classes, &daily, at);
            Figures::of(&daily, at, invested.until(date)).snapshot(
                portfolio.id,
                base,
                date,
                held(books, date),
                asset_allocation,
            )
        })
        .collect()
}

/// External flows since inception, read day by day.
struct Invested {
    flows: Vec<(Date, Decimal)>,
    next: usize,
    sum: Decimal,
}

impl Invested {
    fn new(books: &Books, transfers: &[TransferFlow]) -> Self {
        let money = books.flows.iter().map(|flow| (flow.date, flow.amount_base));
        let shares = transfers.iter().map(|flow| (flow.date, flow.amount_base));
        let mut flows: Vec<(Date, Decimal)> = money.chain(shares).collect();
        flows.sort_by_key(|(date, _)| *date);
        Self {
            flows,
            next: 0,
            sum: Decimal::ZERO,
        }
    }

    /// The sum at the close of a day; days must be asked for in order.
    fn until(&mut self, day: Date) -> Decimal {
        while let Some((_, amount)) = self.flows.get(self.next).filter(|(date, _)| *date <= day) {
            self.sum = self.sum.saturating_add(*amount);
            self.next += 1;
        }
        self.sum
    }
}

/// The figures of a day that follow from its series.
struct Figures {
    value: Decimal,
    cash: Decimal,
    invested: Decimal,
    change: f64,
    at_stake: f64,
}

impl Figures {
    fn of(daily: &Daily, at: usize, invested: Decimal) -> Self {
        let get = |series: &[f64]| series.get(at).copied().unwrap_or_default();
        let before = match at.checked_sub(1) {
            None => daily.opening,
            Some(yesterday) => daily.value.get(yesterday).copied().unwrap_or_default(),
        };
        let (inflow, outflow) = (get(&daily.inflow), get(&daily.outflow));
        Self {
            value: stored(get(&daily.value)),
            cash: stored(get(&daily.cash)),
            invested: money::round_to_store(invested),
            change: get(&daily.value) - before - inflow + outflow,
            at_stake: before + inflow,
        }
    }

    fn snapshot(
        self,
        portfolio_id: crate::portfolios::PortfolioId,
        currency: money::Currency,
        date: Date,
        holdings_count: i32,
        asset_allocation: BTreeMap<String, Decimal>,
    ) -> Snapshot {
        let total_gain = self.value - self.invested;
        let total_gain_percent = (self.invested > Decimal::ZERO)
            .then(|| total_gain.checked_div(self.invested))
            .flatten()
            .and_then(storable_ratio);
        let day_change_percent = (self.at_stake > 0.0)
            .then(|| money::decimal_from_f64(self.change / self.at_stake))
            .flatten()
            .and_then(storable_ratio);
        Snapshot {
            portfolio_id,
            date,
            currency,
            total_value: self.value.normalize(),
            cash_balance: self.cash.normalize(),
            net_invested: self.invested.normalize(),
            total_gain: total_gain.normalize(),
            total_gain_percent,
            day_change: stored(self.change).normalize(),
            day_change_percent,
            holdings_count,
            asset_allocation,
        }
    }
}

/// A ratio as the table holds it; one beyond all measure says nothing.
fn storable_ratio(ratio: Decimal) -> Option<Decimal> {
    let ratio = money::round_to_store(ratio).normalize();
    (ratio.abs() < Decimal::from(1_000_000_000_000_i64)).then_some(ratio)
}

/// A statistic as the table holds it.
fn stored(value: f64) -> Decimal {
    money::decimal_from_f64(value).map_or(Decimal::ZERO, money::round_to_store)
}

/// Value by asset class on a day; classes without any are left out.
fn allocation(
    classes: &BTreeMap<&'static str, Vec<f64>>,
    daily: &Daily,
    at: usize,
) -> BTreeMap<String, Decimal> {
    let held = classes
        .iter()
        .map(|(class, values)| (*class, values.get(at)));
    let mut parts: BTreeMap<String, Decimal> = BTreeMap::new();
    for (class, value) in held.chain([(CASH, daily.cash.get(at))]) {
        let value = stored(value.copied().unwrap_or_default()).normalize();
        if !value.is_zero() {
            *parts.entry(class.to_owned()).or_default() += value;
        }
    }
    parts
}

/// How many instruments are held at the close of a day.
fn held(books: &Books, day: Date) -> i32 {
    let is_held = |(_, steps): &(&AssetIndex, &Vec<(Date, Decimal)>)| {
        let next = steps.partition_point(|(date, _)| *date <= day);
        next.checked_sub(1)
            .and_then(|last| steps.get(last))
            .is_some_and(|(_, quantity)| !quantity.is_zero())
    };
    i32::try_from(books.quantity_steps.iter().filter(is_held).count()).unwrap_or(i32::MAX)
}
