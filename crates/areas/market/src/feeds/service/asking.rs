//! Whom to ask, and asking.

use db::{Db, SystemTx};
use jiff::{Timestamp, civil::Date};
use sources::{Limit, Outcome, ProviderId, Request, Sources, Validators};

use super::{
    Entry, Feeds, FetchError, Plan, RefreshError, key_place,
    permit::{Trace, Whom},
};
use crate::feeds::{
    model::{FetchOutcome, Freshness, Order},
    pace::Ending,
    spelling, store,
    want::Want,
};

/// Somebody who may be asked.
pub(super) struct Candidate {
    pub(super) id: ProviderId,
    symbol: Result<String, &'static str>,
    key: Option<String>,
    limit: Option<Limit>,
}

impl Candidate {
    /// Whether it has what is wanted from its beginning on.
    pub(super) fn reaches(&self, sources: &Sources, plan: &Plan, now: Timestamp) -> bool {
        let Ok(symbol) = &self.symbol else {
            return true;
        };
        sources.reaches(self.id, &plan.request(self.id, symbol.clone()), now)
    }
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
        let order = Order::of(of.asset_class, orders.remove(&of.asset_class));
        let mut candidates = Vec::new();
        for id in order.providers {
            let is_simulated = id == ProviderId::Simulator;
            let can = id.describe().can(want.capability());
            let state = states
                .iter()
                .find(|state| state.id == id && state.is_enabled && can && want.suits(of));
            let Some(state) = state.filter(|_| is_simulated == of.is_simulated) else {
                continue;
            };
            let stated = store::get_spelling(tx, of.id, id).await?;
            let symbol = stated.map_or_else(|| spelling::spell(id, of), Ok);
            candidates.push(Candidate {
                id,
                symbol,
                key: self.key_of(tx, id).await?,
                limit: state.limit,
            });
        }
        Ok(candidates)
    }

    /// The operator's key of a provider, where there is one.
    pub(super) async fn key_of(
        &self,
        tx: &mut SystemTx,
        provider: ProviderId,
    ) -> Result<Option<String>, RefreshError> {
        let sealed = store::get_key(tx, provider).await?;
        let place = key_place(provider);
        let key = sealed.map(|sealed| self.sealer.open_text(&place, &sealed));
        Ok(key.transpose()?)
    }

    pub(super) async fn ask(
        &self,
        db: &Db,
        now: Timestamp,
        plan: &Plan,
        candidate: &Candidate,
        known: Option<&Entry>,
    ) -> db::Result<(Result<Outcome, Refusal>, Trace)> {
        let validators = known
            .filter(|entry| entry.source == candidate.id.as_str())
            .map(validators);
        let request = |symbol| plan.request(candidate.id, symbol);
        self.ask_for(db, now, request, candidate, validators.as_ref())
            .await
    }

    /// Asks for one expiration of a chain.
    pub(super) async fn ask_expiration(
        &self,
        db: &Db,
        now: Timestamp,
        candidate: &Candidate,
        day: Date,
    ) -> db::Result<(Result<Outcome, Refusal>, Trace)> {
        let expires_on = Some(day);
        let request = |symbol| Request::Chain { symbol, expires_on };
        self.ask_for(db, now, request, candidate, None).await
    }

    async fn ask_for(
        &self,
        db: &Db,
        now: Timestamp,
        request: impl FnOnce(String) -> Request + Send,
        candidate: &Candidate,
        known: Option<&Validators>,
    ) -> db::Result<(Result<Outcome, Refusal>, Trace)> {
        let request = match &candidate.symbol {
            Ok(symbol) => request(symbol.clone()),
            Err(why) => return Ok((Err(Refusal::Nameless(why)), Trace::none())),
        };
        let whom = Whom {
            id: candidate.id,
            key: candidate.key.as_deref(),
            limit: candidate.limit,
        };
        let (result, trace) = self.ask_source(db, now, &whom, &request, known).await?;
        Ok((result.map_err(Refusal::Fetch), trace))
    }
}

/// By what the source of an entry recognises it.
pub(super) fn validators(entry: &Entry) -> Validators {
    Validators {
        etag: entry.etag.clone(),
        last_modified: entry.last_modified.clone(),
        request: entry.request.clone().unwrap_or_default(),
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

    /// Whether the same may be asked for again later, since nothing was said about it.
    pub(super) fn is_open(&self) -> bool {
        !matches!(
            self,
            Self::Fetch(
                FetchError::NotFound { .. }
                    | FetchError::Garbage { .. }
                    | FetchError::TooLarge { .. }
            )
        )
    }

    /// How asking this provider ended.
    pub(super) fn ending(&self, provider: ProviderId, now: Timestamp) -> Ending {
        match self {
            Self::Nameless(_) => Ending::Nameless,
            // To look into a folder is to ask nobody.
            Self::Fetch(_) if provider == ProviderId::Folder => Ending::Nameless,
            Self::Fetch(FetchError::Open { until, .. }) => Ending::LeftAlone(*until),
            Self::Fetch(FetchError::Limited { retry_after, .. }) => {
                Ending::Unasked(retry_after.and_then(|wait| now.checked_add(wait).ok()))
            }
            Self::Fetch(error) if error.is_skip() => Ending::Unasked(None),
            Self::Fetch(error) if error.is_passing() => Ending::Down,
            Self::Fetch(_) => Ending::Absent,
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
