//! What providers give, in one shape whoever gave it. Prices are as stated: nothing is judged here.

use jiff::{Timestamp, civil::Date};
use money::{Currency, Quotation};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a provider gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// Bars of one symbol.
    Bars(BarSeries),
    /// A price.
    Quote(Quote),
    /// Exchange rates.
    Rates(Vec<ExchangeRate>),
    /// Figures that a company has reported.
    Facts(Vec<Fact>),
    /// Names of companies.
    Directory(Vec<CompanyId>),
    /// Option contracts.
    Chain(Chain),
    /// A series.
    Series(Vec<Observation>),
}

/// What happened to a price in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Its beginning; of a trading day, midnight UTC.
    pub at: Timestamp,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Last price as the provider adjusts it for what came later.
    pub adjusted_close: Option<f64>,
    /// Units traded.
    pub volume: Option<f64>,
}

/// Bars of one symbol, the oldest first, each time once.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BarSeries {
    /// What the prices are stated in, where the provider says so.
    pub quotation: Option<Quotation>,
    /// The market's clock, as an IANA name, where the provider says so.
    pub time_zone: Option<String>,
    /// The bars.
    pub bars: Vec<Bar>,
    /// Splits that the provider knows of in the span.
    pub splits: Vec<Split>,
}

/// A split that a provider states.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// First day of the new shares.
    pub date: Date,
    /// So many new shares
    pub to: Decimal,
    /// for so many old ones.
    pub from: Decimal,
}

/// The last known price.
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    /// The price.
    pub price: f64,
    /// What it is stated in, where the provider says so.
    pub quotation: Option<Quotation>,
    /// Close of the trading day before.
    pub previous_close: Option<f64>,
    /// Units traded on the day.
    pub volume: Option<f64>,
    /// Highest offer to buy.
    pub bid: Option<f64>,
    /// Lowest offer to sell.
    pub ask: Option<f64>,
    /// When it was the price; `None` where the provider does not say.
    pub at: Option<Timestamp>,
}

/// On a day one unit of `base` cost `rate` units of `quote`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExchangeRate {
    /// The day.
    pub date: Date,
    /// What is priced.
    pub base: Currency,
    /// In what.
    pub quote: Currency,
    /// The price.
    pub rate: f64,
}

/// A figure that a company has reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Whose word the concept is: `us-gaap`, `ifrs-full`, `dei`.
    pub taxonomy: String,
    /// What is measured: `Revenues`.
    pub concept: String,
    /// In what: `USD`, `shares`, `USD/shares`.
    pub unit: String,
    /// How much.
    pub value: Decimal,
    /// First day, of a figure over time.
    pub from: Option<Date>,
    /// Last day, or the day of a balance.
    pub to: Date,
    /// Fiscal year of the report.
    pub fiscal_year: Option<i16>,
    /// `FY` or `Q1` to `Q4` of the report.
    pub fiscal_period: Option<String>,
    /// Form of the report: `10-K`.
    pub form: String,
    /// When it was reported, where the provider says so.
    pub filed: Option<Date>,
}

/// By what a provider knows a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyId {
    /// Ticker.
    pub symbol: String,
    /// The provider's own.
    pub id: String,
    /// Name.
    pub name: String,
}

/// Option contracts on one underlying.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Price of the underlying.
    pub spot: Option<f64>,
    /// When the prices were those.
    pub at: Option<Timestamp>,
    /// Days on which contracts end, in order: all that the provider has, whether or not it gave them at once.
    pub expirations: Vec<Date>,
    /// By expiry, then strike, then right.
    pub contracts: Vec<Contract>,
}

/// An option contract with its price.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// Symbol after the OCC.
    pub symbol: String,
    /// Last day.
    pub expires_on: Date,
    /// Price of one share then.
    pub strike: Decimal,
    /// Whether the holder may buy or sell.
    pub right: Right,
    /// Highest offer to buy.
    pub bid: Option<f64>,
    /// Lowest offer to sell.
    pub ask: Option<f64>,
    /// Last price.
    pub last: Option<f64>,
    /// Contracts traded on the day.
    pub volume: Option<f64>,
    /// Contracts that are open.
    pub open_interest: Option<f64>,
    /// Implied volatility, as a fraction a year.
    pub implied_volatility: Option<f64>,
    /// Change of the price with the underlying.
    pub delta: Option<f64>,
    /// Change of delta with the underlying.
    pub gamma: Option<f64>,
    /// Change of the price with a day.
    pub theta: Option<f64>,
    /// Change of the price with a point of volatility.
    pub vega: Option<f64>,
}

/// Whether the holder of an option may buy or sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

/// A value of a series on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// The day.
    pub date: Date,
    /// `None` where the provider says that there is none.
    pub value: Option<f64>,
}

impl Payload {
    /// Together with a part of the same that came by itself; bars alone come in parts.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bars(one), Self::Bars(other)) => Self::Bars(one.and(other)),
            (one, _) => one,
        }
    }

    /// First and last bar, where there are bars.
    pub(crate) fn ends(&self) -> Option<(Timestamp, Timestamp)> {
        let Self::Bars(series) = self else {
            return None;
        };
        Some((series.bars.first()?.at, series.bars.last()?.at))
    }

    /// How many things it holds.
    pub fn len(&self) -> usize {
        match self {
            Self::Bars(series) => series.bars.len(),
            Self::Quote(_) => 1,
            Self::Rates(rates) => rates.len(),
            Self::Facts(facts) => facts.len(),
            Self::Directory(ids) => ids.len(),
            Self::Chain(chain) => chain.contracts.len(),
            Self::Series(values) => values.len(),
        }
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Bar {
    /// With its ends outside: providers round, so a high may fall short of the close by a trifle.
    #[must_use]
    pub fn enclosed(self) -> Self {
        Self {
            high: self.high.max(self.open).max(self.close),
            low: self.low.min(self.open).min(self.close),
            ..self
        }
    }
}

impl BarSeries {
    /// In the order of time, each time once, of several bars the last; and none outside the span.
    #[must_use]
    pub(crate) fn between(mut self, from: Timestamp, to: Timestamp) -> Self {
        self.bars.retain(|bar| bar.at >= from && bar.at < to);
        self.in_order()
    }

    /// Together with a part of the same series that came by itself.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.bars.extend(other.bars);
        self.splits.extend(other.splits);
        Self {
            quotation: self.quotation.or(other.quotation),
            time_zone: self.time_zone.take().or(other.time_zone),
            ..self
        }
        .in_order()
    }

    fn in_order(mut self) -> Self {
        self.bars.sort_by_key(|bar| bar.at);
        // Of equal neighbours `dedup` keeps the first, so what comes later is put into it.
        self.bars.dedup_by(|later, kept| {
            let is_same = later.at == kept.at;
            if is_same {
                *kept = *later;
            }
            is_same
        });
        self
    }
}
