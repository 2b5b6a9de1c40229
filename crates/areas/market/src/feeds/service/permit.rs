//! Leave to ask a source. It is taken in the database, so that over all nodes one request tries a source that was
//! left alone, and none is sent beyond a limit of a day; what the request has told is added there to what others
//! have learnt meanwhile.

use db::{Db, SystemTx};
use jiff::{SignedDuration, Timestamp};
use sources::{
    Ask, Asked, Breaker, FetchError, Limit, Outcome, ProviderId, Request, Sign, Validators,
};
use uuid::Uuid;

use super::Feeds;
use crate::feeds::{jobs::QueueRefreshes, model::Attempt, store};

/// A source as it is asked.
pub(super) struct Whom<'a> {
    pub(super) id: ProviderId,
    pub(super) key: Option<&'a str>,
    /// The operator's limit, in place of the usual one.
    pub(super) limit: Option<Limit>,
}

/// A refresh whose request was the first to fail began so long before that at most.
const BEGUN_BEFORE: SignedDuration = SignedDuration::from_mins(5);

/// Leave that was taken.
struct Permit {
    /// The breaker as it let the request pass.
    breaker: Breaker,
    /// Requests that count already, where they are counted.
    reserved: Option<Reserved>,
}

struct Reserved {
    id: Uuid,
    number: u32,
}

/// What is left of asking once its result is taken: it goes on record with the attempt.
pub(super) struct Trace {
    permit: Option<Permit>,
    sent: u32,
    signs: Vec<Sign>,
}

impl Trace {
    /// Of nobody who was asked.
    pub(super) fn none() -> Self {
        Self {
            permit: None,
            sent: 0,
            signs: Vec::new(),
        }
    }
}

impl Feeds {
    /// Asks a source, if it may be asked now.
    pub(super) async fn ask_source(
        &self,
        db: &Db,
        now: Timestamp,
        whom: &Whom<'_>,
        request: &Request,
        known: Option<&Validators>,
    ) -> db::Result<(Result<Outcome, FetchError>, Trace)> {
        let permit = match self.permit(db, now, whom, request).await? {
            Ok(permit) => permit,
            Err(error) => return Ok((Err(error), Trace::none())),
        };
        let ask = Ask {
            now,
            key: whom.key,
            known,
            limit: whom.limit,
            breaker: permit.breaker,
            budget: permit.reserved.as_ref().map(|reserved| reserved.number),
        };
        let Asked {
            result,
            sent,
            signs,
        } = self.sources.fetch(whom.id, request, &ask).await;
        let trace = Trace {
            permit: Some(permit),
            sent,
            signs,
        };
        Ok((result, trace))
    }

    async fn permit(
        &self,
        db: &Db,
        now: Timestamp,
        whom: &Whom<'_>,
        request: &Request,
    ) -> db::Result<Result<Permit, FetchError>> {
        let provider = whom.id;
        let mut tx = db.system("take leave to ask a data source").await?;
        let mut breaker = store::lock_breaker(&mut tx, provider)
            .await?
            .unwrap_or_default();
        let before = breaker;
        if let Err(until) = breaker.admit(now) {
            return Ok(Err(FetchError::Open { provider, until }));
        }
        let limit = whom.limit.unwrap_or(provider.describe().limit);
        let reserved = if limit.is_quota() {
            let most = self.sources.most(provider, request);
            match reserve(&mut tx, provider, limit, most, now).await? {
                Ok(reserved) => Some(reserved),
                Err(error) => return Ok(Err(error)),
            }
        } else {
            None
        };
        if breaker != before {
            store::update_breaker(&mut tx, provider, &breaker).await?;
        }
        tx.commit().await?;
        Ok(Ok(Permit { breaker, reserved }))
    }
}

/// Counts requests before they are sent, as many as may be needed and are left. What is not needed is given back
/// with the attempt; a node that stops in between has used them.
async fn reserve(
    tx: &mut SystemTx,
    provider: ProviderId,
    limit: Limit,
    most: u32,
    now: Timestamp,
) -> db::Result<Result<Reserved, FetchError>> {
    let span = SignedDuration::try_from(limit.per).unwrap_or(SignedDuration::MAX);
    let since = now.saturating_sub(span).unwrap_or(Timestamp::MIN);
    store::delete_sent(tx, provider, since).await?;
    let (sent, first) = store::count_sent(tx, provider, since).await?;
    let number = limit.count.saturating_sub(sent).min(most);
    if number == 0 {
        let free = first.and_then(|first| first.checked_add(span).ok());
        return Ok(Err(FetchError::Limited {
            provider,
            retry_after: free.map(|free| free.duration_since(now)),
        }));
    }
    let id = store::insert_sent(tx, provider, now, number).await?;
    Ok(Ok(Reserved { id, number }))
}

/// Writes an attempt down, and what it has told about the source.
pub(super) async fn note(tx: &mut SystemTx, mut attempt: Attempt, trace: &Trace) -> db::Result<()> {
    attempt.tries = trace.sent;
    let labels = [
        ("provider", attempt.provider.to_string()),
        ("outcome", attempt.outcome.as_str().to_owned()),
        ("code", attempt.code.clone()),
    ];
    metrics::counter!("bursar_market_fetches_total", &labels).increment(1);
    if let Some(permit) = &trace.permit {
        give_back(tx, attempt.provider, permit, trace).await?;
    }
    store::insert_attempt(tx, &attempt).await
}

async fn give_back(
    tx: &mut SystemTx,
    provider: ProviderId,
    permit: &Permit,
    trace: &Trace,
) -> db::Result<()> {
    let current = store::lock_breaker(tx, provider).await?.unwrap_or_default();
    let mut breaker = current;
    breaker.learn(&permit.breaker, &trace.signs);
    if breaker != current {
        store::update_breaker(tx, provider, &breaker).await?;
    }
    if current.open_until.is_some() && breaker.open_until.is_none() {
        ask_again(tx, &current).await?;
    }
    if let Some(reserved) = &permit.reserved
        && reserved.number != trace.sent
    {
        store::settle_sent(tx, reserved.id, trace.sent).await?;
    }
    Ok(())
}

/// A source is back: what was tried in vain since it began to fail is looked for again at once.
async fn ask_again(tx: &mut SystemTx, former: &Breaker) -> db::Result<()> {
    let since = former.failing_since;
    let since = since.map(|since| since.saturating_sub(BEGUN_BEFORE).unwrap_or(since));
    store::ask_again(tx, None, since).await?;
    ::jobs::enqueue(tx, &QueueRefreshes {}).await?;
    Ok(())
}
