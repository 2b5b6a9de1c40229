use db::{SystemTx, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use web::App;

use super::{
    LIFETIME, SessionError, SessionId, secret_of,
    store::{self, NewSession},
};
use crate::{
    client::Client,
    factors, second_step, secret,
    throttle::Attempt,
    tokens,
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
    let id = SessionId(Uuid::now_v7());
    let token = secret_of(id);
    let new = NewSession {
        user_id,
        id,
        password_hash,
        token_hash: Some(&secret::hash(&token)),
        client,
        now,
        expires_at: now.checked_add(LIFETIME).unwrap_or(now),
    };
    let is_open = insert(tx, &new, &json!({})).await?;
    Ok(is_open.then_some(token))
}

/// Makes a session without a cookie; `None` when the account does not allow it any more.
pub(crate) async fn open_for_app(
    tx: &mut SystemTx,
    verified: &Verified,
    client: &Client,
    now: Timestamp,
) -> Result<Option<SessionId>, db::Error> {
    let id = SessionId(Uuid::now_v7());
    let new = NewSession {
        user_id: verified.user_id,
        id,
        password_hash: Some(&verified.password_hash),
        token_hash: None,
        client,
        now,
        expires_at: now.checked_add(LIFETIME).unwrap_or(now),
    };
    let is_open = insert(tx, &new, &json!({ "carrier": "app" })).await?;
    Ok(is_open.then_some(id))
}

/// The one way to a new session, so that none is left out of the record.
async fn insert(
    tx: &mut SystemTx,
    new: &NewSession<'_>,
    details: &Value,
) -> Result<bool, db::Error> {
    let is_open = store::insert(tx, new).await?;
    if is_open {
        tx.note_activity(new.user_id, "identity.sessions.sign_in", details)
            .await?;
    }
    Ok(is_open)
}

/// Ends all that carries the rights of a person: sessions of browsers and apps, API tokens, and sign-ins
/// that wait for their second step.
pub(crate) async fn end_everything(tx: &mut SystemTx, user_id: UserId) -> Result<(), db::Error> {
    store::delete_all_of(tx, user_id).await?;
    tokens::store::delete_all_of(tx, user_id).await?;
    second_step::store::delete_all_of(tx, user_id).await
}

/// Whose password was right.
pub(crate) struct Verified {
    pub(crate) user_id: UserId,
    /// The hash as it is stored now; a password that changes before the session is made ends the sign-in.
    pub(crate) password_hash: String,
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
    let Verified {
        user_id: id,
        password_hash: stored,
    } = verify_password(app, attempt, email, password).await?;
    let now = app.clock.now();
    let mut tx = app.db.system("sign in").await?;
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

/// Checks a password, in the same time whether or not there is an account. The attempt counts as failed
/// until the caller says that it succeeded.
pub(crate) async fn verify_password(
    app: &App,
    attempt: &Attempt,
    email: &str,
    password: String,
) -> Result<Verified, SessionError> {
    attempt.begin(app).await?;
    let email = db::sought(&email.trim().to_lowercase()).into_owned();
    let mut tx = app.db.system("find a person who signs in").await?;
    let login = users::store::get_login(&mut tx, &email).await?;
    let bcrypt_cost = users::store::get_bcrypt_cost(&mut tx).await?;
    drop(tx);
    let (id, stored) = login.map(|login| (login.id, login.password_hash)).unzip();
    let fits = password::verify_evenly(password.clone(), stored.clone(), bcrypt_cost).await?;
    let (Some(id), Some(stored), true) = (id.map(UserId), stored, fits) else {
        note_refusal(app, id).await?;
        return Err(SessionError::Refused);
    };
    let mut verified = Verified {
        user_id: id,
        password_hash: stored,
    };
    if password::is_outdated(&verified.password_hash) {
        let newer = password::rehash(password).await?;
        let mut tx = app.db.system("replace an outdated hash").await?;
        let older = &verified.password_hash;
        if users::store::replace_password(&mut tx, id, older, &newer).await? {
            tx.commit().await?;
            verified.password_hash = newer;
        }
    }
    Ok(verified)
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
