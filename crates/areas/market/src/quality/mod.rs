//! Whether data can be trusted: rules that doubt bars and prices before they are stored, the quarantine where the
//! doubtful wait for a person, and the score of what was fetched.

mod error;
pub(crate) mod files;
pub(crate) mod findings;
pub(crate) mod latest;
mod model;
pub(crate) mod pages;
pub mod rules;
mod score;
pub(crate) mod store;

use db::{Db, SystemTx, UserId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

pub use error::Error;
pub use model::{Doubtful, Finding, Kind};
pub(crate) use score::{COMPARED, DAILY_FRESH_FOR};
pub use score::{Parts, agreement, freshness, share};

use crate::{
    feeds,
    quotes::{self, NewQuote},
};

/// What waits for a decision, the newest first.
pub async fn open(db: &Db, limit: i64) -> db::Result<Vec<Doubtful>> {
    let mut tx = db.system("list the quarantine").await?;
    store::list(&mut tx, None, limit).await
}

/// How much of it there is, findings included.
pub async fn count_open(db: &Db) -> db::Result<i64> {
    store::count_open(&mut db.system("count what waits for a decision").await?).await
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
    if accepted && store::is_outdated(&mut tx, id).await? {
        return Err(Error::Outdated);
    }
    if !store::decide(&mut tx, id, accepted, now).await? {
        return Err(Error::Decided);
    }
    if accepted {
        store_accepted(&mut tx, &found).await?;
        // What was doubted after it may pass now.
        feeds::ask_again(&mut tx, found.instrument_id).await?;
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

async fn store_accepted(tx: &mut SystemTx, found: &Doubtful) -> db::Result<()> {
    let (id, bar) = (found.instrument_id, found.bar);
    match found.kind {
        Kind::Bar(interval) => {
            feeds::store_bars(tx, id, interval, &found.source, &[bar]).await?;
        }
        Kind::Quote => {
            let quote = NewQuote {
                instrument_id: id,
                price: bar.close,
                previous_close: None,
                volume: bar.volume,
                bid: None,
                ask: None,
                at: bar.at,
            };
            quotes::put(tx, &found.source, &[quote]).await?;
        }
    }
    Ok(())
}

/// Findings that nobody has dismissed, those seen last first.
pub async fn open_findings(db: &Db, limit: i64) -> db::Result<Vec<Finding>> {
    findings::list(
        &mut db.system("list findings about fetched data").await?,
        limit,
    )
    .await
}

/// Takes a finding from the list until the rule finds something there again.
pub async fn dismiss(db: &Db, id: Uuid, by: UserId, now: Timestamp) -> Result<(), Error> {
    let mut tx = db.system("dismiss a finding").await?;
    let symbol = findings::dismiss(&mut tx, id, now).await?;
    let symbol = symbol.ok_or(Error::NotFound)?;
    tx.note_activity(by, "market.finding.dismiss", &json!({ "symbol": symbol }))
        .await?;
    tx.commit().await?;
    Ok(())
}
