//! Protection against forged requests. A token is derived from a cookie that scripts cannot read and
//! foreign sites cannot set: the session cookie, or before sign-in a visit cookie. Every unsafe
//! request that carries no bearer token must bring it back, in the form field `_csrf` or in the
//! header `X-CSRF-Token`; no handler can forget to check.
//!
//! A token in a form is found by reading the body, before anybody is known to be behind it. So little
//! is read, and not for long; of files that a session sends no more than what comes before them. Only
//! behind the right token a large file takes one of the few places of those that arrive.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::sync::SemaphorePermit;

use crate::{problem::Problem, state::App, uploads};

/// The largest body that a handler is given as a whole. Imports of transactions have a limit of their
/// own, since their files go to the disk.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// The largest form, and the largest body of somebody who is not signed in.
pub(crate) const MAX_FORM_BYTES: usize = 1024 * 1024;
/// The token of a form that sends files is among the first bytes.
const TOKEN_WITHIN: usize = 64 * 1024;
const VISIT_MAX_AGE_S: i64 = 86_400;

/// The token of this request, for its forms.
#[derive(Clone, Debug)]
pub struct CsrfToken(pub String);

/// The token that belongs to a cookie value.
pub fn token(app: &App, seed: &str) -> String {
    // HMAC accepts keys of any length, so this cannot fail; an empty token never matches.
    Hmac::<Sha256>::new_from_slice(&app.csrf_key).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(seed.as_bytes());
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        },
    )
}

/// Reads one cookie of a request.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The middleware around all routes.
pub async fn protect(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let session = cookie(headers, &app.cookie_name("session")).map(str::to_owned);
    let has_bearer = headers.contains_key(header::AUTHORIZATION);
    let is_api = request.uri().path().starts_with("/api/");
    let visit = cookie(headers, &app.cookie_name("visit")).map(str::to_owned);
    let fresh_visit = session.is_none() && visit.is_none() && !is_api;
    let seed = session.clone().or(visit).unwrap_or_else(new_visit);
    let expected = token(&app, &seed);

    // An API call without a cookie has no ambient authority that could be abused.
    let needs_check = is_unsafe(request.method()) && !has_bearer && (!is_api || session.is_some());
    if (session.is_none() && !has_bearer) || is_json(request.headers()) {
        // For handlers that read the body themselves.
        DefaultBodyLimit::max(MAX_FORM_BYTES).apply(&mut request);
    }
    // Held until the response: so long the upload arrives.
    let mut _place = None;
    if needs_check {
        if is_foreign(&app, request.headers()) {
            return refused().into_response();
        }
        request = match verify(request, &expected, session.is_some()).await {
            Ok((request, place)) => {
                _place = place;
                request
            }
            Err(problem) => return problem.into_response(),
        };
    }
    request.extensions_mut().insert(CsrfToken(expected));
    let mut response = next.run(request).await;
    if fresh_visit
        && let Ok(value) = HeaderValue::from_str(&app.cookie("visit", &seed, VISIT_MAX_AGE_S))
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// Whether the browser says that another site, or a sibling of this one, has sent the request. `null`
/// is what browsers write as origin of forms on pages that tell no referrer, as ours do.
fn is_foreign(app: &App, headers: &HeaderMap) -> bool {
    let is_foreign_site = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none");
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("unreadable"))
    };
    let is_foreign_origin = text(header::ORIGIN)
        .filter(|origin| *origin != "null")
        .is_some_and(|origin| {
            let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
            let is_host =
                text(header::HOST).is_some_and(|host| host.eq_ignore_ascii_case(authority));
            let is_public = app
                .gate
                .public_origin()
                .is_some_and(|public| public.eq_ignore_ascii_case(origin));
            !is_host && !is_public
        });
    is_foreign_site || is_foreign_origin
}

fn new_visit() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 18]>())
}

/// The request, when it carries the token; a large upload keeps its place among those that arrive.
async fn verify(
    request: Request,
    expected: &str,
    has_session: bool,
) -> Result<(Request, Option<SemaphorePermit<'static>>), Problem> {
    let headers = request.headers();
    if let Some(sent) = headers.get("x-csrf-token") {
        return if same(sent.as_bytes(), expected) {
            Ok((request, None))
        } else {
            Err(refused())
        };
    }
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("")
        .to_owned();
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    let is_multipart = content_type.starts_with("multipart/form-data");
    if !is_form && !is_multipart {
        return Err(refused());
    }
    let (parts, body) = request.into_parts();
    if is_multipart && has_session {
        let mut pieces = uploads::pieces(body);
        let (sent, ahead) = uploads::token_ahead(&mut pieces, TOKEN_WITHIN, &content_type).await?;
        if !sent.is_some_and(|sent| same(sent.as_bytes(), expected)) {
            return Err(refused());
        }
        let place = uploads::place_for(&parts.headers, MAX_FORM_BYTES).await?;
        let body = uploads::joined(ahead, pieces);
        return Ok((Request::from_parts(parts, body), place));
    }
    let body = read(body, MAX_FORM_BYTES).await?;
    let sent = if is_form {
        form_field(&body)
    } else {
        multipart_field(&content_type, &body).await
    };
    match sent {
        Some(sent) if same(sent.as_bytes(), expected) => {
            Ok((Request::from_parts(parts, Body::from(body)), None))
        }
        _ => Err(refused()),
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    to_bytes(body, limit).await.map_err(|_| too_large(limit))
}

pub(crate) fn too_large(limit: usize) -> Problem {
    let mut problem = Problem::too_large();
    problem.detail = format!("At most {} MiB are accepted here.", limit / 1024 / 1024);
    problem
}

fn same(sent: &[u8], expected: &str) -> bool {
    !expected.is_empty() && bool::from(sent.ct_eq(expected.as_bytes()))
}

fn form_field(body: &[u8]) -> Option<String> {
    // The token is base64url, so its form encoding is itself.
    body.split(|byte| *byte == b'&')
        .find_map(|pair| pair.strip_prefix(b"_csrf="))
        .and_then(|value| String::from_utf8(value.to_vec()).ok())
}

pub(crate) async fn multipart_field(content_type: &str, body: &Bytes) -> Option<String> {
    use axum::extract::{FromRequest, Multipart};
    let request = Request::builder()
        .method(Method::POST)
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body.clone()))
        .ok()?;
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    while let Ok(Some(field)) = parts.next_field().await {
        if field.name() == Some("_csrf") {
            return field.text().await.ok();
        }
    }
    None
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "csrf-token-invalid",
        "This form is no longer valid",
        "The request did not carry the token of your session. Reload the page and try again.",
    )
}
