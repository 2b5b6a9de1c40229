//! Limits in number: by person and kind of request, by address, and for what is secret.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;
use web::{Gate, GateOptions};

use crate::browser::{Answer, PASSWORD, Server};

async fn limited(options: GateOptions) -> Server {
    Server::start_as(|app| app.gate = Gate::new(options)).await
}

fn too_many(answer: &Answer) {
    assert_eq!(answer.status, 429, "{}", answer.body);
    let wait: u32 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_person_reads_more_than_they_write() {
    let server = limited(GateOptions {
        requests_per_user: 12,
        ..GateOptions::default()
    })
    .await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (_, mut bob) = server.add_signed_in("bob@example.org").await;
    ann.get("/identity/settings").await;
    for left in (0..12).rev() {
        let answer = ann.get("/api/v1/identity/me").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=12;w=60");
        let expected = format!("\"read\";r={left};t=");
        assert!(
            answer.header("ratelimit").starts_with(&expected),
            "{}",
            answer.header("ratelimit")
        );
    }
    let refused = ann.get("/api/v1/identity/me").await;
    too_many(&refused);
    assert!(refused.header("ratelimit").starts_with("\"read\";r=0;t="));
    refused.refused(429, "/problems/too-many-requests");
    assert_eq!(
        ann.get("/identity/settings").await.status,
        200,
        "another address has its own count"
    );
    assert_eq!(
        bob.get("/api/v1/identity/me").await.status,
        200,
        "others go on"
    );

    let create = |name: &str| Some(json!({ "name": name }));
    for name in ["one", "two"] {
        let made = ann
            .call(Method::POST, "/api/v1/identity/tokens", create(name))
            .await;
        assert_eq!(
            made.status, 201,
            "a sixth of the limit may change something: {}",
            made.body
        );
        assert_eq!(made.header("ratelimit-policy"), "\"write\";q=2;w=60");
    }
    let third = ann
        .call(Method::POST, "/api/v1/identity/tokens", create("three"))
        .await;
    assert!(third.header("ratelimit").starts_with("\"write\";r=0;t="));
    third.refused(429, "/problems/too-many-requests");

    // All routes together take twice as many.
    let mut page = ann.get("/identity/settings").await;
    for _ in 0..12 {
        if page.status == 429 {
            break;
        }
        page = ann.get("/identity/settings").await;
    }
    too_many(&page);
    page.shows("Too many requests");
    assert!(
        !page.body.contains("Menu of"),
        "nobody has looked yet whose it is: {}",
        page.body
    );
    assert_eq!(page.header("ratelimit-policy"), "\"person\";q=24;w=60");
    too_many(&ann.get("/api/v1/identity/profile").await);
}

#[tokio::test]
async fn an_address_is_limited_before_anybody_is_known() {
    let server = limited(GateOptions {
        requests_per_address: 5,
        ..GateOptions::default()
    })
    .await;
    let mut stranger = server.browser();
    for _ in 0..5 {
        let answer = stranger.get("/api/v1/identity/me").await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=5;w=60");
    }
    // Without asking the database: it is closed.
    server.db().close().await;
    stranger
        .cookies
        .insert("bursar_session".to_owned(), "anything".to_owned());
    too_many(&stranger.get("/api/v1/identity/me").await);
    let mut neighbour = server.browser();
    neighbour.address.set_ip([192, 0, 2, 8].into());
    assert_eq!(neighbour.get("/identity/sign-in").await.status, 200);
}

/// What a stranger may send is limited strictly, whatever it is; what is only shown is not.
#[tokio::test]
async fn secrets_are_tried_a_few_times_a_minute() {
    for (path, fields) in [
        (
            "/identity/sign-in",
            [("email", "ann@example.org"), ("password", "x")],
        ),
        (
            "/identity/reset/unknown",
            [("password", "another quiet river"), ("x", "")],
        ),
        (
            "/setup/unknown",
            [("email", "eve@example.org"), ("password", PASSWORD)],
        ),
    ] {
        let server = limited(GateOptions {
            sign_ins_per_address: 4,
            ..GateOptions::default()
        })
        .await;
        let mut eve = server.browser();
        eve.get("/identity/sign-in").await;
        for turn in 0..4 {
            let answer = eve.post(path, &fields).await;
            assert_ne!(answer.status, 403, "{path}: {}", answer.body);
            assert!(
                answer.header("ratelimit-policy") == "\"credentials\";q=4;w=60",
                "{path}, {turn}: {:?}",
                answer.headers
            );
        }
        too_many(&eve.post(path, &fields).await);
        assert_eq!(
            eve.get("/identity/sign-in").await.status,
            200,
            "looking is free"
        );
    }
}

#[tokio::test]
async fn the_word_of_a_stranger_about_addresses_is_not_believed() {
    let options = |proxies: &[&str]| GateOptions {
        sign_ins_per_address: 2,
        trusted_proxies: proxies
            .iter()
            .map(|range| range.parse().expect("a range"))
            .collect(),
        ..GateOptions::default()
    };
    let post = |from: &str| {
        Request::post("/identity/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-for", from)
            .body(Body::empty())
            .expect("request")
    };
    // The gate comes before the form is looked at, so the token does not matter here.
    let server = limited(GateOptions {
        requests_per_address: 2,
        ..options(&[])
    })
    .await;
    let mut eve = server.browser();
    for (turn, from) in ["1.1.1.1", "1.1.1.2", "1.1.1.3"].into_iter().enumerate() {
        let status = eve.send(post(from)).await.status.as_u16();
        assert_eq!(
            status,
            if turn < 2 { 403 } else { 429 },
            "another name, the same address"
        );
    }
    let server = limited(GateOptions {
        requests_per_address: 2,
        ..options(&["192.0.2.0/24"])
    })
    .await;
    let mut proxy = server.browser();
    for (from, expected) in [
        ("198.51.100.1", 403),
        ("9.9.9.9, 198.51.100.1", 403),
        ("8.8.8.8, 198.51.100.1", 429),
        ("198.51.100.1, 198.51.100.2", 403),
        ("198.51.100.1, 192.0.2.9", 429),
    ] {
        assert_eq!(
            proxy.send(post(from)).await.status.as_u16(),
            expected,
            "{from}"
        );
    }
}

#[tokio::test]
async fn sessions_are_listed_with_the_address_behind_the_proxy() {
    let options = GateOptions {
        trusted_proxies: vec!["192.0.2.7/32".parse().expect("a range")],
        ..GateOptions::default()
    };
    let server = limited(options).await;
    server.add("ann@example.org").await;
    let mut ann = server.browser();
    ann.forwarded_for = Some("1.2.3.4, 2001:db8::9");
    ann.sign_in("ann@example.org", PASSWORD, "/")
        .await
        .leads_to("/");
    let list = ann.get("/api/v1/identity/sessions").await.json();
    assert_eq!(list["items"][0]["address"], "2001:db8::9");
}

#[tokio::test]
async fn packed_bodies_and_foreign_origins_are_refused() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let post = |name: &'static str, value: &'static str| {
        Request::post("/api/v1/identity/tokens")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::HOST, "bursar.example:8420")
            .header(name, value)
    };
    let with_token = |ann: &crate::browser::Browser, request: axum::http::request::Builder| {
        request
            .header("x-csrf-token", ann.csrf_token())
            .body(Body::from(r#"{"name":"x"}"#))
            .expect("request")
    };
    for encoding in ["gzip", "br", "deflate", "identity, gzip", "x"] {
        let request = with_token(&ann, post("content-encoding", encoding));
        ann.send(request)
            .await
            .refused(415, "/problems/unsupported-media-type");
    }
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "http://bursar.example"),
        ("origin", "http://bursar.example:8421"),
        ("origin", "http://bursar.example:8420.evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = with_token(&ann, post(name, value));
        ann.send(request)
            .await
            .refused(403, "/problems/csrf-token-invalid");
    }
    for (name, value) in [
        ("content-encoding", "identity"),
        ("origin", "http://bursar.example:8420"),
        ("origin", "null"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
    ] {
        let request = with_token(&ann, post(name, value));
        assert_eq!(ann.send(request).await.status, 201, "{name}: {value}");
    }
    let public = GateOptions {
        public_origin: Some("https://bursar.example".to_owned()),
        ..GateOptions::default()
    };
    let server = limited(public).await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let request = with_token(&ann, post("origin", "https://bursar.example"));
    assert_eq!(
        ann.send(request).await.status,
        201,
        "a proxy may write another host"
    );
}

#[tokio::test]
async fn json_is_shorter_than_a_file() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let long = "x".repeat(1024 * 1024);
    let answer = ann
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": long })),
        )
        .await;
    answer.refused(413, "/problems/body-too-large");
}
