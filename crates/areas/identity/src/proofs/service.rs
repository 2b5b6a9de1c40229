use web::App;

use super::{GOOD_FOR, store};
use crate::{
    factors::FactorError,
    sessions::Principal,
    throttle::Attempt,
    users::{self, password},
};

/// Whether the last proof of this request's session is young enough; an app gave one when it signed in. A
/// program with an API token has no session and proves nothing, so its proof is never recent: whoever
/// finds a token must not make more of it. Nobody in the demo has a password.
pub(crate) async fn is_recent(app: &App, who: &Principal) -> Result<bool, db::Error> {
    if app.demo {
        return Ok(true);
    }
    let Some(session) = who.session() else {
        return Ok(false);
    };
    let mut tx = app.db.read(who.user_id).await?;
    let proved_at = store::get(&mut tx, session).await?;
    let age = proved_at.map(|at| app.clock.now().duration_since(at));
    Ok(age.is_some_and(|age| age < GOOD_FOR))
}

/// Writes a proof down.
pub(crate) async fn renew(app: &App, who: &Principal) -> Result<(), db::Error> {
    let Some(session) = who.session() else {
        return Ok(());
    };
    let mut tx = app.db.write(who.user_id).await?;
    store::update(&mut tx, session, app.clock.now()).await?;
    tx.commit().await
}

/// The password once more. Whoever took over a session must not guess at it.
pub(super) async fn check_password(
    app: &App,
    who: &Principal,
    password: String,
) -> Result<(), FactorError> {
    let attempt = Attempt::of_person(app, "password", who.user_id);
    attempt.begin(app).await?;
    let mut tx = app.db.read(who.user_id).await?;
    let stored = users::store::require_own_password(&mut tx).await?;
    drop(tx);
    if !password::verify(password, Some(stored)).await? {
        return Err(FactorError::WrongPassword);
    }
    attempt.succeed(app).await?;
    Ok(())
}
