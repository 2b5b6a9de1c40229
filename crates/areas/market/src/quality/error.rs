use axum::http::StatusCode;
use web::Problem;

/// Why a decision about data was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing in the quarantine has this id.
    #[error("there is no such doubtful bar")]
    NotFound,
    /// Somebody was faster.
    #[error("it has been decided already")]
    Decided,
    /// The bar that is stored became known later.
    #[error("a later statement about the same time is stored")]
    Outdated,
    /// A price that is none cannot be stored.
    #[error("a bar without positive prices cannot be accepted")]
    Impossible,
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("doubtful bar"),
            Error::Decided => Self::new(
                StatusCode::CONFLICT,
                "quarantine-decided",
                "Already decided",
                "Somebody has accepted or rejected this bar meanwhile.",
            ),
            Error::Outdated => Self::new(
                StatusCode::CONFLICT,
                "quarantine-outdated",
                "Something later is stored",
                "What is stored about the same time was stated after this. Reject it, and state the close yourself \
                 if the stored one is wrong.",
            ),
            Error::Impossible => Self::new(
                StatusCode::CONFLICT,
                "quarantine-impossible",
                "No price",
                "A bar without positive prices cannot be accepted. Reject it, and state the close \
                 yourself if you know it.",
            ),
            Error::Database(error) => error.into(),
        }
    }
}
