//! The latest known price of an instrument. [`put`] is the one way in: sources, people and the simulator
//! use it, and whoever follows an instrument ([`crate::live`]) learns of it within a second.

pub(crate) mod api;
mod model;
mod sessions;
pub mod simulator;
pub(crate) mod store;

use cache::{Cache, QUOTE};
use db::SystemTx;
use jiff::civil::Date;
use sqlx::PgConnection;

pub(crate) use model::{MOST_SYMBOLS, Wanted};
pub use model::{NewQuote, Quote};

use crate::{
    InstrumentId,
    exchanges::{self, Days},
};

/// Announces quotes that are newer than the last ones.
pub(crate) const CHANNEL: &str = "market_quotes";

/// Stores those quotes that are newer than what is known, or correct it at the same time, and returns how
/// many. Whoever listens is told when the unit of work commits. Instruments that are gone or private have no
/// quotes. Writers take turns until their unit of work ends, so keep it short.
pub async fn put(tx: &mut SystemTx, source: &str, quotes: &[NewQuote]) -> db::Result<u64> {
    if quotes.is_empty() {
        return Ok(0);
    }
    let ids: Vec<InstrumentId> = quotes.iter().map(|quote| quote.instrument_id).collect();
    let calendars = exchanges::calendars(tx.conn(), &ids).await?;
    let mut days = Days::default();
    let days: Vec<Date> = quotes
        .iter()
        .map(|quote| {
            let calendar = calendars.get(&quote.instrument_id);
            days.at(calendar.map(String::as_str), quote.at)
        })
        .collect();
    store::lock(tx).await?;
    let stored = store::upsert(tx, source, quotes, &days).await?;
    if stored > 0 {
        store::notify(tx).await?;
    }
    Ok(stored)
}

/// The latest quotes of these instruments. Those without one, and private ones, are absent.
pub async fn latest(conn: &mut PgConnection, ids: &[InstrumentId]) -> db::Result<Vec<Quote>> {
    store::list(conn, &[], ids).await
}

/// Keeps the quotes of one symbol, all its exchanges together, for a minute.
pub(crate) async fn keep(cache: &Cache, quotes: &[&Quote]) {
    let Some(first) = quotes.first() else { return };
    let Ok(detail) = serde_json::to_string(quotes) else {
        return;
    };
    let text = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let values = [
        first.price.to_string(),
        text(first.change),
        text(first.change_percent),
        text(first.volume),
        first.at.to_string(),
        detail,
    ];
    cache
        .put(QUOTE, &first.symbol, &values.each_ref().map(String::as_str))
        .await;
}

/// The quotes of a symbol that are kept.
pub(crate) async fn kept(cache: &Cache, symbol: &str) -> Option<Vec<Quote>> {
    let values = cache.get(QUOTE, symbol).await?;
    serde_json::from_str(values.last()?).ok()
}
