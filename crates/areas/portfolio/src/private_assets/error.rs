use market::ImportError;
use web::{ChangedMeanwhile, FieldError, Problem};

use crate::transactions;

/// What can go wrong with a property, private holding or debt.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such private asset")]
    NotFound,
    #[error("there is no appraisal of that day")]
    NoAppraisal,
    #[error("something private with the name or symbol {name:?} exists already")]
    NameTaken { name: String },
    #[error("some fields are not acceptable")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    ChangedMeanwhile(#[from] ChangedMeanwhile),
    #[error(transparent)]
    File(#[from] ImportError),
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
        match error {
            Error::NotFound => Self::not_found("private asset"),
            Error::NoAppraisal => Self::not_found("appraisal"),
            Error::NameTaken { .. } => Self::conflict(
                "private-asset-name-taken",
                "Name taken",
                format!("{error}. Choose another one."),
            ),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::ChangedMeanwhile(error) => error.into(),
            Error::File(error) => error.into(),
            Error::Transaction(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
