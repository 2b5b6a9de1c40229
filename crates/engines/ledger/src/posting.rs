//! What every entry moved between instruments, cash and the world outside.

use std::ops::{Add, RangeInclusive};

use jiff::civil::Date;
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    Account, Asset, AssetIndex, Books, Entry, Event, Side,
    conversion::Figures,
    fixed::{Amount, Both, Quantity},
    replay::Replay,
};

/// One movement of an entry: what went into an instrument, what came out of it, and the cash that
/// moved. A conversion has two, one for each balance.
///
/// In the base currency `traded + charges - income + cash` is what crossed the border of the
/// portfolio, exactly, as [`crate::Books::flows`] has it: zero for all that happens inside.
/// [`Exchange`]s and [`crate::Transfer`]s move shares besides; what these are worth takes a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The transaction.
    pub entry: Uuid,
    /// Its day.
    pub date: Date,
    /// The instrument; `None` for what belongs to the account: income and charges are then those of
    /// the cash in [`Posting::currency`].
    pub asset: Option<AssetIndex>,
    /// The currency of the cash.
    pub currency: Currency,
    /// `false` where no rate into the base currency was found: its amounts in it are zero then.
    pub is_rated: bool,
    traded: Both,
    income: Amount,
    charges: Amount,
    cash: Both,
}

impl Posting {
    /// What was paid for shares less what they brought, without charges, in the instrument's
    /// currency. The strike of an option that is used counts as paid for (or brought by) the option.
    pub fn traded(&self) -> Decimal {
        self.traded.asset.decimal()
    }

    /// The same in the base currency.
    pub fn traded_base(&self) -> Decimal {
        self.traded.base.decimal()
    }

    /// Gross dividends or interest, base currency.
    pub fn income_base(&self) -> Decimal {
        self.income.decimal()
    }

    /// Fees and taxes, base currency; positive lowers the value.
    pub fn charges_base(&self) -> Decimal {
        self.charges.decimal()
    }

    /// What the cash balance of [`Posting::currency`] changed by, in that currency; zero where no
    /// cash is tracked.
    pub fn cash(&self) -> Decimal {
        self.cash.asset.decimal()
    }

    /// The same in the base currency, at the rate of the other amounts.
    pub fn cash_base(&self) -> Decimal {
        self.cash.base.decimal()
    }
}

/// Shares that left one instrument for another without being sold: by a spin-off, merger, change of
/// symbol, exercise or assignment. Both sides are to be valued at one amount, which takes a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The transaction.
    pub entry: Uuid,
    /// Its day.
    pub date: Date,
    /// The instrument that gave.
    pub from: AssetIndex,
    /// The instrument that received.
    pub to: AssetIndex,
    /// Shares or contracts that left, negative for a short position; zero for a spin-off, which
    /// takes value and no shares.
    pub left: Decimal,
    /// Shares that arrived; negative where shares were delivered or a short position arrived.
    pub arrived: Decimal,
    /// What the arrived shares cost (or brought), base currency, with the sign of the quantity.
    pub cost_base: Decimal,
    /// What the same entry paid in cash for what left, less what that brought, base currency: the
    /// strike of an option, the cash of a merger.
    pub paid_base: Decimal,
}

/// The shares of an exchange, as the replay gathers them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Moved {
    pub(crate) left: Quantity,
    pub(crate) arrived: Quantity,
    pub(crate) cost: Amount,
}

impl Moved {
    pub(crate) fn leave(&mut self, side: Side, quantity: Quantity) {
        self.left += match side {
            Side::Long => quantity,
            Side::Short => -quantity,
        };
    }

    pub(crate) fn arrive(&mut self, side: Side, quantity: Quantity, cost: Amount) {
        let (quantity, cost) = match side {
            Side::Long => (quantity, cost),
            Side::Short => (-quantity, -cost),
        };
        self.arrived += quantity;
        self.cost += cost;
    }
}

impl Add for Moved {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.left += other.left;
        self.arrived += other.arrived;
        self.cost += other.cost;
        self
    }
}

impl Exchange {
    pub(crate) fn new(
        entry: &Entry,
        figures: &Figures,
        (from, to): (AssetIndex, AssetIndex),
        moved: Moved,
    ) -> Self {
        Self {
            entry: entry.id,
            date: entry.date,
            from,
            to,
            left: moved.left.decimal(),
            arrived: moved.arrived.decimal(),
            cost_base: moved.cost.decimal(),
            paid_base: traded(&entry.event, figures).base.decimal(),
        }
    }
}

/// What every entry moved on some days, in the order in which they happened. `account` is what `books`
/// were replayed from, its entries in the order of [`crate::sort`].
///
/// An entry that was refused moved nothing. The amounts are those of the replay, computed again: few
/// questions need them, and of few days.
pub fn postings(
    account: Account<'_>,
    books: &Books,
    assets: &[Asset],
    fx: &FxTable,
    days: RangeInclusive<Date>,
) -> Vec<Posting> {
    let Account { entries, rules } = account;
    let first = entries.partition_point(|entry| entry.date < *days.start());
    let last = entries.partition_point(|entry| entry.date <= *days.end());
    let entries = entries.get(first..last).unwrap_or_default();
    let refused = books.refused();
    let mut replay = Replay::new(assets, fx, rules);
    let mut postings = Vec::with_capacity(entries.len());
    for entry in entries {
        if rules.ignore(&entry.event) || refused.contains(&entry.id) {
            continue;
        }
        if let Ok(figures) = replay.weigh(entry) {
            post(entry, &figures, rules.tracks_cash, &mut postings);
        }
    }
    postings
}

/// The postings of an entry, nearly always one.
fn post(entry: &Entry, figures: &Figures, tracks_cash: bool, to: &mut Vec<Posting>) {
    let mut charges = figures.fees.base + figures.taxes.base;
    let mut income = Amount::ZERO;
    match entry.event {
        Event::Dividend { .. } | Event::Interest { .. } | Event::StockDividend { .. } => {
            income = figures.gross.base;
        }
        Event::ReinvestedDividend { .. } => income = figures.gross.base + charges,
        Event::Fee { .. } | Event::Tax { .. } => charges += figures.gross.base,
        _ => {}
    }
    let exchanged = figures.exchanged.unwrap_or_default();
    let cash = |amount: Amount, base: Amount| -> Both {
        let both = Both {
            asset: amount,
            base,
        };
        if tracks_cash { both } else { Both::default() }
    };
    let (currency, amount) = figures.cash;
    let posting = Posting {
        entry: entry.id,
        date: entry.date,
        asset: entry.event.asset(),
        currency,
        is_rated: figures.has_base && (figures.exchanged.is_some() || !tracks_cash),
        traded: traded(&entry.event, figures),
        income,
        charges,
        cash: cash(amount, figures.net.base - exchanged),
    };
    to.push(posting);
    if let Some((currency, amount)) = figures.received.filter(|_| tracks_cash) {
        to.push(Posting {
            currency,
            traded: Both::default(),
            income: Amount::ZERO,
            charges: Amount::ZERO,
            cash: cash(amount, exchanged),
            ..posting
        });
    }
}

/// What an entry paid for shares, less what they brought.
fn traded(event: &Event, figures: &Figures) -> Both {
    match event {
        Event::Buy { .. }
        | Event::Cover { .. }
        | Event::ReinvestedDividend { .. }
        | Event::StockDividend { .. } => figures.gross,
        Event::Sell { .. }
        | Event::Short { .. }
        | Event::ReturnOfCapital { .. }
        | Event::Merger { .. } => -figures.gross,
        // Who pays the strike depends on the option; net knows.
        Event::Exercise { .. } | Event::Assignment { .. } => {
            -(figures.net + figures.fees + figures.taxes)
        }
        Event::Dividend { .. }
        | Event::Interest { .. }
        | Event::Deposit { .. }
        | Event::Withdrawal { .. }
        | Event::Conversion { .. }
        | Event::TransferIn { .. }
        | Event::TransferOut { .. }
        | Event::Fee { .. }
        | Event::Tax { .. }
        | Event::Split { .. }
        | Event::SpinOff { .. }
        | Event::SymbolChange { .. }
        | Event::Expiry { .. } => Both::default(),
    }
}
