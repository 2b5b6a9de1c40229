//! The laws of the books over a million random operations in a hundred portfolios, between which
//! shares move: every type of transaction, splits and mergers, options, transfers.
//!
//! `cargo xtask million` runs it and prints one JSON object: the law, and how much was compared. It
//! ends with an error at the first figure that is not equal to the last digit.
//!
//! - *conserved*: cash, shares and cost by every method are those of a tally that is kept beside.
//! - *`prefix_equals_rebuild`*: the values of all days up to one are the same whether what came later is
//!   known or not, and those of the days after it are the same whether the earlier ones are computed
//!   along or not. On this rests that snapshots are built from the first changed day on.
//! - *`order_of_rows_does_not_matter`*: the same entries in another order give the same books, so rows
//!   that an import brought and an undo took leave no trace behind. That an undo takes all of them, and
//!   only them, is shown by `cargo xtask bench` on a database.
//! - *`methods_agree_once_sold`*: when everything is sold, all methods have realised the same.
//! - *`contributions_sum`*: what the holdings contributed in a year sums to the change in value.
#![expect(clippy::print_stdout, reason = "its output is what the program is for")]
#![expect(clippy::expect_used, reason = "a law that does not hold ends it")]

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use ledger::{Account, AssetIndex, Books, CostBasis, Entry, Event};
use money::{Currency, FxTable};
use performance::{
    Days, Detail, Held, Holding, PriceSeries, closing, contributions, tracks, value_daily,
};
use rust_decimal::Decimal;
use uuid::Uuid;

#[path = "../../ledger/examples/scale/world/mod.rs"]
mod world;

use world::{World, assets, replay_all, rules};

const BASE: Currency = Currency::EUR;
const FIRST: Date = date(2015, 1, 1);
/// A day after the last operation.
const END: Date = date(2025, 3, 31);
/// Ids of transactions that are not of the world.
const OWN_IDS: u128 = 1 << 100;

fn main() {
    let world = World::generate(100, 1_000_000, 100);
    let operations: usize = world.portfolios.iter().map(Vec::len).sum();
    assert!(operations >= 1_000_000, "only {operations} operations");
    for cost_basis in CostBasis::ALL {
        world.check(&world.replay(cost_basis));
    }
    let books = world.replay(CostBasis::Fifo);
    let prices = prices();
    let laws = [
        ("conserved_transactions", operations * CostBasis::ALL.len()),
        (
            "prefix_equals_rebuild_days",
            prefixes(&world, &books, &prices),
        ),
        (
            "order_of_rows_does_not_matter_portfolios",
            reordered(&world.portfolios, &books),
        ),
        (
            "methods_agree_once_sold_lots",
            sold_out(&world.portfolios, &books),
        ),
        (
            "contributions_sum_holdings",
            contributed(&world, &books, &prices),
        ),
    ];
    let compared: BTreeMap<&str, usize> = laws.into_iter().collect();
    let report = serde_json::json!({ "transactions": operations, "compared": compared });
    println!("{report}");
}

/// A close a month for every instrument, up and down by the calendar.
fn prices() -> Vec<PriceSeries> {
    let months: Vec<Date> = (2015..=2025)
        .flat_map(|year| (1..=12).map(move |month| date(year, month, 1)))
        .collect();
    (0..assets().len())
        .map(|number| {
            let close = |at: usize| 50.0 + ((at * 7 + number * 13) % 97) as f64;
            PriceSeries::new(months.iter().enumerate().map(|(at, day)| (*day, close(at))))
        })
        .collect()
}

/// The days compared.
fn prefixes(world: &World, books: &[Books], prices: &[PriceSeries]) -> usize {
    let (assets, fx) = (assets(), FxTable::new());
    let known: Vec<Option<&PriceSeries>> = prices.iter().map(Some).collect();
    let values = |books: &Books, from: Date, to: Date| -> Vec<u64> {
        let daily = value_daily(books, &assets, &known, &fx, BASE, from, to);
        daily.value.iter().map(|value| value.to_bits()).collect()
    };
    let whole: Vec<Vec<u64>> = books.iter().map(|b| values(b, FIRST, END)).collect();
    let mut days = 0;
    for cut in [date(2016, 2, 29), date(2019, 7, 1), date(2023, 12, 31)] {
        let until: Vec<Vec<Entry>> = world
            .portfolios
            .iter()
            .map(|entries| {
                let early = entries.iter().filter(|entry| entry.date <= cut);
                early.cloned().collect()
            })
            .collect();
        let earlier = replay_all(&until, CostBasis::Fifo);
        let after = cut.tomorrow().expect("a day");
        for ((all, prefix), books) in whole.iter().zip(&earlier).zip(books) {
            let before = values(prefix, FIRST, cut);
            assert_eq!(before, all[..before.len()], "values up to {cut}");
            let rest = values(books, after, END);
            assert_eq!(rest, all[before.len()..], "values after {cut}");
            days += all.len();
        }
    }
    days
}

/// The portfolios compared.
fn reordered(portfolios: &[Vec<Entry>], books: &[Books]) -> usize {
    let shuffled: Vec<Vec<Entry>> = portfolios
        .iter()
        .map(|entries| {
            // A tenth comes first, as rows of an import that was stored in between.
            let (batch, own): (Vec<Entry>, Vec<Entry>) = entries
                .iter()
                .cloned()
                .partition(|entry| entry.id.as_u128() % 10 == 7);
            batch.into_iter().chain(own.into_iter().rev()).collect()
        })
        .collect();
    let again = replay_all(&shuffled, CostBasis::Fifo);
    assert!(again == books, "the order of the rows shows in the books");
    again.len()
}

/// The positions that were closed.
fn sold_out(portfolios: &[Vec<Entry>], books: &[Books]) -> usize {
    let mut all = portfolios.to_vec();
    let mut closed = 0;
    for (entries, books) in all.iter_mut().zip(books) {
        for position in books.positions.values() {
            let side = |is_held: bool| -> Decimal {
                let lots = position.lots.iter().map(|lot| lot.quantity);
                lots.filter(|quantity| quantity.is_sign_positive() == is_held)
                    .sum::<Decimal>()
                    .abs()
            };
            for is_held in [true, false] {
                let quantity = side(is_held);
                if !quantity.is_zero() {
                    closed += 1;
                    entries.push(closing_trade(position.asset, quantity, is_held, closed));
                }
            }
        }
    }
    let realized = |cost_basis| -> Decimal {
        let books = replay_all(&all, cost_basis);
        let positions = books.iter().flat_map(|books| books.positions.values());
        positions
            .map(|position| {
                assert!(position.lots.is_empty(), "{position:?}");
                position.realized_base
            })
            .sum()
    };
    let first = realized(CostBasis::Fifo);
    for cost_basis in CostBasis::ALL {
        let other = realized(cost_basis);
        assert_eq!(other, first, "realised by {}", cost_basis.as_str());
    }
    closed
}

fn closing_trade(asset: AssetIndex, quantity: Decimal, is_held: bool, number: usize) -> Entry {
    let amount = quantity * Decimal::ONE_HUNDRED;
    let event = if is_held {
        Event::Sell {
            asset,
            quantity,
            amount,
        }
    } else {
        Event::Cover {
            asset,
            quantity,
            amount,
        }
    };
    Entry {
        id: Uuid::from_u128(OWN_IDS + number as u128),
        date: END,
        executed_at: None,
        event,
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: BASE,
        settlement: None,
        lots: Vec::new(),
    }
}

/// The holdings whose contributions were added up.
fn contributed(world: &World, books: &[Books], prices: &[PriceSeries]) -> usize {
    let rules = rules(CostBasis::Fifo);
    let (assets, fx) = (assets(), FxTable::new());
    let known: Vec<Option<&PriceSeries>> = prices.iter().map(Some).collect();
    let mut holdings = 0;
    for (entries, books) in world.portfolios.iter().zip(books) {
        let account = Account {
            entries,
            rules: &rules,
        };
        for year in [2016, 2020, 2024] {
            let days = Days {
                from: date(year, 1, 1),
                to: date(year, 12, 31),
            };
            let found = tracks(books, account, &assets, &known, &fx, days, Detail::Totals);
            let parts: Vec<Holding<Held>> = found
                .tracks
                .iter()
                .map(|track| Holding {
                    key: track.held,
                    marks: track.marks.clone(),
                })
                .collect();
            let sum = contributions(&found.whole, &parts).expect("contributions");
            assert_eq!(sum.unexplained, Decimal::ZERO, "{year}");
            let total: Decimal = sum.contributions.iter().map(|c| c.parts.total).sum();
            assert_eq!(total, sum.change, "{year}");
            holdings += parts.len();
        }
        let end = closing(books, &assets, &known, &fx, BASE, END);
        assert!(
            end.findings
                .iter()
                .all(|found| found.code != "missing_price")
        );
    }
    holdings
}
