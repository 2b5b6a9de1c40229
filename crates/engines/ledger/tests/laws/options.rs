//! Options: wherever the premium goes, it ends in the gain.

use jiff::ToSpan;
use ledger::{AssetIndex, CostBasis, Entry, Event, TransactionKind};
use money::Currency;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    books, by, close,
    generate::{CALL, FIRST, MULTIPLIER, PUT, STRIKE, cents, cost_basis},
    realized,
};

const SHARE: AssetIndex = AssetIndex(0);

fn entry(day: i32, event: Event, fees: Decimal) -> Entry {
    Entry {
        id: Uuid::from_u128(day as u128),
        date: FIRST + day.days(),
        executed_at: None,
        event,
        fees,
        taxes: Decimal::ZERO,
        currency: Currency::EUR,
        settlement: None,
        lots: Vec::new(),
    }
}

/// Opens the option, uses it, and trades the shares on the other side, before or after.
fn used(
    option: AssetIndex,
    is_holder: bool,
    contracts: Decimal,
    (premium, price, fee): (Decimal, Decimal, Decimal),
) -> Vec<Entry> {
    let (quantity, units) = (contracts, contracts * MULTIPLIER);
    let (open, end) = if is_holder {
        (
            Event::Buy {
                asset: option,
                quantity,
                amount: premium,
            },
            Event::Exercise {
                asset: option,
                quantity,
            },
        )
    } else {
        (
            Event::Short {
                asset: option,
                quantity,
                amount: premium,
            },
            Event::Assignment {
                asset: option,
                quantity,
            },
        )
    };
    let gets_shares = is_holder == (option == CALL);
    let shares = if gets_shares {
        Event::Sell {
            asset: SHARE,
            quantity: units,
            amount: price,
        }
    } else {
        Event::Buy {
            asset: SHARE,
            quantity: units,
            amount: price,
        }
    };
    let day_of_shares = if gets_shares { 9 } else { 1 };
    vec![
        entry(2, open, fee),
        entry(5, end, fee),
        entry(day_of_shares, shares, fee),
    ]
}

proptest! {
    #[test]
    fn an_option_that_is_used_brings_the_premium_and_the_gain_of_the_shares(
        option in prop_oneof![Just(CALL), Just(PUT)],
        is_holder in any::<bool>(),
        contracts in (1i64..100).prop_map(|tenths| Decimal::new(tenths, 1)),
        premium in cents(0..10_000),
        price in cents(0..100_000),
        fee in cents(0..100),
        cost_basis in cost_basis(),
    ) {
        let entries = used(option, is_holder, contracts, (premium, price, fee));
        let books = books(&entries, &by(cost_basis));
        prop_assert!(books.findings.is_empty(), "{:?}", books.findings);
        let strike = contracts * MULTIPLIER * STRIKE;
        let of_shares = if is_holder == (option == CALL) { price - strike } else { strike - price };
        let of_premium = if is_holder { -premium } else { premium };
        let expected = of_premium + of_shares - fee * Decimal::from(3);
        prop_assert!(close(realized(&books), expected), "{} is not {expected}", realized(&books));
        prop_assert!(books.positions.values().all(|position| position.lots.is_empty()));
        prop_assert!(books.positions[&option].realized.is_zero(), "the option has a gain of its own");
    }

    #[test]
    fn an_option_that_ends_unused_realizes_its_premium(
        option in prop_oneof![Just(CALL), Just(PUT)],
        is_holder in any::<bool>(),
        premium in cents(0..10_000),
        (opened_for, ended_for) in (cents(0..100), cents(0..100)),
        cost_basis in cost_basis(),
    ) {
        let (asset, quantity, amount) = (option, Decimal::TEN, premium);
        let open = if is_holder {
            Event::Buy { asset, quantity, amount }
        } else {
            Event::Short { asset, quantity, amount }
        };
        let entries = [
            entry(2, open, opened_for),
            entry(5, Event::Expiry { asset, quantity }, ended_for),
        ];
        let books = books(&entries, &by(cost_basis));
        let premium = if is_holder { -premium } else { premium };
        prop_assert_eq!(realized(&books), premium - opened_for - ended_for);
        prop_assert!(books.positions[&option].lots.is_empty());
        let charges: Decimal = books.realizations.iter().map(|sale| sale.charges_base).sum();
        prop_assert_eq!(charges, opened_for + ended_for);
    }

    /// An option for more shares than are owed closes these and opens a position with the rest; each
    /// part has its part of the strike, the premium and the charges.
    #[test]
    fn an_option_closes_first_and_opens_with_the_rest(
        owed in 1i64..100,
        premium in cents(0..10_000),
        fee in cents(0..1_000),
    ) {
        let (asset, quantity) = (CALL, Decimal::TEN);
        let owed = Decimal::from(owed);
        let entries = [
            entry(1, Event::Short { asset: SHARE, quantity: owed, amount: Decimal::ONE_HUNDRED }, Decimal::ZERO),
            entry(2, Event::Buy { asset, quantity, amount: premium }, Decimal::ZERO),
            entry(5, Event::Exercise { asset, quantity }, fee),
        ];
        let books = books(&entries, &by(CostBasis::Fifo));
        let paid = quantity * MULTIPLIER * STRIKE + premium + fee;
        let part = owed / (quantity * MULTIPLIER);
        let closed = &books.realizations[0];
        prop_assert_eq!((closed.kind, closed.quantity), (TransactionKind::Exercise, owed));
        prop_assert!(close(closed.cost, paid * part));
        prop_assert!(close(closed.charges_base, fee * part));
        let position = &books.positions[&SHARE];
        prop_assert_eq!(position.quantity, quantity * MULTIPLIER - owed);
        prop_assert!(close(position.cost, paid - paid * part));
    }
}
