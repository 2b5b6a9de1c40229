use web::Problem;

use super::{Weakness, password::HashingError};
use crate::{outbox::OutboxError, sessions, throttle::Held};

/// What can go wrong with accounts.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Not of the form of an email address.
    #[error(
        "“{email}” is no email address: write it like ann@example.org, with the ending of its domain"
    )]
    InvalidEmail {
        /// The text as given.
        email: String,
    },
    /// Too long, or with characters that cannot be shown.
    #[error("a name has at most {longest} characters, none of them line breaks or controls")]
    InvalidName {
        /// Characters allowed.
        longest: usize,
    },
    /// The password is easily guessed.
    #[error(transparent)]
    WeakPassword(#[from] Weakness),
    /// Somebody has this address already.
    #[error("there is a user {email} already")]
    EmailTaken {
        /// The address.
        email: String,
    },
    /// Nobody has this address.
    #[error("there is no user {email}; `bursar user list` shows who there is")]
    NoSuchUser {
        /// The address.
        email: String,
    },
    /// The instance has no user yet.
    #[error("there is no user yet; add the administrator with `bursar user add EMAIL`")]
    NoUsers,
    /// Several users, and none of them runs the instance.
    #[error(
        "there are several users and no administrator in use; say who is meant with --user EMAIL"
    )]
    NoAdmin,
    /// The current password was given wrongly.
    #[error("the current password is not right")]
    WrongPassword,
    /// The current password was given wrongly too often.
    #[error("too many failed attempts; try again in {retry_after_s} seconds")]
    TooManyAttempts {
        /// How long to wait.
        retry_after_s: u32,
    },
    /// The link was used, replaced or is too old.
    #[error("the link is no longer valid")]
    LinkDead,
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// Mail cannot be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl UserError {
    /// Reads a refused row.
    pub(crate) fn of_insert(error: db::Error, email: &str) -> Self {
        match error.constraint() {
            Some("users_email_key") => Self::EmailTaken {
                email: email.to_owned(),
            },
            Some("users_email_check") => Self::InvalidEmail {
                email: email.to_owned(),
            },
            _ => Self::Database(error),
        }
    }
}

impl From<Held> for UserError {
    fn from(held: Held) -> Self {
        match held {
            Held::Wait(retry_after_s) => Self::TooManyAttempts { retry_after_s },
            Held::Database(error) => Self::Database(error),
        }
    }
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        let detail = error.to_string();
        match error {
            UserError::InvalidEmail { .. } => Self::invalid_field(
                "email",
                "invalid_email",
                "Write it like ann@example.org, with the ending of its domain.",
            ),
            UserError::InvalidName { .. } => Self::invalid_field("name", "invalid_name", detail),
            UserError::WeakPassword(_) => Self::invalid_field("password", "weak_password", detail),
            UserError::EmailTaken { .. } => {
                Self::conflict("email-taken", "Email address taken", detail)
            }
            UserError::NoSuchUser { .. } | UserError::NoUsers | UserError::NoAdmin => {
                Self::not_found("user")
            }
            UserError::WrongPassword => Self::invalid_field(
                "current_password",
                "wrong_password",
                "This is not your current password.",
            ),
            UserError::TooManyAttempts { retry_after_s } => {
                sessions::too_many_attempts(retry_after_s)
            }
            UserError::LinkDead => Self::not_found("link"),
            UserError::Hashing(error) => Self::internal(&error),
            UserError::Outbox(error) => error.into(),
            UserError::Database(error) => error.into(),
        }
    }
}
