use db::{Clock, Db, SystemTx, UserId};
use serde_json::json;
use web::App;

use super::{
    AddedUser, Email, NewUser, Password, PasswordHash, Role, Status, User, UserError, model,
    password, store,
};
use crate::{
    links::{self, OneTimeLink, Purpose},
    outbox::{self, Kind, NewMessage},
    preferences::Preferences,
    requests, secret,
    sessions::{self, SessionId},
    throttle::Attempt,
};

/// Adds a person: an administrator where none is in use, otherwise a plain user. Without a password the
/// answer carries a link to set one.
pub async fn add(
    db: &Db,
    clock: &Clock,
    new: NewUser,
    password: Option<Password>,
) -> Result<AddedUser, UserError> {
    let hash = match password {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };
    insert(db, clock, new, hash).await
}

/// Adds a person with a password hash of another system.
pub async fn import(
    db: &Db,
    clock: &Clock,
    new: NewUser,
    hash: PasswordHash,
) -> Result<AddedUser, UserError> {
    insert(db, clock, new, Some(hash.into_text())).await
}

async fn insert(
    db: &Db,
    clock: &Clock,
    new: NewUser,
    hash: Option<String>,
) -> Result<AddedUser, UserError> {
    let new = NewUser {
        name: model::clean_name(&new.name)?,
        ..new
    };
    let mut tx = db.system("add a user").await?;
    links::lock_setup(&mut tx).await?;
    let role = if store::has_admin(&mut tx).await? {
        Role::User
    } else {
        Role::Admin
    };
    let stored = hash.as_deref().unwrap_or(password::NO_PASSWORD);
    let id = store::insert(&mut tx, &new, role, stored, &Preferences::default())
        .await
        .map_err(|error| UserError::of_insert(error, new.email.as_str()))?;
    links::delete_all(&mut tx, Purpose::Setup, None).await?;
    let link = match hash {
        Some(_) => None,
        None => Some(links::issue(&mut tx, Purpose::PasswordReset, Some(id), clock.now()).await?),
    };
    tx.note_activity(id, "identity.users.add", &json!({ "role": role.as_str() }))
        .await?;
    tx.commit().await?;
    Ok(AddedUser { id, role, link })
}

/// Inserts somebody to run the instance; `None` when there is an administrator in use already. The caller
/// holds the set-up lock.
pub(crate) async fn insert_first_admin(
    tx: &mut SystemTx,
    new: &NewUser,
    password_hash: &str,
    preferences: &Preferences,
) -> Result<Option<UserId>, UserError> {
    if store::has_admin(tx).await? {
        return Ok(None);
    }
    store::insert(tx, new, Role::Admin, password_hash, preferences)
        .await
        .map(Some)
        .map_err(|error| UserError::of_insert(error, new.email.as_str()))
}

/// Whether the instance has an owner: an administrator whose account is in use.
pub async fn has_admin(db: &Db) -> Result<bool, db::Error> {
    let mut tx = db.system("look for an administrator").await?;
    store::has_admin(&mut tx).await
}

/// Everybody, the oldest account first.
pub async fn list(db: &Db) -> Result<Vec<User>, db::Error> {
    let mut tx = db.system("list users").await?;
    store::list(&mut tx).await
}

/// The user whom a command means: the one with the address, or without one the only user, or else
/// the oldest administrator in use.
pub async fn resolve(db: &Db, email: Option<&str>) -> Result<UserId, UserError> {
    if let Some(text) = email {
        let email: Email = text.parse()?;
        let mut tx = db.system("find a user by email").await?;
        return store::get_id(&mut tx, email.as_str())
            .await?
            .ok_or_else(|| UserError::NoSuchUser {
                email: email.to_string(),
            });
    }
    let users = list(db).await?;
    match users.as_slice() {
        [] => Err(UserError::NoUsers),
        [only] => Ok(only.id),
        several => several
            .iter()
            .find(|user| user.role == Role::Admin && user.status == Status::Active.as_str())
            .map(|admin| admin.id)
            .ok_or(UserError::NoAdmin),
    }
}

/// Makes a link under which the person sets a new password. The old one works until then.
pub async fn reset_password(db: &Db, clock: &Clock, email: &str) -> Result<OneTimeLink, UserError> {
    let id = resolve(db, Some(email)).await?;
    let mut tx = db.system("reset a password").await?;
    let link = links::issue(&mut tx, Purpose::PasswordReset, Some(id), clock.now()).await?;
    tx.note_activity(id, "identity.users.reset_password", &json!({}))
        .await?;
    tx.commit().await?;
    Ok(link)
}

/// For whom a link sets a password, if it is good.
pub(super) async fn email_of_link(
    db: &Db,
    clock: &Clock,
    secret: &str,
) -> Result<Email, UserError> {
    let hash = secret::hash(secret);
    let mut tx = db.system("look at a password link").await?;
    let link = links::get(&mut tx, &hash, Purpose::PasswordReset, clock.now()).await?;
    let id = link
        .and_then(|link| link.user_id)
        .ok_or(UserError::LinkDead)?;
    store::get_active_email(&mut tx, id)
        .await?
        .ok_or(UserError::LinkDead)?
        .parse()
}

/// Uses a link up, sets the password, ends all sessions and API tokens of the person, and tells them by
/// mail. A refused password leaves the link good for another try.
pub(super) async fn set_password(app: &App, secret: &str, text: &str) -> Result<Email, UserError> {
    let App { db, clock, .. } = app;
    let email = email_of_link(db, clock, secret).await?;
    let password_hash = password::hash(Password::new(text, email.as_str())?).await?;
    let hash = secret::hash(secret);
    let mut tx = db.system("set a password by link").await?;
    let used = links::consume(&mut tx, &hash, Purpose::PasswordReset, clock.now()).await?;
    let id = used
        .and_then(|link| link.user_id)
        .ok_or(UserError::LinkDead)?;
    store::update_password(&mut tx, id, &password_hash).await?;
    sessions::end_everything(&mut tx, id).await?;
    tx.note_activity(id, "identity.users.set_password", &json!({}))
        .await?;
    settle(&mut tx, app, id, &email).await?;
    tx.commit().await?;
    Ok(email)
}

/// What a new password brings with it: whatever was asked for by mail before it ends, so that nobody who
/// had asked in the person's name gets in or takes the address over later, and the person is told.
async fn settle(tx: &mut SystemTx, app: &App, id: UserId, email: &Email) -> Result<(), UserError> {
    for purpose in [Purpose::Email, Purpose::PasswordReset] {
        links::delete_all(tx, purpose, Some(id)).await?;
    }
    requests::delete_all_of(tx, id, email).await?;
    let news = NewMessage {
        kind: Kind::PasswordSet,
        recipient: email.as_str(),
        link: None,
        detail: None,
    };
    outbox::put(tx, &app.sealer, &news, app.clock.now()).await?;
    Ok(())
}

pub(super) async fn rename(db: &Db, user: UserId, name: &str) -> Result<(), UserError> {
    let name = model::clean_name(name)?;
    let mut tx = db.write(user).await?;
    store::update_own_name(&mut tx, &name).await?;
    tx.commit().await?;
    Ok(())
}

/// Replaces the own password, ends all other sessions, and tells the person by mail.
pub(super) async fn change_password(
    app: &App,
    user: UserId,
    email: &Email,
    current: String,
    text: &str,
    session: Option<SessionId>,
) -> Result<(), UserError> {
    let new = Password::new(text, email.as_str())?;
    let mut tx = app.db.read(user).await?;
    let old_hash = store::require_own_password(&mut tx).await?;
    drop(tx);
    // Whoever sits down at an open session does not get to guess.
    let attempt = Attempt::of_person(app, "password", user);
    attempt.begin(app).await?;
    if !password::verify(current, Some(old_hash.clone())).await? {
        return Err(UserError::WrongPassword);
    }
    attempt.succeed(app).await?;
    let new_hash = password::hash(new).await?;
    let mut tx = app.db.system("change a password").await?;
    tx.act_for(user).await?;
    if !store::replace_password(&mut tx, user, &old_hash, &new_hash).await? {
        return Err(UserError::WrongPassword);
    }
    sessions::store::delete_others_of(&mut tx, user, session).await?;
    settle(&mut tx, app, user, email).await?;
    tx.note_deed(Some(user), &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether this is the person's password: asked again before what cannot be undone. Whoever sits down
/// at an open session does not get to guess.
pub async fn has_password(app: &App, user: UserId, password: String) -> Result<bool, UserError> {
    let attempt = Attempt::of_person(app, "password", user);
    attempt.begin(app).await?;
    let mut tx = app.db.read(user).await?;
    let stored = store::require_own_password(&mut tx).await?;
    drop(tx);
    let fits = password::verify(password, Some(stored)).await?;
    if fits {
        attempt.succeed(app).await?;
    }
    Ok(fits)
}
