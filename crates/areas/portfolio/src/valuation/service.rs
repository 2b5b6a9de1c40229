use std::{collections::HashMap, num::NonZero, sync::Arc, time::Duration};

use db::{UserId, UserTx};
use jiff::civil::Date;
use ledger::CostBasis;
use market::InstrumentId;
use moka::policy::EvictionPolicy;
use money::{Currency, FxTable};
use tokio::sync::Semaphore;
use web::App;

use super::{compute, model::Valuation, store};
use crate::{
    health, history, loading, portfolios::PortfolioId, private_assets, reconciliation,
    transactions::Error,
};

/// Memory that kept valuations may take, roughly.
const MAX_CACHE_BYTES: u64 = 512 * 1024 * 1024;
/// Valuations that are made at once, at least. Each keeps a core busy and holds all it read.
const FEWEST_AT_WORK: usize = 4;
/// A valuation that nobody asked for in this time is let go.
const IDLE_LIMIT: Duration = Duration::from_mins(15);

/// What is to be valued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// One portfolio, or all of the person together.
    pub portfolio: Option<PortfolioId>,
    /// The currency of the totals; the portfolio's own when it is one and nothing is given.
    pub base: Option<Currency>,
    /// Another cost basis than each portfolio's own.
    pub cost_basis: Option<CostBasis>,
    /// The day.
    pub as_of: Date,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    pub known_on: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    user: UserId,
    request: Request,
    revisions: Vec<(PortfolioId, i64)>,
    market_revision: i64,
}

/// The valuations made lately.
#[derive(Clone)]
pub struct Valuations {
    cache: moka::future::Cache<Key, Arc<Valuation>>,
    /// Exchange rates are everybody's and many, so valuations share them: by the revision of the
    /// market, the simulated ones apart.
    rates: moka::future::Cache<(i64, bool), Arc<FxTable>>,
    at_work: Arc<Semaphore>,
}

impl Default for Valuations {
    fn default() -> Self {
        // The oldest goes first. By default a newcomer would have to be asked for more often than
        // what is there, and every edit names a valuation anew: it would stay out for long.
        let cache = moka::future::Cache::builder()
            .eviction_policy(EvictionPolicy::lru())
            .max_capacity(MAX_CACHE_BYTES)
            .weigher(|_: &Key, valuation: &Arc<Valuation>| valuation.approximate_bytes())
            .time_to_idle(IDLE_LIMIT)
            .build();
        // The two asked for last, as a rule the latest of both kinds; older ones live as long as a
        // valuation that uses them.
        let rates = moka::future::Cache::builder()
            .eviction_policy(EvictionPolicy::lru())
            .max_capacity(2)
            .time_to_idle(IDLE_LIMIT)
            .build();
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let at_work = Arc::new(Semaphore::new(cores.max(FEWEST_AT_WORK)));
        Self {
            cache,
            rates,
            at_work,
        }
    }
}

impl Valuations {
    /// Values portfolios of a person. `base` is needed when several are valued together.
    pub async fn value(
        &self,
        app: &App,
        user: UserId,
        request: Request,
        default_base: Currency,
    ) -> Result<Arc<Valuation>, Error> {
        let asked = Asked {
            app,
            user,
            request,
            default_base,
        };
        if let Some(valuation) = self.cache.get(&asked.look().await?.key).await {
            return Ok(valuation);
        }
        // Waits without a connection. Whoever asked for the same before has mostly made it by then.
        let _turn = self.at_work.acquire().await.ok();
        let seen = asked.look().await?;
        if let Some(valuation) = self.cache.get(&seen.key).await {
            return Ok(valuation);
        }
        self.make(seen).await
    }

    async fn make(&self, seen: Seen) -> Result<Arc<Valuation>, Error> {
        let Seen {
            key,
            base,
            overview,
            mut tx,
        } = seen;
        let request = key.request;
        let is_simulated = overview.portfolios.iter().any(|p| p.is_simulated);
        let known_at = request.known_on.map(history::end_of);
        let mut ledgers = match known_at {
            None => loading::ledgers(&mut tx, overview.portfolios).await?,
            Some(at) => loading::ledgers_as_known(&mut tx, overview.portfolios, at).await?,
        };
        let ids: Vec<PortfolioId> = ledgers.portfolios.iter().map(|p| p.id).collect();
        let stated =
            reconciliation::store::list_latest(&mut tx, &ids, request.as_of, known_at).await?;
        ledgers.add_stated(&mut tx, &stated).await?;
        let instrument_ids: Vec<InstrumentId> = ledgers.instruments.iter().map(|i| i.id).collect();
        let mut closes = market::bars::closes(tx.conn(), &instrument_ids).await?;
        private_assets::service::add_closes(&mut tx, &ledgers.instruments, known_at, &mut closes)
            .await?;
        let fx = self
            .rates(&mut tx, overview.market_revision, is_simulated)
            .await?;
        let origins = if stated.is_empty() {
            HashMap::new()
        } else {
            reconciliation::store::list_origins(&mut tx, &ids).await?
        };
        let accepted = health::store::list_accepted(&mut tx).await?;
        // The unit of work ends before the engines run.
        drop(tx);
        let input = compute::Input {
            base,
            as_of: request.as_of,
            cost_basis: request.cost_basis,
            known_on: request.known_on,
            ledgers,
            stated,
            origins,
            accepted: accepted.into_keys().collect(),
            closes,
            fx,
        };
        let valuation = tokio::task::spawn_blocking(move || Arc::new(compute::value(input)))
            .await
            .map_err(|error| db::Error::Internal(sqlx::Error::Protocol(error.to_string())))?;
        // Former transactions may have linked portfolios whose revisions are not in the key.
        if request.known_on.is_none() {
            self.cache.insert(key, valuation.clone()).await;
        }
        Ok(valuation)
    }

    async fn rates(
        &self,
        tx: &mut UserTx,
        market_revision: i64,
        is_simulated: bool,
    ) -> Result<Arc<FxTable>, Error> {
        let key = (market_revision, is_simulated);
        if let Some(rates) = self.rates.get(&key).await {
            return Ok(rates);
        }
        let rates = if is_simulated {
            market::fx::simulated_table(tx.conn()).await?
        } else {
            market::fx::table(tx.conn()).await?
        };
        let rates = Arc::new(rates);
        self.rates.insert(key, rates.clone()).await;
        Ok(rates)
    }
}

/// A valuation that somebody asks for.
struct Asked<'a> {
    app: &'a App,
    user: UserId,
    request: Request,
    default_base: Currency,
}

/// What there is to value at one moment.
struct Seen {
    key: Key,
    base: Currency,
    overview: store::Overview,
    /// Sees that moment.
    tx: UserTx,
}

impl Asked<'_> {
    async fn look(&self) -> Result<Seen, Error> {
        let mut tx = self.app.db.read(self.user).await?;
        let overview = store::overview(&mut tx, self.request.portfolio).await?;
        let base = self
            .request
            .base
            .unwrap_or_else(|| match overview.portfolios.as_slice() {
                [only] if self.request.portfolio.is_some() => only.currency,
                _ => self.default_base,
            });
        let key = Key {
            user: self.user,
            request: Request {
                base: Some(base),
                ..self.request
            },
            revisions: overview.revisions.clone(),
            market_revision: overview.market_revision,
        };
        Ok(Seen {
            key,
            base,
            overview,
            tx,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_new_is_kept_though_what_is_old_was_asked_for_often() {
        let valuations = Valuations::default();
        for old in [(1, false), (1, true)] {
            valuations.rates.insert(old, Arc::default()).await;
            for _ in 0..100 {
                assert!(valuations.rates.get(&old).await.is_some());
            }
        }
        for revision in 2..5 {
            valuations
                .rates
                .insert((revision, false), Arc::default())
                .await;
            valuations.rates.run_pending_tasks().await;
            assert!(valuations.rates.contains_key(&(revision, false)));
        }
    }
}
