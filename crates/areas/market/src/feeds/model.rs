use std::{collections::BTreeSet, time::Duration};

use calendar::Calendar;
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use money::QuoteUnit;
use serde::{Deserialize, Serialize};
use sources::{Breaker, BreakerState, Limit, ProviderId};
use utoipa::ToSchema;

use crate::{AssetClass, InstrumentId, exchanges};

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
    /// Exchange code as a source stated it, or empty.
    pub exchange: String,
    /// The market that it means (ISO 10383), where that is known.
    pub mic: Option<String>,
    /// What kind of thing it is.
    pub asset_class: AssetClass,
    /// Code of its currency.
    pub currency: Option<String>,
    /// Whether its prices are in the currency or its hundredth.
    pub quote_unit: QuoteUnit,
    /// Names the calendar of its exchange, where both are known.
    pub calendar: Option<String>,
    /// Whether it belongs to the simulated sample.
    pub is_simulated: bool,
    /// Day of its last bar that somebody stated; what was computed from shorter bars is no close yet.
    pub last_day: Option<Date>,
    /// Who stated it.
    pub source: Option<String>,
    /// When its daily bars were last tried.
    pub tried_at: Option<Timestamp>,
    /// How often in a row the bar of the last session did not come.
    pub misses: u32,
    /// Why nothing came the last time.
    pub reason: Option<String>,
    /// Whether another instrument bears its ticker; told of one instrument alone.
    pub has_namesake: bool,
}

/// The calendar of coins.
pub(super) const ALWAYS: &str = "24/7";
/// That of what trades nobody knows where.
pub(super) const WEEKDAYS: &str = exchanges::WEEKDAYS;

/// Nothing is tried again sooner.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// So many tries in vain follow each other at that pace; then the pause doubles each time.
const PATIENT_FOR: u32 = 3;
/// It is never longer.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The bar of a session is expected this long after its close: closing auctions end and sources catch up.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(2);

impl Freshness {
    /// When it trades.
    pub fn trading(&self) -> Option<Calendar> {
        trading(self.asset_class, self.calendar.as_deref())
    }

    /// The last day whose bar should be there.
    pub fn expected_day(&self, now: Timestamp) -> Date {
        expected_day(self.trading().as_ref(), now)
    }

    /// Whether a session is over whose bar nobody has stated.
    pub fn is_behind(&self, now: Timestamp) -> bool {
        self.last_day.is_none_or(|day| day < self.expected_day(now))
    }
}

/// How long what did not come so often in a row is left alone.
pub(super) fn pause(misses: u32) -> SignedDuration {
    let doublings = misses.saturating_sub(PATIENT_FOR).min(8);
    (AGAIN_AFTER * (1_i32 << doublings)).min(LONGEST_PAUSE)
}

/// Of each calendar the day whose bar should be there, that of coins and that of what trades nobody knows where
/// included.
pub(super) fn expected_days(names: Vec<String>, now: Timestamp) -> Vec<(String, Date)> {
    let always = [ALWAYS, WEEKDAYS].map(str::to_owned);
    let names: BTreeSet<String> = names.into_iter().chain(always).collect();
    let day = |name: &str| expected_day(trading(AssetClass::Equity, Some(name)).as_ref(), now);
    names
        .into_iter()
        .map(|name| {
            let day = day(&name);
            (name, day)
        })
        .collect()
}

/// The calendar of this name. Crypto currencies never rest; what trades nobody knows where keeps weekends
/// and no holidays.
fn trading(class: AssetClass, name: Option<&str>) -> Option<Calendar> {
    if class == AssetClass::Crypto {
        return Calendar::get(ALWAYS);
    }
    exchanges::trading(name)
}

/// The day of the last session that had ended two hours ago; without a calendar the day before.
pub(crate) fn expected_day(calendar: Option<&Calendar>, now: Timestamp) -> Date {
    let settled = now.saturating_sub(SETTLED_AFTER).unwrap_or(now);
    let session = calendar.and_then(|calendar| calendar.last_closed(settled));
    session.map_or_else(
        || {
            let today = TimeZone::UTC.to_datetime(now).date();
            today.saturating_sub(1.day())
        },
        |session| session.date,
    )
}

/// Whom to ask first where the operator has not said.
pub(super) fn usual_order(class: AssetClass) -> Vec<ProviderId> {
    use ProviderId::{
        AlphaVantage, Cboe, Coinbase, Folder, Fred, Kraken, SecEdgar, Simulator, Stooq, TwelveData,
        Yahoo,
    };
    match class {
        AssetClass::Crypto => vec![Folder, Kraken, Coinbase, TwelveData, Yahoo, Simulator],
        // Yahoo refuses chains to most, so Cboe is asked first.
        _ => vec![
            Folder,
            Cboe,
            SecEdgar,
            Fred,
            Yahoo,
            Stooq,
            TwelveData,
            AlphaVantage,
            Simulator,
        ],
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
    fn the_bar_of_a_session_is_expected_two_hours_after_its_close() {
        let expected = |class, name, now: &str| {
            let calendar = trading(class, name);
            expected_day(calendar.as_ref(), now.parse().unwrap()).to_string()
        };
        let equity = |name, now| expected(AssetClass::Equity, Some(name), now);
        // New York closes at 21:00 in winter.
        assert_eq!(equity("XNYS", "2026-11-23T22:59:59Z"), "2026-11-20");
        assert_eq!(equity("XNYS", "2026-11-23T23:00:00Z"), "2026-11-23");
        assert_eq!(equity("XNYS", "2026-11-22T12:00:00Z"), "2026-11-20");
        // Thanksgiving is a Thursday like any other in Frankfurt.
        assert_eq!(equity("XNYS", "2026-11-27T12:00:00Z"), "2026-11-25");
        assert_eq!(equity("XETR", "2026-11-27T12:00:00Z"), "2026-11-26");
        // Half a day ends at 18:00.
        assert_eq!(equity("XNYS", "2026-11-27T20:00:00Z"), "2026-11-27");
        // A day of Tokyo is over before it begins in New York.
        assert_eq!(equity("XTKS", "2026-11-24T09:00:00Z"), "2026-11-24");
        let unknown = expected(AssetClass::Fund, None, "2026-11-27T12:00:00Z");
        assert_eq!(unknown, "2026-11-26");
        let crypto = expected(AssetClass::Crypto, Some("XNYS"), "2026-11-22T12:00:00Z");
        assert_eq!(crypto, "2026-11-21");
    }

    impl Freshness {
        /// A share of which nothing is known.
        pub(in crate::feeds) fn example() -> Self {
            Self {
                id: InstrumentId(uuid::Uuid::nil()),
                symbol: "ACME".to_owned(),
                exchange: String::new(),
                mic: None,
                asset_class: AssetClass::Equity,
                currency: None,
                quote_unit: QuoteUnit::Major,
                calendar: None,
                is_simulated: false,
                last_day: None,
                source: None,
                tried_at: None,
                misses: 0,
                reason: None,
                has_namesake: false,
            }
        }
    }

    #[test]
    fn what_does_not_come_is_asked_for_less_and_less_often() {
        let hours = [0, 1, 3, 4, 5, 9, 10, 11, 12, 1_000].map(|misses| pause(misses).as_hours());
        assert_eq!(hours, [1, 1, 1, 2, 4, 64, 128, 168, 168, 168]);
    }

    #[test]
    fn each_calendar_expects_a_day_of_its_own() {
        let names = ["XNYS", "XTKS", "XNYS", "NOWHERE"].map(str::to_owned);
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let days: Vec<_> = expected_days(names.to_vec(), now)
            .into_iter()
            .map(|(name, day)| format!("{name} {day}"))
            .collect();
        // A Monday, a holiday of Tokyo.
        assert_eq!(
            days,
            [
                "24/5 2026-11-20",
                "24/7 2026-11-22",
                "NOWHERE 2026-11-20",
                "XNYS 2026-11-20",
                "XTKS 2026-11-20"
            ]
        );
    }

    #[test]
    fn an_order_names_sources_each_once() {
        let order = read_order(" stooq, Yahoo,stooq ,").unwrap();
        assert_eq!(order, [ProviderId::Stooq, ProviderId::Yahoo]);
        assert_eq!(read_order("bloomberg").unwrap_err().name, "bloomberg");
    }
}
