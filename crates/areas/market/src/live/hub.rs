use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use cache::Cache;
use db::{Clock, Db, UserId};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use web::App;

use super::{
    announcing::announce,
    followers::Followers,
    mailbox::{Mailbox, Tick, lock},
};
use crate::{
    InstrumentId,
    quotes::{self, CHANNEL, MOST_SYMBOLS, Quote, Wanted, store},
};

/// Streams that one person may hold open on one node.
pub const MOST_STREAMS: usize = 20;
/// How often the table is looked at without having been told.
pub(super) const POLL: Duration = Duration::from_secs(2);
/// Quotes that are read at once.
const BATCH: i64 = 5_000;

/// Hands the prices of this node to those who follow them. Clones are the same hub; it begins to work when
/// the first reader comes.
#[derive(Clone)]
pub struct Hub(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) cache: Cache,
    stop: CancellationToken,
    pub(super) state: Mutex<State>,
    wake: Notify,
    /// There is something to say about followers.
    pub(super) changed: Notify,
    /// Whether the hub knows from where it reads on.
    is_ready: watch::Sender<bool>,
    tasks: TaskTracker,
}

#[derive(Default)]
pub(super) struct State {
    is_working: bool,
    next_id: u64,
    pub(super) readers: HashMap<u64, Arc<Mailbox>>,
    pub(super) by_instrument: HashMap<InstrumentId, HashSet<u64>>,
    pub(super) followers: Followers,
}

/// What became of a wish to follow.
pub(crate) struct Followed {
    /// What is followed now, with the symbols.
    pub(crate) found: Vec<(InstrumentId, String)>,
    /// What was found and is beyond what one connection may follow.
    pub(crate) left_out: Vec<(InstrumentId, String)>,
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

impl Followed {
    /// How a reader is told of it.
    pub(crate) fn about(&self, wanted: &Wanted) -> Value {
        let all: Vec<_> = self.found.iter().chain(&self.left_out).cloned().collect();
        let mut symbols: Vec<&String> = self.found.iter().map(|(_, symbol)| symbol).collect();
        symbols.dedup();
        let left_out = self.left_out.iter();
        let left_out: Vec<Value> = left_out
            .map(|(id, symbol)| json!({"instrument_id": id, "symbol": symbol}))
            .collect();
        json!({"symbols": symbols, "unknown": wanted.unknown(&all), "left_out": left_out})
    }
}

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
            changed: Notify::new(),
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
            self.0.tasks.spawn(announce(inner.clone(), stop.clone()));
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
            {
                let mut state = lock(&self.0.state);
                for quote in &quotes {
                    state.followers.outdate(&quote.symbol);
                }
            }
            self.0.changed.notify_one();
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
        tokio::select! {
            () = hub.0.wake.notified() => {}
            () = sleep(POLL) => {}
            () = stop.cancelled() => {
                lock(&hub.0.state).readers.clear();
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
    pub(crate) async fn follow(&self, wanted: &Wanted, seen: Option<i64>) -> db::Result<Followed> {
        let Inner { db, state, .. } = &*self.hub.0;
        // What changes after the hub began to read and before its readers did would be lost otherwise.
        let mut ready = self.hub.0.is_ready.subscribe();
        _ = timeout(POLL, ready.wait_for(|is_ready| *is_ready)).await;
        let mut tx = db.read(self.mailbox.user).await?;
        let followed = self.choose(store::find(tx.conn(), wanted).await?);
        let Followed { found, .. } = &followed;
        // First a place, then what is there: what changes in between comes by either way.
        let new = self.mailbox.follow(found);
        {
            let mut state = lock(state);
            for (id, symbol) in &new {
                state.by_instrument.entry(*id).or_default().insert(self.id);
                state.followers.join(symbol, self.mailbox.user);
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
        self.hub.0.changed.notify_one();
        Ok(followed)
    }

    /// What is followed already, and of the rest as much as there is room for.
    fn choose(&self, all: Vec<(InstrumentId, String)>) -> Followed {
        let known = self.mailbox.followed();
        let mut room = MOST_SYMBOLS.saturating_sub(known.len());
        let (found, left_out) = all.into_iter().partition(|(id, _)| {
            let is_known = known.contains_key(id);
            if !is_known && room > 0 {
                room -= 1;
                return true;
            }
            is_known
        });
        Followed { found, left_out }
    }

    /// Follows them no longer.
    pub(crate) fn leave(&self, wanted: &Wanted) {
        for (id, symbol) in self.mailbox.followed() {
            if wanted.symbols.contains(&symbol) || wanted.ids.contains(&id) {
                self.mailbox.leave(id);
                let mut state = lock(&self.hub.0.state);
                forget(&mut state, self.id, id);
                state.followers.leave(&symbol, self.mailbox.user);
            }
        }
        self.hub.0.changed.notify_one();
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
        for (id, symbol) in self.mailbox.followed() {
            forget(&mut state, self.id, id);
            state.followers.leave(&symbol, self.mailbox.user);
        }
        metrics::gauge!("bursar_live_readers").set(state.readers.len() as f64);
        drop(state);
        self.hub.0.changed.notify_one();
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
