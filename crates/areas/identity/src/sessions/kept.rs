//! What the cache knows of sessions, so that a flood of requests is counted and refused before the database is
//! asked. It says among whose requests a request counts, and nothing else: who is let in, the database decides, so
//! an entry that is out of date lets nobody in and keeps nobody out.
//!
//! An entry is written when a session was found in the database that the cache did not know by this secret, so at
//! the first request after a sign-in or an exchange of tokens, and whenever its use is written down. It ends with
//! the session ([`forget_ended`]), or when its secret turns out to be worth nothing.

use std::time::Duration;

use cache::{Cache, SESSION, Session};
use db::{Db, UserId};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;
use web::CancellationToken;

use super::{SessionId, store::FoundRow};
use crate::{families, secret};

/// Where the database tells which sessions ended; migrations give the channel this name.
const CHANNEL: &str = "bursar_sessions_ended";
/// How long a lost connection is left alone.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// A fresh secret of a session, which names the session beside what nobody can guess.
pub(crate) fn secret_of(id: SessionId) -> String {
    format!("{}.{}", id.0.simple(), secret::generate())
}

/// The session that a cookie or an access token names; whether it is truly theirs is not known by that.
fn named(token: &str) -> Option<SessionId> {
    let token = token.strip_prefix(families::ACCESS_PREFIX).unwrap_or(token);
    let (id, _) = token.split_once('.')?;
    Uuid::try_parse(id).ok().map(SessionId)
}

/// Whose secret it was when the cache last heard of it. Naming a session does not suffice: nobody can spend the
/// requests of somebody else.
pub(super) async fn holder(cache: &Cache, token: &str) -> Option<UserId> {
    let kept = cache.session(&named(token)?.0.to_string()).await?;
    if !kept.is_carried_by(token) {
        return None;
    }
    Uuid::try_parse(&kept.user_id).ok().map(UserId)
}

/// What the cache is told of a session that the database has found.
pub(super) struct Entry {
    id: SessionId,
    session: Session,
}

impl Entry {
    /// `None` for a secret that does not name its session, as those of before did.
    pub(super) fn of(row: &FoundRow, token: &str) -> Option<Self> {
        let id = named(token).filter(|id| id.0 == row.id)?;
        let refresh = row.refresh_hash.as_deref()?;
        Some(Self {
            id,
            session: Session {
                user_id: row.user_id.to_string(),
                refresh_token_hash: Session::written(refresh),
                access_token_hash: Session::written(&secret::hash(token)),
                device_info: json!({ "agent": row.agent }).to_string(),
                created_at: row.created_at.to_jiff().to_string(),
            },
        })
    }

    /// Keeps it for thirty days from now.
    pub(super) async fn keep(&self, cache: &Cache) {
        cache
            .put_session(&self.id.0.to_string(), &self.session)
            .await;
    }
}

/// Forgets the session of a secret that is worth nothing.
pub(super) async fn forget(cache: &Cache, token: &str) {
    if let Some(id) = named(token) {
        cache.forget(SESSION, &id.0.to_string()).await;
    }
}

/// Takes out of the cache what it knows of sessions that end: signed out, revoked, or ended with the account. What
/// is missed while the connection is made again is forgotten when somebody tries it, or with its time.
pub async fn forget_ended(db: Db, cache: Cache, stop: CancellationToken) {
    loop {
        let listening = async {
            match db.listen(&[CHANNEL]).await {
                Ok(mut listener) => {
                    while let Ok(told) = listener.recv().await {
                        cache.forget(SESSION, told.payload()).await;
                    }
                }
                Err(error) => tracing::debug!(%error, "it is not heard which sessions end"),
            }
            sleep(AGAIN_AFTER).await;
        };
        tokio::select! {
            () = listening => {}
            () = stop.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_names_its_session_and_other_texts_name_none() {
        let id = SessionId(Uuid::now_v7());
        let (one, other) = (secret_of(id), secret_of(id));
        assert_ne!(one, other);
        assert_eq!(named(&one), Some(id));
        assert_eq!(
            named(&format!("{}{other}", families::ACCESS_PREFIX)),
            Some(id)
        );
        assert!(
            one.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)),
            "it fits into a cookie: {one}"
        );
        let api_token = format!("bur_{}", secret::generate());
        for text in ["", ".", "x.y", &secret::generate(), &api_token] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
