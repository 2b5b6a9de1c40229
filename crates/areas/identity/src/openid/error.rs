use axum::http::StatusCode;
use web::Problem;

use crate::{factors::FactorError, users::UserError};

/// What can go wrong with a sign-in by a provider.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// This server has no provider.
    #[error("no provider is set up")]
    NotSetUp,
    /// Too late, a second time, or from another browser.
    #[error("the sign-in took too long, was used already, or began in another browser")]
    Expired,
    /// The person, or the provider, said no.
    #[error("the provider did not let the person through: {reason}")]
    Denied {
        /// In the provider's words; for the log alone.
        reason: String,
    },
    /// The provider does not answer, or not as it should.
    #[error("the provider cannot be asked: {reason}")]
    Unavailable {
        /// What happened; for the log alone.
        reason: String,
    },
    /// What came back is not a statement of the provider for this sign-in.
    #[error("the provider's statement is not accepted: {reason}")]
    Untrusted {
        /// What is wrong with it; for the log alone.
        reason: String,
    },
    /// The provider did not verify the address, or told none.
    #[error("the provider states no verified address")]
    Unverified,
    /// The address is not on the list.
    #[error("the address is not on the allow-list")]
    NotAllowed,
    /// Somebody has the address here, and did not link this identity.
    #[error("there is an account with this address, to which the identity is not linked")]
    HasAccount,
    /// No account is made for whoever is not named.
    #[error("no account is made for this address")]
    Closed,
    /// Suspended, inactive or closed.
    #[error("the account cannot be used")]
    Unusable,
    /// The identity belongs to somebody else here.
    #[error("the identity is linked to another account")]
    OtherAccount,
    /// The identity does not belong to whoever confirms.
    #[error("the identity is not linked to this account")]
    NotLinked,
    /// The provider did not ask the person again.
    #[error("the provider did not ask the person anew")]
    NotAnew,
    /// Without the identity the person could not sign in any more.
    #[error("the identity is the only way to sign in")]
    LastWay,
    /// No such identity of this person.
    #[error("there is no such identity")]
    NotFound,
    /// What is set up cannot be used.
    #[error("sign-in by OpenID Connect cannot be set up: {reason}")]
    Setting {
        /// Why.
        reason: String,
    },
    /// The account cannot be found or made.
    #[error(transparent)]
    User(#[from] UserError),
    /// The second step went wrong.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl OpenIdError {
    /// What a person is told who comes back from the provider, and the status; `None` for what is no
    /// answer to them. The provider's own words stay in the log.
    pub(super) fn words(&self, label: &str) -> Option<(StatusCode, String)> {
        let status = match self {
            Self::Expired | Self::HasAccount | Self::OtherAccount => StatusCode::CONFLICT,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Denied { .. }
            | Self::Untrusted { .. }
            | Self::Unverified
            | Self::NotAllowed
            | Self::Closed
            | Self::Unusable
            | Self::NotLinked
            | Self::NotAnew => StatusCode::FORBIDDEN,
            _ => return None,
        };
        Some((status, self.text(label)))
    }

    fn text(&self, label: &str) -> String {
        match self {
            Self::Expired => {
                "This sign-in took too long, was used already, or began in another browser. Begin \
                 again."
                    .to_owned()
            }
            Self::Denied { .. } => {
                format!("{label} did not let you through. Try again, or sign in another way.")
            }
            Self::Unavailable { .. } => format!(
                "{label} cannot be reached at the moment. Try later, or sign in another way."
            ),
            Self::Untrusted { .. } => format!(
                "What {label} sent back was not accepted. Begin again; if it stays so, tell \
                     whoever runs this server."
            ),
            Self::Unverified => format!(
                "{label} has not verified your email address. Verify it there, then begin again."
            ),
            Self::NotAllowed => format!(
                "Your address with {label} may not come in here. Ask whoever runs this server."
            ),
            Self::HasAccount => format!(
                "There is an account with your address already. Sign in as before, then link \
                     {label} under Settings, Security."
            ),
            Self::Closed => {
                "No account is made for your address. Ask whoever runs this server for an \
                 invitation."
                    .to_owned()
            }
            Self::Unusable => {
                "This account cannot be used. Ask whoever runs this server.".to_owned()
            }
            Self::OtherAccount => {
                format!("This identity of {label} is linked to another account here.")
            }
            Self::NotLinked => format!("This identity of {label} is not linked to your account."),
            Self::NotAnew => format!(
                "{label} did not ask you again who you are. Confirm with the password or a \
                     passkey."
            ),
            _ => String::new(),
        }
    }
}

impl From<OpenIdError> for Problem {
    fn from(error: OpenIdError) -> Self {
        match error {
            OpenIdError::NotSetUp | OpenIdError::NotFound => Self::not_found("identity"),
            OpenIdError::LastWay => Self::conflict(
                "only-way-in",
                "Only way in",
                "Without this identity you could not sign in any more. Set a password or add a passkey \
                 first.",
            ),
            OpenIdError::User(error) => error.into(),
            OpenIdError::Factor(error) => error.into(),
            OpenIdError::Database(error) => error.into(),
            // A page says these; here they are beyond what a person can do.
            error => Self::internal(&error),
        }
    }
}
