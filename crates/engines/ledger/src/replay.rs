//! From transactions to books: one pass in the order of [`crate::sort`].

use std::{borrow::Cow, cmp::Ordering};

use jiff::civil::Date;
use money::{Currency, FxTable};

use crate::{
    Asset, AssetIndex, Books, Entry, Event, Flow, Ratio, Rules, Side,
    cash::Cash,
    conversion::{Figures, Rates, Refusal},
    finding,
    fixed::{Amount, Both},
    holding::Holding,
    lots::OpenLot,
    order::{self, compare},
    together::Transit,
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
/// | `exceeds_position` | more covered, transferred, exercised, assigned or expired than there is | what is not there; the cash is booked in full |
/// | `split_without_position` | a split of nothing | the split |
/// | `without_position` | another corporate action of nothing | its effect on lots |
/// | `unmatched_transfer` | a transfer in whose transfer out is missing or differs | nothing: the stated cost counts, or the lots that left |
/// | `missing_cost` | a transfer in from outside without a cost | the cost |
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
/// let acme = Asset::new("ACME", Currency::EUR);
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
///     lots: Vec::new(),
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
    let entries = in_order(entries);
    let mut replay = Replay::new(assets, fx, rules);
    let mut transit = Transit::new();
    for entry in entries.iter() {
        replay.apply(entry, &mut transit);
    }
    replay.finish()
}

pub(crate) fn in_order(entries: &[Entry]) -> Cow<'_, [Entry]> {
    let is_sorted = entries.is_sorted_by(|left, right| compare(left, right) != Ordering::Greater);
    let mut entries = Cow::Borrowed(entries);
    if !is_sorted {
        order::sort(entries.to_mut());
    }
    entries
}

/// The books while they are being written.
pub(crate) struct Replay<'a> {
    assets: &'a [Asset],
    pub(crate) rules: &'a Rules,
    pub(crate) rates: Rates<'a>,
    /// By [`AssetIndex`]; the last step turns them into maps.
    pub(crate) holdings: Vec<Option<Holding>>,
    cash: Cash,
    interest: Amount,
    account_fees: Amount,
    account_taxes: Amount,
    pub(crate) books: Books,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(assets: &'a [Asset], fx: &'a FxTable, rules: &'a Rules) -> Self {
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
    pub(crate) fn apply(&mut self, entry: &Entry, transit: &mut Transit) {
        if self.rules.ignore(&entry.event) {
            return;
        }
        match self.weigh(entry) {
            Ok(figures) => {
                self.report_missing_rates(entry, &figures);
                self.book(entry, &figures, transit);
            }
            Err(refusal) => {
                let symbol = self.symbol_of(entry);
                self.books
                    .findings
                    .push(finding::refused(entry, symbol, refusal));
            }
        }
    }

    pub(crate) fn weigh(&mut self, entry: &Entry) -> Result<Figures, Refusal> {
        let known = |index: AssetIndex| {
            self.assets
                .get(index.0 as usize)
                .ok_or(Refusal::UnknownAsset)
        };
        let asset = entry.event.asset().map(known).transpose()?;
        // Most entries are trades, which need none of this.
        let is_trade = entry.event.kind().is_trade();
        if !is_trade {
            self.check(entry, asset)?;
        }
        let booked = asset.map(|asset| asset.currency);
        let figures = self.rates.weigh(entry, asset, booked)?;
        if !is_trade
            && let Some(asset) = entry.event.asset()
            && let Some(Some(holding)) = self.holdings.get(asset.0 as usize)
            && let Some(ratio) = ratio_of(entry, &figures, holding)
        {
            holding.check_ratio(ratio)?;
        }
        Ok(figures)
    }

    /// The other instrument of an entry, where there is one.
    fn check(&self, entry: &Entry, asset: Option<&Asset>) -> Result<(), Refusal> {
        let known = |index| self.asset(index).ok_or(Refusal::UnknownAsset);
        if let Some(target) = entry.event.target() {
            known(target)?;
            if Some(target) == entry.event.asset() {
                return Err(Refusal::SameInstrument);
            }
        }
        if let Event::Exercise { .. } | Event::Assignment { .. } = entry.event {
            let option = asset.ok_or(Refusal::UnknownAsset)?;
            let terms = option.option.ok_or(Refusal::NoOption)?;
            check_option(entry, option, known(terms.underlying)?)?;
        }
        Ok(())
    }

    fn book(&mut self, entry: &Entry, figures: &Figures, transit: &mut Transit) {
        self.note_income(entry, figures);
        self.book_charges(entry, figures);
        match entry.event {
            Event::Buy { asset, .. } => self.open(entry, figures, asset, Side::Long),
            Event::Short { asset, .. } => self.open(entry, figures, asset, Side::Short),
            Event::Sell { asset, .. }
            | Event::Expiry { asset, .. }
            | Event::Cover { asset, .. } => {
                self.close(entry, figures, asset);
            }
            Event::Dividend { asset, .. } => {
                self.holding(asset, entry.date).dividends += figures.gross;
            }
            Event::Interest { .. } => self.interest += figures.gross.base,
            Event::Split { asset, .. } => self.split(entry, figures, asset),
            Event::Deposit { .. }
            | Event::Withdrawal { .. }
            | Event::Conversion { .. }
            | Event::Fee { .. }
            | Event::Tax { .. } => {}
            Event::ReinvestedDividend { .. }
            | Event::StockDividend { .. }
            | Event::ReturnOfCapital { .. }
            | Event::SpinOff { .. }
            | Event::Merger { .. }
            | Event::SymbolChange { .. } => self.book_action(entry, figures),
            Event::TransferIn { .. } => self.transfer_in(entry, figures, transit),
            Event::TransferOut { .. } => self.transfer_out(entry, figures, transit),
            Event::Exercise { asset, .. } | Event::Assignment { asset, .. } => {
                self.use_option(entry, figures, asset);
            }
        }
        if self.rules.tracks_cash {
            self.cash.add(figures.cash.0, entry.date, figures.cash.1);
            if let Some((currency, amount)) = figures.received {
                self.cash.add(currency, entry.date, amount);
            }
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

    /// Fees and taxes are part of the cost of a purchase and come off what a short sale brings.
    fn open(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex, side: Side) {
        let cost = match side {
            Side::Long => -figures.net,
            Side::Short => figures.net,
        };
        let lot = OpenLot {
            entry: entry.id,
            acquired_on: entry.date,
            quantity: figures.quantity,
            cost,
            charges: figures.fees.base + figures.taxes.base,
        };
        self.holding(asset, entry.date).open(side, lot, entry.date);
    }

    /// A sale, a covering purchase, or an option that ends.
    fn close(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex) {
        let holding = self.holding(asset, entry.date);
        let side = match entry.event {
            Event::Cover { .. } => Side::Short,
            Event::Expiry { .. } if holding.lots(Side::Long).is_empty() => Side::Short,
            _ => Side::Long,
        };
        let money = match side {
            Side::Long => figures.net,
            Side::Short => -figures.net,
        };
        let there = holding.lots(side).quantity();
        if figures.exceeds(there) {
            let (stated, there) = (figures.quantity.decimal(), there.decimal());
            let symbol = self.symbol(asset);
            let of = match entry.event {
                Event::Sell { .. } => finding::oversell,
                _ => finding::exceeds_position,
            };
            self.books.findings.push(of(entry, symbol, stated, there));
        }
        let closing = self.closing(entry, figures, side, money);
        if let Some(holding) = &mut self.holdings[asset.0 as usize] {
            holding.close(closing, &mut self.books.realizations);
        }
    }

    fn split(&mut self, entry: &Entry, figures: &Figures, asset: AssetIndex) {
        let holding = self.holdings[asset.0 as usize].as_mut();
        let is_split = holding.is_some_and(|holding| {
            ratio_of(entry, figures, holding).is_some_and(|ratio| holding.split(entry.date, ratio))
        });
        if !is_split {
            let symbol = self.symbol(asset);
            self.books
                .findings
                .push(finding::split_without_position(entry, symbol));
        }
    }

    /// [`Replay::weigh`] has made sure that the index is within the list.
    pub(crate) fn holding(&mut self, asset: AssetIndex, on: Date) -> &mut Holding {
        self.holdings[asset.0 as usize].get_or_insert_with(|| Holding::new(asset, on))
    }

    pub(crate) fn asset(&self, asset: AssetIndex) -> Option<&'a Asset> {
        self.assets.get(asset.0 as usize)
    }

    pub(crate) fn symbol(&self, asset: AssetIndex) -> Option<&'a str> {
        self.asset(asset).map(|asset| asset.symbol.as_str())
    }

    pub(crate) fn symbol_of(&self, entry: &Entry) -> Option<&'a str> {
        entry.event.asset().and_then(|asset| self.symbol(asset))
    }

    fn report_missing_rates(&mut self, entry: &Entry, figures: &Figures) {
        let symbol = self.symbol_of(entry);
        let missing = figures.missing.into_iter().flatten();
        let findings = missing.map(|to: Currency| {
            finding::missing_rate(entry, symbol, (entry.currency, to), entry.date)
        });
        self.books.findings.extend(findings);
    }

    pub(crate) fn finish(self) -> Books {
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

/// In what ratio an entry changes the shares of a holding, if it does.
pub(crate) fn ratio_of(entry: &Entry, figures: &Figures, holding: &Holding) -> Option<Ratio> {
    match entry.event {
        Event::Split { ratio, .. } | Event::SpinOff { ratio, .. } => Some(ratio),
        Event::Merger { target, .. } => target.map(|(_, ratio)| ratio),
        Event::SymbolChange { .. } => Some(Ratio::ONE),
        Event::StockDividend { .. } if figures.gross == Both::default() => {
            holding.growth(figures.quantity)
        }
        _ => None,
    }
}

/// The strike is money of one currency, and the premium becomes a part of the underlying's cost.
fn check_option(entry: &Entry, option: &Asset, underlying: &Asset) -> Result<(), Refusal> {
    let differs = [entry.currency, underlying.currency]
        .into_iter()
        .find(|currency| *currency != option.currency);
    differs.map_or(Ok(()), |other| {
        Err(Refusal::OptionCurrency(option.currency, other))
    })
}
