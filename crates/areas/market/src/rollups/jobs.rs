use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

/// Computes the bars of everything that is marked.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct RollUp {}

impl Job for RollUp {
    const NAME: &'static str = "market.roll_up";

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        super::run(&ctx.db).await?;
        Ok(())
    }
}
