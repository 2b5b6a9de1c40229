//! Portfolios between which shares move.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};
use ledger::{
    Account, Books, CostBasis, Entry, Event, Realization, Rules, replay, replay_together,
};
use money::Currency;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    books, by, close,
    generate::{FIRST, assets, cost_basis, ledger, rates, rules, sound},
    realized, side_of, total,
};

fn together(portfolios: &[Vec<Entry>], rules: &Rules) -> Vec<Books> {
    let accounts: Vec<Account<'_>> = portfolios
        .iter()
        .map(|entries| Account { entries, rules })
        .collect();
    replay_together(&accounts, &assets(), rates())
}

/// Everything that is held or owed leaves one portfolio for another; `days` is when it leaves and when
/// it arrives. The cost that the arrival states must not count.
fn moved(from: &Books, days: [Date; 2]) -> [Vec<Entry>; 2] {
    let mut sides = [Vec::new(), Vec::new()];
    for position in from.positions.values() {
        for is_held in [true, false] {
            let lots = side_of(position, is_held);
            let quantity: Decimal = lots.iter().map(|lot| lot.quantity).sum();
            if quantity.is_zero() {
                continue;
            }
            let asset = position.asset;
            let number = u128::from(asset.0) * 2 + u128::from(is_held);
            let link = Some(Uuid::from_u128(number));
            let out = Event::TransferOut {
                asset,
                quantity,
                link,
            };
            let arrival = Event::TransferIn {
                asset,
                quantity,
                cost: Decimal::ONE_HUNDRED,
                acquired_on: None,
                link,
            };
            for (side, (event, date)) in sides.iter_mut().zip([(out, days[0]), (arrival, days[1])])
            {
                side.push(Entry {
                    id: Uuid::from_u128(1 << 64 | number << 8 | side.len() as u128),
                    date,
                    executed_at: None,
                    event,
                    fees: Decimal::ZERO,
                    taxes: Decimal::ZERO,
                    currency: assets()[asset.0 as usize].currency,
                    settlement: None,
                    lots: Vec::new(),
                });
            }
        }
    }
    sides
}

/// A ledger in which nothing happens on three days behind `day`.
fn with_a_pause(mut entries: Vec<Entry>, day: Date) -> Vec<Entry> {
    for entry in &mut entries {
        if entry.date > day {
            entry.date += 4.days();
        }
    }
    sound(entries)
}

fn lots_of(books: &[&Books]) -> Vec<(u32, Date, Uuid, Decimal, Decimal)> {
    let positions = books.iter().flat_map(|books| books.positions.values());
    let mut lots: Vec<_> = positions
        .flat_map(|position| {
            position.lots.iter().map(|lot| {
                let asset = position.asset.0;
                (asset, lot.acquired_on, lot.entry, lot.quantity, lot.cost)
            })
        })
        .collect();
    lots.sort();
    lots
}

/// Which shares went when and for how much; not in which of two portfolios.
fn sales(books: &[&Books]) -> Vec<Realization> {
    let all = books.iter().flat_map(|books| &books.realizations);
    all.cloned().collect()
}

proptest! {
    /// A later sale tells its gain as if the shares had never moved, by every method, also when the
    /// arrival is dated before the departure.
    #[test]
    fn a_move_to_another_portfolio_changes_no_figure(
        entries in ledger(),
        cost_basis in cost_basis(),
        days in 0i32..100,
        arrives_early in any::<bool>(),
    ) {
        let rules = by(cost_basis);
        let day = FIRST + days.days();
        let entries = with_a_pause(entries, day);
        let whole = books(&entries, &rules);
        let (mut head, mut tail): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|entry| entry.date <= day);
        let dates = if arrives_early { [2, 1] } else { [1, 2] };
        let [out, arrival] = moved(&books(&head, &rules), dates.map(|days| day + days.days()));
        head.extend(out);
        tail.extend(arrival);
        let both = together(&[tail, head], &rules);
        let (new, old) = (&both[0], &both[1]);

        prop_assert!(old.positions.values().all(|position| position.lots.is_empty()));
        let unmatched = both.iter().flat_map(|books| &books.findings);
        prop_assert_eq!(unmatched.filter(|finding| finding.code == "unmatched_transfer").count(), 0);
        prop_assert!(close(realized(old) + realized(new), realized(&whole)));
        for (asset, position) in &whole.positions {
            let arrived = new.positions.get(asset);
            let quantity = arrived.map_or(Decimal::ZERO, |position| position.quantity);
            prop_assert_eq!(position.quantity, quantity);
            prop_assert!(close(position.cost, arrived.map_or(Decimal::ZERO, |position| position.cost)));
        }
        if cost_basis != CostBasis::Average {
            prop_assert_eq!(lots_of(&[new]), lots_of(&[&whole]));
            prop_assert_eq!(sales(&[old, new]), whole.realizations);
        }
    }

    /// A part of a position: lots, dates and cost are the same in total, and nothing is realized.
    #[test]
    fn a_part_that_moves_keeps_its_lots(
        entries in ledger(),
        cost_basis in cost_basis(),
        percent in 1i64..100,
    ) {
        let rules = by(cost_basis);
        let mut entries = sound(entries);
        let before = books(&entries, &rules);
        let day = FIRST + 101.days();
        let [mut out, mut arrival] = moved(&before, [day, day]);
        for entry in out.iter_mut().chain(&mut arrival) {
            if let Event::TransferOut { quantity, .. } | Event::TransferIn { quantity, .. } = &mut entry.event {
                *quantity = (*quantity * Decimal::new(percent, 2)).round_dp(8);
            }
        }
        out.retain(|entry| !matches!(entry.event, Event::TransferOut { quantity, .. } if quantity.is_zero()));
        arrival.retain(|entry| !matches!(entry.event, Event::TransferIn { quantity, .. } if quantity.is_zero()));
        entries.extend(out);
        let both = together(&[entries, arrival], &rules);
        prop_assert_eq!(&both[0].realizations, &before.realizations);
        prop_assert!(both[1].realizations.is_empty());
        let cost = |books: &Books| total(books, |position| position.cost_base);
        prop_assert!(close(cost(&both[0]) + cost(&both[1]), cost(&before)));
        for (asset, position) in &before.positions {
            let parts = both.iter().filter_map(|books| books.positions.get(asset));
            prop_assert_eq!(parts.map(|position| position.quantity).sum::<Decimal>(), position.quantity);
        }
        let opened = |books: &[&Books]| -> BTreeSet<(u32, Date, Uuid)> {
            lots_of(books).into_iter().map(|lot| (lot.0, lot.1, lot.2)).collect()
        };
        prop_assert_eq!(opened(&[&both[0], &both[1]]), opened(&[&before]));
    }

    #[test]
    fn portfolios_without_links_do_not_know_each_other(
        portfolios in prop::collection::vec(ledger(), 1..4),
        rules in rules(),
    ) {
        let mut portfolios = portfolios;
        // An arrival whose departure is nowhere.
        for (number, entry) in portfolios.iter_mut().flatten().zip(1u128..) {
            if let Event::TransferIn { link, .. } = &mut number.event {
                *link = Some(Uuid::from_u128(entry));
            }
        }
        let alone: Vec<Books> = portfolios
            .iter()
            .map(|entries| replay(entries, &assets(), rates(), &rules))
            .collect();
        prop_assert_eq!(together(&portfolios, &rules), alone);
    }

    #[test]
    fn the_order_of_portfolios_does_not_matter(entries in ledger(), rules in rules(), days in 0i32..100) {
        let day = FIRST + days.days();
        let entries = with_a_pause(entries, day);
        let (mut head, mut tail): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|entry| entry.date <= day);
        let [out, arrival] = moved(&books(&head, &rules), [1, 2].map(|days| day + days.days()));
        head.extend(out);
        tail.extend(arrival);
        let mut turned = together(&[tail.clone(), head.clone()], &rules);
        turned.reverse();
        prop_assert_eq!(together(&[head, tail], &rules), turned);
    }
}

/// Two portfolios that wait for each other: both arrivals are dated before the departures.
#[test]
fn a_circle_of_arrivals_is_broken_at_the_earliest() {
    let entry = |id: u128, day: i32, event| Entry {
        id: Uuid::from_u128(id),
        date: FIRST + day.days(),
        executed_at: None,
        event,
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: Currency::EUR,
        settlement: None,
        lots: Vec::new(),
    };
    let asset = ledger::AssetIndex(0);
    let (quantity, cost) = (Decimal::TEN, Decimal::ONE);
    let out = |link| Event::TransferOut {
        asset,
        quantity,
        link: Some(Uuid::from_u128(link)),
    };
    let arrival = |link| Event::TransferIn {
        asset,
        quantity,
        cost,
        acquired_on: None,
        link: Some(Uuid::from_u128(link)),
    };
    let portfolios = [
        vec![entry(1, 2, arrival(1)), entry(2, 5, out(2))],
        vec![entry(3, 1, arrival(2)), entry(4, 5, out(1))],
    ];
    let both = together(&portfolios, &by(CostBasis::Fifo));
    assert_eq!(both[0].findings, []);
    assert_eq!(both[1].findings[0].code, "unmatched_transfer");
    assert_eq!(both[1].findings.len(), 1);
}
