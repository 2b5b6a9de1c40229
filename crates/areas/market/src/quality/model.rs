use jiff::{Timestamp, civil::Date};
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

/// A close that a person states against every source.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The trading day.
    pub date: Date,
    /// Positive; in the unit in which the instrument is quoted.
    pub close: f64,
    /// Why, for whoever reads it later.
    pub reason: String,
}

impl Doubtful {
    /// Whether a table can hold it: what is no price cannot be accepted.
    pub fn can_be_accepted(&self) -> bool {
        let is_impossible = |doubt: &Doubt| matches!(doubt, Doubt::NotPositive { .. });
        !self.doubts.iter().any(is_impossible)
    }
}
