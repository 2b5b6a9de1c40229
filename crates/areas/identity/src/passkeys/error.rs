use axum::http::StatusCode;
use web::Problem;
use webauthn_rs::prelude::WebauthnError;

use crate::factors::FactorError;

/// What can go wrong with passkeys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasskeyError {
    /// Browsers know no passkeys of IP addresses.
    #[error(
        "{origin} names no host: passkeys belong to a host name, not to an IP address. Set \
         BURSAR_PUBLIC_URL to the address with a name, or open http://localhost instead of 127.0.0.1"
    )]
    NoHost {
        /// The public address.
        origin: String,
    },
    /// Browsers allow passkeys over TLS alone.
    #[error(
        "{origin} is not encrypted: browsers allow passkeys on https and on localhost alone. Put TLS in \
         front, and set BURSAR_PUBLIC_URL"
    )]
    Insecure {
        /// The public address.
        origin: String,
    },
    /// The answer came too late, twice, or to another question.
    #[error("the passkey was asked too long ago; try again")]
    Expired,
    /// The answer is not what a browser sends.
    #[error("the answer of the browser cannot be read")]
    Unreadable,
    /// The answer is wrong: another origin, another challenge, a bad signature.
    #[error("the passkey was not accepted: {0}")]
    Refused(#[source] WebauthnError),
    /// Nobody registered it here, or somebody else did.
    #[error("this passkey is not registered here")]
    Unknown,
    /// Its counter went backwards, now or earlier.
    #[error("the passkey “{name}” may have been copied and is refused")]
    Suspected {
        /// What the person calls it.
        name: String,
    },
    /// Registered already.
    #[error("this passkey is registered already")]
    Known,
    /// Empty, too long, or with control characters.
    #[error("name the passkey in 1 to {longest} characters")]
    InvalidName {
        /// Characters allowed.
        longest: usize,
    },
    /// No such passkey of this person.
    #[error("there is no such passkey")]
    NotFound,
    /// Nothing else lets the person in.
    #[error("this passkey is the only way into the account")]
    LastWay,
    /// Passkeys cannot be asked for.
    #[error("passkeys do not work: {0}")]
    Webauthn(#[from] WebauthnError),
    /// What was asked cannot be kept.
    #[error("a passkey's state cannot be stored: {0}")]
    State(#[from] serde_json::Error),
    /// Recovery codes or the sign-in went wrong.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl PasskeyError {
    /// Whether another try with another answer makes sense.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Expired
                | Self::Unreadable
                | Self::Refused(_)
                | Self::Unknown
                | Self::Suspected { .. }
                | Self::Known
        )
    }
}

impl From<PasskeyError> for Problem {
    fn from(error: PasskeyError) -> Self {
        let detail = error.to_string();
        match error {
            PasskeyError::NoHost { .. } | PasskeyError::Insecure { .. } => {
                Self::conflict("passkeys-unavailable", "Passkeys unavailable", detail)
            }
            PasskeyError::Refused(reason) => {
                tracing::info!(%reason, "a passkey was refused");
                refused(
                    "The passkey was not accepted. Try again, or sign in another way.".to_owned(),
                )
            }
            PasskeyError::Expired
            | PasskeyError::Unreadable
            | PasskeyError::Unknown
            | PasskeyError::Suspected { .. }
            | PasskeyError::Known => {
                let mut chars = detail.chars();
                let first = chars.next().map(char::to_uppercase);
                refused(format!(
                    "{}{}.",
                    first.into_iter().flatten().collect::<String>(),
                    chars.as_str()
                ))
            }
            PasskeyError::InvalidName { longest } => Self::invalid_field(
                "name",
                "invalid_name",
                format!("Name the passkey in 1 to {longest} characters."),
            ),
            PasskeyError::NotFound => Self::not_found("passkey"),
            PasskeyError::LastWay => Self::conflict(
                "only-way-in",
                "Only way in",
                "Without this passkey you could not sign in any more. Set a password, add another \
                 passkey or link an identity first.",
            ),
            PasskeyError::Webauthn(error) => Self::internal(&error),
            PasskeyError::State(error) => Self::internal(&error),
            PasskeyError::Factor(error) => error.into(),
            PasskeyError::Database(error) => error.into(),
        }
    }
}

fn refused(detail: String) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "passkey-refused",
        "Passkey refused",
        detail,
    )
}
