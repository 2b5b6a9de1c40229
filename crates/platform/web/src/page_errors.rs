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
    page::error_page,
    problem::{Problem, request_id},
    state::App,
};

const SIGN_IN: &str = "/identity/sign-in";

/// What is known of the request when its refusal is written.
struct Asked {
    here: String,
    is_read: bool,
    request_id: Option<String>,
    /// The frame for someone whom nobody has recognised.
    stranger: Chrome,
}

/// Writes the body of every problem outside of `/api`. Who must sign in first is led there and back.
pub async fn render_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let asked = Asked {
        here: request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        is_read: matches!(*request.method(), Method::GET | Method::HEAD),
        request_id: request_id(&request),
        stranger: Chrome {
            path: request.uri().path().to_owned(),
            demo: app.demo,
            nav: app.nav,
            ..Chrome::default()
        },
    };
    write_problem(&asked, next.run(request).await)
}

fn write_problem(asked: &Asked, mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    if problem.status == StatusCode::UNAUTHORIZED && asked.is_read {
        return see_other(&format!("{SIGN_IN}?next={}", percent_encode(&asked.here)));
    }
    // Whoever resolved the session on the way in has left the frame on the way out.
    let resolved = response.extensions_mut().remove::<Chrome>();
    let chrome = resolved.as_ref().unwrap_or(&asked.stranger);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    let page = error_page(chrome, &problem, asked.request_id.as_deref());
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
    use axum::body::to_bytes;

    use super::*;

    fn asked(is_read: bool) -> Asked {
        Asked {
            here: "/portfolio/holdings?period=1Y".to_owned(),
            is_read,
            request_id: Some("req-7".to_owned()),
            stranger: Chrome::default(),
        }
    }

    #[test]
    fn a_stranger_who_reads_is_led_to_the_sign_in_and_back() {
        let response = write_problem(&asked(true), Problem::unauthenticated().into_response());
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let location = &response.headers()[header::LOCATION];
        assert_eq!(
            location,
            "/identity/sign-in?next=/portfolio/holdings%3Fperiod%3D1Y"
        );
    }

    #[test]
    fn a_stranger_who_sends_a_form_is_told_instead() {
        let response = write_problem(&asked(false), Problem::unauthenticated().into_response());
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn a_refusal_is_a_page_with_its_status_and_headers() {
        let problem = Problem {
            retry_after_s: Some(2),
            ..Problem::not_found("portfolio")
        };
        let response = write_problem(&asked(true), problem.into_response());
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let page = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            page.contains("There is no such portfolio.") && page.contains("req-7"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn the_frame_of_the_session_is_used_where_there_is_one() {
        let mut response = Problem::not_found("portfolio").into_response();
        let visitor = Some(crate::Visitor {
            name: "Ann".to_owned(),
        });
        response.extensions_mut().insert(Chrome {
            visitor,
            ..Chrome::default()
        });
        let body = to_bytes(write_problem(&asked(true), response).into_body(), 1 << 20).await;
        let page = String::from_utf8(body.unwrap().to_vec()).unwrap();
        assert!(page.contains("Menu of Ann"), "{page}");
    }

    #[tokio::test]
    async fn what_is_no_refusal_passes_untouched() {
        let response = write_problem(&asked(true), "hello".into_response());
        let body = to_bytes(response.into_body(), 100).await.unwrap();
        assert_eq!(&body[..], b"hello");
    }

    #[test]
    fn the_way_back_survives_the_query() {
        assert_eq!(percent_encode("/a/b?c=d&e=ü"), "/a/b%3Fc%3Dd%26e%3D%C3%BC");
    }
}
