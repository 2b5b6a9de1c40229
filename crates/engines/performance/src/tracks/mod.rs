//! What each holding of the books went through in a period: the marks of [`crate::contributions`].

mod market;

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Account, Asset, AssetIndex, Books, Posting, postings};
use money::{Currency, FxTable, round_computed};
use rust_decimal::Decimal;

use self::market::Market;
use crate::{Days, Mark, PriceSeries, Whole, calendar, transfer_flows};

/// A holding of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// An instrument.
    Asset(AssetIndex),
    /// The cash of a currency, with interest and charges that belong to no instrument.
    Cash(Currency),
}

/// What the marks of a track are to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Total, income and fees: two marks suffice.
    Totals,
    /// Also how a total divides into price and currency: holdings in another currency have marks on
    /// every day with a booking, and instruments among them on every Friday.
    Currencies,
}

/// One holding in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// What it is.
    pub held: Held,
    /// As [`crate::Holding::marks`].
    pub marks: Vec<Mark>,
    /// What was at stake: the size of the position at the start and what opened or enlarged it
    /// since, charges included.
    pub stake: Decimal,
    /// `false` where something was booked without an exchange rate: it counts as nothing.
    pub is_rated: bool,
}

/// Books in a period, whole and in parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracks {
    /// The portfolio.
    pub whole: Whole,
    /// Every instrument and cash balance that was worth, traded, earned or charged anything.
    pub tracks: Vec<Track>,
}

/// Follows every holding of the books through a period, so that [`crate::contributions`] adds up to
/// the last decimal.
///
/// Values are those of [`crate::closing`]. What was traded, earned and charged are the ledger's
/// postings, so that each internal movement leaves one holding as the amount that reaches another.
/// Shares that become those of another instrument are worth what arrived at the close of the day;
/// without its price, what left; without either price, their cost. Transfers are worth what
/// [`transfer_flows`] says.
///
/// In base currency, or with [`Detail::Totals`], all bookings stand in the last mark: the figures of
/// [`Detail`] are the same.
///
/// The books may reach beyond the period. `account` is what they were replayed from, its entries in the
/// order of [`ledger::sort`].
pub fn tracks(
    books: &Books,
    account: Account<'_>,
    assets: &[Asset],
    prices: &[Option<&PriceSeries>],
    fx: &FxTable,
    days: Days,
    detail: Detail,
) -> Tracks {
    let base = account.rules.base;
    let market = Market {
        books,
        assets,
        prices,
        fx,
        base,
    };
    let mut diaries = Diaries::new(market, days);
    diaries.read_postings(&postings(account, books, assets, fx, days.from..=days.to));
    diaries.read_exchanges();
    let mut flows: Vec<(Date, Decimal)> = books
        .flows
        .iter()
        .filter(|flow| (days.from..=days.to).contains(&flow.date))
        .map(|flow| (flow.date, flow.amount_base))
        .collect();
    flows.extend(diaries.read_transfers());
    let tracks: Vec<Track> = diaries.close(detail);
    let sum = |value: fn(&Track) -> Option<&Mark>| {
        let values = tracks.iter().filter_map(value).map(|mark| mark.value);
        values.fold(Decimal::ZERO, Decimal::saturating_add)
    };
    Tracks {
        whole: Whole {
            from: days.from,
            to: days.to,
            start: sum(|track| track.marks.first()),
            end: sum(|track| track.marks.last()),
            flows,
        },
        tracks,
    }
}

/// The bookings of one holding by day, in marks that are not valued yet.
struct Diary {
    marks: Vec<Mark>,
    stake: Decimal,
    is_rated: bool,
}

impl Default for Diary {
    fn default() -> Self {
        Self {
            marks: Vec::new(),
            stake: Decimal::ZERO,
            is_rated: true,
        }
    }
}

impl Diary {
    fn book(&mut self, booking: Mark) {
        match self.marks.binary_search_by_key(&booking.on, |mark| mark.on) {
            Ok(index) => add(&mut self.marks[index], &booking),
            Err(index) => self.marks.insert(index, booking),
        }
    }

    /// What opens or enlarges a position is at stake, as are charges that belong to no trade.
    fn stake(&mut self, booking: &Mark, is_short: bool) {
        let traded = if is_short {
            -booking.traded
        } else {
            booking.traded
        };
        if traded > Decimal::ZERO {
            self.stake += traded.saturating_add(booking.fees);
        } else if traded.is_zero() && booking.income.is_zero() {
            self.stake += booking.fees;
        }
    }
}

fn empty(on: Date) -> Mark {
    Mark {
        on,
        value: Decimal::ZERO,
        local: Decimal::ZERO,
        rate: Decimal::ZERO,
        traded: Decimal::ZERO,
        traded_local: Decimal::ZERO,
        income: Decimal::ZERO,
        fees: Decimal::ZERO,
    }
}

fn add(mark: &mut Mark, booking: &Mark) {
    mark.traded = mark.traded.saturating_add(booking.traded);
    mark.traded_local = mark.traded_local.saturating_add(booking.traded_local);
    mark.income = mark.income.saturating_add(booking.income);
    mark.fees = mark.fees.saturating_add(booking.fees);
}

struct Diaries<'a> {
    market: Market<'a>,
    days: Days,
    of: BTreeMap<Held, Diary>,
}

impl<'a> Diaries<'a> {
    fn new(market: Market<'a>, days: Days) -> Self {
        let assets = market.books.quantity_steps.keys().copied().map(Held::Asset);
        let cash = market.books.cash_steps.keys().copied().map(Held::Cash);
        let of = assets.chain(cash).map(|held| (held, Diary::default()));
        Self {
            market,
            days,
            of: of.collect(),
        }
    }

    fn has(&self, on: Date) -> bool {
        (self.days.from..=self.days.to).contains(&on)
    }

    fn read_postings(&mut self, postings: &[Posting]) {
        for posting in postings {
            let booking = Mark {
                traded: posting.traded_base(),
                traded_local: posting.traded(),
                income: posting.income_base(),
                fees: posting.charges_base(),
                ..empty(posting.date)
            };
            let cash = Mark {
                traded: posting.cash_base(),
                traded_local: posting.cash(),
                ..empty(posting.date)
            };
            if let Some(asset) = posting.asset {
                let is_short = self.market.is_short(asset, posting.date);
                let diary = self.of.entry(Held::Asset(asset)).or_default();
                diary.stake(&booking, is_short);
                diary.is_rated &= posting.is_rated;
                diary.book(booking);
            }
            let is_of_account = posting.asset.is_none();
            if is_of_account || !cash.traded_local.is_zero() || !cash.traded.is_zero() {
                let diary = self.of.entry(Held::Cash(posting.currency)).or_default();
                diary.is_rated &= posting.is_rated;
                diary.book(cash);
                if is_of_account {
                    diary.book(booking);
                }
            }
        }
    }

    fn read_exchanges(&mut self) {
        for exchange in &self.market.books.exchanges {
            if self.has(exchange.date) {
                let moved = self.market.moved(exchange);
                self.move_shares(exchange.from, exchange.date, -moved);
                self.move_shares(exchange.to, exchange.date, moved);
            }
        }
    }

    /// The flows that transferred shares are.
    fn read_transfers(&mut self) -> Vec<(Date, Decimal)> {
        let Market {
            books,
            assets,
            prices,
            fx,
            base,
        } = self.market;
        let flows = transfer_flows(books, assets, prices, fx, base);
        let mut crossed = Vec::new();
        for (transfer, flow) in books.transfers.iter().zip(flows) {
            if self.has(transfer.date) {
                self.move_shares(transfer.asset, transfer.date, flow.amount_base);
                crossed.push((flow.date, flow.amount_base));
            }
        }
        crossed
    }

    /// Shares that arrive (or leave, where negative) without a trade, at the rate of the close.
    fn move_shares(&mut self, asset: AssetIndex, on: Date, amount: Decimal) {
        let held = Held::Asset(asset);
        let rate = self.market.rate(self.market.currency(held), on);
        // Without a rate nothing tells price from currency, so the two stay one.
        let local = rate.map_or(Some(amount), |rate| amount.checked_div(rate));
        let booking = Mark {
            traded: amount,
            traded_local: local.map(round_computed).unwrap_or_default(),
            ..empty(on)
        };
        let is_short = self.market.is_short(asset, on);
        let diary = self.of.entry(held).or_default();
        diary.stake(&booking, is_short);
        diary.book(booking);
    }

    fn close(self, detail: Detail) -> Vec<Track> {
        let Self { market, days, of } = self;
        let eve = calendar::after(days.from, -1);
        let track = |(held, diary): (Held, Diary)| {
            let is_foreign = market.currency(held) != market.base;
            let mut marks = if is_foreign && detail == Detail::Currencies {
                finely(market, held, diary.marks, (eve, days.to))
            } else {
                let mut last = empty(days.to);
                diary.marks.iter().for_each(|mark| add(&mut last, mark));
                vec![empty(eve), last]
            };
            for mark in &mut marks {
                value(market, held, mark);
            }
            let start = marks.first().map_or(Decimal::ZERO, |mark| mark.value.abs());
            Track {
                held,
                marks,
                stake: start.saturating_add(diary.stake),
                is_rated: diary.is_rated,
            }
        };
        let is_idle = |track: &Track| track.marks.iter().all(is_empty);
        let tracks = of.into_iter().map(track);
        tracks.filter(|track| !is_idle(track)).collect()
    }
}

fn is_empty(mark: &Mark) -> bool {
    let figures = [
        mark.value,
        mark.traded,
        mark.traded_local,
        mark.income,
        mark.fees,
    ];
    figures.iter().all(Decimal::is_zero)
}

/// Bookings with the ends of the period and, for an instrument, the Fridays on which it is held.
fn finely(
    market: Market<'_>,
    held: Held,
    mut marks: Vec<Mark>,
    (eve, to): (Date, Date),
) -> Vec<Mark> {
    /// The first of January 1970 was a Thursday.
    const FRIDAY: i32 = 1;
    marks.extend([empty(eve), empty(to)]);
    if let Held::Asset(asset) = held {
        let until_friday = (FRIDAY - calendar::number(eve)).rem_euclid(7);
        let fridays = (i64::from(until_friday)..)
            .step_by(7)
            .map(|days| calendar::after(eve, days))
            .take_while(|friday| *friday < to)
            .filter(|friday| !market.quantity(asset, *friday).is_zero());
        marks.extend(fridays.map(empty));
    }
    // Stable, so the bookings of a day come before its empty mark.
    marks.sort_by_key(|mark| mark.on);
    marks.dedup_by_key(|mark| mark.on);
    marks
}

fn value(market: Market<'_>, held: Held, mark: &mut Mark) {
    let rate;
    (mark.local, mark.value, rate) = market.close(held, mark.on);
    // Where no rate is known, bookings have the one at which they were made.
    let implied = || mark.traded.checked_div(mark.traded_local);
    mark.rate = rate.or_else(implied).unwrap_or_default();
}
