use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// What one bar spans.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema,
)]
pub enum Interval {
    /// One minute.
    #[serde(rename = "1m")]
    Minute,
    /// Five minutes.
    #[serde(rename = "5m")]
    FiveMinutes,
    /// A quarter of an hour.
    #[serde(rename = "15m")]
    QuarterHour,
    /// One hour.
    #[serde(rename = "1h")]
    Hour,
    /// One trading day; `daily` is understood as well.
    #[default]
    #[serde(rename = "1d")]
    Day,
}

/// A word that names no interval.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no interval: choose 1m, 5m, 15m, 1h or 1d")]
pub struct UnknownInterval(String);

impl Interval {
    /// All of them, the shortest first.
    pub const ALL: [Self; 5] = [
        Self::Minute,
        Self::FiveMinutes,
        Self::QuarterHour,
        Self::Hour,
        Self::Day,
    ];

    /// `1m`, `5m`, `15m`, `1h`, `1d`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
        }
    }

    /// Its length.
    pub fn length(self) -> SignedDuration {
        SignedDuration::from_mins(match self {
            Self::Minute => 1,
            Self::FiveMinutes => 5,
            Self::QuarterHour => 15,
            Self::Hour => 60,
            Self::Day => 24 * 60,
        })
    }

    /// The start of the bar in which an instant lies; of days that of the day in UTC.
    pub fn floor(self, at: Timestamp) -> Timestamp {
        let length = self.length().as_secs();
        let start = at.as_second().div_euclid(length) * length;
        // The first instant of the calendar is a midnight, so there is none before it.
        Timestamp::from_second(start).unwrap_or(at)
    }

    /// Whether a bar begins at an instant.
    pub fn begins(self, at: Timestamp) -> bool {
        self.floor(at) == at
    }

    /// The table of its bars.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Minute => "market.bars_1m",
            Self::FiveMinutes => "market.bars_5m",
            Self::QuarterHour => "market.bars_15m",
            Self::Hour => "market.bars_1h",
            Self::Day => "market.bars_1d",
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Interval {
    type Err = UnknownInterval;

    fn from_str(word: &str) -> Result<Self, UnknownInterval> {
        if word == "daily" {
            return Ok(Self::Day);
        }
        let found = Self::ALL.into_iter().find(|all| all.as_str() == word);
        found.ok_or_else(|| UnknownInterval(word.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_daily_is_a_day() {
        for interval in Interval::ALL {
            assert_eq!(interval.as_str().parse(), Ok(interval));
            let json = serde_json::to_value(interval).unwrap();
            assert_eq!(json, interval.as_str());
            assert_eq!(serde_json::from_value::<Interval>(json).unwrap(), interval);
        }
        assert_eq!("daily".parse(), Ok(Interval::Day));
        assert_eq!(
            "2m".parse::<Interval>().unwrap_err().to_string(),
            "\"2m\" is no interval: choose 1m, 5m, 15m, 1h or 1d"
        );
    }

    #[test]
    fn bars_begin_on_the_clock_also_before_1970() {
        for (interval, at, start) in [
            (
                Interval::Minute,
                "2024-01-02T10:07:59.9Z",
                "2024-01-02T10:07:00Z",
            ),
            (
                Interval::FiveMinutes,
                "2024-01-02T10:07:00Z",
                "2024-01-02T10:05:00Z",
            ),
            (
                Interval::QuarterHour,
                "1969-12-31T23:59:59Z",
                "1969-12-31T23:45:00Z",
            ),
            (
                Interval::Hour,
                "1969-12-31T23:00:00Z",
                "1969-12-31T23:00:00Z",
            ),
            (
                Interval::Day,
                "1969-12-31T23:59:59Z",
                "1969-12-31T00:00:00Z",
            ),
        ] {
            let (at, start): (Timestamp, Timestamp) = (at.parse().unwrap(), start.parse().unwrap());
            assert_eq!(interval.floor(at), start, "{interval}");
        }
    }
}
