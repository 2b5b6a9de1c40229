use db::{Clock, Db, SystemTx};
use jiff::{SignedDuration, Timestamp};
use seal::Sealer;
use serde_json::json;
use uuid::Uuid;

use super::{Created, Invitation, InvitationError, InvitationId, NewInvitation, State, store};
use crate::{
    links,
    outbox::{self, Kind, NewMessage},
    registration::{self, Policy},
    secret,
    users::{Email, UserError, store::get_account},
};

const PATH: &str = "/identity/invitations/";

/// Makes an invitation. One for an address is sent there; the link is also returned, once.
pub async fn create(
    db: &Db,
    clock: &Clock,
    sealer: &Sealer,
    new: &NewInvitation,
) -> Result<Created, InvitationError> {
    if registration::policy(db).await?.policy == Policy::Closed {
        return Err(InvitationError::Closed);
    }
    let now = clock.now();
    let lifetime = SignedDuration::from_hours(24 * new.days());
    let expires_at = now.checked_add(lifetime).unwrap_or(now);
    let id = Uuid::now_v7();
    let mut tx = db.system("make an invitation").await?;
    let email = new.email.as_ref().map(Email::as_str);
    let secret = secret::generate();
    let hash = secret::hash(&secret);
    let token_hash = email.is_none().then_some(&hash[..]);
    store::insert(&mut tx, id, token_hash, email, new.role, now, expires_at).await?;
    let path = match email {
        Some(email) => for_address(&mut tx, sealer, id, email, expires_at, now).await?,
        None => format!("{PATH}{secret}"),
    };
    let details = json!({ "invitation": id, "role": new.role.as_str() });
    tx.note_deed(None, &details).await?;
    tx.commit().await?;
    let invitation = Invitation {
        id: InvitationId(id),
        email: email.map(str::to_owned),
        role: new.role,
        state: State::Open,
        created_at: now,
        expires_at,
        accepted_at: None,
    };
    Ok(Created { invitation, path })
}

/// The link of an invitation for an address leads straight to the account.
async fn for_address(
    tx: &mut SystemTx,
    sealer: &Sealer,
    id: Uuid,
    email: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<String, InvitationError> {
    if get_account(tx, email).await?.is_some() {
        return Err(UserError::EmailTaken {
            email: email.to_owned(),
        }
        .into());
    }
    let link = links::issue_registration(tx, email, Some(id), Some(expires_at), now).await?;
    let message = NewMessage {
        kind: Kind::Invitation,
        recipient: email,
        link: Some((link.path(), expires_at)),
        detail: None,
    };
    outbox::put(tx, sealer, &message, now).await?;
    Ok(link.path().to_owned())
}

/// Invitations, the newest first, from after one on.
pub async fn list(
    db: &Db,
    clock: &Clock,
    after: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>, InvitationError> {
    let mut tx = db.system("list invitations").await?;
    Ok(store::list(&mut tx, clock.now(), after, limit).await?)
}

/// Takes an invitation back that nobody has used.
pub async fn revoke(db: &Db, id: InvitationId) -> Result<(), InvitationError> {
    let mut tx = db.system("revoke an invitation").await?;
    if !store::delete(&mut tx, id).await? {
        return Err(InvitationError::NotFound);
    }
    tx.note_deed(None, &json!({ "invitation": id })).await?;
    Ok(tx.commit().await?)
}
