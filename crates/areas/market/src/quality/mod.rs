//! Whether data can be trusted: rules that doubt bars before they are stored, the quarantine where the
//! doubtful wait for a person, and the score of what was fetched.

mod error;
mod model;
pub(crate) mod pages;
pub mod rules;
mod score;
pub(crate) mod store;

use db::{Db, UserId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

pub use error::Error;
pub use model::Doubtful;
pub use score::{Parts, agreement, freshness, share};

use crate::feeds;

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
