//! What the caller gets, and how it is put together.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::{Currency, FxTable};
use statements::Row;

use super::{
    calendar,
    catalogue::{self, Listing},
    factors, household,
    prices::{self, Series, Session},
    rates::{self, Observation},
};

/// The exchange of every simulated instrument.
const EXCHANGE: &str = "SIM";

/// One day of one instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimBar {
    pub date: Date,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

/// An invented instrument with its raw prices: a split shows as a fall on its ex-date.
#[derive(Clone, Debug, PartialEq)]
pub struct SimInstrument {
    pub symbol: String,
    pub exchange: &'static str,
    pub name: &'static str,
    pub asset_class: &'static str,
    pub currency: Currency,
    pub sector: Option<&'static str>,
    pub country: Option<&'static str>,
    pub bars: Vec<SimBar>,
    /// Days from which on there are four shares for each one before.
    pub splits: Vec<Date>,
}

/// A portfolio of the household.
#[derive(Clone, Debug, PartialEq)]
pub struct SimPortfolio {
    pub name: &'static str,
    pub currency: Currency,
    /// In the order of days. Line numbers and external ids count up, so a later universe of the same
    /// year begins with the same rows.
    pub rows: Vec<Row>,
}

/// Everything the demo shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Universe {
    pub instruments: Vec<SimInstrument>,
    /// Day, base, quote, units of quote for one of base.
    pub fx: Vec<Observation>,
    pub portfolios: Vec<SimPortfolio>,
}

/// The universe as it stands at the close of `today`: empty before 2019, when its time begins.
pub fn universe(today: Date) -> Universe {
    let market = Market::until(today);
    Universe {
        portfolios: household::portfolios(&market),
        instruments: market
            .quotes
            .values()
            .map(|(listing, series)| instrument(listing, series))
            .collect(),
        fx: market.rates,
    }
}

fn instrument(listing: &Listing, series: &Series) -> SimInstrument {
    SimInstrument {
        symbol: listing.symbol.to_owned(),
        exchange: EXCHANGE,
        name: listing.name,
        asset_class: listing.asset_class,
        currency: listing.currency,
        sector: listing.sector,
        country: listing.country,
        bars: series.sessions.iter().map(bar).collect(),
        splits: series.splits.clone(),
    }
}

fn bar(session: &Session) -> SimBar {
    let price = |hundredths: i64| hundredths as f64 / 100.0;
    SimBar {
        date: session.date,
        open: price(session.open),
        high: price(session.high),
        low: price(session.low),
        close: price(session.close),
        volume: session.volume,
    }
}

/// Prices and rates as the household meets them.
pub(super) struct Market {
    /// First day of the window.
    pub(super) first: Date,
    pub(super) today: Date,
    /// By symbol.
    pub(super) quotes: BTreeMap<&'static str, (&'static Listing, Series)>,
    pub(super) fx: FxTable,
    rates: Vec<Observation>,
}

impl Market {
    fn until(today: Date) -> Self {
        let first = calendar::household_start(today);
        let weather = factors::weather(calendar::days_until(today));
        let quotes = catalogue::listings()
            .map(|listing| {
                (
                    listing.symbol,
                    (listing, prices::series(listing, &weather, first)),
                )
            })
            .collect();
        let rates = rates::rates(&weather, first);
        Self {
            first,
            today,
            quotes,
            fx: rates.iter().copied().collect(),
            rates,
        }
    }

    pub(super) fn security(listing: &Listing) -> statements::Security {
        statements::Security {
            symbol: listing.symbol.to_owned(),
            isin: None,
            exchange: Some(EXCHANGE.to_owned()),
            name: Some(listing.name.to_owned()),
            asset_class: Some(listing.asset_class.to_owned()),
            currency: Some(listing.currency),
            option: None,
        }
    }
}
