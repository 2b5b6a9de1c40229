//! Cash balances, and the days on which they do not hold.

use jiff::civil::Date;
use money::{Currency, round_to_currency};
use rust_decimal::Decimal;

use crate::{Books, finding, holding::step};

/// A balance per currency. There are few, so a list is searched faster than a map.
#[derive(Default)]
pub(crate) struct Cash {
    balances: Vec<Balance>,
}

struct Balance {
    currency: Currency,
    amount: Decimal,
    steps: Vec<(Date, Decimal)>,
}

/// Days in a row on which a balance was below zero.
pub(crate) struct Overdraft {
    pub(crate) currency: Currency,
    pub(crate) first: Date,
    /// The first day after it; `None` while it lasts.
    pub(crate) ended: Option<Date>,
    pub(crate) deepest: Decimal,
    pub(crate) deepest_on: Date,
}

impl Cash {
    pub(crate) fn add(&mut self, currency: Currency, on: Date, change: Decimal) {
        if change.is_zero() {
            return;
        }
        let known = self
            .balances
            .iter()
            .position(|balance| balance.currency == currency);
        let index = known.unwrap_or_else(|| {
            self.balances.push(Balance {
                currency,
                amount: Decimal::ZERO,
                steps: Vec::new(),
            });
            self.balances.len() - 1
        });
        let balance = &mut self.balances[index];
        balance.amount += change;
        step(&mut balance.steps, on, balance.amount);
    }

    pub(crate) fn close_into(mut self, books: &mut Books) {
        self.balances.sort_by_key(|balance| balance.currency);
        for balance in self.balances {
            for overdraft in overdrafts(balance.currency, &balance.steps) {
                books.findings.push(finding::negative_cash(&overdraft));
            }
            books.cash.insert(balance.currency, balance.amount);
            books.cash_steps.insert(balance.currency, balance.steps);
        }
    }
}

/// A balance counts as negative when it still is after rounding to the digits of its currency.
fn overdrafts(currency: Currency, steps: &[(Date, Decimal)]) -> Vec<Overdraft> {
    let mut found: Vec<Overdraft> = Vec::new();
    let mut open = false;
    for (date, amount) in steps {
        let negative = round_to_currency(*amount, currency) < Decimal::ZERO;
        match found.last_mut().filter(|_| open) {
            Some(run) if negative && *amount < run.deepest => {
                (run.deepest, run.deepest_on) = (*amount, *date);
            }
            Some(run) if !negative => run.ended = Some(*date),
            None if negative => found.push(Overdraft {
                currency,
                first: *date,
                ended: None,
                deepest: *amount,
                deepest_on: *date,
            }),
            _ => {}
        }
        open = negative;
    }
    found
}
