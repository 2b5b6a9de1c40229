use web::{FieldError, Problem};

/// Why a close was not stated or withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody has stated a close for this day.
    #[error("no close is stated for this day")]
    NotFound,
    /// Fields that are not acceptable.
    #[error("{} fields are not acceptable", .0.len())]
    Invalid(Vec<FieldError>),
    /// No instrument has this id.
    #[error(transparent)]
    Instrument(#[from] crate::instruments::Error),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("stated close"),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Instrument(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
