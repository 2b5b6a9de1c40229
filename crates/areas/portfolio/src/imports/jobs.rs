//! Previews that nobody decided on do not stay for ever: each holds a whole file.

use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError, Registry};
use serde::{Deserialize, Serialize};

use super::store;

/// How often abandoned previews are looked for.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A file waits this long for its owner's decision.
const KEEP_PREVIEWS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The jobs of imports and their timetable.
pub(crate) fn registry() -> Registry {
    Registry::new().every::<SweepPreviews>(SWEEP_EVERY)
}

/// Removes files that waited for a decision for more than seven days. Nothing of theirs is in a
/// portfolio yet, and they can be handed in again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SweepPreviews {}

impl Job for SweepPreviews {
    const NAME: &'static str = "portfolio.sweep_previews";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let before = now.checked_sub(KEEP_PREVIEWS).unwrap_or(now);
        let mut tx = ctx
            .db
            .system("remove abandoned previews of imports")
            .await?;
        let removed = store::delete_old_previews(&mut tx, before).await?;
        tx.commit().await?;
        tracing::info!(removed, "removed abandoned previews of imports");
        Ok(())
    }
}
