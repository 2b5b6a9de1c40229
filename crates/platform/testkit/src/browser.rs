//! Somebody who talks to a router: a browser that keeps cookies and sends the forms it was shown, or
//! a program with a bearer token. Knows HTTP and HTML, and nothing of the product.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot send its request has failed"
)]

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header, request},
};
use serde_json::Value;
use tower::ServiceExt as _;

const BOUNDARY: &str = "----a-boundary-of-tests";

/// A person's browser, or a program.
#[derive(Clone, Debug)]
pub struct Browser {
    router: Router,
    /// Cookies by name.
    pub cookies: BTreeMap<String, String>,
    /// Sent with every request, when there is one; a program keeps no cookies.
    pub bearer: Option<String>,
    /// The forgery token of the last page that had a form.
    pub csrf: String,
    /// Where the requests come from.
    pub address: SocketAddr,
}

/// What came back, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body; bytes that are no UTF-8 are replaced.
    pub body: String,
}

impl Browser {
    /// A browser that has been nowhere yet.
    pub fn new(router: &Router) -> Self {
        Self {
            router: router.clone(),
            cookies: BTreeMap::new(),
            bearer: None,
            csrf: String::new(),
            address: SocketAddr::from(([192, 0, 2, 7], 50_000)),
        }
    }

    /// A program that carries an API token.
    pub fn with_token(router: &Router, token: &str) -> Self {
        Self {
            bearer: Some(token.to_owned()),
            ..Self::new(router)
        }
    }

    /// Sends a request as it is, with cookies or token.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        if let Some(token) = &self.bearer {
            let value = format!("Bearer {token}").parse().expect("token");
            headers.insert(header::AUTHORIZATION, value);
        } else if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            headers.insert(header::COOKIE, pairs.join("; ").parse().expect("cookies"));
        }
        headers.entry(header::USER_AGENT).or_insert(
            "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Firefox/121.0"
                .parse()
                .expect("agent"),
        );
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("body");
        self.keep_cookies(&parts.headers);
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        if let Some(token) = csrf_of(&answer.body) {
            self.csrf = token;
        }
        answer
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        if self.bearer.is_some() {
            return;
        }
        for value in headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("ascii");
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT, "text/html,*/*;q=0.8");
        self.send(request.body(Body::empty()).expect("request"))
            .await
    }

    /// Sends a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf.clone();
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("_csrf", token.as_str())])
            .collect();
        self.post_bare(path, &fields).await
    }

    /// Sends a form with exactly these fields.
    pub async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(pairs.join("&")))
            .expect("request");
        self.send(request).await
    }

    /// Sends a form with a file, and the token of the last page.
    pub async fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (name, file_name, content): (&str, &str, &[u8]),
    ) -> Answer {
        let mut body = Vec::new();
        let token = self.csrf.clone();
        for (field, value) in [("_csrf", token.as_str())].iter().chain(fields) {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; \
             filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let request = Request::post(path)
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .body(Body::from(body))
            .expect("request");
        self.send(request).await
    }

    /// The beginning of an API call, for further headers: [`Browser::send`] it.
    pub fn request(&self, method: Method, path: &str) -> request::Builder {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        if self.csrf.is_empty() {
            request
        } else {
            request.header("x-csrf-token", &self.csrf)
        }
    }

    /// Calls the API, with a JSON body where there is one.
    pub async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = self.request(method, path).body(body).expect("request");
        self.send(request).await
    }

    /// Reads from the API; anything but 200 fails the test.
    pub async fn read(&mut self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.json()
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{}: no JSON ({error}): {}", self.status, self.body))
    }

    /// The body as JSON, after making sure of the status.
    pub fn json_of(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.json()
    }

    /// A header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    /// Refused with the problem document of this code; returns it.
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        let expected = format!("/problems/{code}");
        assert_eq!(
            (self.status.as_u16(), body["type"].as_str()),
            (status, Some(expected.as_str())),
            "{body}"
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        body
    }

    /// Led on to another page.
    pub fn leads_to(&self, path: &str) {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        assert_eq!(self.header("location"), path);
    }

    /// Led on to a page whose address begins so; returns the rest of it.
    pub fn leads_below(&self, prefix: &str) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        let location = self.header("location");
        location
            .strip_prefix(prefix)
            .unwrap_or_else(|| panic!("{location} is not below {prefix}"))
            .to_owned()
    }

    /// The page contains a text.
    pub fn shows(&self, text: &str) {
        assert!(
            self.body.contains(text),
            "{}: no “{text}” in {}",
            self.status,
            self.body
        );
    }

    /// The page does not contain a text.
    pub fn hides(&self, text: &str) {
        assert!(
            !self.body.contains(text),
            "{}: “{text}” in {}",
            self.status,
            self.body
        );
    }
}

fn csrf_of(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("name=\"_csrf\" value=\"")?;
    rest.split_once('"').map(|(token, _)| token.to_owned())
}

/// Encodes all but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
