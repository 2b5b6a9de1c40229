//! Refreshes: whom to ask, asking, and writing down what became of it.

mod asking;
mod attempt;
mod conclusion;
mod directory;
mod expected;
mod expirations;
mod landing;
mod permit;
mod plan;
mod rates;

use std::sync::Arc;

use db::{Db, SystemTx};
use jiff::Timestamp;
use seal::{Place, SealError, Sealer};
use serde::Serialize;
use sources::{FetchError, Gap, Outcome, ProviderId, Sources};

use self::{
    asking::{Candidate, Refusal},
    permit::{Trace, note},
    plan::Plan,
};
use super::{model::Attempt, pace::Ending, store, want::Want};
use crate::{
    InstrumentId,
    cache::{self, Entry, Found, Key},
    corporate_actions, indices,
};

/// What fetching needs.
#[derive(Clone)]
pub struct Feeds {
    /// The providers.
    pub sources: Arc<Sources>,
    /// Opens the operator's keys.
    pub sealer: Sealer,
}

/// What became of a refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refreshed {
    /// Ticker.
    pub symbol: String,
    /// Who gave something, or said that there is nothing new.
    pub provider: Option<String>,
    /// Values that were new or corrected.
    pub stored: u64,
    /// Values that were doubted.
    pub quarantined: usize,
    /// Who was asked or passed over before, and why.
    pub passed_over: Vec<String>,
    #[serde(skip)]
    ending: Ending,
}

impl Refreshed {
    fn of(symbol: &str) -> Self {
        Self {
            symbol: symbol.to_owned(),
            provider: None,
            stored: 0,
            quarantined: 0,
            passed_over: Vec::new(),
            ending: Ending::Nobody,
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
    /// A split was not taken.
    #[error(transparent)]
    CorporateAction(#[from] corporate_actions::Error),
    /// The value of an index was not taken.
    #[error(transparent)]
    Index(#[from] indices::Error),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// Where the operator's key of a provider is sealed.
pub(in crate::feeds) fn key_place(provider: ProviderId) -> Place {
    Place::new("market.provider_keys", "api_key", [provider.as_str()])
}

impl Feeds {
    /// Brings what is wanted of an instrument up to date: the sources are asked in their order until one
    /// gives something. Unless `is_forced`, what was fetched lately is used.
    pub async fn refresh(
        &self,
        db: &Db,
        now: Timestamp,
        id: InstrumentId,
        want: Want,
        is_forced: bool,
    ) -> Result<Refreshed, RefreshError> {
        if want == Want::Fundamentals {
            self.learn_numbers(db, now, id).await?;
        }
        let mut tx = db.system("plan a refresh").await?;
        let plan = Plan::make(&mut tx, now, id, want).await?;
        let mut candidates = self.candidates(&mut tx, &plan.of, want).await?;
        drop(tx);
        // Who has the latest alone comes after those who have all that is missing.
        candidates.sort_by_key(|candidate| !candidate.reaches(&self.sources, &plan, now));
        let mut done = Refreshed::of(&plan.of.symbol);
        if candidates.is_empty() {
            done.passed_over.push(format!(
                "no source that gives {} for it is switched on",
                want.capability()
            ));
        }
        if want.asks_everybody() {
            for candidate in &candidates {
                let alone = std::slice::from_ref(candidate);
                self.ask_in_turn(db, now, &plan, alone, is_forced, &mut done)
                    .await?;
            }
        } else {
            self.ask_in_turn(db, now, &plan, &candidates, is_forced, &mut done)
                .await?;
        }
        if want == Want::OptionChain {
            self.ask_expirations(db, now, &plan, &candidates, &mut done)
                .await?;
        }
        conclusion::conclude(db, now, &plan, &done).await?;
        Ok(done)
    }

    /// Asks until one gives something; nobody while what came last may be used.
    async fn ask_in_turn(
        &self,
        db: &Db,
        now: Timestamp,
        plan: &Plan,
        candidates: &[Candidate],
        is_forced: bool,
        done: &mut Refreshed,
    ) -> Result<(), RefreshError> {
        let key = plan.key(candidates);
        let mut tx = db.system("look for what is cached").await?;
        let found = cache::get(&mut tx, &key, now).await?;
        tx.commit().await?;
        let known = match found {
            Found::Hit(entry) if !is_forced && !plan.is_behind(now) => {
                done.provider = Some(entry.source);
                done.ending = Ending::Whole;
                return Ok(());
            }
            // Whoever asks for a refresh does not believe what is there.
            Found::Expired(entry) if !is_forced => Some(entry),
            Found::Hit(_) | Found::Expired(_) | Found::Miss => None,
        };
        for candidate in candidates {
            let asked = self.ask(db, now, plan, candidate, known.as_ref()).await?;
            let turn = Turn {
                now,
                plan,
                candidate,
                key: &key,
            };
            let mut tx = db.system("store what was fetched").await?;
            let is_over = settle(&mut tx, &turn, asked, done).await?;
            tx.commit().await?;
            if is_over {
                break;
            }
        }
        Ok(())
    }
}

/// Writes down what became of an attempt; whether the refresh is over with it.
async fn settle(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    (outcome, trace): (Result<Outcome, Refusal>, Trace),
    done: &mut Refreshed,
) -> Result<bool, RefreshError> {
    let (plan, candidate) = (turn.plan, turn.candidate);
    let request = plan.logged(candidate.id);
    let mut attempt = Attempt::begun(turn.now, candidate.id, Some(plan.of.id), &request);
    let (ending, gap) = take(tx, turn, outcome, &mut attempt).await?;
    let is_over = ending.has_come();
    if let Some(gap) = gap.as_ref().filter(|_| is_over) {
        name_gap(gap, &mut attempt, done);
    }
    if ending == Ending::Partly {
        cache::expire(tx, turn.key, turn.now).await?;
    }
    done.ending = done.ending.and(ending);
    done.stored += attempt.stored;
    done.quarantined += attempt.quarantined;
    if is_over {
        done.provider = Some(candidate.id.to_string());
    } else {
        done.passed_over
            .push(format!("{}: {}", candidate.id, attempt.reason));
    }
    // The source first: what it tells may concern what is known of everything that was asked for.
    note(tx, attempt, &trace).await?;
    let by = (ending == Ending::Whole).then_some(candidate.id.as_str());
    store::put_refresh(tx, plan.of.id, plan.want, turn.now, by).await?;
    Ok(is_over)
}

/// Stores what came. How asking ended, and what of the span is missing.
async fn take(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    outcome: Result<Outcome, Refusal>,
    attempt: &mut Attempt,
) -> Result<(Ending, Option<Gap>), RefreshError> {
    match outcome {
        Ok(Outcome::Fetched(mut fetched)) => {
            let gap = fetched.gap.take();
            if !landing::land(tx, turn, fetched, attempt).await? {
                "nothing_usable".clone_into(&mut attempt.code);
                return Ok((Ending::Unusable, gap));
            }
            // What is missing at the end is due again, whatever came.
            let is_whole = !matches!(gap, Some(Gap::From { .. }));
            let ending = if is_whole {
                Ending::Whole
            } else {
                Ending::Partly
            };
            Ok((ending, gap))
        }
        Ok(Outcome::NotModified) => {
            attempt.nothing_new();
            cache::renew(tx, turn.key, turn.candidate.id.as_str(), turn.now).await?;
            Ok((Ending::Whole, None))
        }
        Err(refusal) => {
            attempt.refuse(&refusal);
            Ok((refusal.ending(turn.candidate.id, turn.now), None))
        }
    }
}

/// Says with the attempt, and to whoever waits for the refresh, what of the span did not come.
fn name_gap(gap: &Gap, attempt: &mut Attempt, done: &mut Refreshed) {
    "incomplete".clone_into(&mut attempt.code);
    attempt.reason = format!("{}; {gap}", attempt.reason);
    done.passed_over
        .push(format!("{}: {gap}", attempt.provider));
}

/// A source whose turn it is.
struct Turn<'t> {
    now: Timestamp,
    plan: &'t Plan,
    candidate: &'t Candidate,
    key: &'t Key,
}
