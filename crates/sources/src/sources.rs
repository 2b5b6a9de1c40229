use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use http::StatusCode;
use jiff::Timestamp;
use outbound::{Client, Policy};
use url::Url;

use crate::{
    Answer, Ask, Asked, Call, Context, FetchError, Fetched, Gap, Outcome, Payload, Provider,
    ProviderId, Request, Retry, SetupError, Sign, Validators, Way,
    alpha_vantage::AlphaVantage,
    asked::Course,
    cboe::Cboe,
    coinbase::Coinbase,
    ecb::Ecb,
    files,
    folder::Folder,
    fred::Fred,
    gate::Gate,
    kraken::Kraken,
    redaction,
    sec_edgar::{self, SecEdgar},
    simulator::Simulator,
    stooq::Stooq,
    twelve_data::TwelveData,
    yahoo::Yahoo,
};

/// Bytes of an answer that are read: company facts and whole option chains are several megabytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// Answers of one fetch at most: a month of minutes in parts of three hundred and some over.
const MOST_PARTS: u32 = 160;

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
    gate: Gate,
}

impl Sources {
    /// All providers. The guard is the one for addresses that people name: a provider of the
    /// operator's own network has to be excepted like any other address.
    pub fn new(options: &Options, guard: Policy) -> Result<Self, SetupError> {
        let mut ports = guard.ports.clone();
        let mut lanes = BTreeMap::new();
        for id in ProviderId::ALL {
            lanes.insert(id, Lane::new(provider(id, options, &mut ports)?));
        }
        let client = Client::new(Policy {
            ports,
            max_bytes: guard.max_bytes.max(LARGEST),
            ..guard
        })?;
        Ok(Self {
            client,
            retry: options.retry,
            lanes,
        })
    }

    /// How many requests may be sent for one, every try included, as far as that is known before.
    pub fn most(&self, provider: ProviderId, request: &Request) -> u32 {
        let lane = self.lanes.get(&provider);
        let parts = lane.map_or(1, |lane| lane.provider.parts(request));
        parts.saturating_add(self.retry.tries.saturating_sub(1))
    }

    /// Whether a provider has what a request wants from its beginning on, and not only the latest of it.
    pub fn reaches(&self, provider: ProviderId, request: &Request, now: Timestamp) -> bool {
        let lane = self.lanes.get(&provider);
        let reach = lane.and_then(|lane| lane.provider.reach(request, now));
        reach.is_none_or(|reach| request.begins().is_none_or(|begins| begins >= reach))
    }

    /// Asks a provider, again where that may help and in parts where one answer holds too little, and reads what
    /// it says. No error tells the key.
    pub async fn fetch(&self, provider: ProviderId, request: &Request, ask: &Ask<'_>) -> Asked {
        let mut course = Course::new(ask);
        let result = self.gather(provider, request, &mut course).await;
        Asked {
            result: result.map_err(|error| error.without(ask.key)),
            sent: course.sent,
            signs: course.signs,
        }
    }

    fn lane(
        &self,
        provider: ProviderId,
        request: &Request,
        ask: &Ask<'_>,
    ) -> Result<&Lane, FetchError> {
        let lane = self
            .lanes
            .get(&provider)
            .filter(|lane| lane.provider.describe().can(request.capability()));
        let lane = lane.ok_or_else(|| request.unsupported(provider))?;
        if lane.provider.describe().needs_key && ask.key.is_none() {
            return Err(FetchError::KeyMissing { provider });
        }
        Ok(lane)
    }

    /// All parts of an answer.
    async fn gather(
        &self,
        provider: ProviderId,
        request: &Request,
        course: &mut Course<'_>,
    ) -> Result<Outcome, FetchError> {
        let lane = self.lane(provider, request, course.ask)?;
        let first = self.first(lane, request, course).await?;
        let Outcome::Fetched(mut fetched) = first else {
            return Ok(first);
        };
        let mut rest = lane.provider.rest(request, &fetched.payload);
        let mut parts = 1;
        while let Some(wanted) = rest {
            fetched.validators = Validators::default();
            let part = if parts < MOST_PARTS {
                parts += 1;
                self.persist(lane, &wanted, course, None).await
            } else {
                Err(FetchError::Limited {
                    provider,
                    retry_after: None,
                })
            };
            match part {
                Ok(Outcome::Fetched(part)) => {
                    rest = lane.provider.rest(&wanted, &part.payload);
                    fetched.payload = fetched.payload.and(part.payload);
                }
                // There is nothing in that part of the span.
                Ok(Outcome::NotModified) | Err(FetchError::NotFound { .. }) => rest = None,
                Err(error) => {
                    fetched.gap = Some(gap_from(&wanted, &fetched.payload, error, course.ask.key)?);
                    rest = None;
                }
            }
        }
        let reach = lane.provider.reach(request, course.ask.now);
        if fetched.gap.is_none() {
            fetched.gap = gap_before(request, reach, &fetched);
        }
        Ok(Outcome::Fetched(fetched))
    }

    /// The first part; where the whole is refused, less of it.
    async fn first(
        &self,
        lane: &Lane,
        request: &Request,
        course: &mut Course<'_>,
    ) -> Result<Outcome, FetchError> {
        let refused = match self.persist(lane, request, course, course.ask.known).await {
            Err(error) => error,
            outcome => return outcome,
        };
        let context = Context {
            key: course.ask.key,
            now: course.now(),
        };
        let Some(lesser) = lane.provider.lesser(request, &refused, &context) else {
            return Err(refused);
        };
        let mut outcome = self.persist(lane, &lesser, course, None).await?;
        if let Outcome::Fetched(fetched) = &mut outcome {
            // What was asked for is another request than the one it stands for.
            fetched.validators = Validators::default();
            fetched.gap = fetched.payload.ends().map(|(first, _)| Gap::Before(first));
        }
        Ok(outcome)
    }

    /// One part, again where that may help. What ends it is told as it is: neither the breaker that it opened nor
    /// a limit that leaves no further try takes its place.
    async fn persist(
        &self,
        lane: &Lane,
        request: &Request,
        course: &mut Course<'_>,
        known: Option<&Validators>,
    ) -> Result<Outcome, FetchError> {
        let mut tries = 0;
        let mut last = None;
        loop {
            if let Err(refused) = self.turn(lane, course).await {
                return Err(last.unwrap_or(refused));
            }
            tries += 1;
            let before = course.sent;
            let error = match self.once(lane, request, course, known).await {
                Ok(outcome) => {
                    course.note(Sign::Well);
                    return Ok(outcome);
                }
                Err(error) => error,
            };
            if course.sent > before
                && let Some(sign) = error.sign(course.now())
            {
                course.note(sign);
            }
            let Some(pause) = self.pause(&error, tries) else {
                return Err(error);
            };
            if course.open_until().is_some() {
                return Err(error);
            }
            last = Some(error);
            tokio::time::sleep(pause).await;
        }
    }

    /// Waits until a request may be sent.
    async fn turn(&self, lane: &Lane, course: &Course<'_>) -> Result<(), FetchError> {
        let about = lane.provider.describe();
        let provider = about.id;
        if let Some(until) = course.open_until() {
            return Err(FetchError::Open { provider, until });
        }
        if !course.has_budget() {
            return Err(FetchError::Limited {
                provider,
                retry_after: None,
            });
        }
        let limit = course.ask.limit.unwrap_or(about.limit);
        lane.gate.pass(provider, limit, self.retry.longest).await
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
        course: &mut Course<'_>,
        known: Option<&Validators>,
    ) -> Result<Outcome, FetchError> {
        let provider = lane.provider.as_ref();
        let id = provider.describe().id;
        let context = Context {
            key: course.ask.key,
            now: course.now(),
        };
        let way = provider.way(request, &context)?;
        let asked = identity(request, &way, course.ask.key);
        let known = known.filter(|known| known.request == asked);
        course.sent = course.sent.saturating_add(1);
        let answer = match way {
            Way::Know(payload) => {
                return Ok(fetched(payload, Validators::default(), context.now));
            }
            Way::Ask(call) => self.ask(id, call, known).await?,
            Way::Read(path) => files::read(id, request, &path, LARGEST).await?,
        };
        let validators = Validators::of(&answer.headers, asked);
        let is_known = known.is_some_and(|known| {
            answer.status == StatusCode::NOT_MODIFIED
                || known.last_modified.is_some()
                    && *known == validators
                    && answer.status.is_success()
        });
        if is_known {
            return Ok(Outcome::NotModified);
        }
        if !answer.status.is_success() {
            return Err(provider.refusal(request, &answer, &context));
        }
        let payload = provider.read(request, &answer, &context)?;
        Ok(fetched(payload, validators, context.now))
    }

    async fn ask(
        &self,
        provider: ProviderId,
        call: Call,
        known: Option<&Validators>,
    ) -> Result<Answer, FetchError> {
        let mut headers = call.headers;
        if let Some(known) = known {
            known.put_into(&mut headers);
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

impl Lane {
    fn new(provider: Box<dyn Provider>) -> Self {
        let gate = Gate::new(provider.describe().limit);
        Self { provider, gate }
    }
}

/// A provider at its usual address, or that of the operator.
fn provider(
    id: ProviderId,
    options: &Options,
    ports: &mut Vec<u16>,
) -> Result<Box<dyn Provider>, SetupError> {
    let mut base = |usual: &str| {
        let text = options.addresses.get(&id).map_or(usual, String::as_str);
        let url = Url::parse(text).map_err(|source| SetupError::Address {
            provider: id,
            text: text.to_owned(),
            source,
        })?;
        // Who names the server names its port.
        ports.extend(url.port());
        Ok::<_, SetupError>(url)
    };
    Ok(match id {
        ProviderId::Yahoo => Box::new(Yahoo::new(base(Yahoo::ADDRESS)?)),
        ProviderId::Stooq => Box::new(Stooq::new(base(Stooq::ADDRESS)?)),
        ProviderId::AlphaVantage => Box::new(AlphaVantage::new(base(AlphaVantage::ADDRESS)?)),
        ProviderId::TwelveData => Box::new(TwelveData::new(base(TwelveData::ADDRESS)?)),
        ProviderId::Kraken => Box::new(Kraken::new(base(Kraken::ADDRESS)?)),
        ProviderId::Coinbase => Box::new(Coinbase::new(base(Coinbase::ADDRESS)?)),
        ProviderId::Ecb => Box::new(Ecb::new(base(Ecb::ADDRESS)?)),
        ProviderId::SecEdgar => Box::new(SecEdgar::new(
            base(SecEdgar::ADDRESS)?,
            options.addresses.contains_key(&id),
            options.contact.as_deref().and_then(sec_edgar::agent),
        )),
        ProviderId::Fred => Box::new(Fred::new(base(Fred::ADDRESS)?)),
        ProviderId::Cboe => Box::new(Cboe::new(base(Cboe::ADDRESS)?)),
        ProviderId::Folder => Box::new(Folder::new(options.folder.clone())),
        ProviderId::Simulator => Box::new(Simulator),
    })
}

/// What is asked for and where, without the key.
fn identity(request: &Request, way: &Way, key: Option<&str>) -> String {
    let place = match way {
        Way::Ask(call) => call.url.to_string(),
        Way::Read(path) => path.display().to_string(),
        Way::Know(_) => String::new(),
    };
    let place = key.map_or_else(|| place.clone(), |key| redaction::without(&place, key));
    format!("{request:?} {place}")
}

/// The failure of a part that lies after what came leaves a gap that the next request closes. One that lies before
/// would never be asked for again, so that nothing of the whole is taken.
fn gap_from(
    wanted: &Request,
    came: &Payload,
    error: FetchError,
    key: Option<&str>,
) -> Result<Gap, FetchError> {
    let last = came.ends().map(|(_, last)| last);
    match (wanted.begins(), last) {
        (Some(at), Some(last)) if at > last => Ok(Gap::From {
            at,
            why: error.without(key).to_string(),
        }),
        _ => Err(error),
    }
}

/// What came begins where the provider's memory does, and later than was asked for.
fn gap_before(request: &Request, reach: Option<Timestamp>, came: &Fetched) -> Option<Gap> {
    let (reach, begins) = (reach?, request.begins()?);
    let (first, _) = came.payload.ends()?;
    (begins < reach && first <= reach).then_some(Gap::Before(first))
}

fn fetched(payload: Payload, validators: Validators, fetched_at: Timestamp) -> Outcome {
    Outcome::Fetched(Fetched {
        payload,
        validators,
        fetched_at,
        gap: None,
    })
}
