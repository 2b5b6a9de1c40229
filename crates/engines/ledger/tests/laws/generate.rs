//! Ledgers that a person could have recorded.

use std::{collections::BTreeSet, sync::LazyLock};

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use ledger::{
    Asset, AssetIndex, CostBasis, Entry, Event, LotChoice, OptionRight, OptionTerms, Ratio, Rules,
    Settlement, replay,
};
use money::{Currency, FxTable};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

pub(crate) const FIRST: Date = date(2024, 1, 1);
pub(crate) const CURRENCIES: [Currency; 3] = [Currency::EUR, Currency::USD, Currency::GBP];
/// Four shares, then an option to buy and one to sell the first of them.
pub(crate) const SHARES: u32 = 4;
pub(crate) const CALL: AssetIndex = AssetIndex(4);
pub(crate) const PUT: AssetIndex = AssetIndex(5);
const ASSETS: u32 = 6;
/// Shares that an option stands for, and the price of one.
pub(crate) const MULTIPLIER: Decimal = Decimal::TEN;
pub(crate) const STRIKE: Decimal = Decimal::from_parts(25, 0, 0, false, 1);

pub(crate) fn assets() -> Vec<Asset> {
    let share = |currency: Currency| Asset::new(format!("{currency}-SHARE"), currency);
    let option = |name: &str, right| Asset {
        multiplier: MULTIPLIER,
        option: Some(OptionTerms {
            underlying: AssetIndex(0),
            strike: STRIKE,
            right,
        }),
        ..Asset::new(name, Currency::EUR)
    };
    let mut assets: Vec<Asset> = CURRENCIES.into_iter().map(share).collect();
    assets.push(Asset::new("EUR-PART", Currency::EUR));
    assets.push(option("CALL", OptionRight::Call));
    assets.push(option("PUT", OptionRight::Put));
    assets
}

/// Rates of every other day, from before the first entry on.
pub(crate) fn rates() -> &'static FxTable {
    static RATES: LazyLock<FxTable> = LazyLock::new(|| {
        let days = (-1..60).flat_map(|day| {
            let date = FIRST + (2 * day).days();
            let wave = f64::from(day % 7) / 100.0;
            [
                (date, Currency::EUR, Currency::USD, 1.1 + wave),
                (date, Currency::EUR, Currency::GBP, 0.85 - wave),
            ]
        });
        days.collect()
    });
    &RATES
}

pub(crate) fn cost_basis() -> impl Strategy<Value = CostBasis> {
    (0..CostBasis::ALL.len()).prop_map(|index| CostBasis::ALL[index])
}

pub(crate) fn rules() -> impl Strategy<Value = Rules> {
    (cost_basis(), any::<bool>()).prop_map(|(cost_basis, tracks_cash)| Rules {
        base: Currency::EUR,
        cost_basis,
        tracks_cash,
    })
}

/// Cents; even, so that half of it is exact.
pub(crate) fn cents(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    range.prop_map(|half| Decimal::new(half * 2, 2))
}

fn quantity() -> impl Strategy<Value = Decimal> {
    (1i64..20_000).prop_map(|half| Decimal::new(half * 2, 4))
}

fn ratio() -> impl Strategy<Value = Ratio> {
    (1i64..5, 1i64..5).prop_map(|(to, from)| Ratio {
        to: to.into(),
        from: from.into(),
    })
}

fn share() -> impl Strategy<Value = AssetIndex> {
    (0..SHARES).prop_map(AssetIndex)
}

/// Two different shares.
fn pair() -> impl Strategy<Value = (AssetIndex, AssetIndex)> {
    (0..SHARES, 1..SHARES)
        .prop_map(|(asset, distance)| (AssetIndex(asset), AssetIndex((asset + distance) % SHARES)))
}

fn trade() -> impl Strategy<Value = Event> {
    let stated = (
        (0..ASSETS).prop_map(AssetIndex),
        quantity(),
        cents(0..50_000),
    );
    (stated, 0u32..14).prop_map(|((asset, quantity, amount), kind)| match kind {
        0..5 => Event::Buy {
            asset,
            quantity,
            amount,
        },
        5..9 => Event::Sell {
            asset,
            quantity,
            amount,
        },
        9..12 => Event::Short {
            asset,
            quantity,
            amount,
        },
        _ => Event::Cover {
            asset,
            quantity,
            amount,
        },
    })
}

fn income_and_cash() -> impl Strategy<Value = Event> {
    prop_oneof![
        (share(), cents(-50..5_000)).prop_map(|(asset, amount)| Event::Dividend { asset, amount }),
        (share(), quantity(), cents(0..5_000)).prop_map(|(asset, quantity, amount)| {
            Event::ReinvestedDividend {
                asset,
                quantity,
                amount,
            }
        }),
        (
            share(),
            quantity(),
            prop_oneof![Just(Decimal::ZERO), cents(0..5_000)]
        )
            .prop_map(|(asset, quantity, amount)| Event::StockDividend {
                asset,
                quantity,
                amount
            }),
        (share(), cents(-100..20_000))
            .prop_map(|(asset, amount)| Event::ReturnOfCapital { asset, amount }),
        cents(-100..100).prop_map(|amount| Event::Interest { amount }),
        cents(0..100_000).prop_map(|amount| Event::Deposit { amount }),
        cents(0..10_000).prop_map(|amount| Event::Withdrawal { amount }),
        cents(1..10_000).prop_map(|amount| Event::Conversion { amount }),
        (proptest::option::of(share()), cents(-10..100))
            .prop_map(|(asset, amount)| Event::Fee { asset, amount }),
        (proptest::option::of(share()), cents(-10..100))
            .prop_map(|(asset, amount)| Event::Tax { asset, amount }),
    ]
}

fn cost_share() -> impl Strategy<Value = Decimal> {
    (0i64..=100).prop_map(|percent| Decimal::new(percent, 2))
}

fn corporate_action() -> impl Strategy<Value = Event> {
    let merger = (
        pair(),
        proptest::option::weighted(0.8, ratio()),
        prop_oneof![Just(Decimal::ZERO), cents(-50..20_000)],
        proptest::option::of(cost_share()),
    );
    prop_oneof![
        (share(), ratio()).prop_map(|(asset, ratio)| Event::Split { asset, ratio }),
        (pair(), ratio(), cost_share()).prop_map(|((asset, target), ratio, cost_share)| {
            Event::SpinOff {
                asset,
                target,
                ratio,
                cost_share,
            }
        }),
        merger.prop_map(
            |((asset, target), ratio, amount, cost_share)| Event::Merger {
                asset,
                target: ratio.map(|ratio| (target, ratio)),
                amount,
                cost_share,
            }
        ),
        pair().prop_map(|(asset, target)| Event::SymbolChange { asset, target }),
    ]
}

fn transfer() -> impl Strategy<Value = Event> {
    let shares = || {
        (share(), quantity(), any::<bool>()).prop_map(|(asset, quantity, is_short)| {
            (asset, if is_short { -quantity } else { quantity })
        })
    };
    let bought = proptest::option::of((0i32..50).prop_map(|day| FIRST + day.days()));
    prop_oneof![
        (shares(), cents(0..50_000), bought).prop_map(|((asset, quantity), cost, acquired_on)| {
            Event::TransferIn {
                asset,
                quantity,
                cost,
                acquired_on,
                link: None,
            }
        }),
        shares().prop_map(|(asset, quantity)| Event::TransferOut {
            asset,
            quantity,
            link: None
        }),
    ]
}

fn end_of_option() -> impl Strategy<Value = Event> {
    let contracts = (1i64..20).prop_map(|tenths| Decimal::new(tenths, 1));
    (any::<bool>(), contracts, 0..3).prop_map(|(is_call, quantity, end)| {
        let asset = if is_call { CALL } else { PUT };
        match end {
            0 => Event::Exercise { asset, quantity },
            1 => Event::Assignment { asset, quantity },
            _ => Event::Expiry { asset, quantity },
        }
    })
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        14 => trade(),
        6 => income_and_cash(),
        3 => corporate_action(),
        2 => transfer(),
        2 => end_of_option(),
    ]
}

/// Entries that a person could have recorded, within a hundred days; they may name more than there is.
pub(crate) fn ledger() -> impl Strategy<Value = Vec<Entry>> {
    ledger_of(event())
}

pub(crate) fn ledger_of(event: impl Strategy<Value = Event>) -> impl Strategy<Value = Vec<Entry>> {
    let settlement = proptest::option::weighted(0.2, (1usize..3, 5_000i64..20_000));
    let chosen = proptest::collection::vec((1u128..60, quantity()), 0..3);
    let entry = (
        0i32..100,
        event,
        cents(-5..500),
        cents(0..500),
        0usize..3,
        (settlement, chosen),
    );
    prop::collection::vec(entry, 0..60).prop_map(|entries| {
        let entries = entries.into_iter().zip(1u128..);
        let entries = entries.map(
            |((day, event, fees, taxes, currency, (settled, chosen)), id)| {
                // An option is used in its own currency.
                let currency = match event {
                    Event::Exercise { .. } | Event::Assignment { .. } => 0,
                    _ => currency,
                };
                let must_settle = matches!(event, Event::Conversion { .. }).then_some((1, 12_000));
                let settlement = settled.or(must_settle).map(|(distance, rate)| Settlement {
                    currency: CURRENCIES[(currency + distance) % CURRENCIES.len()],
                    fx_rate: Decimal::new(rate, 4),
                });
                Entry {
                    id: id_of(id),
                    date: FIRST + day.days(),
                    executed_at: None,
                    event,
                    fees,
                    taxes,
                    currency: CURRENCIES[currency],
                    settlement,
                    lots: chosen
                        .into_iter()
                        .map(|(id, quantity)| LotChoice {
                            lot: id_of(id),
                            quantity,
                        })
                        .collect(),
                }
            },
        );
        entries.collect()
    })
}

/// Leaves room for an id directly behind.
fn id_of(number: u128) -> Uuid {
    Uuid::from_u128(number * 2)
}

/// Without the entries that name more than there is, or something that is not there.
pub(crate) fn sound(mut entries: Vec<Entry>) -> Vec<Entry> {
    let rules = Rules {
        base: Currency::EUR,
        cost_basis: CostBasis::Fifo,
        tracks_cash: false,
    };
    loop {
        let books = replay(&entries, &assets(), rates(), &rules);
        let doubtful = books
            .findings
            .iter()
            .filter(|finding| finding.code != "missing_cost");
        let doubtful: BTreeSet<Uuid> = doubtful.filter_map(|finding| finding.transaction).collect();
        if doubtful.is_empty() {
            return entries;
        }
        entries.retain(|entry| !doubtful.contains(&entry.id));
    }
}
