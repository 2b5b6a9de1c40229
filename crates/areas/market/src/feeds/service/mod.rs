//! Refreshes: whom to ask, asking, and writing down what became of it.

mod landing;
mod rates;

use std::sync::Arc;

use db::{Db, SystemTx};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use seal::{Place, SealError, Sealer};
use serde::Serialize;
use serde_json::json;
use sources::{
    Ask, Bar, Breaker, FetchError, Limit, Outcome, ProviderId, Request, Sources, Validators,
};
use utoipa::ToSchema;

use super::{
    model::{Attempt, FetchOutcome, Freshness, usual_order},
    spelling, store,
};
use crate::{
    InstrumentId,
    cache::{self, DataType, Entry, Found, Key},
    corporate_actions,
};

/// Days before the last bar that are asked for again: sources correct themselves.
const AGAIN: i32 = 7;
/// How far back is asked for an instrument without bars.
const BACKFILL_YEARS: i32 = 5;
/// Bars before that new ones are compared with.
const COMPARED: i64 = 30;

/// What fetching needs.
#[derive(Clone)]
pub struct Feeds {
    /// The providers.
    pub sources: Arc<Sources>,
    /// Opens the operator's keys.
    pub sealer: Sealer,
}

/// What became of a refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refreshed {
    /// Ticker.
    pub symbol: String,
    /// Who gave something, or said that there is nothing new.
    pub provider: Option<String>,
    /// Bars or rates that were new or corrected.
    pub stored: u64,
    /// Bars that were doubted.
    pub quarantined: usize,
    /// Who was asked or passed over before, and why.
    pub passed_over: Vec<String>,
}

impl Refreshed {
    fn of(symbol: &str) -> Self {
        Self {
            symbol: symbol.to_owned(),
            provider: None,
            stored: 0,
            quarantined: 0,
            passed_over: Vec::new(),
        }
    }
}

/// Why nothing could be refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Nothing with prices has this id.
    #[error("there is no such instrument with prices of its own")]
    NotFound,
    /// A key does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// Where the operator's key of a provider is sealed.
pub(in crate::feeds) fn key_place(provider: ProviderId) -> Place {
    Place::new("market.provider_keys", "api_key", [provider.as_str()])
}

/// Somebody who may be asked.
struct Candidate {
    id: ProviderId,
    symbol: Result<String, &'static str>,
    key: Option<String>,
    limit: Option<Limit>,
    breaker: Breaker,
}

struct Plan {
    of: Freshness,
    candidates: Vec<Candidate>,
    from: Date,
    to: Date,
    before: Vec<Bar>,
    /// The last bars that are there, those that are asked for again included.
    there: Vec<Bar>,
    explained: Vec<Date>,
    key: Key,
    known: Option<Entry>,
}

impl Feeds {
    /// Brings the daily bars of an instrument up to date: the sources are asked in their order until one
    /// gives something. Unless `is_forced`, what was fetched lately is used.
    pub async fn refresh(
        &self,
        db: &Db,
        now: Timestamp,
        id: InstrumentId,
        is_forced: bool,
    ) -> Result<Refreshed, RefreshError> {
        let mut tx = db.system("plan a refresh").await?;
        let plan = self.plan(&mut tx, now, id).await?;
        let found = cache::get(&mut tx, &plan.key, now).await?;
        tx.commit().await?;
        let mut done = Refreshed::of(&plan.of.symbol);
        let known = match found {
            Found::Hit(entry) if !is_forced => {
                done.provider = Some(entry.source);
                return Ok(done);
            }
            Found::Hit(entry) | Found::Expired(entry) => Some(entry),
            Found::Miss => None,
        };
        let plan = Plan { known, ..plan };
        for candidate in &plan.candidates {
            let outcome = self.ask(now, &plan, candidate).await;
            let mut tx = db.system("store what was fetched").await?;
            let is_over = self
                .settle(&mut tx, now, &plan, candidate, outcome, &mut done)
                .await?;
            tx.commit().await?;
            if is_over {
                break;
            }
        }
        Ok(done)
    }

    async fn plan(
        &self,
        tx: &mut SystemTx,
        now: Timestamp,
        id: InstrumentId,
    ) -> Result<Plan, RefreshError> {
        let of = store::freshness(tx, Some(id), 1).await?.into_iter().next();
        let of = of.ok_or(RefreshError::NotFound)?;
        let today = TimeZone::UTC.to_datetime(now).date();
        let from = match of.last_day {
            // A made-up series goes on where it ended.
            Some(day) if of.is_simulated => day,
            Some(day) => day.saturating_sub(AGAIN.days()),
            None => today.saturating_sub(BACKFILL_YEARS.years()),
        };
        let before = if of.is_simulated {
            from.saturating_add(1.day())
        } else {
            from
        };
        let actions = corporate_actions::of_instruments(tx.conn(), &[id]).await?;
        Ok(Plan {
            candidates: self.candidates(tx, &of).await?,
            to: of.expected_day(now).max(from),
            before: store::list_before(tx, id, before, COMPARED).await?,
            there: store::list_before(tx, id, today, COMPARED).await?,
            explained: actions
                .into_iter()
                .map(|action| action.terms.ex_date)
                .collect(),
            key: Key {
                ticker: of.symbol.clone(),
                instrument_id: Some(id),
                data_type: DataType::PriceHistory,
                parameters: Some(json!({ "interval": "1d" })),
            },
            known: None,
            from,
            of,
        })
    }

    /// Who is switched on and gives what is wanted, in the operator's order. Real prices are never made
    /// up, and nobody outside is asked for made-up ones.
    async fn candidates(
        &self,
        tx: &mut SystemTx,
        of: &Freshness,
    ) -> Result<Vec<Candidate>, RefreshError> {
        let states = store::list(tx).await?;
        let mut orders = store::orders(tx.conn()).await?;
        let order = orders.remove(&of.asset_class);
        let order = order.unwrap_or_else(|| usual_order(of.asset_class));
        let mut candidates = Vec::new();
        for id in order {
            let is_simulated = id == ProviderId::Simulator;
            let state = states
                .iter()
                .find(|state| state.id == id && state.is_enabled);
            let Some(state) = state.filter(|_| is_simulated == of.is_simulated) else {
                continue;
            };
            let stated = store::get_spelling(tx, of.id, id).await?;
            let symbol = stated.or_else(|| spelling::spell(id, of));
            let key = match store::get_key(tx, id).await? {
                Some(sealed) => Some(self.sealer.open_text(&key_place(id), &sealed)?),
                None => None,
            };
            candidates.push(Candidate {
                id,
                symbol: symbol.ok_or("it has no name for this instrument"),
                key,
                limit: state.limit,
                breaker: state.breaker,
            });
        }
        Ok(candidates)
    }

    async fn ask(
        &self,
        now: Timestamp,
        plan: &Plan,
        candidate: &Candidate,
    ) -> Result<Outcome, Refusal> {
        let symbol = candidate.symbol.clone().map_err(Refusal::Nameless)?;
        let request = Request::DailyBars {
            symbol,
            from: plan.from,
            to: plan.to,
        };
        // What another node has learnt about the provider counts here as well.
        self.sources.set_breaker(candidate.id, candidate.breaker);
        let validators = plan
            .known
            .as_ref()
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

    /// Writes down what became of an attempt; whether the refresh is over with it.
    async fn settle(
        &self,
        tx: &mut SystemTx,
        now: Timestamp,
        plan: &Plan,
        candidate: &Candidate,
        outcome: Result<Outcome, Refusal>,
        done: &mut Refreshed,
    ) -> Result<bool, RefreshError> {
        let mut attempt = Attempt {
            at: now,
            provider: candidate.id,
            instrument_id: Some(plan.of.id),
            request: json!({ "kind": "daily_bars", "from": plan.from, "to": plan.to }),
            outcome: FetchOutcome::Fetched,
            code: "fetched".to_owned(),
            reason: String::new(),
            tries: 1,
            received: 0,
            stored: 0,
            quarantined: 0,
        };
        let is_over = match outcome {
            Ok(Outcome::Fetched(fetched)) => {
                landing::land(tx, now, plan, candidate, fetched, &mut attempt).await?
            }
            Ok(Outcome::NotModified) => {
                attempt.outcome = FetchOutcome::NotModified;
                "not_modified".clone_into(&mut attempt.code);
                "nothing new since the last time".clone_into(&mut attempt.reason);
                true
            }
            Err(refusal) => {
                attempt.outcome = refusal.outcome();
                refusal.code().clone_into(&mut attempt.code);
                attempt.reason = refusal.sentence();
                attempt.tries = u32::from(attempt.outcome == FetchOutcome::Failed);
                done.passed_over
                    .push(format!("{}: {}", candidate.id, attempt.reason));
                false
            }
        };
        if is_over {
            done.provider = Some(candidate.id.to_string());
            done.stored = attempt.stored;
            done.quarantined = attempt.quarantined;
        }
        note(tx, &attempt, self.sources.breaker(candidate.id)).await?;
        Ok(is_over)
    }
}

async fn note(tx: &mut SystemTx, attempt: &Attempt, breaker: Breaker) -> db::Result<()> {
    let labels = [
        ("provider", attempt.provider.to_string()),
        ("outcome", attempt.outcome.as_str().to_owned()),
        ("code", attempt.code.clone()),
    ];
    metrics::counter!("bursar_market_fetches_total", &labels).increment(1);
    store::insert_attempt(tx, attempt, &breaker).await
}

/// Why a candidate gave nothing.
enum Refusal {
    Nameless(&'static str),
    Fetch(FetchError),
}

impl Refusal {
    fn outcome(&self) -> FetchOutcome {
        match self {
            Self::Fetch(error) if !error.is_skip() => FetchOutcome::Failed,
            _ => FetchOutcome::Skipped,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Nameless(_) => "no_symbol",
            Self::Fetch(error) => error.code(),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Nameless(why) => (*why).to_owned(),
            Self::Fetch(error) => error.to_string(),
        }
    }
}
