use db::{Db, SystemTx, UserId};
use jiff::{SignedDuration, Timestamp};
use openidconnect::url::Url;
use serde_json::json;
use web::App;

use super::{
    FLOW_LIFETIME, OpenId, OpenIdError, Unlinked,
    model::{self, Brought, Flow, IdentityId, Purpose, Stated},
    store,
};
use crate::{
    client::Client,
    factors, invitations,
    preferences::Preferences,
    proofs, registration, second_step, secret, sessions,
    sessions::Principal,
    users::{self, NewUser, Role, Status, clean_name, password},
};

/// Clocks of the provider and of this server may differ by this much.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// What a way to the provider and back led to.
pub(super) enum Arrived {
    /// The secret of a session.
    Session(String),
    /// The secret of a sign-in whose second step is missing.
    SecondStep(String),
    Linked,
    Confirmed,
}

/// Sends a browser to the provider: the secret for its cookie, and where it goes.
pub(super) async fn begin(
    app: &App,
    provider: &OpenId,
    purpose: Purpose,
    user_id: Option<UserId>,
    next: &str,
) -> Result<(String, Url), OpenIdError> {
    let now = app.clock.now();
    let token = secret::generate();
    let url = provider.way_there(&token, purpose, now).await?;
    let flow = Flow {
        purpose,
        user_id,
        next: next.to_owned(),
        began_at: now,
    };
    let expires_at = now.checked_add(FLOW_LIFETIME).unwrap_or(now);
    let mut tx = app.db.system("remember who is with the provider").await?;
    store::insert_flow(&mut tx, &secret::hash(&token), &flow, expires_at).await?;
    tx.commit().await?;
    Ok((token, url))
}

/// Why a browser was with the provider that brings something back; used up by it.
pub(super) async fn recall(
    app: &App,
    token: &str,
    brought: &Brought,
    who: Option<&Principal>,
) -> Result<Flow, OpenIdError> {
    // Before the row is used up: an address that somebody else made ends nobody's sign-in.
    if brought.state != model::state(token) {
        return Err(OpenIdError::Expired);
    }
    let now = app.clock.now();
    let mut tx = app.db.system("recall who was with the provider").await?;
    let flow = store::consume_flow(&mut tx, &secret::hash(token), now).await?;
    tx.commit().await?;
    let flow = flow.ok_or(OpenIdError::Expired)?;
    if flow.user_id.is_some() && flow.user_id != who.map(|who| who.user_id) {
        return Err(OpenIdError::Expired);
    }
    Ok(flow)
}

/// Takes what a browser brings back, with the secret of its cookie.
pub(super) async fn finish(
    app: &App,
    provider: &OpenId,
    (token, brought): (&str, &Brought),
    flow: &Flow,
    who: Option<&Principal>,
    client: &Client,
    previous: Option<&str>,
) -> Result<Arrived, OpenIdError> {
    let now = app.clock.now();
    if let Some(error) = &brought.error {
        // Anybody can write an address; the log takes of it what an error code is made of (RFC 6749).
        let plain = error
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '_');
        return Err(OpenIdError::Denied {
            reason: plain.take(60).collect(),
        });
    }
    if brought
        .iss
        .as_deref()
        .is_some_and(|iss| iss != provider.issuer())
    {
        return Err(OpenIdError::Untrusted {
            reason: "the answer is of another issuer".to_owned(),
        });
    }
    let stated = provider.redeem(&brought.code, token, now).await?;
    if !provider.admits(stated.email.as_str()) {
        return Err(OpenIdError::NotAllowed);
    }
    match (flow.purpose, who) {
        (Purpose::SignIn, _) => sign_in(app, provider, &stated, client, previous, now).await,
        (Purpose::Link, Some(who)) => link(app, who.user_id, &stated, now).await,
        (Purpose::Confirm, Some(who)) => confirm(app, who, &stated, flow).await,
        (Purpose::Link | Purpose::Confirm, None) => Err(OpenIdError::Expired),
    }
}

async fn sign_in(
    app: &App,
    provider: &OpenId,
    stated: &Stated,
    client: &Client,
    previous: Option<&str>,
    now: Timestamp,
) -> Result<Arrived, OpenIdError> {
    let mut tx = app.db.system("sign in by the provider").await?;
    let id = if let Some(id) = store::get_holder(&mut tx, stated).await? {
        store::update_used(&mut tx, stated, now).await?;
        id
    } else {
        register(&mut tx, provider, stated, now).await?
    };
    let (status, password_hash) = users::store::require_standing(&mut tx, id).await?;
    if status != Status::Active {
        tx.note_activity(id, "identity.sessions.sign_in_refused", &json!({}))
            .await?;
        tx.commit().await?;
        return Err(OpenIdError::Unusable);
    }
    if factors::store::get(&mut tx, id).await?.needs_second_step() {
        let token = second_step::begin(&mut tx, id, &password_hash, now).await?;
        tx.commit().await?;
        return Ok(Arrived::SecondStep(token));
    }
    let session = sessions::open(&mut tx, id, Some(&password_hash), client, now).await?;
    let session = session.ok_or(OpenIdError::Unusable)?;
    if let Some(previous) = previous {
        sessions::store::delete_by_hash(&mut tx, &secret::hash(previous)).await?;
    }
    users::store::update_last_signed_in(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(Arrived::Session(session))
}

/// Makes the account of whoever comes for the first time: an address that the allow-list names, one that
/// was invited, or anybody on the list where registration is open. Never into an account that exists.
async fn register(
    tx: &mut SystemTx,
    provider: &OpenId,
    stated: &Stated,
    now: Timestamp,
) -> Result<UserId, OpenIdError> {
    let email = stated.email.as_str();
    if users::store::get_id(tx, email).await?.is_some() {
        return Err(OpenIdError::HasAccount);
    }
    let invitation = match invitations::store::get_open_for(tx, email, now).await? {
        Some(id) if registration::admits(tx, Some(id), now).await? => {
            Some(invitations::store::require(tx, id).await?)
        }
        _ => None,
    };
    let may_come = invitation.is_some()
        || provider.names(email)
        || registration::admits(tx, None, now).await?;
    // An instance has somebody who runs it before anybody else; they use the link that the server prints.
    if !may_come || !users::store::has_admin(tx).await? {
        return Err(OpenIdError::Closed);
    }
    let new = NewUser {
        email: stated.email.clone(),
        name: clean_name(&stated.name).unwrap_or_default(),
    };
    let role = invitation.as_ref().map_or(Role::User, |known| known.role);
    let preferences = Preferences::default();
    let id = users::store::insert(tx, &new, role, password::NO_PASSWORD, &preferences)
        .await
        .map_err(|error| match error.constraint() {
            Some("users_email_key") => OpenIdError::HasAccount,
            _ => error.into(),
        })?;
    users::store::update_verified(tx, id, now).await?;
    if let Some(known) = invitation
        && !invitations::store::accept(tx, known.id.0, id, now).await?
    {
        return Err(OpenIdError::Closed);
    }
    insert(tx, id, stated, now).await?;
    tx.note_activity(id, "identity.users.register", &json!({ "by": "openid" }))
        .await?;
    Ok(id)
}

async fn insert(
    tx: &mut SystemTx,
    id: UserId,
    stated: &Stated,
    now: Timestamp,
) -> Result<(), OpenIdError> {
    store::insert(tx, id, stated, now)
        .await
        .map_err(|error| match error.constraint() {
            Some("openid_identities_subject_key") => OpenIdError::OtherAccount,
            _ => error.into(),
        })
}

/// Links who the provider says to the account that is signed in. What is linked already stays.
async fn link(
    app: &App,
    user_id: UserId,
    stated: &Stated,
    now: Timestamp,
) -> Result<Arrived, OpenIdError> {
    let mut tx = app.db.system("link an identity").await?;
    match store::get_holder(&mut tx, stated).await? {
        Some(holder) if holder == user_id => return Ok(Arrived::Linked),
        Some(_) => return Err(OpenIdError::OtherAccount),
        None => insert(&mut tx, user_id, stated, now).await?,
    }
    tx.note_activity(user_id, "identity.openid.link", &json!({}))
        .await?;
    tx.commit().await?;
    Ok(Arrived::Linked)
}

/// A recent proof: the provider asked the person anew, after this was begun.
async fn confirm(
    app: &App,
    who: &Principal,
    stated: &Stated,
    flow: &Flow,
) -> Result<Arrived, OpenIdError> {
    let mut tx = app.db.system("look whose identity it is").await?;
    let holder = store::get_holder(&mut tx, stated).await?;
    drop(tx);
    if holder != Some(who.user_id) {
        return Err(OpenIdError::NotLinked);
    }
    let earliest = flow.began_at.checked_sub(CLOCKS_DIFFER);
    let earliest = earliest.unwrap_or(flow.began_at);
    if stated.authenticated_at.is_none_or(|at| at < earliest) {
        return Err(OpenIdError::NotAnew);
    }
    proofs::renew(app, who).await?;
    Ok(Arrived::Confirmed)
}

/// Takes an identity from an account that can be entered in another way.
pub(super) async fn unlink(
    app: &App,
    provider: Option<&OpenId>,
    user_id: UserId,
    id: IdentityId,
) -> Result<(), OpenIdError> {
    let mut tx = app.db.system("unlink an identity").await?;
    let has_other_way = factors::has_other_way(app, provider, tx.conn(), user_id, id.0).await?;
    if !store::delete(&mut tx, user_id, id.0).await? {
        return Err(OpenIdError::NotFound);
    }
    if !has_other_way {
        return Err(OpenIdError::LastWay);
    }
    tx.note_activity(user_id, "identity.openid.unlink", &json!({}))
        .await?;
    Ok(tx.commit().await?)
}

/// For whoever lost the account with the provider, or shares it with somebody: the operator takes all
/// identities from an account, and its sessions end.
pub async fn unlink_all(db: &Db, email: &str) -> Result<Unlinked, OpenIdError> {
    let user_id = users::resolve(db, Some(email)).await?;
    let mut tx = db.system("take identities away").await?;
    let identities = store::delete_all(&mut tx, user_id).await?;
    let sessions = sessions::store::count(&mut tx, user_id).await?;
    sessions::store::delete_all_of(&mut tx, user_id).await?;
    // A sign-in by the provider may wait for its second step.
    second_step::store::delete_all_of(&mut tx, user_id).await?;
    tx.note_deed(Some(user_id), &json!({ "identities": identities.len() }))
        .await?;
    tx.commit().await?;
    Ok(Unlinked {
        identities,
        sessions,
    })
}
