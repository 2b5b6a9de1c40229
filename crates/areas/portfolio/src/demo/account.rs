//! A broker's account: cash, holdings and the statement rows of what happened to them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Ratio, Settlement, TransactionKind};
use money::{Currency, round_to_currency};
use rust_decimal::Decimal;
use statements::Row;

use super::{
    calendar::Day,
    catalogue::Listing,
    prices::{SPLIT_RATIO, Series},
    universe::Market,
};

/// How the ids of all simulated bookings begin.
pub(super) const EXTERNAL_ID_PREFIX: &str = "sim-";

/// What the broker agreed with the household.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Currency of the portfolio and of its main cash balance.
    pub(super) currency: Currency,
    /// Further currencies in which cash is held; everything else is exchanged at once.
    pub(super) further: &'static [Currency],
    /// Fixed part of the commission on an order, hundredths of the order's currency.
    pub(super) ticket: i64,
    /// Part that grows with the order, ten-thousandths of its amount.
    pub(super) commission: i64,
    /// Yearly interest on cash, ten-thousandths.
    pub(super) interest: i64,
    /// Tax on gains and interest of the year before, ten-thousandths.
    pub(super) tax: i64,
}

/// Shares of one instrument in an account.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holding {
    pub(super) quantity: Decimal,
    /// What they cost, charges included, at average cost, in the currency that paid for them.
    pub(super) cost: Decimal,
}

/// An instrument on the day of an order.
#[derive(Clone, Copy)]
pub(super) struct Quote<'m> {
    pub(super) listing: &'static Listing,
    pub(super) series: &'m Series,
}

/// One account on its way through the days.
pub(super) struct Account<'m> {
    pub(super) market: &'m Market,
    pub(super) terms: Terms,
    pub(super) date: Date,
    pub(super) holdings: BTreeMap<&'static str, Holding>,
    cash: BTreeMap<Currency, Decimal>,
    /// Cash before the first booking of the day.
    opening: BTreeMap<Currency, Decimal>,
    /// Gains and interest by year, in the currency of the portfolio.
    taxable: BTreeMap<i16, Decimal>,
    rows: Vec<Row>,
}

impl<'m> Account<'m> {
    pub(super) fn open(market: &'m Market, terms: Terms) -> Self {
        Self {
            market,
            terms,
            date: market.first,
            holdings: BTreeMap::new(),
            cash: BTreeMap::new(),
            opening: BTreeMap::new(),
            taxable: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Turns the page: splits and dividends of shares held overnight, then what the broker does on
    /// its own.
    pub(super) fn begin(&mut self, day: Day) {
        self.date = day.date;
        self.opening = self.cash.clone();
        let held: Vec<&'static str> = self.holdings.keys().copied().collect();
        for symbol in held {
            let Some(quote) = self.quote(symbol) else {
                continue;
            };
            if quote.series.splits.contains(&day.date) {
                self.split(quote.listing);
            }
            if let Some(hundredths) = quote.series.dividend(day.date) {
                self.pay_dividend(quote.listing, Decimal::new(hundredths, 2));
            }
        }
        if day.is_due_in(&[3, 6, 9, 12], 25) {
            self.pay_interest();
        }
        if day.is_due_in(&[4], 6) {
            self.pay_tax();
        }
    }

    pub(super) fn quote(&self, symbol: &str) -> Option<Quote<'m>> {
        self.market
            .quotes
            .get(symbol)
            .map(|(listing, series)| Quote { listing, series })
    }

    /// Cash that an order may use: what lay there overnight and has not been spent since, so that
    /// the balance stays positive in whatever order the bookings of a day are replayed.
    pub(super) fn spendable(&self, currency: Currency) -> Decimal {
        let now = self.cash.get(&currency).copied().unwrap_or_default();
        now.min(self.opening.get(&currency).copied().unwrap_or_default())
    }

    pub(super) fn deposit(&mut self, currency: Currency, amount: Decimal, note: &str) {
        self.book(self.draft(TransactionKind::Deposit, currency, amount, note));
    }

    pub(super) fn withdraw(&mut self, currency: Currency, amount: Decimal, note: &str) {
        let amount = round_down(amount.min(self.spendable(currency)));
        if amount > Decimal::ZERO {
            self.book(self.draft(TransactionKind::Withdrawal, currency, amount, note));
        }
    }

    /// A charge for the account as a whole.
    pub(super) fn charge(&mut self, amount: Decimal, note: &str) {
        let currency = self.terms.currency;
        let amount = round_down(amount.min(self.spendable(currency)));
        if amount > Decimal::ZERO {
            self.book(self.draft(TransactionKind::Fee, currency, amount, note));
        }
    }

    /// A row of today with nothing but an amount.
    pub(super) fn draft(
        &self,
        kind: TransactionKind,
        currency: Currency,
        amount: Decimal,
        note: &str,
    ) -> Row {
        let number = self.rows.len() + 1;
        Row {
            line: number as u64,
            account: None,
            // The year tells a history from the one that replaces it at New Year.
            external_id: Some(format!(
                "{EXTERNAL_ID_PREFIX}{}-{number:04}",
                self.market.first.year()
            )),
            date: self.date,
            executed_at: None,
            kind,
            security: None,
            quantity: None,
            price: None,
            amount: amount.normalize(),
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            settlement: None,
            ratio: None,
            target: None,
            cost_share: None,
            acquired_on: None,
            note: Some(note.to_owned()),
        }
    }

    /// Writes a row and moves its cash; gives back the cash that came in.
    pub(super) fn book(&mut self, row: Row) -> Decimal {
        let direction = Decimal::from(row.kind.cash_direction());
        let net = row.amount * direction - row.fees - row.taxes;
        let (currency, cash) = match row.settlement {
            Some(Settlement { currency, fx_rate }) => (currency, net * fx_rate),
            None => (row.currency, net),
        };
        *self.cash.entry(currency).or_default() += cash;
        self.rows.push(row);
        cash
    }

    /// How the cash of a deal in `currency` is exchanged: not at all where a balance in it is kept,
    /// otherwise into the portfolio's currency at the rate of the day, worse by a fifth of a percent.
    pub(super) fn settlement(&self, currency: Currency, side: Side) -> Option<Settlement> {
        if currency == self.terms.currency || self.terms.further.contains(&currency) {
            return None;
        }
        let margin = match side {
            Side::Paying => Decimal::new(1_002, 3),
            Side::Receiving => Decimal::new(998, 3),
        };
        let middle = self
            .market
            .fx
            .rate(currency, self.terms.currency, self.date)?
            .rate;
        let fx_rate = (middle * margin).round_dp(6).normalize();
        Some(Settlement {
            currency: self.terms.currency,
            fx_rate,
        })
    }

    /// Adds to what is taxed next year.
    pub(super) fn earn(&mut self, amount: Decimal, currency: Currency) {
        let rate = self
            .market
            .fx
            .rate(currency, self.terms.currency, self.date);
        if let Some(rate) = rate {
            *self.taxable.entry(self.date.year()).or_default() += amount * rate.rate;
        }
    }

    fn split(&mut self, listing: &Listing) {
        if let Some(holding) = self.holdings.get_mut(listing.symbol) {
            holding.quantity *= Decimal::from(SPLIT_RATIO);
        }
        let mut row = self.draft(
            TransactionKind::Split,
            listing.currency,
            Decimal::ZERO,
            "Four new shares for each old one",
        );
        row.security = Some(Market::security(listing));
        row.ratio = Some(Ratio {
            to: Decimal::from(SPLIT_RATIO),
            from: Decimal::ONE,
        });
        self.book(row);
    }

    fn pay_dividend(&mut self, listing: &Listing, per_share: Decimal) {
        let Some(holding) = self.holdings.get(listing.symbol) else {
            return;
        };
        let amount = round_to_currency(holding.quantity * per_share, listing.currency);
        if amount.is_zero() {
            return;
        }
        let note = if listing.asset_class == "bond" {
            "Coupon"
        } else {
            "Dividend"
        };
        let mut row = self.draft(TransactionKind::Dividend, listing.currency, amount, note);
        row.taxes =
            round_to_currency(amount * withheld(listing.country), listing.currency).normalize();
        row.settlement = self.settlement(listing.currency, Side::Receiving);
        row.security = Some(Market::security(listing));
        self.book(row);
    }

    fn pay_interest(&mut self) {
        let quarter = Decimal::new(self.terms.interest, 4) / Decimal::from(4);
        for (currency, balance) in self.opening.clone() {
            let amount = round_to_currency(balance * quarter, currency);
            if amount > Decimal::ZERO {
                self.book(self.draft(
                    TransactionKind::Interest,
                    currency,
                    amount,
                    "Interest on cash",
                ));
                self.earn(amount, currency);
            }
        }
    }

    fn pay_tax(&mut self) {
        let year = self.date.year() - 1;
        let gains = self.taxable.get(&year).copied().unwrap_or_default();
        let currency = self.terms.currency;
        let due = gains * Decimal::new(self.terms.tax, 4);
        let amount = round_down(due.min(self.spendable(currency)));
        if amount > Decimal::ZERO {
            let note = format!("Tax on gains and interest of {year}");
            self.book(self.draft(TransactionKind::Tax, currency, amount, &note));
        }
    }
}

/// Which way money crosses the broker's desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Paying,
    Receiving,
}

/// Fraction of a dividend that the country of the payer keeps.
fn withheld(country: Option<&str>) -> Decimal {
    match country {
        Some("US" | "CA" | "NL") => Decimal::new(15, 2),
        Some("CH") => Decimal::new(35, 2),
        Some("FR") => Decimal::new(25, 2),
        Some("DE") => Decimal::new(26, 2),
        _ => Decimal::ZERO,
    }
}

/// To whole hundredths, never upwards.
pub(super) fn round_down(amount: Decimal) -> Decimal {
    amount.trunc_with_scale(2)
}
