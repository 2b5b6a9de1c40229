//! The gate in front of everything that answers: where a request comes from, how many it lets
//! through, how much of a body is read and for how long.
//!
//! [`admit`] stands around pages and API and judges by address, before anybody is known; the area of
//! people asks [`Gate::admit_person`] once it knows who is there; [`credentials`] stands around the
//! routes on which secrets are tried.

mod body;
mod origin;
mod rates;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use cache::Cache;
use governor::clock::MonotonicClock;
use ipnet::IpNet;

use self::rates::Limiter;
pub use origin::ProxyHeader;
pub use rates::{Quota, subject};

use crate::{App, Problem};

/// A file may take this many times as long as another request.
const FILE_PATIENCE: u32 = 10;

/// A person may make this many times as many requests to all routes together as to one.
const OF_ALL_ROUTES: u32 = 2;

/// What the operator sets.
#[derive(Clone, Debug)]
pub struct GateOptions {
    /// Proxies whose word about addresses is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where they write those addresses.
    pub proxy_header: ProxyHeader,
    /// Requests of a person to one route in a minute; 0 for any number.
    pub requests_per_user: u32,
    /// Requests from an address in a minute; 0 for any number.
    pub requests_per_address: u32,
    /// Secrets tried from an address in a minute; 0 for any number.
    pub sign_ins_per_address: u32,
    /// In which a request must have come and been answered; a file has ten times as long.
    pub request_within: Duration,
    /// How people write this server in their browsers, if that is known: `https://host:port`.
    pub public_origin: Option<String>,
}

impl Default for GateOptions {
    /// Nothing is limited in number.
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            proxy_header: ProxyHeader::default(),
            requests_per_user: 0,
            requests_per_address: 0,
            sign_ins_per_address: 0,
            request_within: Duration::from_mins(1),
            public_origin: None,
        }
    }
}

/// Counts requests and knows the proxies. Clones count together; other processes do where they share a
/// cache, and count for themselves while it is away.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: GateOptions,
    cache: Cache,
    people: Limiter<MonotonicClock>,
    reads: Limiter<MonotonicClock>,
    writes: Limiter<MonotonicClock>,
    files: Limiter<MonotonicClock>,
    addresses: Limiter<MonotonicClock>,
    credentials: Limiter<MonotonicClock>,
}

/// Where a request comes from, proxies that are trusted looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// More requests than are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(pub Quota);

impl Default for Gate {
    fn default() -> Self {
        Self::new(GateOptions::default())
    }
}

impl Gate {
    /// A gate that has counted nothing yet.
    pub fn new(options: GateOptions) -> Self {
        Self::sharing(options, Cache::default())
    }

    /// The same, counting together with all that share the cache.
    pub fn sharing(options: GateOptions, cache: Cache) -> Self {
        let per_user = options.requests_per_user;
        // Rounded up, so that a limit never becomes none.
        let part = |divisor: u32| per_user.div_ceil(divisor);
        let limiter = |name, per_minute| Limiter::new(name, per_minute, MonotonicClock);
        Self(Arc::new(Inner {
            people: limiter("person", per_user.saturating_mul(OF_ALL_ROUTES)),
            reads: limiter("read", per_user),
            writes: limiter("write", part(6)),
            files: limiter("file", part(30)),
            addresses: limiter("address", options.requests_per_address),
            credentials: limiter("credentials", options.sign_ins_per_address),
            options,
            cache,
        }))
    }

    /// Counts a request of a person to a route, by the form of its address, among those that read, change
    /// something or bring a file, and among all of the person. `None` where nothing is limited.
    pub async fn admit_person(
        &self,
        person: impl std::fmt::Display + Copy + Sync,
        method: &Method,
        route: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Option<Quota>, TooMany> {
        let cache = &self.0.cache;
        let who = person.to_string();
        self.0.people.admit(cache, &who).await.map_err(TooMany)?;
        let limiter = if is_safe(method) {
            &self.0.reads
        } else if body::is_file(headers) {
            &self.0.files
        } else {
            &self.0.writes
        };
        // What leads nowhere counts together, so that the number of counters is bounded.
        let place = format!("{who}:{}", route.unwrap_or("unmatched"));
        limiter.admit(cache, &place).await.map_err(TooMany)
    }

    /// Forgets whose minute is over. Called from time to time.
    pub fn tidy(&self) {
        let Inner {
            people,
            reads,
            writes,
            files,
            addresses,
            credentials,
            ..
        } = &*self.0;
        for limiter in [people, reads, writes, files, addresses, credentials] {
            limiter.tidy();
        }
    }

    /// Whether the word of this address about others is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        origin::is_in(&self.0.options.trusted_proxies, address)
    }

    pub(crate) fn public_origin(&self) -> Option<&str> {
        self.0.options.public_origin.as_deref()
    }
}

impl TooMany {
    /// The refusal, with the headers that tell the limit.
    pub fn into_response(self) -> Response {
        let Self(quota) = self;
        let seconds = quota.retry_after_s.unwrap_or(1);
        let problem = Problem {
            retry_after_s: Some(seconds),
            ..Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
                format!(
                    "At most {} requests of this kind are answered in a minute. Try again in \
                     {seconds} seconds.",
                    quota.per_minute
                ),
            )
        };
        let mut response = problem.into_response();
        quota.write(response.headers_mut());
        response
    }
}

/// The middleware around pages and API, inside of what renders problems.
pub async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Gate(gate) = &app.gate;
    let address = client_address(&app.gate, &request);
    if let Some(ClientAddress(address)) = address {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let key = rates::subject(address);
    let quota = match gate.addresses.admit(&gate.cache, &key).await {
        Ok(quota) => quota,
        Err(quota) => return TooMany(quota).into_response(),
    };
    let headers = request.headers();
    let checked = body::check_encoding(headers);
    if let Err(problem) = checked.and_then(|()| body::check_length(headers, &app.uploads)) {
        return problem.into_response();
    }
    request.extensions_mut().insert(app.gate.clone());
    let patience = if body::is_file(request.headers()) {
        FILE_PATIENCE
    } else {
        1
    };
    let within = gate.options.request_within.saturating_mul(patience);
    let (request, watched) = body::watch(request);
    let answered = tokio::time::timeout(within, next.run(request)).await;
    let mut response = match answered {
        // Whatever a handler made of a body that broke off: it came too slowly.
        Ok(response) if watched.broke_off() && !response.status().is_success() => slow_client(),
        Ok(response) => response,
        Err(_) if !watched.ended() => slow_client(),
        Err(_) => slow_answer(within),
    };
    if let Some(quota) = quota {
        quota.write(response.headers_mut());
    }
    response
}

/// The middleware around routes on which a password, a link or a code is tried, or an account asked
/// for. Goes onto the routes themselves: `.route_layer(from_fn(web::gate::credentials))`.
pub async fn credentials(request: Request, next: Next) -> Response {
    if is_safe(request.method()) {
        return next.run(request).await;
    }
    let Some(gate) = request.extensions().get::<Gate>() else {
        return next.run(request).await;
    };
    let key = rates::subject(request.extensions().get::<ClientAddress>().copied());
    match gate.0.credentials.admit(&gate.0.cache, &key).await {
        Ok(quota) => {
            let mut response = next.run(request).await;
            if let Some(quota) = quota {
                quota.write(response.headers_mut());
            }
            response
        }
        Err(quota) => TooMany(quota).into_response(),
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn client_address(gate: &Gate, request: &Request) -> Option<ClientAddress> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let GateOptions {
        trusted_proxies,
        proxy_header,
        ..
    } = &gate.0.options;
    let peer = peer.ip().to_canonical();
    let address = origin::client(trusted_proxies, *proxy_header, peer, request.headers());
    Some(ClientAddress(address))
}

fn slow_client() -> Response {
    let problem = Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "request-timeout",
        "The request came too slowly",
        "The body of the request stopped coming. Try again, over a faster connection or with a \
         smaller file.",
    );
    let mut response = problem.into_response();
    response.headers_mut().insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    response
}

fn slow_answer(within: Duration) -> Response {
    let seconds = within.as_secs();
    tracing::warn!(
        seconds,
        "a request was not answered in time and was given up"
    );
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "answer-timeout",
        "The answer took too long",
        format!(
            "Nothing was ready after {seconds} seconds. It is not known whether it was done; look before \
             you try again."
        ),
    )
    .into_response()
}
