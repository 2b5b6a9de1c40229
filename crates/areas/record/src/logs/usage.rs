//! Which pages are used: the form of their addresses, never what stands in them.

use axum::{
    extract::{MatchedPath, Request},
    http::{Method, header},
    middleware::Next,
    response::Response,
};
use db::Origin;

/// The target of events that say which page was looked at.
pub const USAGE: &str = "usage";

/// Sent by the script of a page that is fetched again while it stays open.
const REFRESH: &str = "x-bursar-refresh";

/// The middleware inside of [`identity::resolve`]: says which page a signed-in person looked at.
pub async fn note_usage(request: Request, next: Next) -> Response {
    let page = (request.method() == Method::GET)
        .then(|| request.extensions().get::<MatchedPath>().cloned())
        .flatten();
    // A page that looks at itself anew was not looked at by anybody.
    let page = page.filter(|_| !request.headers().contains_key(REFRESH));
    let device = device(&request);
    let response = next.run(request).await;
    let is_known = Origin::current().is_some_and(|origin| origin.user_id.is_some());
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if let Some(page) = page.filter(|_| is_known && is_page && response.status().is_success()) {
        tracing::info!(target: USAGE, page = page.as_str(), action = "view", device, "page_view");
    }
    response
}

fn device(request: &Request) -> &'static str {
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .map(header::HeaderValue::as_bytes)
        .unwrap_or_default();
    if agent.windows(6).any(|word| word == b"Mobile") {
        "phone"
    } else {
        "computer"
    }
}
