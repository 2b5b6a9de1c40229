//! What loading a file of bars or of rates has in common: options, progress, report, refusals.

mod error;
pub(crate) mod origin;
pub mod pages;
mod reading;
pub mod upload;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use money::Quotation;
use serde::Serialize;
use statements::{Rejection, code};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::bars::Interval;

/// The time is more than a day ahead.
pub(crate) const FUTURE_DATE: &str = "future_date";
/// Clocks differ, and the day has begun elsewhere.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The last time about which a file can state anything.
pub(crate) fn latest(now: Timestamp) -> Timestamp {
    now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX)
}

pub use error::ImportError;
pub(crate) use reading::{Batch, Batches, read, read_bars};

/// Several instruments bear the symbol.
pub(crate) const AMBIGUOUS_SYMBOL: &str = "ambiguous_symbol";

/// What the file itself does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Symbol of the rows of a file without a symbol column.
    pub symbol: Option<String>,
    /// Exchange of its instruments: tells namesakes apart, and is noted at new ones.
    pub exchange: Option<String>,
    /// What its prices are stated in, a currency or its hundredth: noted where it was unknown.
    pub quotation: Option<Quotation>,
    /// What one bar of the file spans; a day unless it is said.
    pub interval: Interval,
    /// On which clock the file states times without a zone; that of the exchange unless it is said.
    pub time_zone: Option<TimeZone>,
    /// The name of the file, stored with each of its figures.
    pub source: String,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file that were read.
    pub bytes_read: u64,
    /// Rows that were decided on: loaded, known already, or refused.
    pub rows: u64,
}

/// A line that was not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// Stable code, e.g. `conflicting_bar`.
    pub code: String,
    /// What is wrong, naming field and value.
    pub message: String,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportReport {
    /// Rows that were added.
    pub imported: u64,
    /// Rows that took the place of another one, which is kept: bars shorter than a day, and values that
    /// their owner states.
    pub corrected: u64,
    /// Rows that were known already, with the same values.
    pub duplicates: u64,
    /// Of bars: how many of those that were taken in the rules for sources would doubt. They are stored, because who
    /// loads a file states them; what is doubted is among the findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubted: Option<u64>,
    /// Lines that were refused, in their order.
    pub rejected: Vec<Refusal>,
    /// Names this import in the log.
    pub batch_id: Uuid,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self {
            line: rejection.line,
            code: rejection.code,
            message: rejection.message,
        }
    }
}

impl Default for ImportReport {
    fn default() -> Self {
        Self::new()
    }
}

impl ImportReport {
    /// That of a file of which no row was decided on yet.
    pub fn new() -> Self {
        Self {
            imported: 0,
            corrected: 0,
            duplicates: 0,
            doubted: None,
            rejected: Vec::new(),
            batch_id: Uuid::now_v7(),
        }
    }

    /// Enters a line that could not be read. Where reading ended with it, the rest of the file is
    /// unknown and nothing is loaded.
    ///
    /// # Errors
    /// [`ImportError::Broken`] when reading ended with the line.
    pub fn refuse_line(&mut self, rejection: Rejection) -> Result<(), ImportError> {
        if matches!(&*rejection.code, code::READ_ERROR | code::LINE_TOO_LONG) {
            return Err(ImportError::Broken {
                line: rejection.line,
                reason: rejection.message,
            });
        }
        self.rejected.push(rejection.into());
        Ok(())
    }

    /// Enters a line that was read and is not taken.
    pub fn refuse(&mut self, line: u64, code: &str, message: String) {
        self.rejected.push(Refusal {
            line,
            code: code.to_owned(),
            message,
        });
    }

    /// What goes on record of the import: numbers, and nothing that stands in the file or names it.
    pub(crate) fn deed(&self) -> serde_json::Value {
        serde_json::json!({
            "import": self.batch_id,
            "imported": self.imported,
            "corrected": self.corrected,
            "duplicates": self.duplicates,
            "doubted": self.doubted,
            "rejected": self.rejected.len(),
        })
    }

    /// Rows that were decided on.
    pub fn rows(&self) -> u64 {
        self.imported + self.corrected + self.duplicates + self.rejected.len() as u64
    }

    /// Puts the refusals into the order of the file and writes the outcome to the log.
    #[must_use]
    pub fn finish(mut self, what: &'static str, source: &str) -> Self {
        self.rejected.sort_by_key(|refusal| refusal.line);
        tracing::info!(
            batch_id = %self.batch_id,
            source,
            imported = self.imported,
            corrected = self.corrected,
            duplicates = self.duplicates,
            doubted = self.doubted,
            rejected = self.rejected.len(),
            "imported {what}"
        );
        self
    }
}
