//! Cash balances, and the days on which they do not hold.

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;

use crate::{Books, finding, fixed::Amount};

/// A balance per currency. There are few, so a list is searched faster than a map.
#[derive(Default)]
pub(crate) struct Cash {
    balances: Vec<Balance>,
}

struct Balance {
    currency: Currency,
    amount: Amount,
    steps: Vec<(Date, Amount)>,
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
    pub(crate) fn add(&mut self, currency: Currency, on: Date, change: Amount) {
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
                amount: Amount::ZERO,
                steps: Vec::new(),
            });
            self.balances.len() - 1
        });
        let balance = &mut self.balances[index];
        balance.amount += change;
        match balance.steps.last_mut() {
            Some((date, amount)) if *date == on => *amount = balance.amount,
            _ => balance.steps.push((on, balance.amount)),
        }
    }

    pub(crate) fn close_into(mut self, books: &mut Books) {
        self.balances.sort_by_key(|balance| balance.currency);
        for Balance {
            currency,
            amount,
            steps,
        } in self.balances
        {
            let steps: Vec<(Date, Decimal)> = steps
                .into_iter()
                .map(|(on, amount)| (on, amount.decimal()))
                .collect();
            let overdrafts = overdrafts(currency, &steps);
            books
                .findings
                .extend(overdrafts.iter().map(finding::negative_cash));
            books.cash.insert(currency, amount.decimal());
            books.cash_steps.insert(currency, steps);
        }
    }
}

/// A balance counts as negative when it still is after rounding to the digits of its currency, a half
/// away from zero.
fn overdrafts(currency: Currency, steps: &[(Date, Decimal)]) -> Vec<Overdraft> {
    let mut found: Vec<Overdraft> = Vec::new();
    let mut open = false;
    let half_unit = Decimal::new(5, currency.digits() + 1);
    for (date, amount) in steps {
        let negative = amount.is_sign_negative() && -*amount >= half_unit;
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
