use web::{FieldError, Problem};

/// What can go wrong with a portfolio.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no portfolio {name:?}; create it with `bursar portfolio add {name:?}`")]
    UnknownName { name: String },
    #[error("there is no such portfolio")]
    NotFound,
    #[error("a portfolio named {name:?} exists already")]
    NameTaken { name: String },
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
            Error::UnknownName { .. } | Error::NotFound => Self::not_found("portfolio"),
            Error::NameTaken { .. } => Self::conflict(
                "portfolio-name-taken",
                "Portfolio name taken",
                format!("{error}. Choose another name."),
            ),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Database(error) => error.into(),
        }
    }
}
