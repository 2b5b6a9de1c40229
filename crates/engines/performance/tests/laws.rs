//! Laws that hold for every valuation.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Ratio, Rules, replay};
use money::{Currency, FxTable, f64_from_decimal};
use performance::{
    Daily, PriceSeries, closing, summary, twr, twr_index, value_asset_daily, value_daily,
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
        let known: Vec<Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.date <= until)
            .cloned()
            .collect();
        replay(&known, &self.assets, &self.fx, &self.rules)
    }

    fn prices(&self) -> Vec<Option<&PriceSeries>> {
        self.prices
            .iter()
            .map(|series| (!series.is_empty()).then_some(series))
            .collect()
    }

    fn value(&self, from: Date, to: Date) -> Daily {
        let books = self.books(Date::MAX);
        value_daily(
            &books,
            &self.assets,
            &self.prices(),
            &self.fx,
            BASE,
            from,
            to,
        )
    }
}

fn day(number: i32) -> Date {
    FIRST + number.days()
}

fn event() -> impl Strategy<Value = Event> {
    let asset = || (0u32..3).prop_map(AssetIndex);
    let shares = || (1i64..2_000).prop_map(|number| Decimal::new(number, 2));
    let amount = || (1i64..200_000).prop_map(|number| Decimal::new(number, 2));
    prop_oneof![
        4 => (asset(), shares(), amount())
            .prop_map(|(asset, quantity, amount)| Event::Buy { asset, quantity, amount }),
        2 => (asset(), shares(), amount())
            .prop_map(|(asset, quantity, amount)| Event::Sell { asset, quantity, amount }),
        1 => (asset(), amount()).prop_map(|(asset, amount)| Event::Dividend { asset, amount }),
        2 => amount().prop_map(|amount| Event::Deposit { amount }),
        1 => amount().prop_map(|amount| Event::Withdrawal { amount }),
        1 => amount().prop_map(|amount| Event::Fee { asset: None, amount }),
        1 => (asset(), 1i64..4, 1i64..4).prop_map(|(asset, to, from)| Event::Split {
            asset,
            ratio: Ratio { to: to.into(), from: from.into() },
        }),
    ]
}

/// Three instruments in EUR, EUR and USD. `currencies` of one keeps everything in EUR.
fn world(currencies: usize) -> impl Strategy<Value = World> {
    let entries = prop::collection::vec((0..DAYS, event(), 0i64..500, 0..currencies), 0..25);
    let prices = prop::collection::vec(
        prop::collection::btree_map(-5..DAYS, 1.0..200.0f64, 0..30),
        3,
    );
    let rates = prop::collection::btree_map(-5..DAYS, 0.8..1.4f64, 0..20);
    (entries, prices, rates, any::<bool>(), any::<bool>()).prop_map(
        move |(entries, prices, rates, tracks_cash, average)| World {
            assets: [0, 0, 1 % currencies]
                .iter()
                .zip(["A", "B", "C"])
                .map(|(currency, symbol)| {
                    Asset::new(symbol.to_owned(), [Currency::EUR, Currency::USD][*currency])
                })
                .collect(),
            entries: entries
                .into_iter()
                .zip(1u128..)
                .map(|((on, event, fees, currency), id)| Entry {
                    id: Uuid::from_u128(id),
                    date: day(on),
                    executed_at: None,
                    event,
                    fees: Decimal::new(fees, 2),
                    taxes: Decimal::ZERO,
                    currency: [Currency::EUR, Currency::USD][currency],
                    settlement: None,
                    lots: Vec::new(),
                })
                .collect(),
            prices: prices
                .into_iter()
                .map(|points| {
                    PriceSeries::new(points.into_iter().map(|(on, price)| (day(on), price)))
                })
                .collect(),
            fx: rates
                .into_iter()
                .map(|(on, rate)| (day(on), Currency::EUR, Currency::USD, rate))
                .collect(),
            rules: Rules {
                base: BASE,
                cost_basis: if average {
                    CostBasis::Average
                } else {
                    CostBasis::Fifo
                },
                tracks_cash,
            },
        },
    )
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * left.abs().max(right.abs()).max(1e3)
}

fn part(first: Date, values: Vec<(f64, f64, f64)>, opening: f64) -> Daily {
    Daily {
        first,
        opening,
        cash: vec![0.0; values.len()],
        net_invested: vec![0.0; values.len()],
        inflow: values.iter().map(|(_, inflow, _)| *inflow).collect(),
        outflow: values.iter().map(|(_, _, outflow)| *outflow).collect(),
        value: values.into_iter().map(|(value, ..)| value).collect(),
        transfers: Vec::new(),
        findings: Vec::new(),
    }
}

/// Days whose capital is always above zero.
fn sound() -> impl Strategy<Value = Daily> {
    let flow = || prop_oneof![3 => Just(0.0), 1 => 0.0..500.0f64];
    let days = prop::collection::vec((1.0..1e5f64, flow(), flow()), 1..80);
    (days, 1.0..1e5f64).prop_map(|(days, opening)| part(FIRST, days, opening))
}

proptest! {
    #[test]
    fn each_day_is_worth_what_closing_its_books_says(world in world(2), on in 0..DAYS) {
        let on = day(on);
        let daily = world.value(FIRST, day(DAYS));
        let books = world.books(on);
        let exact = closing(&books, &world.assets, &world.prices(), &world.fx, BASE, on);
        let index = (on - FIRST).get_days() as usize;
        prop_assert!(
            close(daily.value[index], f64_from_decimal(exact.value_base)),
            "{} on {on}, exactly {}", daily.value[index], exact.value_base,
        );
        prop_assert!(close(daily.cash[index], f64_from_decimal(exact.cash_base)));
        let invested: Decimal = books.flows.iter().map(|flow| flow.amount_base).sum();
        prop_assert!(close(daily.net_invested[index], f64_from_decimal(invested)));
    }

    #[test]
    fn positions_and_cash_are_the_whole(world in world(2)) {
        let (from, to) = (day(3), day(DAYS));
        let daily = world.value(from, to);
        let books = world.books(Date::MAX);
        let mut sum = daily.cash.clone();
        for (index, prices) in (0..).zip(world.prices()) {
            let part = value_asset_daily(
                &books, AssetIndex(index), &world.assets, prices, &world.fx, BASE, from, to,
            );
            sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        for (sum, value) in sum.iter().zip(&daily.value) {
            prop_assert!(close(*sum, *value));
        }
    }

    #[test]
    fn a_window_is_a_part_of_the_whole(world in world(2), from in 0..DAYS, len in 0..DAYS) {
        let (from, to) = (day(from), day((from + len).min(DAYS)));
        let whole = world.value(FIRST, day(DAYS)).between(from, to);
        let window = world.value(from, to);
        prop_assert_eq!((window.first, window.last()), (whole.first, whole.last()));
        prop_assert!(close(window.opening, whole.opening));
        for (left, right) in [
            (&window.value, &whole.value),
            (&window.cash, &whole.cash),
            (&window.net_invested, &whole.net_invested),
            (&window.inflow, &whole.inflow),
            (&window.outflow, &whole.outflow),
        ] {
            prop_assert!(left.iter().zip(right).all(|(left, right)| close(*left, *right)));
        }
    }

    #[test]
    fn the_gain_is_what_the_books_earned(world in world(1)) {
        let books = world.books(Date::MAX);
        // Shares that were not there have proceeds but no gain.
        prop_assume!(books.findings.iter().all(|finding| finding.code != "oversell"));
        let last = day(DAYS);
        let figures = summary(&world.value(FIRST, last), FIRST, last);
        let exact = closing(&books, &world.assets, &world.prices(), &world.fx, BASE, last);
        let earned: Decimal = books.positions.values()
            .map(|position| position.realized_base + position.dividends_base)
            .sum();
        let trades = |entry: &&Entry| matches!(entry.event, Event::Buy { .. } | Event::Sell { .. });
        let ignored = |entry: &&Entry| !world.rules.tracks_cash
            && matches!(entry.event, Event::Deposit { .. } | Event::Withdrawal { .. });
        let charges: Decimal = world.entries.iter()
            .filter(|entry| !trades(entry) && !ignored(entry))
            .map(|entry| entry.fees + match entry.event {
                Event::Fee { amount, .. } => amount,
                _ => Decimal::ZERO,
            })
            .sum();
        let earned = earned + books.interest_base + exact.unrealized_base - charges;
        prop_assert!(close(figures.gain, f64_from_decimal(earned)), "{} {earned}", figures.gain);
    }

    #[test]
    fn time_weighted_returns_chain(daily in sound(), cut in any::<prop::sample::Index>()) {
        let last = daily.value.len() - 1;
        let cut = cut.index(last + 1);
        let head = daily.between(daily.first, daily.date(cut));
        let tail = daily.between(daily.date(cut + 1), daily.date(last));
        let chained = (1.0 + twr(&head).unwrap())
            * if tail.value.is_empty() { 1.0 } else { 1.0 + twr(&tail).unwrap() };
        prop_assert!(close(chained, 1.0 + twr(&daily).unwrap()));
        prop_assert_eq!(twr_index(&daily).unwrap().len(), last + 1);
    }

    #[test]
    fn flows_alone_are_no_return(flows in prop::collection::vec((0.0..100.0f64, 0.0..50.0f64), 1..40)) {
        let mut value = 1_000.0;
        let days = flows.into_iter().map(|(inflow, share)| {
            let outflow = (value + inflow) * share / 100.0;
            value += inflow - outflow;
            (value, inflow, outflow)
        });
        let days: Vec<_> = days.collect();
        prop_assert!(twr(&part(FIRST, days, 1_000.0)).unwrap().abs() < 1e-12);
    }

    #[test]
    fn one_portfolio_combined_is_itself(world in world(2)) {
        let daily = world.value(FIRST, day(DAYS));
        prop_assert_eq!(Daily::combine(std::slice::from_ref(&daily)), daily);
    }

    #[test]
    fn combining_in_steps_is_combining_at_once(parts in prop::collection::vec((sound(), 0..10), 3)) {
        let parts: Vec<Daily> = parts.into_iter()
            .map(|(daily, later)| Daily { first: day(later), ..daily })
            .collect();
        let at_once = Daily::combine(&parts);
        let in_steps = Daily::combine(&[Daily::combine(&parts[..2]), parts[2].clone()]);
        prop_assert_eq!(at_once.first, in_steps.first);
        prop_assert_eq!(at_once.value.len(), in_steps.value.len());
        for (left, right) in at_once.value.iter().zip(&in_steps.value) {
            prop_assert!(close(*left, *right));
        }
        let gain = |daily: &Daily| summary(daily, daily.first, Date::MAX).gain;
        let gains: f64 = parts.iter().map(gain).sum();
        prop_assert!((gain(&at_once) - gains).abs() < 1e-6);
    }

    #[test]
    fn no_figure_is_ever_nan(
        days in prop::collection::vec((-1e12..1e12f64, 0.0..1e12f64, 0.0..1e12f64), 0..30),
        opening in -1e3..1e3f64,
        length in -2..40i32,
    ) {
        let figures = summary(&part(FIRST, days, opening), FIRST, day(length));
        let ratios = [
            figures.twr.ok(),
            figures.simple.ok(),
            figures.volatility.ok(),
            figures.max_drawdown.ok().map(|fall| fall.depth),
            figures.mwr.ok().map(|found| found.rate),
            Some(figures.gain),
        ];
        prop_assert!(ratios.into_iter().flatten().all(f64::is_finite));
        prop_assert!(figures.max_drawdown.is_err() || figures.twr.is_ok());
    }

    #[test]
    fn no_price_is_too_wild(world in world(2), wild in prop::collection::vec((any::<i16>(), any::<f64>()), 0..20)) {
        let prices = PriceSeries::new(wild.into_iter().map(|(on, price)| (day(on.into()), price)));
        let world = World { prices: vec![prices; 3], ..world };
        for (from, to) in [(FIRST, day(DAYS)), (day(DAYS), FIRST), (Date::MIN, Date::MIN + 40.days()), (Date::MAX, Date::MAX)] {
            let daily = world.value(from, to);
            prop_assert!(daily.value.iter().all(|value| value.is_finite()));
            let exact = closing(&world.books(to), &world.assets, &world.prices(), &world.fx, BASE, to);
            prop_assert_eq!(exact.positions.len(), world.books(to).positions.len());
        }
    }
}
