use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use crate::InstrumentId;

/// Clocks may differ by so much.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// What an index stood at.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IndexValue {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// In points.
    pub value: f64,
    /// Against the close before; `null` where that is not known.
    pub change: Option<f64>,
    /// The same in percent points.
    pub change_percent: Option<f64>,
    /// Shares traded in its members, where the source tells.
    pub volume: Option<f64>,
    /// The provider that stated it; `by hand` where an administrator did.
    pub source: String,
}

/// What somebody states about an index; valid by construction.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIndexValue {
    /// The index.
    pub instrument_id: InstrumentId,
    /// When.
    pub at: Timestamp,
    /// In points; positive.
    pub value: f64,
    /// Against the close before.
    pub change: Option<f64>,
    /// Shares traded in its members; not negative.
    pub volume: Option<f64>,
}

/// A value of an index as it is sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexValueBody {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// In points; above 0.
    pub(crate) value: f64,
    /// Against the close before; reckoned from the values recorded unless given.
    pub(crate) change: Option<f64>,
    /// Shares traded in its members.
    pub(crate) volume: Option<f64>,
}

impl IndexValueBody {
    pub(super) fn of(
        self,
        instrument_id: InstrumentId,
        now: Timestamp,
    ) -> Result<NewIndexValue, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, code: &str, detail: &str| {
            errors.push(FieldError {
                pointer: pointer.to_owned(),
                code: code.to_owned(),
                detail: detail.to_owned(),
            });
        };
        let mut refuse_number =
            |pointer: &str, detail: &str| refuse(pointer, "invalid_number", detail);
        if !(self.value.is_finite() && self.value > 0.0) {
            refuse_number("value", "The value must be a number above 0.");
        }
        if self.change.is_some_and(|change| change >= self.value) {
            refuse_number("change", "The change must be below the value.");
        }
        if self.volume.is_some_and(|volume| volume < 0.0) {
            refuse_number("volume", "The volume must not be negative.");
        }
        if self.at > now.saturating_add(AHEAD).unwrap_or(now) {
            refuse("at", "future_time", "The time must not lie in the future.");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(NewIndexValue {
            instrument_id,
            at: self.at,
            value: self.value,
            change: self.change,
            volume: self.volume,
        })
    }
}

/// Where an index stands: its last value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Standing {
    /// Names the instrument.
    pub instrument_id: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// Its name; empty where unknown.
    pub name: String,
    /// Whether it belongs to the simulated sample data.
    pub is_simulated: bool,
    /// What it stood at last.
    #[serde(flatten)]
    pub last: IndexValue,
}

/// An instrument that moved.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Mover {
    /// Names the instrument.
    pub instrument_id: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// Its name; empty where unknown.
    pub name: String,
    /// Whether it belongs to the simulated sample data.
    pub is_simulated: bool,
    /// Currency of the price; `null` where unknown.
    pub currency: Option<String>,
    /// The trading day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Last price: the last close, or that of a quote of a later day.
    pub close: f64,
    /// Against the close before, in percent points; a split is no change.
    pub change_percent: Option<f64>,
    /// Shares or units traded.
    pub volume: Option<f64>,
}

/// The board of the market. Movers are those whose last price is at most four days older than the newest
/// one.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Board {
    /// Where indices stand.
    pub indices: Vec<Standing>,
    /// What rose most.
    pub gainers: Vec<Mover>,
    /// What fell most.
    pub losers: Vec<Mover>,
    /// What was traded most, by units.
    pub most_active: Vec<Mover>,
}
