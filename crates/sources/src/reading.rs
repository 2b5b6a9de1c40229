//! What the readers of several formats share.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{FetchError, ProviderId};

/// Reads a JSON body. One that ends in the midst is told from one that is something else.
pub(crate) fn json<T: DeserializeOwned>(
    provider: ProviderId,
    body: &[u8],
) -> Result<T, FetchError> {
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        // An empty body ends nothing: it is no answer in this format.
        if error.is_eof() && !body.is_empty() {
            FetchError::Truncated { provider, place }
        } else {
            FetchError::Garbage {
                provider,
                place,
                why: error.to_string(),
            }
        }
    })
}

pub(crate) fn garbage(
    provider: ProviderId,
    place: impl Into<String>,
    why: impl Into<String>,
) -> FetchError {
    FetchError::Garbage {
        provider,
        place: place.into(),
        why: why.into(),
    }
}

/// Midnight UTC of a trading day.
pub(crate) fn midnight(provider: ProviderId, day: Date) -> Result<Timestamp, FetchError> {
    day.to_datetime(Time::midnight())
        .to_zoned(TimeZone::UTC)
        .map(|at| at.timestamp())
        .map_err(|error| garbage(provider, day.to_string(), error.to_string()))
}

/// The span of days, as instants; the end is excluded.
pub(crate) fn days(
    provider: ProviderId,
    from: Date,
    to: Date,
) -> Result<(Timestamp, Timestamp), FetchError> {
    Ok((
        midnight(provider, from)?,
        midnight(provider, to.saturating_add(jiff::ToSpan::day(1)))?,
    ))
}

pub(crate) fn instant(provider: ProviderId, seconds: i64) -> Result<Timestamp, FetchError> {
    Timestamp::from_second(seconds)
        .map_err(|_| garbage(provider, seconds.to_string(), "no time in Unix seconds"))
}

pub(crate) fn number(provider: ProviderId, place: &str, text: &str) -> Result<f64, FetchError> {
    text.trim()
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .ok_or_else(|| garbage(provider, place, format!("“{text}” is no number")))
}

pub(crate) fn date(provider: ProviderId, place: &str, text: &str) -> Result<Date, FetchError> {
    text.trim()
        .parse()
        .map_err(|_| garbage(provider, place, format!("“{text}” is no date")))
}

/// A number that some write as a text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Loose {
    Number(f64),
    Text(String),
}

impl Loose {
    pub(crate) fn value(&self, provider: ProviderId, place: &str) -> Result<f64, FetchError> {
        match self {
            Self::Number(value) => Ok(*value),
            Self::Text(text) => number(provider, place, text),
        }
    }
}
