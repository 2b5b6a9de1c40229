use web::{FieldError, Problem};

/// What can go wrong with the composition of a fund.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such instrument")]
    NotFound,
    #[error("some fields are not acceptable")]
    Invalid(Vec<FieldError>),
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
        match error {
            Error::NotFound => Self::not_found("instrument"),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Database(error) => error.into(),
        }
    }
}
