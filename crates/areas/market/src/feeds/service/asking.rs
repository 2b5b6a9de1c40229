//! Whom to ask, and asking.

use db::SystemTx;
use jiff::Timestamp;
use sources::{Ask, Breaker, Limit, Outcome, ProviderId, Validators};

use super::{Entry, Feeds, FetchError, FetchOutcome, Plan, RefreshError, key_place};
use crate::feeds::{
    about,
    model::{Freshness, usual_order},
    spelling, store,
    want::Want,
};

/// Somebody who may be asked.
pub(super) struct Candidate {
    pub(super) id: ProviderId,
    symbol: Result<String, &'static str>,
    key: Option<String>,
    limit: Option<Limit>,
    breaker: Breaker,
}

impl Feeds {
    /// Who is switched on and gives what is wanted, in the operator's order. Real prices are never made
    /// up, and nobody outside is asked for made-up ones.
    pub(super) async fn candidates(
        &self,
        tx: &mut SystemTx,
        of: &Freshness,
        want: Want,
    ) -> Result<Vec<Candidate>, RefreshError> {
        let states = store::list(tx).await?;
        let mut orders = store::orders(tx.conn()).await?;
        let order = orders.remove(&of.asset_class);
        let order = order.unwrap_or_else(|| usual_order(of.asset_class));
        let mut candidates = Vec::new();
        for id in order {
            let is_simulated = id == ProviderId::Simulator;
            let can = about(id).is_some_and(|about| about.can(want.capability()));
            let state = states
                .iter()
                .find(|state| state.id == id && state.is_enabled && can && want.suits(of));
            let Some(state) = state.filter(|_| is_simulated == of.is_simulated) else {
                continue;
            };
            let stated = store::get_spelling(tx, of.id, id).await?;
            let symbol = stated.map_or_else(|| spelling::spell(id, of), Ok);
            let key = match store::get_key(tx, id).await? {
                Some(sealed) => Some(self.sealer.open_text(&key_place(id), &sealed)?),
                None => None,
            };
            candidates.push(Candidate {
                id,
                symbol,
                key,
                limit: state.limit,
                breaker: state.breaker,
            });
        }
        Ok(candidates)
    }

    pub(super) async fn ask(
        &self,
        now: Timestamp,
        plan: &Plan,
        candidate: &Candidate,
        known: Option<&Entry>,
    ) -> Result<Outcome, Refusal> {
        let symbol = candidate.symbol.clone().map_err(Refusal::Nameless)?;
        let request = plan.request(candidate.id, symbol);
        // What another node has learnt about the provider counts here as well.
        self.sources.set_breaker(candidate.id, candidate.breaker);
        let validators = known
            .filter(|entry| entry.source == candidate.id.as_str())
            .map(|entry| Validators {
                etag: entry.etag.clone(),
                last_modified: entry.last_modified.clone(),
            });
        let ask = Ask {
            now,
            key: candidate.key.as_deref(),
            known: validators.as_ref(),
            limit: candidate.limit,
        };
        let fetched = self.sources.fetch(candidate.id, &request, &ask).await;
        fetched.map_err(Refusal::Fetch)
    }
}

/// Why a candidate gave nothing.
pub(super) enum Refusal {
    Nameless(&'static str),
    Fetch(FetchError),
}

impl Refusal {
    pub(super) fn outcome(&self) -> FetchOutcome {
        match self {
            Self::Fetch(error) if !error.is_skip() => FetchOutcome::Failed,
            _ => FetchOutcome::Skipped,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Nameless(_) => "no_symbol",
            Self::Fetch(error) => error.code(),
        }
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Nameless(why) => (*why).to_owned(),
            Self::Fetch(error) => error.to_string(),
        }
    }
}
