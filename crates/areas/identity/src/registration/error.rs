use axum::http::StatusCode;
use web::Problem;

use super::Policy;
use crate::{
    invitations::InvitationError, outbox::OutboxError, profile::ProfileError, users::UserError,
};

/// What can go wrong with registration.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Nobody may register, or only who is invited.
    #[error("{}", .policy.refusal())]
    Refused {
        /// What holds.
        policy: Policy,
    },
    /// The link was used, replaced or is too old.
    #[error("the link is no longer valid")]
    LinkDead,
    /// Whoever started the server has said it.
    #[error("registration is pinned to {} by --registration (BURSAR_REGISTRATION)", .policy.as_str())]
    Pinned {
        /// To what.
        policy: Policy,
    },
    /// No such policy.
    #[error("“{word}” is no way to register: write open, invitation or closed")]
    UnknownPolicy {
        /// The word as given.
        word: String,
    },
    /// The account is not acceptable.
    #[error(transparent)]
    User(#[from] UserError),
    /// The username or the referral code is not acceptable.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The invitation does not hold.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// Mail cannot be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<RegistrationError> for Problem {
    fn from(error: RegistrationError) -> Self {
        let detail = error.to_string();
        match error {
            RegistrationError::Refused { .. } => Self::new(
                StatusCode::FORBIDDEN,
                "registration-refused",
                "Registration is not open",
                detail,
            ),
            RegistrationError::LinkDead => Self::not_found("link"),
            RegistrationError::Pinned { .. } => {
                Self::conflict("registration-pinned", "Registration is pinned", detail)
            }
            RegistrationError::UnknownPolicy { .. } => {
                Self::invalid_field("policy", "unknown_policy", detail)
            }
            RegistrationError::User(error) => error.into(),
            RegistrationError::Profile(error) => error.into(),
            RegistrationError::Invitation(error) => error.into(),
            RegistrationError::Outbox(error) => error.into(),
            RegistrationError::Database(error) => error.into(),
        }
    }
}
