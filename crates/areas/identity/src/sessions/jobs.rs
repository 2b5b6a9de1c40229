use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{families, links, openid, passkeys, second_step, throttle, tokens};

/// How often expired things are removed.
pub const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A repeated request is recognised for this long.
const KEEP_IDEMPOTENCY_KEYS: SignedDuration = SignedDuration::from_hours(24);

/// A token that ended stays in the list for this long, so that it says why a program stopped.
const KEEP_ENDED_TOKENS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Removes sessions, pairs of tokens, links, unfinished sign-ins and questions to passkeys that ended, API
/// tokens that ended a month ago, idempotency keys older than a day, and failed attempts that are
/// forgiven. What ended is refused whether or not it was removed yet.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SweepExpired {}

impl Job for SweepExpired {
    const NAME: &'static str = "identity.sweep_expired";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let keys_before = now.checked_sub(KEEP_IDEMPOTENCY_KEYS).unwrap_or(now);
        let mut tx = ctx.db.system("remove what has expired").await?;
        let sessions = store::delete_expired(&mut tx, now).await?;
        let pairs = families::store::delete_expired(&mut tx, now).await?;
        let tokens_before = now.checked_sub(KEEP_ENDED_TOKENS).unwrap_or(now);
        let tokens = tokens::store::delete_expired(&mut tx, tokens_before).await?;
        let links = links::delete_expired(&mut tx, now).await?;
        let pending = second_step::store::delete_expired(&mut tx, now).await?
            + passkeys::store::delete_expired_ceremonies(&mut tx, now).await?
            + openid::store::delete_expired_flows(&mut tx, now).await?;
        let keys = store::delete_old_idempotency_keys(&mut tx, keys_before).await?;
        let rested_before = now.checked_sub(throttle::FORGET_AFTER).unwrap_or(now);
        let attempts = throttle::delete_rested(&mut tx, rested_before).await?;
        tx.commit().await?;
        tracing::info!(
            sessions,
            pairs,
            tokens,
            links,
            pending,
            keys,
            attempts,
            "removed what had expired"
        );
        Ok(())
    }
}
