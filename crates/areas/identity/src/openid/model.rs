use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use db::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{secret, users::Email};

/// Names an identity of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct IdentityId(pub(crate) Uuid);

/// Who a person is with a provider.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) id: IdentityId,
    pub(crate) issuer: String,
    /// As the provider last told it.
    pub(crate) email: String,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// What the operator took from an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlinked {
    /// Addresses of the identities, as their providers told them.
    pub identities: Vec<String>,
    /// Sessions that ended.
    pub sessions: u64,
}

/// Why a browser is sent to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To sign in.
    SignIn,
    /// To link who the provider says to the account that is signed in.
    Link,
    /// To prove that the person is still there.
    Confirm,
}

/// A browser that is with the provider.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) purpose: Purpose,
    pub(super) user_id: Option<UserId>,
    /// Where to go on, on this site.
    pub(super) next: String,
    pub(super) began_at: Timestamp,
}

/// What the browser brings back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Brought {
    pub(super) code: String,
    pub(super) state: String,
    /// Who sent it (RFC 9207); not every provider says so.
    pub(super) iss: Option<String>,
    pub(super) error: Option<String>,
}

/// What the provider states about somebody, after its signature was verified.
#[derive(Clone, Debug)]
pub(super) struct Stated {
    pub(super) issuer: String,
    pub(super) subject: String,
    /// Verified by the provider.
    pub(super) email: Email,
    pub(super) name: String,
    /// When the person last proved to the provider who they are.
    pub(super) authenticated_at: Option<Timestamp>,
}

impl Purpose {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Link => "link",
            Self::Confirm => "confirm",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::SignIn, Self::Link, Self::Confirm]
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }
}

/// What goes to the provider for the secret of a cookie. None of them leads back to it.
pub(super) fn state(token: &str) -> String {
    derived("state", token)
}

pub(super) fn nonce(token: &str) -> String {
    derived("nonce", token)
}

/// The proof of the code (PKCE): 43 characters, as RFC 7636 asks for at least.
pub(super) fn verifier(token: &str) -> String {
    derived("verifier", token)
}

fn derived(what: &str, token: &str) -> String {
    let pieces = [
        b"openid ".as_slice(),
        what.as_bytes(),
        &[0],
        token.as_bytes(),
    ];
    URL_SAFE_NO_PAD.encode(secret::hash_of(&pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_sees_differs_by_use_and_by_browser() {
        let (one, other) = (secret::generate(), secret::generate());
        let all = [state(&one), nonce(&one), verifier(&one), state(&other)];
        for (at, text) in all.iter().enumerate() {
            assert_eq!(text.len(), 43);
            assert!(!all[..at].contains(text), "{text}");
            assert!(!text.contains(&one));
        }
        assert_eq!(state(&one), state(&one));
    }

    #[test]
    fn every_purpose_is_read_back() {
        for purpose in [Purpose::SignIn, Purpose::Link, Purpose::Confirm] {
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
        }
        assert_eq!(Purpose::parse("else"), None);
    }
}
