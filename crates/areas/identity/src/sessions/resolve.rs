//! Finds out, once per request, who is behind it, and what of that person's rights the request has.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use db::UserId;
use jiff::Timestamp;
use web::{
    App, Chrome, Problem, Visitor, csrf,
    csrf::CsrfToken,
    gate::{Quota, TooMany},
};

use super::{
    Credential, DEMO_EMAIL, LIFETIME, Principal, SessionId, TOUCH_EVERY, kept, set_cookie, store,
};
use crate::{client::Client, families, origin, preferences::Preferences, secret, tokens, users};

/// What a request brings to prove who it comes from.
enum Proof {
    Nothing,
    Cookie(String),
    Bearer(String),
}

/// Who was found, and the cookie that the answer has to set.
#[derive(Default)]
struct Found {
    principal: Option<Principal>,
    set_cookie: Option<String>,
}

/// A request that was counted among those of a person.
struct Counted {
    user_id: UserId,
    quota: Option<Quota>,
}

/// The middleware around pages and API, inside of [`web::csrf::protect`]: puts the person and
/// [`web::Chrome`] into the request. Without cookie and token it asks the database nothing, nor for one request
/// too many of a session that the cache knows.
pub async fn resolve(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut origin = origin::of(&parts);
    let proof = proof(&app, &parts.headers);
    let counted = match count_early(&app, &parts, &proof).await {
        Ok(counted) => counted,
        Err(too_many) => return refused(too_many.into_response(), chrome(&app, &parts, None)),
    };
    let found = find(&app, &parts, &proof, counted.is_some());
    let found = match origin.clone().scope(found).await {
        Ok(found) => found,
        Err(error) => return Problem::from(error).into_response(),
    };
    if found.principal.as_ref().is_some_and(is_shut_out) {
        return api_access_off().into_response();
    }
    if let Some(token) = &found.set_cookie {
        // Forms of this page come back with the new cookie.
        parts.extensions.insert(CsrfToken(csrf::token(&app, token)));
    }
    let chrome = chrome(&app, &parts, found.principal.as_ref());
    parts.extensions.insert(chrome.clone());
    let mut quota = None;
    // What is logged from here on says whose request it was.
    origin.user_id = found.principal.as_ref().map(|principal| principal.user_id);
    if let Some(principal) = found.principal {
        let counted = match counted.filter(|counted| counted.user_id == principal.user_id) {
            Some(counted) => Ok(counted),
            None => count(&app, &parts, principal.user_id).await,
        };
        match (counted, within_scope(&parts, &principal)) {
            (Err(too_many), _) => return refused(too_many.into_response(), chrome),
            (Ok(_), Err(problem)) => return refused(problem.into_response(), chrome),
            (Ok(counted), Ok(())) => quota = counted.quota,
        }
        parts.extensions.insert(principal);
    }
    let request = Request::from_parts(parts, body);
    let mut response = origin.scope(next.run(request)).await;
    if let Some(quota) = quota {
        quota.write(response.headers_mut());
    }
    if response.extensions().get::<Problem>().is_some() {
        // The page of the refusal is made outside of here.
        response.extensions_mut().insert(chrome);
    }
    // A handler that signs in or out has the last word.
    let is_decided = sets_session(response.headers(), &app);
    if let Some(token) = found.set_cookie.filter(|_| !is_decided)
        && let Ok(value) = set_cookie(&app, &token)
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn refused(mut response: Response, chrome: Chrome) -> Response {
    response.extensions_mut().insert(chrome);
    response
}

/// Counts a request by what the cache knows of its session. An entry that is out of date decides no more than
/// among whose requests this one counts.
async fn count_early(app: &App, parts: &Parts, proof: &Proof) -> Result<Option<Counted>, TooMany> {
    let (Proof::Cookie(token) | Proof::Bearer(token)) = proof else {
        return Ok(None);
    };
    match kept::holder(&app.cache, token).await {
        Some(user_id) => count(app, parts, user_id).await.map(Some),
        None => Ok(None),
    }
}

async fn count(app: &App, parts: &Parts, user_id: UserId) -> Result<Counted, TooMany> {
    let route = parts.extensions.get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    let quota = app
        .gate
        .admit_person(user_id, &parts.method, route, &parts.headers)
        .await?;
    Ok(Counted { user_id, quota })
}

/// Whether it is a program of somebody who lets no program in.
fn is_shut_out(principal: &Principal) -> bool {
    !matches!(principal.credential, Credential::Session(_)) && !principal.preferences.api_access
}

fn api_access_off() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "api-access-off",
        "API access is off",
        "The person of this token has switched API access off. They can switch it on again under \
         Settings, Preferences, Programs.",
    )
}

async fn find(
    app: &App,
    request: &Parts,
    proof: &Proof,
    is_kept: bool,
) -> Result<Found, db::Error> {
    let now = app.clock.now();
    let found = match proof {
        Proof::Nothing => Found::default(),
        Proof::Cookie(token) => by_session(app, token, now, is_kept).await?,
        Proof::Bearer(token) if families::is_access_token(token) => {
            by_access_token(app, token, now, is_kept).await?
        }
        Proof::Bearer(token) => by_token(app, token, now).await?,
    };
    if let (Proof::Cookie(token) | Proof::Bearer(token), true, None) =
        (proof, is_kept, &found.principal)
    {
        kept::forget(&app.cache, token).await;
    }
    if found.principal.is_none() && app.demo && opens_page(request) {
        return as_demo(app, request, now).await;
    }
    Ok(found)
}

/// The one place that keeps a token within its scope: no handler is asked before.
fn within_scope(request: &Parts, principal: &Principal) -> Result<(), Problem> {
    let route = request.extensions.get::<MatchedPath>();
    principal
        .scope()
        .permit(&request.method, route.map(MatchedPath::as_str))
}

/// An `Authorization` header of any kind rules the cookie out: requests that carry one are not
/// checked for forgery, so they must not borrow the rights of a browser's session.
fn proof(app: &App, headers: &HeaderMap) -> Proof {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        return bearer(value).map_or(Proof::Nothing, Proof::Bearer);
    }
    csrf::cookie(headers, &app.cookie_name("session"))
        .filter(|token| !token.is_empty())
        .map_or(Proof::Nothing, |token| Proof::Cookie(token.to_owned()))
}

fn bearer(value: &HeaderValue) -> Option<String> {
    let (scheme, token) = value.to_str().ok()?.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// The one place that keeps out whose account may not be used: whatever the request carries, from the
/// moment the status changes it is nobody's.
fn admitted(row: Option<store::FoundRow>) -> Result<Option<store::FoundRow>, db::Error> {
    match row {
        Some(row) if row.is_active()? => Ok(Some(row)),
        _ => Ok(None),
    }
}

async fn by_session(
    app: &App,
    token: &str,
    now: Timestamp,
    is_kept: bool,
) -> Result<Found, db::Error> {
    let mut tx = app.db.system("find the session of a request").await?;
    let row = store::get(&mut tx, &secret::hash(token), now).await?;
    let Some(row) = admitted(row)? else {
        return Ok(Found::default());
    };
    let id = SessionId(row.id);
    let must_touch = row.is_idle_since(now.checked_sub(TOUCH_EVERY).unwrap_or(now));
    let entry = kept::Entry::of(&row, token).filter(|_| must_touch || !is_kept);
    let principal = row.principal(Credential::Session(id))?;
    let mut found = Found::default();
    if must_touch {
        let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
        store::touch(&mut tx, principal.user_id, id, now, expires_at).await?;
        tx.commit().await?;
        found.set_cookie = Some(token.to_owned());
    } else {
        drop(tx);
    }
    if let Some(entry) = entry {
        entry.keep(&app.cache).await;
    }
    found.principal = Some(principal);
    Ok(found)
}

async fn by_token(app: &App, token: &str, now: Timestamp) -> Result<Found, db::Error> {
    let mut tx = app.db.system("find the API token of a request").await?;
    let row = tokens::store::get(&mut tx, &secret::hash(token), now).await?;
    let Some(row) = admitted(row)? else {
        return Ok(Found::default());
    };
    let id = row.id;
    let must_touch = row.is_idle_since(now.checked_sub(TOUCH_EVERY).unwrap_or(now));
    let scope = tokens::store::scope(row.scope.as_deref().unwrap_or_default(), id)?;
    let principal = row.principal(Credential::Token(scope))?;
    if must_touch {
        tokens::store::touch(&mut tx, principal.user_id, id, now).await?;
        tx.commit().await?;
    }
    Ok(Found {
        principal: Some(principal),
        set_cookie: None,
    })
}

/// An access token is too short-lived for its use to be written down: exchanging its pair is.
async fn by_access_token(
    app: &App,
    token: &str,
    now: Timestamp,
    is_kept: bool,
) -> Result<Found, db::Error> {
    let mut tx = app.db.system("find the access token of a request").await?;
    let row = families::store::get(&mut tx, &secret::hash(token), now).await?;
    drop(tx);
    let Some(row) = admitted(row)? else {
        return Ok(Found::default());
    };
    let id = SessionId(row.id);
    if let Some(entry) = kept::Entry::of(&row, token).filter(|_| !is_kept) {
        entry.keep(&app.cache).await;
    }
    Ok(Found {
        principal: Some(row.principal(Credential::App(id))?),
        set_cookie: None,
    })
}

/// Whether a browser opens a page, as against a program, a script or a form.
fn opens_page(request: &Parts) -> bool {
    // Whoever does not say what they take, takes a page.
    let accepts_html = request
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"));
    request.method == Method::GET
        && accepts_html
        && !request.headers.contains_key(header::AUTHORIZATION)
        && !request.uri.path().starts_with("/api/")
}

/// A visitor of the demo finds herself signed in.
async fn as_demo(app: &App, request: &Parts, now: Timestamp) -> Result<Found, db::Error> {
    let client = Client::of(request);
    let mut tx = app.db.system("sign a visitor of the demo in").await?;
    let Some(user_id) = users::store::get_id(&mut tx, DEMO_EMAIL).await? else {
        return Ok(Found::default());
    };
    let Some(token) = super::open(&mut tx, user_id, None, &client, now).await? else {
        return Ok(Found::default());
    };
    let row = store::get(&mut tx, &secret::hash(&token), now).await?;
    tx.commit().await?;
    let principal = match admitted(row)? {
        Some(row) => {
            let id = SessionId(row.id);
            Some(row.principal(Credential::Session(id))?)
        }
        None => None,
    };
    Ok(Found {
        principal,
        set_cookie: Some(token),
    })
}

fn chrome(app: &App, request: &Parts, principal: Option<&Principal>) -> Chrome {
    let csrf = request
        .extensions
        .get::<CsrfToken>()
        .map(|token| token.0.clone());
    let preferences = principal.map(|principal| &principal.preferences);
    Chrome {
        csrf: csrf.unwrap_or_default(),
        path: request.uri.path().to_owned(),
        visitor: principal.map(|principal| Visitor {
            name: if principal.name.is_empty() {
                principal.email.clone()
            } else {
                principal.name.clone()
            },
        }),
        formats: preferences.map(|p| p.formats.clone()).unwrap_or_default(),
        theme: preferences.map(|p| p.theme).unwrap_or_default(),
        look: preferences.map(|p| p.look).unwrap_or_default(),
        risk_warnings: preferences.is_some_and(|p| p.show_risk_warnings),
        refresh_s: preferences.and_then(Preferences::refresh_s),
        private: preferences.is_some_and(|p| p.hide_amounts),
        demo: app.demo,
        nav: app.nav,
    }
}

fn sets_session(headers: &HeaderMap, app: &App) -> bool {
    let prefix = format!("{}=", app.cookie_name("session"));
    headers
        .get_all(header::SET_COOKIE)
        .iter()
        .any(|value| value.as_bytes().starts_with(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_tokens_count() {
        let bearer = |text: &'static str| bearer(&HeaderValue::from_static(text));
        assert_eq!(bearer("Bearer bur_x"), Some("bur_x".to_owned()));
        assert_eq!(bearer("bearer  bur_x "), Some("bur_x".to_owned()));
        assert_eq!(bearer("Basic dXNlcjpwYXNz"), None);
        assert_eq!(bearer("bur_x"), None);
    }
}
