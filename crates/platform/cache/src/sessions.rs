//! Sessions of browsers and programs. Whoever reads the cache must not be able to take one over.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{Cache, SESSION};

/// What is kept about a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user_id: String,
    /// Of the token that prolongs it, by SHA-256; of a browser that is its cookie.
    pub refresh_token_hash: String,
    /// Of the token that requests carry, by SHA-256; of a browser that is its cookie.
    pub access_token_hash: String,
    /// What is known of the device, as JSON.
    pub device_info: String,
    /// When it began (RFC 3339).
    pub created_at: String,
}

impl Session {
    /// A hash as it is kept: in base64, for addresses.
    pub fn written(hash: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(hash)
    }

    /// Whether requests of the session carry this.
    pub fn is_carried_by(&self, access_token: &str) -> bool {
        // Hashes of guesses tell nothing about the token, so the time of this comparison may.
        self.access_token_hash == hash(access_token)
    }
}

impl Cache {
    /// Keeps a session for thirty days from now.
    pub async fn put_session(&self, id: &str, session: &Session) {
        let Session {
            user_id,
            refresh_token_hash,
            access_token_hash,
            device_info,
            created_at,
        } = session;
        let values = [
            user_id.as_str(),
            refresh_token_hash,
            device_info,
            created_at,
            access_token_hash,
        ];
        self.put(SESSION, id, &values).await;
    }

    /// The session of this id.
    pub async fn session(&self, id: &str) -> Option<Session> {
        let values: [String; 5] = self.get(SESSION, id).await?.try_into().ok()?;
        let [
            user_id,
            refresh_token_hash,
            device_info,
            created_at,
            access_token_hash,
        ] = values;
        Some(Session {
            user_id,
            refresh_token_hash,
            access_token_hash,
            device_info,
            created_at,
        })
    }
}

fn hash(token: &str) -> String {
    Session::written(&Sha256::digest(token))
}
