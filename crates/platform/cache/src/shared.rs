//! The way to Redis: taken when it is there, watched for while it is not.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, RedisError, RedisResult, aio::MultiplexedConnection, cmd,
};
use tokio_util::task::TaskTracker;

use crate::{CacheError, Inner, locked};

/// A Redis that takes longer to answer is of no use to a request that waits.
const ANSWER_WITHIN: Duration = Duration::from_millis(250);
const CONNECT_WITHIN: Duration = Duration::from_millis(500);
/// How often a lost Redis is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Removals remembered while it is away; more are left to their lifetimes.
const MOST_REMOVALS: usize = 50_000;

#[derive(Debug)]
pub(crate) struct Shared {
    client: Client,
    state: Mutex<State>,
    watching: TaskTracker,
}

#[derive(Default)]
struct State {
    link: Option<MultiplexedConnection>,
    /// Somebody looks for it already.
    is_watched: bool,
    /// What has to go before it is asked again.
    removed: BTreeSet<String>,
    /// Who has to leave which set.
    left: BTreeSet<(String, String)>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("is_up", &self.link.is_some())
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(url: &str) -> Result<Self, CacheError> {
        Ok(Self {
            client: Client::open(url).map_err(|_| CacheError::Url)?,
            state: Mutex::default(),
            watching: TaskTracker::new(),
        })
    }

    pub(crate) fn link(&self) -> Option<MultiplexedConnection> {
        locked(&self.state).link.clone()
    }

    /// Removes it before Redis is asked again.
    pub(crate) fn forget_later(&self, key: String) {
        let mut state = locked(&self.state);
        if state.removed.len() < MOST_REMOVALS {
            state.removed.insert(key);
        }
    }

    /// The same of a member of a set.
    pub(crate) fn leave_later(&self, key: String, member: String) {
        let mut state = locked(&self.state);
        if state.left.len() < MOST_REMOVALS {
            state.left.insert((key, member));
        }
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN));
        let mut link = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        cmd("PING").query_async::<()>(&mut link).await?;
        Ok(link)
    }
}

/// Looks for Redis once, and goes on looking beside everything else when it is not there.
pub(crate) async fn connect_first(inner: &Arc<Inner>) {
    let Some(shared) = &inner.shared else { return };
    metrics::gauge!("bursar_cache_redis_up").set(0.0);
    let outcome = match shared.connect().await {
        Ok(link) => come_back(inner, link).await,
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        lost(inner, &error);
    }
}

/// What an error means: that this request went wrong, or that Redis is away.
pub(crate) fn failed(inner: &Arc<Inner>, error: &RedisError) {
    let is_away = error.is_io_error() || error.is_timeout() || error.is_connection_dropped();
    metrics::counter!("bursar_cache_redis_errors_total").increment(1);
    if is_away {
        lost(inner, error);
    } else {
        tracing::debug!(%error, "Redis refused; this is kept in process");
    }
}

fn lost(inner: &Arc<Inner>, error: &RedisError) {
    let Some(shared) = &inner.shared else { return };
    {
        let mut state = locked(&shared.state);
        state.link = None;
        if state.is_watched {
            return;
        }
        state.is_watched = true;
    }
    metrics::gauge!("bursar_cache_redis_up").set(0.0);
    tracing::warn!(%error, "Redis does not answer; this process keeps and counts by itself until it does");
    shared.watching.spawn(watch(Arc::downgrade(inner)));
}

/// Ends when Redis is back, or when nobody needs it any more.
async fn watch(inner: Weak<Inner>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(inner) = inner.upgrade() else { return };
        let Some(shared) = &inner.shared else { return };
        let Ok(link) = shared.connect().await else {
            continue;
        };
        if come_back(&inner, link).await.is_ok() {
            tracing::info!("Redis answers again");
            return;
        }
    }
}

/// Brings Redis up to what happened without it, and asks it from now on.
async fn come_back(inner: &Inner, mut link: MultiplexedConnection) -> RedisResult<()> {
    let Some(shared) = &inner.shared else {
        return Ok(());
    };
    loop {
        let (removed, left) = {
            let mut state = locked(&shared.state);
            if state.removed.is_empty() && state.left.is_empty() {
                state.is_watched = false;
                state.link = Some(link.clone());
                break;
            }
            (
                std::mem::take(&mut state.removed),
                std::mem::take(&mut state.left),
            )
        };
        let mut all = redis::pipe();
        for key in &removed {
            all.del(key).ignore();
        }
        for (key, member) in &left {
            all.srem(key, member).ignore();
        }
        if let Err(error) = all.query_async::<()>(&mut link).await {
            let mut state = locked(&shared.state);
            state.removed.extend(removed);
            state.left.extend(left);
            return Err(error);
        }
    }
    metrics::gauge!("bursar_cache_redis_up").set(1.0);
    // Older than what Redis will say; only who follows what is known to nobody else.
    for (key, members) in inner.local.clear() {
        let mut add = cmd("SADD");
        add.arg(&key).arg(members);
        add.query_async::<()>(&mut link).await?;
    }
    Ok(())
}
