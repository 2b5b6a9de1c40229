use std::time::Duration;

use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use sources::{Breaker, BreakerState, Limit, ProviderId};
use utoipa::ToSchema;

use crate::{AssetClass, InstrumentId};

/// How the operator has set a provider, and how it has behaved.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderState {
    /// Which.
    pub id: ProviderId,
    /// Whether it is asked at all.
    pub is_enabled: bool,
    /// The operator's limit, in place of the usual one.
    pub limit: Option<Limit>,
    /// Its circuit breaker.
    pub breaker: Breaker,
    /// Whether there is a key.
    pub has_key: bool,
    /// When it last gave something.
    pub last_success_at: Option<Timestamp>,
    /// When it last failed.
    pub last_failure_at: Option<Timestamp>,
    /// Why.
    pub last_failure: Option<String>,
    /// How often it gave something.
    pub fetched: i64,
    /// How often there was nothing new.
    pub not_modified: i64,
    /// How often it failed.
    pub failed: i64,
    /// How often it was not asked.
    pub skipped: i64,
}

impl ProviderState {
    /// What its breaker does at a moment, for people.
    pub fn state_word(&self, now: Timestamp) -> &'static str {
        match (self.is_enabled, self.breaker.state(now)) {
            (false, _) => "Off",
            (true, BreakerState::Closed) => "On",
            (true, BreakerState::Open) => "Left alone",
            (true, BreakerState::HalfOpen) => "On trial",
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FetchOutcome {
    /// Something came.
    Fetched,
    /// There was nothing new.
    NotModified,
    /// It failed.
    Failed,
    /// Nothing was asked.
    Skipped,
}

impl FetchOutcome {
    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::NotModified => "not_modified",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// An attempt, with its reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// Whom.
    pub provider: ProviderId,
    /// For what, where it was one thing.
    pub instrument_id: Option<InstrumentId>,
    /// What was wanted.
    pub request: serde_json::Value,
    /// What became of it.
    pub outcome: FetchOutcome,
    /// A stable word for the reason.
    pub code: String,
    /// The reason, for people.
    pub reason: String,
    /// How often was asked.
    pub tries: u32,
    /// Values that came.
    pub received: usize,
    /// Values that were new.
    pub stored: u64,
    /// Values that were doubted.
    pub quarantined: usize,
}

/// An instrument and how far its bars reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Freshness {
    /// Which.
    pub id: InstrumentId,
    /// Ticker.
    pub symbol: String,
    /// Exchange code, or empty.
    pub exchange: String,
    /// What kind of thing it is.
    pub asset_class: AssetClass,
    /// Code of its currency.
    pub currency: Option<String>,
    /// Whether it belongs to the simulated sample.
    pub is_simulated: bool,
    /// Day of its last bar.
    pub last_day: Option<Date>,
    /// Who stated it.
    pub source: Option<String>,
    /// When something was last tried for it.
    pub tried_at: Option<Timestamp>,
}

/// Nothing is tried again sooner.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

impl Freshness {
    /// Whether it is time to ask: a trading day is over whose bar is not there.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let rested = self
            .tried_at
            .is_none_or(|tried| now.duration_since(tried) >= AGAIN_AFTER);
        rested
            && self
                .last_day
                .is_none_or(|day| day < expected_day(self.asset_class, now))
    }
}

/// The last day whose bar should be there: markets have closed everywhere six hours into the next day, UTC.
/// Shares and funds rest on weekends; crypto currencies never do.
pub fn expected_day(class: AssetClass, now: Timestamp) -> Date {
    let settled = now
        .saturating_sub(SignedDuration::from_hours(6))
        .unwrap_or(now);
    let mut day = TimeZone::UTC
        .to_datetime(settled)
        .date()
        .saturating_sub(1.day());
    while rests(class) && matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.saturating_sub(1.day());
    }
    day
}

/// Whether its market rests on weekends.
pub(super) fn rests(class: AssetClass) -> bool {
    class != AssetClass::Crypto
}

/// Whom to ask first where the operator has not said.
pub(super) fn usual_order(class: AssetClass) -> Vec<ProviderId> {
    use ProviderId::{AlphaVantage, Coinbase, Folder, Kraken, Simulator, Stooq, TwelveData, Yahoo};
    match class {
        AssetClass::Crypto => vec![Folder, Kraken, Coinbase, TwelveData, Yahoo, Simulator],
        _ => vec![Folder, Yahoo, Stooq, TwelveData, AlphaVantage, Simulator],
    }
}

/// Reads an order: names with commas between them, each once.
pub(super) fn read_order(text: &str) -> Result<Vec<ProviderId>, sources::UnknownProvider> {
    let mut order = Vec::new();
    for name in text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let id = name.to_lowercase().parse()?;
        if !order.contains(&id) {
            order.push(id);
        }
    }
    Ok(order)
}

/// The provider of this name, which stands in an address.
pub(super) fn named(name: &str) -> Result<ProviderId, web::Problem> {
    name.parse()
        .map_err(|_| web::Problem::not_found("data source"))
}

/// A limit as the operator states it.
pub(super) fn limit(count: Option<i32>, seconds: Option<i32>) -> Option<Limit> {
    Some(Limit {
        count: u32::try_from(count?).ok()?,
        per: Duration::from_secs(u64::try_from(seconds?).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_of_friday_is_what_is_expected_over_the_weekend() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let friday = jiff::civil::date(2026, 11, 20);
        for moment in [
            "2026-11-21T06:00:00Z",
            "2026-11-22T12:00:00Z",
            "2026-11-24T05:59:00Z",
        ] {
            assert_eq!(
                expected_day(AssetClass::Equity, at(moment)),
                friday,
                "{moment}"
            );
        }
        let monday = jiff::civil::date(2026, 11, 23);
        assert_eq!(
            expected_day(AssetClass::Equity, at("2026-11-24T06:00:00Z")),
            monday
        );
        let saturday = jiff::civil::date(2026, 11, 21);
        assert_eq!(
            expected_day(AssetClass::Crypto, at("2026-11-22T12:00:00Z")),
            saturday
        );
    }

    #[test]
    fn an_order_names_sources_each_once() {
        let order = read_order(" stooq, Yahoo,stooq ,").unwrap();
        assert_eq!(order, [ProviderId::Stooq, ProviderId::Yahoo]);
        assert_eq!(read_order("bloomberg").unwrap_err().name, "bloomberg");
    }
}
