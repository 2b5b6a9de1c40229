//! From books, prices and rates to a value per day.
//!
//! Time is spent here, so the shape is: each stretch of days with the same quantity of an instrument
//! is a loop of multiplications over slices.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Finding};
use money::{Currency, FxTable, f64_from_decimal};
use rust_decimal::Decimal;

use crate::{
    Daily, PriceSeries,
    calendar::{self, Window},
    finding,
    prices::Closes,
    transfers::transfer_flows,
};

/// Values books on every calendar day from `from` to `to`, in the base currency.
///
/// Value of a day = Σ quantity × multiplier × last close × last rate, over the positions, plus Σ balance × last
/// rate, over the currencies of cash; the last ones on or before the day. `assets` and `prices` are
/// looked up by [`AssetIndex`]. After a split, an older close is divided by the ratio until there is
/// a newer one. Shares that are transferred are flows at their worth on the day:
/// [`crate::transfer_flows`].
///
/// What is missing becomes a finding, and the value says what it leaves out:
///
/// | code | what is missing | the value contains |
/// |---|---|---|
/// | `missing_price` | any close on or before the day | the position at cost |
/// | `missing_rate` | any rate on or before the day | the position at cost; cash not at all |
/// | `stale_price` | a close within the seven days before `to` | the position at the old close |
pub fn value_daily(
    books: &Books,
    assets: &[Asset],
    prices: &[Option<&PriceSeries>],
    fx: &FxTable,
    base: Currency,
    from: Date,
    to: Date,
) -> Daily {
    if to < from {
        return Daily {
            first: from,
            ..Daily::default()
        };
    }
    // One day more at the start gives the opening value.
    let window = Window::new(calendar::after(from, -1), to);
    let mut valuation = Valuation::new(fx, base, window);
    for asset in books.quantity_steps.keys() {
        let price = prices.get(asset.0 as usize).copied().flatten();
        valuation.add_asset(books, *asset, assets.get(asset.0 as usize), price);
    }
    let mut cash = vec![0.0; window.len];
    for (currency, steps) in &books.cash_steps {
        valuation.add_cash(&mut cash, *currency, steps);
    }
    for (value, cash) in valuation.value.iter_mut().zip(&cash) {
        *value += cash;
    }
    // Where the calendar begins there is no day before the first.
    let skip = window.len - calendar::length(from, to);
    let mut daily = Daily {
        first: from,
        opening: valuation.value[..skip].first().copied().unwrap_or_default(),
        value: valuation.value.split_off(skip),
        cash: cash.split_off(skip),
        findings: valuation.findings,
        ..Daily::default()
    };
    daily.transfers = transfer_flows(books, assets, prices, fx, base);
    add_flows(&mut daily, books, Window::new(from, to));
    daily
}

/// The value of one position on every calendar day from `from` to `to`: its part of
/// [`value_daily`], by the same rules.
#[expect(
    clippy::too_many_arguments,
    reason = "one more than value_daily: which instrument"
)]
pub fn value_asset_daily(
    books: &Books,
    asset: AssetIndex,
    assets: &[Asset],
    prices: Option<&PriceSeries>,
    fx: &FxTable,
    base: Currency,
    from: Date,
    to: Date,
) -> Vec<f64> {
    let mut valuation = Valuation::new(fx, base, Window::new(from, to));
    valuation.add_asset(books, asset, assets.get(asset.0 as usize), prices);
    valuation.value
}

fn add_flows(daily: &mut Daily, books: &Books, window: Window) {
    daily.inflow = vec![0.0; window.len];
    daily.outflow = vec![0.0; window.len];
    let mut invested = 0.0;
    let money = books.flows.iter().map(|flow| (flow.date, flow.amount_base));
    let shares = daily.transfers.iter();
    let shares = shares.map(|flow| (flow.date, flow.amount_base));
    for (date, amount) in money.chain(shares) {
        let amount = f64_from_decimal(amount);
        let day = calendar::number(date);
        if day < window.start {
            invested += amount;
        } else if let Some(index) = Some(window.clamp(day)).filter(|index| *index < window.len) {
            let side = if amount > 0.0 {
                &mut daily.inflow
            } else {
                &mut daily.outflow
            };
            side[index] += amount.abs();
        }
    }
    let flows = daily.inflow.iter().zip(&daily.outflow);
    daily.net_invested = flows
        .map(|(inflow, outflow)| {
            invested += inflow - outflow;
            invested
        })
        .collect();
}

struct Valuation<'a> {
    fx: &'a FxTable,
    base: Currency,
    window: Window,
    rates: BTreeMap<Currency, DailyRates>,
    value: Vec<f64>,
    findings: Vec<Finding>,
}

/// Rates into the base currency; none before `known_from`.
struct DailyRates {
    rates: Vec<f64>,
    known_from: usize,
}

impl<'a> Valuation<'a> {
    fn new(fx: &'a FxTable, base: Currency, window: Window) -> Self {
        Self {
            fx,
            base,
            window,
            rates: BTreeMap::new(),
            value: vec![0.0; window.len],
            findings: Vec::new(),
        }
    }

    fn add_asset(
        &mut self,
        books: &Books,
        asset: AssetIndex,
        info: Option<&Asset>,
        prices: Option<&PriceSeries>,
    ) {
        let Some(steps) = books.quantity_steps.get(&asset) else {
            return;
        };
        let costs = books.cost_steps.get(&asset).map_or(&[][..], Vec::as_slice);
        let window = self.window;
        let splits = books.splits.get(&asset).map_or(&[][..], Vec::as_slice);
        let closes = match prices {
            None => Closes::none(window),
            Some(prices) => prices.across_splits(window, splits),
        };
        let currency = info.map_or(self.base, |asset| asset.currency);
        let (base, fx) = (self.base, self.fx);
        let rates = (currency != base).then(|| {
            &*self
                .rates
                .entry(currency)
                .or_insert_with(|| DailyRates::new(fx, currency, base, window))
        });
        let rated_from = rates.map_or(0, |rates| rates.known_from);
        let known_from = closes.begin.max(rated_from);
        let multiplier = info.map_or(1.0, |asset| f64_from_decimal(asset.multiplier));
        let mut unpriced = None;
        for (index, (range, quantity)) in stretches(window, steps).enumerate() {
            let Some(quantity) = quantity else { continue };
            let known = range.start.max(known_from).min(range.end);
            if range.start < known {
                unpriced = unpriced.or(Some(range.start));
                let cost = costs
                    .get(index)
                    .map_or(0.0, |(_, cost)| f64_from_decimal(*cost));
                self.value[range.start..known]
                    .iter_mut()
                    .for_each(|value| *value += cost);
            }
            if known == range.end {
                continue;
            }
            let rates = rates.map(|rates| &rates.rates[known..range.end]);
            let closes = closes.of(known..range.end);
            let units = quantity * multiplier;
            add_products(&mut self.value[known..range.end], units, closes, rates);
        }
        let symbol = info.map_or("?", |asset| asset.symbol.as_str());
        self.report(symbol, currency, unpriced, (closes.begin, rated_from));
        self.report_age(symbol, steps, prices);
    }

    fn report(
        &mut self,
        symbol: &str,
        currency: Currency,
        unpriced: Option<usize>,
        (priced_from, rated_from): (usize, usize),
    ) {
        let Some(first) = unpriced else { return };
        let date = self.window.date(first);
        if first < priced_from {
            self.findings.push(finding::missing_price(symbol, date));
        }
        if first < rated_from {
            self.findings
                .push(finding::missing_rate(symbol, currency, self.base, date));
        }
    }

    fn report_age(
        &mut self,
        symbol: &str,
        steps: &[(Date, Decimal)],
        prices: Option<&PriceSeries>,
    ) {
        let to = self.window.date(self.window.len.saturating_sub(1));
        let next = steps.partition_point(|(day, _)| *day <= to);
        let held = steps[..next]
            .last()
            .is_some_and(|(_, quantity)| !quantity.is_zero());
        if let Some((price_on, _)) = prices.filter(|_| held).and_then(|prices| prices.at(to)) {
            self.findings
                .extend(finding::stale_price(symbol, price_on, to));
        }
    }

    fn add_cash(&mut self, cash: &mut [f64], currency: Currency, steps: &[(Date, Decimal)]) {
        let (base, fx, window) = (self.base, self.fx, self.window);
        let rates = self
            .rates
            .entry(currency)
            .or_insert_with(|| DailyRates::new(fx, currency, base, window));
        let mut unrated = None;
        for (range, balance) in stretches(window, steps) {
            let Some(balance) = balance else { continue };
            let known = range.start.max(rates.known_from).min(range.end);
            if range.start < known {
                unrated = unrated.or(Some(range.start));
            }
            let days = known..range.end;
            let rates = &rates.rates[days.clone()];
            for (cash, rate) in cash[days].iter_mut().zip(rates) {
                *cash += balance * rate;
            }
        }
        if let Some(first) = unrated {
            let first = window.date(first);
            self.findings
                .push(finding::missing_cash_rate(currency, base, first));
        }
    }
}

/// Adds quantity × close × rate to each value. There may be fewer closes than values; the last one
/// then holds for the rest.
fn add_products(
    values: &mut [f64],
    quantity: f64,
    (closes, last): (&[f64], f64),
    rates: Option<&[f64]>,
) {
    let (head, tail) = values.split_at_mut(closes.len());
    let Some(rates) = rates else {
        head.iter_mut()
            .zip(closes)
            .for_each(|(value, close)| *value += quantity * close);
        for value in tail {
            *value += quantity * last;
        }
        return;
    };
    let (head_rates, tail_rates) = rates.split_at(closes.len());
    for ((value, close), rate) in head.iter_mut().zip(closes).zip(head_rates) {
        *value += quantity * close * rate;
    }
    for (value, rate) in tail.iter_mut().zip(tail_rates) {
        *value += quantity * last * rate;
    }
}

impl DailyRates {
    fn new(fx: &FxTable, from: Currency, to: Currency, window: Window) -> Self {
        let rates = fx.daily(from, to, window.first, window.len);
        let known_from = rates
            .iter()
            .position(|rate| !rate.is_nan())
            .unwrap_or(window.len);
        Self { rates, known_from }
    }
}

/// The stretches of a window between steps, with the level that holds there; `None` where it is
/// nothing. One element per step, in order.
fn stretches(
    window: Window,
    steps: &[(Date, Decimal)],
) -> impl Iterator<Item = (std::ops::Range<usize>, Option<f64>)> {
    let mut begins = steps
        .iter()
        .map(move |(day, _)| window.clamp(calendar::number(*day)));
    let mut begin = begins.next().unwrap_or(window.len);
    steps.iter().map(move |(_, level)| {
        let end = begins.next().unwrap_or(window.len);
        let range = begin..end;
        begin = end;
        let level = (!level.is_zero() && !range.is_empty()).then(|| f64_from_decimal(*level));
        (range, level)
    })
}
