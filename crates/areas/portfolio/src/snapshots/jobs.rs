//! Snapshots are built soon after a change, and by the clock for new days and prices.

use db::UserId;
use jiff::{SignedDuration, tz::TimeZone};
use jobs::{Job, JobCtx, JobError, Registry};
use serde::{Deserialize, Serialize};

use super::{Built, bring_up_to_date, pack, store};
use crate::portfolios::PortfolioId;

/// How often portfolios are looked for whose snapshots are behind.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(15);

/// The jobs of snapshots and their timetable.
pub(crate) fn registry() -> Registry {
    Registry::new()
        .with::<BuildSnapshots>()
        .with::<RefreshSummary>()
        .every::<SweepSnapshots>(SWEEP_EVERY)
        .every::<PackSnapshots>(SignedDuration::from_hours(24))
}

/// Builds the snapshots of a portfolio; queued by the database whenever its transactions change.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BuildSnapshots {
    user_id: UserId,
    portfolio_id: PortfolioId,
}

impl Job for BuildSnapshots {
    const NAME: &'static str = "portfolio.build_snapshots";

    fn unique_key(&self) -> Option<String> {
        Some(self.portfolio_id.0.to_string())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let built = bring_up_to_date(&ctx.db, &ctx.clock, self.user_id, self.portfolio_id)
            .await
            .map_err(|error| JobError::Retry(Box::new(error)))?;
        if let Built::Current | Built::Waiting | Built::Gone = built {
            return Ok(());
        }
        let mut tx = ctx.db.system("queue the refresh of the summary").await?;
        jobs::enqueue(&mut tx, &RefreshSummary {}).await?;
        if built == Built::Overtaken {
            jobs::enqueue(&mut tx, &self).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Brings the summary of all portfolios up to date.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct RefreshSummary {}

impl Job for RefreshSummary {
    const NAME: &'static str = "portfolio.refresh_summary";

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let mut tx = ctx
            .db
            .system("refresh the summary of all portfolios")
            .await?;
        store::refresh_summary(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Finds the portfolios whose snapshots are behind: a new day, new prices, or a lost job.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SweepSnapshots {}

impl Job for SweepSnapshots {
    const NAME: &'static str = "portfolio.sweep_snapshots";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let today = ctx.clock.today(&TimeZone::UTC);
        let mut tx = ctx.db.system("find snapshots that are behind").await?;
        let stale = store::list_stale(&mut tx, today).await?;
        for (user_id, portfolio_id) in &stale {
            let job = BuildSnapshots {
                user_id: *user_id,
                portfolio_id: *portfolio_id,
            };
            jobs::enqueue(&mut tx, &job).await?;
        }
        tx.commit().await?;
        tracing::info!(
            portfolios = stale.len(),
            "looked for snapshots that are behind"
        );
        Ok(())
    }
}

/// Packs the days of years that ended more than a year ago.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PackSnapshots {}

impl Job for PackSnapshots {
    const NAME: &'static str = "portfolio.pack_snapshots";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let packed = pack(&ctx.db, ctx.clock.now()).await?;
        tracing::info!(days = packed, "packed snapshots");
        Ok(())
    }
}
