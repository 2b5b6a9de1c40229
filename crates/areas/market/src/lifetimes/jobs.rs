use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

/// Makes the next partitions, packs, and drops what is over.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct KeepBars {}

impl Job for KeepBars {
    const NAME: &'static str = "market.keep_bars";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        // Nothing may go that is not computed into longer bars.
        crate::rollups::run(&ctx.db).await?;
        let kept = super::keep(&ctx.db, ctx.clock.now()).await?;
        if let Ok(kept) = serde_json::to_value(kept) {
            ctx.progress(&kept).await?;
        }
        Ok(())
    }
}
