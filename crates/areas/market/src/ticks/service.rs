use std::collections::{BTreeMap, HashMap};

use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use sources::{Bar, Quote};

use super::{Ingested, Tick, store};
use crate::{
    InstrumentId, bars, corporate_actions,
    exchanges::{self, Days},
    quality::{
        self,
        latest::{self, Before},
    },
    quotes::{self, NewQuote},
};

/// What became of a batch.
pub(super) struct Taken {
    pub(super) ingested: Ingested,
    /// Instruments whose latest price it has become.
    pub(super) quotes: u64,
    /// Instruments whose latest tick is doubted, so that it has not.
    pub(super) doubted: u64,
}

/// Stores ticks, and makes the latest of each instrument its quote, if it is newer than what is known and nothing about
/// it is doubted. The quotes come last, because their writers take turns.
pub(super) async fn take_in(
    tx: &mut SystemTx,
    source: &str,
    rows: &[(InstrumentId, Tick)],
    now: Timestamp,
) -> db::Result<Taken> {
    let ingested = super::ingest(tx, source, rows).await?;
    let mut last: BTreeMap<InstrumentId, Timestamp> = BTreeMap::new();
    for (id, tick) in rows {
        let at = last.entry(*id).or_insert(tick.at);
        *at = tick.at.max(*at);
    }
    // Of several ticks at that moment, those of earlier batches included, the last by number.
    let latest = store::last_at(tx, &last).await?;
    let known = Known::of(tx, &latest).await?;
    let (mut good, mut doubted) = (Vec::new(), 0);
    for (id, tick) in &latest {
        // What is older than the quote would not take its place.
        if known.quotes.get(id).is_some_and(|(at, _)| *at > tick.at) {
            continue;
        }
        let quote = known.as_quote(*id, tick);
        let doubts = known.doubts(*id, &quote, tick.at, now);
        if doubts.is_empty() {
            good.push(NewQuote {
                instrument_id: *id,
                price: quote.price,
                previous_close: quote.previous_close,
                volume: quote.volume,
                bid: quote.bid,
                ask: quote.ask,
                at: tick.at,
            });
        } else {
            latest::keep_apart(tx, (*id, source), &quote, tick.at, &doubts, now).await?;
            doubted += 1;
        }
    }
    let until: Vec<_> = good
        .iter()
        .map(|quote| (quote.instrument_id, quote.at))
        .collect();
    quality::store::settle_quotes(tx, source, &until, now).await?;
    Ok(Taken {
        ingested,
        quotes: quotes::put(tx, source, &good).await?,
        doubted,
    })
}

/// What is known of instruments before their latest ticks.
struct Known {
    /// The calendars by which they are traded.
    calendars: HashMap<InstrumentId, String>,
    closes: HashMap<InstrumentId, store::CloseBefore>,
    quotes: HashMap<InstrumentId, (Timestamp, f64)>,
    /// Of corporate actions.
    ex_dates: HashMap<InstrumentId, Vec<Date>>,
}

impl Known {
    async fn of(tx: &mut SystemTx, latest: &BTreeMap<InstrumentId, Tick>) -> db::Result<Self> {
        let ids: Vec<InstrumentId> = latest.keys().copied().collect();
        let calendars = exchanges::calendars(tx.conn(), &ids).await?;
        let mut days = Days::default();
        let days: BTreeMap<InstrumentId, Date> = latest
            .iter()
            .map(|(id, tick)| {
                let calendar = calendars.get(id).map(String::as_str);
                (*id, days.at(calendar, tick.at))
            })
            .collect();
        let quotes = quotes::latest(tx.conn(), &ids).await?;
        let mut ex_dates: HashMap<InstrumentId, Vec<Date>> = HashMap::new();
        for action in corporate_actions::of_instruments(tx.conn(), &ids).await? {
            let of = ex_dates.entry(action.instrument_id).or_default();
            of.push(action.terms.ex_date);
        }
        Ok(Self {
            calendars,
            closes: store::closes_before(tx, &days).await?,
            quotes: quotes
                .into_iter()
                .map(|quote| (quote.instrument_id, (quote.at, quote.price)))
                .collect(),
            ex_dates,
        })
    }

    fn as_quote(&self, id: InstrumentId, tick: &Tick) -> Quote {
        // An offer of nought is none.
        let offer = |price: Option<f64>| price.filter(|price| *price > 0.0);
        let before = self.closes.get(&id);
        Quote {
            price: tick.price,
            quotation: None,
            previous_close: before.map(|before| before.close / before.ratio),
            // What was traded since the morning is not known from single trades that may not be all.
            volume: None,
            bid: offer(tick.bid),
            ask: offer(tick.ask),
            at: Some(tick.at),
        }
    }

    /// The doubts about a price, by the rules for those that sources state.
    fn doubts(
        &self,
        id: InstrumentId,
        quote: &Quote,
        at: Timestamp,
        now: Timestamp,
    ) -> Vec<quality::rules::Doubt> {
        let close = self.closes.get(&id);
        let close = close.map(|before| flat(bars::midnight(before.day), before.close));
        let former = self.quotes.get(&id).map(|(at, price)| flat(*at, *price));
        let last = close.into_iter().chain(former).max_by_key(|bar| bar.at);
        let calendar = exchanges::trading(self.calendars.get(&id).map(String::as_str));
        let before = Before {
            // Clocks may differ: what is accepted does not lie in the future.
            now: now.max(at),
            prices: last.as_slice(),
            ex_dates: self.ex_dates.get(&id).map_or(&[], Vec::as_slice),
            calendar: calendar.as_ref(),
        };
        latest::doubts(quote, at, &before)
    }
}

/// A price without extent.
fn flat(at: Timestamp, price: f64) -> Bar {
    Bar {
        at,
        open: price,
        high: price,
        low: price,
        close: price,
        adjusted_close: None,
        volume: None,
    }
}
