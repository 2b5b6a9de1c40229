use db::{SystemTx, UserId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;
use web::App;

use super::{LIFETIME, SessionError, store};
use crate::{
    client::Client,
    factors, second_step, secret,
    throttle::Attempt,
    users::{self, password},
};

/// Makes a session and returns its secret; `None` when the account does not allow it any more.
pub(crate) async fn open(
    tx: &mut SystemTx,
    user_id: UserId,
    password_hash: Option<&str>,
    client: &Client,
    now: Timestamp,
) -> Result<Option<String>, db::Error> {
    let token = secret::generate();
    let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
    let hash = secret::hash(&token);
    let opened = store::insert(tx, user_id, password_hash, &hash, client, now, expires_at).await?;
    if opened {
        // Here, so that no way of signing in is left out.
        tx.note_activity(user_id, "identity.sessions.sign_in", &json!({}))
            .await?;
    }
    Ok(opened.then_some(token))
}

/// What the right password leads to; both are secrets for a cookie.
pub(super) enum Opened {
    Session(String),
    /// The account asks for a second factor.
    SecondStep(String),
}

/// Checks a password. Without a second factor it makes a session, and the one the browser had before
/// ends.
pub(super) async fn sign_in(
    app: &App,
    attempt: &Attempt,
    email: &str,
    password: String,
    client: &Client,
    previous: Option<&str>,
) -> Result<Opened, SessionError> {
    let now = app.clock.now();
    attempt.begin(app).await?;
    let mut tx = app.db.system("find a person who signs in").await?;
    let login = users::store::get_login(&mut tx, &email.trim().to_lowercase()).await?;
    let bcrypt_cost = users::store::get_bcrypt_cost(&mut tx).await?;
    drop(tx);
    let (id, stored) = login.map(|login| (login.id, login.password_hash)).unzip();
    let fits = password::verify_evenly(password.clone(), stored.clone(), bcrypt_cost).await?;
    let (Some(id), Some(stored), true) = (id.map(UserId), stored, fits) else {
        note_refusal(app, id).await?;
        return Err(SessionError::Refused);
    };
    let newer = if password::is_outdated(&stored) {
        Some(password::rehash(password).await?)
    } else {
        None
    };
    let mut tx = app.db.system("sign in").await?;
    let stored = match newer {
        Some(newer) if users::store::replace_password(&mut tx, id, &stored, &newer).await? => newer,
        _ => stored,
    };
    if factors::store::get(&mut tx, id).await?.needs_second_step() {
        let token = second_step::begin(&mut tx, id, &stored, now).await?;
        tx.commit().await?;
        attempt.succeed(app).await?;
        return Ok(Opened::SecondStep(token));
    }
    let token = open(&mut tx, id, Some(&stored), client, now).await?;
    let token = token.ok_or(SessionError::Refused)?;
    if let Some(previous) = previous {
        store::delete_by_hash(&mut tx, &secret::hash(previous)).await?;
    }
    users::store::update_last_signed_in(&mut tx, id, now).await?;
    tx.commit().await?;
    attempt.succeed(app).await?;
    Ok(Opened::Session(token))
}

/// Ends the session of a cookie.
pub(super) async fn sign_out(app: &App, token: &str) -> Result<(), db::Error> {
    let mut tx = app.db.system("sign out").await?;
    if let Some(user_id) = store::delete_by_hash(&mut tx, &secret::hash(token)).await? {
        tx.note_activity(user_id, "identity.sessions.sign_out", &json!({}))
            .await?;
    }
    tx.commit().await
}

/// Puts a refused sign-in on record. Of an unknown address as well, in nobody's name: otherwise the
/// time it takes would tell who has an account.
async fn note_refusal(app: &App, id: Option<Uuid>) -> Result<(), db::Error> {
    let mut tx = app.db.system("put a refused sign-in on record").await?;
    let whose = UserId(id.unwrap_or(Uuid::nil()));
    tx.note_activity(whose, "identity.sessions.sign_in_refused", &json!({}))
        .await?;
    tx.commit().await
}
