//! Contributions out of books: sums that are exact for ledgers of every type of event, and a
//! portfolio in two currencies figured out by hand.
#![expect(
    clippy::unwrap_used,
    reason = "the amounts are written or generated within range"
)]

use std::collections::BTreeMap;

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use ledger::{
    Account, Asset, AssetIndex, Books, CostBasis, Entry, Event, OptionRight, OptionTerms, Posting,
    Ratio, Rules, Settlement, TransactionKind, postings, replay, replay_together, sort,
};
use money::{Currency, FxTable, f64_from_decimal};
use performance::{
    Attribution, Days, Detail, Held, Holding, Parts, PriceSeries, Tracks, closing, contributions,
    summary, tracks, value_daily,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

const FIRST: Date = date(2024, 1, 1);
const DAYS: i32 = 60;
const BASE: Currency = Currency::EUR;

/// A portfolio with everything it takes to value it.
#[derive(Clone, Debug)]
struct World {
    assets: Vec<Asset>,
    entries: Vec<Entry>,
    prices: Vec<PriceSeries>,
    fx: FxTable,
    rules: Rules,
}

impl World {
    fn books(&self, until: Date) -> Books {
        let known = self.entries.iter().filter(|entry| entry.date <= until);
        let known: Vec<Entry> = known.cloned().collect();
        replay(&known, &self.assets, &self.fx, &self.rules)
    }

    fn prices(&self) -> Vec<Option<&PriceSeries>> {
        let known = |series| Some(series).filter(|series: &&PriceSeries| !series.is_empty());
        self.prices.iter().map(known).collect()
    }

    fn tracks(&self, books: &Books, days: Days, detail: Detail) -> Tracks {
        let account = Account {
            entries: &self.entries,
            rules: &self.rules,
        };
        self.tracks_of(account, books, days, detail)
    }

    fn tracks_of(&self, account: Account<'_>, books: &Books, days: Days, detail: Detail) -> Tracks {
        let (prices, assets) = (self.prices(), &self.assets);
        tracks(books, account, assets, &prices, &self.fx, days, detail)
    }

    fn postings(&self, books: &Books) -> Vec<Posting> {
        let account = Account {
            entries: &self.entries,
            rules: &self.rules,
        };
        postings(
            account,
            books,
            &self.assets,
            &self.fx,
            Date::MIN..=Date::MAX,
        )
    }

    /// Value at a close, by the books up to that day alone.
    fn value(&self, on: Date) -> Decimal {
        let books = self.books(on);
        closing(&books, &self.assets, &self.prices(), &self.fx, BASE, on).value_base
    }
}

fn attribute(tracks: &Tracks) -> Attribution<Held> {
    let holdings: Vec<Holding<Held>> = tracks
        .tracks
        .iter()
        .map(|track| Holding {
            key: track.held,
            marks: track.marks.clone(),
        })
        .collect();
    contributions(&tracks.whole, &holdings).unwrap()
}

fn by_holding(attribution: &Attribution<Held>) -> BTreeMap<Held, Parts> {
    let of = attribution.contributions.iter();
    of.map(|found| (found.key, found.parts)).collect()
}

fn day(number: i32) -> Date {
    FIRST + number.days()
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Two shares in euros, one in dollars, and a call on the last.
fn assets() -> Vec<Asset> {
    let option = OptionTerms {
        underlying: AssetIndex(2),
        strike: 50.into(),
        right: OptionRight::Call,
    };
    vec![
        Asset::new("A", Currency::EUR),
        Asset::new("B", Currency::EUR),
        Asset::new("C", Currency::USD),
        Asset {
            multiplier: Decimal::ONE_HUNDRED,
            option: Some(option),
            ..Asset::new("C call", Currency::USD)
        },
    ]
}

/// What an event is made of: its type, its instruments, a quantity, an amount, a ratio and a part.
type Recipe = (usize, u32, u32, i64, i64, (i64, i64), i64);

#[expect(clippy::too_many_lines, reason = "a table of all types")]
fn event((kind, asset, target, quantity, amount, ratio, part): Recipe) -> Event {
    let kind = TransactionKind::ALL[kind % TransactionKind::ALL.len()];
    let (asset, target) = (AssetIndex(asset), AssetIndex(target));
    let signed = Decimal::new(quantity, 2);
    let (quantity, amount) = (signed.abs(), Decimal::new(amount, 2));
    let ratio = Ratio {
        to: ratio.0.into(),
        from: ratio.1.into(),
    };
    let share = Decimal::new(part, 2);
    let option = AssetIndex(3);
    match kind {
        TransactionKind::Buy => Event::Buy {
            asset,
            quantity,
            amount,
        },
        TransactionKind::Sell => Event::Sell {
            asset,
            quantity,
            amount,
        },
        TransactionKind::Short => Event::Short {
            asset,
            quantity,
            amount,
        },
        TransactionKind::Cover => Event::Cover {
            asset,
            quantity,
            amount,
        },
        TransactionKind::Dividend => Event::Dividend {
            asset,
            amount: amount - Decimal::TEN,
        },
        TransactionKind::ReinvestedDividend => Event::ReinvestedDividend {
            asset,
            quantity,
            amount,
        },
        TransactionKind::StockDividend => Event::StockDividend {
            asset,
            quantity,
            amount: if part > 50 { amount } else { Decimal::ZERO },
        },
        TransactionKind::ReturnOfCapital => Event::ReturnOfCapital { asset, amount },
        TransactionKind::Interest => Event::Interest {
            amount: amount - Decimal::TEN,
        },
        TransactionKind::Deposit => Event::Deposit { amount },
        TransactionKind::Withdrawal => Event::Withdrawal { amount },
        TransactionKind::Conversion => Event::Conversion { amount },
        TransactionKind::TransferIn => Event::TransferIn {
            asset,
            quantity: signed,
            cost: amount,
            acquired_on: None,
            link: None,
        },
        TransactionKind::TransferOut => Event::TransferOut {
            asset,
            quantity: signed,
            link: None,
        },
        TransactionKind::Fee => Event::Fee {
            asset: (part > 50).then_some(asset),
            amount,
        },
        TransactionKind::Tax => Event::Tax {
            asset: (part > 50).then_some(asset),
            amount,
        },
        TransactionKind::Split => Event::Split { asset, ratio },
        TransactionKind::SpinOff => Event::SpinOff {
            asset,
            target,
            ratio,
            cost_share: share,
        },
        TransactionKind::Merger => Event::Merger {
            asset,
            target: (part > 20).then_some((target, ratio)),
            // A short seller pays.
            amount: if part % 3 == 0 { -amount } else { amount },
            cost_share: (part > 60).then_some(share),
        },
        TransactionKind::SymbolChange => Event::SymbolChange { asset, target },
        TransactionKind::Exercise => Event::Exercise {
            asset: option,
            quantity,
        },
        TransactionKind::Assignment => Event::Assignment {
            asset: option,
            quantity,
        },
        TransactionKind::Expiry => Event::Expiry { asset, quantity },
    }
}

prop_compose! {
    fn entry()(
        on in 0..DAYS,
        recipe in (
            0usize..1_000, 0u32..4, 0u32..4, -500i64..2_000, 1i64..200_000, (1i64..5, 1i64..5),
            0i64..=100,
        ),
        fees in 0i64..500,
        taxes in 0i64..500,
        currency in 0usize..2,
        settled in prop::option::weighted(0.3, 5_000i64..20_000),
    ) -> (i32, Entry) {
        let event = event(recipe);
        let currencies = [Currency::EUR, Currency::USD];
        // A conversion must say what arrives.
        let rate = settled.or((event.kind() == TransactionKind::Conversion).then_some(11_000));
        (on, Entry {
            id: Uuid::nil(),
            date: day(on),
            executed_at: None,
            event,
            fees: Decimal::new(fees, 2),
            taxes: Decimal::new(taxes, 2),
            currency: currencies[currency],
            settlement: rate.map(|rate| Settlement {
                currency: currencies[1 - currency],
                fx_rate: Decimal::new(rate, 4),
            }),
            lots: Vec::new(),
        })
    }
}

prop_compose! {
    fn world()(
        entries in prop::collection::vec(entry(), 0..40),
        prices in prop::collection::vec(prop::collection::btree_map(-5..DAYS, 1.0..200.0f64, 0..30), 4),
        rates in prop::collection::btree_map(-5..DAYS, 0.8..1.4f64, 0..20),
        tracks_cash in any::<bool>(),
        method in 0..CostBasis::ALL.len(),
    ) -> World {
        let number = |((_, entry), id): ((i32, Entry), u128)| Entry { id: Uuid::from_u128(id), ..entry };
        let mut entries: Vec<Entry> = entries.into_iter().zip(1u128..).map(number).collect();
        sort(&mut entries);
        World {
            assets: assets(),
            entries,
            prices: prices
                .into_iter()
                .map(|points| PriceSeries::new(points.into_iter().map(|(on, price)| (day(on), price))))
                .collect(),
            fx: rates.into_iter().map(|(on, rate)| (day(on), Currency::EUR, Currency::USD, rate)).collect(),
            rules: Rules { base: BASE, cost_basis: CostBasis::ALL[method], tracks_cash },
        }
    }
}

fn days() -> impl Strategy<Value = Days> {
    (0..DAYS, 0..DAYS).prop_map(|(one, other)| Days {
        from: day(one.min(other)),
        to: day(one.max(other)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_entry_moves_as_much_in_as_out(world in world()) {
        let books = world.books(Date::MAX);
        let mut crossed: BTreeMap<Date, Decimal> = BTreeMap::new();
        for posting in world.postings(&books) {
            let inside = posting.traded_base() + posting.charges_base() - posting.income_base();
            let deposit = world.entries.iter().any(|entry| entry.id == posting.entry && matches!(
                entry.event,
                Event::Deposit { .. } | Event::Withdrawal { .. } | Event::Conversion { .. }
            ));
            let sum = inside + posting.cash_base();
            if world.rules.tracks_cash && !deposit {
                prop_assert_eq!(sum, Decimal::ZERO);
            }
            *crossed.entry(posting.date).or_default() += sum;
        }
        for flow in &books.flows {
            *crossed.entry(flow.date).or_default() -= flow.amount_base;
        }
        prop_assert!(crossed.values().all(Decimal::is_zero), "{crossed:?}");
    }

    #[test]
    fn postings_add_up_to_balances(world in world()) {
        let books = world.books(Date::MAX);
        let mut cash: BTreeMap<Currency, Decimal> = BTreeMap::new();
        for posting in world.postings(&books) {
            *cash.entry(posting.currency).or_default() += posting.cash();
        }
        cash.retain(|currency, amount| !amount.is_zero() || books.cash.contains_key(currency));
        prop_assert_eq!(cash, books.cash);
    }

    #[test]
    fn contributions_sum_to_the_change_in_value(world in world(), days in days()) {
        let books = world.books(Date::MAX);
        let tracks = world.tracks(&books, days, Detail::Currencies);
        let found = attribute(&tracks);
        prop_assert_eq!(tracks.whole.start, world.value(days.from.yesterday().unwrap()));
        prop_assert_eq!(tracks.whole.end, world.value(days.to));
        prop_assert_eq!(found.unexplained, Decimal::ZERO);
        prop_assert_eq!(found.sum.total, found.change);
        let mut total = Decimal::ZERO;
        for Parts { total: own, price, currency, income, fees } in by_holding(&found).into_values() {
            prop_assert_eq!(own, price + currency + income - fees);
            total += own;
        }
        prop_assert_eq!(total, found.change);
    }

    #[test]
    fn the_change_is_the_gain_of_the_daily_valuation(world in world(), days in days()) {
        let books = world.books(Date::MAX);
        let daily = value_daily(&books, &world.assets, &world.prices(), &world.fx, BASE, FIRST, day(DAYS));
        let change = f64_from_decimal(attribute(&world.tracks(&books, days, Detail::Totals)).change);
        let gain = summary(&daily, days.from, days.to).gain;
        prop_assert!((change - gain).abs() <= 1e-9 * (1.0 + daily.value.iter().map(|v| v.abs()).sum::<f64>()),
            "{} is not {}", change, gain);
    }

    #[test]
    fn periods_add_up(world in world(), days in days(), cut in 0..DAYS) {
        let cut = day(cut).clamp(days.from, days.to);
        prop_assume!(cut < days.to);
        let books = world.books(Date::MAX);
        let total = |days| attribute(&world.tracks(&books, days, Detail::Totals)).change;
        let (first, second) = (
            Days { from: days.from, to: cut },
            Days { from: cut.tomorrow().unwrap(), to: days.to },
        );
        prop_assert_eq!(total(first) + total(second), total(days));
    }

    #[test]
    fn totals_need_no_detail(world in world(), days in days()) {
        let books = world.books(Date::MAX);
        let fine = by_holding(&attribute(&world.tracks(&books, days, Detail::Currencies)));
        let coarse = by_holding(&attribute(&world.tracks(&books, days, Detail::Totals)));
        prop_assert_eq!(fine.keys().collect::<Vec<_>>(), coarse.keys().collect::<Vec<_>>());
        for (held, parts) in fine {
            let other = coarse[&held];
            prop_assert_eq!(
                (parts.total, parts.income, parts.fees),
                (other.total, other.income, other.fees)
            );
        }
    }

    #[test]
    fn what_is_in_base_currency_gains_nothing_by_currency(world in world(), days in days()) {
        let books = world.books(Date::MAX);
        let found = by_holding(&attribute(&world.tracks(&books, days, Detail::Currencies)));
        for asset in [A, B] {
            let parts = found.get(&Held::Asset(asset)).copied().unwrap_or_default();
            prop_assert_eq!(parts.currency, Decimal::ZERO);
        }
    }
}

fn at(on: Date, id: u128, event: Event, currency: Currency) -> Entry {
    Entry {
        id: Uuid::from_u128(id),
        date: on,
        executed_at: None,
        event,
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency,
        settlement: None,
        lots: Vec::new(),
    }
}

fn parts(figures: [&str; 5]) -> Parts {
    let [total, price, currency, income, fees] = figures.map(amount);
    Parts {
        total,
        price,
        currency,
        income,
        fees,
    }
}

/// Prices that hold from the first of January on, and others from the tenth.
fn priced(entries: Vec<Entry>, prices: [(f64, f64); 4]) -> World {
    let series = |(first, then)| PriceSeries::new([(FIRST, first), (day(9), then)]);
    World {
        assets: assets(),
        entries,
        prices: prices.map(series).into(),
        // A dollar is 0.80 euros, and 1.00 from the tenth on.
        fx: [
            (FIRST, Currency::USD, Currency::EUR, 0.8),
            (day(9), Currency::USD, Currency::EUR, 1.0),
        ]
        .into_iter()
        .collect(),
        rules: Rules {
            base: BASE,
            cost_basis: CostBasis::Fifo,
            tracks_cash: true,
        },
    }
}

fn january(world: &World) -> BTreeMap<Held, Parts> {
    let books = world.books(Date::MAX);
    let days = Days {
        from: FIRST,
        to: date(2024, 1, 31),
    };
    let found = attribute(&world.tracks(&books, days, Detail::Currencies));
    assert_eq!(found.unexplained, Decimal::ZERO);
    by_holding(&found)
}

const A: AssetIndex = AssetIndex(0);
const B: AssetIndex = AssetIndex(1);
const C: AssetIndex = AssetIndex(2);
const CALL: AssetIndex = AssetIndex(3);

#[test]
fn price_and_currency_of_two_countries() {
    let (euro, dollar) = (Currency::EUR, Currency::USD);
    let mut buy = at(
        day(1),
        2,
        Event::Buy {
            asset: C,
            quantity: 10.into(),
            amount: 400.into(),
        },
        dollar,
    );
    buy.fees = 5.into();
    let world = priced(
        vec![
            at(
                day(0),
                1,
                Event::Deposit {
                    amount: 1_000.into(),
                },
                euro,
            ),
            Entry {
                settlement: Some(Settlement {
                    currency: dollar,
                    fx_rate: amount("1.2"),
                }),
                ..at(day(0), 3, Event::Conversion { amount: 500.into() }, euro)
            },
            buy,
            at(
                day(14),
                4,
                Event::Dividend {
                    asset: C,
                    amount: 20.into(),
                },
                dollar,
            ),
        ],
        [(1.0, 1.0), (1.0, 1.0), (40.0, 44.0), (1.0, 1.0)],
    );
    let found = january(&world);
    // 40 dollars more at 1.00, and 400 dollars that rose from 0.80 to 1.00; 20 dollars at 1.00; 5 at 0.80.
    assert_eq!(
        found[&Held::Asset(C)],
        parts(["136", "40", "80", "20", "4"])
    );
    // 600 dollars for 500 euros are worth 480: 20 lost. 405 are spent, 195 left rise by 0.20.
    assert_eq!(
        found[&Held::Cash(dollar)],
        parts(["19", "0", "19", "0", "0"])
    );
    assert_eq!(found[&Held::Cash(euro)], parts(["0", "0", "0", "0", "0"]));
}

#[test]
fn a_short_position_gains_by_falling() {
    let short = Event::Short {
        asset: A,
        quantity: 10.into(),
        amount: 1_000.into(),
    };
    let world = priced(
        vec![at(day(0), 1, short, Currency::EUR)],
        [(100.0, 90.0), (1.0, 1.0), (1.0, 1.0), (1.0, 1.0)],
    );
    assert_eq!(
        january(&world)[&Held::Asset(A)],
        parts(["100", "100", "0", "0", "0"])
    );
    let books = world.books(Date::MAX);
    let days = Days {
        from: FIRST,
        to: day(30),
    };
    let tracks = world.tracks(&books, days, Detail::Totals);
    assert_eq!(tracks.tracks[0].stake, Decimal::from(1_000));
}

#[test]
fn a_spin_off_passes_on_what_it_is_worth() {
    let world = priced(
        vec![
            at(
                day(0),
                1,
                Event::Buy {
                    asset: A,
                    quantity: 10.into(),
                    amount: 1_000.into(),
                },
                BASE,
            ),
            at(
                day(9),
                2,
                Event::SpinOff {
                    asset: A,
                    target: B,
                    ratio: Ratio {
                        to: 1.into(),
                        from: 2.into(),
                    },
                    cost_share: amount("0.1"),
                },
                BASE,
            ),
        ],
        // Five new shares at 30 make up for the fall of the old ones, and more.
        [(100.0, 88.0), (1.0, 30.0), (1.0, 1.0), (1.0, 1.0)],
    );
    let found = january(&world);
    assert_eq!(found[&Held::Asset(A)], parts(["30", "30", "0", "0", "0"]));
    assert_eq!(found[&Held::Asset(B)], parts(["0", "0", "0", "0", "0"]));
}

#[test]
fn an_option_that_is_used_hands_its_worth_to_the_shares() {
    let world = priced(
        vec![
            at(
                day(0),
                1,
                Event::Deposit {
                    amount: 10_000.into(),
                },
                Currency::USD,
            ),
            at(
                day(0),
                2,
                Event::Buy {
                    asset: CALL,
                    quantity: 1.into(),
                    amount: 300.into(),
                },
                Currency::USD,
            ),
            at(
                day(10),
                3,
                Event::Exercise {
                    asset: CALL,
                    quantity: 1.into(),
                },
                Currency::USD,
            ),
        ],
        // A hundred shares at 60 for the strike of 50.
        [(1.0, 1.0), (1.0, 1.0), (50.0, 60.0), (3.0, 9.0)],
    );
    let found = january(&world);
    // Bought for 240 euros, worth (60 - 50) x 100 when used: 760 more, of them 60 by the dollar.
    assert_eq!(
        found[&Held::Asset(CALL)],
        parts(["760", "700", "60", "0", "0"])
    );
    assert_eq!(found[&Held::Asset(C)], parts(["0", "0", "0", "0", "0"]));
    // 9,700 dollars from 0.80 to 1.00.
    assert_eq!(
        found[&Held::Cash(Currency::USD)],
        parts(["1940", "0", "1940", "0", "0"])
    );
}

#[test]
fn a_change_of_symbol_without_a_new_price_goes_by_the_old_one() {
    let mut world = priced(
        vec![
            at(
                day(0),
                1,
                Event::Buy {
                    asset: A,
                    quantity: 10.into(),
                    amount: 1_000.into(),
                },
                BASE,
            ),
            at(
                day(12),
                2,
                Event::SymbolChange {
                    asset: A,
                    target: B,
                },
                BASE,
            ),
        ],
        [(100.0, 120.0), (1.0, 1.0), (1.0, 1.0), (1.0, 1.0)],
    );
    world.prices[1] = PriceSeries::new([(day(20), 125.0)]);
    let found = january(&world);
    assert_eq!(found[&Held::Asset(A)].total, Decimal::from(200));
    assert_eq!(found[&Held::Asset(B)].total, Decimal::from(50));
}

#[test]
fn both_sides_of_a_transfer_cancel_out() {
    let link = Some(Uuid::from_u128(77));
    let buy = Event::Buy {
        asset: A,
        quantity: 10.into(),
        amount: 1_000.into(),
    };
    let sender = [
        at(day(0), 1, buy, BASE),
        at(
            day(9),
            2,
            Event::TransferOut {
                asset: A,
                quantity: 10.into(),
                link,
            },
            BASE,
        ),
    ];
    let receiver = [at(
        day(9),
        3,
        Event::TransferIn {
            asset: A,
            quantity: 10.into(),
            cost: 1.into(),
            acquired_on: None,
            link,
        },
        BASE,
    )];
    let world = priced(
        Vec::new(),
        [(100.0, 110.0), (1.0, 1.0), (1.0, 1.0), (1.0, 1.0)],
    );
    let accounts = [&sender[..], &receiver[..]].map(|entries| Account {
        entries,
        rules: &world.rules,
    });
    let books = replay_together(&accounts, &world.assets, &world.fx);
    let days = Days {
        from: FIRST,
        to: day(30),
    };
    let tracks: Vec<Tracks> = accounts
        .into_iter()
        .zip(&books)
        .map(|(account, books)| world.tracks_of(account, books, days, Detail::Totals))
        .collect();
    let found: Vec<Attribution<Held>> = tracks.iter().map(attribute).collect();
    let change: Vec<Decimal> = found.iter().map(|found| found.change).collect();
    assert_eq!(change, [Decimal::from(100), Decimal::ZERO]);
    assert!(found.iter().all(|found| found.unexplained.is_zero()));
    let flows: Decimal = tracks
        .iter()
        .flat_map(|tracks| &tracks.whole.flows)
        .map(|(_, flow)| flow)
        .sum();
    assert_eq!(flows, Decimal::ZERO);
}
