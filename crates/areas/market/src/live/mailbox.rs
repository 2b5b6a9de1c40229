use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use db::UserId;
use tokio::sync::Notify;

use crate::{InstrumentId, quotes::Quote};

/// A quote and how it is written, once for all readers.
#[derive(Debug)]
pub(crate) struct Tick {
    pub(crate) instrument_id: InstrumentId,
    pub(crate) sequence: i64,
    pub(crate) json: String,
}

impl Tick {
    /// `None` for what cannot be written as JSON, which a quote from the table can.
    pub(crate) fn new(quote: &Quote) -> Option<Arc<Self>> {
        let json = serde_json::to_string(quote).ok()?;
        Some(Arc::new(Self {
            instrument_id: quote.instrument_id,
            sequence: quote.sequence,
            json,
        }))
    }
}

/// What waits for one reader.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(super) user: UserId,
    pending: Mutex<HashMap<InstrumentId, Arc<Tick>>>,
    /// The sequence that came last for each, so that none comes twice by different ways.
    newest: Mutex<HashMap<InstrumentId, i64>>,
    /// What the reader follows, with the symbols.
    followed: Mutex<BTreeMap<InstrumentId, String>>,
    arrived: Notify,
}

impl Mailbox {
    pub(super) fn new(user: UserId) -> Self {
        Self {
            user,
            pending: Mutex::default(),
            newest: Mutex::default(),
            followed: Mutex::default(),
            arrived: Notify::new(),
        }
    }

    /// Takes the place of an older quote of the instrument.
    pub(super) fn put(&self, tick: &Arc<Tick>) {
        let mut newest = lock(&self.newest);
        let known = newest.get(&tick.instrument_id);
        if known.is_none_or(|known| *known < tick.sequence) {
            newest.insert(tick.instrument_id, tick.sequence);
            lock(&self.pending).insert(tick.instrument_id, tick.clone());
            self.arrived.notify_one();
        }
    }

    /// Everything that waits, the oldest first; waits itself for something to come.
    pub(super) async fn take(&self) -> Vec<Arc<Tick>> {
        loop {
            let mut ticks: Vec<_> = lock(&self.pending).drain().map(|(_, tick)| tick).collect();
            if !ticks.is_empty() {
                ticks.sort_unstable_by_key(|tick| tick.sequence);
                return ticks;
            }
            self.arrived.notified().await;
        }
    }

    /// Whether it is about one instrument and no other.
    pub(super) fn follows_one(&self) -> bool {
        lock(&self.followed).len() == 1
    }

    /// Follows these, and returns those that were not followed before.
    pub(super) fn follow(&self, found: &[(InstrumentId, String)]) -> Vec<(InstrumentId, String)> {
        let mut followed = lock(&self.followed);
        let new = found
            .iter()
            .filter(|(id, symbol)| followed.insert(*id, symbol.clone()).is_none());
        new.cloned().collect()
    }

    pub(super) fn leave(&self, id: InstrumentId) {
        lock(&self.followed).remove(&id);
        lock(&self.pending).remove(&id);
        lock(&self.newest).remove(&id);
    }

    pub(super) fn followed(&self) -> BTreeMap<InstrumentId, String> {
        lock(&self.followed).clone()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tick(id: u128, sequence: i64) -> Arc<Tick> {
        Arc::new(Tick {
            instrument_id: InstrumentId(Uuid::from_u128(id)),
            sequence,
            json: String::new(),
        })
    }

    #[tokio::test]
    async fn a_slow_reader_gets_the_latest_of_each_in_their_order() {
        let mailbox = Mailbox::new(UserId(Uuid::nil()));
        for sequence in 1..=1000_i64 {
            mailbox.put(&tick(u128::from(sequence.unsigned_abs() % 3), sequence));
        }
        mailbox.put(&tick(0, 5));
        let taken: Vec<i64> = mailbox
            .take()
            .await
            .iter()
            .map(|tick| tick.sequence)
            .collect();
        assert_eq!(taken, [998, 999, 1000]);
        let nothing = tokio::time::timeout(std::time::Duration::from_millis(20), mailbox.take());
        assert!(nothing.await.is_err());
    }
}
