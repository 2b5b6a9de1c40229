use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

use super::{RefreshError, service::Feeds, store};
use crate::{InstrumentId, cache};

/// How often is looked for what is due.
pub(crate) const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(15);
/// How often exchange rates are looked for.
pub(crate) const RATES_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// How often the log is cut.
pub(crate) const TRIM_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Attempts are kept for this long.
const KEEP_ATTEMPTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// What has expired is kept for this long, for what the source recognises it by.
const KEEP_EXPIRED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Instruments that are queued at once; the rest follows a quarter of an hour later.
const AT_ONCE: i64 = 500;

/// Queues a refresh of each instrument for which a trading day is over whose bar is not there. On whichever
/// node comes first, once over all.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct QueueRefreshes {}

/// Brings the daily bars of one instrument up to date.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefreshBars {
    /// Which.
    pub instrument_id: InstrumentId,
    /// Whether somebody asked for it, and sources are asked whatever is cached.
    #[serde(default)]
    pub is_forced: bool,
}

/// Brings exchange rates up to date.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RefreshRates {}

/// Cuts the log of attempts, and the cache.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TrimFetches {}

impl Job for QueueRefreshes {
    const NAME: &'static str = "market.queue_refreshes";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let mut tx = ctx.db.system("queue refreshes of bars").await?;
        for found in store::freshness(&mut tx, None, AT_ONCE).await? {
            if found.is_due(now) {
                let job = RefreshBars {
                    instrument_id: found.id,
                    is_forced: false,
                };
                jobs::enqueue(&mut tx, &job).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

impl Job for RefreshBars {
    const NAME: &'static str = "market.refresh_bars";
    /// The sources have been asked several times by then, and will be again when it is due.
    const MAX_ATTEMPTS: i32 = 2;

    fn unique_key(&self) -> Option<String> {
        Some(self.instrument_id.to_string())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let Some(feeds) = ctx.resource::<Feeds>() else {
            return Ok(());
        };
        let now = ctx.clock.now();
        match feeds
            .refresh(&ctx.db, now, self.instrument_id, self.is_forced)
            .await
        {
            // It may have been deleted since.
            Ok(_) | Err(RefreshError::NotFound) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

impl Job for RefreshRates {
    const NAME: &'static str = "market.refresh_rates";
    const MAX_ATTEMPTS: i32 = 2;

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let Some(feeds) = ctx.resource::<Feeds>() else {
            return Ok(());
        };
        let done = feeds.refresh_rates(&ctx.db, ctx.clock.now()).await;
        done.map(drop).map_err(failed)
    }
}

fn failed(error: RefreshError) -> JobError {
    match error {
        RefreshError::Database(error) => error.into(),
        other => JobError::GiveUp(Box::new(other)),
    }
}

impl Job for TrimFetches {
    const NAME: &'static str = "market.trim_fetches";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let before = |age| now.saturating_sub(age).unwrap_or(now);
        let mut tx = ctx.db.system("cut the log of fetches").await?;
        store::delete_attempts(&mut tx, before(KEEP_ATTEMPTS)).await?;
        cache::sweep(&mut tx, before(KEEP_EXPIRED)).await?;
        Ok(tx.commit().await?)
    }
}
