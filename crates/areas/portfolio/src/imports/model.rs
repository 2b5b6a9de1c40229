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
    /// Its transactions are in the portfolio.
    Imported,
    /// Its transactions were taken back.
    Undone,
}

impl ImportStatus {
    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Imported => "imported",
            Self::Undone => "undone",
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
    pub rejected: Vec<Rejection>,
    pub imported_count: i32,
    pub duplicate_count: i32,
    pub created_at: Timestamp,
}

/// What an import did; the same object from the command line and the API.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportOutcome {
    /// Transactions that were added.
    pub imported: u64,
    /// Transactions that the portfolio held already.
    pub duplicates: u64,
    /// Lines that were refused.
    #[schema(value_type = Vec<Object>)]
    pub rejected: Vec<Rejection>,
    /// Names the batch, to look at it or to undo it.
    pub batch_id: ImportId,
}
