//! Where prices come from: providers with their state, the order in which they are asked, the operator's
//! keys, refreshes that follow the trading days, and a record of every attempt with its reason.

pub(crate) mod api;
mod error;
mod jobs;
mod model;
mod pace;
pub(crate) mod pages;
mod service;
pub mod spelling;
mod store;
mod want;

use db::{Db, SystemTx};
use jiff::Timestamp;
use seal::Sealer;
use serde_json::json;
use sources::{Bar, Limit, ProviderId};

pub use error::Error;
pub use jobs::{QueueRefreshes, Refresh, RefreshQuotes, RefreshRates, TrimFetches};
pub(crate) use model::ExpectedDays;
pub use model::{Attempt, Availability, FetchOutcome, Freshness, Order, ProviderState};
pub use service::{Feeds, RefreshError, Refreshed};
pub use want::{UnknownWant, Want};

use crate::{
    AssetClass, Instrument, InstrumentId,
    bars::{self, Interval},
    cache,
};

/// The background jobs of the sources.
pub(crate) fn registry() -> ::jobs::Registry {
    ::jobs::Registry::new()
        .with::<Refresh>()
        .every::<QueueRefreshes>(jobs::LOOK_EVERY)
        .every::<RefreshQuotes>(jobs::QUOTES_EVERY)
        .every::<RefreshRates>(jobs::RATES_EVERY)
        .every::<TrimFetches>(jobs::TRIM_EVERY)
}

/// All providers, as they stand.
pub async fn list(db: &Db) -> db::Result<Vec<ProviderState>> {
    store::list(&mut db.system("list data sources").await?).await
}

/// Switches a provider on or off; on, its breaker is closed.
pub async fn set_enabled(db: &Db, provider: ProviderId, is_enabled: bool) -> db::Result<()> {
    let mut tx = db.system("switch a data source").await?;
    store::update_enabled(&mut tx, provider, is_enabled).await?;
    store::close_breaker(&mut tx, provider).await?;
    if is_enabled {
        store::ask_again(&mut tx, None, None).await?;
    }
    let details = json!({ "source": provider, "is_enabled": is_enabled });
    tx.note_deed(None, &details).await?;
    tx.commit().await
}

/// Sets the operator's limit, or takes it back. What waits for its end need not wait.
pub async fn set_limit(db: &Db, provider: ProviderId, limit: Option<Limit>) -> db::Result<()> {
    let mut tx = db.system("limit a data source").await?;
    if store::update_limit(&mut tx, provider, limit).await? {
        store::ask_again(&mut tx, None, None).await?;
        let count = limit.map(|limit| limit.count);
        let seconds = limit.map(|limit| limit.per.as_secs());
        let details = json!({ "source": provider, "limit_count": count, "limit_seconds": seconds });
        tx.note_deed(None, &details).await?;
    }
    tx.commit().await
}

/// Stores the operator's key sealed, or removes it. Whoever enters one wants it used now, also where the one before was
/// refused.
pub async fn set_key(
    db: &Db,
    sealer: &Sealer,
    provider: ProviderId,
    key: Option<&str>,
    now: Timestamp,
) -> Result<(), Error> {
    let mut tx = db.system("store the key of a data source").await?;
    match key {
        Some(key) => {
            let sealed = sealer.seal(&service::key_place(provider), key.as_bytes())?;
            store::put_key(&mut tx, provider, &sealed, now).await?;
            store::close_breaker(&mut tx, provider).await?;
            store::ask_again(&mut tx, None, None).await?;
        }
        None => store::delete_key(&mut tx, provider).await?,
    }
    // That there is a key, and nothing of it.
    let details = json!({ "source": provider, "has_key": key.is_some() });
    tx.note_deed(None, &details).await?;
    Ok(tx.commit().await?)
}

/// Whom to ask first for each class of assets that is fetched.
pub async fn orders(db: &Db) -> db::Result<Vec<Order>> {
    let mut tx = db.system("read the order of data sources").await?;
    let mut stated = store::orders(tx.conn()).await?;
    let classes = AssetClass::ALL
        .into_iter()
        .filter(|class| class.is_fetched());
    Ok(classes
        .map(|class| Order::of(class, stated.remove(&class)))
        .collect())
}

/// Sets the order for a class of assets; an empty one is the usual. Returns what counts now.
pub async fn set_order(db: &Db, class: AssetClass, order: &[ProviderId]) -> db::Result<Order> {
    let mut tx = db.system("order data sources").await?;
    if order.is_empty() {
        store::delete_order(&mut tx, class).await?;
    } else {
        store::put_order(&mut tx, class, order).await?;
    }
    store::ask_again(&mut tx, None, None).await?;
    let details = json!({ "asset_class": class.as_str(), "order": order });
    tx.note_deed(None, &details).await?;
    tx.commit().await?;
    let stated = (!order.is_empty()).then(|| order.to_vec());
    Ok(Order::of(class, stated))
}

/// How far the bars of instruments reach, the stalest first.
pub async fn freshness(db: &Db, limit: i64) -> db::Result<Vec<Freshness>> {
    store::freshness(
        &mut db.system("read how fresh bars are").await?,
        store::Scope::default(),
        limit,
    )
    .await
}

/// The latest attempts, with the ticker of what they were for.
pub async fn attempts(db: &Db, limit: i64) -> db::Result<Vec<(Attempt, Option<String>)>> {
    store::list_attempts(&mut db.system("read the log of fetches").await?, limit).await
}

/// How often the cache helped.
pub async fn cache_statistics(db: &Db, now: Timestamp) -> db::Result<Vec<cache::Statistics>> {
    cache::statistics(&mut db.system("read how the cache does").await?, now).await
}

/// Removes what is cached.
pub async fn invalidate(db: &Db) -> db::Result<i64> {
    let mut tx = db.system("invalidate cached market data").await?;
    let removed = cache::invalidate(&mut tx).await?;
    let details = json!({ "removed": removed });
    tx.note_deed(None, &details).await?;
    tx.commit().await?;
    Ok(removed)
}

/// How many instruments have each kind of data from a source, and when that came last.
pub async fn kept(db: &Db) -> db::Result<Vec<(String, i64, Option<Timestamp>)>> {
    store::list_kept(&mut db.system("read what is kept up to date").await?).await
}

/// Queues refreshes whatever is cached: of one instrument everything that it can have, or the one thing that is
/// wanted; otherwise of all instruments what is wanted, daily bars unless said, and rates with them. Returns how
/// many were queued.
pub async fn queue(db: &Db, only: Option<InstrumentId>, want: Option<Want>) -> db::Result<usize> {
    let wants = match (want, only) {
        (Some(want), _) => vec![want],
        (None, Some(_)) => Want::ALL.to_vec(),
        (None, None) => vec![Want::Bars(Interval::Day)],
    };
    let mut tx = db.system("queue a refresh").await?;
    let scope = store::Scope {
        only,
        ..store::Scope::default()
    };
    let mut queued = 0;
    for found in store::freshness(&mut tx, scope, i64::MAX).await? {
        for want in wants.iter().copied().filter(|want| want.suits(&found)) {
            let job = Refresh {
                instrument_id: found.id,
                want,
                is_forced: true,
            };
            queued += usize::from(::jobs::enqueue(&mut tx, &job).await?);
        }
    }
    if only.is_none() && want.is_none() {
        ::jobs::enqueue(&mut tx, &RefreshRates { is_forced: true }).await?;
    }
    let details = json!({ "instrument": only, "what": want.map(Want::as_str), "queued": queued });
    tx.note_deed(None, &details).await?;
    tx.commit().await?;
    Ok(queued)
}

/// Stores bars as a source states them, with their ends outside; returns how many were new or corrected. Days on
/// which a person has the say stay as they are.
pub(crate) async fn store_bars(
    tx: &mut SystemTx,
    id: InstrumentId,
    interval: Interval,
    source: &str,
    stated: &[Bar],
) -> db::Result<u64> {
    let rows: Vec<_> = stated.iter().map(|bar| (id, as_stored(bar))).collect();
    let ingested = bars::ingest(tx, interval, source, &rows).await?;
    Ok(ingested.inserted + ingested.replaced)
}

fn as_stored(stated: &Bar) -> bars::Bar {
    let bar = stated.enclosed();
    bars::Bar {
        at: bar.at,
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        adjusted_close: bar.adjusted_close,
        volume: bar.volume,
    }
}

/// Of each calendar the day whose bar should be there.
pub(crate) async fn expected_days(tx: &mut SystemTx, now: Timestamp) -> db::Result<ExpectedDays> {
    Ok(ExpectedDays::of(store::calendars(tx).await?, now))
}

/// Whether sources are asked for its prices: as `market.is_fetched` says in queries.
pub(crate) fn asks_for(instrument: &Instrument) -> bool {
    instrument.asset_class.is_fetched() && instrument.facts.is_active && !instrument.is_private
}

/// Lets an instrument be asked for again at once that was left alone.
pub(crate) async fn ask_again(tx: &mut SystemTx, id: InstrumentId) -> db::Result<()> {
    store::ask_again(tx, Some(id), None).await
}
