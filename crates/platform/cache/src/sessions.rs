//! Sessions of programs. Whoever reads the cache must not be able to take one over.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{Cache, SESSION};

/// What is kept about a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user_id: String,
    /// Of the refresh token, by SHA-256.
    pub refresh_token_hash: String,
    /// What is known of the device, as JSON.
    pub device_info: String,
    /// When it began (RFC 3339).
    pub created_at: String,
}

impl Session {
    /// A session with this refresh token, of which only the hash is held.
    pub fn new(
        user_id: impl Into<String>,
        refresh_token: &str,
        device_info: impl Into<String>,
        created_at: impl Into<String>,
    ) -> Self {
        Self {
            user_id: user_id.into(),
            refresh_token_hash: hash(refresh_token),
            device_info: device_info.into(),
            created_at: created_at.into(),
        }
    }

    /// Whether this is its refresh token.
    pub fn is_refreshed_by(&self, refresh_token: &str) -> bool {
        // Hashes of guesses tell nothing about the token, so the time of this comparison may.
        self.refresh_token_hash == hash(refresh_token)
    }
}

impl Cache {
    /// Keeps a session for thirty days.
    pub async fn put_session(&self, id: &str, session: &Session) {
        let Session {
            user_id,
            refresh_token_hash,
            device_info,
            created_at,
        } = session;
        let values = [
            user_id.as_str(),
            refresh_token_hash,
            device_info,
            created_at,
        ];
        self.put(SESSION, id, &values).await;
    }

    /// The session of this id.
    pub async fn session(&self, id: &str) -> Option<Session> {
        let values: [String; 4] = self.get(SESSION, id).await?.try_into().ok()?;
        let [user_id, refresh_token_hash, device_info, created_at] = values;
        Some(Session {
            user_id,
            refresh_token_hash,
            device_info,
            created_at,
        })
    }
}

fn hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}
