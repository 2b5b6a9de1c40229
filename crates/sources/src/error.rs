use jiff::{SignedDuration, Timestamp};
use outbound::OutboundError;

use crate::{Capability, ProviderId, Sign, UnknownProvider, redaction};

/// Why a provider gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The provider wants less.
    #[error("{provider} wants fewer requests{}", wait(.retry_after.as_ref()))]
    Throttled {
        /// Who.
        provider: ProviderId,
        /// How long to wait, where that is known.
        retry_after: Option<SignedDuration>,
    },
    /// The limit that is kept for the provider leaves no request at present; nothing was asked.
    #[error("the limit that is kept for {provider} is reached{}", wait(.retry_after.as_ref()))]
    Limited {
        /// Who.
        provider: ProviderId,
        /// How long to wait, where that is known.
        retry_after: Option<SignedDuration>,
    },
    /// The provider does not serve us.
    #[error(
        "{provider} refuses the request ({status}): {said}; check the key and the terms of use"
    )]
    Refused {
        /// Who.
        provider: ProviderId,
        /// Status of the answer.
        status: u16,
        /// Its words.
        said: String,
    },
    /// The provider knows nothing of this name.
    #[error("{provider} does not know {symbol}; check how {provider} spells it")]
    NotFound {
        /// Who.
        provider: ProviderId,
        /// The name.
        symbol: String,
    },
    /// The answer ends too early.
    #[error("the answer of {provider} ends too early, at {place}")]
    Truncated {
        /// Who.
        provider: ProviderId,
        /// Where it ends.
        place: String,
    },
    /// The answer is not what the provider documents.
    #[error("the answer of {provider} cannot be read at {place}: {why}")]
    Garbage {
        /// Who.
        provider: ProviderId,
        /// Where.
        place: String,
        /// What is wrong there.
        why: String,
    },
    /// The provider says that it fails itself.
    #[error("{provider} fails ({status}): {said}")]
    Failing {
        /// Who.
        provider: ProviderId,
        /// Status of the answer.
        status: u16,
        /// Its words.
        said: String,
    },
    /// No connection, or no HTTP on it. Of the client's error its words alone: they are freed of the key,
    /// which an error of another crate could not be.
    #[error("{provider} cannot be reached: {why}")]
    Unreachable {
        /// Who.
        provider: ProviderId,
        /// What the client says.
        why: String,
    },
    /// No answer in time.
    #[error("{provider} did not answer within {seconds} seconds")]
    Timeout {
        /// Who.
        provider: ProviderId,
        /// How long was waited.
        seconds: u64,
    },
    /// More than is read.
    #[error("the answer of {provider} is larger than {limit} bytes")]
    TooLarge {
        /// Who.
        provider: ProviderId,
        /// How much is read.
        limit: usize,
    },
    /// The address of the provider is not connected to.
    #[error("the address of {provider} is not connected to: {why}")]
    Forbidden {
        /// Who.
        provider: ProviderId,
        /// What the guard says.
        why: String,
    },
    /// Too many failures in a row; it is left alone for a while.
    #[error("{provider} failed too often and is left alone until {until}")]
    Open {
        /// Who.
        provider: ProviderId,
        /// When it is tried again.
        until: Timestamp,
    },
    /// The provider does not give this.
    #[error("{provider} gives no {wanted}")]
    Unsupported {
        /// Who.
        provider: ProviderId,
        /// What was wanted.
        wanted: Capability,
    },
    /// The provider wants a key, and there is none.
    #[error("{provider} wants a key; enter it on the page of data sources")]
    KeyMissing {
        /// Who.
        provider: ProviderId,
    },
    /// Something has to be configured first.
    #[error("{provider} is not set up: {what}")]
    NotConfigured {
        /// Who.
        provider: ProviderId,
        /// What is missing and where it is set.
        what: &'static str,
    },
    /// A file that cannot be read.
    #[error("{path} cannot be read: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
}

fn wait(retry_after: Option<&SignedDuration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        format!("; it may be asked again in {} seconds", wait.as_secs())
    })
}

impl FetchError {
    /// A stable word for the log of fetches and for counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::Limited { .. } => "limited",
            Self::Refused { .. } => "refused",
            Self::NotFound { .. } => "not_found",
            Self::Truncated { .. } => "truncated",
            Self::Garbage { .. } => "garbage",
            Self::Failing { .. } => "failing",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::TooLarge { .. } => "too_large",
            Self::Forbidden { .. } => "forbidden",
            Self::Open { .. } => "breaker_open",
            Self::Unsupported { .. } => "unsupported",
            Self::KeyMissing { .. } => "key_missing",
            Self::NotConfigured { .. } => "not_configured",
            Self::File { .. } => "file",
        }
    }

    /// Whether the same request may well succeed a moment later.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Truncated { .. }
                | Self::Failing { .. }
                | Self::Unreachable { .. }
                | Self::Timeout { .. }
        )
    }

    /// What it tells about the state of the provider; nothing, where what was asked for is refused and not whoever
    /// asks. Whoever says that a symbol is unknown is well.
    pub(crate) fn sign(&self, at: Timestamp) -> Option<Sign> {
        let wait = match self {
            Self::Throttled { retry_after, .. } => *retry_after,
            Self::Refused { .. } if !self.refuses_whoever_asks() => return None,
            _ => None,
        };
        Some(if self.is_fault() {
            Sign::Fault {
                at,
                // A short wait is kept by the pause before the next try.
                wait: wait.filter(|wait| *wait > SignedDuration::from_secs(30)),
            }
        } else {
            Sign::Well
        })
    }

    /// Whether it tells something about the state of the provider, and not about the request.
    fn is_fault(&self) -> bool {
        self.is_passing()
            || self.refuses_whoever_asks()
            || matches!(self, Self::Garbage { .. } | Self::TooLarge { .. })
    }

    /// Whether the key is refused, or what stands in its place, so that everything else is as well. A refusal beside
    /// that is of one subject or one kind of data: Yahoo's chains, a listing that a plan does not have.
    fn refuses_whoever_asks(&self) -> bool {
        let Self::Refused {
            provider,
            status,
            said,
        } = self
        else {
            return false;
        };
        let wants_key = provider.describe().needs_key;
        let said = said.to_lowercase();
        let names_key = ["apikey", "api key", "api_key"]
            .iter()
            .any(|word| said.contains(word));
        // EDGAR has an address of contact in place of a key.
        *provider == ProviderId::SecEdgar || wants_key && (*status == 401 || names_key)
    }

    /// Whether nothing was asked at all.
    pub fn is_skip(&self) -> bool {
        matches!(
            self,
            Self::Open { .. }
                | Self::Limited { .. }
                | Self::Unsupported { .. }
                | Self::KeyMissing { .. }
                | Self::NotConfigured { .. }
        )
    }

    pub(crate) fn of_outbound(provider: ProviderId, error: OutboundError) -> Self {
        match error {
            OutboundError::Refused(refusal) => Self::Forbidden {
                provider,
                why: refusal.to_string(),
            },
            OutboundError::TooLarge { limit, .. } => Self::TooLarge { provider, limit },
            OutboundError::TooSlow { seconds, .. } => Self::Timeout { provider, seconds },
            OutboundError::Unreachable { source, .. } if source.is_body() || source.is_decode() => {
                Self::Truncated {
                    provider,
                    place: "the end of the connection".to_owned(),
                }
            }
            other => Self::Unreachable {
                provider,
                why: other.to_string(),
            },
        }
    }

    /// Without the key, in whatever words of a provider or of its answer it came back.
    pub(crate) fn without(mut self, key: Option<&str>) -> Self {
        let Some(key) = key else {
            return self;
        };
        let words: [Option<&mut String>; 2] = match &mut self {
            Self::Refused { said, .. } | Self::Failing { said, .. } => [Some(said), None],
            Self::Truncated { place, .. } => [Some(place), None],
            Self::Garbage { place, why, .. } => [Some(place), Some(why)],
            Self::Unreachable { why, .. } | Self::Forbidden { why, .. } => [Some(why), None],
            // These say what was asked for, or numbers.
            Self::Throttled { .. }
            | Self::Limited { .. }
            | Self::NotFound { .. }
            | Self::Timeout { .. }
            | Self::TooLarge { .. }
            | Self::Open { .. }
            | Self::Unsupported { .. }
            | Self::KeyMissing { .. }
            | Self::NotConfigured { .. }
            | Self::File { .. } => [None, None],
        };
        for text in words.into_iter().flatten() {
            *text = redaction::without(text, key);
        }
        self
    }
}

/// Why the sources cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The client cannot be made.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// No provider has this name.
    #[error(transparent)]
    Unknown(#[from] UnknownProvider),
    /// Not an address.
    #[error("{text} is no address of {provider}: {source}")]
    Address {
        /// Whose.
        provider: ProviderId,
        /// As given.
        text: String,
        /// What is wrong.
        source: url::ParseError,
    },
}
