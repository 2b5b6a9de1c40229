//! The expirations of a chain after the nearest, of a source that gives one to a request: asked for one by one,
//! each kept when it has come. What is missing stands with the chain, so a fetch that is broken off, by the limit of
//! the source or the end of the program, goes on where it was.

use db::{Db, SystemTx};
use jiff::Timestamp;
use sources::{Outcome, Payload, Request};

use super::{
    Candidate, Feeds, Plan, RefreshError, Refreshed, Refusal,
    landing::chain::land_expiration,
    permit::{Trace, note},
};
use crate::{
    feeds::{model::Attempt, store, want::Want},
    options::{self, store::Pending},
};

impl Feeds {
    /// Asks for what is missing of the last chain, unless it is of another time than the prices of now.
    pub(super) async fn ask_expirations(
        &self,
        db: &Db,
        now: Timestamp,
        plan: &Plan,
        candidates: &[Candidate],
        done: &mut Refreshed,
    ) -> Result<(), RefreshError> {
        loop {
            let mut tx = db.system("look for expirations that are missing").await?;
            let pending = options::store::next_pending(tx.conn(), plan.of.id).await?;
            drop(tx);
            let is_of_now = |pending: &Pending| {
                now.duration_since(pending.fetched_at) < Want::OptionChain.lifetime()
            };
            let Some(pending) = pending.filter(is_of_now) else {
                return Ok(());
            };
            let source = candidates.iter();
            let mut source = source.filter(|one| one.id.as_str() == pending.source);
            let Some(candidate) = source.next() else {
                return Ok(());
            };
            let asked = self
                .ask_expiration(db, now, candidate, pending.expires_on)
                .await?;
            let mut tx = db.system("store an expiration").await?;
            let attempt = attempt(now, plan, candidate, &pending);
            let is_broken_off = self
                .settle_expiration(&mut tx, &pending, attempt, asked, done)
                .await?;
            tx.commit().await?;
            if is_broken_off {
                return Ok(());
            }
        }
    }

    /// Writes down what became of an attempt; whether the others have to wait.
    async fn settle_expiration(
        &self,
        tx: &mut SystemTx,
        pending: &Pending,
        mut attempt: Attempt,
        (outcome, trace): (Result<Outcome, Refusal>, Trace),
        done: &mut Refreshed,
    ) -> Result<bool, RefreshError> {
        let Some(id) = attempt.instrument_id else {
            return Ok(true);
        };
        let mut is_broken_off = false;
        match outcome {
            Ok(Outcome::Fetched(fetched)) => {
                attempt.received = fetched.payload.len();
                let contracts = match fetched.payload {
                    Payload::Chain(chain) => chain.contracts,
                    _ => Vec::new(),
                };
                land_expiration(tx, id, pending, contracts, &mut attempt).await?;
            }
            Ok(Outcome::NotModified) => {
                attempt.nothing_new();
                options::store::insert_expiration(tx, id, pending, &[]).await?;
            }
            Err(refusal) => {
                attempt.refuse(&refusal);
                is_broken_off = refusal.is_open();
                if !is_broken_off {
                    options::store::insert_expiration(tx, id, pending, &[]).await?;
                }
                done.passed_over.push(format!(
                    "{}, {}: {}",
                    attempt.provider, pending.expires_on, attempt.reason
                ));
            }
        }
        done.stored += attempt.stored;
        done.quarantined += attempt.quarantined;
        let at = attempt.at;
        note(tx, attempt, &trace).await?;
        store::put_refresh(tx, id, Want::OptionChain, at, None).await?;
        Ok(is_broken_off)
    }
}

fn attempt(now: Timestamp, plan: &Plan, candidate: &Candidate, pending: &Pending) -> Attempt {
    let request = Request::Chain {
        symbol: plan.of.symbol.clone(),
        expires_on: Some(pending.expires_on),
    };
    Attempt::begun(now, candidate.id, Some(plan.of.id), &request)
}
