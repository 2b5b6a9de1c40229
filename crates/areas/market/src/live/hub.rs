use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, Weak},
    time::{Duration, Instant},
};

use cache::Cache;
use db::{Clock, Db, UserId};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use web::App;

use super::mailbox::{Mailbox, Tick, lock};
use crate::{
    InstrumentId, interests,
    quotes::{self, CHANNEL, MOST_SYMBOLS, Quote, Wanted, store},
};

/// Streams that one person may hold open on one node.
pub const MOST_STREAMS: usize = 20;
/// How often the table is looked at without having been told.
const POLL: Duration = Duration::from_secs(2);
/// How often it is said which instruments are watched.
const TELL_EVERY: Duration = Duration::from_mins(1);
/// Quotes that are read at once.
const BATCH: i64 = 5_000;

/// Hands the prices of this node to those who follow them. Clones are the same hub; it begins to work when
/// the first reader comes.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    cache: Cache,
    stop: CancellationToken,
    state: Mutex<State>,
    wake: Notify,
    /// Whether the hub knows from where it reads on.
    is_ready: watch::Sender<bool>,
    tasks: TaskTracker,
}

#[derive(Default)]
struct State {
    is_working: bool,
    next_id: u64,
    readers: HashMap<u64, Arc<Mailbox>>,
    by_instrument: HashMap<InstrumentId, HashSet<u64>>,
}

/// A reader's place at the hub, given back when dropped.
pub(crate) struct Subscription {
    hub: Hub,
    id: u64,
    mailbox: Arc<Mailbox>,
}

/// The person holds as many streams as one may.
#[derive(Debug)]
pub(crate) struct TooManyStreams;

impl Hub {
    /// A hub for the node that this is.
    pub fn new(app: &App) -> Self {
        Self(Arc::new(Inner {
            db: app.db.clone(),
            clock: app.clock.clone(),
            cache: app.cache.clone(),
            stop: app.stop.clone(),
            state: Mutex::default(),
            wake: Notify::new(),
            is_ready: watch::Sender::new(false),
            tasks: TaskTracker::new(),
        }))
    }

    /// Ends when the server does.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    pub(crate) fn open(&self, user: UserId) -> Result<Subscription, TooManyStreams> {
        let mailbox = Arc::new(Mailbox::new(user));
        let mut state = lock(&self.0.state);
        let held = state.readers.values().filter(|m| m.user == user).count();
        if held >= MOST_STREAMS {
            return Err(TooManyStreams);
        }
        let id = state.next_id;
        state.next_id += 1;
        state.readers.insert(id, mailbox.clone());
        metrics::gauge!("bursar_live_readers").set(state.readers.len() as f64);
        if !state.is_working {
            state.is_working = true;
            let inner = Arc::downgrade(&self.0);
            let (db, stop) = (self.0.db.clone(), self.0.stop.clone());
            self.0.tasks.spawn(work(inner.clone(), stop.clone()));
            self.0.tasks.spawn(listen(inner, db, stop));
        }
        drop(state);
        Ok(Subscription {
            hub: self.clone(),
            id,
            mailbox,
        })
    }

    fn hand_out(&self, quotes: &[Quote]) {
        let state = lock(&self.0.state);
        for quote in quotes {
            let Some(readers) = state.by_instrument.get(&quote.instrument_id) else {
                continue;
            };
            let Some(tick) = Tick::new(quote) else {
                continue;
            };
            for mailbox in readers.iter().filter_map(|id| state.readers.get(id)) {
                mailbox.put(&tick);
            }
        }
    }

    /// Who follows which symbol on this node.
    fn following(&self) -> BTreeSet<(String, String)> {
        let readers: Vec<Arc<Mailbox>> = lock(&self.0.state).readers.values().cloned().collect();
        let mut following = BTreeSet::new();
        for mailbox in readers {
            let user = mailbox.user.to_string();
            for symbol in mailbox.followed().into_values() {
                following.insert((symbol, user.clone()));
            }
        }
        following
    }

    /// Keeps the sets of followers that all nodes share up to date.
    async fn announce(&self, announced: &mut BTreeSet<(String, String)>) {
        let following = self.following();
        for (symbol, user) in following.difference(announced) {
            self.0.cache.subscribe(symbol, user).await;
        }
        for (symbol, user) in announced.difference(&following) {
            self.0.cache.unsubscribe(symbol, user).await;
        }
        *announced = following;
    }

    /// Says which instruments are watched on this node, so that their quotes are fetched.
    async fn tell_watched(&self) -> db::Result<()> {
        let ids: Vec<InstrumentId> = lock(&self.0.state).by_instrument.keys().copied().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.db.system("say what is watched").await?;
        let now = self.0.clock.now();
        interests::state(&mut tx, interests::Reason::Watched, &ids, now).await?;
        tx.commit().await
    }

    /// Reads what is newer than the sequence, and hands it out.
    async fn read_on(&self, last: &mut i64) -> db::Result<()> {
        loop {
            let mut tx = self.0.db.system("hand out quotes").await?;
            let quotes = store::list_newer(tx.conn(), *last, BATCH).await?;
            drop(tx);
            let Some(newest) = quotes.last() else {
                return Ok(());
            };
            *last = newest.sequence;
            self.hand_out(&quotes);
            metrics::counter!("bursar_live_quotes_total").increment(quotes.len() as u64);
            for quote in &quotes {
                // Kept quotes of a symbol may be of several exchanges: they are read anew when asked for.
                self.0.cache.forget(cache::QUOTE, &quote.symbol).await;
            }
            if (quotes.len() as i64) < BATCH {
                return Ok(());
            }
        }
    }

    async fn last_sequence(&self) -> db::Result<i64> {
        let mut tx = self.0.db.system("begin to hand out quotes").await?;
        store::last_sequence(tx.conn()).await
    }
}

/// Reads on whenever it is woken, and from time to time.
async fn work(inner: Weak<Inner>, stop: CancellationToken) {
    let mut last = None;
    let mut announced = BTreeSet::new();
    let mut told: Option<(Instant, usize)> = None;
    loop {
        let Some(hub) = inner.upgrade().map(Hub) else {
            return;
        };
        let read = match last {
            Some(mut seen) => {
                let read = hub.read_on(&mut seen).await;
                last = Some(seen);
                read
            }
            None => hub.last_sequence().await.map(|found| {
                last = Some(found);
                hub.0.is_ready.send_replace(true);
            }),
        };
        if let Err(error) = read {
            tracing::debug!(%error, "quotes are not handed out; trying again");
        }
        hub.announce(&mut announced).await;
        // At once when somebody else is followed, and again before it lapses.
        let is_told =
            told.is_some_and(|(at, number)| at.elapsed() < TELL_EVERY && number == announced.len());
        if !is_told {
            told = Some((Instant::now(), announced.len()));
            if let Err(error) = hub.tell_watched().await {
                tracing::debug!(%error, "what is watched is not said; trying again in a minute");
            }
        }
        tokio::select! {
            () = hub.0.wake.notified() => {}
            () = sleep(POLL) => {}
            () = stop.cancelled() => {
                lock(&hub.0.state).readers.clear();
                hub.announce(&mut announced).await;
                return;
            }
        }
    }
}

/// Turns notifications into wake-ups. What is missed while the connection is made again is found by the poll.
async fn listen(inner: Weak<Inner>, db: Db, stop: CancellationToken) {
    let wake = || inner.upgrade().map(|inner| inner.wake.notify_one());
    loop {
        let listening = async {
            match db.listen(&[CHANNEL]).await {
                Ok(mut listener) => {
                    wake();
                    while listener.recv().await.is_ok() {
                        wake();
                    }
                }
                Err(error) => tracing::debug!(%error, "quotes are found by polling alone"),
            }
            sleep(POLL).await;
        };
        tokio::select! {
            () = listening => {}
            () = stop.cancelled() => return,
        }
        if wake().is_none() {
            return;
        }
    }
}

impl Subscription {
    /// Follows what is wanted, and returns what was found. The present quotes come first, unless they are not
    /// newer than the sequence that was seen last.
    pub(crate) async fn follow(
        &self,
        wanted: &Wanted,
        seen: Option<i64>,
    ) -> db::Result<Vec<(InstrumentId, String)>> {
        let Inner { db, state, .. } = &*self.hub.0;
        // What changes after the hub began to read and before its readers did would be lost otherwise.
        let mut ready = self.hub.0.is_ready.subscribe();
        _ = timeout(POLL, ready.wait_for(|is_ready| *is_ready)).await;
        let mut tx = db.read(self.mailbox.user).await?;
        let mut found = store::find(tx.conn(), wanted).await?;
        let room = MOST_SYMBOLS.saturating_sub(self.mailbox.followed().len());
        found.truncate(room);
        // First a place, then what is there: what changes in between comes by either way.
        self.mailbox.follow(&found);
        {
            let mut state = lock(state);
            for (id, _) in &found {
                state.by_instrument.entry(*id).or_default().insert(self.id);
            }
        }
        let ids: Vec<InstrumentId> = found.iter().map(|(id, _)| *id).collect();
        for quote in quotes::latest(tx.conn(), &ids).await? {
            if seen.is_none_or(|seen| quote.sequence > seen)
                && let Some(tick) = Tick::new(&quote)
            {
                self.mailbox.put(&tick);
            }
        }
        self.hub.0.wake.notify_one();
        Ok(found)
    }

    /// Follows them no longer.
    pub(crate) fn leave(&self, wanted: &Wanted) {
        for (id, symbol) in self.mailbox.followed() {
            if wanted.symbols.contains(&symbol) || wanted.ids.contains(&id) {
                self.mailbox.leave(id);
                forget(&mut lock(&self.hub.0.state), self.id, id);
            }
        }
        self.hub.0.wake.notify_one();
    }

    /// What came, the latest of each instrument; waits for something to come.
    pub(crate) async fn next(&self) -> Vec<Arc<Tick>> {
        self.mailbox.take().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = lock(&self.hub.0.state);
        state.readers.remove(&self.id);
        for (id, _) in self.mailbox.followed() {
            forget(&mut state, self.id, id);
        }
        metrics::gauge!("bursar_live_readers").set(state.readers.len() as f64);
        drop(state);
        self.hub.0.wake.notify_one();
    }
}

fn forget(state: &mut State, reader: u64, id: InstrumentId) {
    if let Some(readers) = state.by_instrument.get_mut(&id) {
        readers.remove(&reader);
        if readers.is_empty() {
            state.by_instrument.remove(&id);
        }
    }
}
