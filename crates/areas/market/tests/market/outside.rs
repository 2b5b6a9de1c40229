//! The outside world: a server that answers for every source what it is told to, and remembers what it was asked.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Response, StatusCode, Uri, header},
};
use jiff::{Timestamp, civil::Date};
use market::{
    InstrumentId,
    bars::DailyBar,
    feeds::{self, Feeds, Refreshed, Want},
};
use serde_json::{Value, json};
use sources::{Limit, Options, ProviderId, Sources};
use tokio::{net::TcpListener, task::JoinSet};

use crate::site::Site;

/// An answer.
#[derive(Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) retry_after: Option<&'static str>,
    /// Since when it has not changed; who knows that is told that nothing is new.
    pub(crate) last_modified: Option<&'static str>,
    /// It comes this late.
    pub(crate) after: Duration,
    /// More is promised than comes.
    pub(crate) is_cut: bool,
}

pub(crate) fn ok(body: impl Into<String>) -> Reply {
    Reply {
        status: 200,
        body: body.into(),
        ..Reply::default()
    }
}

#[derive(Clone, Default)]
struct Script {
    replies: Arc<Mutex<Vec<(String, Reply)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

pub(crate) struct Outside {
    pub(crate) feeds: Feeds,
    options: Options,
    policy: outbound::Policy,
    script: Script,
    _task: JoinSet<()>,
}

impl Outside {
    pub(crate) async fn start() -> Self {
        Self::waiting(Duration::from_secs(20)).await
    }

    /// No answer is waited for longer.
    pub(crate) async fn waiting(answer_within: Duration) -> Self {
        let script = Script::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(script.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let mut options = Options {
            addresses: ProviderId::ALL.map(|id| (id, address.clone())).into(),
            contact: Some("ops@example.org".to_owned()),
            ..Options::default()
        };
        options.retry.base = Duration::from_millis(1);
        let policy = outbound::Policy {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            answer_within,
            ..outbound::Policy::default()
        };
        Self {
            feeds: Feeds {
                sources: Arc::new(Sources::new(&options, policy.clone()).unwrap()),
                sealer: seal::Sealer::with_key([7; 32]),
            },
            options,
            policy,
            script,
            _task: task,
        }
    }

    /// Another node, or the same after it was started anew: nothing is left of what the first remembers.
    pub(crate) fn node(&self) -> Feeds {
        Feeds {
            sources: Arc::new(Sources::new(&self.options, self.policy.clone()).unwrap()),
            sealer: seal::Sealer::with_key([7; 32]),
        }
    }

    /// Answers whatever is asked at an address with this part; what was told last counts.
    pub(crate) fn reply(&self, part: &str, reply: Reply) {
        let mut replies = self.script.replies.lock().unwrap();
        replies.insert(0, (part.to_owned(), reply));
    }

    /// The addresses with this part that were asked.
    pub(crate) fn asked(&self, part: &str) -> usize {
        let asked = self.script.asked.lock().unwrap();
        asked.iter().filter(|uri| uri.contains(part)).count()
    }

    pub(crate) async fn refresh(
        &self,
        site: &Site,
        now: &str,
        id: InstrumentId,
        want: Want,
    ) -> Refreshed {
        let now = now.parse().unwrap();
        self.feeds
            .refresh(&site.db(), now, id, want, false)
            .await
            .unwrap()
    }
}

async fn answer(State(script): State<Script>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let known = headers.get(header::IF_MODIFIED_SINCE);
    let known = known.and_then(|value| value.to_str().ok());
    let uri = uri.to_string();
    let told = known.map_or_else(
        || uri.clone(),
        |since| format!("{uri} if changed since {since}"),
    );
    script.asked.lock().unwrap().push(told);
    let reply = {
        let replies = script.replies.lock().unwrap();
        let found = replies.iter().find(|(part, _)| uri.contains(part));
        found.map(|(_, reply)| reply.clone())
    };
    let reply = reply.unwrap_or(Reply {
        status: 503,
        body: "maintenance".to_owned(),
        ..Reply::default()
    });
    tokio::time::sleep(reply.after).await;
    let is_known = reply.last_modified.is_some() && reply.last_modified == known;
    let status = if is_known { 304 } else { reply.status };
    let mut response = Response::builder().status(status);
    if let Some(since) = reply.last_modified {
        response = response.header(header::LAST_MODIFIED, since);
    }
    if is_known {
        return response.body(Body::empty()).unwrap();
    }
    if let Some(seconds) = reply.retry_after {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    if reply.is_cut {
        let begun = futures::stream::iter([Ok(axum::body::Bytes::from(reply.body))]);
        let cut = futures::stream::once(async {
            // The head has to be under way by then.
            tokio::time::sleep(Duration::from_millis(50)).await;
            Err(std::io::Error::other("cut"))
        });
        return response
            .header(header::CONTENT_LENGTH, 100_000)
            .body(Body::from_stream(futures::StreamExt::chain(begun, cut)))
            .unwrap();
    }
    response.body(Body::from(reply.body)).unwrap()
}

impl Site {
    /// An instrument by what the API takes, over a symbol and US dollars.
    pub(crate) async fn add(&self, symbol: &str, more: Value) -> InstrumentId {
        let mut body = json!({ "symbol": symbol, "name": symbol, "currency": "USD" });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let path = "/api/v1/market/instruments";
        let answer = self.call(Method::POST, path, &self.owner).json(body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        serde_json::from_value(answer.json()["id"].clone()).unwrap()
    }

    /// A daily bar without extent, of a source of its own.
    pub(crate) async fn close_of(&self, id: InstrumentId, date: &str, close: f64) {
        let date: Date = date.parse().unwrap();
        let bar = DailyBar {
            date,
            open: close,
            high: close,
            low: close,
            close,
            adjusted_close: None,
            volume: None,
        };
        let mut tx = self.db().system("a test states a close").await.unwrap();
        market::bars::insert_daily(&mut tx, "test", [(id, bar)])
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn switch_on(&self, sources: &[ProviderId]) {
        let now: Timestamp = crate::site::NOW.parse().unwrap();
        for source in sources {
            feeds::set_enabled(&self.db(), *source, true).await.unwrap();
            if source.describe().needs_key {
                feeds::set_key(&self.db(), &self.app.sealer, *source, Some("k3y"), now)
                    .await
                    .unwrap();
            }
        }
    }

    /// Lets a source be asked as often as days pass in a test.
    pub(crate) async fn without_limit(&self, source: ProviderId) {
        let quick = Limit {
            count: 1_000,
            per: Duration::from_secs(1),
        };
        feeds::set_limit(&self.db(), source, Some(quick))
            .await
            .unwrap();
    }

    /// Outcome, code and reason of the attempts with a source, the latest first.
    pub(crate) async fn attempts(&self, source: ProviderId) -> Vec<(String, String, String)> {
        let attempts = feeds::attempts(&self.db(), 1_000).await.unwrap();
        attempts
            .into_iter()
            .filter(|(attempt, _)| attempt.provider == source)
            .map(|(attempt, _)| {
                let outcome = attempt.outcome.as_str().to_owned();
                (outcome, attempt.code, attempt.reason)
            })
            .collect()
    }
}

/// What Yahoo says of a price.
pub(crate) fn yahoo_quote(price: f64, at: &str, currency: &str) -> Reply {
    let at: Timestamp = at.parse().unwrap();
    ok(json!({ "chart": { "error": null, "result": [{
        "meta": {
            "currency": currency, "exchangeTimezoneName": "America/New_York",
            "regularMarketPrice": price, "regularMarketTime": at.as_second(),
            "regularMarketVolume": 5000, "chartPreviousClose": 103.5,
        },
        "indicators": { "quote": [{}] },
    }] } })
    .to_string())
}

/// What Yahoo says where there are no bars.
pub(crate) fn yahoo_nothing() -> Reply {
    yahoo_bars(&[])
}

/// What Yahoo says of bars: begin, open, high, low, close, volume.
pub(crate) fn yahoo_bars(bars: &[(Timestamp, [f64; 5])]) -> Reply {
    let column = |index: usize| -> Vec<f64> { bars.iter().map(|(_, row)| row[index]).collect() };
    let times: Vec<i64> = bars.iter().map(|(at, _)| at.as_second()).collect();
    ok(json!({ "chart": { "error": null, "result": [{
        "meta": { "currency": "USD", "exchangeTimezoneName": "America/New_York" },
        "timestamp": times,
        "indicators": { "quote": [{
            "open": column(0), "high": column(1), "low": column(2), "close": column(3),
            "volume": column(4),
        }] },
    }] } })
    .to_string())
}

/// What Alpha Vantage says of a price of a day.
pub(crate) fn vantage_quote(price: &str, day: &str) -> Reply {
    ok(json!({ "Global Quote": {
        "01. symbol": "ACME", "05. price": price, "06. volume": "900", "07. latest trading day": day,
        "08. previous close": "103.50",
    } })
    .to_string())
}
