use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use utoipa::ToSchema;
use web::FieldError;

use crate::bars::{Bar, DailyBar, EARLIEST, midnight};

/// Characters of a reason at most.
const LONGEST_REASON: usize = 500;

/// A close that a person states against every source.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Override {
    /// The trading day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// In the unit in which the instrument is quoted.
    pub close: f64,
    /// Why, for whoever reads it later.
    pub reason: String,
    /// When it was stated; not read when it is sent.
    #[schema(value_type = String, format = DateTime)]
    pub stated_at: Timestamp,
}

/// A daily bar as it was before it was corrected, or as a source stated it in vain.
#[derive(Clone, Debug, PartialEq)]
pub struct FormerBar {
    /// The trading day.
    pub date: Date,
    /// Its close then.
    pub close: f64,
    /// That adjusted for everything that came after it, where its source stated one.
    pub adjusted_close: Option<f64>,
    /// Who stated it.
    pub source: String,
    /// Since when it was known.
    pub observed_at: Timestamp,
    /// Until when.
    pub replaced_at: Timestamp,
    /// Whether it never counted, because a person's close stood against it.
    pub is_refused: bool,
    /// What took its place, or stood against it; `None` where the day has no bar any more.
    pub next: Option<NextBar>,
}

/// The bar that took the place of another.
#[derive(Clone, Debug, PartialEq)]
pub struct NextBar {
    /// Its close.
    pub close: f64,
    /// That adjusted, where it was stated.
    pub adjusted_close: Option<f64>,
    /// Who stated it.
    pub source: String,
}

/// A close was stated, or withdrawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The trading day.
    pub date: Date,
    /// What was stated; `None` where it was withdrawn.
    pub close: Option<f64>,
    /// Why it was stated.
    pub reason: Option<String>,
    /// When.
    pub changed_at: Timestamp,
    /// By whom.
    pub by: Author,
}

/// Who made a change, as far as whoever asks may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// Whoever asks.
    You,
    /// Somebody by their name, told to administrators.
    Named(String),
    /// Somebody whose account is closed, told to administrators.
    Gone,
    /// One of the administrators.
    Administrator,
    /// It was not kept yet.
    Unknown,
}

/// What is wrong with a close that is stated now.
pub(super) fn check(stated: &Override, now: Timestamp) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut refuse = |pointer: &str, code: &str, detail: String| {
        errors.push(FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail,
        });
    };
    // Somewhere on earth it is tomorrow already.
    let latest = TimeZone::UTC.to_datetime(now).date().tomorrow();
    if stated.date < EARLIEST || latest.is_ok_and(|latest| stated.date > latest) {
        let detail = "The day must not lie in the future.".to_owned();
        refuse("date", "future_date", detail);
    }
    if !(stated.close.is_finite() && stated.close > 0.0) {
        let detail = "The close must be a price above zero.".to_owned();
        refuse("close", "not_positive", detail);
    }
    let length = stated.reason.chars().count();
    if !(1..=LONGEST_REASON).contains(&length) || stated.reason.contains('\0') {
        let detail = format!("State the reason in 1 to {LONGEST_REASON} characters.");
        refuse("reason", "invalid_length", detail);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// The bar of the day with the stated close. What the source adjusted keeps its ratio to the close.
pub(super) fn overridden(there: Option<&DailyBar>, stated: &Override) -> Bar {
    let close = stated.close;
    Bar {
        at: midnight(stated.date),
        open: there.map_or(close, |bar| bar.open),
        high: there.map_or(close, |bar| bar.high.max(close)),
        low: there.map_or(close, |bar| bar.low.min(close)),
        close,
        adjusted_close: there.and_then(|bar| Some(bar.adjusted_close? / bar.close * close)),
        volume: there.and_then(|bar| bar.volume),
    }
}
