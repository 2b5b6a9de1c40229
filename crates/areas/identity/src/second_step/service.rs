use db::{SystemTx, UserId};
use jiff::Timestamp;
use serde_json::json;
use web::App;

use super::{
    LIFETIME, MAX_FAILURES,
    store::{self, Pending},
};
use crate::{
    client::Client, factors::FactorError, recovery, secret, sessions, throttle::Attempt, totp,
    users,
};

/// Remembers that the first step was right, the password or the way by a provider. Returns the secret for
/// the cookie. The hash is that of the account: when its password changes meanwhile, the sign-in ends.
pub(crate) async fn begin(
    tx: &mut SystemTx,
    user_id: UserId,
    password_hash: &str,
    now: Timestamp,
) -> Result<String, db::Error> {
    let token = secret::generate();
    let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
    store::insert(
        tx,
        &secret::hash(&token),
        user_id,
        password_hash,
        expires_at,
    )
    .await?;
    Ok(token)
}

/// The sign-in that waits for its second step.
pub(crate) async fn pending(app: &App, token: &str) -> Result<Option<Pending>, db::Error> {
    let mut tx = app.db.system("find a sign-in that waits").await?;
    store::get(&mut tx, &secret::hash(token), MAX_FAILURES, app.clock.now()).await
}

/// A code of the app, or a recovery code; it is used up. Wrong ones of a person are counted wherever they
/// are tried: guessing gets slower, whatever address it comes from.
pub(crate) async fn check_code(app: &App, user_id: UserId, code: &str) -> Result<(), FactorError> {
    let attempt = Attempt::of_person(app, "code", user_id);
    attempt.begin(app).await?;
    match totp::verify(app, user_id, code).await {
        Err(FactorError::WrongCode) => recovery::consume(app, user_id, code).await?,
        // Nobody is kept out by a key that was lost: recovery codes need none.
        Err(FactorError::Seal(error)) => {
            tracing::error!(%user_id, %error, "the secret of an authenticator app does not open");
            recovery::consume(app, user_id, code).await?;
        }
        outcome => outcome?,
    }
    attempt.succeed(app).await?;
    Ok(())
}

/// Finishes a sign-in by a code. Returns the secret of the new session.
pub(super) async fn by_code(
    app: &App,
    token: &str,
    code: &str,
    client: &Client,
    previous: Option<&str>,
) -> Result<String, FactorError> {
    let waiting = pending(app, token)
        .await?
        .ok_or(FactorError::SignInExpired)?;
    let checked = check_code(app, waiting.user_id, code).await;
    if matches!(checked, Err(FactorError::WrongCode)) {
        let mut tx = app.db.system("count a wrong code").await?;
        store::count_failure(&mut tx, &secret::hash(token)).await?;
        tx.note_activity(
            waiting.user_id,
            "identity.second_step.code_refused",
            &json!({}),
        )
        .await?;
        tx.commit().await?;
    }
    checked?;
    finish(app, token, &waiting, client, previous).await
}

/// Makes the session of a sign-in whose second step was right; the one the browser had before ends.
pub(crate) async fn finish(
    app: &App,
    token: &str,
    waiting: &Pending,
    client: &Client,
    previous: Option<&str>,
) -> Result<String, FactorError> {
    let now = app.clock.now();
    let mut tx = app.db.system("sign in by the second step").await?;
    if !store::delete(&mut tx, &secret::hash(token)).await? {
        return Err(FactorError::SignInExpired);
    }
    let hash = Some(waiting.password_hash.as_str());
    let session = sessions::open(&mut tx, waiting.user_id, hash, client, now).await?;
    let session = session.ok_or(FactorError::SignInExpired)?;
    if let Some(previous) = previous {
        sessions::store::delete_by_hash(&mut tx, &secret::hash(previous)).await?;
    }
    users::store::update_last_signed_in(&mut tx, waiting.user_id, now).await?;
    tx.commit().await?;
    Ok(session)
}

/// Gives a sign-in up.
pub(super) async fn cancel(app: &App, token: &str) -> Result<(), db::Error> {
    let mut tx = app.db.system("give a sign-in up").await?;
    store::delete(&mut tx, &secret::hash(token)).await?;
    tx.commit().await
}
