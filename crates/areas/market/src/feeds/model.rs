use std::{collections::BTreeSet, time::Duration};

use calendar::Calendar;
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use money::QuoteUnit;
use serde::Serialize;
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

/// Whether a provider is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourceAvailability)]
pub enum Availability {
    /// It is switched off.
    Off,
    /// It is asked.
    On,
    /// It has failed too often, and is not asked for a while.
    LeftAlone,
    /// That while is over: one request may try.
    OnTrial,
}

impl Availability {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::On => "On",
            Self::LeftAlone => "Left alone",
            Self::OnTrial => "On trial",
        }
    }
}

impl ProviderState {
    /// Whether it is asked at a moment, as far as the operator and its breaker have a say.
    pub fn availability(&self, now: Timestamp) -> Availability {
        match (self.is_enabled, self.breaker.state(now)) {
            (false, _) => Availability::Off,
            (true, BreakerState::Closed) => Availability::On,
            (true, BreakerState::Open) => Availability::LeftAlone,
            (true, BreakerState::HalfOpen) => Availability::OnTrial,
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    const ALL: [Self; 4] = [
        Self::Fetched,
        Self::NotModified,
        Self::Failed,
        Self::Skipped,
    ];

    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::NotModified => "not_modified",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Reads [`FetchOutcome::as_str`].
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
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
    /// Why nothing came the last time.
    pub reason: Option<String>,
    /// Whether another instrument bears its ticker; told of one instrument alone.
    pub has_namesake: bool,
    /// Whether nobody holds or watches it at the moment that is asked about: it stands in lists at most.
    pub is_only_shown: bool,
}

/// The calendar of coins.
const ALWAYS: &str = "24/7";
/// That of what trades nobody knows where.
const WEEKDAYS: &str = exchanges::WEEKDAYS;

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

/// Calendars, each with the day whose bar should be there, as arguments of a query.
pub(crate) struct ExpectedDays {
    pub(crate) calendars: Vec<String>,
    pub(crate) days: Vec<jiff_sqlx::Date>,
}

impl ExpectedDays {
    /// Of these calendars, that of coins and that of what trades nobody knows where.
    pub(super) fn of(names: Vec<String>, now: Timestamp) -> Self {
        let always = [ALWAYS, WEEKDAYS].map(str::to_owned);
        let calendars: BTreeSet<String> = names.into_iter().chain(always).collect();
        let day = |name: &String| {
            let calendar = trading(AssetClass::Equity, Some(name));
            expected_day(calendar.as_ref(), now).into()
        };
        Self {
            days: calendars.iter().map(day).collect(),
            calendars: calendars.into_iter().collect(),
        }
    }
}

/// The calendar of this name. Crypto currencies never rest; what trades nobody knows where keeps weekends
/// and no holidays: as `market.trading_calendar` says in queries.
fn trading(class: AssetClass, name: Option<&str>) -> Option<Calendar> {
    if class == AssetClass::Crypto {
        return Calendar::get(ALWAYS);
    }
    exchanges::trading(name)
}

/// The day of the last session that had ended two hours ago; without a calendar the day before.
fn expected_day(calendar: Option<&Calendar>, now: Timestamp) -> Date {
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

/// Whom to ask first for a class of assets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// For which.
    pub asset_class: AssetClass,
    /// Whom, the first first; who is not named is not asked.
    pub providers: Vec<ProviderId>,
    /// Whether nobody has said otherwise.
    pub is_usual: bool,
}

impl Order {
    pub(super) fn of(asset_class: AssetClass, stated: Option<Vec<ProviderId>>) -> Self {
        Self {
            asset_class,
            is_usual: stated.is_none(),
            providers: stated.unwrap_or_else(|| usual_order(asset_class)),
        }
    }
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

/// Reads an order: names of providers, each once, and nothing for a blank one.
pub(super) fn read_order<'n>(
    names: impl IntoIterator<Item = &'n str>,
) -> Result<Vec<ProviderId>, sources::UnknownProvider> {
    let mut order = Vec::new();
    let names = names.into_iter().map(str::trim);
    for name in names.filter(|name| !name.is_empty()) {
        let id = name.to_lowercase().parse()?;
        if !order.contains(&id) {
            order.push(id);
        }
    }
    Ok(order)
}

/// The class of assets of this word, of those that sources are asked for.
pub(super) fn fetched_class(word: &str) -> Option<AssetClass> {
    AssetClass::parse(word).filter(|class| class.is_fetched())
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
                reason: None,
                has_namesake: false,
                is_only_shown: false,
            }
        }
    }

    #[test]
    fn each_calendar_expects_a_day_of_its_own() {
        let names = ["XNYS", "XTKS", "XNYS", "NOWHERE"].map(str::to_owned);
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let ExpectedDays { calendars, days } = ExpectedDays::of(names.to_vec(), now);
        let days: Vec<_> = std::iter::zip(calendars, days)
            .map(|(name, day)| format!("{name} {}", day.to_jiff()))
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
    fn every_outcome_reads_back_and_no_other_word_is_one() {
        for outcome in FetchOutcome::ALL {
            assert_eq!(FetchOutcome::parse(outcome.as_str()), Some(outcome));
        }
        assert_eq!(FetchOutcome::parse("gone"), None);
    }

    #[test]
    fn an_order_names_sources_each_once() {
        let order = read_order([" stooq", "Yahoo", "stooq ", ""]).unwrap();
        assert_eq!(order, [ProviderId::Stooq, ProviderId::Yahoo]);
        assert_eq!(read_order(["bloomberg"]).unwrap_err().name, "bloomberg");
    }
}
