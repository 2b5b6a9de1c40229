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
    #[error("the columns of this CSV are not mapped yet")]
    NeedsMapping,
    #[error("this import is {} and cannot be {wanted}", status.as_str())]
    Decided { status: ImportStatus, wanted: &'static str },
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
            Error::Decided { .. } => {
                Self::conflict("import-decided", "Import already decided", format!("{text}."))
            }
            Error::Portfolio(error) => error.into(),
            Error::Transaction(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
