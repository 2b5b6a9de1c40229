//! Whether data can be trusted: rules that doubt bars before they are stored, the quarantine where the
//! doubtful wait for a person, closes that a person states against every source, and the score of what
//! was fetched.

mod error;
mod model;
pub(crate) mod pages;
pub mod rules;
mod score;
pub(crate) mod store;

use db::{Db, UserId};
use jiff::{Timestamp, civil::Date};
use serde_json::json;
use uuid::Uuid;

pub use error::Error;
pub use model::{Doubtful, Override};
pub use score::{Parts, agreement, freshness, share};

use crate::{InstrumentId, feeds};

/// What waits for a decision, the newest first.
pub async fn open(db: &Db, limit: i64) -> db::Result<Vec<Doubtful>> {
    let mut tx = db.system("list the quarantine").await?;
    store::list(&mut tx, None, limit).await
}

/// Accepts a doubtful bar, which stores it, or rejects it for good.
pub async fn decide(
    db: &Db,
    id: Uuid,
    accepted: bool,
    by: UserId,
    now: Timestamp,
) -> Result<Doubtful, Error> {
    let mut tx = db.system("decide about a doubtful bar").await?;
    let found = store::list(&mut tx, Some(id), 1).await?.into_iter().next();
    let found = found.ok_or(Error::NotFound)?;
    if accepted && !found.can_be_accepted() {
        return Err(Error::Impossible);
    }
    if !store::decide(&mut tx, id, accepted, now).await? {
        return Err(Error::Decided);
    }
    if accepted {
        feeds::store_bars(&mut tx, found.instrument_id, &found.source, &[found.bar]).await?;
        crate::revision::bump(&mut tx).await?;
    }
    let deed = if accepted {
        "market.quarantine.accept"
    } else {
        "market.quarantine.reject"
    };
    let details = json!({ "symbol": found.symbol, "at": found.bar.at, "close": found.bar.close });
    tx.note_activity(by, deed, &details).await?;
    tx.commit().await?;
    Ok(found)
}

/// States a close against every source, also those to come.
pub async fn override_close(
    db: &Db,
    id: InstrumentId,
    stated: &Override,
    by: UserId,
    now: Timestamp,
) -> db::Result<()> {
    let mut tx = db.system("override a close").await?;
    store::put_override(&mut tx, id, stated, now).await?;
    let details = json!({
        "instrument_id": id, "date": stated.date, "close": stated.close, "reason": stated.reason,
    });
    tx.note_activity(by, "market.overrides.set", &details)
        .await?;
    crate::revision::bump(&mut tx).await?;
    tx.commit().await
}

/// Lets the sources speak again; the value stays until one of them states another.
pub async fn withdraw_override(
    db: &Db,
    id: InstrumentId,
    date: Date,
    by: UserId,
) -> db::Result<bool> {
    let mut tx = db.system("withdraw an override").await?;
    let withdrawn = store::delete_override(&mut tx, id, date).await?;
    let details = json!({ "instrument_id": id, "date": date });
    tx.note_activity(by, "market.overrides.withdraw", &details)
        .await?;
    tx.commit().await?;
    Ok(withdrawn)
}
