use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use sources::Bar;
use uuid::Uuid;

use super::rules::Doubt;
use crate::InstrumentId;

/// A bar that waits for a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubtful {
    /// Names it.
    pub id: Uuid,
    /// Of what.
    pub instrument_id: InstrumentId,
    /// Its ticker.
    pub symbol: String,
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
    /// Whether a table can hold it: what is no price cannot be accepted.
    pub fn can_be_accepted(&self) -> bool {
        let is_impossible = |doubt: &Doubt| matches!(doubt, Doubt::NotPositive { .. });
        !self.doubts.iter().any(is_impossible)
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
