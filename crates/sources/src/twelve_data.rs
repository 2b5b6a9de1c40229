//! Twelve Data: `time_series` as traded (`adjust=none`) in UTC, and `quote`. Errors have `status: "error"`
//! and a `code` in the body, whatever the status of the answer.

use std::time::Duration;

use jiff::{ToSpan as _, civil::DateTime, tz::TimeZone};
use money::Quotation;
use serde::Deserialize;
use url::Url;

use crate::{
    Answer, Bar, BarSeries, Call, Capability, Context, Description, FetchError, Interval, Limit,
    Payload, Provider, ProviderId, Quote, Request, Way, reading,
};

const ID: ProviderId = ProviderId::TwelveData;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Twelve Data",
    gives: &[
        Capability::DailyBars,
        Capability::IntradayBars,
        Capability::Quote,
    ],
    licence: "Free keys are for personal use, 8 requests a minute; no redistribution.",
    terms_url: "https://twelvedata.com/terms",
    needs_key: true,
    limit: Limit {
        count: 8,
        per: Duration::from_mins(1),
    },
    is_simulated: false,
};

/// Values of one answer at most.
const MOST: usize = 5_000;

pub(crate) struct TwelveData {
    base: Url,
}

impl TwelveData {
    pub(crate) const ADDRESS: &str = "https://api.twelvedata.com";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

#[derive(Deserialize)]
struct Trouble {
    status: Option<String>,
    code: Option<u16>,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Body {
    meta: Meta,
    values: Vec<Value>,
}

#[derive(Deserialize)]
struct Meta {
    currency: Option<String>,
    exchange_timezone: Option<String>,
}

#[derive(Deserialize)]
struct Value {
    datetime: String,
    open: String,
    high: String,
    low: String,
    close: String,
    volume: Option<String>,
}

#[derive(Deserialize)]
struct Latest {
    currency: Option<String>,
    close: String,
    previous_close: Option<String>,
    volume: Option<String>,
    /// The beginning of the minute in which the last price was made.
    last_quote_at: Option<i64>,
    /// The beginning of the candle of the day, which is its opening.
    timestamp: Option<i64>,
}

impl Provider for TwelveData {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError> {
        let key = context.require_key(ID)?;
        let series = |symbol: &str, interval: &str, from: String, to: String| {
            listed(Call::below(&self.base, ["time_series"]), symbol)
                .with("interval", interval)
                .with("start_date", &from)
                .with("end_date", &to)
                .with("outputsize", &MOST.to_string())
                .with("order", "asc")
                .with("adjust", "none")
        };
        let call = match request {
            Request::DailyBars { symbol, from, to } => {
                // The end itself is left out.
                let end = to.saturating_add(1.day());
                series(symbol, "1day", from.to_string(), end.to_string())
            }
            Request::IntradayBars {
                symbol,
                interval,
                from,
                to,
            } => {
                let text = |at| {
                    TimeZone::UTC
                        .to_datetime(at)
                        .strftime("%Y-%m-%d %H:%M:%S")
                        .to_string()
                };
                series(symbol, word(*interval), text(*from), text(*to)).with("timezone", "UTC")
            }
            Request::Quote { symbol } => listed(Call::below(&self.base, ["quote"]), symbol),
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
        let trouble: Trouble = reading::json(ID, &answer.body)?;
        if trouble.status.as_deref() == Some("error") {
            return Err(failure(request, answer, context, &trouble));
        }
        if matches!(request, Request::Quote { .. }) {
            return quote(&answer.body).map(Payload::Quote);
        }
        let (from, to, _) = request.span(ID)?;
        let body: Body = reading::json(ID, &answer.body)?;
        let series = BarSeries {
            quotation: quotation(body.meta.currency.as_deref())?,
            time_zone: body.meta.exchange_timezone,
            bars: body.values.iter().map(bar).collect::<Result<_, _>>()?,
            ..BarSeries::default()
        };
        Ok(Payload::Bars(series.between(from, to)))
    }

    /// Of a span that holds more the latest values come, so that what lies before them is left.
    fn rest(&self, request: &Request, payload: &Payload) -> Option<Request> {
        let Payload::Bars(series) = payload else {
            return None;
        };
        let first = series.bars.first()?.at;
        if series.bars.len() < MOST {
            return None;
        }
        match request {
            Request::DailyBars { symbol, from, .. } => {
                let to = TimeZone::UTC.to_datetime(first).date().yesterday().ok()?;
                (*from <= to).then(|| Request::DailyBars {
                    symbol: symbol.clone(),
                    from: *from,
                    to,
                })
            }
            Request::IntradayBars {
                symbol,
                interval,
                from,
                ..
            } => (*from < first).then(|| Request::IntradayBars {
                symbol: symbol.clone(),
                interval: *interval,
                from: *from,
                to: first,
            }),
            _ => None,
        }
    }

    fn parts(&self, request: &Request) -> u32 {
        let (length, seconds) = match request {
            Request::DailyBars { from, to, .. } => (to.duration_since(*from), 86_400),
            Request::IntradayBars {
                from, to, interval, ..
            } => (to.duration_since(*from), interval.seconds()),
            _ => return 1,
        };
        let values = usize::try_from(length.as_secs() / seconds).unwrap_or_default();
        u32::try_from(values / MOST + 1).unwrap_or(u32::MAX)
    }

    fn refusal(&self, request: &Request, answer: &Answer, context: &Context<'_>) -> FetchError {
        match serde_json::from_slice::<Trouble>(&answer.body) {
            Ok(trouble) => failure(request, answer, context, &trouble),
            Err(_) => answer.refusal(ID, request, context.now),
        }
    }
}

fn failure(
    request: &Request,
    answer: &Answer,
    context: &Context<'_>,
    trouble: &Trouble,
) -> FetchError {
    let code = trouble.code.unwrap_or(answer.status.as_u16());
    let said = trouble.message.chars().take(160).collect::<String>();
    let is_unknown = code == 404
        || code == 400 && (said.contains("symbol") || said.contains("No data is available"));
    match code {
        429 => FetchError::Throttled {
            provider: ID,
            // Credits of a minute come back with the next one; those of a day do not.
            retry_after: answer.retry_after(context.now),
        },
        _ if is_unknown => FetchError::NotFound {
            provider: ID,
            symbol: request.subject().to_owned(),
        },
        500.. => FetchError::Failing {
            provider: ID,
            status: code,
            said,
        },
        _ => FetchError::Refused {
            provider: ID,
            status: code,
            said,
        },
    }
}

/// `VOD@XLON` is VOD on the market of that code (ISO 10383), `AAPL@US` in a country; without either, whatever Twelve
/// Data means by the symbol.
fn listed(call: Call, symbol: &str) -> Call {
    match symbol.split_once('@') {
        Some((symbol, market)) if market.len() == 4 => {
            call.with("symbol", symbol).with("mic_code", market)
        }
        Some((symbol, country)) => call.with("symbol", symbol).with("country", country),
        None => call.with("symbol", symbol),
    }
}

fn word(interval: Interval) -> &'static str {
    match interval {
        Interval::Minute => "1min",
        Interval::FiveMinutes => "5min",
        Interval::QuarterHour => "15min",
        Interval::Hour => "1h",
    }
}

fn quotation(code: Option<&str>) -> Result<Option<Quotation>, FetchError> {
    code.filter(|code| !code.is_empty())
        .map(|code| {
            Quotation::parse(code)
                .map_err(|error| reading::garbage(ID, "currency", error.to_string()))
        })
        .transpose()
}

fn bar(stated: &Value) -> Result<Bar, FetchError> {
    let place = stated.datetime.as_str();
    let value = |text: &str| reading::number(ID, place, text);
    let at = if place.len() == 10 {
        reading::midnight(ID, reading::date(ID, "datetime", place)?)?
    } else {
        let at: DateTime = place
            .parse()
            .map_err(|_| reading::garbage(ID, "datetime", format!("“{place}” is no time")))?;
        TimeZone::UTC
            .to_timestamp(at)
            .map_err(|error| reading::garbage(ID, "datetime", error.to_string()))?
    };
    let volume = stated.volume.as_deref().filter(|text| !text.is_empty());
    Ok(Bar {
        at,
        open: value(&stated.open)?,
        high: value(&stated.high)?,
        low: value(&stated.low)?,
        close: value(&stated.close)?,
        adjusted_close: None,
        volume: volume.map(value).transpose()?,
    })
}

fn quote(body: &[u8]) -> Result<Quote, FetchError> {
    let latest: Latest = reading::json(ID, body)?;
    let value = |text: &String| reading::number(ID, "quote", text);
    Ok(Quote {
        price: value(&latest.close)?,
        quotation: quotation(latest.currency.as_deref())?,
        previous_close: latest.previous_close.as_ref().map(value).transpose()?,
        volume: latest.volume.as_ref().map(value).transpose()?,
        bid: None,
        ask: None,
        at: latest
            .last_quote_at
            .or(latest.timestamp)
            .map(|at| reading::instant(ID, at))
            .transpose()?,
    })
}
