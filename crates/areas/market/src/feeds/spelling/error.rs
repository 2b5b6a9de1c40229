use web::{FieldError, Problem};

/// Why the spelling of a source was not stated or withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No instrument with prices of a source has this id.
    #[error("there is no such instrument with prices of a source")]
    NotFetched,
    /// Nothing is stated for this source.
    #[error("nothing is stated for this source")]
    NotFound,
    /// A field that is not acceptable.
    #[error("{} is not acceptable", .0.pointer)]
    Invalid(FieldError),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl Error {
    pub(super) fn invalid(code: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(FieldError {
            pointer: "symbol".to_owned(),
            code: code.to_owned(),
            detail: detail.into(),
        })
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFetched => Self::not_found("instrument with prices of a source"),
            Error::NotFound => Self::not_found("stated spelling"),
            Error::Invalid(field) => Self::invalid(vec![field]),
            Error::Database(error) => error.into(),
        }
    }
}
