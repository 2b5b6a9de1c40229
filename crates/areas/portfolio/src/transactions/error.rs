use web::{FieldError, Problem};

use crate::portfolios;

/// What can go wrong with a transaction.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such transaction")]
    NotFound,
    #[error("some fields are not acceptable")]
    Invalid(Vec<FieldError>),
    #[error("{message}")]
    Oversell { message: String },
    #[error(transparent)]
    Portfolio(#[from] portfolios::Error),
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
            Error::NotFound => Self::not_found("transaction"),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Oversell { message } => Self::invalid_field("quantity", "oversell", message),
            Error::Portfolio(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
