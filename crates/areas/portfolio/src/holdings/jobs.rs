//! What is held is told to the market, which fetches the quotes of what somebody holds.

use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError, Registry};
use market::interests::{self, Reason};
use serde::{Deserialize, Serialize};

use super::store;

/// Well before what was said lapses.
const TELL_EVERY: SignedDuration = SignedDuration::from_mins(15);

pub(crate) fn registry() -> Registry {
    Registry::new().every::<TellHeld>(TELL_EVERY)
}

/// Tells which instruments are held, and not by whom.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct TellHeld {}

impl Job for TellHeld {
    const NAME: &'static str = "portfolio.tell_held";

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let mut tx = ctx.db.system("tell what is held").await?;
        let held = store::list_held(&mut tx).await?;
        interests::state(&mut tx, Reason::Held, &held, ctx.clock.now()).await?;
        Ok(tx.commit().await?)
    }
}
