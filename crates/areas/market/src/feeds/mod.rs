//! Where prices come from: providers with their state, the order in which they are asked, the operator's
//! keys, refreshes that follow the trading days, and a record of every attempt with its reason.

pub(crate) mod api;
mod error;
mod jobs;
mod model;
pub(crate) mod pages;
mod service;
mod spelling;
mod store;

use db::{Db, SystemTx};
use jiff::Timestamp;
use seal::Sealer;
use sources::{Bar, Limit, ProviderId};

pub use error::Error;
pub use jobs::{QueueRefreshes, RefreshBars, RefreshRates, TrimFetches};
pub use model::{Attempt, FetchOutcome, Freshness, ProviderState};
pub use service::{Feeds, RefreshError, Refreshed};

use crate::{
    AssetClass, InstrumentId,
    bars::{self, Interval},
    cache,
};

/// The background jobs of the sources.
pub(crate) fn registry() -> ::jobs::Registry {
    ::jobs::Registry::new()
        .with::<RefreshBars>()
        .every::<QueueRefreshes>(jobs::LOOK_EVERY)
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
    tx.commit().await
}

/// Sets the operator's limit, or takes it back.
pub async fn set_limit(db: &Db, provider: ProviderId, limit: Option<Limit>) -> db::Result<()> {
    let mut tx = db.system("limit a data source").await?;
    store::update_limit(&mut tx, provider, limit).await?;
    tx.commit().await
}

/// Stores the operator's key sealed, or removes it.
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
        }
        None => store::delete_key(&mut tx, provider).await?,
    }
    Ok(tx.commit().await?)
}

/// Whom to ask first for a class of assets, the usual order included.
pub async fn order(db: &Db, class: AssetClass) -> db::Result<Vec<ProviderId>> {
    let mut tx = db.system("read the order of data sources").await?;
    let stated = store::orders(tx.conn()).await?.remove(&class);
    Ok(stated.unwrap_or_else(|| model::usual_order(class)))
}

/// Sets the order for a class of assets; an empty one is the usual.
pub async fn set_order(db: &Db, class: AssetClass, order: &[ProviderId]) -> db::Result<()> {
    let mut tx = db.system("order data sources").await?;
    if order.is_empty() {
        store::delete_order(&mut tx, class).await?;
    } else {
        store::put_order(&mut tx, class, order).await?;
    }
    tx.commit().await
}

/// How far the bars of instruments reach, the stalest first.
pub async fn freshness(db: &Db, limit: i64) -> db::Result<Vec<Freshness>> {
    store::freshness(
        &mut db.system("read how fresh bars are").await?,
        None,
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

/// Removes what is cached, of one instrument or all.
pub async fn invalidate(db: &Db, only: Option<InstrumentId>) -> db::Result<i64> {
    let mut tx = db.system("invalidate cached market data").await?;
    let removed = cache::invalidate(&mut tx, only).await?;
    tx.commit().await?;
    Ok(removed)
}

/// Queues a refresh of one instrument, or of all that have prices, whatever is cached; and of rates with all.
/// Returns how many were queued.
pub async fn queue(db: &Db, only: Option<InstrumentId>) -> db::Result<usize> {
    let mut tx = db.system("queue a refresh").await?;
    let mut queued = 0;
    for found in store::freshness(&mut tx, only, i64::MAX).await? {
        let job = RefreshBars {
            instrument_id: found.id,
            is_forced: true,
        };
        queued += usize::from(::jobs::enqueue(&mut tx, &job).await?);
    }
    if only.is_none() {
        ::jobs::enqueue(&mut tx, &RefreshRates {}).await?;
    }
    tx.commit().await?;
    Ok(queued)
}

/// Stores daily bars as a source states them; returns how many were new or corrected. Days on which a
/// person has the say stay as they are.
pub(crate) async fn store_bars(
    tx: &mut SystemTx,
    id: InstrumentId,
    source: &str,
    stated: &[Bar],
) -> db::Result<u64> {
    // Sources round, so a high may fall short of the close by a trifle.
    let rows: Vec<_> = stated
        .iter()
        .map(|bar| {
            let bar = bars::Bar {
                at: bar.at,
                open: bar.open,
                high: bar.high.max(bar.open).max(bar.close),
                low: bar.low.min(bar.open).min(bar.close),
                close: bar.close,
                adjusted_close: bar.adjusted_close,
                volume: bar.volume,
            };
            (id, bar)
        })
        .collect();
    let ingested = bars::ingest(tx, Interval::Day, source, &rows).await?;
    Ok(ingested.inserted + ingested.replaced)
}

/// What is known about a provider.
pub fn about(provider: ProviderId) -> Option<&'static sources::Description> {
    sources::catalogue()
        .into_iter()
        .find(|about| about.id == provider)
}
