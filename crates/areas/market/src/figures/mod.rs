//! What every instrument did last - close, change, volume, the range of 52 weeks - derived from daily
//! bars by a job, so that boards and screens can sort and filter by it. It may be thrown away and
//! computed again at any time.

mod jobs;
mod store;

use db::SystemTx;

pub use jobs::{RefreshFigures, registry};

/// Computes the figures anew if the market has changed since; returns how many of them have changed,
/// or `None` where nothing had changed.
pub async fn refresh(tx: &mut SystemTx) -> db::Result<Option<u64>> {
    let revision = crate::revision::current(tx.conn()).await?;
    if !store::claim(tx, revision).await? {
        return Ok(None);
    }
    store::delete_outdated(tx).await?;
    Ok(Some(store::upsert_all(tx).await?))
}

/// Says that the figures are to be computed anew although no bar has changed: after a split was stated,
/// corrected or withdrawn.
pub(crate) async fn outdate(tx: &mut SystemTx) -> db::Result<()> {
    store::reset(tx).await
}
