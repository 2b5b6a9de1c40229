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
