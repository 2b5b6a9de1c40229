//! Whatever is sent, a refusal says what is wrong with the request and nothing of what is inside.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use testkit::Answer;

use crate::{
    callers::without_downloads,
    document::operations,
    routes::routes,
    site::{EVE, Site, VERA},
};

/// Words of the inside.
const INSIDE: [&str; 16] = [
    "select ",
    "insert into",
    "update portfolio",
    "delete from",
    "violates",
    "constraint",
    "relation \"",
    "syntax error",
    "sqlx",
    "postgres://",
    "PgDatabase",
    "invalid input syntax",
    "panicked",
    ".rs:",
    "/src/",
    "RUST_BACKTRACE",
];

const GARBAGE: [&str; 9] = [
    "x",
    "0",
    "-1",
    "'%20or%20'1'='1",
    "%27%3B%20drop%20table%20portfolio.portfolios%3B--",
    "%00",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%92%B0",
    "00000000-0000-0000-0000-000000000000",
];

fn assert_tells_nothing(answer: &Answer, what: &str) {
    assert!(
        answer.status.as_u16() < 500,
        "{what}: {} {}",
        answer.status,
        answer.body
    );
    if answer.status.as_u16() < 400 {
        return;
    }
    // Of a page what is written, not the names of its elements.
    let text: String = answer
        .body
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |p| p.1))
        .collect();
    let text = text.to_lowercase();
    for word in INSIDE {
        assert!(
            !text.contains(&word.to_lowercase()),
            "{what}: “{word}” in {}",
            answer.body
        );
    }
}

fn assert_problem(answer: &Answer, what: &str) {
    assert_tells_nothing(answer, what);
    if answer.status.as_u16() >= 400 {
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{what}: {}",
            answer.body
        );
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status.as_u16(), "{what}");
        for field in ["type", "title", "detail", "request_id"] {
            assert!(
                problem[field].as_str().is_some_and(|text| !text.is_empty()),
                "{what}: {problem}"
            );
        }
    }
}

#[tokio::test]
async fn garbage_in_addresses_is_not_found_or_refused() {
    let (site, mut vera, ..) = Site::peopled().await;
    let mut owner = site.owner().await;
    for operation in operations() {
        if !operation.path.contains('{') {
            continue;
        }
        let caller = if operation.id.starts_with("market_") {
            &mut owner
        } else {
            &mut vera
        };
        for garbage in GARBAGE {
            let (before, rest) = operation.path.split_once('{').expect("a parameter");
            let path = format!(
                "{before}{garbage}{}",
                rest.split_once('}').expect("closed").1
            );
            let what = format!("{} {path}", operation.method);
            let answer = caller
                .api
                .call(operation.method.clone(), &path, Some(serde_json::json!({})))
                .await;
            assert_problem(&answer, &what);
            assert!(answer.status.is_client_error(), "{what}: {}", answer.status);
        }
    }
    let mut browser = site.sign_in(VERA).await;
    for (route, methods) in routes(&site.router) {
        if route.starts_with("/api/") || !route.contains('{') {
            continue;
        }
        for garbage in GARBAGE {
            let (before, rest) = route.split_once('{').expect("a parameter");
            let path = format!(
                "{before}{garbage}{}",
                rest.split_once('}').expect("closed").1
            );
            for method in &methods {
                let answer = if *method == Method::GET {
                    browser.get(&path).await
                } else {
                    browser.post(&path, &[("name", "x")]).await
                };
                let what = format!("{method} {path}");
                assert_tells_nothing(&answer, &what);
                assert!(answer.status.is_client_error(), "{what}: {}", answer.status);
            }
        }
    }
}

#[tokio::test]
async fn garbage_in_bodies_is_refused_with_a_problem() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    let mut owner = site.owner().await;
    let mut app = site.app_of(EVE).await;
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\"text\"",
        b"{\"a\": 1}",
        b"{\"name\": 5, \"currency\": {}}",
        b"{\"name\": \"x\", \"name\": \"y\"}",
        b"{\"portfolio_id\": \"' or 1=1\", \"type\": \"buy\", \"date\": \"never\"}",
        b"\xff\xfe\x00",
        b"{\"name\": \"\\ud800\"}",
        deep.as_bytes(),
    ];
    for operation in operations() {
        if operation.body.as_deref() != Some("application/json") {
            continue;
        }
        let path = seeds.fill(&operation.path);
        for body in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let what = format!("{} {path} with {shown}", operation.method);
            let request = |kind: &str| {
                Request::builder()
                    .method(operation.method.clone())
                    .uri(&path)
                    .header(header::CONTENT_TYPE, kind)
                    .body(Body::from(body.to_vec()))
                    .expect("request")
            };
            // Market data, people and who may register are changed by administrators alone.
            let is_of_admins = operation.id.starts_with("market_")
                || ["person", "invitation", "registration"]
                    .iter()
                    .any(|thing| operation.id.ends_with(thing));
            let caller = match operation.id.as_str() {
                // An API token is refused before its body is looked at.
                "identity_create_token" => &mut app,
                _ if is_of_admins => &mut owner.api,
                _ => &mut vera.api,
            };
            let answer = caller.send(request("application/json")).await;
            assert_problem(&answer, &what);
            assert!(
                answer.status.is_client_error(),
                "{what}: {} {}",
                answer.status,
                answer.body
            );
            let answer = caller.send(request("text/plain")).await;
            answer.refused(415, "unsupported-media-type");
        }
    }
}

/// Values that mean something to SQL, to patterns or to nobody.
const HOSTILE: [&str; 6] = [
    "%27%3B--",
    "%27%20union%20all%20values%20(1)--",
    "%25",
    "%5C",
    "%00",
    "99999999999999999999",
];
/// Parameters that pages read.
const OF_PAGES: [&str; 7] = [
    "portfolio",
    "period",
    "q",
    "cursor",
    "type",
    "from",
    "import_id",
];

#[tokio::test]
async fn text_that_looks_like_sql_is_text() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    let mut browser = site.sign_in(VERA).await;
    let before = site.dump(vera.id).await;
    for operation in operations()
        .iter()
        .filter(|operation| operation.method == Method::GET)
    {
        let path = seeds.fill(&operation.path);
        for key in &operation.query {
            for value in HOSTILE {
                let what = format!("{path}?{key}={value}");
                assert_problem(&vera.api.call(Method::GET, &what, None).await, &what);
            }
        }
    }
    for (route, methods) in routes(&site.router) {
        if route.starts_with("/api/")
            || route.starts_with("/assets/")
            || !methods.contains(&Method::GET)
        {
            continue;
        }
        let path = seeds.fill(&route);
        for key in OF_PAGES {
            for value in ["%27%3B--", "%00"] {
                let what = format!("{path}?{key}={value}");
                assert_tells_nothing(&browser.get(&what).await, &what);
            }
        }
    }
    assert_eq!(
        without_downloads(&site.dump(vera.id).await),
        without_downloads(&before)
    );
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_as_too_large() {
    let (_site, mut vera, seeds, _) = Site::peopled().await;
    let path = format!("/api/v1/portfolio/imports?portfolio_id={}", seeds.portfolio);
    let request = Request::post(&path)
        .header(header::CONTENT_TYPE, "text/csv")
        .body(Body::from(vec![b'x'; web::csrf::MAX_BODY_BYTES + 1]))
        .expect("request");
    vera.api.send(request).await.refused(413, "body-too-large");
    let request = Request::post("/api/v1/portfolio/portfolios")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(format!(
            "\"{}\"",
            "x".repeat(web::csrf::MAX_BODY_BYTES)
        )))
        .expect("request");
    vera.api.send(request).await.refused(413, "body-too-large");
}

#[tokio::test]
async fn a_wrong_method_is_said_to_be_wrong() {
    let (site, mut vera, ..) = Site::peopled().await;
    let answer = vera
        .api
        .call(Method::PATCH, "/api/v1/portfolio/portfolios", None)
        .await;
    answer.refused(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let mut browser = site.sign_in(VERA).await;
    let answer = browser.post("/portfolio/holdings", &[]).await;
    assert_eq!(answer.status, 405);
    answer.shows("<h1");
}
