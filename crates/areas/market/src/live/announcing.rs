//! What the other nodes and the fetching of quotes are told about those who follow prices here. It has a task
//! of its own, so that no price waits for Redis.

use std::{
    cmp::Reverse,
    sync::Weak,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    followers::News,
    hub::{Hub, Inner, POLL, State},
    mailbox::lock,
};
use crate::{
    InstrumentId,
    interests::{self, Reason},
};

/// How often everything is said again: well before it lapses.
const SAY_EVERY: Duration = Duration::from_mins(1);
/// Of what stands in lists on one node the prices of so many are fetched, those with most readers first: sources have
/// limits, and what is held comes before.
const MOST_SHOWN: usize = 500;

/// Says what has changed whenever something has, and everything from time to time.
pub(super) async fn announce(inner: Weak<Inner>, stop: CancellationToken) {
    let mut said: Option<Instant> = None;
    loop {
        let Some(hub) = inner.upgrade().map(Hub) else {
            return;
        };
        let news = lock(&hub.0.state).followers.news();
        let is_due = said.is_none_or(|at| at.elapsed() >= SAY_EVERY);
        hub.say(&news).await;
        if (is_due || !news.joined.is_empty())
            && let Err(error) = hub.say_watched().await
        {
            tracing::debug!(%error, "what is watched is not said; trying again in a minute");
        }
        if is_due {
            said = Some(Instant::now());
            hub.0.cache.renew_node().await;
            // A Redis that has lost what it held is told everything.
            let all = lock(&hub.0.state).followers.all();
            hub.0.cache.subscribe(&all).await;
        }
        tokio::select! {
            () = hub.0.changed.notified() => {}
            () = sleep(POLL) => {}
            () = stop.cancelled() => {
                let all = lock(&hub.0.state).followers.all();
                hub.0.cache.unsubscribe(&all).await;
                return;
            }
        }
    }
}

impl Hub {
    async fn say(&self, news: &News) {
        let cache = &self.0.cache;
        // Kept quotes of a symbol may be of several exchanges: they are read anew when asked for.
        cache.forget_all(cache::QUOTE, &news.outdated).await;
        cache.subscribe(&news.joined).await;
        cache.unsubscribe(&news.left).await;
    }

    /// Says which instruments are watched on this node and which are shown, so that they are fetched.
    async fn say_watched(&self) -> db::Result<()> {
        let (watched, shown) = lock(&self.0.state).watched_and_shown();
        if watched.is_empty() && shown.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.db.system("say what is watched").await?;
        let now = self.0.clock.now();
        interests::state(&mut tx, Reason::Watched, &watched, now).await?;
        interests::state(&mut tx, Reason::Shown, &shown, now).await?;
        tx.commit().await
    }
}

impl State {
    /// What a reader follows alone is watched; what is only followed together with others is shown.
    fn watched_and_shown(&self) -> (Vec<InstrumentId>, Vec<InstrumentId>) {
        let is_alone = |reader: &u64| {
            let mailbox = self.readers.get(reader);
            mailbox.is_some_and(|mailbox| mailbox.follows_one())
        };
        let (watched, mut shown): (Vec<_>, Vec<_>) = self
            .by_instrument
            .iter()
            .partition(|(_, readers)| readers.iter().any(is_alone));
        shown.sort_by_key(|(id, readers)| (Reverse(readers.len()), **id));
        shown.truncate(MOST_SHOWN);
        let ids = |of: Vec<(&InstrumentId, _)>| of.into_iter().map(|(id, _)| *id).collect();
        (ids(watched), ids(shown))
    }
}
