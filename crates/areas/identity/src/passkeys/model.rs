use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::PasskeyError;

const MAX_NAME_CHARS: usize = 100;

/// Names a passkey of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct PasskeyId(pub(crate) Uuid);

/// What a passkey is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be known from now on.
    Register,
    /// To sign in without a password; it says itself whose it is.
    SignIn,
    /// To follow the password.
    SecondStep,
    /// To prove that the person is still there.
    Confirm,
}

impl Purpose {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign_in",
            Self::SecondStep => "second_step",
            Self::Confirm => "confirm",
        }
    }
}

/// A passkey that was registered.
#[derive(Clone, Debug)]
pub(crate) struct Passkey {
    pub(crate) id: PasskeyId,
    pub(crate) name: String,
    pub(crate) credential: webauthn_rs::prelude::Passkey,
    /// How often it was used, as it says itself; zero when it does not count.
    pub(crate) counter: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) suspected_at: Option<Timestamp>,
}

/// A passkey as a client reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasskeyView {
    /// Names the passkey.
    id: PasskeyId,
    /// What the person calls it.
    name: String,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Last use; absent before the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// When its counter went backwards: there may be a copy, so it is refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    suspected_at: Option<Timestamp>,
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
            suspected_at: passkey.suspected_at,
        }
    }
}

/// What a challenge looks like to a browser, and the secret under which it is remembered.
#[derive(Clone, Debug)]
pub(crate) struct Ceremony {
    pub(crate) token: String,
    /// Options of `navigator.credentials`, as JSON.
    pub(crate) options: String,
}

/// Trims a name; an empty or long one, or one with control characters, is refused.
pub(super) fn clean_name(text: &str) -> Result<String, PasskeyError> {
    let name = text.trim();
    let is_clean = !name.is_empty() && !name.chars().any(char::is_control);
    if is_clean && name.chars().count() <= MAX_NAME_CHARS {
        Ok(name.to_owned())
    } else {
        Err(PasskeyError::InvalidName {
            longest: MAX_NAME_CHARS,
        })
    }
}
