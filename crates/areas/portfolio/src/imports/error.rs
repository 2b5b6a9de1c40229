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
    #[error("this import is {} and cannot be {wanted}", status.as_str())]
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
