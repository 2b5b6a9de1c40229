use web::Problem;

use crate::{preferences::PreferencesError, users::UserError};

/// What can go wrong at set-up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The link was used, replaced or is too old, or there is an administrator.
    #[error("the set-up link is no longer valid")]
    LinkDead,
    /// The account is not acceptable.
    #[error(transparent)]
    User(#[from] UserError),
    /// The preferences are not acceptable.
    #[error(transparent)]
    Preferences(#[from] PreferencesError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<SetupError> for Problem {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::LinkDead => Self::not_found("link"),
            SetupError::User(error) => error.into(),
            SetupError::Preferences(error) => error.into(),
            SetupError::Database(error) => error.into(),
        }
    }
}
