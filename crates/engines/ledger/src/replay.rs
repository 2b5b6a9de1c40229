//! From transactions to books: one pass in the order of [`crate::sort`].

use std::{borrow::Cow, cmp::Ordering};

use jiff::civil::Date;
use money::FxTable;

use crate::{
    Asset, AssetIndex, Books, Entry, Event, Flow, Rules,
    cash::Cash,
    conversion::{Figures, Rates, Refusal},
    finding,
    fixed::Amount,
    holding::{Holding, Sale},
    order::{self, compare},
};

/// Replays transactions into books.
///
/// `entries` are brought into the order of [`crate::sort`] first, unless they are in it already.
/// `assets` are looked up by [`AssetIndex`], `fx` by the trade date. The result depends on these
/// arguments alone.
///
/// Data that does not add up never stops the replay: it becomes a [`Finding`](crate::Finding) that names the place
/// and the remedy, and the figures leave out no more than the finding says:
///
/// | code | what happened | what is left out |
/// |---|---|---|
/// | `missing_rate` | no exchange rate on or before the day | the entry's figures in that currency |
/// | `oversell` | more sold than held | the shares that were not there, with their part of the proceeds; the cash is booked in full |
/// | `split_without_position` | a split of nothing | the split |
/// | `invalid_entry` | a quantity, amount, ratio or rate that cannot be | the entry |
/// | `overflow` | a figure beyond 10^15 | the entry |
/// | `negative_cash` | a balance below zero at the end of a day | nothing |
///
/// Amounts are kept to twelve decimal places and quantities to sixteen; what is computed (converted,
/// or a part of a lot's cost) is rounded there, half to even, and what a rounding takes from one side
/// stays on the other, so sums are exact.
///
/// ```
/// use jiff::civil::date;
/// use ledger::{Asset, AssetIndex, CostBasis, Entry, Event, Rules, replay};
/// use money::{Currency, FxTable};
/// use rust_decimal::Decimal;
///
/// let acme = Asset { symbol: "ACME".into(), currency: Currency::EUR };
/// let (asset, cents) = (AssetIndex(0), |amount| Decimal::new(amount, 2));
/// let entry = |day, event| Entry {
///     id: uuid::Uuid::from_u128(day as u128),
///     date: date(2024, 1, day),
///     executed_at: None,
///     event,
///     fees: cents(1_00),
///     taxes: cents(0),
///     currency: Currency::EUR,
///     settlement: None,
/// };
/// let entries = [
///     entry(2, Event::Buy { asset, quantity: 10.into(), amount: cents(1_000_00) }),
///     entry(9, Event::Sell { asset, quantity: 4.into(), amount: cents(480_00) }),
/// ];
/// let rules = Rules { base: Currency::EUR, cost_basis: CostBasis::Fifo, tracks_cash: false };
///
/// let books = replay(&entries, &[acme], &FxTable::new(), &rules);
/// let position = &books.positions[&asset];
/// assert_eq!(position.quantity, 6.into());
/// assert_eq!(position.cost, cents(600_60)); // six tenths of 1,001.00
/// assert_eq!(position.realized, cents(78_60)); // 479.00 less 400.40
/// assert!(books.findings.is_empty());
/// ```
pub fn replay(entries: &[Entry], assets: &[Asset], fx: &FxTable, rules: &Rules) -> Books {
    let in_order = entries.is_sorted_by(|left, right| compare(left, right) != Ordering::Greater);
    let mut entries = Cow::Borrowed(entries);
    if !in_order {
        order::sort(entries.to_mut());
    }
    let mut replay = Replay::new(assets, fx, rules);
    for entry in entries.iter() {
        replay.apply(entry);
    }
    replay.finish()
}

/// The books while they are being written.
struct Replay<'a> {
    assets: &'a [Asset],
    rules: &'a Rules,
    rates: Rates<'a>,
    /// By [`AssetIndex`]; the last step turns them into maps.
    holdings: Vec<Option<Holding>>,
    cash: Cash,
    interest: Amount,
    account_fees: Amount,
    account_taxes: Amount,
    books: Books,
}

impl<'a> Replay<'a> {
    fn new(assets: &'a [Asset], fx: &'a FxTable, rules: &'a Rules) -> Self {
        Self {
            assets,
            rules,
            rates: Rates::new(fx, rules.base),
            holdings: assets.iter().map(|_| None).collect(),
            cash: Cash::default(),
            interest: Amount::ZERO,
            account_fees: Amount::ZERO,
            account_taxes: Amount::ZERO,
            books: Books::default(),
        }
    }

    /// Books one entry, whole or not at all: every figure is computed and checked before the first
    /// one is booked.
    fn apply(&mut self, entry: &Entry) {
        let from_outside = matches!(
            entry.event,
            Event::Deposit { .. } | Event::Withdrawal { .. }
        );
        if from_outside && !self.rules.tracks_cash {
            return;
        }
        match self.weigh(entry) {
            Ok(figures) => {
                self.report_missing_rates(entry, &figures);
                self.book(entry, &figures);
            }
            Err(refusal) => {
                let symbol = entry.event.asset().and_then(|asset| self.symbol(asset));
                self.books
                    .findings
                    .push(finding::refused(entry, symbol, refusal));
            }
        }
    }

    fn weigh(&mut self, entry: &Entry) -> Result<Figures, Refusal> {
        let asset = match entry.event.asset() {
            Some(asset) => Some(
                self.assets
                    .get(asset.0 as usize)
                    .ok_or(Refusal::UnknownAsset)?,
            ),
            None => None,
        };
        let figures = self.rates.weigh(entry, asset.map(|asset| asset.currency))?;
        if let Event::Split { asset, ratio } = entry.event
            && let Some(Some(holding)) = self.holdings.get(asset.0 as usize)
        {
            holding.check_split(ratio)?;
        }
        Ok(figures)
    }

    fn book(&mut self, entry: &Entry, figures: &Figures) {
        self.book_charges(entry, figures);
        match entry.event {
            Event::Buy { asset, .. } => self.holding(asset, entry.date).buy(entry, figures),
            Event::Sell { asset, .. } => self.sell(entry, asset, figures),
            Event::Dividend { asset, .. } => {
                self.holding(asset, entry.date).dividends += figures.gross;
            }
            Event::Interest { .. } => self.interest += figures.gross.base,
            Event::Split { asset, ratio } => {
                let holding = self.holdings[asset.0 as usize].as_mut();
                if !holding.is_some_and(|holding| holding.split(entry.date, ratio)) {
                    let symbol = self.symbol(asset);
                    self.books
                        .findings
                        .push(finding::split_without_position(entry, symbol));
                }
            }
            Event::Deposit { .. }
            | Event::Withdrawal { .. }
            | Event::Fee { .. }
            | Event::Tax { .. } => {}
        }
        if self.rules.tracks_cash {
            self.cash.add(figures.cash.0, entry.date, figures.cash.1);
        }
        self.book_flow(entry, figures);
    }

    /// Fees and taxes are shown apart, whether they are part of a trade or an entry of their own.
    fn book_charges(&mut self, entry: &Entry, figures: &Figures) {
        let (mut fees, mut taxes) = (figures.fees.base, figures.taxes.base);
        match entry.event {
            Event::Fee { .. } => fees += figures.gross.base,
            Event::Tax { .. } => taxes += figures.gross.base,
            _ => {}
        }
        if fees.is_zero() && taxes.is_zero() {
            return;
        }
        if let Some(asset) = entry.event.asset() {
            let holding = self.holding(asset, entry.date);
            holding.fees_base += fees;
            holding.taxes_base += taxes;
        } else {
            self.account_fees += fees;
            self.account_taxes += taxes;
        }
    }

    /// With a cash balance only deposits and withdrawals cross the border, and their fees are borne
    /// inside. Without one, all money an entry moves comes from outside or goes there.
    fn book_flow(&mut self, entry: &Entry, figures: &Figures) {
        let amount = match (self.rules.tracks_cash, entry.event) {
            (true, Event::Deposit { .. }) => figures.gross.base,
            (true, Event::Withdrawal { .. }) => -figures.gross.base,
            (true, _) => return,
            (false, _) => -figures.net.base,
        };
        if !amount.is_zero() {
            self.books.flows.push(Flow {
                date: entry.date,
                amount_base: amount.decimal(),
            });
        }
    }

    fn sell(&mut self, entry: &Entry, asset: AssetIndex, figures: &Figures) {
        let sale = Sale {
            entry,
            figures,
            cost_basis: self.rules.cost_basis,
        };
        let holding = self.holding(asset, entry.date);
        let held = holding.quantity();
        if sale.exceeds(held) {
            let (sold, held) = (figures.quantity.decimal(), held.decimal());
            let symbol = self.symbol(asset);
            self.books
                .findings
                .push(finding::oversell(entry, symbol, sold, held));
        }
        if let Some(holding) = &mut self.holdings[asset.0 as usize] {
            holding.sell(sale, &mut self.books.realizations);
        }
    }

    /// [`Replay::weigh`] has made sure that the index is within the list.
    fn holding(&mut self, asset: AssetIndex, on: Date) -> &mut Holding {
        self.holdings[asset.0 as usize].get_or_insert_with(|| Holding::new(asset, on))
    }

    fn symbol(&self, asset: AssetIndex) -> Option<&'a str> {
        self.assets
            .get(asset.0 as usize)
            .map(|asset| asset.symbol.as_str())
    }

    fn report_missing_rates(&mut self, entry: &Entry, figures: &Figures) {
        let symbol = entry.event.asset().and_then(|asset| self.symbol(asset));
        let missing = figures.missing.into_iter().flatten();
        let findings = missing.map(|to| finding::missing_rate(entry, symbol, to));
        self.books.findings.extend(findings);
    }

    fn finish(self) -> Books {
        let mut books = self.books;
        books.interest_base = self.interest.decimal();
        books.account_fees_base = self.account_fees.decimal();
        books.account_taxes_base = self.account_taxes.decimal();
        for holding in self.holdings.into_iter().flatten() {
            holding.close_into(&mut books, self.rules.cost_basis);
        }
        self.cash.close_into(&mut books);
        books
    }
}

impl Event {
    /// The instrument concerned, if any.
    pub fn asset(&self) -> Option<AssetIndex> {
        match *self {
            Self::Buy { asset, .. }
            | Self::Sell { asset, .. }
            | Self::Dividend { asset, .. }
            | Self::Split { asset, .. } => Some(asset),
            Self::Fee { asset, .. } | Self::Tax { asset, .. } => asset,
            Self::Interest { .. } | Self::Deposit { .. } | Self::Withdrawal { .. } => None,
        }
    }
}
