use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::body::Bytes;
use jiff::civil::Date;
use ledger::{Account, Asset, AssetIndex, Books, Entry, Flow, Income, Lot, Realization, Rules};
use market::Instrument;
use money::{Currency, FxTable};
use performance::{
    Daily, Days, Known, NotAvailable, Period, PriceSeries, Summary, TransferFlow, XirrError,
    summary,
};
use rust_decimal::Decimal;

use super::findings::PlacedFinding;
use crate::{cash, gains, portfolios::Portfolio};

/// How the codes of findings begin that tell of another word of the broker.
const UNRECONCILED: &str = "unreconciled";

/// One or several portfolios at the close of a day, with all days before. Amounts are in `base`
/// unless they say otherwise.
#[derive(Debug)]
pub struct Valuation {
    /// The currency of all totals.
    pub base: Currency,
    /// The day.
    pub as_of: Date,
    /// The day at whose end the transactions were stored like this; `None`: as they are now.
    pub known_on: Option<Date>,
    /// What was valued.
    pub portfolios: Vec<Portfolio>,
    /// Every instrument ever touched, by [`AssetIndex`].
    pub instruments: Vec<Instrument>,
    /// The same as the ledger saw them.
    pub assets: Vec<Asset>,
    /// The books of each portfolio, in the order of `portfolios`.
    pub parts: Vec<Part>,
    /// Value by day; `None` before the first transaction.
    pub daily: Option<Daily>,
    /// One per instrument, over all portfolios; closed ones stay.
    pub holdings: Vec<Holding>,
    /// Balance per currency.
    pub cash: Vec<CashBalance>,
    /// Sums.
    pub totals: Totals,
    /// What does not add up.
    pub findings: Vec<PlacedFinding>,
    /// What does not add up either, and is to stay so by its owner's word.
    pub accepted: Vec<PlacedFinding>,
    /// Closing prices by [`AssetIndex`].
    pub prices: Vec<Option<PriceSeries>>,
    /// The exchange rates used, shared with other valuations.
    pub fx: Arc<FxTable>,
    /// Rendered answers for this valuation, which is immutable: by what was asked.
    pub(crate) rendered: Rendered,
    /// Cash ledgers that somebody has asked for.
    pub(crate) cash_ledgers: cash::Ledgers,
    /// Losses with a replacement, once somebody has asked for them.
    pub(crate) wash_sales: gains::WashSales,
}

/// One portfolio's share of a valuation.
#[derive(Debug)]
pub struct Part {
    /// What was replayed.
    pub entries: Vec<Entry>,
    /// By which rules.
    pub rules: Rules,
    /// What came out.
    pub books: Books,
    /// Holdings and cash at the close.
    pub value: Decimal,
    /// What transferred shares were worth on their day.
    pub transfers: Vec<TransferFlow>,
}

impl Part {
    /// What was replayed, and by which rules.
    pub(crate) fn account(&self) -> Account<'_> {
        Account {
            entries: &self.entries,
            rules: &self.rules,
        }
    }

    fn approximate_bytes(&self) -> usize {
        let books = &self.books;
        let lots: usize = books.positions.values().map(|p| p.lots.len()).sum();
        let levels: usize = books.quantity_steps.values().map(Vec::len).sum();
        self.entries.len() * size_of::<Entry>()
            + books.realizations.len() * (size_of::<Realization>() + gains::WashSales::BYTES_PER_SALE)
            + books.income.len() * size_of::<Income>()
            + books.flows.len() * size_of::<Flow>()
            // A holding lists them again.
            + lots * (size_of::<Lot>() + size_of::<OpenLot>())
            // Quantity and cost.
            + 2 * levels * size_of::<(Date, Decimal)>()
            // Its cash ledgers, which are kept once they are asked for.
            + self.entries.len() * cash::Ledgers::BYTES_PER_MOVEMENT
    }

    /// Shares as they are after all splits for one share at the end of a day.
    pub(crate) fn split_factor(&self, asset: AssetIndex, day: Date) -> Decimal {
        let splits = self.books.splits.get(&asset).into_iter().flatten();
        let later = splits.filter(|(on, _)| *on > day);
        later.fold(Decimal::ONE, |factor, (_, ratio)| {
            factor
                .checked_mul(ratio.to)
                .and_then(|shares| shares.checked_div(ratio.from))
                .unwrap_or(factor)
        })
    }
}

/// One instrument over the valued portfolios.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// Which instrument.
    pub asset: AssetIndex,
    /// Shares held.
    pub quantity: Decimal,
    /// Cost of the open lots.
    pub cost: Decimal,
    /// Cost of the open lots in the instrument's currency.
    pub local_cost: Decimal,
    /// Last close in the instrument's currency.
    pub local_price: Option<Decimal>,
    /// Its day.
    pub price_on: Option<Date>,
    /// Value in the instrument's currency.
    pub local_value: Decimal,
    /// Value.
    pub value: Decimal,
    /// Value less cost.
    pub unrealized_gain: Decimal,
    /// The part of it that the price made: value less cost in the instrument's currency, at today's
    /// rate.
    pub price_gain: Decimal,
    /// The part that the exchange rate made: the rest.
    pub currency_gain: Decimal,
    /// Proceeds less cost of everything sold, net of fees.
    pub realized_gain: Decimal,
    /// The same in the instrument's currency.
    pub local_realized_gain: Decimal,
    /// Gross dividends.
    pub dividends: Decimal,
    /// The same in the instrument's currency.
    pub local_dividends: Decimal,
    /// Fees of trades and charges booked on the instrument.
    pub fees: Decimal,
    /// Taxes likewise.
    pub taxes: Decimal,
    /// `false` when a price or rate is missing and cost stands in for value.
    pub is_priced: bool,
    /// Open lots, oldest first.
    pub lots: Vec<OpenLot>,
}

impl Holding {
    /// The unrealised gain over the cost of what is held; `None` when that cost nothing.
    pub fn unrealized_return(&self) -> Option<f64> {
        let ratio = self.unrealized_gain.checked_div(self.cost);
        ratio.map(money::f64_from_decimal)
    }

    /// Whether it is open, or closed with something to tell. Figures in the instrument's currency
    /// count too: without a rate they are the only ones.
    pub fn matters(&self) -> bool {
        [
            self.quantity,
            self.realized_gain,
            self.local_realized_gain,
            self.dividends,
            self.local_dividends,
            self.fees,
            self.taxes,
        ]
        .iter()
        .any(|figure| !figure.is_zero())
    }
}

/// An open lot and the portfolio that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenLot {
    /// Position in [`Valuation::portfolios`].
    pub portfolio: usize,
    /// The lot.
    pub lot: Lot,
}

/// A cash balance.
#[derive(Clone, Debug, PartialEq)]
pub struct CashBalance {
    /// Its currency.
    pub currency: Currency,
    /// In that currency.
    pub amount: Decimal,
    /// In the base currency; `None` when there is no rate, and then not in any total.
    pub value: Option<Decimal>,
}

/// Sums over holdings and cash.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Holdings and cash.
    pub value: Decimal,
    /// Holdings.
    pub holdings_value: Decimal,
    /// Cash.
    pub cash: Decimal,
    /// External flows since inception.
    pub net_invested: Decimal,
    /// Cost of open lots.
    pub cost: Decimal,
    /// Value less cost.
    pub unrealized_gain: Decimal,
    /// The part of it that prices made.
    pub price_gain: Decimal,
    /// The part of it that exchange rates made.
    pub currency_gain: Decimal,
    /// Proceeds less cost of everything sold.
    pub realized_gain: Decimal,
    /// Gross dividends.
    pub dividends: Decimal,
    /// Interest.
    pub interest: Decimal,
    /// All fees, those that belong to no instrument too.
    pub fees: Decimal,
    /// All taxes.
    pub taxes: Decimal,
}

/// Answers already written, by kind and period, and figures that several pages show.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    answers: Mutex<HashMap<(&'static str, Period), Bytes>>,
    month_returns: OnceLock<HashMap<AssetIndex, f64>>,
}

impl Rendered {
    /// What each holding returned in the last month, computed at most once.
    pub(crate) fn month_returns(
        &self,
        compute: impl FnOnce() -> HashMap<AssetIndex, f64>,
    ) -> &HashMap<AssetIndex, f64> {
        self.month_returns.get_or_init(compute)
    }

    /// The answer, written at most once (or twice by a race, with the same outcome).
    pub(crate) fn get_or_write<E>(
        &self,
        kind: &'static str,
        period: Period,
        write: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Bytes, E> {
        let key = (kind, period);
        let lock = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = lock().get(&key) {
            return Ok(answer.clone());
        }
        let answer = Bytes::from(write()?);
        // Of free ranges there is no end.
        if !matches!(period, Period::Range { .. } | Period::CalendarYear(_)) {
            lock().insert(key, answer.clone());
        }
        Ok(answer)
    }
}

impl Valuation {
    /// The instrument of a holding.
    pub fn instrument(&self, asset: AssetIndex) -> &Instrument {
        &self.instruments[asset.0 as usize]
    }

    /// The currency in which an instrument is quoted, as the ledger took it.
    pub fn asset_currency(&self, asset: AssetIndex) -> Currency {
        self.assets[asset.0 as usize].currency
    }

    /// What it takes in memory, roughly: daily series, a filled price per day and instrument, what was
    /// replayed and what came out. Exchange rates are shared and not counted.
    pub(super) fn approximate_bytes(&self) -> u32 {
        /// Answers already written, names, lists of a few elements.
        const REST: usize = 256 * 1_024;
        let days = self.daily.as_ref().map_or(0, |daily| daily.value.len());
        let parts: usize = self.parts.iter().map(Part::approximate_bytes).sum();
        let bytes = days * 8 * (5 + 2 * self.instruments.len()) + parts + REST;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }

    /// Whether any of it belongs to the simulated sample.
    pub fn is_simulated(&self) -> bool {
        self.portfolios
            .iter()
            .any(|portfolio| portfolio.is_simulated)
    }

    /// Whether no shares ever moved in or out without a trade.
    pub(crate) fn has_no_transfers(&self) -> bool {
        self.parts.iter().all(|part| part.transfers.is_empty())
    }

    /// A holding's part of what there is: of all holdings and of the cash above zero, because cash below
    /// zero is owed. `None` when that is worth nothing.
    pub fn share(&self, holding: &Holding) -> Option<f64> {
        let whole = self.totals.holdings_value + self.totals.cash.max(Decimal::ZERO);
        let share = holding.value.checked_div(whole);
        share.map(money::f64_from_decimal)
    }

    /// Holdings that are open.
    pub fn open_holdings(&self) -> impl Iterator<Item = &Holding> {
        self.holdings
            .iter()
            .filter(|holding| !holding.quantity.is_zero())
    }

    /// The day of the latest price of anything held.
    pub fn priced_on(&self) -> Option<Date> {
        self.open_holdings()
            .filter_map(|holding| holding.price_on)
            .max()
    }

    /// The days of a period, as far as they are on record; `None` when none is.
    pub fn days(&self, period: Period) -> Option<Days> {
        let known = Known {
            first: self.daily.as_ref()?.first,
            as_of: self.as_of,
            priced_on: self.priced_on(),
        };
        period.days(known).ok()
    }

    /// The figures of a period; `None` without transactions. Where a rate is missing, amounts are left
    /// out of the sums, and no ratio of such sums is stated.
    pub fn summary(&self, days: Days) -> Option<Summary> {
        let daily = self.daily.as_ref()?;
        let mut summary = summary(daily, days.from.max(daily.first), days.to);
        if self.lacks_rate() {
            summary.twr = Err(NotAvailable::MissingRate);
            summary.mwr = Err(XirrError::MissingRate);
            summary.simple = Err(NotAvailable::MissingRate);
            summary.max_drawdown = Err(NotAvailable::MissingRate);
            summary.volatility = Err(NotAvailable::MissingRate);
        }
        Some(summary)
    }

    /// Whether amounts are left out of the sums for want of an exchange rate.
    pub fn lacks_rate(&self) -> bool {
        self.findings
            .iter()
            .chain(&self.accepted)
            .any(|placed| placed.finding.code == "missing_rate")
    }

    /// Whether what brokers state differs from the books, and nobody accepted it.
    pub fn is_unreconciled(&self) -> bool {
        self.findings
            .iter()
            .any(|placed| placed.finding.code.starts_with(UNRECONCILED))
    }

    /// The same of one instrument or currency.
    pub(crate) fn is_unreconciled_in(&self, symbol: &str) -> bool {
        self.findings.iter().any(|placed| {
            let finding = &placed.finding;
            finding.code.starts_with(UNRECONCILED) && finding.symbol.as_deref() == Some(symbol)
        })
    }
}
