//! What a fetch depends on besides the request, and what it comes to.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};

use crate::{Breaker, BreakerState, FetchError, Limit, Payload, Sign};

/// What a fetch may depend on besides the request.
#[derive(Clone)]
pub struct Ask<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The operator's key with the provider.
    pub key: Option<&'a str>,
    /// What is known of the last answer. It is used for the very same request alone.
    pub known: Option<&'a Validators>,
    /// The operator's limit, in place of the usual one.
    pub limit: Option<Limit>,
    /// The breaker as it let this request pass.
    pub breaker: Breaker,
    /// How many requests may be sent, where they are counted for a limit that outlives the process
    /// ([`Limit::is_quota`]).
    pub budget: Option<u32>,
}

/// By what a server recognises what we have already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// What was asked for, span and address included and the key left out. They say nothing about another
    /// request: of what it wants something may have been cut away.
    pub request: String,
}

/// What asking came to.
#[derive(Debug)]
pub struct Asked {
    /// What came, or why nothing did.
    pub result: Result<Outcome, FetchError>,
    /// Requests that were sent.
    pub sent: u32,
    /// What they told about the state of the provider, in their order.
    pub signs: Vec<Sign>,
}

/// How a fetch ends well.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of a fetch, and it is taken apart at once"
)]
pub enum Outcome {
    /// With something.
    Fetched(Fetched),
    /// What we have is what there is.
    NotModified,
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// The data.
    pub payload: Payload,
    /// For the next time; none where several requests made one answer.
    pub validators: Validators,
    /// When it was asked for.
    pub fetched_at: Timestamp,
    /// What is missing of the span, where something is.
    pub gap: Option<Gap>,
}

/// A part of a span that did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The provider gives nothing from before.
    Before(Timestamp),
    /// From here on the provider failed, and may be asked again.
    From {
        /// The first moment that is missing.
        at: Timestamp,
        /// Why.
        why: String,
    },
}

impl fmt::Debug for Ask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is nobody's business.
        f.debug_struct("Ask")
            .field("now", &self.now)
            .field("known", &self.known)
            .field("limit", &self.limit)
            .field("breaker", &self.breaker)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(at) => write!(f, "it gives nothing from before {at}"),
            Self::From { at, why } => write!(f, "nothing came from {at} on: {why}"),
        }
    }
}

impl Validators {
    pub(crate) fn of(headers: &HeaderMap, request: String) -> Self {
        let text = |name| {
            let value: &HeaderValue = headers.get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        Self {
            etag: text(header::ETAG),
            last_modified: text(header::LAST_MODIFIED),
            request,
        }
    }

    /// As conditions of a request.
    pub(crate) fn put_into(&self, headers: &mut HeaderMap) {
        let conditions = [
            (header::IF_NONE_MATCH, self.etag.as_deref()),
            (header::IF_MODIFIED_SINCE, self.last_modified.as_deref()),
        ];
        for (name, value) in conditions {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
    }
}

/// The course of one fetch.
pub(crate) struct Course<'a> {
    pub(crate) ask: &'a Ask<'a>,
    begun: std::time::Instant,
    breaker: Breaker,
    pub(crate) sent: u32,
    pub(crate) signs: Vec<Sign>,
}

impl<'a> Course<'a> {
    pub(crate) fn new(ask: &'a Ask<'a>) -> Self {
        Self {
            ask,
            begun: std::time::Instant::now(),
            breaker: ask.breaker,
            sent: 0,
            signs: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        later(self.ask.now, self.begun.elapsed())
    }

    /// When the breaker lets requests pass again that is open at this moment.
    pub(crate) fn open_until(&self) -> Option<Timestamp> {
        let is_open = self.breaker.state(self.now()) == BreakerState::Open;
        self.breaker.open_until.filter(|_| is_open)
    }

    pub(crate) fn has_budget(&self) -> bool {
        self.ask.budget.is_none_or(|budget| self.sent < budget)
    }

    pub(crate) fn note(&mut self, sign: Sign) {
        self.breaker.learn(&self.ask.breaker, &[sign]);
        self.signs.push(sign);
    }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| now.checked_add(by).ok())
        .unwrap_or(now)
}
