use axum::http::StatusCode;
use jiff::civil::Date;
use ledger::TransactionKind;
use web::{ChangedMeanwhile, FieldError, Problem};

/// Why a corporate action was not stated or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No corporate action has this id.
    #[error("there is no such corporate action")]
    NotFound,
    /// The instrument has an action of this type on this day.
    #[error("the instrument has a {} on {ex_date} already", .kind.as_str())]
    Taken {
        /// Its type.
        kind: TransactionKind,
        /// Its day.
        ex_date: Date,
    },
    /// Fields that are not acceptable.
    #[error("{} fields are not acceptable", .0.len())]
    Invalid(Vec<FieldError>),
    /// Another version than the current one was edited.
    #[error(transparent)]
    ChangedMeanwhile(#[from] ChangedMeanwhile),
    /// No instrument has this id.
    #[error(transparent)]
    Instrument(#[from] crate::instruments::Error),
    /// The database did not take part.
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
            Error::NotFound => Self::not_found("corporate action"),
            Error::Taken { kind, ex_date } => Self::new(
                StatusCode::CONFLICT,
                "corporate-action-taken",
                "Corporate action already there",
                format!(
                    "The instrument has a {} on {ex_date} already. Edit that one, or state another \
                     ex-date.",
                    super::model::word(kind)
                ),
            ),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::ChangedMeanwhile(error) => error.into(),
            Error::Instrument(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
