use axum::http::HeaderMap;
use serde_json::json;
use web::App;

use super::{
    FamilyError, GRACE,
    model::{Pair, PairView, SignInBody},
    store,
};
use crate::{
    client::Client,
    factors, second_step, secret,
    sessions::{self, LIFETIME, SessionError},
    throttle::Attempt,
    users,
};

/// Checks password and code, by the same counts of failures as the page, and begins a family.
pub(super) async fn sign_in(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    body: SignInBody,
) -> Result<PairView, FamilyError> {
    let attempt = Attempt::sign_in(app, &body.email, client, headers);
    let verified = sessions::verify_password(app, &attempt, &body.email, body.password).await?;
    let mut tx = app.db.system("look for second factors").await?;
    let factors = factors::store::get(&mut tx, verified.user_id).await?;
    drop(tx);
    // The password was right. Codes have counts of their own.
    attempt.succeed(app).await?;
    if factors.needs_second_step() {
        let code = body.code.ok_or(FamilyError::SecondStepRequired)?;
        second_step::check_code(app, verified.user_id, &code).await?;
    }
    let now = app.clock.now();
    let mut tx = app.db.system("sign an app in").await?;
    let session = sessions::open_for_app(&mut tx, &verified, client, now).await?;
    let session = session.ok_or(SessionError::Refused)?;
    let pair = Pair::generate(session, now);
    store::insert(&mut tx, verified.user_id, session, &pair).await?;
    users::store::update_last_signed_in(&mut tx, verified.user_id, now).await?;
    tx.commit().await?;
    Ok(pair.into_view(session))
}

/// Exchanges a refresh token for the next pair. See [the room](super) for a token that was used before.
pub(super) async fn exchange(app: &App, refresh_token: &str) -> Result<PairView, FamilyError> {
    let now = app.clock.now();
    let hash = secret::hash(refresh_token);
    let mut tx = app.db.system("exchange a refresh token").await?;
    let family = store::lock(&mut tx, &hash, now).await?;
    let family = family.ok_or(FamilyError::InvalidRefreshToken)?;
    let (user_id, session_id) = (family.user_id, family.session_id);
    match store::use_up(&mut tx, &hash, now).await? {
        None => {}
        Some(used_at) if now.duration_since(used_at) < GRACE => return Err(FamilyError::JustUsed),
        Some(_) => {
            sessions::store::delete_of(&mut tx, user_id, session_id).await?;
            let details = json!({ "session_id": session_id });
            tx.note_activity(user_id, "identity.sessions.end_after_reuse", &details)
                .await?;
            tx.commit().await?;
            tracing::warn!(user_id = %user_id, "a refresh token was used twice; its session ended");
            return Err(FamilyError::InvalidRefreshToken);
        }
    }
    let pair = Pair::generate(session_id, now);
    store::insert(&mut tx, user_id, session_id, &pair).await?;
    let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
    sessions::store::touch(&mut tx, user_id, session_id, now, expires_at).await?;
    tx.commit().await?;
    Ok(pair.into_view(session_id))
}
