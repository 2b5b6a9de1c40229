use axum::http::StatusCode;
use web::Problem;

use super::ImportStatus;
use crate::{portfolios, transactions};

/// What can go wrong with an import.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such import")]
    NotFound,
    #[error("{0}")]
    Unreadable(#[from] statements::Unreadable),
    #[error(
        "this CSV has a layout of its own: name its columns once in the import assistant of the \
         pages and save them under a name, then give that name as the format"
    )]
    NeedsMapping,
    #[error(
        "there is no format or saved mapping {name:?}; known formats are auto, {}",
        known_formats()
    )]
    UnknownFormat { name: String },
    #[error(
        "a CSV of any layout is read through a mapping of its columns: give the name of a saved \
         mapping as the format, or hand the file in without one as a preview and name its columns"
    )]
    UnnamedMapping,
    #[error("there is no such saved mapping")]
    NoSuchMapping,
    #[error("a mapping cannot hold the character NUL")]
    UnstorableMapping,
    #[error("the name of a mapping is one line of at most {longest} characters")]
    MappingName { longest: usize },
    #[error("this import is {} and cannot be {wanted}", status.told())]
    Decided {
        status: ImportStatus,
        wanted: &'static str,
    },
    #[error(
        "{} is read as a whole, so its files may have at most {limit_mib} MiB: export a shorter \
         period, and import the files one after the other",
        format.map_or("this format", statements::Format::title)
    )]
    TooLongAsWhole {
        format: Option<statements::Format>,
        limit_mib: u64,
    },
    #[error(
        "the same file is being imported into this portfolio already: resume or undo that import"
    )]
    AlreadyOpen,
    #[error(
        "an import of this portfolio is being undone: wait for its end, or resume it, and hand the file \
         in then"
    )]
    UndoOpen,
    #[error(
        "another import of this portfolio is being booked, and would take what is undone for duplicates: \
         wait for its end, or stop it, and undo this import then"
    )]
    OtherRunning,
    #[error("somebody else has gone on with this import in the meantime")]
    Overtaken,
    #[error(
        "this import was started on the command line, where its file is: run the same command again"
    )]
    FileElsewhere,
    #[error(
        "the file cannot be read ({0}): hand it in again; what is booked already will be recognised"
    )]
    File(std::io::Error),
    #[error("the file is not the one that was looked at before: hand it in again")]
    FileChanged,
    #[error(transparent)]
    Portfolio(#[from] portfolios::Error),
    #[error(transparent)]
    Transaction(#[from] transactions::Error),
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl Error {
    /// What the database said, wherever in the work it was asked.
    pub(super) fn database(&self) -> Option<&db::Error> {
        use portfolios::Error as OfPortfolio;
        use transactions::Error as OfTransaction;
        match self {
            Self::Database(error)
            | Self::Portfolio(OfPortfolio::Database(error))
            | Self::Transaction(
                OfTransaction::Database(error)
                | OfTransaction::Portfolio(OfPortfolio::Database(error)),
            ) => Some(error),
            _ => None,
        }
    }

    /// Whether the same work may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        use db::Error as Of;
        matches!(
            self.database(),
            Some(Of::Unavailable(_) | Of::StatementTimeout | Of::Serialization | Of::Aborted)
        )
    }

    /// Whether somebody else has decided on the import meanwhile: then nothing has failed.
    pub(super) fn is_overtaken(&self) -> bool {
        matches!(
            self,
            Self::NotFound | Self::Decided { .. } | Self::Overtaken
        )
    }

    /// Why an import failed, for its owner. What only the operator can mend stands in the log.
    pub(super) fn reason(&self) -> String {
        match self.database() {
            Some(_) => "The server could not go on; its log says why. Try again later.".to_owned(),
            None => self.to_string().replace('\0', ""),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::NotFound => Self::not_found("import"),
            Error::Unreadable(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unreadable-file",
                "The file could not be read",
                text,
            ),
            Error::NeedsMapping => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "mapping-needed",
                "Column mapping needed",
                "This CSV has a layout of its own: say which column is which.",
            ),
            Error::UnknownFormat { .. } => {
                Self::invalid_field("format", "unknown_format", format!("{text}."))
            }
            Error::UnnamedMapping => {
                Self::invalid_field("format", "mapping_needed", format!("{text}."))
            }
            Error::NoSuchMapping => Self::not_found("mapping"),
            Error::UnstorableMapping => {
                Self::invalid_field("mapping", "invalid_character", format!("{text}."))
            }
            Error::MappingName { .. } => {
                Self::invalid_field("name", "invalid_length", format!("{text}."))
            }
            Error::Decided { .. } => Self::conflict(
                "import-decided",
                "Import already decided",
                format!("{text}."),
            ),
            Error::TooLongAsWhole { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "file-too-long",
                "File too long for its format",
                format!("{text}."),
            ),
            Error::AlreadyOpen => Self::conflict(
                "import-running",
                "Import already running",
                format!("{text}."),
            ),
            Error::UndoOpen => Self::conflict(
                "import-being-undone",
                "An import is being undone",
                format!("{text}."),
            ),
            Error::OtherRunning => Self::conflict(
                "other-import-running",
                "Another import is running",
                format!("{text}."),
            ),
            Error::Overtaken => Self::conflict(
                "import-overtaken",
                "Import continued elsewhere",
                format!("{text}."),
            ),
            Error::FileElsewhere | Error::File(_) | Error::FileChanged => Self::conflict(
                "import-file-missing",
                "The file is not there",
                format!("{text}."),
            ),
            Error::Portfolio(error) => error.into(),
            Error::Transaction(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}

fn known_formats() -> String {
    let words = statements::Format::all().map(|(_, word, _)| word);
    words
        .filter(|word| *word != statements::Format::Csv.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_lasts_wherever_it_happened() {
        let nested = |error: db::Error| {
            Error::from(transactions::Error::from(portfolios::Error::from(error)))
        };
        for passing in [db::Error::Serialization, db::Error::Aborted] {
            assert!(nested(passing).is_passing());
        }
        let away = || db::Error::from(sqlx::Error::PoolTimedOut);
        assert!(Error::from(transactions::Error::from(away())).is_passing());
        assert!(Error::from(portfolios::Error::from(away())).is_passing());
        let lasting = db::Error::Internal(sqlx::Error::WorkerCrashed);
        assert!(!nested(lasting).is_passing());
        assert!(!Error::FileChanged.is_passing());
    }

    #[test]
    fn the_owner_is_not_told_what_the_database_said() {
        let error = Error::from(transactions::Error::from(db::Error::Serialization));
        assert!(
            !error.reason().contains("transaction"),
            "{}",
            error.reason()
        );
        assert_eq!(Error::FileChanged.reason(), Error::FileChanged.to_string());
    }
}
