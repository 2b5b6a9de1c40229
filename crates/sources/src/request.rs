use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::{Capability, FetchError, ProviderId, reading};

/// What is wanted of a provider. Symbols are in the provider's own spelling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// Bars of trading days, both ends included.
    DailyBars {
        /// Of what.
        symbol: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// Bars of a part of a day that begin in the span.
    IntradayBars {
        /// Of what.
        symbol: String,
        /// Their length.
        interval: Interval,
        /// No bar begins before this.
        from: Timestamp,
        /// No bar begins at or after this.
        to: Timestamp,
    },
    /// The last known price.
    Quote {
        /// Of what.
        symbol: String,
    },
    /// Exchange rates of these days, both ends included.
    Rates {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// All figures that a company has reported. The symbol is what the provider knows it by.
    Fundamentals {
        /// Of whom.
        symbol: String,
    },
    /// By what the provider knows companies.
    Directory,
    /// All contracts on an underlying, or those of one expiry.
    Chain {
        /// The underlying.
        symbol: String,
        /// Only contracts that end on this day.
        expires_on: Option<Date>,
    },
    /// A series of observations, such as an interest rate.
    Series {
        /// The provider's name of it.
        id: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
}

/// Length of an intraday bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Interval {
    /// One minute.
    #[serde(rename = "1m")]
    Minute,
    /// Five minutes.
    #[serde(rename = "5m")]
    FiveMinutes,
    /// A quarter of an hour.
    #[serde(rename = "15m")]
    QuarterHour,
    /// One hour.
    #[serde(rename = "1h")]
    Hour,
}

impl Interval {
    /// Its length in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::QuarterHour => 900,
            Self::Hour => 3_600,
        }
    }

    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
        }
    }
}

impl Request {
    /// What a provider must be able to give to answer this.
    pub fn capability(&self) -> Capability {
        match self {
            Self::DailyBars { .. } => Capability::DailyBars,
            Self::IntradayBars { .. } => Capability::IntradayBars,
            Self::Quote { .. } => Capability::Quote,
            Self::Rates { .. } => Capability::FxRates,
            Self::Fundamentals { .. } => Capability::Fundamentals,
            Self::Directory => Capability::Directory,
            Self::Chain { .. } => Capability::OptionChain,
            Self::Series { .. } => Capability::Series,
        }
    }

    /// What a provider answers that does not give this.
    pub(crate) fn unsupported(&self, provider: ProviderId) -> FetchError {
        let wanted = self.capability();
        FetchError::Unsupported { provider, wanted }
    }

    /// Of a request for bars where its span begins, where it ends, which is excluded, and how many seconds long a
    /// bar is.
    pub(crate) fn span(
        &self,
        provider: ProviderId,
    ) -> Result<(Timestamp, Timestamp, i64), FetchError> {
        match self {
            Self::DailyBars { from, to, .. } => {
                let (from, to) = reading::days(provider, *from, *to)?;
                Ok((from, to, 86_400))
            }
            Self::IntradayBars {
                from, to, interval, ..
            } => Ok((*from, *to, interval.seconds())),
            other => Err(other.unsupported(provider)),
        }
    }

    /// The first moment that is wanted, of what is wanted for a span.
    pub(crate) fn begins(&self) -> Option<Timestamp> {
        match self {
            Self::DailyBars { from, .. } => {
                from.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
            }
            Self::IntradayBars { from, .. } => Some(*from),
            _ => None,
        }
    }

    /// What it is about, for messages: a symbol, or what stands for one.
    pub fn subject(&self) -> &str {
        match self {
            Self::DailyBars { symbol, .. }
            | Self::IntradayBars { symbol, .. }
            | Self::Quote { symbol }
            | Self::Fundamentals { symbol }
            | Self::Chain { symbol, .. } => symbol,
            Self::Series { id, .. } => id,
            Self::Rates { .. } => "exchange rates",
            Self::Directory => "directory",
        }
    }
}
