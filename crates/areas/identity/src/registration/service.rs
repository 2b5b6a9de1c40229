use db::{Db, SystemTx, UserId};
use jiff::Timestamp;
use seal::Sealer;
use serde_json::json;
use uuid::Uuid;
use web::App;

use super::{
    Policy, RegistrationError,
    model::{NewAccount, Setting},
    store,
};
use crate::{
    client::Client,
    invitations,
    links::{self, Link, Purpose},
    outbox::{self, Kind, NewMessage, OutboxError},
    preferences::Preferences,
    profile::ProfileError,
    requests::{self, MailRequest},
    secret, sessions,
    users::{self, Email, NewUser, Role, UserError, password},
};

/// What holds.
pub async fn policy(db: &Db) -> Result<Setting, db::Error> {
    let mut tx = db.system("look who may register").await?;
    store::require(&mut tx).await
}

/// What holds for whoever comes: nobody registers before somebody runs the instance.
pub(super) async fn in_force(db: &Db) -> Result<Policy, db::Error> {
    let mut tx = db.system("look who may register").await?;
    policy_in_force(&mut tx).await
}

async fn policy_in_force(tx: &mut SystemTx) -> Result<Policy, db::Error> {
    if users::store::has_admin(tx).await? {
        Ok(store::require(tx).await?.policy)
    } else {
        Ok(Policy::Closed)
    }
}

/// Chooses who may register.
pub async fn choose(db: &Db, policy: Policy) -> Result<Setting, RegistrationError> {
    let mut tx = db.system("say who may register").await?;
    let setting = store::require(&mut tx).await?;
    if setting.is_pinned && setting.policy != policy {
        return Err(RegistrationError::Pinned {
            policy: setting.policy,
        });
    }
    store::update(&mut tx, policy).await?;
    let setting = store::require(&mut tx).await?;
    tx.note_deed(None, &json!({ "policy": policy.as_str() }))
        .await?;
    tx.commit().await?;
    Ok(setting)
}

/// Lays down who may register for as long as this server runs; `None` leaves it to the choice.
pub async fn pin(db: &Db, policy: Option<Policy>) -> Result<(), db::Error> {
    let mut tx = db.system("pin who may register").await?;
    store::update_pinned(&mut tx, policy).await?;
    tx.commit().await
}

/// Whether somebody may register, with an invitation or without.
pub(crate) async fn admits(
    tx: &mut SystemTx,
    invitation_id: Option<Uuid>,
    now: Timestamp,
) -> Result<bool, db::Error> {
    match (policy_in_force(tx).await?, invitation_id) {
        (Policy::Closed, _) | (Policy::Invitation, None) => Ok(false),
        (Policy::Open, None) => Ok(true),
        (Policy::Open | Policy::Invitation, Some(id)) => {
            invitations::store::is_open(tx, id, now).await
        }
    }
}

/// Has a link sent to an address under which an account is made.
pub(super) async fn ask(app: &App, text: &str) -> Result<(), RegistrationError> {
    let email = Email::new(text)?;
    let policy = in_force(&app.db).await?;
    if policy != Policy::Open {
        return Err(RegistrationError::Refused { policy });
    }
    send(app, email, None).await
}

/// The same with an invitation that names no address.
pub(super) async fn ask_invited(
    app: &App,
    invitation: &str,
    text: &str,
) -> Result<(), RegistrationError> {
    let id = open_invitation(app, invitation).await?;
    let email = Email::new(text)?;
    send(app, email, Some(id)).await
}

async fn send(
    app: &App,
    email: Email,
    invitation_id: Option<Uuid>,
) -> Result<(), RegistrationError> {
    let purpose = requests::Purpose::Register { invitation_id };
    requests::ask(&app.db, &app.clock, &MailRequest { purpose, email }).await?;
    Ok(())
}

/// The invitation behind its secret, if it holds and somebody may register with it.
pub(super) async fn open_invitation(
    app: &App,
    invitation: &str,
) -> Result<Uuid, RegistrationError> {
    let now = app.clock.now();
    let mut tx = app.db.system("look at an invitation").await?;
    let found = invitations::store::get_open(&mut tx, &secret::hash(invitation), now).await?;
    let id = found.ok_or(RegistrationError::LinkDead)?;
    if admits(&mut tx, Some(id), now).await? {
        Ok(id)
    } else {
        let policy = policy_in_force(&mut tx).await?;
        Err(RegistrationError::Refused { policy })
    }
}

/// With which address a link makes an account, if it is good and somebody may register with it.
pub(super) async fn email_of_link(app: &App, link: &str) -> Result<String, RegistrationError> {
    let now = app.clock.now();
    let mut tx = app.db.system("look at a registration link").await?;
    let found = links::get(&mut tx, &secret::hash(link), Purpose::Registration, now).await?;
    let found = found.ok_or(RegistrationError::LinkDead)?;
    check_admits(&mut tx, &found, now).await?;
    found.email.ok_or(RegistrationError::LinkDead)
}

async fn check_admits(
    tx: &mut SystemTx,
    link: &Link,
    now: Timestamp,
) -> Result<(), RegistrationError> {
    if admits(tx, link.invitation_id, now).await? {
        return Ok(());
    }
    let policy = policy_in_force(tx).await?;
    Err(if policy == Policy::Open {
        // The invitation was revoked or used.
        RegistrationError::LinkDead
    } else {
        RegistrationError::Refused { policy }
    })
}

/// Uses a link up, makes the account and signs the person in. Returns the secret of the session. What is
/// refused leaves the link good for another try.
pub(super) async fn complete(
    app: &App,
    link: &str,
    account: NewAccount,
    client: &Client,
) -> Result<String, RegistrationError> {
    let password_hash = password::hash(account.password.clone())
        .await
        .map_err(UserError::from)?;
    let now = app.clock.now();
    let mut tx = app.db.system("make the account of a newcomer").await?;
    let used = links::consume(&mut tx, &secret::hash(link), Purpose::Registration, now).await?;
    let used = used.ok_or(RegistrationError::LinkDead)?;
    check_admits(&mut tx, &used, now).await?;
    let id = insert(&mut tx, &app.sealer, &used, &account, &password_hash, now).await?;
    let token = sessions::open(&mut tx, id, None, client, now).await?;
    users::store::update_last_signed_in(&mut tx, id, now).await?;
    tx.note_activity(id, "identity.users.register", &json!({}))
        .await?;
    tx.commit().await?;
    token.ok_or(RegistrationError::LinkDead)
}

async fn insert(
    tx: &mut SystemTx,
    sealer: &Sealer,
    link: &Link,
    account: &NewAccount,
    password_hash: &str,
    now: Timestamp,
) -> Result<UserId, RegistrationError> {
    let email: Email = link
        .email
        .as_deref()
        .ok_or(RegistrationError::LinkDead)?
        .parse()?;
    let invitation = match link.invitation_id {
        Some(id) => Some(invitations::store::require(tx, id).await?),
        None => None,
    };
    let referred_by = match &account.referral_code {
        Some(code) => Some(
            store::get_referrer(tx, code.as_str())
                .await?
                .ok_or(ProfileError::UnknownReferral)?,
        ),
        None => None,
    };
    let role = invitation.as_ref().map_or(Role::User, |known| known.role);
    let new = NewUser {
        email,
        name: account.name.clone(),
    };
    let inserted =
        users::store::insert(tx, &new, role, password_hash, &Preferences::default()).await;
    let id = match inserted {
        Ok(id) => id,
        // Somebody was quicker with the same address; it is not said who.
        Err(error) if error.constraint() == Some("users_email_key") => {
            return Err(RegistrationError::LinkDead);
        }
        Err(error) => return Err(error.into()),
    };
    // An invitation that names the address may have come by other ways than mail.
    let is_proved = invitation
        .as_ref()
        .is_none_or(|known| known.email.is_none());
    let verified_at = is_proved.then_some(now);
    store::update_newcomer(tx, id, account, referred_by, verified_at)
        .await
        .map_err(ProfileError::from)?;
    if let Some(known) = invitation
        && !invitations::store::accept(tx, known.id.0, id, now).await?
    {
        return Err(RegistrationError::LinkDead);
    }
    if !is_proved {
        ask_to_verify(tx, sealer, id, new.email.as_str(), now).await?;
    }
    Ok(id)
}

async fn ask_to_verify(
    tx: &mut SystemTx,
    sealer: &Sealer,
    id: UserId,
    email: &str,
    now: Timestamp,
) -> Result<(), OutboxError> {
    let link = links::issue_email(tx, id, email, now).await?;
    let message = NewMessage {
        kind: Kind::VerifyEmail,
        recipient: email,
        link: Some((link.path(), link.expires_at)),
        detail: None,
    };
    outbox::put(tx, sealer, &message, now).await
}

/// Has a link for a new password sent to an address, if there is an account with it.
pub(super) async fn ask_for_reset(app: &App, text: &str) -> Result<(), UserError> {
    let email: Email = text.parse()?;
    let purpose = requests::Purpose::Reset;
    requests::ask(&app.db, &app.clock, &MailRequest { purpose, email }).await?;
    Ok(())
}
