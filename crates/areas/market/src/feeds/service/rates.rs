//! Exchange rates: one source, all currencies at once.

use db::{Db, SystemTx};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use money::Currency;
use serde_json::json;
use sources::{FetchError, Fetched, Outcome, Payload, ProviderId, Request};

use super::{
    Feeds, RefreshError, Refreshed,
    asking::Refusal,
    permit::{Whom, note},
};
use crate::{
    feeds::{
        model::{Attempt, FetchOutcome},
        store,
    },
    fx,
};

const PROVIDER: ProviderId = ProviderId::Ecb;

impl Feeds {
    /// Brings the reference rates of the euro up to date.
    pub async fn refresh_rates(&self, db: &Db, now: Timestamp) -> Result<Refreshed, RefreshError> {
        let mut done = Refreshed::of("EUR");
        let mut tx = db.system("plan a refresh of exchange rates").await?;
        let states = store::list(&mut tx).await?;
        let last = fx::store::last_day(tx.conn(), Currency::EUR, PROVIDER.as_str()).await?;
        drop(tx);
        let state = states
            .iter()
            .find(|state| state.id == PROVIDER && state.is_enabled);
        let Some(state) = state else {
            done.passed_over
                .push(format!("{PROVIDER}: it is switched off"));
            return Ok(done);
        };
        let today = TimeZone::UTC.to_datetime(now).date();
        let first = jiff::civil::date(1999, 1, 4);
        let from = last.map_or(first, |day| day.saturating_add(jiff::ToSpan::day(1)));
        if from > today {
            done.provider = Some(PROVIDER.to_string());
            return Ok(done);
        }
        let whom = Whom {
            id: PROVIDER,
            key: None,
            limit: state.limit,
        };
        let request = Request::Rates { from, to: today };
        let (outcome, trace) = self.ask_source(db, now, &whom, &request, None).await?;
        let mut tx = db.system("store exchange rates").await?;
        let mut attempt = settle(&mut tx, attempt(now, from, today), outcome, &mut done).await?;
        attempt.tries = trace.sent();
        note(&mut tx, &attempt, &trace).await?;
        tx.commit().await?;
        Ok(done)
    }
}

fn attempt(now: Timestamp, from: Date, to: Date) -> Attempt {
    Attempt {
        at: now,
        provider: PROVIDER,
        instrument_id: None,
        request: json!({ "kind": "rates", "from": from, "to": to }),
        outcome: FetchOutcome::NotModified,
        code: "not_modified".to_owned(),
        reason: "nothing new since the last time".to_owned(),
        tries: 1,
        received: 0,
        stored: 0,
        quarantined: 0,
    }
}

async fn settle(
    tx: &mut SystemTx,
    mut attempt: Attempt,
    outcome: Result<Outcome, FetchError>,
    done: &mut Refreshed,
) -> db::Result<Attempt> {
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
            attempt.stored = fx::insert(tx, PROVIDER.as_str(), &rates).await?;
            attempt.reason = format!("{} rates came, {} were new", stated.len(), attempt.stored);
            done.provider = Some(PROVIDER.to_string());
            done.stored = attempt.stored;
        }
        Ok(_) => done.provider = Some(PROVIDER.to_string()),
        Err(error) => {
            let refusal = Refusal::Fetch(error);
            attempt.outcome = refusal.outcome();
            refusal.code().clone_into(&mut attempt.code);
            attempt.reason = refusal.sentence();
            done.passed_over
                .push(format!("{PROVIDER}: {}", attempt.reason));
        }
    }
    Ok(attempt)
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
