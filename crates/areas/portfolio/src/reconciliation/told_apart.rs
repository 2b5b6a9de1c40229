//! Which transactions an account's word is about.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::{AssetIndex, Books, Entry, Event};
use rust_decimal::Decimal;

use super::{Booked, SHARES, Stated, What};

/// What is stated, and what the books say to it.
pub(super) struct Claim {
    pub(super) who: Who,
    pub(super) on: Date,
    pub(super) says: Decimal,
    pub(super) computed: Decimal,
}

/// Whose word it is.
pub(super) enum Who {
    /// The only one there is, on the whole portfolio.
    Broker,
    /// One of several, on its own transactions.
    Account(String),
    /// Several, whose transactions cannot be told apart.
    Together(Vec<String>),
}

/// A position or a balance; `None` for an instrument that the books do not know.
type Subject = (What, Option<AssetIndex>);

/// What differs of the words on one position or balance.
pub(super) fn claims(booked: Booked<'_>, subject: Subject, words: &[&Stated]) -> Vec<Claim> {
    let Some(last) = words.iter().map(|word| word.on).max() else {
        return Vec::new();
    };
    let origins: BTreeSet<Option<&str>> = booked
        .entries
        .iter()
        .filter(|entry| entry.date <= last && moves(entry, subject))
        .map(|entry| origin(booked, entry))
        .collect();
    let by_hand = origins.contains(&None);
    let named: BTreeSet<&str> = origins.into_iter().flatten().collect();
    let stated: BTreeSet<&str> = words.iter().map(|word| word.origin.as_str()).collect();
    let together = together(booked, subject, words, last);
    // An account none of whose transactions are here may have got them by another way.
    let can_tell = (stated.len() > 1 || named.len() > 1) && stated.is_subset(&named);
    let is_complete = named.is_subset(&stated);
    let differs = |claim: &Claim| (claim.says - claim.computed).abs() >= tolerance(subject.0);
    if !can_tell || (by_hand && is_complete) {
        return Some(together).filter(differs).into_iter().collect();
    }
    // Transactions of whom nobody states anything may be of the same account as well.
    if !is_complete && !differs(&together) {
        return Vec::new();
    }
    let own = |word: &&Stated| {
        let alone = claim(booked, subject, word, false);
        // What was entered by hand may be of this account or of another one.
        if by_hand && differs(&alone) {
            return claim(booked, subject, word, true);
        }
        alone
    };
    words.iter().map(own).filter(differs).collect()
}

/// What makes a difference: a share of a millionth, or the smallest unit of a currency.
fn tolerance(what: What) -> Decimal {
    match what {
        What::Position(_) => SHARES,
        What::Cash(currency) => Decimal::new(1, currency.digits()),
    }
}

/// All words on all transactions.
fn together(booked: Booked<'_>, subject: Subject, words: &[&Stated], last: Date) -> Claim {
    let origins = || words.iter().map(|word| word.origin.clone());
    Claim {
        who: match words {
            [_] => Who::Broker,
            _ => Who::Together(origins().collect()),
        },
        on: last,
        says: words.iter().map(|word| word.quantity).sum(),
        computed: level(booked.books, subject, last),
    }
}

/// One word on the transactions of its account, if wanted with those that were entered by hand.
fn claim(booked: Booked<'_>, subject: Subject, word: &Stated, with_manual: bool) -> Claim {
    let entries: Vec<Entry> = booked
        .entries
        .iter()
        .filter(|entry| match origin(booked, entry) {
            Some(origin) => origin == word.origin,
            None => with_manual || is_of_all(entry),
        })
        .cloned()
        .collect();
    let books = ledger::replay(&entries, booked.assets, booked.fx, booked.rules);
    Claim {
        who: Who::Account(word.origin.clone()),
        on: word.on,
        says: word.quantity,
        computed: level(&books, subject, word.on),
    }
}

/// What a company does to its shares, it does to those in every account.
fn is_of_all(entry: &Entry) -> bool {
    matches!(
        entry.event,
        Event::Split { .. } | Event::SymbolChange { .. }
    )
}

fn origin<'a>(booked: Booked<'a>, entry: &Entry) -> Option<&'a str> {
    booked.origins.get(&entry.id).map(String::as_str)
}

/// Whether an entry changes a position or a balance, and belongs to one account.
fn moves(entry: &Entry, (what, asset): Subject) -> bool {
    let event = &entry.event;
    if is_of_all(entry) {
        return false;
    }
    match what {
        What::Position(_) => {
            let pays_only = matches!(
                event,
                Event::Dividend { .. }
                    | Event::ReturnOfCapital { .. }
                    | Event::Fee { .. }
                    | Event::Tax { .. }
            );
            let of_it = asset.is_some() && (event.asset() == asset || event.target() == asset);
            of_it && !pays_only
        }
        What::Cash(currency) => {
            let moves_shares = matches!(
                event,
                Event::TransferIn { .. } | Event::TransferOut { .. } | Event::SpinOff { .. }
            );
            let is_charged = !entry.fees.is_zero() || !entry.taxes.is_zero();
            let settled = entry.settlement.map(|settlement| settlement.currency);
            (entry.currency == currency || settled == Some(currency))
                && (!moves_shares || is_charged)
        }
    }
}

/// The level at the close of a day.
fn level(books: &Books, (what, asset): Subject, on: Date) -> Decimal {
    let steps = match what {
        What::Position(_) => asset.and_then(|asset| books.quantity_steps.get(&asset)),
        What::Cash(currency) => books.cash_steps.get(&currency),
    };
    let steps = steps.map(Vec::as_slice).unwrap_or_default();
    let next = steps.partition_point(|(day, _)| *day <= on);
    next.checked_sub(1)
        .and_then(|last| steps.get(last))
        .map_or(Decimal::ZERO, |(_, level)| *level)
}
