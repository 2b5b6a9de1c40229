use web::Problem;

use crate::{
    outbox::OutboxError,
    users::{Status, UserError},
};

/// What can go wrong with managing people.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Nobody has this id.
    #[error("there is no such person")]
    NotFound,
    /// Nobody would run the instance.
    #[error("{email} is the only administrator in use; make somebody else administrator first")]
    LastAdmin {
        /// Who it is.
        email: String,
    },
    /// What is closed for good is not opened again, and nothing but its person closes it.
    #[error("an account does not go from {from} to {to}", from = .from.as_str(), to = .to.as_str())]
    Closed {
        /// What it is.
        from: Status,
        /// What it was to be.
        to: Status,
    },
    /// A tier that is free has no end.
    #[error("The tier observer has no end.")]
    EndWithoutTier,
    /// An end that is past.
    #[error("The end of a tier lies ahead.")]
    PastEnd,
    /// By email.
    #[error(transparent)]
    User(#[from] UserError),
    /// Mail cannot be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        let detail = error.to_string();
        match error {
            PeopleError::NotFound => Self::not_found("person"),
            PeopleError::LastAdmin { .. } => {
                Self::conflict("last-admin", "The last administrator", detail)
            }
            PeopleError::Closed { .. } => {
                Self::conflict("account-closed", "Account closed", detail)
            }
            PeopleError::EndWithoutTier | PeopleError::PastEnd => {
                Self::invalid_field("tier_expires_at", "invalid_end", detail)
            }
            PeopleError::User(error) => error.into(),
            PeopleError::Outbox(error) => error.into(),
            PeopleError::Database(error) => error.into(),
        }
    }
}
