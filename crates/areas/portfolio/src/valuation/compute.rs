//! From rows to figures: pure, runs off the async threads.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Position, Rules};
use market::{Instrument, InstrumentId};
use money::{Currency, FxTable};
use performance::{
    Closing, ClosingPosition, Daily, PriceSeries, closing, transfer_flows, value_daily,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    findings::{self, Sources},
    model::{CashBalance, Holding, OpenLot, Part, Rendered, Totals, Valuation},
};
use crate::{
    cash, gains, health,
    loading::{self, Ledgers},
    reconciliation::Stated,
    transactions::{Transaction, entry::Assets},
};

pub(super) struct Input {
    pub(super) base: Currency,
    pub(super) as_of: Date,
    pub(super) cost_basis: Option<CostBasis>,
    pub(super) known_on: Option<Date>,
    pub(super) ledgers: Ledgers,
    /// What brokers state as the result.
    pub(super) stated: Vec<Stated>,
    /// Where transactions came from.
    pub(super) origins: HashMap<Uuid, String>,
    /// Findings that their owner lives with.
    pub(super) accepted: HashSet<String>,
    pub(super) closes: HashMap<InstrumentId, Vec<(Date, f64)>>,
    pub(super) fx: Arc<FxTable>,
}

pub(super) fn value(input: Input) -> Valuation {
    let Input {
        base,
        as_of,
        cost_basis,
        known_on,
        mut ledgers,
        stated,
        origins,
        accepted,
        closes,
        fx,
    } = input;
    let Replayed {
        assets,
        prices,
        accounts,
        books,
    } = Replayed::new(&mut ledgers, closes, &fx, base, cost_basis, as_of);
    let market = Market {
        base,
        as_of,
        assets: &assets,
        prices: prices.iter().map(Option::as_ref).collect(),
        fx: &fx,
    };
    let all = accounts.into_iter().zip(books).take(ledgers.wanted);
    let outcomes: Vec<Outcome> = all
        .map(|((entries, rules), books)| market.outcome(entries, rules, books))
        .collect();
    let mut portfolios = ledgers.portfolios;
    portfolios.truncate(ledgers.wanted);
    let sources = Sources {
        portfolios: &portfolios,
        transactions: &ledgers.transactions,
        stated: &stated,
        origins: &origins,
        index: &Assets::of(&ledgers.instruments),
        assets: &assets,
        prices: &market.prices,
        fx: &fx,
    };
    let told = findings::gather(&sources, &outcomes, &ledgers.instruments, as_of).into_iter();
    let (accepted, findings) = told.partition(|placed| accepted.contains(&health::key(placed)));
    let dailies: Vec<Daily> = outcomes.iter().filter_map(|o| o.daily.clone()).collect();
    let (parts, closings): (Vec<Part>, Vec<Closing>) =
        outcomes.into_iter().map(|o| (o.part, o.closing)).unzip();
    let holdings = holdings(&parts, &closings, |asset| {
        let currency = assets.get(asset.0 as usize)?.currency;
        fx.rate(currency, base, as_of).map(|rate| rate.rate)
    });
    Valuation {
        base,
        as_of,
        known_on,
        portfolios,
        instruments: ledgers.instruments,
        assets,
        daily: (!dailies.is_empty()).then(|| Daily::combine(&dailies)),
        cash: balances(&closings),
        totals: totals(&parts, &closings, &holdings),
        parts,
        holdings,
        findings,
        accepted,
        prices,
        fx,
        rendered: Rendered::default(),
        cash_ledgers: cash::Ledgers::default(),
        wash_sales: gains::WashSales::default(),
    }
}

/// Books of several portfolios, and what values them.
pub(crate) struct Replayed {
    pub(crate) assets: Vec<Asset>,
    pub(crate) prices: Vec<Option<PriceSeries>>,
    pub(crate) accounts: Vec<(Vec<Entry>, Rules)>,
    pub(crate) books: Vec<Books>,
}

impl Replayed {
    /// Replays what happened up to a day.
    pub(crate) fn new(
        ledgers: &mut Ledgers,
        mut closes: HashMap<InstrumentId, Vec<(Date, f64)>>,
        fx: &FxTable,
        base: Currency,
        cost_basis: Option<CostBasis>,
        as_of: Date,
    ) -> Self {
        ledgers
            .transactions
            .retain(|transaction| transaction.draft.date <= as_of);
        settle_currencies(&mut ledgers.instruments, &ledgers.transactions, base);
        let assets = ledgers.assets(base);
        let prices: Vec<Option<PriceSeries>> = ledgers
            .instruments
            .iter()
            .map(|i| closes.remove(&i.id).filter(|c| !c.is_empty()))
            .map(|closes| closes.map(PriceSeries::new))
            .collect();
        let accounts = ledgers.accounts(base, cost_basis);
        let books = loading::replay(&accounts, &assets, fx);
        Self {
            assets,
            prices,
            accounts,
            books,
        }
    }
}

/// What the engines say of one portfolio.
pub(super) struct Outcome {
    pub(super) part: Part,
    pub(super) closing: Closing,
    pub(super) daily: Option<Daily>,
}

/// What values the books of every portfolio alike.
struct Market<'a> {
    base: Currency,
    as_of: Date,
    assets: &'a [Asset],
    prices: Vec<Option<&'a PriceSeries>>,
    fx: &'a FxTable,
}

impl Market<'_> {
    fn outcome(&self, entries: Vec<Entry>, rules: Rules, books: Books) -> Outcome {
        let (base, fx, as_of) = (self.base, self.fx, self.as_of);
        let closing = closing(&books, self.assets, &self.prices, fx, base, as_of);
        let daily = entries.first().map(|first| {
            value_daily(
                &books,
                self.assets,
                &self.prices,
                fx,
                base,
                first.date,
                as_of,
            )
        });
        let transfers = transfer_flows(&books, self.assets, &self.prices, fx, base);
        Outcome {
            part: Part {
                value: closing.value_base,
                entries,
                rules,
                books,
                transfers,
            },
            closing,
            daily,
        }
    }
}

/// An instrument whose currency nobody stated is quoted in the currency in which it was first traded.
pub(crate) fn settle_currencies(
    instruments: &mut [Instrument],
    transactions: &[Transaction],
    base: Currency,
) {
    for instrument in instruments.iter_mut().filter(|i| i.currency.is_none()) {
        let first = transactions
            .iter()
            .filter(|t| t.draft.instrument_id == Some(instrument.id))
            .min_by_key(|t| t.draft.date);
        instrument.currency = Some(first.map_or(base, |t| t.draft.currency));
    }
}

/// `rate` leads from an instrument's currency to the base currency on the day.
fn holdings(
    parts: &[Part],
    closings: &[Closing],
    rate: impl Fn(AssetIndex) -> Option<Decimal>,
) -> Vec<Holding> {
    let mut merged: BTreeMap<AssetIndex, Holding> = BTreeMap::new();
    for (portfolio, (part, closing)) in parts.iter().zip(closings).enumerate() {
        for close in &closing.positions {
            let Some(position) = part.books.positions.get(&close.asset) else {
                continue;
            };
            let holding = merged
                .entry(close.asset)
                .or_insert_with(|| empty(close.asset));
            holding.quantity += close.quantity;
            holding.cost += position.cost_base;
            holding.local_cost += position.cost;
            holding.local_price = holding.local_price.or(close.price);
            holding.price_on = holding.price_on.or(close.price_on);
            holding.local_value += close.value;
            holding.value += close.value_base;
            holding.unrealized_gain += close.unrealized_base;
            let price_gain = price_gain(close, position, rate(close.asset));
            holding.price_gain += price_gain;
            holding.currency_gain += close.unrealized_base - price_gain;
            holding.realized_gain += position.realized_base;
            holding.local_realized_gain += position.realized;
            holding.dividends += position.dividends_base;
            holding.local_dividends += position.dividends;
            holding.fees += position.fees_base;
            holding.taxes += position.taxes_base;
            holding.is_priced &= close.priced || close.quantity.is_zero();
            holding.lots.extend(
                position
                    .lots
                    .iter()
                    .cloned()
                    .map(|lot| OpenLot { portfolio, lot }),
            );
        }
    }
    let mut holdings: Vec<Holding> = merged.into_values().collect();
    for holding in &mut holdings {
        holding.lots.sort_by_key(|open| open.lot.acquired_on);
    }
    holdings.sort_by(|a, b| b.value.cmp(&a.value).then(a.asset.cmp(&b.asset)));
    holdings
}

/// What the price alone made of an open position, at today's rate. One that is valued at its cost, for
/// want of a price or rate, has gained nothing.
fn price_gain(close: &ClosingPosition, position: &Position, rate: Option<Decimal>) -> Decimal {
    let local = close.value.checked_sub(position.cost);
    let at_rate = local
        .zip(rate)
        .and_then(|(gain, rate)| gain.checked_mul(rate));
    at_rate
        .filter(|_| close.priced && !close.quantity.is_zero())
        .map_or(Decimal::ZERO, money::round_computed)
}

fn empty(asset: AssetIndex) -> Holding {
    Holding {
        asset,
        quantity: Decimal::ZERO,
        cost: Decimal::ZERO,
        local_cost: Decimal::ZERO,
        local_price: None,
        price_on: None,
        local_value: Decimal::ZERO,
        value: Decimal::ZERO,
        unrealized_gain: Decimal::ZERO,
        price_gain: Decimal::ZERO,
        currency_gain: Decimal::ZERO,
        realized_gain: Decimal::ZERO,
        local_realized_gain: Decimal::ZERO,
        dividends: Decimal::ZERO,
        local_dividends: Decimal::ZERO,
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        is_priced: true,
        lots: Vec::new(),
    }
}

fn balances(closings: &[Closing]) -> Vec<CashBalance> {
    let mut merged: BTreeMap<Currency, CashBalance> = BTreeMap::new();
    for balance in closings.iter().flat_map(|closing| &closing.cash) {
        let sum = merged.entry(balance.currency).or_insert(CashBalance {
            currency: balance.currency,
            amount: Decimal::ZERO,
            value: Some(Decimal::ZERO),
        });
        sum.amount += balance.amount;
        sum.value = sum
            .value
            .zip(balance.amount_base)
            .map(|(sum, more)| sum + more);
    }
    merged.into_values().collect()
}

/// What transfers of shares were worth, less those between the valued portfolios.
fn moved(parts: &[Part]) -> Decimal {
    let flows = parts.iter().flat_map(|part| &part.transfers);
    // The two sides of a transfer between two of them add up to nothing.
    flows.map(|flow| flow.amount_base).sum()
}

fn totals(parts: &[Part], closings: &[Closing], holdings: &[Holding]) -> Totals {
    let books = |figure: fn(&Books) -> Decimal| -> Decimal {
        parts.iter().map(|part| figure(&part.books)).sum()
    };
    let closed = |figure: fn(&Closing) -> Decimal| -> Decimal { closings.iter().map(figure).sum() };
    let held = |figure: fn(&Holding) -> Decimal| -> Decimal { holdings.iter().map(figure).sum() };
    Totals {
        value: closed(|c| c.value_base),
        holdings_value: closed(|c| c.positions_base),
        cash: closed(|c| c.cash_base),
        net_invested: books(|b| b.flows.iter().map(|flow| flow.amount_base).sum()) + moved(parts),
        cost: closed(|c| c.cost_base),
        unrealized_gain: closed(|c| c.unrealized_base),
        price_gain: held(|h| h.price_gain),
        currency_gain: held(|h| h.currency_gain),
        realized_gain: held(|h| h.realized_gain),
        dividends: held(|h| h.dividends),
        interest: books(|b| b.interest_base),
        fees: held(|h| h.fees) + books(|b| b.account_fees_base),
        taxes: held(|h| h.taxes) + books(|b| b.account_taxes_base),
    }
}
