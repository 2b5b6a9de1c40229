use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use sources::Bar;
use uuid::Uuid;

use super::rules::Doubt;
use crate::{InstrumentId, bars::Interval};

/// What it is that is doubted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bar.
    Bar(Interval),
    /// A quote, kept as a bar without extent.
    Quote,
}

impl Kind {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bar(interval) => interval.as_str(),
            Self::Quote => "quote",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "quote" => Some(Self::Quote),
            interval => interval.parse().ok().map(Self::Bar),
        }
    }
}

/// Values of a chain, of reports, of a series or of exchange rates that were left out, or bars of a file that were
/// stored nevertheless, by the rule that doubts them.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Names it.
    pub id: Uuid,
    /// Of what; none where it is about a pair of currencies.
    pub instrument_id: Option<InstrumentId>,
    /// Its ticker, or the pair.
    pub symbol: String,
    /// What was fetched or loaded.
    pub want: String,
    /// From whom.
    pub source: String,
    /// The rule, in a sentence.
    pub sentence: String,
    /// So many values the last time.
    pub count: i32,
    /// One of them.
    pub example: String,
    /// Whether the values were stored nevertheless.
    pub is_stored: bool,
    /// When it came last.
    pub seen_at: Timestamp,
}

/// A bar that waits for a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubtful {
    /// Names it.
    pub id: Uuid,
    /// Of what.
    pub instrument_id: InstrumentId,
    /// Its ticker.
    pub symbol: String,
    /// What it is.
    pub kind: Kind,
    /// As stated.
    pub bar: Bar,
    /// By whom.
    pub source: String,
    /// What is doubted.
    pub doubts: Vec<Doubt>,
    /// Whether nobody has decided yet.
    pub is_open: bool,
    /// When it came.
    pub found_at: Timestamp,
}

impl Doubtful {
    /// Whether a table can hold it: what is no price cannot be accepted, and no bar that begins between two.
    pub fn can_be_accepted(&self) -> bool {
        let is_impossible = |doubt: &Doubt| matches!(doubt, Doubt::NotPositive { .. });
        let is_on_clock = match self.kind {
            Kind::Bar(interval) => interval.begins(self.bar.at),
            Kind::Quote => true,
        };
        is_on_clock && !self.doubts.iter().any(is_impossible)
    }

    /// The trading day.
    pub fn day(&self) -> Date {
        TimeZone::UTC.to_datetime(self.bar.at).date()
    }

    /// The split that would explain a gap: new shares for old.
    pub fn proposed_split(&self) -> Option<(Decimal, Decimal)> {
        self.doubts.iter().find_map(|doubt| match doubt {
            Doubt::Split { to, from, .. } => Some((*to, *from)),
            _ => None,
        })
    }
}
