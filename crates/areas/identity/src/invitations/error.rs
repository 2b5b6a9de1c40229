use web::Problem;

use crate::{outbox::OutboxError, users::UserError};

/// What can go wrong with invitations.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// Nobody may register, so an invitation would lead nowhere.
    #[error("Registration is closed. Set it to invitation or open first.")]
    Closed,
    /// Ends too soon or too late.
    #[error("An invitation lasts 1 to {longest} days.")]
    InvalidDays {
        /// Days allowed.
        longest: u16,
    },
    /// There is an account with the address.
    #[error(transparent)]
    User(#[from] UserError),
    /// No such invitation that waits.
    #[error("there is no such invitation, or it was used")]
    NotFound,
    /// Mail cannot be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<InvitationError> for Problem {
    fn from(error: InvitationError) -> Self {
        let detail = error.to_string();
        match error {
            InvitationError::Closed => {
                Self::conflict("registration-closed", "Registration is not open", detail)
            }
            InvitationError::InvalidDays { .. } => {
                Self::invalid_field("days", "invalid_days", detail)
            }
            InvitationError::User(error) => error.into(),
            InvitationError::NotFound => Self::not_found("invitation"),
            InvitationError::Outbox(error) => error.into(),
            InvitationError::Database(error) => error.into(),
        }
    }
}
