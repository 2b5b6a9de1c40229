//! What each type of event moves, figured out by hand: one row for each.
#![expect(clippy::unwrap_used, reason = "the amounts are written here")]

use jiff::civil::{Date, date};
use ledger::{
    Account, Asset, AssetIndex, Books, CostBasis, Entry, Event, OptionRight, OptionTerms, Posting,
    Ratio, Rules, Settlement, postings, replay,
};
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use uuid::Uuid;

const A: AssetIndex = AssetIndex(0);
const B: AssetIndex = AssetIndex(1);
const PUT: AssetIndex = AssetIndex(2);
const TWO_FOR_ONE: Ratio = Ratio {
    to: Decimal::TWO,
    from: Decimal::ONE,
};

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Books in euros of events in dollars, of which one is worth 0.80; each with a fee of 1 and a tax of 2.
fn books(events: &[Event], tracks_cash: bool) -> (Books, Vec<Posting>) {
    let dollar = |symbol: &str| Asset::new(symbol, Currency::USD);
    let put = OptionTerms {
        underlying: A,
        strike: 30.into(),
        right: OptionRight::Put,
    };
    let assets = [
        dollar("A"),
        dollar("B"),
        Asset {
            multiplier: 100.into(),
            option: Some(put),
            ..dollar("A put")
        },
    ];
    let fx: FxTable = [(date(2024, 1, 1), Currency::USD, Currency::EUR, 0.8)]
        .into_iter()
        .collect();
    let entries = events.iter().zip(1u128..).map(|(event, id)| Entry {
        id: Uuid::from_u128(id),
        date: date(2024, 1, 1 + id as i8),
        executed_at: None,
        event: *event,
        fees: 1.into(),
        taxes: 2.into(),
        currency: Currency::USD,
        settlement: matches!(event, Event::Conversion { .. }).then(|| Settlement {
            currency: Currency::GBP,
            fx_rate: amount("0.7"),
        }),
        lots: Vec::new(),
    });
    let rules = Rules {
        base: Currency::EUR,
        cost_basis: CostBasis::Fifo,
        tracks_cash,
    };
    booked(&entries.collect::<Vec<_>>(), &assets, &fx, &rules)
}

/// The books of entries, and what each of them moved.
fn booked(
    entries: &[Entry],
    assets: &[Asset],
    fx: &FxTable,
    rules: &Rules,
) -> (Books, Vec<Posting>) {
    let books = replay(entries, assets, fx, rules);
    let account = Account { entries, rules };
    let moved = postings(account, &books, assets, fx, Date::MIN..=Date::MAX);
    (books, moved)
}

/// The last event's posting: traded in dollars, then in euros traded, income, charges and cash.
#[track_caller]
fn check(events: &[Event], expected: [&str; 5]) {
    let (_, postings) = books(events, true);
    let posting = postings.last().unwrap();
    let found = [
        posting.traded(),
        posting.traded_base(),
        posting.income_base(),
        posting.charges_base(),
        posting.cash_base(),
    ];
    assert_eq!(found, expected.map(amount), "{:?}", events.last());
    assert!(posting.is_rated);
}

fn hundred(of: AssetIndex) -> Event {
    Event::Buy {
        asset: of,
        quantity: 10.into(),
        amount: 100.into(),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of all types")]
fn every_type_of_event_moves_what_it_should() {
    let (quantity, amount) = (Decimal::from(10), Decimal::from(50));
    let (asset, target) = (A, B);
    check(&[hundred(A)], ["100", "80", "0", "2.4", "-82.4"]);
    check(
        &[
            hundred(A),
            Event::Sell {
                asset,
                quantity,
                amount,
            },
        ],
        ["-50", "-40", "0", "2.4", "37.6"],
    );
    check(
        &[Event::Short {
            asset,
            quantity,
            amount,
        }],
        ["-50", "-40", "0", "2.4", "37.6"],
    );
    check(
        &[Event::Cover {
            asset,
            quantity,
            amount,
        }],
        ["50", "40", "0", "2.4", "-42.4"],
    );
    check(
        &[Event::Dividend { asset, amount }],
        ["0", "0", "40", "2.4", "37.6"],
    );
    check(
        &[Event::ReinvestedDividend {
            asset,
            quantity,
            amount,
        }],
        ["50", "40", "42.4", "2.4", "0"],
    );
    check(
        &[Event::StockDividend {
            asset,
            quantity,
            amount,
        }],
        ["50", "40", "40", "2.4", "-2.4"],
    );
    check(
        &[hundred(A), Event::ReturnOfCapital { asset, amount }],
        ["-50", "-40", "0", "2.4", "37.6"],
    );
    check(
        &[Event::Interest { amount }],
        ["0", "0", "40", "2.4", "37.6"],
    );
    check(&[Event::Deposit { amount }], ["0", "0", "0", "2.4", "37.6"]);
    check(
        &[Event::Withdrawal { amount }],
        ["0", "0", "0", "2.4", "-42.4"],
    );
    let transferred = Event::TransferIn {
        asset,
        quantity,
        cost: amount,
        acquired_on: None,
        link: None,
    };
    check(&[transferred], ["0", "0", "0", "2.4", "-2.4"]);
    check(
        &[
            transferred,
            Event::TransferOut {
                asset,
                quantity,
                link: None,
            },
        ],
        ["0", "0", "0", "2.4", "-2.4"],
    );
    check(
        &[Event::Fee {
            asset: Some(A),
            amount,
        }],
        ["0", "0", "0", "42.4", "-42.4"],
    );
    check(
        &[Event::Tax {
            asset: None,
            amount,
        }],
        ["0", "0", "0", "42.4", "-42.4"],
    );
    check(
        &[
            hundred(A),
            Event::Split {
                asset,
                ratio: TWO_FOR_ONE,
            },
        ],
        ["0", "0", "0", "2.4", "-2.4"],
    );
    let spin_off = Event::SpinOff {
        asset,
        target,
        ratio: TWO_FOR_ONE,
        cost_share: Decimal::ZERO,
    };
    check(&[hundred(A), spin_off], ["0", "0", "0", "2.4", "-2.4"]);
    let merger = Event::Merger {
        asset,
        target: Some((B, TWO_FOR_ONE)),
        amount,
        cost_share: None,
    };
    check(&[hundred(A), merger], ["-50", "-40", "0", "2.4", "37.6"]);
    check(
        &[hundred(A), Event::SymbolChange { asset, target }],
        ["0", "0", "0", "2.4", "-2.4"],
    );
    let one = Decimal::ONE;
    let put = Event::Buy {
        asset: PUT,
        quantity: one,
        amount,
    };
    let used = Event::Exercise {
        asset: PUT,
        quantity: one,
    };
    // A hundred shares are sold at 30.
    check(&[put, used], ["-3000", "-2400", "0", "2.4", "2397.6"]);
    let written = Event::Short {
        asset: PUT,
        quantity: one,
        amount,
    };
    let assigned = Event::Assignment {
        asset: PUT,
        quantity: one,
    };
    check(
        &[written, assigned],
        ["3000", "2400", "0", "2.4", "-2402.4"],
    );
    check(
        &[
            put,
            Event::Expiry {
                asset: PUT,
                quantity: one,
            },
        ],
        ["0", "0", "0", "2.4", "-2.4"],
    );
}

#[test]
fn a_conversion_has_a_posting_for_each_balance() {
    let (_, postings) = books(&[Event::Conversion { amount: 50.into() }], true);
    let found: Vec<_> = postings
        .iter()
        .map(|p| (p.currency, p.cash(), p.cash_base(), p.charges_base()))
        .collect();
    assert_eq!(
        found,
        [
            (Currency::USD, amount("-53"), amount("-42.4"), amount("2.4")),
            (Currency::GBP, amount("35"), amount("40"), Decimal::ZERO),
        ]
    );
}

#[test]
fn a_conversion_without_a_rate_says_that_it_counts_as_nothing() {
    let entry = Entry {
        id: Uuid::from_u128(1),
        date: date(2024, 1, 2),
        executed_at: None,
        event: Event::Conversion { amount: 50.into() },
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: Currency::USD,
        settlement: Some(Settlement {
            currency: Currency::GBP,
            fx_rate: amount("0.7"),
        }),
        lots: Vec::new(),
    };
    let rules = Rules {
        base: Currency::EUR,
        cost_basis: CostBasis::Fifo,
        tracks_cash: true,
    };
    let (_, postings) = booked(&[entry], &[], &FxTable::new(), &rules);
    let found: Vec<_> = postings
        .iter()
        .map(|p| (p.currency, p.cash(), p.cash_base(), p.is_rated))
        .collect();
    assert_eq!(
        found,
        [
            (Currency::USD, amount("-50"), Decimal::ZERO, false),
            (Currency::GBP, amount("35"), Decimal::ZERO, false),
        ]
    );
}

#[test]
fn without_cash_tracking_no_cash_moves() {
    let (books, postings) = books(&[hundred(A), Event::Deposit { amount: 50.into() }], false);
    let [posting] = postings.as_slice() else {
        unreachable!("a deposit is not booked: {postings:?}");
    };
    assert_eq!(
        (posting.cash(), posting.cash_base()),
        (Decimal::ZERO, Decimal::ZERO)
    );
    let inside = posting.traded_base() + posting.charges_base();
    assert_eq!(inside, books.flows[0].amount_base);
}

/// The instruments of the last exchange; what left, what arrived, its cost and what was paid.
fn figures(events: &[Event]) -> ((AssetIndex, AssetIndex), [Decimal; 4]) {
    let (books, _) = books(events, true);
    let exchange = books.exchanges.last().copied().unwrap();
    let figures = [
        exchange.left,
        exchange.arrived,
        exchange.cost_base,
        exchange.paid_base,
    ];
    ((exchange.from, exchange.to), figures)
}

fn row(figures: [&str; 4]) -> [Decimal; 4] {
    figures.map(amount)
}

#[test]
fn exchanges_tell_what_left_and_what_arrived() {
    let (asset, target, share) = (A, B, amount("0.25"));
    let spin_off = Event::SpinOff {
        asset,
        target,
        ratio: TWO_FOR_ONE,
        cost_share: share,
    };
    // A quarter of the 82.40 that the shares cost.
    assert_eq!(
        figures(&[hundred(A), spin_off]),
        ((A, B), row(["0", "20", "20.6", "0"]))
    );
    let merger = |cost_share| Event::Merger {
        asset,
        target: Some((B, TWO_FOR_ONE)),
        amount: 50.into(),
        cost_share,
    };
    // The cash of 47 dollars after charges comes off the cost.
    assert_eq!(
        figures(&[hundred(A), merger(None)]),
        ((A, B), row(["10", "20", "44.8", "-40"]))
    );
    assert_eq!(
        figures(&[hundred(A), merger(Some(share))]),
        ((A, B), row(["10", "20", "20.6", "-40"]))
    );
    let change = Event::SymbolChange { asset, target };
    assert_eq!(
        figures(&[hundred(A), change]),
        ((A, B), row(["10", "10", "82.4", "0"]))
    );
}

#[test]
fn exchanges_of_what_is_owed_are_negative() {
    let (asset, target, share) = (A, B, amount("0.25"));
    let change = Event::SymbolChange { asset, target };
    let short = Event::Short {
        asset,
        quantity: 10.into(),
        amount: 100.into(),
    };
    assert_eq!(
        figures(&[short, change]),
        ((A, B), row(["-10", "-10", "-77.6", "0"]))
    );
    let owed = |cost_share| Event::Merger {
        asset,
        target: Some((B, TWO_FOR_ONE)),
        amount: (-50).into(),
        cost_share,
    };
    // The 77.60 that they brought, less the 53 dollars paid with charges.
    assert_eq!(
        figures(&[short, owed(None)]),
        ((A, B), row(["-10", "-20", "-35.2", "40"]))
    );
    assert_eq!(
        figures(&[short, owed(Some(share))]),
        ((A, B), row(["-10", "-20", "-19.4", "40"]))
    );
}

#[test]
fn an_option_is_exchanged_for_shares() {
    let one = Decimal::ONE;
    let put = Event::Buy {
        asset: PUT,
        quantity: one,
        amount: 50.into(),
    };
    // The shares go for 2397.60 less the premium of 42.40.
    assert_eq!(
        figures(&[
            put,
            Event::Exercise {
                asset: PUT,
                quantity: one
            }
        ]),
        ((PUT, A), row(["1", "-100", "-2355.2", "-2400"]))
    );
}
