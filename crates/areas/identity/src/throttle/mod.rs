//! Slows down guessing at secrets. Failures are counted for each of what an attempt touches: the
//! account and address together, the account from anywhere, the address at any account. Beyond some
//! free failures the next attempt has to wait, twice as long each time, up to a quarter of an hour;
//! an hour without a failure is forgiven.
//!
//! - The counts stand in the database, so all nodes share them and a restart forgets nothing.
//! - An attempt counts as failed before it is made, so that a thousand at the same moment count too.
//! - Attempts that have to wait are not counted and cost no hashing. They are refused for accounts
//!   that exist and for those that do not alike.
//! - A stranger who guesses at an account from everywhere makes it wait, but not for its owner: a
//!   browser that has signed in there before holds a device cookie, and is counted by itself alone.
//!   From a new browser a link for a new password helps, which is not counted here.

mod device;
mod store;

use std::sync::OnceLock;

use axum::http::{HeaderMap, HeaderValue};
use db::UserId;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use web::App;

use crate::client::Client;
use store::Row;
pub(crate) use store::delete_rested;

/// A count that rested for this long is forgotten.
pub(crate) const FORGET_AFTER: SignedDuration = SignedDuration::from_mins(60);
const LONGEST_WAIT_S: u32 = 900;

/// Failures after which one account waits for one address or device, from all addresses, and one
/// address for all accounts.
const FREE_HERE: u32 = 3;
const FREE_PER_ACCOUNT: u32 = 20;
const FREE_PER_ADDRESS: u32 = 50;

/// One try at a secret.
#[derive(Debug)]
pub(crate) struct Attempt {
    counters: Vec<Counter>,
    /// What the counts were before they counted this attempt.
    begun: OnceLock<Begun>,
}

#[derive(Debug)]
struct Begun {
    at: Timestamp,
    before: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Counter {
    /// Keyed fingerprint of what is counted.
    subject: Vec<u8>,
    /// Failures that cost nothing.
    free: u32,
    /// Whether a success clears it. An address keeps its failures at other accounts: otherwise an own
    /// account would buy guesses at those.
    is_cleared: bool,
}

/// Why an attempt is not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Held {
    #[error("too many failed attempts; wait {0} seconds")]
    Wait(u32),
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl Attempt {
    /// At the password of whoever has this address, from here.
    pub(crate) fn sign_in(app: &App, email: &str, client: &Client, headers: &HeaderMap) -> Self {
        let email = email.trim().to_lowercase();
        if let Some(device) = device::known(app, headers, &email) {
            return Self::of(app, &[("device", &device, FREE_HERE, true)]);
        }
        let address = client.network();
        let here = format!("{email}\n{address}");
        Self::of(
            app,
            &[
                ("here", &here, FREE_HERE, true),
                ("account", &email, FREE_PER_ACCOUNT, true),
                ("address", &address, FREE_PER_ADDRESS, false),
            ],
        )
    }

    /// At a secret of somebody who is signed in already: the current password, a code. `what` keeps
    /// one kind from holding up another, or the sign-in.
    pub(crate) fn of_person(app: &App, what: &'static str, person: UserId) -> Self {
        Self::of(app, &[(what, &person.to_string(), FREE_HERE, true)])
    }

    fn of(app: &App, counted: &[(&str, &str, u32, bool)]) -> Self {
        let counters = counted
            .iter()
            .map(|(kind, value, free, is_cleared)| Counter {
                subject: keyed(app, "failed attempts", &format!("{kind}\n{value}")),
                free: *free,
                is_cleared: *is_cleared,
            })
            .collect();
        Self {
            counters,
            begun: OnceLock::new(),
        }
    }

    /// Counts the attempt as failed, or says how long to wait.
    pub(crate) async fn begin(&self, app: &App) -> Result<(), Held> {
        let now = app.clock.now();
        let forget_before = now.checked_sub(FORGET_AFTER).unwrap_or(now);
        let subjects: Vec<Vec<u8>> = self.subjects(|_| true);
        let mut tx = app.db.system("count a try at a secret").await?;
        let rows = store::lock(&mut tx, &subjects, now).await?;
        let left_s = rows.iter().filter_map(|row| {
            let counter = self.counters.iter().find(|c| c.subject == row.subject)?;
            let is_forgiven = row.last_at <= forget_before;
            let failures = if is_forgiven { 0 } else { row.failures };
            left_s(wait_s(failures, counter.free), row.last_at, now)
        });
        if let Some(seconds) = left_s.max() {
            return Err(Held::Wait(seconds));
        }
        store::count(&mut tx, &subjects, now, forget_before).await?;
        tx.commit().await?;
        self.begun.get_or_init(|| Begun {
            at: now,
            before: rows,
        });
        Ok(())
    }

    /// The attempt was right: what it counted is taken back.
    pub(crate) async fn succeed(&self, app: &App) -> Result<(), db::Error> {
        let mut tx = app.db.system("forget failed tries at a secret").await?;
        store::delete(&mut tx, &self.subjects(|counter| counter.is_cleared)).await?;
        // A success is no failure: what stays goes on resting from the last failure on.
        if let Some(begun) = self.begun.get() {
            for subject in self.subjects(|counter| !counter.is_cleared) {
                if let Some(row) = begun.before.iter().find(|row| row.subject == subject) {
                    store::take_back(&mut tx, row, begun.at).await?;
                }
            }
        }
        tx.commit().await
    }

    fn subjects(&self, of: impl Fn(&Counter) -> bool) -> Vec<Vec<u8>> {
        self.counters
            .iter()
            .filter(|counter| of(counter))
            .map(|counter| counter.subject.clone())
            .collect()
    }
}

/// The cookie by which a browser is known to an account after a sign-in.
pub(crate) fn device_cookie(app: &App, email: &str) -> Option<HeaderValue> {
    device::cookie(app, &email.trim().to_lowercase())
}

fn wait_s(failures: u32, free: u32) -> u32 {
    match failures.checked_sub(free) {
        None => 0,
        Some(beyond) => 2_u32.saturating_pow(beyond).min(LONGEST_WAIT_S),
    }
}

fn left_s(wait_s: u32, last_at: Timestamp, now: Timestamp) -> Option<u32> {
    let wait = SignedDuration::from_secs(i64::from(wait_s));
    let left = wait.saturating_sub(now.duration_since(last_at));
    (left > SignedDuration::ZERO).then(|| left.as_secs_f64().ceil() as u32)
}

/// A fingerprint under the key of the instance, apart from every other use of that key.
fn keyed(app: &App, purpose: &str, value: &str) -> Vec<u8> {
    // The key is made for its purpose by hashing: the tokens against forgery are an HMAC under the bare
    // key over a cookie that anybody can choose, so an HMAC would let visitors have such keys made.
    let key = crate::secret::hash_of(&[purpose.as_bytes(), &[0], &app.csrf_key]);
    // HMAC accepts keys of any length, so this cannot fail.
    Hmac::<Sha256>::new_from_slice(&key).map_or_else(
        |_| key.to_vec(),
        |mut mac| {
            mac.update(value.as_bytes());
            mac.finalize().into_bytes().to_vec()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let waits: Vec<u32> = (0..8).map(|failures| wait_s(failures, 3)).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16]);
        assert_eq!(wait_s(13, 3), 900);
        assert_eq!(wait_s(u32::MAX, 3), 900);
    }

    #[test]
    fn what_is_left_is_rounded_up() {
        let at = |ms: i64| Timestamp::from_millisecond(1_800_000_000_000 + ms).expect("instant");
        assert_eq!(left_s(2, at(0), at(0)), Some(2));
        assert_eq!(left_s(2, at(0), at(1)), Some(2));
        assert_eq!(left_s(2, at(0), at(1001)), Some(1));
        assert_eq!(left_s(2, at(0), at(2000)), None);
        assert_eq!(left_s(0, at(0), at(0)), None);
    }
}
