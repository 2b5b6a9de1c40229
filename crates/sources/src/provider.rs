use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp, civil::Date, fmt::rfc2822, tz::TimeZone};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    FetchError, Payload, Request, alpha_vantage, cboe, coinbase, ecb, folder, fred, kraken,
    sec_edgar, simulator, stooq, twelve_data, yahoo,
};

/// Names a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderId {
    /// Yahoo Finance.
    Yahoo,
    /// Stooq.
    Stooq,
    /// Alpha Vantage.
    AlphaVantage,
    /// Twelve Data.
    TwelveData,
    /// Kraken.
    Kraken,
    /// Coinbase Exchange.
    Coinbase,
    /// European Central Bank.
    Ecb,
    /// EDGAR of the Securities and Exchange Commission.
    SecEdgar,
    /// FRED of the Federal Reserve Bank of St. Louis.
    Fred,
    /// Cboe.
    Cboe,
    /// A folder of files.
    Folder,
    /// Made up by a formula.
    Simulator,
}

/// A name that no provider has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no data source “{name}”; the sources are {}", ProviderId::ALL.map(ProviderId::as_str).join(", "))]
pub struct UnknownProvider {
    /// The name.
    pub name: String,
}

/// Something that a provider can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Bars of trading days.
    DailyBars,
    /// Bars of parts of a day.
    IntradayBars,
    /// The last price.
    Quote,
    /// Exchange rates.
    FxRates,
    /// Reported figures.
    Fundamentals,
    /// Names of companies.
    Directory,
    /// Option contracts.
    OptionChain,
    /// Series such as interest rates.
    Series,
}

/// So many requests in so much time, and in no span of that length more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Requests.
    pub count: u32,
    /// In this time.
    pub per: Duration,
}

/// What is known about a provider.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Description {
    /// Its id.
    pub id: ProviderId,
    /// Its name for people.
    pub name: &'static str,
    /// What it gives.
    pub gives: &'static [Capability],
    /// What its terms allow, in a sentence; not legal advice.
    pub licence: &'static str,
    /// Where the terms stand; empty where there are none.
    pub terms_url: &'static str,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// What is kept to unless the operator says otherwise.
    pub limit: Limit,
    /// Whether what it gives is made up.
    pub is_simulated: bool,
}

/// What a provider has to know besides the request.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// The operator's key with the provider.
    pub key: Option<&'c str>,
    /// The moment.
    pub now: Timestamp,
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Way {
    /// By asking a server.
    Ask(Call),
    /// By reading a file.
    Read(PathBuf),
    /// By itself.
    Know(Payload),
}

/// A GET.
#[derive(Clone)]
pub struct Call {
    /// Where, with the parameters, of which one may be the key.
    pub url: Url,
    /// Sent along.
    pub headers: HeaderMap,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status; 200 of a file.
    pub status: StatusCode,
    /// Headers; none of a file.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// Somebody who gives market data. An implementation connects to nothing: it says what to ask, and
/// reads what came back.
pub trait Provider: Send + Sync {
    /// What is known about it.
    fn describe(&self) -> &'static Description;

    /// How a request is answered. Requests for what it does not give are not put to it.
    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError>;

    /// Reads an answer of status 2xx.
    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Result<Payload, FetchError>;

    /// What of a request is left to ask after an answer, where one answer holds only so much. Nothing is left
    /// unless the provider says so.
    fn rest(&self, _request: &Request, _payload: &Payload) -> Option<Request> {
        None
    }

    /// How many answers a request takes, as far as that is known before.
    fn parts(&self, _request: &Request) -> u32 {
        1
    }

    /// Before when nothing is given of such a request, where the provider has no more than the latest.
    fn reach(&self, _request: &Request, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// What may be asked in place of a request that was refused: less of the same.
    fn lesser(
        &self,
        _request: &Request,
        _refused: &FetchError,
        _context: &Context<'_>,
    ) -> Option<Request> {
        None
    }

    /// Reads an answer of another status. Providers differ in what they mean by them.
    fn refusal(&self, request: &Request, answer: &Answer, context: &Context<'_>) -> FetchError {
        answer.refusal(self.describe().id, request, context.now)
    }
}

impl ProviderId {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::Yahoo,
        Self::Stooq,
        Self::AlphaVantage,
        Self::TwelveData,
        Self::Kraken,
        Self::Coinbase,
        Self::Ecb,
        Self::SecEdgar,
        Self::Fred,
        Self::Cboe,
        Self::Folder,
        Self::Simulator,
    ];

    /// The word used in the database, in settings and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yahoo => "yahoo",
            Self::Stooq => "stooq",
            Self::AlphaVantage => "alpha_vantage",
            Self::TwelveData => "twelve_data",
            Self::Kraken => "kraken",
            Self::Coinbase => "coinbase",
            Self::Ecb => "ecb",
            Self::SecEdgar => "sec_edgar",
            Self::Fred => "fred",
            Self::Cboe => "cboe",
            Self::Folder => "folder",
            Self::Simulator => "simulator",
        }
    }

    /// What is known about it.
    pub fn describe(self) -> &'static Description {
        match self {
            Self::Yahoo => &yahoo::DESCRIPTION,
            Self::Stooq => &stooq::DESCRIPTION,
            Self::AlphaVantage => &alpha_vantage::DESCRIPTION,
            Self::TwelveData => &twelve_data::DESCRIPTION,
            Self::Kraken => &kraken::DESCRIPTION,
            Self::Coinbase => &coinbase::DESCRIPTION,
            Self::Ecb => &ecb::DESCRIPTION,
            Self::SecEdgar => &sec_edgar::DESCRIPTION,
            Self::Fred => &fred::DESCRIPTION,
            Self::Cboe => &cboe::DESCRIPTION,
            Self::Folder => &folder::DESCRIPTION,
            Self::Simulator => &simulator::DESCRIPTION,
        }
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderId {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        let found = Self::ALL.into_iter().find(|id| id.as_str() == text);
        found.ok_or_else(|| UnknownProvider {
            name: text.to_owned(),
        })
    }
}

impl Capability {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::DailyBars => "daily bars",
            Self::IntradayBars => "intraday bars",
            Self::Quote => "quotes",
            Self::FxRates => "exchange rates",
            Self::Fundamentals => "fundamentals",
            Self::Directory => "directory of companies",
            Self::OptionChain => "option chains",
            Self::Series => "economic series",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl Description {
    /// Whether the provider gives this.
    pub fn can(&self, capability: Capability) -> bool {
        self.gives.contains(&capability)
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is nobody's business.
        f.debug_struct("Context")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Parameters and headers hold the key.
        f.debug_struct("Call")
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

impl Limit {
    /// Whether it is so long that the process which counts may have ended before it has passed: such limits are
    /// counted by whoever asks, where that outlives the process ([`crate::Ask::budget`]).
    pub fn is_quota(&self) -> bool {
        self.per >= Duration::from_hours(1)
    }
}

impl Context<'_> {
    /// Today, in UTC.
    pub fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.now).date()
    }

    /// The key of a provider that cannot do without.
    pub(crate) fn require_key(&self, provider: ProviderId) -> Result<&str, FetchError> {
        self.key.ok_or(FetchError::KeyMissing { provider })
    }
}

impl Call {
    /// Asks for a path below an address. Each part is one segment, whatever characters it has.
    pub(crate) fn below<'p>(base: &Url, path: impl IntoIterator<Item = &'p str>) -> Self {
        let mut url = base.clone();
        // An address that cannot have a path is refused where addresses are read.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        Self {
            url,
            headers: HeaderMap::new(),
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    #[must_use]
    pub(crate) fn with_agent(mut self, agent: HeaderValue) -> Self {
        self.headers.insert(header::USER_AGENT, agent);
        self
    }
}

impl Answer {
    /// What a status usually means.
    pub(crate) fn refusal(
        &self,
        provider: ProviderId,
        request: &Request,
        now: Timestamp,
    ) -> FetchError {
        let (status, said) = (self.status.as_u16(), self.said());
        match status {
            429 => FetchError::Throttled {
                provider,
                retry_after: self.retry_after(now),
            },
            404 => FetchError::NotFound {
                provider,
                symbol: request.subject().to_owned(),
            },
            408 | 425 | 500.. => FetchError::Failing {
                provider,
                status,
                said,
            },
            _ => FetchError::Refused {
                provider,
                status,
                said,
            },
        }
    }

    /// `Retry-After`, in seconds or as a date.
    pub(crate) fn retry_after(&self, now: Timestamp) -> Option<SignedDuration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Some(SignedDuration::from_secs(seconds.into()));
        }
        let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(at.duration_since(now).max(SignedDuration::ZERO))
    }

    /// The beginning of the body as one line, for messages.
    pub(crate) fn said(&self) -> String {
        let text = String::from_utf8_lossy(self.body.get(..400).unwrap_or(&self.body)).into_owned();
        let line: Vec<_> = text.split_whitespace().collect();
        let line: String = line.join(" ").chars().take(160).collect();
        if line.is_empty() {
            "without a word".to_owned()
        } else {
            line
        }
    }
}
