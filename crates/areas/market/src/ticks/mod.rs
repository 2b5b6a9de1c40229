//! Single trades with the quote of their moment. They are kept for days; what lasts are the minutes
//! that are computed out of them. Programs state them through the API; the latest of an instrument becomes
//! its quote, unless it is doubted.

pub(crate) mod api;
mod model;
mod service;
mod store;

pub(crate) use store::closes_before;

use db::SystemTx;
use jiff::Timestamp;

use crate::InstrumentId;

/// A trade, and the best offers when it happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// Tells the ticks of one instant apart and puts them in order; the source's own number.
    pub sequence: i64,
    /// Of one share or unit, positive.
    pub price: f64,
    /// Shares or units traded.
    pub volume: Option<f64>,
    /// Best price that was bid.
    pub bid: Option<f64>,
    /// Best price that was asked.
    pub ask: Option<f64>,
}

/// What became of ticks that were ingested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// New ticks, and those that took the place of another with their time and number.
    pub written: u64,
    /// Ticks that are there already.
    pub unchanged: u64,
    /// Ticks of a day that has lost its ticks by age; they were left out.
    pub expired: u64,
}

/// Ticks that one statement stores at most.
const CHUNK: usize = 20_000;

/// Stores ticks; a tick that is there already, by time and number, is corrected. Bars are computed
/// after the commit.
pub async fn ingest(
    tx: &mut SystemTx,
    source: &str,
    rows: &[(InstrumentId, Tick)],
) -> db::Result<Ingested> {
    let mut ingested = Ingested::default();
    for chunk in rows.chunks(CHUNK) {
        let part = store::ingest(tx, source, chunk).await?;
        ingested.written += part.written;
        ingested.unchanged += part.unchanged;
        ingested.expired += part.expired;
    }
    if ingested.written > 0 {
        crate::rollups::request(tx).await?;
    }
    Ok(ingested)
}
