//! Providers of market data: what each is asked, how its answers are read, and the one way on which
//! all of them are asked.
//!
//! A [`Provider`] is pure: it turns a [`Request`] into a [`Call`] and an [`Answer`] into a
//! [`Payload`]. Everything that has to do with time and failure stands once, in [`Sources::fetch`]:
//! the rate limit, tries with growing pauses, the circuit [`Breaker`], conditional requests, answers in
//! parts, and the limits of time and size. Nothing here stores anything: the breaker that counts and the
//! quotas are where all nodes see them, and whoever asks brings them along.
//!
//! Names of providers' servers are settings, so that a test can put a server of its own in their
//! place. Requests go through `outbound`, which judges every address before it connects.
#![warn(missing_docs)]

mod alpha_vantage;
mod asked;
mod backoff;
mod breaker;
mod cboe;
mod coinbase;
mod ecb;
mod error;
mod files;
mod folder;
mod fred;
mod gate;
mod kraken;
mod occ;
mod payload;
mod provider;
mod reading;
mod redaction;
mod request;
mod sec_edgar;
mod simulator;
mod sources;
mod stooq;
mod twelve_data;
mod yahoo;

pub use asked::{Ask, Asked, Fetched, Gap, Outcome, Validators};
pub use backoff::Retry;
pub use breaker::{Breaker, BreakerState, Sign};
pub use error::{FetchError, SetupError};
pub use payload::{
    Bar, BarSeries, Chain, CompanyId, Contract, ExchangeRate, Fact, Observation, Payload, Quote,
    Right, Split,
};
pub use provider::{
    Answer, Call, Capability, Context, Description, Limit, Provider, ProviderId, UnknownProvider,
    Way,
};
pub use request::{Interval, Request};
pub use sources::{Options, Sources};
