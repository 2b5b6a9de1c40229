use seal::SealError;
use web::Problem;

/// Why a decision about a data source was not stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its key cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Seal(error) => Self::internal(&error),
            Error::Database(error) => error.into(),
        }
    }
}
