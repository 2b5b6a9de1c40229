//! Laws that hold for every ledger.

use std::collections::BTreeMap;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use ledger::{
    Asset, AssetIndex, Books, CostBasis, Entry, Event, Ratio, Rules, Settlement, replay, sort,
};
use money::{Currency, FxTable};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

const FIRST: Date = date(2024, 1, 1);
const CURRENCIES: [Currency; 3] = [Currency::EUR, Currency::USD, Currency::GBP];

/// One instrument per currency.
fn assets() -> Vec<Asset> {
    let assets = CURRENCIES
        .iter()
        .map(|currency| Asset::new(format!("{currency}-SHARE"), *currency));
    assets.collect()
}

/// Rates of every other day, from before the first entry on.
fn rates() -> FxTable {
    (-1..60)
        .flat_map(|day| {
            let date = FIRST + (2 * day).days();
            let wave = f64::from(day % 7) / 100.0;
            [
                (date, Currency::EUR, Currency::USD, 1.1 + wave),
                (date, Currency::EUR, Currency::GBP, 0.85 - wave),
            ]
        })
        .collect()
}

fn rules() -> impl Strategy<Value = Rules> {
    let cost_basis = prop_oneof![Just(CostBasis::Fifo), Just(CostBasis::Average)];
    (cost_basis, any::<bool>()).prop_map(|(cost_basis, tracks_cash)| Rules {
        base: Currency::EUR,
        cost_basis,
        tracks_cash,
    })
}

/// Cents; even, so that half of it is exact.
fn cents(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    range.prop_map(|half| Decimal::new(half * 2, 2))
}

fn event() -> impl Strategy<Value = Event> {
    let asset = || (0u32..3).prop_map(AssetIndex);
    let trade = || {
        (
            asset(),
            (1i64..20_000).prop_map(|half| Decimal::new(half * 2, 4)),
            cents(0..50_000),
        )
    };
    let buy = trade()
        .prop_map(|(asset, quantity, amount)| Event::Buy {
            asset,
            quantity,
            amount,
        })
        .boxed();
    prop_oneof![
        4 => buy,
        3 => trade().prop_map(|(asset, quantity, amount)| Event::Sell { asset, quantity, amount }),
        1 => (asset(), cents(0..5_000)).prop_map(|(asset, amount)| Event::Dividend { asset, amount }),
        1 => cents(-100..100).prop_map(|amount| Event::Interest { amount }),
        1 => cents(0..100_000).prop_map(|amount| Event::Deposit { amount }),
        1 => cents(0..10_000).prop_map(|amount| Event::Withdrawal { amount }),
        1 => (proptest::option::of(asset()), cents(0..100)).prop_map(|(asset, amount)| Event::Fee { asset, amount }),
        1 => (proptest::option::of(asset()), cents(0..100)).prop_map(|(asset, amount)| Event::Tax { asset, amount }),
        1 => (asset(), 1i64..5, 1i64..5).prop_map(|(asset, to, from)| Event::Split {
            asset,
            ratio: Ratio { to: to.into(), from: from.into() },
        }),
    ]
}

/// Entries that a person could have recorded, within a hundred days; sales may exceed what is held.
fn ledger() -> impl Strategy<Value = Vec<Entry>> {
    let settlement =
        proptest::option::weighted(0.2, (0usize..3, 5_000i64..20_000)).prop_map(|found| {
            found.map(|(currency, rate)| Settlement {
                currency: CURRENCIES[currency],
                fx_rate: Decimal::new(rate, 4),
            })
        });
    let entry = (
        0i32..100,
        event(),
        cents(0..500),
        cents(0..500),
        0usize..3,
        settlement,
    );
    prop::collection::vec(entry, 0..60).prop_map(|entries| {
        let entries = entries.into_iter().zip(1u128..);
        let entries = entries.map(
            |((day, event, fees, taxes, currency, settlement), id)| Entry {
                // Room for an id directly behind.
                id: Uuid::from_u128(id * 2),
                date: FIRST + day.days(),
                executed_at: None,
                event,
                fees,
                taxes,
                currency: CURRENCIES[currency],
                settlement: settlement.filter(|settled| settled.currency != CURRENCIES[currency]),
                lots: Vec::new(),
            },
        );
        entries.collect()
    })
}

fn books(entries: &[Entry], rules: &Rules) -> Books {
    replay(entries, &assets(), &rates(), rules)
}

/// What an entry does to cash, told independently of the engine.
fn effect(entry: &Entry) -> (Currency, Decimal) {
    let charges = entry.fees + entry.taxes;
    let change = match entry.event {
        Event::Sell { amount, .. }
        | Event::Dividend { amount, .. }
        | Event::Interest { amount }
        | Event::Deposit { amount } => amount - charges,
        Event::Buy { amount, .. }
        | Event::Withdrawal { amount }
        | Event::Fee { amount, .. }
        | Event::Tax { amount, .. } => -amount - charges,
        _ => -charges,
    };
    match entry.settlement {
        Some(settled) => (settled.currency, change * settled.fx_rate),
        None => (entry.currency, change),
    }
}

/// Rounding of twelve places, a few hundred times.
fn close(left: Decimal, right: Decimal) -> bool {
    (left - right).abs() < Decimal::new(1, 9)
}

/// Any decimal there is, and numbers near each other more often.
fn wild() -> impl Strategy<Value = Decimal> {
    let any = (
        any::<u32>(),
        any::<u32>(),
        any::<u32>(),
        any::<bool>(),
        0u32..=28,
    )
        .prop_map(|(lo, mid, hi, negative, scale)| {
            Decimal::from_parts(lo, mid, hi, negative, scale)
        });
    prop_oneof![
        any,
        (-3i64..30).prop_map(Decimal::from),
        Just(Decimal::MAX),
        Just(Decimal::MIN)
    ]
}

fn wild_entry() -> impl Strategy<Value = Entry> {
    let asset = || (0u32..5).prop_map(AssetIndex);
    let event = prop_oneof![
        (asset(), wild(), wild()).prop_map(|(asset, quantity, amount)| Event::Buy {
            asset,
            quantity,
            amount
        }),
        (asset(), wild(), wild()).prop_map(|(asset, quantity, amount)| Event::Sell {
            asset,
            quantity,
            amount
        }),
        (asset(), wild()).prop_map(|(asset, amount)| Event::Dividend { asset, amount }),
        wild().prop_map(|amount| Event::Interest { amount }),
        wild().prop_map(|amount| Event::Deposit { amount }),
        wild().prop_map(|amount| Event::Withdrawal { amount }),
        (proptest::option::of(asset()), wild())
            .prop_map(|(asset, amount)| Event::Fee { asset, amount }),
        (proptest::option::of(asset()), wild())
            .prop_map(|(asset, amount)| Event::Tax { asset, amount }),
        (asset(), wild(), wild()).prop_map(|(asset, to, from)| Event::Split {
            asset,
            ratio: Ratio { to, from }
        }),
    ];
    let date = prop_oneof![
        (0i32..100).prop_map(|day| FIRST + day.days()),
        Just(Date::MIN),
        Just(Date::MAX),
    ];
    let moment = proptest::option::of(prop_oneof![Just(Timestamp::MIN), Just(Timestamp::MAX)]);
    let settlement = proptest::option::of((0usize..3, wild()));
    (
        any::<u128>(),
        date,
        moment,
        event,
        wild(),
        wild(),
        0usize..3,
        settlement,
    )
        .prop_map(
            |(id, date, executed_at, event, fees, taxes, currency, settlement)| Entry {
                id: Uuid::from_u128(id),
                date,
                executed_at,
                event,
                fees,
                taxes,
                currency: CURRENCIES[currency],
                settlement: settlement.map(|(currency, fx_rate)| Settlement {
                    currency: CURRENCIES[currency],
                    fx_rate,
                }),
                lots: Vec::new(),
            },
        )
}

proptest! {
    #[test]
    fn lots_sum_to_the_position(entries in ledger(), rules in rules()) {
        for position in books(&entries, &rules).positions.values() {
            prop_assert_eq!(position.lots.iter().map(|lot| lot.quantity).sum::<Decimal>(), position.quantity);
            prop_assert_eq!(position.lots.iter().map(|lot| lot.cost).sum::<Decimal>(), position.cost);
            prop_assert_eq!(position.lots.iter().map(|lot| lot.cost_base).sum::<Decimal>(), position.cost_base);
            prop_assert!(position.lots.iter().all(|lot| lot.quantity > Decimal::ZERO));
            prop_assert!(position.lots.is_sorted_by_key(|lot| lot.acquired_on));
        }
    }

    #[test]
    fn cash_is_conserved(entries in ledger(), rules in rules()) {
        let books = books(&entries, &rules);
        let mut cash: BTreeMap<Currency, Decimal> = BTreeMap::new();
        for (currency, change) in entries.iter().map(effect).filter(|_| rules.tracks_cash) {
            *cash.entry(currency).or_default() += change;
        }
        cash.retain(|currency, amount| !amount.is_zero() || books.cash.contains_key(currency));
        prop_assert_eq!(books.cash, cash);
    }

    #[test]
    fn cost_is_conserved(entries in ledger(), rules in rules()) {
        let books = books(&entries, &rules);
        let bought: Decimal = entries.iter().map(|entry| match entry.event {
            Event::Buy { asset: AssetIndex(0), amount, .. } if entry.currency == Currency::EUR =>
                amount + entry.fees + entry.taxes,
            _ => Decimal::ZERO,
        }).sum();
        let others = entries.iter().any(|entry| matches!(
            entry.event,
            Event::Buy { asset: AssetIndex(0), .. } if entry.currency != Currency::EUR
        ));
        prop_assume!(!others);
        let open = books.positions.get(&AssetIndex(0)).map_or(Decimal::ZERO, |position| position.cost);
        let sold: Decimal = books.realizations.iter()
            .filter(|sale| sale.asset == AssetIndex(0))
            .map(|sale| sale.cost)
            .sum();
        prop_assert_eq!(open + sold, bought);
    }

    #[test]
    fn realized_gains_are_the_sum_of_the_sales(entries in ledger(), rules in rules()) {
        let books = books(&entries, &rules);
        for (asset, position) in &books.positions {
            let sales = books.realizations.iter().filter(|sale| sale.asset == *asset);
            let (own, base) = sales.fold((Decimal::ZERO, Decimal::ZERO), |sum, sale| {
                (sum.0 + sale.proceeds - sale.cost, sum.1 + sale.proceeds_base - sale.cost_base)
            });
            prop_assert_eq!((position.realized, position.realized_base), (own, base));
        }
    }

    #[test]
    fn payments_add_up_to_dividends_and_interest(entries in ledger(), rules in rules()) {
        let books = books(&entries, &rules);
        for (asset, position) in &books.positions {
            let dividends = books.income.iter().filter(|paid| paid.asset == Some(*asset));
            let sum: Decimal = dividends.map(|paid| paid.amount_base).sum();
            prop_assert_eq!(sum, position.dividends_base);
        }
        let interest = books.income.iter().filter(|paid| paid.asset.is_none());
        let sum: Decimal = interest.map(|paid| paid.amount_base).sum();
        prop_assert_eq!(sum, books.interest_base);
    }

    #[test]
    fn a_prefix_replays_to_a_prefix(entries in ledger(), rules in rules(), days in 0i32..100) {
        let until = FIRST + days.days();
        let head: Vec<Entry> = entries.iter().filter(|entry| entry.date <= until).cloned().collect();
        let (head, all) = (books(&head, &rules), books(&entries, &rules));
        prop_assert!(all.realizations.starts_with(&head.realizations));
        prop_assert!(all.flows.starts_with(&head.flows));
        for (asset, steps) in &head.quantity_steps {
            prop_assert!(all.quantity_steps[asset].starts_with(steps));
            prop_assert!(all.cost_steps[asset].starts_with(&head.cost_steps[asset]));
        }
        for (currency, steps) in &head.cash_steps {
            prop_assert!(all.cash_steps[currency].starts_with(steps));
        }
        for (asset, position) in &head.positions {
            let level = head.quantity_steps.get(asset).and_then(|steps| steps.last());
            prop_assert_eq!(level.map_or(Decimal::ZERO, |step| step.1), position.quantity);
        }
    }

    #[test]
    fn splitting_a_trade_in_two_changes_nothing(
        entries in ledger(),
        rules in rules(),
        pick in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!entries.is_empty());
        let index = pick.index(entries.len());
        let half = |figure: Decimal| figure / Decimal::TWO;
        let mut first = entries[index].clone();
        first.event = match first.event {
            Event::Buy { asset, quantity, amount } =>
                Event::Buy { asset, quantity: half(quantity), amount: half(amount) },
            Event::Sell { asset, quantity, amount } =>
                Event::Sell { asset, quantity: half(quantity), amount: half(amount) },
            _ => return Err(TestCaseError::reject("no trade")),
        };
        (first.fees, first.taxes) = (half(first.fees), half(first.taxes));
        let second = Entry { id: Uuid::from_u128(first.id.as_u128() + 1), ..first.clone() };
        let mut parts = entries.clone();
        parts.splice(index..=index, [first, second]);
        let (whole, parts) = (books(&entries, &rules), books(&parts, &rules));
        prop_assert_eq!(&whole.quantity_steps, &parts.quantity_steps);
        for (asset, position) in &whole.positions {
            let other = &parts.positions[asset];
            prop_assert_eq!(position.quantity, other.quantity);
            prop_assert!(close(position.cost, other.cost));
            prop_assert!(close(position.cost_base, other.cost_base));
            prop_assert!(close(position.realized, other.realized));
            prop_assert!(close(position.realized_base, other.realized_base));
            prop_assert!(close(position.fees_base, other.fees_base));
        }
        for (currency, amount) in &whole.cash {
            prop_assert!(close(*amount, parts.cash[currency]));
        }
    }

    #[test]
    fn all_methods_agree_once_all_is_sold(entries in ledger()) {
        let rules = |cost_basis| Rules { base: Currency::EUR, cost_basis, tracks_cash: false };
        let held = books(&entries, &rules(CostBasis::Fifo)).positions;
        let mut entries = entries;
        entries.extend(held.values().filter(|position| !position.quantity.is_zero()).map(|position| Entry {
            id: Uuid::from_u128(u128::MAX - u128::from(position.asset.0)),
            date: FIRST + 100.days(),
            executed_at: None,
            event: Event::Sell {
                asset: position.asset,
                quantity: position.quantity,
                amount: Decimal::ONE_HUNDRED,
            },
            fees: Decimal::ONE,
            taxes: Decimal::ZERO,
            currency: Currency::USD,
            settlement: None,
 lots: Vec::new(),
}));
        let fifo = books(&entries, &rules(CostBasis::Fifo));
        let average = books(&entries, &rules(CostBasis::Average));
        for (asset, position) in &fifo.positions {
            let other = &average.positions[asset];
            prop_assert!(position.quantity.is_zero() && other.quantity.is_zero());
            prop_assert!(position.cost.is_zero() && other.cost.is_zero());
            prop_assert!(close(position.realized, other.realized));
            prop_assert!(close(position.realized_base, other.realized_base));
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(entries in ledger().prop_shuffle_pair(), rules in rules()) {
        let (entries, shuffled) = entries;
        prop_assert_eq!(books(&entries, &rules), books(&shuffled, &rules));
    }

    #[test]
    fn no_ledger_is_too_wild(entries in prop::collection::vec(wild_entry(), 0..40), rules in rules()) {
        for fx in [FxTable::new(), rates()] {
            let books = replay(&entries, &assets(), &fx, &rules);
            for position in books.positions.values() {
                prop_assert!(position.quantity >= Decimal::ZERO);
            }
            let mut sorted = entries.clone();
            sort(&mut sorted);
            prop_assert_eq!(replay(&sorted, &assets(), &fx, &rules).findings.len(), books.findings.len());
        }
    }
}

/// A ledger and the same in another order.
trait Shuffled: Strategy<Value = Vec<Entry>> + Sized {
    fn prop_shuffle_pair(self) -> impl Strategy<Value = (Vec<Entry>, Vec<Entry>)> {
        self.prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle()))
    }
}

impl<S: Strategy<Value = Vec<Entry>>> Shuffled for S {}
