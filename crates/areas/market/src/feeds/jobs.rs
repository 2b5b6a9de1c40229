use std::time::{Duration, Instant};

use db::SystemTx;
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

use super::{Freshness, RefreshError, service::Feeds, store, want::Want};
use crate::{InstrumentId, bars::Interval, cache, interests, options};

/// How often is looked for what is due.
pub(crate) const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(15);
/// How often quotes are looked for.
pub(crate) const QUOTES_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How often exchange rates are looked for.
pub(crate) const RATES_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// How often the log is cut.
pub(crate) const TRIM_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Attempts are kept for this long.
const KEEP_ATTEMPTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Those of quotes that came, one a minute, for this long.
const KEEP_QUOTES: SignedDuration = SignedDuration::from_hours(24);
/// Option chains are kept for this long, the last of each for ever.
const KEEP_CHAINS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Quotes that are fetched at the same time.
const AT_A_TIME: usize = 4;
/// No quote is asked for later: the next job goes on.
const WITHIN: Duration = Duration::from_secs(50);
/// What has expired is kept for this long, for what the source recognises it by.
const KEEP_EXPIRED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Instruments that are queued at once; the rest follows a quarter of an hour later.
const AT_ONCE: i64 = 500;

/// Queues a refresh of each instrument for which a trading day is over whose bar is not there, each in its turn; and
/// for those that somebody holds or watches of what else is due. On whichever node comes first, once over all.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct QueueRefreshes {}

/// Brings what is wanted of one instrument up to date.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refresh {
    /// Which.
    pub instrument_id: InstrumentId,
    /// What.
    pub want: Want,
    /// Whether somebody asked for it, and sources are asked whatever is cached.
    #[serde(default)]
    pub is_forced: bool,
}

/// Brings the quotes up to date of what somebody holds or watches, while its market is open. On whichever node
/// comes first, once over all.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RefreshQuotes {}

/// Brings exchange rates up to date.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RefreshRates {
    /// Whether somebody asked for it, and the source is asked whatever is cached.
    #[serde(default)]
    pub is_forced: bool,
}

/// Cuts the log of attempts, old option chains and the cache.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TrimFetches {}

impl Job for QueueRefreshes {
    const NAME: &'static str = "market.queue_refreshes";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let mut tx = ctx.db.system("queue refreshes").await?;
        let expected = super::expected_days(&mut tx, now).await?;
        for id in store::list_behind(&mut tx, &expected, now, AT_ONCE).await? {
            enqueue(&mut tx, id, Want::Bars(Interval::Day)).await?;
        }
        for (found, want) in due(&mut tx, now).await? {
            // Quotes have a job of their own.
            if want != Want::Quote {
                enqueue(&mut tx, found.id, want).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

async fn enqueue(tx: &mut SystemTx, id: InstrumentId, want: Want) -> db::Result<()> {
    let job = Refresh {
        instrument_id: id,
        want,
        is_forced: false,
    };
    jobs::enqueue(tx, &job).await?;
    Ok(())
}

/// What it is time to ask for, of instruments that somebody holds, watches or is shown and of indices; what only stands
/// in lists comes last, and what was never or longest ago tried first.
async fn due(tx: &mut SystemTx, now: Timestamp) -> db::Result<Vec<(Freshness, Want)>> {
    let scope = store::Scope {
        followed_at: Some(now),
        ..store::Scope::default()
    };
    let followed = store::freshness(tx, scope, i64::MAX).await?;
    let ids: Vec<InstrumentId> = followed.iter().map(|of| of.id).collect();
    let refreshes = store::refreshes(tx, &ids).await?;
    let mut due = Vec::new();
    for of in followed {
        for want in Want::ALL {
            let last = refreshes.get(&(of.id, want)).copied().unwrap_or_default();
            if want.is_due(&of, last, now) {
                due.push((last.tried_at, of.clone(), want));
            }
        }
    }
    due.sort_by_key(|(tried_at, of, _)| (of.is_only_shown, *tried_at));
    Ok(due.into_iter().map(|(_, of, want)| (of, want)).collect())
}

impl Job for Refresh {
    const NAME: &'static str = "market.refresh";
    /// The sources have been asked several times by then, and will be again when it is due.
    const MAX_ATTEMPTS: i32 = 2;

    fn unique_key(&self) -> Option<String> {
        // What somebody asks for is not taken for what waits already: that may use what is cached.
        let how = if self.is_forced { " now" } else { "" };
        Some(format!("{} {}{how}", self.instrument_id, self.want))
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let Some(feeds) = ctx.resource::<Feeds>() else {
            return Ok(());
        };
        let now = ctx.clock.now();
        match feeds
            .refresh(&ctx.db, now, self.instrument_id, self.want, self.is_forced)
            .await
        {
            // It may have been deleted since.
            Ok(_) | Err(RefreshError::NotFound) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

impl Job for RefreshQuotes {
    const NAME: &'static str = "market.refresh_quotes";
    /// The next minute brings the next.
    const MAX_ATTEMPTS: i32 = 1;

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let Some(feeds) = ctx.resource::<Feeds>() else {
            return Ok(());
        };
        let begun = Instant::now();
        let mut tx = ctx.db.system("look for quotes that are due").await?;
        let due = due(&mut tx, ctx.clock.now()).await?;
        drop(tx);
        let wanted = due.into_iter().filter(|(_, want)| *want == Want::Quote);
        let mut asked = stream::iter(wanted)
            .take_while(|_| std::future::ready(begun.elapsed() < WITHIN))
            .map(|(of, want)| {
                let (db, now) = (&ctx.db, ctx.clock.now());
                async move { feeds.refresh(db, now, of.id, want, false).await }
            })
            .buffer_unordered(AT_A_TIME);
        let mut outcome = Ok(());
        while let Some(one) = asked.next().await {
            match one {
                Ok(_) | Err(RefreshError::NotFound) => {}
                // The others are asked for all the same.
                Err(error) => outcome = Err(failed(error)),
            }
        }
        outcome
    }
}

impl Job for RefreshRates {
    const NAME: &'static str = "market.refresh_rates";
    const MAX_ATTEMPTS: i32 = 2;

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let Some(feeds) = ctx.resource::<Feeds>() else {
            return Ok(());
        };
        let done = feeds
            .refresh_rates(&ctx.db, ctx.clock.now(), self.is_forced)
            .await;
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
        store::delete_attempts(&mut tx, before(KEEP_ATTEMPTS), before(KEEP_QUOTES)).await?;
        options::store::delete_chains(&mut tx, before(KEEP_CHAINS)).await?;
        interests::sweep(&mut tx, now).await?;
        cache::sweep(&mut tx, before(KEEP_EXPIRED)).await?;
        Ok(tx.commit().await?)
    }
}
