use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use super::Tick;
use crate::InstrumentId;

/// Ticks of one batch at most.
pub(super) const MOST: usize = 5_000;
/// Characters of the name of a source.
const LONGEST_SOURCE: usize = 40;
/// Clocks may differ by so much.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
/// Before this there is no calendar by which a day could be computed.
const EARLIEST: Timestamp = Timestamp::constant(946_684_800, 0);
/// Errors that one answer names.
const MOST_ERRORS: usize = 20;

/// A batch of trades.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TicksBody {
    /// Who states them: small letters, digits, `-` and `_`.
    #[serde(default = "usual_source")]
    #[schema(default = "api")]
    pub(super) source: String,
    /// The trades, 5,000 at most, in any order.
    ticks: Vec<TickBody>,
}

/// A trade.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TickBody {
    /// Of what.
    instrument_id: InstrumentId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Tells the ticks of one instant apart and puts them in order; the source's own number.
    #[serde(default)]
    sequence: i64,
    /// Of one share or unit, in the unit in which the instrument is quoted; above zero.
    price: f64,
    /// Shares or units traded.
    #[serde(default)]
    volume: Option<f64>,
    /// Best price that was bid.
    #[serde(default)]
    bid: Option<f64>,
    /// Best price that was asked.
    #[serde(default)]
    ask: Option<f64>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct TicksView {
    /// New ticks, and those that corrected another of the same time and number.
    pub(super) written: u64,
    /// Ticks that were there already.
    pub(super) unchanged: u64,
    /// Ticks of a day that has lost its ticks by age; they were left out.
    pub(super) expired: u64,
    /// Instruments whose latest price they have become.
    pub(super) quotes: u64,
    /// Instruments whose latest tick is doubted: their latest price stays what it was.
    pub(super) doubted: u64,
}

fn usual_source() -> String {
    "api".to_owned()
}

impl TicksBody {
    /// The ticks, if all of them can be.
    pub(super) fn read(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(InstrumentId, Tick)>, Vec<FieldError>> {
        let mut errors = Vec::new();
        let is_word =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if !(1..=LONGEST_SOURCE).contains(&self.source.len()) || !self.source.bytes().all(is_word) {
            let detail = format!(
                "Name the source in 1 to {LONGEST_SOURCE} small letters, digits, hyphens and underscores."
            );
            errors.push(error("source", "invalid_source", detail));
        }
        if !(1..=MOST).contains(&self.ticks.len()) {
            let count = self.ticks.len();
            let detail = format!("A batch holds 1 to {MOST} ticks, not {count}.");
            errors.push(error("ticks", "invalid_length", detail));
        }
        for (place, tick) in self.ticks.iter().enumerate().take(MOST) {
            errors.extend(tick.errors(place, now));
            if errors.len() >= MOST_ERRORS {
                break;
            }
        }
        if errors.is_empty() {
            Ok(self.ticks.iter().map(TickBody::tick).collect())
        } else {
            Err(errors)
        }
    }

    /// The places of ticks of instruments that are not among these.
    pub(super) fn unknown(&self, known: &[InstrumentId]) -> Vec<FieldError> {
        let strangers = self
            .ticks
            .iter()
            .enumerate()
            .filter(|(_, tick)| !known.contains(&tick.instrument_id));
        strangers
            .take(MOST_ERRORS)
            .map(|(place, tick)| {
                let detail = format!("There is no instrument {}.", tick.instrument_id);
                error(
                    &format!("ticks/{place}/instrument_id"),
                    "unknown_instrument",
                    detail,
                )
            })
            .collect()
    }
}

impl TickBody {
    fn errors(&self, place: usize, now: Timestamp) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, code: &str, detail: &str| {
            errors.push(error(
                &format!("ticks/{place}/{field}"),
                code,
                detail.to_owned(),
            ));
        };
        if !(self.price.is_finite() && self.price > 0.0) {
            refuse("price", "not_positive", "The price must be above zero.");
        }
        for (field, figure) in [
            ("volume", self.volume),
            ("bid", self.bid),
            ("ask", self.ask),
        ] {
            if figure.is_some_and(|figure| !(figure.is_finite() && figure >= 0.0)) {
                refuse(field, "negative", "This must not be below zero.");
            }
        }
        if self.at > now.saturating_add(AHEAD).unwrap_or(now) {
            refuse("at", "future_time", "The time must not lie in the future.");
        } else if self.at < EARLIEST {
            refuse("at", "too_early", "Ticks begin with the year 2000.");
        }
        errors
    }

    fn tick(&self) -> (InstrumentId, Tick) {
        let Self {
            instrument_id,
            at,
            sequence,
            price,
            volume,
            bid,
            ask,
        } = *self;
        let tick = Tick {
            at,
            sequence,
            price,
            volume,
            bid,
            ask,
        };
        (instrument_id, tick)
    }
}

fn error(pointer: &str, code: &str, detail: String) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail,
    }
}
