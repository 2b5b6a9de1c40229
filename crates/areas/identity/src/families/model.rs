use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ACCESS_FOR;
use crate::{
    secret,
    sessions::{LIFETIME, SessionId, secret_of},
};

/// The dot keeps them apart from API tokens, whose random part has none.
pub(crate) const ACCESS_PREFIX: &str = "bur_access.";
const REFRESH_PREFIX: &str = "bur_refresh.";

/// What an app sends to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    /// Email address of the account.
    #[schema(example = "ann@example.org")]
    pub(super) email: String,
    /// Its password.
    #[schema(format = Password)]
    pub(super) password: String,
    /// Where the account asks for a second factor: a code of the authenticator app, or a recovery code.
    pub(super) code: Option<String>,
}

/// What an app sends for its next pair of tokens.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeBody {
    /// The refresh token of the last pair; it is used up.
    pub(super) refresh_token: String,
}

/// A pair of tokens, which nobody sees again.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairView {
    /// The session: in the list of sessions, and to be ended by.
    session_id: SessionId,
    /// Sent as `Authorization: Bearer`, with all rights of the person.
    access_token: String,
    /// From when on it does not work.
    #[schema(value_type = String, format = DateTime)]
    access_expires_at: Timestamp,
    /// Exchanged for the next pair, once.
    refresh_token: String,
    /// From when on it cannot be exchanged.
    #[schema(value_type = String, format = DateTime)]
    refresh_expires_at: Timestamp,
}

/// A new pair of tokens.
pub(super) struct Pair {
    access: String,
    refresh: String,
    pub(super) created_at: Timestamp,
    pub(super) access_expires_at: Timestamp,
    /// Of the refresh token, and of the session unless it is exchanged.
    pub(super) expires_at: Timestamp,
}

impl Pair {
    pub(super) fn generate(session: SessionId, now: Timestamp) -> Self {
        Self {
            access: format!("{ACCESS_PREFIX}{}", secret_of(session)),
            refresh: format!("{REFRESH_PREFIX}{}", secret::generate()),
            created_at: now,
            access_expires_at: now.checked_add(ACCESS_FOR).unwrap_or(now),
            expires_at: now.checked_add(LIFETIME).unwrap_or(now),
        }
    }

    pub(super) fn access_hash(&self) -> [u8; 32] {
        secret::hash(&self.access)
    }

    pub(super) fn refresh_hash(&self) -> [u8; 32] {
        secret::hash(&self.refresh)
    }

    pub(super) fn into_view(self, session_id: SessionId) -> PairView {
        PairView {
            session_id,
            access_token: self.access,
            access_expires_at: self.access_expires_at,
            refresh_token: self.refresh,
            refresh_expires_at: self.expires_at,
        }
    }
}

impl fmt::Debug for PairView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairView")
            .field("session_id", &self.session_id)
            .finish_non_exhaustive()
    }
}

/// Whether what a request carries claims to be an access token, rather than an API token.
pub(crate) fn is_access_token(text: &str) -> bool {
    text.starts_with(ACCESS_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_tokens_of_a_pair_differ_and_are_told_apart() {
        let pair = Pair::generate(SessionId(uuid::Uuid::nil()), Timestamp::UNIX_EPOCH);
        assert_ne!(pair.access_hash(), pair.refresh_hash());
        assert!(is_access_token(&pair.access));
        assert!(!is_access_token(&pair.refresh) && !is_access_token("bur_access"));
        let view = pair.into_view(SessionId(uuid::Uuid::nil()));
        assert_eq!(
            (
                view.access_expires_at.as_second(),
                view.refresh_expires_at.as_second()
            ),
            (15 * 60, 30 * 86_400)
        );
        assert!(!format!("{view:?}").contains("bur_"));
    }
}
