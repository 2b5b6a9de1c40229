//! A server that answers in turn with what it was told, and remembers what it was asked.

#![expect(
    clippy::unwrap_used,
    reason = "a server that cannot begin fails its test"
)]

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request as Asked, State},
    http::{Response, header},
};
use jiff::{Timestamp, civil::Date};
use outbound::Policy;
use sources::{
    Ask, Breaker, FetchError, Fetched, Options, Outcome, Payload, ProviderId, Request, Retry,
    Sources,
};
use tokio::{net::TcpListener, task::JoinSet};

/// An answer to come.
#[derive(Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_cut: bool,
    pub(crate) after: Duration,
}

pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
    status(200, body)
}

pub(crate) fn status(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status,
        body: body.into(),
        ..Reply::default()
    }
}

type Answers = Arc<dyn Fn(&str) -> Reply + Send + Sync>;

#[derive(Clone, Default)]
struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    /// In place of replies in turn.
    answers: Option<Answers>,
    asked: Arc<Mutex<Vec<String>>>,
}

pub(crate) struct Server {
    script: Script,
    pub(crate) sources: Sources,
    breakers: Mutex<BTreeMap<ProviderId, Breaker>>,
    sent: AtomicU32,
    _task: JoinSet<()>,
}

/// A Sunday, 02:00 UTC.
pub(crate) const NOW: &str = "2026-11-22T02:00:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn ask(key: Option<&str>) -> Ask<'_> {
    Ask {
        now: now(),
        key,
        known: None,
        limit: None,
        breaker: Breaker::default(),
        budget: None,
    }
}

impl Server {
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with(replies, |_, _| ()).await
    }

    /// A server that answers by what it is asked.
    pub(crate) async fn answering(answers: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let script = Script {
            answers: Some(Arc::new(answers)),
            ..Script::default()
        };
        Self::of(script, |_, _| ()).await
    }

    /// The last reply is given again and again.
    pub(crate) async fn with(
        replies: impl IntoIterator<Item = Reply>,
        change: impl FnOnce(&mut Options, &mut Policy),
    ) -> Self {
        let script = Script {
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            ..Script::default()
        };
        Self::of(script, change).await
    }

    async fn of(script: Script, change: impl FnOnce(&mut Options, &mut Policy)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(script.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let addresses: BTreeMap<_, _> = ProviderId::ALL.map(|id| (id, address.clone())).into();
        let mut options = Options {
            addresses,
            contact: Some("ops@example.org".to_owned()),
            folder: None,
            retry: Retry {
                tries: 3,
                base: Duration::from_millis(2),
                longest: Duration::from_millis(1_500),
            },
        };
        let mut policy = Policy {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            answer_within: Duration::from_secs(2),
            ..Policy::default()
        };
        change(&mut options, &mut policy);
        let sources = Sources::new(&options, policy).unwrap();
        Self {
            script,
            sources,
            breakers: Mutex::default(),
            sent: AtomicU32::default(),
            _task: task,
        }
    }

    /// Path, query and headers of all requests, one text each.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.script.asked.lock().unwrap().clone()
    }

    /// Requests that were sent, as the sources count them.
    pub(crate) fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) async fn fetch(
        &self,
        provider: ProviderId,
        request: &Request,
    ) -> Result<Fetched, FetchError> {
        match self.ask(provider, request, &ask(Some("k3y"))).await? {
            Outcome::Fetched(fetched) => Ok(fetched),
            Outcome::NotModified => panic!("nothing was known before"),
        }
    }

    /// Asks with a breaker that remembers what was asked before, as whoever asks keeps it.
    pub(crate) async fn ask(
        &self,
        provider: ProviderId,
        request: &Request,
        ask: &Ask<'_>,
    ) -> Result<Outcome, FetchError> {
        let breaker = {
            let mut breakers = self.breakers.lock().unwrap();
            let breaker = breakers.entry(provider).or_default();
            if let Err(until) = breaker.admit(ask.now) {
                return Err(FetchError::Open { provider, until });
            }
            *breaker
        };
        let admitted = Ask {
            breaker,
            ..ask.clone()
        };
        let asked = self.sources.fetch(provider, request, &admitted).await;
        self.sent.fetch_add(asked.sent, Ordering::Relaxed);
        let mut breakers = self.breakers.lock().unwrap();
        breakers
            .entry(provider)
            .or_default()
            .learn(&breaker, &asked.signs);
        asked.result
    }

    pub(crate) fn breaker(&self, provider: ProviderId) -> Breaker {
        *self.breakers.lock().unwrap().entry(provider).or_default()
    }

    pub(crate) fn set_breaker(&self, provider: ProviderId, breaker: Breaker) {
        self.breakers.lock().unwrap().insert(provider, breaker);
    }

    pub(crate) async fn payload(&self, provider: ProviderId, request: &Request) -> Payload {
        match self.fetch(provider, request).await {
            Ok(fetched) => fetched.payload,
            Err(error) => panic!("{provider}: {error}"),
        }
    }
}

async fn answer(State(script): State<Script>, asked: Asked) -> Response<Body> {
    let headers: Vec<_> = asked
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("")))
        .collect();
    let told = format!("{} | {}", asked.uri(), headers.join(" | "));
    script.asked.lock().unwrap().push(told.clone());
    let reply = if let Some(answers) = &script.answers {
        answers(&told)
    } else {
        let mut replies = script.replies.lock().unwrap();
        if replies.len() > 1 {
            replies.pop_front().unwrap()
        } else {
            replies.front().cloned().unwrap()
        }
    };
    tokio::time::sleep(reply.after).await;
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    if reply.is_cut {
        // More is promised than comes, and then the connection breaks.
        let begun = futures::stream::iter([Ok(axum::body::Bytes::from(reply.body))]);
        let cut = futures::stream::once(async {
            // The head has to be under way by then.
            tokio::time::sleep(Duration::from_millis(50)).await;
            Err(std::io::Error::other("cut"))
        });
        let parts = futures::StreamExt::chain(begun, cut);
        return response
            .header(header::CONTENT_LENGTH, 100_000)
            .body(Body::from_stream(parts))
            .unwrap();
    }
    response.body(Body::from(reply.body)).unwrap()
}
