use std::{error::Error, sync::Arc};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, header};
use url::{Position, Url};

use crate::{OutboundError, Policy, Refusal, names::Guard};

/// Asks on behalf of people. Cheap to clone; keeps connections open.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    policy: Arc<Policy>,
}

/// What to ask.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// GET unless given.
    pub method: Method,
    /// Where; judged before anything is sent.
    pub url: String,
    /// Sent to this origin alone: a redirect to another one goes without them.
    pub headers: HeaderMap,
    /// Sent along.
    pub body: Bytes,
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status of the last answer.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, unpacked.
    pub body: Bytes,
    /// Where it came from in the end.
    pub url: Url,
}

impl Client {
    /// A client with this policy.
    pub fn new(policy: Policy) -> Result<Self, OutboundError> {
        let policy = Arc::new(policy);
        // Fails when the process has one already, which does as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Guard::new(policy.clone())?))
            .connect_timeout(policy.connect_within)
            .user_agent(concat!("bursar/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|source| OutboundError::Client { source })?;
        Ok(Self { http, policy })
    }

    /// What this client connects to.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Asks, follows redirects and reads the answer to its end, all within the limits.
    pub async fn send(&self, request: Request) -> Result<Response, OutboundError> {
        let url = self.policy.target(&request.url)?;
        let host = host_of(&url);
        let within = self.policy.answer_within;
        tokio::time::timeout(within, self.follow(request, url))
            .await
            .unwrap_or(Err(OutboundError::TooSlow {
                host,
                seconds: within.as_secs(),
            }))
    }

    /// Reads an address.
    pub async fn get(&self, url: &str) -> Result<Response, OutboundError> {
        let request = Request {
            url: url.to_owned(),
            ..Request::default()
        };
        self.send(request).await
    }

    async fn follow(&self, mut request: Request, mut url: Url) -> Result<Response, OutboundError> {
        let first = host_of(&url);
        for _ in 0..=self.policy.max_redirects {
            let answer = self.once(&request, &url).await?;
            let Some(next) = redirect(&answer, &url) else {
                return self.read(answer, url).await;
            };
            self.policy.judge(&next)?;
            if url.scheme() == "https" && next.scheme() == "http" {
                return Err(Refusal::Downgrade {
                    host: host_of(&next),
                }
                .into());
            }
            if next.origin() != url.origin() {
                request.headers.clear();
            }
            let keeps_method = matches!(
                answer.status(),
                StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
            );
            if !keeps_method && request.method != Method::HEAD {
                request.method = Method::GET;
                request.body = Bytes::new();
            }
            url = next;
        }
        Err(OutboundError::TooManyRedirects {
            host: first,
            most: self.policy.max_redirects,
        })
    }

    async fn once(&self, request: &Request, url: &Url) -> Result<reqwest::Response, OutboundError> {
        let mut asked = self
            .http
            .request(request.method.clone(), url.clone())
            .headers(request.headers.clone());
        if !request.body.is_empty() {
            asked = asked.body(request.body.clone());
        }
        asked
            .send()
            .await
            .map_err(|source| unreachable(url, source))
    }

    async fn read(
        &self,
        mut answer: reqwest::Response,
        url: Url,
    ) -> Result<Response, OutboundError> {
        let limit = self.policy.max_bytes;
        let too_large = || OutboundError::TooLarge {
            host: host_of(&url),
            limit,
        };
        let told = answer.content_length().unwrap_or(0);
        if usize::try_from(told).map_or(true, |told| told > limit) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|source| unreachable(&url, source))?
        {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status: answer.status(),
            headers: answer.headers().clone(),
            body: body.freeze(),
            url,
        })
    }
}

/// Where an answer leads on to, if it does.
fn redirect(answer: &reqwest::Response, from: &Url) -> Option<Url> {
    let leads_on = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    leads_on.then(|| from.join(location).ok()).flatten()
}

/// A refusal of the resolver lies deep in the client's error.
fn unreachable(url: &Url, source: reqwest::Error) -> OutboundError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&source);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return refusal.clone().into();
        }
        cause = error.source();
    }
    OutboundError::Unreachable {
        host: host_of(url),
        source: source.without_url(),
    }
}

fn host_of(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}
