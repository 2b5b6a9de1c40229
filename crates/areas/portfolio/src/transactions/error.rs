use axum::http::StatusCode;
use web::{ChangedMeanwhile, FieldError, Problem};

use crate::portfolios;

/// What can go wrong with a transaction.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such transaction")]
    NotFound,
    #[error("{}", sentences(.0))]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    ChangedMeanwhile(#[from] ChangedMeanwhile),
    #[error("this booking is in the portfolio again already, so it cannot be brought back")]
    BookedAgain,
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
            Error::ChangedMeanwhile(error) => error.into(),
            Error::BookedAgain => Self::new(
                StatusCode::CONFLICT,
                "booked-again",
                "Booked again",
                "The same booking has come into the portfolio again, for example by another import. \
                 Delete that one first if you want this one back.",
            ),
            Error::Oversell { message } => Self::invalid_field("quantity", "oversell", message),
            Error::Portfolio(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}

/// For the command line, which has no fields to mark.
fn sentences(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(|error| error.detail.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
