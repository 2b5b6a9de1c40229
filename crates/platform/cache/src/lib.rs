//! What is kept for a while: in this process or, when several nodes share a Redis, there.
//!
//! ```text
//! let cache = Cache::default();                                  // in process
//! let cache = Cache::shared("redis://cache.example/0").await?;   // in Redis
//! cache.put(QUOTE, "ACME", &["101.5", "1.5", "1.5", "900", at]).await;
//! ```
//!
//! Nothing here is the truth: whatever is kept can be made anew from the database. So no call fails. As
//! long as Redis does not answer, everything is kept in process; that is logged once, shown by the gauge
//! `bursar_cache_redis_up`, and ends by itself when Redis is back. What was forgotten meanwhile is
//! forgotten there too before it is asked again.
#![warn(missing_docs)]

mod followers;
mod kinds;
mod local;
mod sessions;
mod shared;

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use redis::{Script, aio::MultiplexedConnection, cmd};

pub use followers::NODE_LIVES;
pub use kinds::{ANALYSIS, HashKind, PORTFOLIO, QUOTE, RATE_WINDOW, SESSION};
pub use sessions::Session;

use self::{followers::Node, kinds::rate_limit, local::Local, shared::Shared};

/// Counts one more and tells when the window ends; the first one begins it.
const COUNT: &str = "local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}";

/// Keys that one message to Redis names.
const MOST_AT_ONCE: usize = 1_000;

/// The cache of this process, or its way to the shared one. Cheap to clone; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Cache(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    node: Node,
    local: Local,
    shared: Option<Shared>,
}

/// How often something was counted in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// This time included.
    pub count: u64,
    /// Until counting begins anew.
    pub resets_in: Duration,
}

/// Why there is no shared cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The text is no address of a Redis. It is not repeated, since it may hold a password.
    #[error(
        "BURSAR_REDIS_URL is not the address of a Redis: redis://[:password@]host:6379/0, or \
         unix:///path/to/socket"
    )]
    Url,
}

impl Cache {
    /// A cache in the Redis at this address, whether or not it answers yet.
    pub async fn shared(url: &str) -> Result<Self, CacheError> {
        let shared = Shared::new(url)?;
        let cache = Self(Arc::new(Inner {
            node: Node::default(),
            local: Local::default(),
            shared: Some(shared),
        }));
        shared::connect_first(&cache.0).await;
        Ok(cache)
    }

    /// Whether Redis was there when it was asked last.
    pub fn is_shared(&self) -> bool {
        self.0
            .shared
            .as_ref()
            .is_some_and(|shared| shared.link().is_some())
    }

    /// Keeps the values of the kind's fields, in their order, for its lifetime, in place of former ones.
    pub async fn put(&self, kind: HashKind, name: &str, values: &[&str]) {
        let key = kind.key(name);
        let pairs: Vec<(&str, &str)> = kind
            .fields
            .iter()
            .copied()
            .zip(values.iter().copied())
            .collect();
        let lifetime_ms = kind.lifetime.as_millis() as i64;
        let stored = self.ask(async |mut redis| {
            redis::pipe()
                .atomic()
                .del(&key)
                .ignore()
                .hset_multiple(&key, &pairs)
                .ignore()
                .pexpire(&key, lifetime_ms)
                .ignore()
                .query_async::<()>(&mut redis)
                .await
        });
        if stored.await.is_none() {
            self.0.local.put(key, values, kind.lifetime).await;
        }
    }

    /// The values that were kept, in the order of the kind's fields.
    pub async fn get(&self, kind: HashKind, name: &str) -> Option<Vec<String>> {
        let key = kind.key(name);
        let asked = self.ask(async |mut redis| {
            cmd("HMGET")
                .arg(&key)
                .arg(kind.fields)
                .query_async::<Vec<Option<String>>>(&mut redis)
                .await
        });
        let found = match asked.await {
            // Whatever lacks a field was not kept by this program.
            Some(values) => values.into_iter().collect::<Option<Vec<String>>>(),
            None => self.0.local.get(&key).await,
        };
        let outcome = if found.is_some() { "hit" } else { "miss" };
        metrics::counter!("bursar_cache_requests_total", "kind" => kind.prefix, "outcome" => outcome)
            .increment(1);
        found
    }

    /// Keeps it no longer.
    pub async fn forget(&self, kind: HashKind, name: &str) {
        self.forget_all(kind, std::slice::from_ref(&name)).await;
    }

    /// Keeps none of them any longer; asked of Redis at once.
    pub async fn forget_all(&self, kind: HashKind, names: &[impl AsRef<str>]) {
        let keys: Vec<String> = names.iter().map(|name| kind.key(name.as_ref())).collect();
        for key in &keys {
            self.0.local.remove(key).await;
        }
        let Some(shared) = &self.0.shared else {
            return;
        };
        for keys in keys.chunks(MOST_AT_ONCE) {
            let removed = self
                .ask(async |mut redis| cmd("DEL").arg(keys).query_async::<()>(&mut redis).await);
            if removed.await.is_none() {
                for key in keys {
                    shared.forget_later(key.clone());
                }
            }
        }
    }

    /// Counts one more of what somebody does at one place within a minute.
    pub async fn count(&self, who: &str, endpoint: &str) -> Counted {
        match self.count_shared(who, endpoint).await {
            Some(counted) => counted,
            None => self.0.local.count(rate_limit(who, endpoint)).await,
        }
    }

    /// The same over all nodes; `None` where each has to count for itself.
    pub async fn count_shared(&self, who: &str, endpoint: &str) -> Option<Counted> {
        let key = rate_limit(who, endpoint);
        let (count, left_ms) = self
            .ask(async |mut redis| {
                Script::new(COUNT)
                    .key(&key)
                    .arg(RATE_WINDOW.as_millis() as i64)
                    .invoke_async::<(u64, i64)>(&mut redis)
                    .await
            })
            .await?;
        Some(Counted {
            count,
            resets_in: Duration::from_millis(left_ms.max(0) as u64),
        })
    }

    /// Asks Redis, when there is one that answers.
    async fn ask<T>(
        &self,
        work: impl AsyncFnOnce(MultiplexedConnection) -> redis::RedisResult<T>,
    ) -> Option<T> {
        let link = self.0.shared.as_ref()?.link()?;
        match work(link).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                shared::failed(&self.0, &error);
                None
            }
        }
    }
}

/// A lock whose holder panicked still guards what it guards.
fn locked<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
