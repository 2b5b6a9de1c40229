use std::{
    collections::BTreeMap,
    fmt,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, UNIX_EPOCH},
};

use bytes::Bytes;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
    state::{InMemoryState, NotKeyed},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use outbound::{Client, Policy};
use url::Url;

use crate::{
    Answer, Breaker, Call, Context, Description, FetchError, Limit, Payload, Provider, ProviderId,
    Request, Retry, SetupError, Way,
    alpha_vantage::AlphaVantage,
    cboe::Cboe,
    coinbase::Coinbase,
    ecb::Ecb,
    folder::Folder,
    fred::Fred,
    kraken::Kraken,
    sec_edgar::{self, SecEdgar},
    simulator::Simulator,
    stooq::Stooq,
    twelve_data::TwelveData,
    yahoo::Yahoo,
};

/// Bytes of an answer that are read: company facts and whole option chains are several megabytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// What the operator may configure.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Addresses in place of the providers' own, for mirrors and tests.
    pub addresses: BTreeMap<ProviderId, String>,
    /// How the operator is reached, where EDGAR has no key that says so; it serves nobody who does not.
    pub contact: Option<String>,
    /// The folder of price files.
    pub folder: Option<PathBuf>,
    /// How often and after which pauses is tried again.
    pub retry: Retry,
}

/// All providers, and the one way on which they are asked.
pub struct Sources {
    client: Client,
    retry: Retry,
    lanes: BTreeMap<ProviderId, Lane>,
}

struct Lane {
    provider: Box<dyn Provider>,
    gate: Mutex<Gate>,
    breaker: Mutex<Breaker>,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock>;

/// The limit that is kept, and who counts.
struct Gate {
    limit: Limit,
    limiter: Arc<Limiter>,
}

/// What a fetch may depend on besides the request.
#[derive(Clone)]
pub struct Ask<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The operator's key with the provider.
    pub key: Option<&'a str>,
    /// What is known of the last answer to the same request.
    pub known: Option<&'a Validators>,
    /// The operator's limit, in place of the usual one.
    pub limit: Option<Limit>,
}

/// By what a server recognises what we have already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// How a fetch ends well.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With something.
    Fetched(Fetched),
    /// What we have is what there is.
    NotModified,
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// The data.
    pub payload: Payload,
    /// For the next time.
    pub validators: Validators,
    /// When it was asked for.
    pub fetched_at: Timestamp,
    /// How often had to be asked.
    pub tries: u32,
}

impl Sources {
    /// All providers. The guard is the one for addresses that people name: a provider of the
    /// operator's own network has to be excepted like any other address.
    pub fn new(options: &Options, guard: Policy) -> Result<Self, SetupError> {
        let mut ports = guard.ports.clone();
        let mut base = |provider: ProviderId, usual: &str| {
            let text = options
                .addresses
                .get(&provider)
                .map_or(usual, String::as_str);
            let url = Url::parse(text).map_err(|source| SetupError::Address {
                provider,
                text: text.to_owned(),
                source,
            })?;
            // Who names the server names its port.
            ports.extend(url.port());
            Ok::<_, SetupError>(url)
        };
        let providers: Vec<Box<dyn Provider>> = vec![
            Box::new(Yahoo::new(base(ProviderId::Yahoo, Yahoo::ADDRESS)?)),
            Box::new(Stooq::new(base(ProviderId::Stooq, Stooq::ADDRESS)?)),
            Box::new(AlphaVantage::new(base(
                ProviderId::AlphaVantage,
                AlphaVantage::ADDRESS,
            )?)),
            Box::new(TwelveData::new(base(
                ProviderId::TwelveData,
                TwelveData::ADDRESS,
            )?)),
            Box::new(Kraken::new(base(ProviderId::Kraken, Kraken::ADDRESS)?)),
            Box::new(Coinbase::new(base(
                ProviderId::Coinbase,
                Coinbase::ADDRESS,
            )?)),
            Box::new(Ecb::new(base(ProviderId::Ecb, Ecb::ADDRESS)?)),
            Box::new(SecEdgar::new(
                base(ProviderId::SecEdgar, SecEdgar::ADDRESS)?,
                options.addresses.contains_key(&ProviderId::SecEdgar),
                options.contact.as_deref().and_then(sec_edgar::agent),
            )),
            Box::new(Fred::new(base(ProviderId::Fred, Fred::ADDRESS)?)),
            Box::new(Cboe::new(base(ProviderId::Cboe, Cboe::ADDRESS)?)),
            Box::new(Folder::new(options.folder.clone())),
            Box::new(Simulator),
        ];
        let client = Client::new(Policy {
            ports,
            max_bytes: guard.max_bytes.max(LARGEST),
            ..guard
        })?;
        let lanes = providers
            .into_iter()
            .map(|provider| (provider.describe().id, Lane::new(provider)))
            .collect();
        Ok(Self {
            client,
            retry: options.retry,
            lanes,
        })
    }

    /// What is known about one.
    pub fn describe(&self, provider: ProviderId) -> Option<&'static Description> {
        self.lanes
            .get(&provider)
            .map(|lane| lane.provider.describe())
    }

    /// The breaker of a provider as it stands.
    pub fn breaker(&self, provider: ProviderId) -> Breaker {
        self.lanes
            .get(&provider)
            .map_or_else(Breaker::default, |lane| *lock(&lane.breaker))
    }

    /// Takes over what another node knows of a provider.
    pub fn set_breaker(&self, provider: ProviderId, breaker: Breaker) {
        if let Some(lane) = self.lanes.get(&provider) {
            *lock(&lane.breaker) = breaker;
        }
    }

    /// Asks a provider, again where that may help, and reads what it says. No error tells the key.
    pub async fn fetch(
        &self,
        provider: ProviderId,
        request: &Request,
        ask: &Ask<'_>,
    ) -> Result<Outcome, FetchError> {
        let fetched = self.persist(provider, request, ask).await;
        fetched.map_err(|error| error.without(ask.key))
    }

    async fn persist(
        &self,
        provider: ProviderId,
        request: &Request,
        ask: &Ask<'_>,
    ) -> Result<Outcome, FetchError> {
        let wanted = request.capability();
        let Some(lane) = self.lanes.get(&provider) else {
            return Err(FetchError::Unsupported { provider, wanted });
        };
        let about = lane.provider.describe();
        if !about.can(wanted) {
            return Err(FetchError::Unsupported { provider, wanted });
        }
        if about.needs_key && ask.key.is_none() {
            return Err(FetchError::KeyMissing { provider });
        }
        let started = Instant::now();
        let context = |now| Context { key: ask.key, now };
        let mut tries = 0;
        loop {
            let now = later(ask.now, started.elapsed());
            lane.admit(now)?;
            lane.pass(ask.limit, self.retry.longest).await?;
            tries += 1;
            let error = match self.once(lane, request, ask, &context(now)).await {
                Ok(mut outcome) => {
                    lock(&lane.breaker).succeeded();
                    if let Outcome::Fetched(fetched) = &mut outcome {
                        fetched.tries = tries;
                    }
                    return Ok(outcome);
                }
                Err(error) => error,
            };
            lane.note(&error, later(ask.now, started.elapsed()));
            match self.pause(&error, tries) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// How long to wait before the next try; `None` when there is none.
    fn pause(&self, error: &FetchError, tries: u32) -> Option<Duration> {
        if !error.is_passing() || tries >= self.retry.tries {
            return None;
        }
        let drawn = self.retry.pause(tries, rand::random());
        let FetchError::Throttled { retry_after, .. } = error else {
            return Some(drawn);
        };
        // Without a time the provider means a minute or a day: asking again makes it worse.
        let named = Duration::try_from((*retry_after)?).ok()?;
        (named <= self.retry.longest).then(|| named.max(drawn))
    }

    async fn once(
        &self,
        lane: &Lane,
        request: &Request,
        ask: &Ask<'_>,
        context: &Context<'_>,
    ) -> Result<Outcome, FetchError> {
        let provider = lane.provider.as_ref();
        let answer = match provider.way(request, context)? {
            Way::Know(payload) => {
                return Ok(fetched(payload, Validators::default(), context.now));
            }
            Way::Ask(call) => self.ask(provider.describe().id, call, ask.known).await?,
            Way::Read(path) => read_file(provider.describe().id, request, &path).await?,
        };
        let validators = Validators::of(&answer.headers);
        let is_known = ask.known.is_some_and(|known| {
            known.last_modified.is_some() && *known == validators && answer.status.is_success()
        });
        if answer.status == StatusCode::NOT_MODIFIED || is_known {
            return Ok(Outcome::NotModified);
        }
        if !answer.status.is_success() {
            return Err(provider.refusal(request, &answer, context));
        }
        let payload = provider.read(request, &answer, context)?;
        Ok(fetched(payload, validators, context.now))
    }

    async fn ask(
        &self,
        provider: ProviderId,
        call: Call,
        known: Option<&Validators>,
    ) -> Result<Answer, FetchError> {
        let mut headers = call.headers;
        let conditions = [
            (
                header::IF_NONE_MATCH,
                known.and_then(|known| known.etag.as_deref()),
            ),
            (
                header::IF_MODIFIED_SINCE,
                known.and_then(|known| known.last_modified.as_deref()),
            ),
        ];
        for (name, value) in conditions {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        let sent = outbound::Request {
            url: call.url.to_string(),
            headers,
            ..outbound::Request::default()
        };
        let response = self
            .client
            .send(sent)
            .await
            .map_err(|error| FetchError::of_outbound(provider, error))?;
        Ok(Answer {
            status: response.status,
            headers: response.headers,
            body: response.body,
        })
    }
}

impl fmt::Debug for Ask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is nobody's business.
        f.debug_struct("Ask")
            .field("now", &self.now)
            .field("known", &self.known)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Lane {
    fn new(provider: Box<dyn Provider>) -> Self {
        let limit = provider.describe().limit;
        Self {
            provider,
            gate: Mutex::new(Gate::new(limit)),
            breaker: Mutex::new(Breaker::default()),
        }
    }

    fn admit(&self, now: Timestamp) -> Result<(), FetchError> {
        let provider = self.provider.describe().id;
        lock(&self.breaker)
            .admit(now)
            .map_err(|until| FetchError::Open { provider, until })
    }

    /// Waits for the turn, when it comes soon.
    async fn pass(&self, limit: Option<Limit>, longest: Duration) -> Result<(), FetchError> {
        let limit = limit.unwrap_or(self.provider.describe().limit);
        let limiter = {
            let mut gate = lock(&self.gate);
            if gate.limit != limit {
                *gate = Gate::new(limit);
            }
            gate.limiter.clone()
        };
        while let Err(refused) = limiter.check() {
            let wait = refused.wait_time_from(limiter.clock().now());
            if wait > longest {
                return Err(FetchError::Throttled {
                    provider: self.provider.describe().id,
                    retry_after: SignedDuration::try_from(wait).ok(),
                });
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn note(&self, error: &FetchError, now: Timestamp) {
        let wait = match error {
            FetchError::Throttled { retry_after, .. } => *retry_after,
            _ => None,
        };
        if error.is_fault() {
            // A short wait is kept by the pause before the next try.
            let long = wait.filter(|wait| *wait > SignedDuration::from_secs(30));
            lock(&self.breaker).failed(now, long);
        } else {
            // Whoever says that a symbol is unknown is well.
            lock(&self.breaker).succeeded();
        }
    }
}

impl Gate {
    fn new(limit: Limit) -> Self {
        let count = NonZeroU32::new(limit.count).unwrap_or(NonZeroU32::MIN);
        let each = (limit.per / count.get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(each)
            .unwrap_or_else(|| Quota::per_second(count))
            .allow_burst(count);
        Self {
            limit,
            limiter: Arc::new(RateLimiter::direct_with_clock(quota, MonotonicClock)),
        }
    }
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| {
            let value: &HeaderValue = headers.get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        Self {
            etag: text(header::ETAG),
            last_modified: text(header::LAST_MODIFIED),
        }
    }
}

fn fetched(payload: Payload, validators: Validators, fetched_at: Timestamp) -> Outcome {
    Outcome::Fetched(Fetched {
        payload,
        validators,
        fetched_at,
        tries: 1,
    })
}

/// A file as if it came from a server: its time of change is its `Last-Modified`.
async fn read_file(
    provider: ProviderId,
    request: &Request,
    path: &Path,
) -> Result<Answer, FetchError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => FetchError::NotFound {
            provider,
            symbol: request.subject().to_owned(),
        },
        _ => FetchError::File {
            path: path.display().to_string(),
            source,
        },
    };
    let about = tokio::fs::metadata(path).await.map_err(failed)?;
    if usize::try_from(about.len()).map_or(true, |length| length > LARGEST) {
        return Err(FetchError::TooLarge {
            provider,
            limit: LARGEST,
        });
    }
    let mut headers = HeaderMap::new();
    let changed = about.modified().map_err(failed)?.duration_since(UNIX_EPOCH);
    if let Ok(since) = changed
        && let Ok(text) = HeaderValue::from_str(&format!("{}-{}", since.as_nanos(), about.len()))
    {
        headers.insert(header::LAST_MODIFIED, text);
    }
    Ok(Answer {
        status: StatusCode::OK,
        headers,
        body: Bytes::from(tokio::fs::read(path).await.map_err(failed)?),
    })
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| now.checked_add(by).ok())
        .unwrap_or(now)
}

/// A holder that panicked left a value that is whole: nothing is written in parts.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
