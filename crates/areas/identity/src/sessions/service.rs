use db::{SystemTx, UserId};
use jiff::Timestamp;
use web::App;

use super::{
    LIFETIME, SessionError, store,
    throttle::{Key, Throttle},
};
use crate::{
    client::Client,
    secret,
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
    Ok(opened.then_some(token))
}

/// Checks a password and makes a session; the one the browser had before ends. Returns the secret of
/// the new session.
pub(super) async fn sign_in(
    app: &App,
    throttle: &Throttle,
    email: &str,
    password: String,
    client: &Client,
    previous: Option<&str>,
) -> Result<String, SessionError> {
    let now = app.clock.now();
    let key = Key::new(email, client.address.as_deref());
    throttle
        .begin(&key, now)
        .map_err(|retry_after_s| SessionError::TooManyAttempts { retry_after_s })?;
    let mut tx = app.db.system("find a person who signs in").await?;
    let login = users::store::get_login(&mut tx, &email.trim().to_lowercase()).await?;
    let bcrypt_cost = users::store::get_bcrypt_cost(&mut tx).await?;
    drop(tx);
    let (id, stored) = login.map(|login| (login.id, login.password_hash)).unzip();
    let fits = password::verify_evenly(password.clone(), stored.clone(), bcrypt_cost).await?;
    let (Some(id), Some(stored), true) = (id.map(UserId), stored, fits) else {
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
    let token = open(&mut tx, id, Some(&stored), client, now).await?;
    let token = token.ok_or(SessionError::Refused)?;
    if let Some(previous) = previous {
        store::delete_by_hash(&mut tx, &secret::hash(previous)).await?;
    }
    users::store::update_last_signed_in(&mut tx, id, now).await?;
    tx.commit().await?;
    throttle.forget(&key);
    Ok(token)
}

/// Ends the session of a cookie.
pub(super) async fn sign_out(app: &App, token: &str) -> Result<(), db::Error> {
    let mut tx = app.db.system("sign out").await?;
    store::delete_by_hash(&mut tx, &secret::hash(token)).await?;
    tx.commit().await
}
