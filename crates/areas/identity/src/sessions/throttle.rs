//! Slows down guessing at passwords: after three failures for an address and email the next try has
//! to wait, twice as long each time. The count lives in this process, so each node counts for itself
//! and a restart forgets; limits over all nodes and by address alone are not made here.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

const FREE_FAILURES: u32 = 3;
const LONGEST_WAIT_S: u32 = 900;
/// A count that rested for this long is forgotten.
const FORGET_AFTER: SignedDuration = SignedDuration::from_mins(60);
/// Bounds the memory that guessing at made-up emails can take.
const MAX_ENTRIES: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Throttle {
    attempts: Mutex<HashMap<Key, Attempts>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    email: String,
    address: String,
}

#[derive(Clone, Copy, Debug)]
struct Attempts {
    failures: u32,
    last_at: Timestamp,
}

impl Key {
    pub(crate) fn new(email: &str, address: Option<&str>) -> Self {
        Self {
            email: email.trim().to_lowercase(),
            address: address.unwrap_or("").to_owned(),
        }
    }
}

impl Throttle {
    /// Counts an attempt as failed before it is made, so that attempts at the same moment count too.
    /// `Err` tells the seconds to wait.
    pub(crate) fn begin(&self, key: &Key, now: Timestamp) -> Result<(), u32> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= MAX_ENTRIES && !attempts.contains_key(key) {
            make_room(&mut attempts, now);
        }
        let entry = attempts.entry(key.clone()).or_insert(Attempts {
            failures: 0,
            last_at: now,
        });
        let rested = now.duration_since(entry.last_at);
        if rested >= FORGET_AFTER {
            entry.failures = 0;
        }
        let wait = SignedDuration::from_secs(i64::from(wait_s(entry.failures)));
        if rested < wait {
            let left_s = wait.saturating_sub(rested).as_secs_f64().ceil();
            return Err(left_s as u32);
        }
        entry.failures += 1;
        entry.last_at = now;
        Ok(())
    }

    /// The attempt was right.
    pub(crate) fn forget(&self, key: &Key) {
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

fn wait_s(failures: u32) -> u32 {
    match failures.checked_sub(FREE_FAILURES) {
        None => 0,
        Some(beyond) => 2_u32.saturating_pow(beyond).min(LONGEST_WAIT_S),
    }
}

fn make_room(attempts: &mut HashMap<Key, Attempts>, now: Timestamp) {
    attempts.retain(|_, entry| now.duration_since(entry.last_at) < FORGET_AFTER);
    if attempts.len() < MAX_ENTRIES {
        return;
    }
    let mut ages: Vec<Timestamp> = attempts.values().map(|entry| entry.last_at).collect();
    ages.sort_unstable();
    let median = ages.get(ages.len() / 2).copied().unwrap_or(now);
    attempts.retain(|_, entry| entry.last_at > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("instant")
    }

    #[test]
    fn the_wait_doubles_and_ends_with_success() {
        let throttle = Throttle::default();
        let key = Key::new(" Ann@example.org", Some("10.0.0.1"));
        for _ in 0..3 {
            assert_eq!(throttle.begin(&key, at(0)), Ok(()));
        }
        assert_eq!(throttle.begin(&key, at(0)), Err(1));
        assert_eq!(throttle.begin(&key, at(1)), Ok(()));
        assert_eq!(throttle.begin(&key, at(1)), Err(2));
        assert_eq!(throttle.begin(&key, at(3)), Ok(()));
        assert_eq!(
            throttle.begin(&Key::new("ann@example.org", Some("10.0.0.1")), at(4)),
            Err(3)
        );
        assert_eq!(
            throttle.begin(&Key::new("ann@example.org", Some("10.0.0.2")), at(4)),
            Ok(())
        );
        throttle.forget(&key);
        assert_eq!(throttle.begin(&key, at(4)), Ok(()));
    }

    #[test]
    fn an_hour_of_rest_is_forgiven() {
        let throttle = Throttle::default();
        let key = Key::new("ann@example.org", None);
        for second in 0..4 {
            assert_eq!(throttle.begin(&key, at(second)), Ok(()));
        }
        for _ in 0..3 {
            assert_eq!(throttle.begin(&key, at(4000)), Ok(()));
        }
        assert_eq!(throttle.begin(&key, at(4000)), Err(1));
    }

    #[test]
    fn made_up_emails_do_not_fill_the_memory() {
        let throttle = Throttle::default();
        for index in 0..i64::try_from(MAX_ENTRIES + 50).expect("small") {
            let key = Key::new(&format!("u{index}@example.org"), None);
            assert_eq!(throttle.begin(&key, at(index / 100)), Ok(()));
        }
        assert!(throttle.attempts.lock().expect("lock").len() <= MAX_ENTRIES);
    }
}
