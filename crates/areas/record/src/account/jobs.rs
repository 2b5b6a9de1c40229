use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

use super::store;

/// Deletes the bookings of accounts that were closed seven years ago.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PurgeClosed {}

impl Job for PurgeClosed {
    const NAME: &'static str = "record.purge_closed";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        loop {
            let mut tx = ctx.db.system("purge a closed account").await?;
            let now = ctx.clock.now();
            let Some(user) = store::next_to_purge(&mut tx, now).await? else {
                return Ok(());
            };
            store::purge(&mut tx, user, now).await?;
            tx.commit().await?;
            tracing::info!(user_id = %user, "purged a closed account");
        }
    }
}
