//! What becomes of what came: it is judged, the good is stored, the doubtful kept apart, and how good it is
//! goes into the cache.

mod bars;
pub(super) mod chain;
mod facts;
mod quote;
mod splits;
mod values;

use db::SystemTx;
use serde_json::Value;
use sources::{Fetched, Payload};

use super::{RefreshError, Turn};
use crate::{
    cache::{self, Entry},
    feeds::model::Attempt,
    quality,
};

/// What is kept of an answer that was of use.
struct Landed {
    /// A summary of it.
    data: Value,
    /// How good it is.
    parts: quality::Parts,
}

/// Judges and stores what came. `false` when nothing of it was of use, and the next source is to be asked.
pub(super) async fn land(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    fetched: Fetched,
    attempt: &mut Attempt,
) -> Result<bool, RefreshError> {
    attempt.received = fetched.payload.len();
    let landed = match fetched.payload {
        Payload::Bars(series) => bars::land(tx, turn, series, attempt).await?,
        Payload::Quote(quote) => quote::land(tx, turn, quote, attempt).await?,
        Payload::Chain(chain) => chain::land(tx, turn, chain, attempt).await?,
        Payload::Facts(facts) => facts::land(tx, turn, facts, attempt).await?,
        Payload::Series(values) => values::land(tx, turn, &values, attempt).await?,
        Payload::Rates(_) | Payload::Directory(_) => {
            "something else came than was asked for".clone_into(&mut attempt.reason);
            None
        }
    };
    let Some(landed) = landed else {
        return Ok(false);
    };
    let lifetime = turn.plan.want.lifetime();
    let entry = Entry {
        data: landed.data,
        source: turn.candidate.id.to_string(),
        score: landed.parts.score(),
        etag: fetched.validators.etag,
        last_modified: fetched.validators.last_modified,
        request: Some(fetched.validators.request),
        cached_at: turn.now,
        expires_at: turn
            .now
            .saturating_add(lifetime)
            .unwrap_or(jiff::Timestamp::MAX),
    };
    cache::put(tx, turn.key, &entry).await?;
    Ok(true)
}
