use std::{fmt, str::FromStr};

use calendar::Session;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sources::Capability;

use super::Freshness;
use crate::{AssetClass, bars::Interval, cache::DataType};

/// What is fetched about an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// Bars of an interval.
    Bars(Interval),
    /// The last price.
    Quote,
    /// The contracts on it.
    OptionChain,
    /// What it has reported.
    Fundamentals,
    /// What it stood at, from a series.
    IndexValues,
}

/// A word that names nothing that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is nothing that is fetched: choose {}", Want::ALL.map(Want::as_str).join(", "))]
pub struct UnknownWant {
    /// The word.
    pub word: String,
}

impl Want {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Bars(Interval::Day),
        Self::Bars(Interval::Minute),
        Self::Bars(Interval::FiveMinutes),
        Self::Bars(Interval::QuarterHour),
        Self::Bars(Interval::Hour),
        Self::Quote,
        Self::OptionChain,
        Self::Fundamentals,
        Self::IndexValues,
    ];

    /// The word used in the database, by jobs and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bars(Interval::Minute) => "bars_1m",
            Self::Bars(Interval::FiveMinutes) => "bars_5m",
            Self::Bars(Interval::QuarterHour) => "bars_15m",
            Self::Bars(Interval::Hour) => "bars_1h",
            Self::Bars(Interval::Day) => "bars_1d",
            Self::Quote => "quote",
            Self::OptionChain => "option_chain",
            Self::Fundamentals => "fundamentals",
            Self::IndexValues => "index_values",
        }
    }

    /// What a source must be able to give.
    pub(super) fn capability(self) -> Capability {
        match self {
            Self::Bars(Interval::Day) => Capability::DailyBars,
            Self::Bars(_) => Capability::IntradayBars,
            Self::Quote => Capability::Quote,
            Self::OptionChain => Capability::OptionChain,
            Self::Fundamentals => Capability::Fundamentals,
            Self::IndexValues => Capability::Series,
        }
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Bars(_) => DataType::PriceHistory,
            Self::Quote => DataType::Quote,
            Self::OptionChain => DataType::OptionsChain,
            Self::Fundamentals => DataType::Fundamentals,
            Self::IndexValues => DataType::Series,
        }
    }

    /// How long what was fetched is used before a source is asked again. A little less than the time after which
    /// a job asks.
    pub(super) fn lifetime(self) -> SignedDuration {
        match self {
            Self::Quote => SignedDuration::from_secs(55),
            Self::Bars(Interval::Day) | Self::IndexValues | Self::OptionChain => {
                SignedDuration::from_hours(6)
            }
            Self::Bars(_) => SignedDuration::from_mins(10),
            Self::Fundamentals => SignedDuration::from_hours(20),
        }
    }

    /// Whether all sources are asked, since each knows something else, and not only the first that answers.
    pub(super) fn asks_everybody(self) -> bool {
        self == Self::Fundamentals
    }

    /// Whether such an instrument can have it. Made-up ones have daily bars, and the demo moves their prices.
    pub(super) fn suits(self, of: &Freshness) -> bool {
        use AssetClass::{Crypto, Equity, Etf, Forex, Index};
        let class = of.asset_class;
        match self {
            Self::Bars(Interval::Day) => true,
            _ if of.is_simulated => false,
            Self::Quote => true,
            Self::Bars(_) => matches!(class, Equity | Etf | Index | Crypto | Forex),
            Self::OptionChain => matches!(class, Equity | Etf | Index),
            Self::Fundamentals => class == Equity,
            Self::IndexValues => class == Index,
        }
    }
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Want {
    type Err = UnknownWant;

    fn from_str(word: &str) -> Result<Self, UnknownWant> {
        let found = Self::ALL.into_iter().find(|want| want.as_str() == word);
        found.ok_or_else(|| UnknownWant {
            word: word.to_owned(),
        })
    }
}

impl Serialize for Want {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Want {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

/// When something was last tried, and when it last came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refresh {
    pub(super) tried_at: Option<Timestamp>,
    pub(super) fetched_at: Option<Timestamp>,
    /// Since when a chain is there of which expirations are missing.
    pub(super) unfinished_since: Option<Timestamp>,
    /// How often in a row it did not come.
    pub(super) misses: u32,
    /// Until when it is left alone.
    pub(super) next_at: Option<Timestamp>,
}

/// Sources show prices this late.
const DELAY: SignedDuration = SignedDuration::from_mins(20);

impl Want {
    /// Whether it is time to ask, for an instrument that somebody holds or watches, for what is not due whoever
    /// follows. Of what only stands in a list the price is asked for alone.
    pub(super) fn is_due(self, of: &Freshness, last: Refresh, now: Timestamp) -> bool {
        if !self.suits(of) || (of.is_only_shown && self != Self::Quote) {
            return false;
        }
        let ago = |at: Option<Timestamp>| at.map(|at| now.duration_since(at));
        let rested = |least: SignedDuration| ago(last.tried_at).is_none_or(|ago| ago >= least);
        let is_unfinished = ago(last.unfinished_since).is_some_and(|ago| ago < self.lifetime());
        if self == Self::OptionChain && is_unfinished {
            return rested(SignedDuration::from_mins(14));
        }
        if last.next_at.is_some_and(|at| at > now) {
            return false;
        }
        match self {
            // Due whoever follows, and queued in a turn of their own.
            Self::Bars(Interval::Day) => false,
            Self::Quote => rested(self.lifetime()) && moves(of, last, now),
            Self::Bars(Interval::Minute) => {
                rested(SignedDuration::from_mins(14)) && moves(of, last, now)
            }
            // Rolled up from minutes; asked for once, for the time before the first minute.
            Self::Bars(_) => last.fetched_at.is_none(),
            Self::OptionChain | Self::IndexValues => is_behind_session(of, last, now),
            Self::Fundamentals => ago(last.fetched_at).is_none_or(|ago| ago >= self.lifetime()),
        }
    }
}

/// Whether prices move, as sources show them; or the last of a session are not there.
fn moves(of: &Freshness, last: Refresh, now: Timestamp) -> bool {
    is_shown_to_move(of, now) || is_behind_session(of, last, now)
}

/// Whether prices move, as sources show them.
pub(super) fn is_shown_to_move(of: &Freshness, now: Timestamp) -> bool {
    of.trading()
        .is_some_and(|calendar| calendar.is_open(now) || calendar.is_open(shown(now)))
}

/// The moment whose prices sources show.
fn shown(now: Timestamp) -> Timestamp {
    now.saturating_sub(DELAY).unwrap_or(now)
}

/// When a session is shown in full.
fn complete(session: Session) -> Timestamp {
    let closes_at = session.closes_at;
    closes_at.saturating_add(DELAY).unwrap_or(closes_at)
}

/// Whether a session has ended, and was shown in full, after something last came.
fn is_behind_session(of: &Freshness, last: Refresh, now: Timestamp) -> bool {
    let session = of
        .trading()
        .and_then(|calendar| calendar.last_closed(shown(now)));
    session.is_some_and(|session| last.fetched_at.is_none_or(|at| at < complete(session)))
}

/// When the next session is shown in full that is not yet.
pub(super) fn next_complete(of: &Freshness, now: Timestamp) -> Option<Timestamp> {
    let calendar = of.trading()?;
    let last = calendar.last_closed(shown(now))?;
    calendar.next_session(last.date).map(complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(asset_class: AssetClass, calendar: &str) -> Freshness {
        Freshness {
            asset_class,
            calendar: Some(calendar.to_owned()),
            ..Freshness::example()
        }
    }

    fn refresh(tried: &str, fetched: &str) -> Refresh {
        let at = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        Refresh {
            tried_at: at(tried),
            fetched_at: at(fetched),
            ..Refresh::default()
        }
    }

    #[test]
    fn every_word_reads_back() {
        for want in Want::ALL {
            assert_eq!(want.as_str().parse(), Ok(want));
            let json = serde_json::to_value(want).unwrap();
            assert_eq!(serde_json::from_value::<Want>(json).unwrap(), want);
        }
        let wrong = "gossip".parse::<Want>().unwrap_err().to_string();
        assert!(wrong.contains("choose bars_1d, bars_1m"), "{wrong}");
    }

    #[test]
    fn quotes_are_asked_each_minute_of_a_session_and_once_after_it() {
        let share = of(AssetClass::Equity, "XNYS");
        let due = |tried, fetched, now: &str| {
            Want::Quote.is_due(&share, refresh(tried, fetched), now.parse().unwrap())
        };
        // New York trades from 14:30 to 21:00 in winter; Thanksgiving is the 26th.
        assert!(due(
            "2026-11-23T15:00:00Z",
            "2026-11-23T15:00:00Z",
            "2026-11-23T15:01:00Z"
        ));
        assert!(!due(
            "2026-11-23T15:00:30Z",
            "2026-11-23T15:00:30Z",
            "2026-11-23T15:01:00Z"
        ));
        assert!(!due(
            "2026-11-23T21:30:00Z",
            "2026-11-23T21:30:00Z",
            "2026-11-24T10:00:00Z"
        ));
        assert!(due(
            "2026-11-23T18:00:00Z",
            "2026-11-23T18:00:00Z",
            "2026-11-24T10:00:00Z"
        ));
        assert!(!due(
            "2026-11-25T22:00:00Z",
            "2026-11-25T22:00:00Z",
            "2026-11-26T16:00:00Z"
        ));
        // What does not come is left alone for a while.
        let next = |next: &str| {
            let last = Refresh {
                next_at: Some(next.parse().unwrap()),
                ..refresh("2026-11-24T09:00:00Z", "")
            };
            Want::Quote.is_due(&share, last, "2026-11-24T10:00:00Z".parse().unwrap())
        };
        assert!(!next("2026-11-24T10:00:01Z"));
        assert!(next("2026-11-24T10:00:00Z"));
        let coin = of(AssetClass::Crypto, "XNYS");
        let sunday = "2026-11-22T03:00:00Z".parse().unwrap();
        assert!(Want::Quote.is_due(&coin, Refresh::default(), sunday));
    }

    #[test]
    fn chains_follow_the_close_and_reports_the_day() {
        let share = of(AssetClass::Equity, "XNYS");
        let due = |want: Want, tried, fetched, now: &str| {
            want.is_due(&share, refresh(tried, fetched), now.parse().unwrap())
        };
        let (first, close) = ("2026-11-20T22:00:00Z", "2026-11-23T21:15:00Z");
        assert!(!due(
            Want::OptionChain,
            first,
            first,
            "2026-11-23T20:00:00Z"
        ));
        assert!(!due(Want::OptionChain, first, first, close));
        assert!(due(Want::OptionChain, first, first, "2026-11-23T21:21:00Z"));
        let unfinished = |now: &str| {
            let last = Refresh {
                unfinished_since: Some(first.parse().unwrap()),
                ..refresh(first, first)
            };
            Want::OptionChain.is_due(&share, last, now.parse().unwrap())
        };
        assert!(!unfinished("2026-11-20T22:10:00Z"));
        assert!(unfinished("2026-11-20T22:15:00Z"), "it goes on");
        assert!(
            !unfinished("2026-11-21T04:00:00Z"),
            "prices of six hours later are of another chain"
        );
        assert!(due(
            Want::Fundamentals,
            first,
            first,
            "2026-11-21T18:00:00Z"
        ));
        assert!(!due(
            Want::Fundamentals,
            first,
            first,
            "2026-11-21T17:59:00Z"
        ));
        assert!(
            !due(Want::IndexValues, "", "", "2026-11-23T22:00:00Z"),
            "no index"
        );
        let hours = Want::Bars(Interval::Hour);
        assert!(due(hours, "", "", close));
        assert!(!due(hours, first, first, close), "once");
    }

    #[test]
    fn of_what_stands_in_a_list_the_price_alone_is_asked_for() {
        let now = "2026-11-23T21:30:00Z".parse().unwrap();
        let due = |of: &Freshness| -> Vec<Want> {
            let due = |want: &Want| want.is_due(of, Refresh::default(), now);
            Want::ALL.into_iter().filter(due).collect()
        };
        let watched = of(AssetClass::Equity, "XNYS");
        let shown = Freshness {
            is_only_shown: true,
            ..watched.clone()
        };
        assert_eq!(due(&watched).len(), 7);
        assert_eq!(due(&shown), [Want::Quote]);
    }

    #[test]
    fn made_up_instruments_have_daily_bars_alone() {
        let made_up = Freshness {
            is_simulated: true,
            ..of(AssetClass::Equity, "XNYS")
        };
        let suiting = Want::ALL.into_iter().filter(|want| want.suits(&made_up));
        assert_eq!(suiting.collect::<Vec<_>>(), [Want::Bars(Interval::Day)]);
    }
}
