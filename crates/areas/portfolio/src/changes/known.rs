//! What is known at one moment, and what the portfolios are worth by it.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use market::InstrumentId;
use money::{Currency, FxTable};
use performance::{PriceSeries, closing};
use rust_decimal::Decimal;

use super::compute::Input;
use crate::{
    loading::Ledgers,
    report::stored,
    transactions::{Transaction, TransactionId},
    valuation::compute::Replayed,
};

/// What is known at one moment.
pub(super) struct Known {
    pub(super) transactions: BTreeMap<TransactionId, Transaction>,
    closes: HashMap<InstrumentId, BTreeMap<Date, f64>>,
    fx: FxTable,
    /// What followed from transactions and rates, until one of them changes. Prices are not in it.
    replayed: Option<Replayed>,
}

/// One thing that becomes known.
pub(super) enum Fact {
    Transaction(Box<Transaction>),
    Gone(TransactionId),
    Close(InstrumentId, Date, f64),
    /// There is no value of the day any more.
    NoClose(InstrumentId, Date),
    Rate(Date, Currency, Currency, f64),
}

impl Known {
    /// Nothing but exchange rates.
    pub(super) fn new(fx: FxTable) -> Self {
        Self {
            transactions: BTreeMap::new(),
            closes: HashMap::new(),
            fx,
            replayed: None,
        }
    }

    /// The value of the wanted portfolios, as stored amounts are rounded, so that effects add up.
    pub(super) fn value(&mut self, input: &Input) -> Decimal {
        let replayed = self.replayed.take();
        let replayed = replayed.unwrap_or_else(|| self.replay(input));
        let last = input
            .instruments
            .iter()
            .map(|instrument| self.last_close(instrument.id));
        let last: Vec<Option<PriceSeries>> = last.collect();
        let prices: Vec<Option<&PriceSeries>> = last.iter().map(Option::as_ref).collect();
        let Replayed { assets, books, .. } = &replayed;
        let value = books
            .iter()
            .take(input.wanted)
            .map(|books| closing(books, assets, &prices, &self.fx, input.base, input.on).value_base)
            .sum();
        self.replayed = Some(replayed);
        stored(value)
    }

    fn replay(&self, input: &Input) -> Replayed {
        let until = |transaction: &&Transaction| transaction.draft.date <= input.on;
        let mut ledgers = Ledgers {
            portfolios: input.portfolios.clone(),
            wanted: input.wanted,
            transactions: self.transactions.values().filter(until).cloned().collect(),
            instruments: input.instruments.clone(),
        };
        let no_closes = HashMap::new();
        Replayed::new(
            &mut ledgers,
            no_closes,
            &self.fx,
            input.base,
            None,
            input.on,
        )
    }

    /// The value of a day asks for the last close alone. What is no price is passed over.
    fn last_close(&self, instrument: InstrumentId) -> Option<PriceSeries> {
        let days = self.closes.get(&instrument)?;
        let latest_first = days.iter().rev().map(|(day, close)| (*day, *close));
        latest_first
            .map(|close| PriceSeries::new([close]))
            .find(|series| !series.is_empty())
    }

    pub(super) fn apply(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            if !matches!(fact, Fact::Close(..) | Fact::NoClose(..)) {
                self.replayed = None;
            }
            match fact {
                Fact::Transaction(transaction) => {
                    self.transactions.insert(transaction.id, *transaction);
                }
                Fact::Gone(id) => {
                    self.transactions.remove(&id);
                }
                Fact::Close(id, day, close) => {
                    self.closes.entry(id).or_default().insert(day, close);
                }
                Fact::NoClose(id, day) => {
                    if let Some(days) = self.closes.get_mut(&id) {
                        days.remove(&day);
                    }
                }
                Fact::Rate(day, base, quote, rate) => {
                    self.fx.insert(day, base, quote, rate);
                }
            }
        }
    }
}
