use axum::http::StatusCode;
use web::Problem;

use crate::{
    throttle::Held,
    users::{UserError, password::HashingError},
};

/// What can go wrong with signing in and with sessions.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown person or wrong password; it is not said which.
    #[error("email address and password do not match an account here")]
    Refused,
    /// Too many wrong passwords.
    #[error("too many failed attempts; try again in {retry_after_s} seconds")]
    TooManyAttempts {
        /// How long to wait.
        retry_after_s: u32,
    },
    /// No such session of this person.
    #[error("there is no such session")]
    NotFound,
    /// Passwords cannot be checked.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Held> for SessionError {
    fn from(held: Held) -> Self {
        match held {
            Held::Wait(retry_after_s) => Self::TooManyAttempts { retry_after_s },
            Held::Database(error) => Self::Database(error),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Refused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "sign-in-refused",
                "Sign-in refused",
                "Email address and password do not match an account here.",
            ),
            SessionError::TooManyAttempts { retry_after_s } => too_many_attempts(retry_after_s),
            SessionError::NotFound => Self::not_found("session"),
            SessionError::Hashing(error) => UserError::Hashing(error).into(),
            SessionError::Database(error) => error.into(),
        }
    }
}

/// 429: a secret was tried in vain too often.
pub(crate) fn too_many_attempts(retry_after_s: u32) -> Problem {
    Problem {
        retry_after_s: Some(retry_after_s),
        ..Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-attempts",
            "Too many attempts",
            format!("Several attempts failed. Try again in {retry_after_s} seconds."),
        )
    }
}
