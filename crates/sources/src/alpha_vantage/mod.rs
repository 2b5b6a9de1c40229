//! Alpha Vantage: `TIME_SERIES_DAILY` and `GLOBAL_QUOTE`, as traded, and `OVERVIEW` of a company. What it does not give it says with
//! status 200: `Error Message`, or `Note` and `Information` for too many requests and paid functions.

mod overview;

use std::{collections::BTreeMap, time::Duration};

use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;
use url::Url;

use crate::{
    Answer, Bar, BarSeries, Call, Capability, Context, Description, FetchError, Limit, Payload,
    Provider, ProviderId, Quote, Request, Way, reading,
};

const ID: ProviderId = ProviderId::AlphaVantage;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Alpha Vantage",
    gives: &[
        Capability::DailyBars,
        Capability::Quote,
        Capability::Fundamentals,
    ],
    licence: "Free keys are for personal use, 25 requests a day; no redistribution.",
    terms_url: "https://www.alphavantage.co/terms_of_service/",
    needs_key: true,
    limit: Limit {
        count: 25,
        per: Duration::from_hours(24),
    },
    is_simulated: false,
};

/// Trading days of a `compact` answer are a hundred, which are some more than so many days.
const COMPACT_DAYS: i32 = 140;

pub(crate) struct AlphaVantage {
    base: Url,
}

impl AlphaVantage {
    pub(crate) const ADDRESS: &str = "https://www.alphavantage.co";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "Error Message")]
    error: Option<String>,
    #[serde(rename = "Note")]
    note: Option<String>,
    #[serde(rename = "Information")]
    information: Option<String>,
    #[serde(rename = "Time Series (Daily)")]
    daily: Option<BTreeMap<String, Day>>,
    #[serde(rename = "Global Quote")]
    quote: Option<GlobalQuote>,
}

#[derive(Deserialize)]
struct Day {
    #[serde(rename = "1. open")]
    open: String,
    #[serde(rename = "2. high")]
    high: String,
    #[serde(rename = "3. low")]
    low: String,
    #[serde(rename = "4. close")]
    close: String,
    #[serde(rename = "5. volume")]
    volume: Option<String>,
}

/// Empty for a symbol that is not known.
#[derive(Deserialize)]
struct GlobalQuote {
    #[serde(rename = "05. price")]
    price: Option<String>,
    #[serde(rename = "06. volume")]
    volume: Option<String>,
    #[serde(rename = "07. latest trading day")]
    day: Option<String>,
    #[serde(rename = "08. previous close")]
    previous_close: Option<String>,
}

impl Provider for AlphaVantage {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError> {
        let key = context.require_key(ID)?;
        let call = Call::below(&self.base, ["query"]);
        let call = match request {
            Request::DailyBars { symbol, from, .. } => {
                let size = if *from > compact_after(context) {
                    "compact"
                } else {
                    "full"
                };
                call.with("function", "TIME_SERIES_DAILY")
                    .with("symbol", symbol)
                    .with("outputsize", size)
            }
            Request::Quote { symbol } => {
                call.with("function", "GLOBAL_QUOTE").with("symbol", symbol)
            }
            Request::Fundamentals { symbol } => {
                call.with("function", "OVERVIEW").with("symbol", symbol)
            }
            other => return Err(other.unsupported(ID)),
        };
        Ok(Way::Ask(call.with("apikey", key)))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        if let Request::Fundamentals { symbol } = request {
            return overview::read(symbol, &answer.body, context.today()).map(Payload::Facts);
        }
        let body: Body = reading::json(ID, &answer.body)?;
        let unknown = || FetchError::NotFound {
            provider: ID,
            symbol: request.subject().to_owned(),
        };
        if let Some(said) = body.error {
            return Err(erroneous(request.subject(), &said));
        }
        if let Some(said) = body.note.or(body.information) {
            return Err(declined(&said));
        }
        match (request, body.daily, body.quote) {
            (Request::DailyBars { from, to, .. }, Some(days), _) => {
                let (from, to) = reading::days(ID, *from, *to)?;
                let series = BarSeries {
                    bars: days.iter().map(bar).collect::<Result<_, _>>()?,
                    ..BarSeries::default()
                };
                Ok(Payload::Bars(series.between(from, to)))
            }
            (Request::Quote { .. }, _, Some(stated)) => {
                stated.read()?.map(Payload::Quote).ok_or_else(unknown)
            }
            _ => Err(reading::garbage(
                ID,
                "the top",
                "none of the documented members is there",
            )),
        }
    }

    /// Free keys are refused the `full` history, and have the `compact` one.
    fn lesser(
        &self,
        request: &Request,
        refused: &FetchError,
        context: &Context<'_>,
    ) -> Option<Request> {
        let (FetchError::Refused { said, .. }, Request::DailyBars { symbol, from, to }) =
            (refused, request)
        else {
            return None;
        };
        let compact = compact_after(context).tomorrow().ok()?;
        (said.contains("outputsize=full") && *from < compact).then(|| Request::DailyBars {
            symbol: symbol.clone(),
            from: compact,
            to: *to,
        })
    }
}

/// Days after this one are in a `compact` answer.
fn compact_after(context: &Context<'_>) -> Date {
    context.today().saturating_sub(COMPACT_DAYS.days())
}

/// One member tells of symbols that are unknown and of keys that are wrong, in words alone.
fn erroneous(symbol: &str, said: &str) -> FetchError {
    if said.to_lowercase().contains("apikey") {
        return refused(said);
    }
    FetchError::NotFound {
        provider: ID,
        symbol: symbol.to_owned(),
    }
}

/// Two members tell of too many requests and of what costs, in words alone. Those about too many requests praise
/// the premium plans as well, but say how many requests are free.
fn declined(said: &str) -> FetchError {
    let lower = said.to_lowercase();
    let is_limit = [
        "requests per day",
        "request per second",
        "calls per minute",
        "rate limit",
        "call frequency",
        "call volume",
    ]
    .iter()
    .any(|words| lower.contains(words));
    let is_refusal = ["premium", "invalid", "demo"]
        .iter()
        .any(|word| lower.contains(word));
    if is_refusal && !is_limit {
        return refused(said);
    }
    FetchError::Throttled {
        provider: ID,
        retry_after: None,
    }
}

fn refused(said: &str) -> FetchError {
    FetchError::Refused {
        provider: ID,
        status: 200,
        said: said.chars().take(160).collect(),
    }
}

fn bar((day, stated): (&String, &Day)) -> Result<Bar, FetchError> {
    let value = |text: &str| reading::number(ID, day, text);
    Ok(Bar {
        at: reading::midnight(ID, reading::date(ID, "Time Series (Daily)", day)?)?,
        open: value(&stated.open)?,
        high: value(&stated.high)?,
        low: value(&stated.low)?,
        close: value(&stated.close)?,
        adjusted_close: None,
        volume: stated.volume.as_deref().map(value).transpose()?,
    })
}

impl GlobalQuote {
    fn read(&self) -> Result<Option<Quote>, FetchError> {
        let value = |text: &String| reading::number(ID, "Global Quote", text);
        let Some(price) = self.price.as_ref() else {
            return Ok(None);
        };
        let day = self.day.as_deref();
        let day = day
            .map(|day| reading::date(ID, "latest trading day", day))
            .transpose()?;
        Ok(Some(Quote {
            price: value(price)?,
            quotation: None,
            previous_close: self.previous_close.as_ref().map(value).transpose()?,
            volume: self.volume.as_ref().map(value).transpose()?,
            bid: None,
            ask: None,
            at: day.map(|day| reading::midnight(ID, day)).transpose()?,
        }))
    }
}
