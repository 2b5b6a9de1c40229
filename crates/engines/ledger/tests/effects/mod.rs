//! What a transaction changed in the books, and the formulas that say so.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a formula that cannot be read is a failed test"
)]

use std::collections::BTreeMap;

use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Rules};
use money::Currency;
use rust_decimal::Decimal;

use crate::journal::{Journal, RULES};

/// The columns of the table, behind the type.
pub(crate) const COLUMNS: [&str; 9] = [
    "shares",
    "cost",
    "other shares",
    "other cost",
    "cash",
    "gain",
    "income",
    "flow",
    "flow without cash",
];

/// What the last transaction of a journal changed, by column.
pub(crate) fn measured(text: &str) -> [Decimal; COLUMNS.len()] {
    let (before, after, last) = around_last(text, RULES);
    let without_cash = Rules {
        tracks_cash: false,
        ..RULES
    };
    let (bare_before, bare_after, _) = around_last(text, without_cash);
    let assets = Journal::parse(text).assets;
    let own = last.event.asset();
    let other = other(&last, &assets);
    let change = |of: &dyn Fn(&Books) -> Decimal| of(&after) - of(&before);
    let held = |asset| change(&|books| position(books, asset).0);
    let cost = |asset| change(&|books| position(books, asset).1);
    let positions = |of: &dyn Fn(&ledger::Position) -> Decimal| {
        change(&|books| books.positions.values().map(of).sum())
    };
    [
        held(own),
        cost(own),
        held(other),
        cost(other),
        change(&|books| books.cash.get(&Currency::EUR).copied().unwrap_or_default()),
        positions(&|position| position.realized),
        positions(&|position| position.dividends) + change(&|books| books.interest_base),
        change(&contributed),
        contributed(&bare_after) - contributed(&bare_before),
    ]
}

/// The value of a formula such as `+ held × ratio − cost`, for the last transaction of a journal.
pub(crate) fn stated(formula: &str, text: &str) -> Decimal {
    let names = names(text);
    let mut sum = Decimal::ZERO;
    let mut words = formula.split_whitespace().peekable();
    while let Some(sign) = words.next() {
        let mut product = match sign {
            "+" => Decimal::ONE,
            "−" => -Decimal::ONE,
            _ => panic!("a sign is missing in “{formula}”"),
        };
        loop {
            let name = words.next().unwrap_or_else(|| panic!("“{formula}” ends"));
            let value = names.get(name);
            product *= value.unwrap_or_else(|| panic!("{name} in “{formula}” is not known"));
            if words.next_if_eq(&"×").is_none() {
                break;
            }
        }
        sum += product;
    }
    sum
}

fn around_last(text: &str, rules: Rules) -> (Books, Books, Entry) {
    let mut journal = Journal::parse(text);
    let after = journal.replay(&rules).remove(0);
    assert!(
        after.findings.is_empty(),
        "findings in\n{text}\n{:?}",
        after.findings
    );
    let last = journal.portfolios[0].pop().unwrap();
    (journal.replay(&rules).remove(0), after, last)
}

fn other(entry: &Entry, assets: &[Asset]) -> Option<AssetIndex> {
    let option = entry
        .event
        .asset()
        .and_then(|asset| assets[asset.0 as usize].option);
    entry
        .event
        .target()
        .or(option.map(|option| option.underlying))
}

fn position(books: &Books, asset: Option<AssetIndex>) -> (Decimal, Decimal) {
    let position = asset.and_then(|asset| books.positions.get(&asset));
    position.map_or_else(Default::default, |position| {
        (position.quantity, position.cost)
    })
}

fn contributed(books: &Books) -> Decimal {
    books.flows.iter().map(|flow| flow.amount_base).sum()
}

/// The words of the formulas, told from the transaction and from what was held before it.
fn names(text: &str) -> BTreeMap<&'static str, Decimal> {
    let (before, _, last) = around_last(text, RULES);
    let assets = Journal::parse(text).assets;
    let own = last.event.asset();
    let held = position(&before, own).0.abs();
    let mut names = BTreeMap::from([
        ("fees", last.fees),
        ("taxes", last.taxes),
        ("held", held),
        ("cost", oldest_cost(&before, own, held)),
    ]);
    let numbers = numbers(&last.event);
    if let Some(quantity) = numbers.0 {
        names.insert("quantity", quantity);
        names.insert("cost", oldest_cost(&before, own, quantity));
    }
    names.extend(numbers.1.map(|amount| ("amount", amount)));
    names.extend(numbers.2.map(|ratio| ("ratio", ratio)));
    names.extend(numbers.3.map(|share| ("share", share)));
    if let Some(asset) = own.map(|own| &assets[own.0 as usize])
        && let (Some(terms), Some(contracts)) = (asset.option, numbers.0)
    {
        let units = contracts * asset.multiplier;
        names.insert("units", units);
        names.insert("strike", units * terms.strike);
        names.insert("premium", oldest_cost(&before, own, contracts));
        names.insert("cost", oldest_cost(&before, Some(terms.underlying), units));
    }
    names
}

/// Quantity, amount, ratio and share of the cost, as far as an event states them.
fn numbers(
    event: &Event,
) -> (
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
) {
    match *event {
        Event::Buy {
            quantity, amount, ..
        }
        | Event::Sell {
            quantity, amount, ..
        }
        | Event::Short {
            quantity, amount, ..
        }
        | Event::Cover {
            quantity, amount, ..
        }
        | Event::ReinvestedDividend {
            quantity, amount, ..
        }
        | Event::StockDividend {
            quantity, amount, ..
        } => (Some(quantity), Some(amount), None, None),
        Event::TransferIn { quantity, cost, .. } => (Some(quantity), Some(cost), None, None),
        Event::TransferOut { quantity, .. }
        | Event::Exercise { quantity, .. }
        | Event::Assignment { quantity, .. }
        | Event::Expiry { quantity, .. } => (Some(quantity), None, None, None),
        Event::Dividend { amount, .. }
        | Event::ReturnOfCapital { amount, .. }
        | Event::Interest { amount }
        | Event::Deposit { amount }
        | Event::Withdrawal { amount }
        | Event::Conversion { amount }
        | Event::Fee { amount, .. }
        | Event::Tax { amount, .. } => (None, Some(amount), None, None),
        Event::Split { ratio, .. } => (None, None, Some(ratio.to / ratio.from), None),
        Event::SpinOff {
            ratio, cost_share, ..
        } => (None, None, Some(ratio.to / ratio.from), Some(cost_share)),
        Event::Merger {
            target,
            amount,
            cost_share,
            ..
        } => {
            let ratio = target.map(|(_, ratio)| ratio.to / ratio.from);
            (None, Some(amount), ratio, cost_share)
        }
        Event::SymbolChange { .. } => (None, None, None, None),
    }
}

/// What so many of the oldest shares had cost or brought, without sign.
fn oldest_cost(books: &Books, asset: Option<AssetIndex>, quantity: Decimal) -> Decimal {
    assert_eq!(
        RULES.cost_basis,
        CostBasis::Fifo,
        "the examples of the table go by the oldest lots"
    );
    let mut left = quantity;
    let mut cost = Decimal::ZERO;
    let position = asset.and_then(|asset| books.positions.get(&asset));
    for lot in position.map_or(&[][..], |position| &position.lots) {
        let taken = left.min(lot.quantity.abs());
        cost += lot.cost.abs() * taken / lot.quantity.abs();
        left -= taken;
    }
    cost
}
