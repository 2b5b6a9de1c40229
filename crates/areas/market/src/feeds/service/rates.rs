//! Exchange rates: one source, all currencies at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::{Db, SystemTx};
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use money::Currency;
use serde_json::json;
use sources::{
    ExchangeRate, FetchError, Fetched, Outcome, Payload, ProviderId, Request, Validators,
};

use super::{
    Feeds, RefreshError, Refreshed,
    asking::{Refusal, validators},
    permit::{Whom, note},
};
use crate::{
    bars::midnight,
    cache::{self, DataType, Entry, Found as Cached, Key},
    feeds::{model::Attempt, store},
    fx,
    quality::{
        self,
        findings::Found,
        rules::{self, Fixing},
    },
};

/// Days before the last that are asked for again.
const AGAIN: i32 = 7;

const PROVIDER: ProviderId = ProviderId::Ecb;

/// Less than from one job to the next: each of them asks, another node or a start in between does not.
const LIFETIME: SignedDuration = SignedDuration::from_hours(5);

/// The last rates are fresh for this long: a weekend and a holiday.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(4 * 24);

fn key() -> Key {
    Key {
        ticker: "EUR".to_owned(),
        instrument_id: None,
        data_type: DataType::FxRates,
        parameters: None,
    }
}

impl Feeds {
    /// Brings the reference rates of the euro up to date; whoever forces it does not believe what is there.
    pub async fn refresh_rates(
        &self,
        db: &Db,
        now: Timestamp,
        is_forced: bool,
    ) -> Result<Refreshed, RefreshError> {
        let mut done = Refreshed::of("EUR");
        let mut tx = db.system("plan a refresh of exchange rates").await?;
        let states = store::list(&mut tx).await?;
        let last = fx::store::last_day(tx.conn(), Currency::EUR, PROVIDER.as_str()).await?;
        let state = states
            .iter()
            .find(|state| state.id == PROVIDER && state.is_enabled);
        let Some(state) = state else {
            done.passed_over
                .push(format!("{PROVIDER}: it is switched off"));
            return Ok(done);
        };
        let cached = cache::get(&mut tx, &key(), now).await?;
        tx.commit().await?;
        let known = match cached {
            Cached::Hit(entry) if !is_forced => {
                done.provider = Some(entry.source);
                return Ok(done);
            }
            Cached::Expired(entry) if !is_forced => Some(validators(&entry)),
            Cached::Hit(_) | Cached::Expired(_) | Cached::Miss => None,
        };
        let today = TimeZone::UTC.to_datetime(now).date();
        let first = jiff::civil::date(1999, 1, 4);
        // Days that were doubted or came late are asked for again.
        let from = last.map_or(first, |day| day.saturating_sub(AGAIN.days()));
        let whom = Whom {
            id: PROVIDER,
            key: None,
            limit: state.limit,
        };
        let request = Request::Rates { from, to: today };
        let (outcome, trace) = self
            .ask_source(db, now, &whom, &request, known.as_ref())
            .await?;
        let mut tx = db.system("store exchange rates").await?;
        let mut attempt = Attempt::begun(now, PROVIDER, None, &request);
        settle(&mut tx, &mut attempt, outcome, today, &mut done).await?;
        note(&mut tx, attempt, &trace).await?;
        tx.commit().await?;
        Ok(done)
    }
}

async fn settle(
    tx: &mut SystemTx,
    attempt: &mut Attempt,
    outcome: Result<Outcome, FetchError>,
    today: Date,
    done: &mut Refreshed,
) -> db::Result<()> {
    match outcome {
        Ok(Outcome::Fetched(Fetched {
            payload: Payload::Rates(stated),
            validators,
            ..
        })) => {
            let (rates, doubted) = judged(tx, &stated, today, attempt.at).await?;
            attempt.received = stated.len();
            attempt.quarantined = doubted;
            attempt.stored = fx::put(tx, PROVIDER.as_str(), &rates).await?;
            attempt.reason = format!(
                "{} rates came, {} were new or corrected, {doubted} are doubted and left out",
                stated.len(),
                attempt.stored
            );
            done.provider = Some(PROVIDER.to_string());
            done.stored = attempt.stored;
            done.quarantined = doubted;
            if let Some(entry) = entry(&stated, doubted, validators, attempt.at) {
                cache::put(tx, &key(), &entry).await?;
            }
        }
        Ok(_) => {
            attempt.nothing_new();
            done.provider = Some(PROVIDER.to_string());
            cache::renew(tx, &key(), PROVIDER.as_str(), attempt.at).await?;
        }
        Err(error) => {
            attempt.refuse(&Refusal::Fetch(error));
            done.passed_over
                .push(format!("{PROVIDER}: {}", attempt.reason));
        }
    }
    Ok(())
}

/// What is kept of rates that came: how many, how good, and by what the bank recognises them. Of each day a rate of
/// every currency is expected that any of the days has.
fn entry(
    stated: &[ExchangeRate],
    doubted: usize,
    validators: Validators,
    now: Timestamp,
) -> Option<Entry> {
    let days: BTreeSet<Date> = stated.iter().map(|rate| rate.date).collect();
    let currencies: BTreeSet<Currency> = stated.iter().map(|rate| rate.quote).collect();
    let last = *days.last()?;
    let parts = quality::Parts {
        freshness: quality::freshness(now.duration_since(midnight(last)), FRESH_FOR),
        completeness: quality::share(stated.len(), days.len() * currencies.len()),
        agreement: quality::agreement(&[]),
        validation: quality::share(stated.len() - doubted, stated.len()),
    };
    Some(Entry {
        data: json!({ "rates": stated.len(), "last": last }),
        source: PROVIDER.to_string(),
        score: parts.score(),
        etag: validators.etag,
        last_modified: validators.last_modified,
        request: Some(validators.request),
        cached_at: now,
        expires_at: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
    })
}

/// The rates that raise no doubt, and how many do; of those a finding for each pair and rule.
async fn judged(
    tx: &mut SystemTx,
    stated: &[ExchangeRate],
    today: Date,
    now: Timestamp,
) -> db::Result<(Vec<fx::Rate>, usize)> {
    let stated: Vec<ExchangeRate> = stated
        .iter()
        .filter(|rate| rate.base != rate.quote)
        .copied()
        .collect();
    let Some(first) = stated.iter().map(|rate| rate.date).min() else {
        return Ok((Vec::new(), 0));
    };
    let last = fx::store::last_before(tx.conn(), first).await?;
    let before: BTreeMap<_, Fixing> = last
        .into_iter()
        .map(|of| {
            let fixing = Fixing {
                date: of.date,
                rate: of.rate,
            };
            ((of.base, of.quote), fixing)
        })
        .collect();
    let there = fx::store::list_since(tx.conn(), first).await?;
    let there: HashMap<_, f64> = there
        .into_iter()
        .map(|of| ((of.base, of.quote, of.date), of.rate))
        .collect();
    let is_there = |rate: &ExchangeRate| {
        let stored = there.get(&(rate.base, rate.quote, rate.date));
        stored.is_some_and(|stored| stored.total_cmp(&rate.rate).is_eq())
    };
    let doubts = rules::rates(&stated, &before, is_there, today);
    let mut good = Vec::with_capacity(stated.len());
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut doubted = 0;
    for (rate, doubts) in stated.iter().zip(doubts) {
        if doubts.is_empty() {
            good.push(as_rate(rate));
            continue;
        }
        doubted += 1;
        let pair = format!("{}/{}", rate.base, rate.quote);
        let example = || format!("{} on {}", rate.rate, rate.date);
        found.entry(pair).or_default().is_good(doubts, example);
    }
    for (pair, found) in &found {
        found
            .store_of_pair(tx, pair, PROVIDER.as_str(), now)
            .await?;
    }
    Ok((good, doubted))
}

fn as_rate(stated: &ExchangeRate) -> fx::Rate {
    fx::Rate {
        date: stated.date,
        base: stated.base,
        quote: stated.quote,
        rate: stated.rate,
    }
}
