use db::UserId;
use seal::Place;
use totp_rs::Totp;
use web::App;

use super::{
    Enrolment,
    model::{self, SECRET_BYTES},
    store::{self, Stored},
};
use crate::{
    factors::{self, FactorError},
    recovery,
    sessions::Principal,
    users,
};

fn place(user_id: UserId) -> Place {
    Place::new(store::TABLE, "secret", [user_id])
}

/// Makes a secret for an app, in place of one that was not confirmed.
pub(super) async fn begin(app: &App, user_id: UserId) -> Result<(), FactorError> {
    let secret = rand::random::<[u8; SECRET_BYTES]>();
    let sealed = app.sealer.seal(&place(user_id), &secret)?;
    let mut tx = app.db.write(user_id).await?;
    if !store::begin(&mut tx, &sealed, app.clock.now()).await? {
        return Err(FactorError::HasApp);
    }
    Ok(tx.commit().await?)
}

/// What the person has to bring into the app, while it is being set up.
pub(crate) async fn enrolment(
    app: &App,
    who: &Principal,
) -> Result<Option<Enrolment>, FactorError> {
    match stored(app, who.user_id).await? {
        Some(stored) if !stored.is_confirmed => {
            let totp = open(app, who.user_id, &stored, &who.email)?;
            Ok(Some(Enrolment::of(&totp)?))
        }
        _ => Ok(None),
    }
}

/// A right code shows that the app works; from now on codes are asked for. Returns recovery codes, unless
/// there are some.
pub(super) async fn confirm(
    app: &App,
    user_id: UserId,
    code: &str,
) -> Result<Option<Vec<String>>, FactorError> {
    let stored = match stored(app, user_id).await? {
        None => return Err(FactorError::NoApp),
        Some(stored) if stored.is_confirmed => return Err(FactorError::HasApp),
        Some(stored) => stored,
    };
    let step = step_of(app, user_id, &stored, code)?;
    let now = app.clock.now();
    let mut tx = app.db.write(user_id).await?;
    if !store::confirm(&mut tx, &stored.secret, step, now).await? {
        return Err(FactorError::WrongCode);
    }
    let codes = recovery::ensure(&mut tx, now).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Checks a code of a confirmed app and uses it up.
pub(crate) async fn verify(app: &App, user_id: UserId, code: &str) -> Result<(), FactorError> {
    match stored(app, user_id).await? {
        Some(stored) if stored.is_confirmed => {
            let step = step_of(app, user_id, &stored, code)?;
            let mut tx = app.db.system("accept a code of an app").await?;
            if !store::accept(&mut tx, user_id, &stored.secret, step).await? {
                return Err(FactorError::WrongCode);
            }
            Ok(tx.commit().await?)
        }
        _ => Err(FactorError::WrongCode),
    }
}

/// Removes the app, after its last code or a recovery code was checked.
pub(super) async fn disable(app: &App, user_id: UserId) -> Result<(), FactorError> {
    let mut tx = app.db.write(user_id).await?;
    users::store::lock_own(&mut tx).await?;
    if !store::delete(&mut tx).await? {
        return Err(FactorError::NoApp);
    }
    factors::forget_unneeded_codes(&mut tx).await?;
    Ok(tx.commit().await?)
}

async fn stored(app: &App, user_id: UserId) -> Result<Option<Stored>, db::Error> {
    let mut tx = app.db.system("read the secret of an app").await?;
    store::get(&mut tx, user_id).await
}

fn open(app: &App, user_id: UserId, stored: &Stored, email: &str) -> Result<Totp, FactorError> {
    let secret = app.sealer.open(&place(user_id), &stored.secret)?;
    Ok(model::totp(&secret, email)?)
}

/// The time step of a right code that was not used before.
fn step_of(app: &App, user_id: UserId, stored: &Stored, code: &str) -> Result<i64, FactorError> {
    let totp = open(app, user_id, stored, "")?;
    let step = model::matching_step(&totp, code, app.clock.now(), stored.last_step);
    step.ok_or(FactorError::WrongCode)
}
