//! What every instrument did last - close, change, volume, the range of 52 weeks - derived by a job from daily
//! bars, and from the quote where it is younger, so that boards and screens can sort and filter by it. It may be thrown
//! away and computed again at any time: `update market.daily_figures_state set is_outdated = true`.
//!
//! Figures follow from the daily bars of an instrument, its corporate actions, its unit and its quote, and from nothing
//! else, no clock and no rate. So only those are computed of which one of these has changed: quotes tell it by their
//! sequence, everything else by [`mark`].

mod jobs;
mod store;

use std::collections::BTreeSet;

use db::SystemTx;

use crate::InstrumentId;

pub use jobs::{RefreshFigures, registry};

/// Instruments of one statement: a quarter of a million closes.
const CHUNK: usize = 1_000;

/// Computes the figures of what has changed since; returns how many of them are others than before,
/// or `None` where nothing had changed, or another process is computing them.
pub async fn refresh(tx: &mut SystemTx) -> db::Result<Option<u64>> {
    let Some(state) = store::claim(tx).await? else {
        return Ok(None);
    };
    let marked = store::take_marks(tx).await?;
    let (quoted, last) = store::list_quoted(tx, state.quote_sequence).await?;
    let ids: BTreeSet<InstrumentId> = if state.is_outdated {
        store::list_all(tx).await?.into_iter().collect()
    } else {
        marked.into_iter().chain(quoted).collect()
    };
    if ids.is_empty() && !state.is_outdated {
        return Ok(None);
    }
    let ids: Vec<InstrumentId> = ids.into_iter().collect();
    let mut changed = 0;
    for ids in ids.chunks(CHUNK) {
        changed += store::delete_outdated(tx, ids).await?;
        changed += store::upsert(tx, ids).await?;
    }
    store::set_computed(tx, last).await?;
    Ok(Some(changed))
}

/// Says that the figures of these instruments are to be computed anew, because of what this unit of work does to
/// their daily bars, corporate actions or units.
pub(crate) async fn mark(
    tx: &mut SystemTx,
    ids: impl IntoIterator<Item = InstrumentId>,
) -> db::Result<()> {
    let ids: BTreeSet<InstrumentId> = ids.into_iter().collect();
    let ids: Vec<InstrumentId> = ids.into_iter().collect();
    store::mark(tx, &ids).await
}
