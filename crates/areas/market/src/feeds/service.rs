use std::sync::Arc;

use db::{Db, SystemTx};
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use money::Currency;
use seal::{Place, SealError, Sealer};
use serde::Serialize;
use serde_json::json;
use sources::{
    Ask, Bar, Breaker, FetchError, Fetched, Limit, Outcome, Payload, ProviderId, Request, Sources,
    Validators,
};
use utoipa::ToSchema;

use super::{
    model::{Attempt, FetchOutcome, Freshness, expected_day, rests, usual_order},
    spelling, store,
};
use crate::{
    InstrumentId,
    cache::{self, DataType, Entry, Found, Key},
    corporate_actions, fx, quality,
};

/// How long fetched bars are used before a source is asked again.
const LIFETIME: SignedDuration = SignedDuration::from_hours(6);
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
pub(super) fn key_place(provider: ProviderId) -> Place {
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
        let mut done = Refreshed {
            symbol: plan.of.symbol.clone(),
            provider: None,
            stored: 0,
            quarantined: 0,
            passed_over: Vec::new(),
        };
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
            to: expected_day(of.asset_class, now).max(from),
            before: store::list_before(tx, id, before, COMPARED).await?,
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
                self.land(tx, now, plan, candidate, fetched, &mut attempt)
                    .await?
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

    /// Judges what came, stores what is good and keeps the rest apart. `false` when nothing came at all.
    async fn land(
        &self,
        tx: &mut SystemTx,
        now: Timestamp,
        plan: &Plan,
        candidate: &Candidate,
        fetched: Fetched,
        attempt: &mut Attempt,
    ) -> Result<bool, RefreshError> {
        let Payload::Bars(series) = fetched.payload else {
            "no bars came, although bars were asked for".clone_into(&mut attempt.reason);
            return Ok(false);
        };
        attempt.tries = fetched.tries;
        attempt.received = series.bars.len();
        if series.bars.is_empty() {
            "no bars in the span".clone_into(&mut attempt.reason);
            return Ok(false);
        }
        let bars = if plan.of.is_simulated {
            continued(&series.bars, &plan.before)
        } else {
            series.bars
        };
        let known = quality::rules::Known {
            now,
            before: &plan.before,
            explained: &plan.explained,
            zone: TimeZone::UTC,
            rests: rests(plan.of.asset_class),
            is_daily: true,
        };
        let verdicts = quality::rules::judge(&bars, &known);
        let mut good = Vec::with_capacity(bars.len());
        for (bar, doubts) in bars.iter().zip(&verdicts) {
            if doubts.is_empty() {
                good.push(*bar);
            } else if quality::store::insert(
                tx,
                plan.of.id,
                candidate.id.as_str(),
                bar,
                doubts,
                now,
            )
            .await?
            {
                attempt.quarantined += 1;
            }
        }
        attempt.stored = store::upsert_daily(tx, plan.of.id, candidate.id.as_str(), &good).await?;
        attempt.reason = format!(
            "{} bars came, {} were new or corrected, {} are doubted",
            bars.len(),
            attempt.stored,
            attempt.quarantined
        );
        let entry = entry(plan, candidate, &bars, &good, fetched.validators, now);
        cache::put(tx, &plan.key, &entry).await?;
        if attempt.stored > 0 {
            crate::revision::bump(tx).await?;
        }
        Ok(true)
    }

    /// Brings the reference rates of the euro up to date.
    pub async fn refresh_rates(&self, db: &Db, now: Timestamp) -> Result<Refreshed, RefreshError> {
        let provider = ProviderId::Ecb;
        let mut done = Refreshed {
            symbol: "EUR".to_owned(),
            provider: None,
            stored: 0,
            quarantined: 0,
            passed_over: Vec::new(),
        };
        let mut tx = db.system("plan a refresh of exchange rates").await?;
        let states = store::list(&mut tx).await?;
        let last = fx::store::last_day(tx.conn(), Currency::EUR, provider.as_str()).await?;
        drop(tx);
        let Some(state) = states
            .iter()
            .find(|state| state.id == provider && state.is_enabled)
        else {
            done.passed_over
                .push(format!("{provider}: it is switched off"));
            return Ok(done);
        };
        let today = TimeZone::UTC.to_datetime(now).date();
        let from = last.map_or(jiff::civil::date(1999, 1, 4), |day| {
            day.saturating_add(1.day())
        });
        if from > today {
            done.provider = Some(provider.to_string());
            return Ok(done);
        }
        let request = Request::Rates { from, to: today };
        self.sources.set_breaker(provider, state.breaker);
        let ask = Ask {
            now,
            key: None,
            known: None,
            limit: state.limit,
        };
        let outcome = self.sources.fetch(provider, &request, &ask).await;
        let mut attempt = Attempt {
            at: now,
            provider,
            instrument_id: None,
            request: json!({ "kind": "rates", "from": from, "to": today }),
            outcome: FetchOutcome::NotModified,
            code: "not_modified".to_owned(),
            reason: "nothing new since the last time".to_owned(),
            tries: 1,
            received: 0,
            stored: 0,
            quarantined: 0,
        };
        let mut tx = db.system("store exchange rates").await?;
        match outcome {
            Ok(Outcome::Fetched(Fetched {
                payload: Payload::Rates(stated),
                tries,
                ..
            })) => {
                let rates: Vec<fx::Rate> = stated.iter().filter_map(rate).collect();
                attempt.outcome = FetchOutcome::Fetched;
                "fetched".clone_into(&mut attempt.code);
                attempt.tries = tries;
                attempt.received = stated.len();
                attempt.stored = fx::insert(&mut tx, provider.as_str(), &rates).await?;
                attempt.reason =
                    format!("{} rates came, {} were new", stated.len(), attempt.stored);
                done.provider = Some(provider.to_string());
                done.stored = attempt.stored;
            }
            Ok(_) => done.provider = Some(provider.to_string()),
            Err(error) => {
                let refusal = Refusal::Fetch(error);
                attempt.outcome = refusal.outcome();
                refusal.code().clone_into(&mut attempt.code);
                attempt.reason = refusal.sentence();
                done.passed_over
                    .push(format!("{provider}: {}", attempt.reason));
            }
        }
        note(&mut tx, &attempt, self.sources.breaker(provider)).await?;
        tx.commit().await?;
        Ok(done)
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

/// What is not a price of one currency in another is left out.
fn rate(stated: &sources::ExchangeRate) -> Option<fx::Rate> {
    let is_rate = stated.rate.is_finite() && stated.rate > 0.0 && stated.base != stated.quote;
    is_rate.then_some(fx::Rate {
        date: stated.date,
        base: stated.base,
        quote: stated.quote,
        rate: stated.rate,
    })
}

/// Made-up bars after the last that is there, at its level.
fn continued(bars: &[Bar], before: &[Bar]) -> Vec<Bar> {
    let Some(last) = before.last() else {
        return bars.to_vec();
    };
    let same = bars.iter().find(|bar| bar.at == last.at).or(bars.first());
    let factor = same.map_or(1.0, |bar| last.close / bar.close);
    let cents = |price: f64| (price * factor * 100.0).round().max(1.0) / 100.0;
    let scaled = bars.iter().filter(|bar| bar.at > last.at).map(|bar| Bar {
        open: cents(bar.open),
        high: cents(bar.high),
        low: cents(bar.low),
        close: cents(bar.close),
        adjusted_close: bar.adjusted_close.map(cents),
        ..*bar
    });
    scaled.collect()
}

fn entry(
    plan: &Plan,
    candidate: &Candidate,
    bars: &[Bar],
    good: &[Bar],
    validators: Validators,
    now: Timestamp,
) -> Entry {
    // Days that were there before and came again from somebody else tell whether two sources agree.
    let is_other = plan.of.source.as_deref() != Some(candidate.id.as_str());
    let pairs: Vec<(f64, f64)> = good
        .iter()
        .filter(|_| is_other)
        .filter_map(|bar| {
            let former = plan.before.iter().find(|former| former.at == bar.at)?;
            Some((former.close, bar.close))
        })
        .collect();
    let with_volume = bars.iter().filter(|bar| bar.volume.is_some()).count();
    let last = bars.last().map_or(now, |bar| bar.at);
    let parts = quality::Parts {
        freshness: quality::freshness(now.duration_since(last), SignedDuration::from_hours(24 * 4)),
        completeness: quality::share(bars.len() + with_volume, 2 * bars.len()),
        agreement: quality::agreement(&pairs),
        validation: quality::share(good.len(), bars.len()),
    };
    Entry {
        data: json!({
            "bars": bars.len(),
            "first": bars.first().map(|bar| bar.at),
            "last": bars.last().map(|bar| bar.at),
        }),
        source: candidate.id.to_string(),
        score: parts.score(),
        etag: validators.etag,
        last_modified: validators.last_modified,
        cached_at: now,
        expires_at: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
    }
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
