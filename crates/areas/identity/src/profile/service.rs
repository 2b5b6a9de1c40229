use db::{Clock, Db, UserId};
use serde_json::json;
use web::App;

use super::{
    ProfileError,
    model::{ProfileInput, ProfileView},
    store,
};
use crate::{
    links::{self, Purpose},
    outbox::{self, Kind, NewMessage},
    requests::{self, MailRequest},
    secret,
    users::{self, Email, UserError},
};

pub(super) async fn show(
    db: &Db,
    clock: &Clock,
    user: UserId,
) -> Result<ProfileView, ProfileError> {
    let mut tx = db.read(user).await?;
    let profile = store::require(&mut tx, clock.now()).await?;
    drop(tx);
    let mut tx = db.system("count who came by a person").await?;
    let referrals = store::count_referrals(&mut tx, user).await?;
    Ok(ProfileView {
        referrals,
        ..profile
    })
}

pub(super) async fn update(
    db: &Db,
    user: UserId,
    input: &ProfileInput,
) -> Result<(), ProfileError> {
    let mut tx = db.write(user).await?;
    store::update(&mut tx, input).await?;
    Ok(tx.commit().await?)
}

/// Has a link sent to an address, which becomes the own once the link is opened. The password shows that
/// it is not somebody at a forgotten screen who takes the account away.
pub(super) async fn ask_for_email(
    app: &App,
    user: UserId,
    text: &str,
    password: String,
) -> Result<Email, ProfileError> {
    let email = Email::new(text)?;
    if !users::has_password(app, user, password).await? {
        return Err(UserError::WrongPassword.into());
    }
    ask(&app.db, &app.clock, user, email.clone()).await?;
    Ok(email)
}

/// Has a link sent that verifies the own address.
pub(super) async fn ask_to_verify(
    db: &Db,
    clock: &Clock,
    user: UserId,
    own: &str,
) -> Result<(), ProfileError> {
    let email: Email = own.parse()?;
    Ok(ask(db, clock, user, email).await?)
}

async fn ask(db: &Db, clock: &Clock, user: UserId, email: Email) -> Result<(), db::Error> {
    let purpose = requests::Purpose::Email { user_id: user };
    requests::ask(db, clock, &MailRequest { purpose, email }).await
}

/// Which address a link proves, if it is good.
pub(super) async fn email_of_link(
    db: &Db,
    clock: &Clock,
    link: &str,
) -> Result<String, ProfileError> {
    let mut tx = db.system("look at a link that proves an address").await?;
    let found = links::get(&mut tx, &secret::hash(link), Purpose::Email, clock.now()).await?;
    found
        .and_then(|link| link.email)
        .ok_or(ProfileError::LinkDead)
}

/// Uses a link up: its address is the person's from now on, and the one before is told.
pub(super) async fn confirm_email(app: &App, link: &str) -> Result<(), ProfileError> {
    let App { db, clock, .. } = app;
    let now = clock.now();
    let mut tx = db.system("take over an address that was proved").await?;
    let used = links::consume(&mut tx, &secret::hash(link), Purpose::Email, now).await?;
    let used = used.ok_or(ProfileError::LinkDead)?;
    let (Some(user_id), Some(email)) = (used.user_id, used.email) else {
        return Err(ProfileError::LinkDead);
    };
    let before = match store::update_email(&mut tx, user_id, &email, now).await {
        Ok(before) => before.ok_or(ProfileError::LinkDead)?,
        Err(error) if error.constraint() == Some("users_email_key") => {
            return Err(ProfileError::LinkDead);
        }
        Err(error) => return Err(error.into()),
    };
    if before != email {
        // A link for a new password that went to the old address must not open the account any more.
        links::delete_all(&mut tx, Purpose::PasswordReset, Some(user_id)).await?;
        let news = NewMessage {
            kind: Kind::EmailChanged,
            recipient: &before,
            link: None,
            detail: Some(&email),
        };
        outbox::put(&mut tx, &app.sealer, &news, now).await?;
    }
    tx.note_activity(user_id, "identity.email.update", &json!({}))
        .await?;
    Ok(tx.commit().await?)
}
