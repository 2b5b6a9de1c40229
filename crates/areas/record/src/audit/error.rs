use std::{io, path::PathBuf};

/// Why the record could not be proved or written.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file could not be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The archive was refused.
    #[error("{}: {source}", path.display())]
    Archive {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: zip::result::ZipError,
    },
    /// The file is no evidence pack.
    #[error("{}: no evidence pack of Bursar: {source}", path.display())]
    NoPack {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line of CSV was refused.
    #[error("a line of CSV was not written: {0}")]
    Csv(#[from] csv::Error),
    /// The database did not answer.
    #[error(transparent)]
    Database(#[from] db::Error),
}
