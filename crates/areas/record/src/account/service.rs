use db::{Clock, Db, UserId};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use super::{AccountError, store};

/// Years for which bookings are kept after their person left.
const KEEP_YEARS: i32 = 7;

/// How an account is closed.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The email address, typed once more.
    pub email: String,
    /// Who runs the instance afterwards, when the person was the last one who does.
    pub successor: Option<String>,
}

/// Closes an account: in one unit of work its sessions and tokens end, the person is forgotten, and the
/// bookings wait for their end.
pub async fn close(
    db: &Db,
    clock: &Clock,
    user: UserId,
    closing: &Closing,
) -> Result<(), AccountError> {
    let now = clock.now();
    let mut tx = db.system("close an account").await?;
    let admins = store::lock_admins(&mut tx).await?;
    let leaver = store::lock(&mut tx, user).await?;
    let leaver = leaver.ok_or(AccountError::Closed)?;
    if !leaver.email.eq_ignore_ascii_case(closing.email.trim()) {
        return Err(AccountError::WrongEmail);
    }
    let successor = closing.successor.as_deref().map(str::trim);
    match successor.filter(|email| !email.is_empty()) {
        Some(email) if leaver.is_admin => {
            let heir = store::promote(&mut tx, email, user).await?;
            let heir = heir.ok_or_else(|| AccountError::NoSuccessor {
                email: email.to_owned(),
            })?;
            tx.note_activity(heir, "record.account.take_over", &serde_json::json!({}))
                .await?;
        }
        _ if leaver.is_admin && admins.iter().all(|admin| *admin == user.0) => {
            return Err(AccountError::NeedsSuccessor);
        }
        _ => {}
    }
    store::erase(&mut tx, user, now, purge_after(now)).await?;
    tx.commit().await?;
    tracing::info!(user_id = %user, "closed an account");
    Ok(())
}

/// Whether the person is the last one who runs the instance.
pub async fn is_last_admin(db: &Db, user: UserId) -> Result<bool, AccountError> {
    let mut tx = db.system("ask who runs the instance").await?;
    Ok(store::list_admins(&mut tx).await? == [user.0])
}

/// The same day in seven years; the end of representable time stops it.
fn purge_after(now: Timestamp) -> Timestamp {
    now.to_zoned(TimeZone::UTC)
        .checked_add(KEEP_YEARS.years())
        .map_or(Timestamp::MAX, |later| later.timestamp())
}
