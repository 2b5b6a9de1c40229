//! Laws that hold for every ledger.
#![expect(
    clippy::expect_used,
    reason = "the generated rates reach back to the first day"
)]

use std::collections::BTreeMap;

use jiff::ToSpan;
use ledger::{AssetIndex, Books, CostBasis, Entry, Event, Position, Rules, Side, replay, sort};
use money::Currency;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

mod generate;
mod hostile;
mod model;
mod options;
mod together;

use generate::{FIRST, assets, cost_basis, ledger, rates, rules, sound};
use model::{effect, put_into_lots, shares};

fn books(entries: &[Entry], rules: &Rules) -> Books {
    replay(entries, &assets(), rates(), rules)
}

/// Without cash balances.
fn by(cost_basis: CostBasis) -> Rules {
    Rules {
        base: Currency::EUR,
        cost_basis,
        tracks_cash: false,
    }
}

/// Rounding of twelve places, a few hundred times, and of sixteen for shares of any price.
fn close(left: Decimal, right: Decimal) -> bool {
    (left - right).abs() < Decimal::new(1, 7)
}

fn total(books: &Books, figure: impl Fn(&Position) -> Decimal) -> Decimal {
    books.positions.values().map(figure).sum()
}

fn realized(books: &Books) -> Decimal {
    total(books, |position| position.realized_base)
}

/// The lots of one side, oldest first, as a position lists them.
fn side_of(position: &Position, is_held: bool) -> Vec<&ledger::Lot> {
    let lots = position.lots.iter();
    lots.filter(|lot| (lot.quantity > Decimal::ZERO) == is_held)
        .collect()
}

proptest! {
    #[test]
    fn lots_sum_to_the_position(entries in ledger(), rules in rules()) {
        for position in books(&entries, &rules).positions.values() {
            prop_assert_eq!(position.lots.iter().map(|lot| lot.quantity).sum::<Decimal>(), position.quantity);
            prop_assert_eq!(position.lots.iter().map(|lot| lot.cost).sum::<Decimal>(), position.cost);
            prop_assert_eq!(position.lots.iter().map(|lot| lot.cost_base).sum::<Decimal>(), position.cost_base);
            prop_assert!(position.lots.iter().all(|lot| !lot.quantity.is_zero()));
            for is_held in [true, false] {
                prop_assert!(side_of(position, is_held).is_sorted_by_key(|lot| lot.acquired_on));
            }
        }
    }

    #[test]
    fn cash_is_conserved(entries in ledger(), rules in rules()) {
        let books = books(&entries, &rules);
        // What cannot be is left out whole: fractions of shares that no figure holds.
        let is_out = |entry: &Entry| books.findings.iter().any(|finding| {
            finding.code == "overflow" && finding.transaction == Some(entry.id)
        });
        let booked = entries.iter().filter(|entry| rules.tracks_cash && !is_out(entry));
        let mut cash: BTreeMap<Currency, Decimal> = BTreeMap::new();
        for (currency, change) in booked.flat_map(effect) {
            *cash.entry(currency).or_default() += change;
        }
        cash.retain(|currency, amount| !amount.is_zero() || books.cash.contains_key(currency));
        prop_assert_eq!(books.cash, cash);
    }

    #[test]
    fn shares_are_conserved(entries in ledger(), rules in rules()) {
        let mut entries = sound(entries);
        let books = books(&entries, &rules);
        sort(&mut entries);
        for (asset, expected) in shares(&entries) {
            let Some(position) = books.positions.get(&asset) else {
                prop_assert!(expected.held.is_zero() && expected.owed.is_zero());
                continue;
            };
            let sum = |is_held| side_of(position, is_held).iter().map(|lot| lot.quantity).sum::<Decimal>();
            prop_assert!(close(sum(true), expected.held), "{} held, not {}", sum(true), expected.held);
            prop_assert!(close(-sum(false), expected.owed), "{} owed, not {}", -sum(false), expected.owed);
        }
    }

    /// What is in the lots is what was put in, with the gains and less what went elsewhere with shares.
    #[test]
    fn cost_is_conserved(entries in ledger(), cost_basis in cost_basis()) {
        let entries = sound(entries);
        let books = books(&entries, &by(cost_basis));
        let put_in: Decimal = entries.iter().map(put_into_lots).sum();
        let moved: Decimal = books.transfers.iter().map(|transfer| transfer.cost_base).sum();
        let open = total(&books, |position| position.cost_base);
        prop_assert!(
            close(open, put_in + moved + realized(&books)),
            "{open} open, {put_in} put in, {moved} moved, {} realized", realized(&books)
        );
    }

    #[test]
    fn an_instrument_in_the_base_currency_has_one_cost(entries in ledger(), rules in rules()) {
        let books = books(&entries, &rules);
        for (asset, position) in &books.positions {
            if assets()[asset.0 as usize].currency == rules.base {
                prop_assert_eq!(position.cost, position.cost_base);
                prop_assert_eq!(position.realized, position.realized_base);
            }
        }
    }

    #[test]
    fn realized_gains_are_the_sum_of_the_sales(entries in ledger(), rules in rules()) {
        let books = books(&entries, &rules);
        for (asset, position) in &books.positions {
            let sales = books.realizations.iter().filter(|sale| sale.asset == *asset);
            let (own, base) = sales.fold((Decimal::ZERO, Decimal::ZERO), |sum, sale| {
                (sum.0 + sale.proceeds - sale.cost, sum.1 + sale.gain_base())
            });
            prop_assert_eq!((position.realized, position.realized_base), (own, base));
        }
    }

    /// The price's part is told from the rate of the day, which the engine does not use for it.
    #[test]
    fn currency_gain_and_price_gain_are_the_gain(entries in ledger(), cost_basis in cost_basis()) {
        let mut entries = sound(entries);
        for entry in &mut entries {
            let own = entry.event.asset().map(|asset| assets()[asset.0 as usize].currency);
            (entry.currency, entry.settlement) = (own.unwrap_or(entry.currency), None);
        }
        entries.retain(|entry| !matches!(entry.event, Event::Conversion { .. }));
        for sale in books(&entries, &by(cost_basis)).realizations {
            let closing = match sale.side {
                Side::Long => sale.proceeds,
                Side::Short => sale.cost,
            };
            let currency = assets()[sale.asset.0 as usize].currency;
            let rate = rates().rate(currency, Currency::EUR, sale.sold_on).expect("a rate").rate;
            let price_gain = (sale.proceeds - sale.cost) * rate;
            let is_told = closing.abs() > Decimal::new(1, 2);
            if is_told {
                let sum = price_gain + sale.currency_gain_base();
                let scale = Decimal::ONE + (sale.proceeds.abs() + sale.cost.abs()) / closing.abs();
                prop_assert!((sum - sale.gain_base()).abs() < scale * Decimal::new(1, 7), "{sale:?}");
            }
        }
    }

    #[test]
    fn a_prefix_replays_to_a_prefix(entries in ledger(), rules in rules(), days in 0i32..100) {
        let until = FIRST + days.days();
        let head: Vec<Entry> = entries.iter().filter(|entry| entry.date <= until).cloned().collect();
        let (head, all) = (books(&head, &rules), books(&entries, &rules));
        prop_assert!(all.realizations.starts_with(&head.realizations));
        prop_assert!(all.flows.starts_with(&head.flows));
        prop_assert!(all.transfers.starts_with(&head.transfers));
        for (asset, splits) in &head.splits {
            prop_assert!(all.splits[asset].starts_with(splits));
        }
        for (asset, steps) in &head.quantity_steps {
            prop_assert!(all.quantity_steps[asset].starts_with(steps));
            prop_assert!(all.cost_steps[asset].starts_with(&head.cost_steps[asset]));
        }
        for (currency, steps) in &head.cash_steps {
            prop_assert!(all.cash_steps[currency].starts_with(steps));
        }
        for (asset, position) in &head.positions {
            let last = |steps: &BTreeMap<AssetIndex, Vec<_>>| {
                let step: Option<&(jiff::civil::Date, Decimal)> =
                    steps.get(asset).and_then(|steps| steps.last());
                step.map_or(Decimal::ZERO, |step| step.1)
            };
            prop_assert_eq!(last(&head.quantity_steps), position.quantity);
            prop_assert_eq!(last(&head.cost_steps), position.cost_base);
        }
    }

    #[test]
    fn splitting_a_trade_in_two_changes_nothing(
        entries in ledger(),
        rules in rules(),
        pick in any::<prop::sample::Index>(),
    ) {
        let mut entries = entries;
        prop_assume!(entries.iter().any(|entry| entry.event.kind().is_trade()));
        // A choice names one of the two.
        for entry in &mut entries {
            entry.lots.clear();
        }
        let trades = (0..entries.len()).filter(|index| entries[*index].event.kind().is_trade());
        let trades: Vec<usize> = trades.collect();
        let index = *pick.get(&trades);
        let mut first = entries[index].clone();
        first.event = half_of(first.event);
        (first.fees, first.taxes) = (first.fees / Decimal::TWO, first.taxes / Decimal::TWO);
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

    /// Whatever the method, all that differs is which cost went first.
    #[test]
    fn another_method_changes_cost_and_gains_alone(entries in ledger(), tracks_cash in any::<bool>()) {
        let all = CostBasis::ALL.map(|cost_basis| {
            books(&entries, &Rules { tracks_cash, ..by(cost_basis) })
        });
        let fifo = &all[0];
        for other in &all[1..] {
            prop_assert_eq!(&fifo.quantity_steps, &other.quantity_steps);
            prop_assert_eq!(&fifo.cash_steps, &other.cash_steps);
            prop_assert_eq!(&fifo.flows, &other.flows);
            prop_assert_eq!(&fifo.splits, &other.splits);
            prop_assert_eq!(&fifo.findings, &other.findings);
            prop_assert_eq!(fifo.interest_base, other.interest_base);
            for (position, other) in fifo.positions.values().zip(other.positions.values()) {
                prop_assert_eq!(position.quantity, other.quantity);
                prop_assert_eq!(position.dividends_base, other.dividends_base);
                prop_assert_eq!(position.fees_base, other.fees_base);
                prop_assert_eq!(position.taxes_base, other.taxes_base);
            }
        }
    }

    #[test]
    fn all_methods_agree_once_all_is_sold(entries in ledger()) {
        let mut entries = sound(entries);
        // What went elsewhere took the cost of one method along.
        entries.retain(|entry| !matches!(entry.event, Event::TransferOut { .. }));
        let mut entries = sound(entries);
        let held = books(&entries, &by(CostBasis::Fifo)).positions;
        for (position, is_held) in held.values().flat_map(|position| [(position, true), (position, false)]) {
            let lots = side_of(position, is_held);
            let quantity = lots.iter().map(|lot| lot.quantity.abs()).sum::<Decimal>();
            if !quantity.is_zero() {
                entries.push(closing(position.asset, quantity, is_held));
            }
        }
        let all = CostBasis::ALL.map(|cost_basis| books(&entries, &by(cost_basis)));
        for books in &all {
            for position in books.positions.values() {
                prop_assert!(position.lots.is_empty() && position.quantity.is_zero());
                prop_assert!(position.cost.is_zero() && position.cost_base.is_zero());
            }
            prop_assert!(close(realized(books), realized(&all[0])));
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(
        (entries, shuffled) in ledger().prop_flat_map(|entries| {
            (Just(entries.clone()), Just(entries).prop_shuffle())
        }),
        rules in rules(),
    ) {
        prop_assert_eq!(books(&entries, &rules), books(&shuffled, &rules));
    }

    #[test]
    fn shorting_and_covering_mirrors_buying_and_selling(entries in ledger(), cost_basis in cost_basis()) {
        let entries = only_trades(entries);
        let mirrored: Vec<Entry> = entries.iter().map(mirror).collect();
        let (long, short) = (books(&entries, &by(cost_basis)), books(&mirrored, &by(cost_basis)));
        prop_assert_eq!(long.realizations.len(), short.realizations.len());
        for (position, other) in long.positions.values().zip(short.positions.values()) {
            prop_assert_eq!(position.quantity, -other.quantity);
            prop_assert_eq!(position.cost, -other.cost);
            prop_assert_eq!(position.cost_base, -other.cost_base);
            prop_assert_eq!(position.realized, -other.realized);
            prop_assert_eq!(position.realized_base, -other.realized_base);
        }
    }
}

fn half_of(event: Event) -> Event {
    let mut half = event;
    if let Event::Buy {
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
    } = &mut half
    {
        (*quantity, *amount) = (*quantity / Decimal::TWO, *amount / Decimal::TWO);
    }
    half
}

/// Ends a position behind everything else.
fn closing(asset: AssetIndex, quantity: Decimal, is_held: bool) -> Entry {
    let amount = Decimal::ONE_HUNDRED;
    Entry {
        id: Uuid::from_u128(u128::MAX - u128::from(asset.0) * 2 - u128::from(is_held)),
        date: FIRST + 100.days(),
        executed_at: None,
        event: if is_held {
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
        },
        fees: Decimal::ONE,
        taxes: Decimal::ZERO,
        currency: Currency::USD,
        settlement: None,
        lots: Vec::new(),
    }
}

/// Purchases and sales without charges, and what changes shares on both sides alike.
fn only_trades(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.retain(|entry| {
        matches!(
            entry.event,
            Event::Buy { .. }
                | Event::Sell { .. }
                | Event::Split { .. }
                | Event::SpinOff { .. }
                | Event::SymbolChange { .. }
        )
    });
    for entry in &mut entries {
        (entry.fees, entry.taxes) = (Decimal::ZERO, Decimal::ZERO);
    }
    entries
}

fn mirror(entry: &Entry) -> Entry {
    let event = match entry.event {
        Event::Buy {
            asset,
            quantity,
            amount,
        } => Event::Short {
            asset,
            quantity,
            amount,
        },
        Event::Sell {
            asset,
            quantity,
            amount,
        } => Event::Cover {
            asset,
            quantity,
            amount,
        },
        other => other,
    };
    Entry {
        event,
        ..entry.clone()
    }
}
