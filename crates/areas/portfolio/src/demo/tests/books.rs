//! What the household does adds up.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use ledger::{Books, TransactionKind};
use money::{Currency, decimal_from_f64};
use rust_decimal::Decimal;
use statements::Row;
use uuid::Uuid;

use super::{TODAY, bar_on, find, replay, rows};
use crate::demo::{
    catalogue::SPLITTING,
    universe::{SimPortfolio, universe},
};

/// One after New Year, one in every half of the six years between two splits, one far away.
const OTHER_DAYS: [Date; 5] = [
    date(2025, 1, 2),
    date(2027, 1, 1),
    date(2029, 5, 31),
    date(2030, 2, 28),
    date(2034, 8, 15),
];

/// Gain of every sale, over all its lots, in the currency of the portfolio.
fn realized(books: &Books) -> Vec<Decimal> {
    let mut gains: BTreeMap<Uuid, Decimal> = BTreeMap::new();
    for part in &books.realizations {
        *gains.entry(part.entry).or_default() += part.proceeds_base - part.cost_base;
    }
    gains.into_values().collect()
}

#[test]
fn the_books_are_in_order_whatever_the_day() {
    for today in OTHER_DAYS.into_iter().chain([TODAY]) {
        let universe = universe(today);
        let mut gains = Vec::new();
        let mut closed = 0;
        for portfolio in &universe.portfolios {
            let books = replay(&universe, portfolio);
            let place = format!("{} on {today}", portfolio.name);
            assert_eq!(books.findings, [], "{place}");
            assert!(books.cash.contains_key(&portfolio.currency), "{place}");
            for (currency, steps) in &books.cash_steps {
                for (day, balance) in steps {
                    assert!(
                        *balance >= Decimal::ZERO,
                        "{place}: {balance} {currency} on {day}"
                    );
                }
            }
            closed += books
                .positions
                .values()
                .filter(|at| at.quantity.is_zero())
                .count();
            gains.extend(realized(&books));
        }
        assert!(closed >= 1, "a position is closed by {today}");
        assert!(
            gains.iter().any(|gain| *gain > Decimal::ZERO),
            "a gain by {today}: {gains:?}"
        );
        assert!(
            gains.iter().any(|gain| *gain < Decimal::ZERO),
            "a loss by {today}: {gains:?}"
        );
        assert!(
            rows(&universe, TransactionKind::Split).count() >= 1,
            "a split by {today}"
        );
    }
}

#[test]
fn orders_are_filled_inside_the_bar() {
    let universe = universe(TODAY);
    for kind in [TransactionKind::Buy, TransactionKind::Sell] {
        for row in rows(&universe, kind) {
            let instrument = find(&universe, row);
            let bar = bar_on(instrument, row.date);
            let (low, high) = (decimal_from_f64(bar.low), decimal_from_f64(bar.high));
            assert!(
                row.price >= low && row.price <= high,
                "{row:?} outside {bar:?}"
            );
            assert_eq!(
                Some(row.amount),
                row.quantity.zip(row.price).map(|(count, at)| count * at)
            );
            assert_eq!(row.currency, instrument.currency);
        }
    }
}

#[test]
fn the_split_shows_in_prices_and_in_the_books() {
    let universe = universe(TODAY);
    let splits: Vec<&Row> = rows(&universe, TransactionKind::Split).collect();
    let [split] = splits[..] else {
        panic!("exactly one split: {splits:?}")
    };
    let instrument = find(&universe, split);
    assert_eq!(
        (instrument.symbol.as_str(), split.date),
        (SPLITTING, date(2023, 6, 12))
    );
    let after = bar_on(instrument, split.date);
    let eve = instrument
        .bars
        .iter()
        .rfind(|bar| bar.date < split.date)
        .unwrap();
    let ratio = eve.close / after.close;
    assert!((3.6..4.4).contains(&ratio), "{ratio}");
    let ratio = split.ratio.unwrap();
    assert_eq!((ratio.to, ratio.from), (Decimal::from(4), Decimal::ONE));
    let books = replay(&universe, &universe.portfolios[1]);
    let held = books.positions.values().filter(|at| !at.quantity.is_zero());
    assert!(
        held.into_iter()
            .any(|at| universe.instruments[at.asset.0 as usize].symbol == SPLITTING),
        "the split stock is still held"
    );
}

#[test]
fn income_is_in_proportion_to_prices() {
    let universe = universe(TODAY);
    let mut withheld = Decimal::ZERO;
    let paid = universe.portfolios.iter().flat_map(|portfolio| {
        let is_paid = |row: &&Row| row.kind == TransactionKind::Dividend;
        portfolio
            .rows
            .iter()
            .filter(is_paid)
            .map(move |row| (portfolio, row))
    });
    for (portfolio, row) in paid {
        let instrument = find(&universe, row);
        let held = shares_before(portfolio, &instrument.symbol, row.date);
        let close = decimal_from_f64(bar_on(instrument, row.date).close).unwrap();
        let part = row.amount / (held * close);
        let most = Decimal::new(8, 2);
        assert!(
            part > Decimal::ZERO && part < most,
            "{part} of the price: {row:?}"
        );
        assert!(row.taxes < row.amount);
        withheld += row.taxes;
    }
    assert!(withheld > Decimal::ZERO);
    for kind in [
        TransactionKind::Interest,
        TransactionKind::Fee,
        TransactionKind::Tax,
    ] {
        assert!(rows(&universe, kind).all(|row| row.amount > Decimal::ZERO));
        assert!(rows(&universe, kind).count() > 5, "{kind:?}");
    }
}

fn shares_before(portfolio: &SimPortfolio, symbol: &str, day: Date) -> Decimal {
    let about = |row: &&Row| row.security.as_ref().is_some_and(|at| at.symbol == symbol);
    let mut held = Decimal::ZERO;
    for row in portfolio
        .rows
        .iter()
        .filter(about)
        .filter(|row| row.date < day)
    {
        let quantity = row.quantity.unwrap_or_default();
        match row.kind {
            TransactionKind::Buy => held += quantity,
            TransactionKind::Sell => held -= quantity,
            TransactionKind::Split => held *= row.ratio.unwrap().to,
            _ => {}
        }
    }
    held
}

#[test]
fn dollars_are_bought_both_ways() {
    let universe = universe(TODAY);
    let [retirement, _, reserve] = &universe.portfolios[..] else {
        panic!("three portfolios")
    };
    let in_dollars = |portfolio: &SimPortfolio, settled: bool| {
        let is_one = |row: &&Row| {
            row.kind == TransactionKind::Buy
                && row.currency == Currency::USD
                && row.settlement.is_some() == settled
        };
        portfolio.rows.iter().filter(is_one).count()
    };
    assert!(in_dollars(retirement, true) > 0 && in_dollars(retirement, false) == 0);
    assert!(in_dollars(reserve, true) == 0 && in_dollars(reserve, false) > 0);
    let is_deposit =
        |row: &Row| row.kind == TransactionKind::Deposit && row.currency == Currency::USD;
    assert!(reserve.rows.iter().any(is_deposit));
}
