use ::jobs::{Job, JobCtx, JobError, Registry};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How far the figures may be behind the bars.
const EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Computes the figures of the board and the screener of those instruments whose daily bars, corporate actions or
/// quotes have changed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RefreshFigures {}

impl Job for RefreshFigures {
    const NAME: &'static str = "market.refresh_figures";

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let mut tx = ctx.db.system("refresh the figures of instruments").await?;
        if super::refresh(&mut tx).await?.is_some() {
            tx.commit().await?;
        }
        Ok(())
    }
}

/// The jobs of this room and their timetable.
pub fn registry() -> Registry {
    Registry::new().every::<RefreshFigures>(EVERY)
}
