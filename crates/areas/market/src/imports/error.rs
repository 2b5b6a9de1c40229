use axum::http::StatusCode;
use web::Problem;

/// Why nothing of a file was loaded. Single lines are refused in the report instead.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be read.
    #[error("the file could not be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// The file has no symbol column and no symbol was given.
    #[error(
        "the file has no symbol column: say whose bars these are with the option symbol, for \
         example --symbol MSFT"
    )]
    MissingSymbol,
    /// The reader ended before the file did.
    #[error("the reader of the file stopped before its end")]
    Interrupted,
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Unreadable(error) => {
                Self::unreadable(format!("The file could not be read: {error}."))
            }
            ImportError::MissingSymbol => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "missing-symbol",
                "Whose bars are these?",
                "The file has no symbol column: name the symbol beside it.",
            ),
            error @ ImportError::Interrupted => Self::internal(&error),
            ImportError::Database(error) => error.into(),
        }
    }
}
