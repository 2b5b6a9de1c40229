use axum::http::StatusCode;
use web::Problem;

use super::GRACE;
use crate::{factors::FactorError, sessions::SessionError};

/// What can go wrong with signing in an app and with its tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FamilyError {
    /// The password was right, and the account asks for a second factor.
    #[error("the account asks for a code as well")]
    SecondStepRequired,
    /// Not the refresh token of a session: unknown, ended, or used before.
    #[error("this is no refresh token that can be exchanged")]
    InvalidRefreshToken,
    /// Exchanged a moment ago.
    #[error("this refresh token was exchanged a moment ago")]
    JustUsed,
    /// The email address or the password is not right.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The code is not right.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<FamilyError> for Problem {
    fn from(error: FamilyError) -> Self {
        match error {
            FamilyError::SecondStepRequired => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "second-step-required",
                "Second step required",
                "Send the same once more with `code`: a code of the authenticator app, or a recovery \
                 code. A passkey works in a browser alone.",
            ),
            FamilyError::InvalidRefreshToken => Self::new(
                StatusCode::UNAUTHORIZED,
                "refresh-token-invalid",
                "Refresh token not valid",
                "The refresh token is unknown, has ended, or was used before. Sign in again.",
            ),
            FamilyError::JustUsed => Self::conflict(
                "refresh-token-just-used",
                "Refresh token just used",
                format!(
                    "The refresh token was exchanged less than {} seconds ago. Use the pair that came \
                     of it; using this one later ends the session.",
                    GRACE.as_secs()
                ),
            ),
            FamilyError::Session(error) => error.into(),
            FamilyError::Factor(error) => error.into(),
            FamilyError::Database(error) => error.into(),
        }
    }
}
