use web::{FieldError, Problem};

/// What can go wrong with a category.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such category")]
    NotFound,
    #[error("there is no such rule")]
    NoRule,
    #[error("there is no such instrument")]
    NoInstrument,
    #[error("the instrument is not assigned to this category")]
    NotAssigned,
    #[error("a category named {name:?} exists already")]
    NameTaken { name: String },
    #[error("without this category the targets of the upper level would be more than 100 percent")]
    TargetsLeft,
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
            Error::NotFound => Self::not_found("category"),
            Error::NoRule => Self::not_found("rule"),
            Error::NoInstrument => Self::not_found("instrument"),
            Error::NotAssigned => Self::not_found("assignment"),
            Error::NameTaken { .. } => Self::conflict(
                "category-name-taken",
                "Category name taken",
                format!("{error}. Choose another name."),
            ),
            Error::TargetsLeft => Self::conflict(
                "category-targets-left",
                "Targets above 100 percent",
                "The categories below it would move up with their targets, and together have more \
                 than 100 percent. Change or delete them first.",
            ),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Database(error) => error.into(),
        }
    }
}

/// One field that is not acceptable.
pub(super) fn refused(pointer: &str, code: &str, detail: impl Into<String>) -> Error {
    Error::Invalid(vec![refusal(pointer, code, detail)])
}

pub(super) fn refusal(pointer: &str, code: &str, detail: impl Into<String>) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.into(),
    }
}
