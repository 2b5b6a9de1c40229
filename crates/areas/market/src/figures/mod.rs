//! What every instrument did last - close, change, volume, the range of 52 weeks - derived by a job from daily
//! bars, and from the quote where it is of a later day, so that boards and screens can sort and filter by it. It may be thrown away and
//! computed again at any time.

mod jobs;
mod store;

use db::SystemTx;

pub use jobs::{RefreshFigures, registry};

/// Computes the figures anew if the market has changed since; returns how many of them have changed,
/// or `None` where nothing had changed.
pub async fn refresh(tx: &mut SystemTx) -> db::Result<Option<u64>> {
    let revision = crate::revision::current(tx.conn()).await?;
    let by_bars = if store::claim(tx, revision).await? {
        store::delete_outdated(tx).await?;
        Some(store::upsert_all(tx).await?)
    } else {
        None
    };
    match (by_bars, store::update_by_quotes(tx).await?) {
        (None, 0) => Ok(None),
        (by_bars, by_quotes) => Ok(Some(by_bars.unwrap_or(0).max(by_quotes))),
    }
}

/// Says that the figures are to be computed anew although no bar has changed: after a split was stated,
/// corrected or withdrawn.
pub(crate) async fn outdate(tx: &mut SystemTx) -> db::Result<()> {
    store::reset(tx).await
}
