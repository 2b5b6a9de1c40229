use seal::SealError;
use web::Problem;

use crate::{
    throttle::Held,
    users::{UserError, password::HashingError},
};

/// What can go wrong with second factors and proofs.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// Neither a current code of the app nor an unused recovery code.
    #[error("the code is not right, was used before, or is too old")]
    WrongCode,
    /// Too many wrong codes or passwords.
    #[error("too many failed attempts; try again in {retry_after_s} seconds")]
    TooManyAttempts {
        /// How long to wait.
        retry_after_s: u32,
    },
    /// The sign-in was not finished in time, or the password was changed meanwhile.
    #[error("the sign-in took too long or tried too many codes; begin again")]
    SignInExpired,
    /// No authenticator app is being set up, or none is set up.
    #[error("there is no authenticator app")]
    NoApp,
    /// An app is set up already.
    #[error("there is an authenticator app already; remove it first")]
    HasApp,
    /// Recovery codes stand in for a factor that is not there.
    #[error("there is neither an authenticator app nor a passkey, so there is nothing to recover")]
    NothingToRecover,
    /// The password is not right.
    #[error("the password is not right")]
    WrongPassword,
    /// The secret of the app cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The secret of the app cannot be used.
    #[error("the authenticator app cannot be set up: {0}")]
    Totp(#[from] totp_rs::TotpError),
    /// Passwords cannot be checked.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The account cannot be found.
    #[error(transparent)]
    User(#[from] UserError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Held> for FactorError {
    fn from(held: Held) -> Self {
        match held {
            Held::Wait(retry_after_s) => Self::TooManyAttempts { retry_after_s },
            Held::Database(error) => Self::Database(error),
        }
    }
}

impl From<FactorError> for Problem {
    fn from(error: FactorError) -> Self {
        let detail = error.to_string();
        match error {
            FactorError::WrongCode => Self::invalid_field(
                "code",
                "wrong_code",
                "This code is not right, was used before, or is too old. Wait for the next one, and \
                 check the clock of the device.",
            ),
            FactorError::TooManyAttempts { retry_after_s } => {
                crate::sessions::SessionError::TooManyAttempts { retry_after_s }.into()
            }
            FactorError::SignInExpired => Self::conflict(
                "sign-in-expired",
                "Sign-in expired",
                "The sign-in took too long or tried too many codes. Begin again.",
            ),
            FactorError::NoApp => Self::not_found("authenticator app"),
            FactorError::HasApp => Self::conflict(
                "authenticator-app-set-up",
                "Authenticator app set up already",
                "Remove the authenticator app before setting up another one.",
            ),
            FactorError::NothingToRecover => {
                Self::conflict("nothing-to-recover", "Nothing to recover", detail)
            }
            FactorError::WrongPassword => UserError::WrongPassword.into(),
            FactorError::Seal(error) => Self::internal(&error),
            FactorError::Totp(error) => Self::internal(&error),
            FactorError::Hashing(error) => UserError::Hashing(error).into(),
            FactorError::User(error) => error.into(),
            FactorError::Database(error) => error.into(),
        }
    }
}
