//! Refusals under pages: what `/api` answers as a problem document, a person reads as a page.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    chrome::Chrome,
    csrf::CsrfToken,
    page::error_page,
    problem::{Problem, request_id},
    state::App,
};

const SIGN_IN: &str = "/identity/sign-in";

/// Writes the body of every problem outside of `/api`. Who must sign in first is led there and back.
pub async fn render_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let request_id = request_id(&request);
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let uri = request.uri().clone();
    let known = request.extensions().get::<Chrome>().cloned();
    let csrf = request
        .extensions()
        .get::<CsrfToken>()
        .map(|token| token.0.clone());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    if problem.status == StatusCode::UNAUTHORIZED && is_read {
        let here = uri.path_and_query().map_or("/", |path| path.as_str());
        return see_other(&format!("{SIGN_IN}?next={}", percent_encode(here)));
    }
    // A handler deeper inside may have learnt more than was known on the way in.
    let chrome = response
        .extensions_mut()
        .remove::<Chrome>()
        .or(known)
        .unwrap_or_else(|| Chrome {
            csrf: csrf.unwrap_or_default(),
            path: uri.path().to_owned(),
            demo: app.demo,
            nav: app.nav,
            ..Chrome::default()
        });
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    let page = error_page(&chrome, &problem, request_id.as_deref());
    Response::from_parts(parts, Body::from(page.into_string()))
}

fn see_other(location: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Encodes all but the unreserved characters of RFC 3986 and the slash.
fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_the_query() {
        assert_eq!(percent_encode("/a/b?c=d&e=ü"), "/a/b%3Fc%3Dd%26e%3D%C3%BC");
    }
}
