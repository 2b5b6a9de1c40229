use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

use super::store;

const DAY_H: i64 = 24;
/// Table and days of its rows. A month goes when its last row is older.
const LIFETIMES_DAYS: [(&str, i64); 3] = [
    ("activity", 90),
    ("system_logs", 30),
    ("analytics_events", 90),
];
/// Days ahead for which months are made; longer than any month, so that two are always ready.
const AHEAD_DAYS: [i64; 3] = [0, 32, 63];

/// Makes the next months of the tables that are kept in months, and drops those whose lifetime is over.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct KeepMonths {}

impl Job for KeepMonths {
    const NAME: &'static str = "record.keep_months";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let days = |days: i64| SignedDuration::from_hours(DAY_H * days);
        let mut tx = ctx.db.system("make and drop months of records").await?;
        for (table, lifetime) in LIFETIMES_DAYS {
            for ahead in AHEAD_DAYS {
                let month = now.checked_add(days(ahead)).unwrap_or(now);
                store::ensure(&mut tx, table, month).await?;
            }
            if let Ok(before) = now.checked_sub(days(lifetime)) {
                let dropped = store::drop_before(&mut tx, table, before).await?;
                if !dropped.is_empty() {
                    tracing::info!(months = dropped.join(", "), "dropped months of records");
                }
            }
        }
        Ok(tx.commit().await?)
    }
}
