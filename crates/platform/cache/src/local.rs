//! What is kept in this process.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use moka::{Expiry, future};

use crate::{Counted, kinds::RATE_WINDOW, locked};

/// Entries of each form at most: the ones asked for least go first.
const MOST: u64 = 50_000;

#[derive(Debug)]
pub(crate) struct Local {
    hashes: future::Cache<String, Hash>,
    counters: future::Cache<String, Counter>,
    sets: Mutex<HashMap<String, BTreeSet<String>>>,
}

#[derive(Clone, Debug)]
struct Hash {
    values: Arc<[String]>,
    lifetime: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    count: u64,
    began: Instant,
}

/// Each hash lives for as long as its kind does.
struct Lifetimes;

impl Expiry<String, Hash> for Lifetimes {
    fn expire_after_create(&self, _: &String, hash: &Hash, _: Instant) -> Option<Duration> {
        Some(hash.lifetime)
    }

    fn expire_after_update(
        &self,
        _: &String,
        hash: &Hash,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(hash.lifetime)
    }
}

impl Default for Local {
    fn default() -> Self {
        Self {
            hashes: future::Cache::builder()
                .max_capacity(MOST)
                .expire_after(Lifetimes)
                .build(),
            counters: future::Cache::builder()
                .max_capacity(MOST)
                .time_to_live(RATE_WINDOW)
                .build(),
            sets: Mutex::default(),
        }
    }
}

impl Local {
    pub(crate) async fn put(&self, key: String, values: &[&str], lifetime: Duration) {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.hashes.insert(key, Hash { values, lifetime }).await;
    }

    pub(crate) async fn get(&self, key: &str) -> Option<Vec<String>> {
        let hash = self.hashes.get(key).await?;
        Some(hash.values.to_vec())
    }

    pub(crate) async fn remove(&self, key: &str) {
        self.hashes.invalidate(key).await;
    }

    pub(crate) async fn count(&self, key: String) -> Counted {
        let entry = self
            .counters
            .entry(key)
            .and_upsert_with(|former| {
                let former = former.map(moka::Entry::into_value);
                // Writing prolongs the entry, not the window.
                let open = former.filter(|counter| counter.began.elapsed() < RATE_WINDOW);
                let counter = match open {
                    Some(Counter { count, began }) => Counter {
                        count: count + 1,
                        began,
                    },
                    None => Counter {
                        count: 1,
                        began: Instant::now(),
                    },
                };
                std::future::ready(counter)
            })
            .await;
        let Counter { count, began } = entry.into_value();
        Counted {
            count,
            resets_in: RATE_WINDOW.saturating_sub(began.elapsed()),
        }
    }

    pub(crate) fn add(&self, key: String, members: Vec<String>) {
        let mut sets = locked(&self.sets);
        sets.entry(key).or_default().extend(members);
    }

    pub(crate) fn leave(&self, key: &str, member: &str) {
        let mut sets = locked(&self.sets);
        if let Some(set) = sets.get_mut(key) {
            set.remove(member);
            if set.is_empty() {
                sets.remove(key);
            }
        }
    }

    pub(crate) fn members(&self, key: &str) -> BTreeSet<String> {
        locked(&self.sets).get(key).cloned().unwrap_or_default()
    }

    /// Hands over who joined while there was nothing else to join, and starts anew.
    pub(crate) fn clear(&self) -> HashMap<String, BTreeSet<String>> {
        self.hashes.invalidate_all();
        self.counters.invalidate_all();
        std::mem::take(&mut *locked(&self.sets))
    }
}
