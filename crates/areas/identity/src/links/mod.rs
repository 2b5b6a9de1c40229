//! One-time links: the first owner's set-up and new passwords. A link is stored hashed, ends after a
//! day, and is gone once used.

mod model;
mod store;

pub use model::OneTimeLink;
pub(crate) use model::Purpose;
pub(crate) use store::{consume, delete_all, delete_expired, get, lock_setup};

use db::{SystemTx, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::secret;

const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Makes a link; those of the same purpose and person that were made before end.
pub(crate) async fn issue(
    tx: &mut SystemTx,
    purpose: Purpose,
    user_id: Option<UserId>,
    now: Timestamp,
) -> Result<OneTimeLink, db::Error> {
    let secret = secret::generate();
    let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
    delete_all(tx, purpose, user_id).await?;
    store::insert(tx, &secret::hash(&secret), purpose, user_id, expires_at).await?;
    Ok(OneTimeLink::new(purpose, &secret, expires_at))
}
