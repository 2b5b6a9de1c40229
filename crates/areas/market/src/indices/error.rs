use axum::http::StatusCode;
use web::{FieldError, Problem};

/// Why a value of an index was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The instrument is no index.
    #[error("the instrument is no index")]
    NoIndex,
    /// Nothing is recorded for the instant.
    #[error("there is no such value")]
    NotFound,
    /// Fields that are not acceptable.
    #[error("{} fields are not acceptable", .0.len())]
    Invalid(Vec<FieldError>),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NoIndex => Self::new(
                StatusCode::CONFLICT,
                "instrument-no-index",
                "Not an index",
                "Values are recorded for instruments of the class index alone. Change the class of \
                 the instrument, or import its prices as bars.",
            ),
            Error::NotFound => Self::not_found("value of the index"),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Database(error) => error.into(),
        }
    }
}
