//! Exchanges of currency, changes of product, single movements and balances.

use std::collections::HashMap;

use jiff::civil::Date;
use ledger::{Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{Row, StatedBalance, Statement, draft, model::Refusal, numbers::negated};

use super::{
    super::{
        sheet::{begin, not_supported, nothing, take_all},
        sums::positive_rate,
    },
    DATE,
    account::{Account, BALANCE, DESCRIPTION, Entry, internal},
    description::{Words, unknown, verb},
    named,
};

pub(super) fn needed_change(entry: &Entry<'_>) -> Result<(Decimal, Currency), Refusal> {
    entry
        .change
        .clone()?
        .ok_or_else(|| Refusal::missing("change", "it says what moved in cash"))
}

/// Two lines of one moment and order, one for the currency given and one for that received.
pub(super) fn exchanges(account: &Account<'_>, statement: &mut Statement, taken: &mut [bool]) {
    /// Entries looked at to find the other side: an order is not exchanged in more parts.
    const PARTS: usize = 16;
    let mut open: HashMap<(&str, &str, &str, bool), Vec<usize>> = HashMap::new();
    for (place, entry) in account.entries.iter().enumerate() {
        if entry.words != Words::Exchange {
            continue;
        }
        taken[place] = true;
        let at = entry.line.number_in_file();
        let moved = match needed_change(entry) {
            Ok((amount, _)) => amount,
            Err(refusal) => {
                statement.take(at, Err(refusal));
                continue;
            }
        };
        let gives = moved < Decimal::ZERO;
        let clock = entry.line.text("time tijd hora uhrzeit heure ora");
        let (date, order) = (entry.line.text(DATE), &*entry.order);
        let other = open
            .get_mut(&(date, clock, order, !gives))
            .and_then(|places| {
                let found = places.iter().take(PARTS).position(|other| {
                    account
                        .entries
                        .get(*other)
                        .is_some_and(|other| fits(entry, other))
                })?;
                account.entries.get(places.remove(found))
            });
        match other {
            Some(other) => {
                let (given, received) = if gives {
                    (entry, other)
                } else {
                    (other, entry)
                };
                take_all(statement, at, exchange(given, received));
            }
            None => open
                .entry((date, clock, order, gives))
                .or_default()
                .push(place),
        }
    }
    for place in open.into_values().flatten() {
        if let Some(entry) = account.entries.get(place) {
            let lost = not_supported(
                "the other side of this exchange of currency is not in the file: export a period \
                 that holds both",
            );
            statement.take(entry.line.number_in_file(), Err(lost));
        }
    }
}

/// Nothing is exchanged into the same currency.
fn fits(entry: &Entry<'_>, other: &Entry<'_>) -> bool {
    let currency = |entry: &Entry<'_>| needed_change(entry).ok().map(|found| found.1);
    currency(entry) != currency(other)
}

fn exchange(given: &Entry<'_>, received: &Entry<'_>) -> Result<Vec<Row>, Refusal> {
    given.line.check_width()?;
    received.line.check_width()?;
    let (amount, currency) = needed_change(given)?;
    let (bought, into) = needed_change(received)?;
    let moment = given.line.moment(DATE)?;
    let mut draft = begin(&given.line, moment, TransactionKind::Conversion, currency);
    draft.amount = Some(amount.abs());
    draft.settlement = Some(Settlement {
        currency: into,
        fx_rate: positive_rate(bought, amount.abs())?,
    });
    Ok(vec![draft.check()?])
}

/// Shares given and received without cash on one day, which is how a change of product is booked.
pub(super) fn product_changes(
    account: &Account<'_>,
    statement: &mut Statement,
    taken: &mut [bool],
) {
    let mut given: HashMap<(&str, Decimal), usize> = HashMap::new();
    let mut received = Vec::new();
    for (place, entry) in account.entries.iter().enumerate() {
        let Some((buys, quantity)) = changed(entry, account) else {
            continue;
        };
        let key = (entry.line.text(DATE), quantity);
        if buys {
            received.push((key, place));
        } else {
            given.insert(key, place);
        }
    }
    for (key, new) in received {
        let Some(old) = given.remove(&key) else {
            continue;
        };
        if let (Some(from), Some(to)) = (account.entries.get(old), account.entries.get(new)) {
            let outcome = change_of_product(from, to);
            let at = from.line.number_in_file();
            if outcome.is_err() {
                // Both lines say why they are not booked.
                take_all(statement, to.line.number_in_file(), outcome.clone());
            }
            take_all(statement, at, outcome);
            (taken[old], taken[new]) = (true, true);
        }
    }
}

fn changed(entry: &Entry<'_>, account: &Account<'_>) -> Option<(bool, Decimal)> {
    let words = verb(entry.line.text(DESCRIPTION))?;
    let occasion = words.occasion.to_lowercase();
    let is_change = [
        "productwijziging",
        "product change",
        "produktwechsel",
        "changement de produit",
    ]
    .iter()
    .any(|word| occasion.contains(word));
    let moved = entry
        .change
        .as_ref()
        .ok()?
        .map_or(Decimal::ZERO, |found| found.0);
    let deal = words.deal(account.style, None).ok()?;
    (is_change && moved.is_zero()).then_some((words.buys, deal.quantity.normalize()))
}

fn change_of_product(from: &Entry<'_>, to: &Entry<'_>) -> Result<Vec<Row>, Refusal> {
    let (old, new) = (named(&from.line).security(), named(&to.line).security());
    let isin = |entry: &Entry<'_>| entry.line.text("isin").to_owned();
    if isin(from) == isin(to) {
        return Err(nothing("the product changed its name and kept its ISIN"));
    }
    let currency = match from.line.text(super::account::CHANGE) {
        "" => Currency::EUR,
        text => draft::currency("change", text)?.0,
    };
    let moment = from.line.moment(DATE)?;
    let mut draft = begin(&from.line, moment, TransactionKind::SymbolChange, currency);
    draft.security = old;
    draft.target = new;
    Ok(vec![draft.check()?])
}

/// A line that stands for itself.
pub(super) fn single(entry: &Entry<'_>) -> Result<Vec<Row>, Refusal> {
    let line = &entry.line;
    let description = line.text(DESCRIPTION);
    let kind = match entry.words {
        Words::Internal => return Err(internal()),
        Words::Fee => TransactionKind::Fee,
        Words::Tax | Words::DividendTax => TransactionKind::Tax,
        Words::Interest => TransactionKind::Interest,
        Words::Deposit | Words::Withdrawal => {
            let gives = needed_change(entry)?.0 < Decimal::ZERO;
            if gives {
                TransactionKind::Withdrawal
            } else {
                TransactionKind::Deposit
            }
        }
        Words::Trade | Words::Exchange | Words::Dividend | Words::Unknown => {
            return Err(unknown(description));
        }
    };
    let (change, currency) = needed_change(entry)?;
    let mut draft = begin(line, line.moment(DATE)?, kind, currency);
    draft.amount = Some(match kind {
        TransactionKind::Fee | TransactionKind::Tax => negated(change),
        TransactionKind::Interest => change,
        _ => change.abs(),
    });
    if matches!(kind, TransactionKind::Fee | TransactionKind::Tax) {
        draft.security = named(line).security();
    }
    draft.note = crate::securities::filled(description);
    Ok(vec![draft.check()?])
}

/// The balance at the close of each day is that of its newest line. Where money is swept to a bank
/// and back, the balance is only a part of the cash and states nothing.
pub(super) fn balances(account: &Account<'_>, statement: &mut Statement) {
    let sweeps = |entry: &Entry<'_>| entry.words == Words::Internal;
    if account.entries.iter().any(sweeps) {
        return;
    }
    let stated: Vec<StatedBalance> = account.entries.iter().filter_map(balance).collect();
    let is_rising = stated
        .first()
        .zip(stated.last())
        .is_some_and(|(first, last)| first.on < last.on);
    let mut newest: HashMap<(Currency, Date), StatedBalance> = HashMap::new();
    for balance in stated {
        let key = (balance.currency, balance.on);
        if is_rising {
            newest.insert(key, balance);
        } else {
            newest.entry(key).or_insert(balance);
        }
    }
    statement.balances = newest.into_values().collect();
    statement.balances.sort_by_key(|balance| balance.line);
}

fn balance(entry: &Entry<'_>) -> Option<StatedBalance> {
    let line = &entry.line;
    let (currency, factor) = draft::currency("balance", line.text(BALANCE)).ok()?;
    let stated = line.number_beside(BALANCE).ok()??;
    Some(StatedBalance {
        line: line.number_in_file(),
        account: None,
        currency,
        on: line.moment(DATE).ok()?.date,
        amount: draft::product(stated, factor).ok()?,
    })
}
