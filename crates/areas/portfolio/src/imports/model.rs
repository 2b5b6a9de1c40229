use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use statements::{Format, Mapping, Rejection};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::portfolios::PortfolioId;

/// Names an import of one person; also the id of its batch of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct ImportId(pub Uuid);

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Waits for its owner's decision.
    Preview,
    /// A long file that is being booked, part by part.
    Running,
    /// A long file of which a part is booked; it can be resumed or undone.
    Interrupted,
    /// Its transactions are in the portfolio.
    Imported,
    /// Its transactions are being taken back, part by part, from the end of the file.
    Undoing,
    /// A part of its transactions is taken back; taking back the rest can be resumed.
    UndoInterrupted,
    /// Its transactions were taken back.
    Undone,
}

impl ImportStatus {
    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Imported => "imported",
            Self::Undoing => "undoing",
            Self::UndoInterrupted => "undo_interrupted",
            Self::Undone => "undone",
        }
    }

    /// The words of a sentence.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Undoing => "being undone",
            Self::UndoInterrupted => "undone in part",
            _ => self.as_str(),
        }
    }
}

/// A file that somebody hands in.
#[derive(Clone, Debug)]
pub struct Upload {
    pub portfolio_id: PortfolioId,
    pub file_name: String,
    pub content: Vec<u8>,
    /// Recognised by content unless given.
    pub format: Option<Format>,
    /// For a CSV of any layout.
    pub mapping: Option<Mapping>,
}

/// An import as stored, without its file.
#[derive(Clone, Debug)]
pub struct Import {
    pub id: ImportId,
    pub portfolio_id: PortfolioId,
    pub portfolio_name: String,
    pub file_name: String,
    /// Unknown while a CSV waits for its mapping.
    pub format: Option<Format>,
    pub mapping: Option<Mapping>,
    pub status: ImportStatus,
    /// Lines that were refused.
    pub rejected_count: i32,
    /// Lines that state nothing to record.
    pub skipped_count: i32,
    pub imported_count: i32,
    pub duplicate_count: i32,
    pub created_at: Timestamp,
    /// For a file that is booked part by part.
    pub long: Option<Long>,
    /// For one that is or was taken back part by part.
    pub undo: Option<Undo>,
}

/// The first lines of a file that did not become transactions.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    pub(super) rejected: Vec<Rejection>,
    pub(super) skipped: Vec<Rejection>,
}

/// How far a long file is.
#[derive(Clone, Debug)]
pub struct Long {
    pub bytes_total: u64,
    pub bytes_done: u64,
    /// Records that are booked, refused or found to be duplicates.
    pub records_done: u64,
    /// The name of an uploaded file in the server's folder of uploads.
    pub spool: Option<String>,
    /// Why it was interrupted, where nobody stopped it.
    pub stopped_because: Option<String>,
}

/// How far an import is taken back.
#[derive(Clone, Debug)]
pub struct Undo {
    /// Transactions that it had brought when that began.
    pub total: u64,
    /// Those of them that are gone.
    pub removed: u64,
    /// Why it was interrupted, where nobody stopped it.
    pub stopped_because: Option<String>,
}

/// What an import did; the same object from the command line and the API.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ImportOutcome {
    /// Transactions that were added.
    pub imported: u64,
    /// Transactions that the portfolio held already.
    pub duplicates: u64,
    /// Lines that were refused; of a long file the first ten thousand.
    #[schema(value_type = Vec<Object>)]
    pub rejected: Vec<Rejection>,
    /// How many lines were refused.
    pub refused: u64,
    /// Lines that were left out because they state nothing to record, such as a cancelled order, and
    /// why; of a long file the first ten thousand.
    #[schema(value_type = Vec<Object>)]
    pub skipped: Vec<Rejection>,
    /// How many lines were left out.
    pub left_out: u64,
    /// Names the batch, to look at it or to undo it; null where the file held nothing to store.
    pub batch_id: Option<ImportId>,
}
