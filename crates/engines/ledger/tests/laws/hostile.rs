//! No input makes the engine panic, and what it cannot book it leaves out whole.

use jiff::{Timestamp, ToSpan, civil::Date};
use ledger::{
    Account, Asset, AssetIndex, Books, Entry, Event, LotChoice, OptionRight, OptionTerms, Ratio,
    Settlement, replay, replay_together, sort,
};
use money::FxTable;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::generate::{CURRENCIES, FIRST, rates, rules};

/// Any decimal there is, and numbers near each other more often.
fn wild() -> BoxedStrategy<Decimal> {
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
        2 => any,
        5 => (-3i64..30).prop_map(Decimal::from),
        1 => (1i64..100).prop_map(|part| Decimal::new(part, 2)),
        1 => Just(Decimal::from(1_000_000_000_000_000_i64)),
        1 => Just(Decimal::new(1, 16)),
        1 => Just(Decimal::MAX),
        1 => Just(Decimal::MIN),
    ]
    .boxed()
}

fn index() -> impl Strategy<Value = AssetIndex> {
    (0u32..6).prop_map(AssetIndex)
}

/// Shares and options with any terms, also on themselves and on what does not exist.
fn wild_assets() -> impl Strategy<Value = Vec<Asset>> {
    let option = (index(), wild(), any::<bool>()).prop_map(|(underlying, strike, is_call)| {
        let right = if is_call {
            OptionRight::Call
        } else {
            OptionRight::Put
        };
        OptionTerms {
            underlying,
            strike,
            right,
        }
    });
    let asset = (0usize..3, wild(), proptest::option::of(option)).prop_map(
        |(currency, multiplier, option)| Asset {
            multiplier,
            option,
            ..Asset::new("WILD", CURRENCIES[currency])
        },
    );
    prop::collection::vec(asset, 1..6)
}

fn wild_event() -> BoxedStrategy<Event> {
    let link = || proptest::option::of((0u128..3).prop_map(Uuid::from_u128));
    let ratio = || (wild(), wild()).prop_map(|(to, from)| Ratio { to, from });
    let shares = (index(), wild(), wild(), 0u32..10)
        .prop_map(|(asset, quantity, amount, kind)| shares_of(kind, asset, quantity, amount));
    let cash = (proptest::option::of(index()), wild(), 0u32..6)
        .prop_map(|(asset, amount, kind)| cash_of(kind, asset, amount));
    let bought = proptest::option::of(prop_oneof![Just(Date::MIN), Just(Date::MAX), Just(FIRST)]);
    let actions = prop_oneof![
        (index(), ratio()).prop_map(|(asset, ratio)| Event::Split { asset, ratio }),
        (index(), index(), ratio(), wild()).prop_map(|(asset, target, ratio, cost_share)| {
            Event::SpinOff {
                asset,
                target,
                ratio,
                cost_share,
            }
        }),
        (
            index(),
            proptest::option::of((index(), ratio())),
            wild(),
            proptest::option::of(wild())
        )
            .prop_map(|(asset, target, amount, cost_share)| Event::Merger {
                asset,
                target,
                amount,
                cost_share
            }),
        (index(), index()).prop_map(|(asset, target)| Event::SymbolChange { asset, target }),
        (index(), wild()).prop_map(|(asset, amount)| Event::Dividend { asset, amount }),
        (index(), wild()).prop_map(|(asset, amount)| Event::ReturnOfCapital { asset, amount }),
    ];
    prop_oneof![
        4 => shares,
        1 => cash,
        3 => actions,
        1 => (index(), wild(), wild(), bought, link()).prop_map(|(asset, quantity, cost, acquired_on, link)| {
            Event::TransferIn { asset, quantity, cost, acquired_on, link }
        }),
        1 => (index(), wild(), link())
            .prop_map(|(asset, quantity, link)| Event::TransferOut { asset, quantity, link }),
    ]
    .boxed()
}

fn shares_of(kind: u32, asset: AssetIndex, quantity: Decimal, amount: Decimal) -> Event {
    match kind {
        0..3 => Event::Buy {
            asset,
            quantity,
            amount,
        },
        3 => Event::Sell {
            asset,
            quantity,
            amount,
        },
        4 => Event::Short {
            asset,
            quantity,
            amount,
        },
        5 => Event::Cover {
            asset,
            quantity,
            amount,
        },
        6 => Event::ReinvestedDividend {
            asset,
            quantity,
            amount,
        },
        7 => Event::StockDividend {
            asset,
            quantity,
            amount: amount.trunc(),
        },
        8 => Event::Exercise { asset, quantity },
        _ if amount.is_sign_positive() => Event::Assignment { asset, quantity },
        _ => Event::Expiry { asset, quantity },
    }
}

fn cash_of(kind: u32, asset: Option<AssetIndex>, amount: Decimal) -> Event {
    match kind {
        0 => Event::Interest { amount },
        1 => Event::Deposit { amount },
        2 => Event::Withdrawal { amount },
        3 => Event::Conversion { amount },
        4 => Event::Fee { asset, amount },
        _ => Event::Tax { asset, amount },
    }
}

fn wild_entry() -> impl Strategy<Value = Entry> {
    let date = prop_oneof![
        4 => (0i32..100).prop_map(|day| FIRST + day.days()),
        1 => Just(Date::MIN),
        1 => Just(Date::MAX),
    ];
    let moment = proptest::option::of(prop_oneof![Just(Timestamp::MIN), Just(Timestamp::MAX)]);
    let settlement = proptest::option::weighted(0.3, (0usize..3, wild()));
    let chosen = prop::collection::vec((0u128..40, wild()), 0..3);
    let charges = || prop_oneof![3 => Just(Decimal::ZERO), 1 => wild()];
    (
        0u128..40,
        date,
        moment,
        wild_event(),
        (charges(), charges()),
        0usize..3,
        settlement,
        chosen,
    )
        .prop_map(
            |(id, date, executed_at, event, (fees, taxes), currency, settlement, chosen)| Entry {
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
                lots: chosen
                    .into_iter()
                    .map(|(lot, quantity)| LotChoice {
                        lot: Uuid::from_u128(lot),
                        quantity,
                    })
                    .collect(),
            },
        )
}

fn wild_entries() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(wild_entry(), 0..40)
}

/// All that can be asked of the books.
fn ask(books: &Books) -> Result<(), TestCaseError> {
    for sale in &books.realizations {
        sale.gain_base();
        sale.currency_gain_base();
        prop_assert!(sale.quantity >= Decimal::ZERO);
    }
    for position in books.positions.values() {
        position.average_cost();
        prop_assert!(position.lots.iter().all(|lot| !lot.quantity.is_zero()));
        prop_assert_eq!(
            position.lots.is_empty(),
            position
                .lots
                .iter()
                .map(|lot| lot.quantity.abs())
                .sum::<Decimal>()
                .is_zero()
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_ledger_is_too_wild(entries in wild_entries(), assets in wild_assets(), rules in rules()) {
        for fx in [&FxTable::new(), rates()] {
            let books = replay(&entries, &assets, fx, &rules);
            ask(&books)?;
            let mut sorted = entries.clone();
            sort(&mut sorted);
            prop_assert_eq!(replay(&sorted, &assets, fx, &rules).findings.len(), books.findings.len());
        }
    }

    #[test]
    fn no_portfolios_are_too_wild(
        portfolios in prop::collection::vec(wild_entries(), 0..4),
        assets in wild_assets(),
        rules in rules(),
    ) {
        let accounts: Vec<Account<'_>> =
            portfolios.iter().map(|entries| Account { entries, rules: &rules }).collect();
        let all = replay_together(&accounts, &assets, rates());
        prop_assert_eq!(all.len(), portfolios.len());
        for books in &all {
            ask(books)?;
        }
    }
}
