//! Generated portfolios of any size, with a tally of cash, shares and cost that is kept beside them.
//!
//! All figures are whole shares and cents, so that what the engine makes of them must be exact.

use std::collections::BTreeMap;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use ledger::{
    Account, Asset, AssetIndex, Books, CostBasis, Entry, Event, LotChoice, OptionRight,
    OptionTerms, Ratio, Rules, replay_together,
};
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use uuid::Uuid;

mod operations;

const FIRST: Date = date(2015, 1, 1);
const DAYS: u64 = 3_650;
/// Shares; each has an option, by turns to buy and to sell.
const SHARES: u32 = 20;
const MULTIPLIER: u64 = 10;
const STRIKE_CENTS: u64 = 5_000;
/// Splits and the like stop here: twenty more of them would leave the range of figures.
const MANY: u64 = 1_000_000;

/// A linear congruential generator (Knuth's MMIX constants): the same portfolios on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }
}

/// What a portfolio must come to.
#[derive(Default)]
struct Tally {
    cash: BTreeMap<Currency, i64>,
    held: BTreeMap<AssetIndex, u64>,
    owed: BTreeMap<AssetIndex, u64>,
    /// Cents put into lots less those taken out of them.
    put_in: i64,
    /// Transactions that opened lots, the last few.
    opened: BTreeMap<AssetIndex, Vec<Uuid>>,
}

/// Portfolios between which shares move.
pub(crate) struct World {
    pub(crate) portfolios: Vec<Vec<Entry>>,
    tallies: Vec<Tally>,
    dice: Dice,
    moment: i64,
}

/// What is traded.
pub(crate) fn assets() -> Vec<Asset> {
    let shares = (0..SHARES).map(|number| Asset::new(format!("S{number:02}"), Currency::EUR));
    let options = (0..SHARES).map(|number| Asset {
        multiplier: MULTIPLIER.into(),
        option: Some(OptionTerms {
            underlying: AssetIndex(number),
            strike: cents(STRIKE_CENTS as i64),
            right: if is_call(number) {
                OptionRight::Call
            } else {
                OptionRight::Put
            },
        }),
        ..Asset::new(format!("O{number:02}"), Currency::EUR)
    });
    shares.chain(options).collect()
}

fn is_call(number: u32) -> bool {
    number.is_multiple_of(2)
}

fn cents(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

impl World {
    /// `operations` over ten years, every `actions_every`th of them a corporate action.
    pub(crate) fn generate(portfolios: usize, operations: u64, actions_every: u64) -> Self {
        let mut world = Self {
            portfolios: vec![Vec::new(); portfolios],
            tallies: (0..portfolios).map(|_| Tally::default()).collect(),
            dice: Dice(42),
            moment: 0,
        };
        for operation in 0..operations {
            let day = operation * DAYS / operations;
            let portfolio = world.dice.below(portfolios as u64) as usize;
            let on = FIRST + (day as i64).days();
            if operation % actions_every == actions_every - 1 {
                world.act(portfolio, on);
            } else {
                world.operate(portfolio, on);
            }
        }
        world
    }

    fn operate(&mut self, portfolio: usize, on: Date) {
        let number = self.dice.below(SHARES.into()) as u32;
        let share = AssetIndex(number);
        let option = AssetIndex(SHARES + number);
        match self.dice.below(100) {
            0..24 => self.sell(portfolio, on, share),
            24..30 => self.short(portfolio, on, share),
            30..35 => self.cover(portfolio, on, share),
            35..38 => self.short(portfolio, on, option),
            38..42 => self.buy(portfolio, on, option),
            42..48 => self.end(portfolio, on, number),
            48..52 => self.transfer(portfolio, on, share),
            52..66 => self.cash(portfolio, on, share),
            66..69 => self.reinvest(portfolio, on, share),
            _ => self.buy(portfolio, on, share),
        }
    }

    /// A corporate action on a random share.
    fn act(&mut self, portfolio: usize, on: Date) {
        let number = self.dice.below(SHARES.into()) as u32;
        let asset = AssetIndex(number);
        let target = AssetIndex((number + 1) % SHARES);
        let (held, owed) = (self.held(portfolio, asset), self.owed(portfolio, asset));
        if held + owed == 0 {
            return self.buy(portfolio, on, asset);
        }
        let amount = self.dice.between(1, 10_000) as i64;
        let kind = self.dice.below(6);
        let can_grow = held + owed < MANY;
        let event = match kind {
            0 if can_grow => Event::Split {
                asset,
                ratio: DOUBLE,
            },
            1 if can_grow => Event::SpinOff {
                asset,
                target,
                ratio: Ratio::ONE,
                cost_share: Decimal::new(25, 2),
            },
            2 if held > 0 && owed == 0 => Event::StockDividend {
                asset,
                quantity: held.into(),
                amount: Decimal::ZERO,
            },
            3 => Event::Merger {
                asset,
                target: Some((target, Ratio::ONE)),
                amount: cents(amount),
                cost_share: None,
            },
            4 => Event::SymbolChange { asset, target },
            _ => Event::ReturnOfCapital {
                asset,
                amount: cents(amount),
            },
        };
        let is_paid = matches!(event, Event::Merger { .. } | Event::ReturnOfCapital { .. });
        let received = if is_paid { amount } else { 0 };
        let tally = self.enter(portfolio, on, event, received, 0);
        tally.put_in -= received;
        for side in [&mut tally.held, &mut tally.owed] {
            let shares = side.entry(asset).or_default();
            let before = *shares;
            match event {
                Event::Split { .. } | Event::StockDividend { .. } => *shares *= 2,
                Event::Merger { .. } | Event::SymbolChange { .. } => *shares = 0,
                _ => {}
            }
            if event.target().is_some() {
                *side.entry(target).or_default() += before;
            }
        }
    }

    /// Shares, cents for all of them, cents of charges.
    fn trade(&mut self) -> (u64, i64, i64) {
        let quantity = self.dice.between(1, 50);
        let price = self.dice.between(500, 20_000);
        (quantity, (quantity * price) as i64, 99)
    }

    fn enter(
        &mut self,
        portfolio: usize,
        on: Date,
        event: Event,
        received: i64,
        fee: i64,
    ) -> &mut Tally {
        self.moment += 1;
        let id = Uuid::from_u128(self.moment as u128);
        self.portfolios[portfolio].push(Entry {
            id,
            date: on,
            // Entries of a day stay in the order in which they were made up.
            executed_at: Timestamp::from_second(self.moment).ok(),
            event,
            fees: cents(fee),
            taxes: Decimal::ZERO,
            currency: Currency::EUR,
            settlement: None,
            lots: Vec::new(),
        });
        let tally = &mut self.tallies[portfolio];
        *tally.cash.entry(Currency::EUR).or_default() += received - fee;
        tally
    }

    fn opened(&mut self, portfolio: usize, asset: AssetIndex) {
        let id = Uuid::from_u128(self.moment as u128);
        let opened = self.tallies[portfolio].opened.entry(asset).or_default();
        if opened.len() < 64 {
            opened.push(id);
        } else {
            opened[self.moment as usize % 64] = id;
        }
    }

    fn choose(&mut self, portfolio: usize, asset: AssetIndex, quantity: u64) -> Vec<LotChoice> {
        let known = self.tallies[portfolio].opened.get(&asset);
        let Some(known) = known.filter(|known| !known.is_empty()) else {
            return Vec::new();
        };
        let lot = known[self.dice.below(known.len() as u64) as usize];
        vec![LotChoice {
            lot,
            quantity: quantity.into(),
        }]
    }

    fn held(&self, portfolio: usize, asset: AssetIndex) -> u64 {
        let held = self.tallies[portfolio].held.get(&asset);
        held.copied().unwrap_or_default()
    }

    fn owed(&self, portfolio: usize, asset: AssetIndex) -> u64 {
        let owed = self.tallies[portfolio].owed.get(&asset);
        owed.copied().unwrap_or_default()
    }

    pub(crate) fn replay(&self, cost_basis: CostBasis) -> Vec<Books> {
        replay_all(&self.portfolios, cost_basis)
    }

    /// Compares the books with the tally: every cent and every share.
    pub(crate) fn check(&self, all: &[Books]) {
        for (number, (books, tally)) in all.iter().zip(&self.tallies).enumerate() {
            let unexpected = books
                .findings
                .iter()
                .find(|found| found.code != "negative_cash");
            assert_eq!(unexpected, None, "portfolio {number}");
            for (currency, amount) in &tally.cash {
                let found = books.cash.get(currency).copied().unwrap_or_default();
                assert_eq!(found, cents(*amount), "{currency} of portfolio {number}");
            }
            let mut changes = Decimal::ZERO;
            for (asset, position) in &books.positions {
                let (held, owed) = (self.held(number, *asset), self.owed(number, *asset));
                let expected = Decimal::from(held) - Decimal::from(owed);
                assert_eq!(
                    position.quantity, expected,
                    "{asset:?} of portfolio {number}"
                );
                changes += position.cost_base - position.realized_base;
            }
            let moved: Decimal = books.transfers.iter().map(|moved| moved.cost_base).sum();
            assert_eq!(
                changes,
                cents(tally.put_in) + moved,
                "cost of portfolio {number}"
            );
        }
    }
}

/// Of every portfolio.
pub(crate) fn rules(cost_basis: CostBasis) -> Rules {
    Rules {
        base: Currency::EUR,
        cost_basis,
        tracks_cash: true,
    }
}

/// The books of portfolios between which shares move.
pub(crate) fn replay_all(portfolios: &[Vec<Entry>], cost_basis: CostBasis) -> Vec<Books> {
    let rules = rules(cost_basis);
    let accounts: Vec<Account<'_>> = portfolios
        .iter()
        .map(|entries| Account {
            entries,
            rules: &rules,
        })
        .collect();
    replay_together(&accounts, &assets(), &FxTable::new())
}

/// Two for one.
const DOUBLE: Ratio = Ratio {
    to: Decimal::TWO,
    from: Decimal::ONE,
};
