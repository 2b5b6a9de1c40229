use std::collections::BTreeMap;

use db::SystemTx;
use jiff::{Timestamp, civil::Date};

use super::{Ingested, Tick, store};
use crate::{
    InstrumentId,
    exchanges::{self, Days},
    quotes::{self, NewQuote},
};

/// Stores ticks, and makes the latest of each instrument its quote, if it is newer than what is known; returns
/// of how many instruments. The quotes come last, because their writers take turns.
pub(super) async fn take_in(
    tx: &mut SystemTx,
    source: &str,
    rows: &[(InstrumentId, Tick)],
) -> db::Result<(Ingested, u64)> {
    let ingested = super::ingest(tx, source, rows).await?;
    let mut last: BTreeMap<InstrumentId, Timestamp> = BTreeMap::new();
    for (id, tick) in rows {
        let at = last.entry(*id).or_insert(tick.at);
        *at = tick.at.max(*at);
    }
    // Of several ticks at that moment, those of earlier batches included, the last by number.
    let latest = store::last_at(tx, &last).await?;
    let quotes = as_quotes(tx, &latest).await?;
    let stored = quotes::put(tx, source, &quotes).await?;
    Ok((ingested, stored))
}

async fn as_quotes(
    tx: &mut SystemTx,
    latest: &BTreeMap<InstrumentId, Tick>,
) -> db::Result<Vec<NewQuote>> {
    let ids: Vec<InstrumentId> = latest.keys().copied().collect();
    let calendars = exchanges::calendars(tx.conn(), &ids).await?;
    let mut days = Days::default();
    let days: BTreeMap<InstrumentId, Date> = latest
        .iter()
        .map(|(id, tick)| (*id, days.at(calendars.get(id).map(String::as_str), tick.at)))
        .collect();
    let closes = store::closes_before(tx, &days).await?;
    let quotes = latest.iter().map(|(id, tick)| NewQuote {
        instrument_id: *id,
        price: tick.price,
        previous_close: closes.get(id).map(|before| before.close / before.ratio),
        // What was traded since the morning is not known from single trades that may not be all.
        volume: None,
        bid: tick.bid,
        ask: tick.ask,
        at: tick.at,
    });
    Ok(quotes.collect())
}
