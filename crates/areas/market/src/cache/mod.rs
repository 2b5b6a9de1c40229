//! What was fetched, how good it is, and for how long it may be used instead of asking again. One row per
//! ticker, kind and parameters; parameters that are absent are equal. Hits, misses, expiries and
//! invalidations are counted, here for the page and in `/metrics`.

mod store;

use db::SystemTx;
use jiff::Timestamp;
use serde_json::Value;

use crate::InstrumentId;

/// Kind of cached data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// Bars.
    PriceHistory,
    /// Exchange rates.
    FxRates,
    /// A price.
    Quote,
    /// Option contracts.
    OptionsChain,
    /// Reported figures, and by what a source knows companies.
    Fundamentals,
    /// Values of a series.
    Series,
}

/// What an entry is found by.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Ticker, or what stands for one.
    pub ticker: String,
    /// The instrument, where there is one.
    pub instrument_id: Option<InstrumentId>,
    /// What kind of data.
    pub data_type: DataType,
    /// What else was asked for.
    pub parameters: Option<Value>,
}

/// What is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The data, or a summary of what went into tables of its own.
    pub data: Value,
    /// Who gave it.
    pub source: String,
    /// From 0 to 1, as `quality` computes it.
    pub score: f64,
    /// By what the source recognises it.
    pub etag: Option<String>,
    /// The same, as a time.
    pub last_modified: Option<String>,
    /// To which request the two belong.
    pub request: Option<String>,
    /// Since when.
    pub cached_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Something that may be used.
    Hit(Entry),
    /// Something too old to be used, by which the source can tell whether anything is new.
    Expired(Entry),
    /// Nothing.
    Miss,
}

/// How often the cache helped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Of which kind.
    pub data_type: String,
    /// Entries that are there.
    pub entries: i64,
    /// Of these, too old.
    pub stale: i64,
    /// Found and used.
    pub hits: i64,
    /// Not found.
    pub misses: i64,
    /// Found too old.
    pub expired: i64,
    /// Removed by hand.
    pub invalidated: i64,
}

impl DataType {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PriceHistory => "price_history",
            Self::FxRates => "fx_rates",
            Self::Quote => "quote",
            Self::OptionsChain => "options_chain",
            Self::Fundamentals => "fundamentals",
            Self::Series => "series",
        }
    }
}

/// Looks an entry up, and counts.
pub async fn get(tx: &mut SystemTx, key: &Key, now: Timestamp) -> db::Result<Found> {
    let found = match store::get(tx, key).await? {
        None => Found::Miss,
        Some(entry) if entry.expires_at <= now => Found::Expired(entry),
        Some(entry) => Found::Hit(entry),
    };
    let event = match found {
        Found::Hit(_) => Event::Hit,
        Found::Expired(_) => Event::Expired,
        Found::Miss => Event::Miss,
    };
    count(tx, key.data_type.as_str(), event, 1).await?;
    Ok(found)
}

/// Puts an entry in the place of a former one.
pub async fn put(tx: &mut SystemTx, key: &Key, entry: &Entry) -> db::Result<()> {
    store::put(tx, key, entry).await
}

/// Keeps an entry for as long again as it was meant to be kept, since its source says that nothing is new.
pub(crate) async fn renew(
    tx: &mut SystemTx,
    key: &Key,
    source: &str,
    now: Timestamp,
) -> db::Result<()> {
    store::renew(tx, key, source, now).await
}

/// Lets an entry be used no longer: what it tells of is not complete.
pub(crate) async fn expire(tx: &mut SystemTx, key: &Key, now: Timestamp) -> db::Result<()> {
    store::expire(tx, key, now).await
}

/// Removes all entries; returns how many there were.
pub async fn invalidate(tx: &mut SystemTx) -> db::Result<i64> {
    let mut removed = 0;
    for (data_type, number) in store::delete_all(tx).await? {
        count(tx, &data_type, Event::Invalidated, number).await?;
        removed += number;
    }
    Ok(removed)
}

/// Removes what has been too old for long.
pub(crate) async fn sweep(tx: &mut SystemTx, before: Timestamp) -> db::Result<u64> {
    store::delete_expired(tx, before).await
}

/// How often it helped, by kind.
pub async fn statistics(tx: &mut SystemTx, now: Timestamp) -> db::Result<Vec<Statistics>> {
    store::statistics(tx, now).await
}

#[derive(Clone, Copy)]
enum Event {
    Hit,
    Miss,
    Expired,
    Invalidated,
}

async fn count(tx: &mut SystemTx, data_type: &str, event: Event, number: i64) -> db::Result<()> {
    let word = match event {
        Event::Hit => "hit",
        Event::Miss => "miss",
        Event::Expired => "expired",
        Event::Invalidated => "invalidated",
    };
    let labels = [
        ("data_type", data_type.to_owned()),
        ("event", word.to_owned()),
    ];
    metrics::counter!("bursar_market_cache_events_total", &labels)
        .increment(u64::try_from(number).unwrap_or_default());
    store::count(tx, data_type, word, number).await
}
