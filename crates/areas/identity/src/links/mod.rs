//! One-time links: the first administrator's set-up, new passwords, registrations, and proofs of an
//! address. A link is stored hashed, ends after a day, and is gone once used.

mod model;
mod store;

pub use model::OneTimeLink;
pub(crate) use model::Purpose;
pub(crate) use store::{Link, consume, delete_all, delete_expired, get, lock_setup};

use db::{SystemTx, UserId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::secret;

const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Makes a link; those of the same purpose and person that were made before end.
pub(crate) async fn issue(
    tx: &mut SystemTx,
    purpose: Purpose,
    user_id: Option<UserId>,
    now: Timestamp,
) -> Result<OneTimeLink, db::Error> {
    delete_all(tx, purpose, user_id).await?;
    let link = Link {
        user_id,
        ..Link::default()
    };
    make(tx, purpose, &link, after_a_day(now)).await
}

/// Makes a link that proves an address of a person; one that was made before ends.
pub(crate) async fn issue_email(
    tx: &mut SystemTx,
    user_id: UserId,
    email: &str,
    now: Timestamp,
) -> Result<OneTimeLink, db::Error> {
    delete_all(tx, Purpose::Email, Some(user_id)).await?;
    let link = Link {
        user_id: Some(user_id),
        email: Some(email.to_owned()),
        invitation_id: None,
    };
    make(tx, Purpose::Email, &link, after_a_day(now)).await
}

/// Makes a link that makes an account with an address; one for the same address that was made before
/// ends. `until` is when the invitation ends that it stands for.
pub(crate) async fn issue_registration(
    tx: &mut SystemTx,
    email: &str,
    invitation_id: Option<Uuid>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<OneTimeLink, db::Error> {
    store::delete_registrations(tx, email, invitation_id).await?;
    let link = Link {
        user_id: None,
        email: Some(email.to_owned()),
        invitation_id,
    };
    let expires_at = until.unwrap_or_else(|| after_a_day(now));
    make(tx, Purpose::Registration, &link, expires_at).await
}

async fn make(
    tx: &mut SystemTx,
    purpose: Purpose,
    link: &Link,
    expires_at: Timestamp,
) -> Result<OneTimeLink, db::Error> {
    let secret = secret::generate();
    store::insert(tx, &secret::hash(&secret), purpose, link, expires_at).await?;
    Ok(OneTimeLink::new(purpose, &secret, expires_at))
}

fn after_a_day(now: Timestamp) -> Timestamp {
    now.checked_add(LIFETIME).unwrap_or(now)
}
