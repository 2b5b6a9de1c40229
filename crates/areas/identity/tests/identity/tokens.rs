use axum::{
    body::Body,
    http::{Method, Request, header},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::browser::{Browser, Server, bearer};

const ME: &str = "/api/v1/identity/me";
const TOKENS: &str = "/api/v1/identity/tokens";

async fn make(ann: &mut Browser, name: &str) -> Value {
    ann.get("/identity/settings").await;
    let made = ann
        .call(Method::POST, TOKENS, Some(json!({ "name": name })))
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

#[tokio::test]
async fn a_token_works_until_it_is_revoked() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let made = make(&mut ann, " Backup ").await;
    let secret = made["secret"].as_str().expect("secret").to_owned();
    let prefix = made["prefix"].as_str().expect("prefix");
    assert_eq!((made["name"].as_str(), secret.len()), (Some("Backup"), 47));
    assert!(secret.starts_with("bur_") && secret.starts_with(prefix) && prefix.len() == 8);

    let mut program = server.browser();
    let me = program.send(bearer(Method::GET, ME, &secret)).await;
    assert_eq!(me.json()["email"], "ann@example.org");
    assert!(program.cookies.is_empty(), "a program gets no cookie");
    program
        .send(bearer(Method::GET, ME, &secret[..46]))
        .await
        .refused(401, "/problems/unauthenticated");

    let list = ann.get(TOKENS).await;
    list.hides(&secret);
    assert_eq!(
        list.json()["items"][0]["last_used_at"],
        "2026-03-02T09:30:00Z"
    );
    ann.get("/identity/settings/tokens").await.hides(&secret);

    let path = format!("{TOKENS}/{}", made["id"].as_str().expect("id"));
    assert_eq!(
        program
            .send(bearer(Method::DELETE, &path, &secret))
            .await
            .status,
        204
    );
    program
        .send(bearer(Method::GET, ME, &secret))
        .await
        .refused(401, "/problems/unauthenticated");
}

#[tokio::test]
async fn the_use_of_a_token_is_written_down_hourly() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let secret = make(&mut ann, "Backup").await["secret"]
        .as_str()
        .expect("secret")
        .to_owned();
    let mut seen = Vec::new();
    for minutes in [0, 30, 30] {
        server.app.clock.advance(SignedDuration::from_mins(minutes));
        ann.send(bearer(Method::GET, ME, &secret)).await;
        seen.push(ann.get(TOKENS).await.json()["items"][0]["last_used_at"].clone());
    }
    assert_eq!(
        seen,
        [
            "2026-03-02T09:30:00Z",
            "2026-03-02T09:30:00Z",
            "2026-03-02T10:30:00Z"
        ]
    );
}

#[tokio::test]
async fn a_repeated_request_makes_no_second_token_and_stores_no_secret() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    make(&mut ann, "First").await;
    let csrf = ann.csrf_token().to_owned();
    let request = |name: &str| {
        Request::post(TOKENS)
            .header("x-csrf-token", &csrf)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "key-1")
            .body(Body::from(json!({ "name": name }).to_string()))
            .expect("request")
    };
    let first = ann.send(request("Second")).await;
    let second = ann.send(request("Second")).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    let (first, second) = (first.json(), second.json());
    assert!(
        first["secret"]
            .as_str()
            .is_some_and(|secret| secret.starts_with("bur_"))
    );
    assert_eq!(second.get("secret"), None);
    assert_eq!(
        (&first["id"], &first["prefix"]),
        (&second["id"], &second["prefix"])
    );
    ann.send(request("Third"))
        .await
        .refused(422, "/problems/idempotency-key-reused");

    let mut tx = server.system().await;
    let names = sqlx::query_scalar!("select name from identity.tokens order by id")
        .fetch_all(tx.conn())
        .await
        .expect("tokens");
    assert_eq!(names, ["First", "Second"]);
    let stored = sqlx::query_scalar!("select body from platform.idempotency_keys")
        .fetch_one(tx.conn())
        .await
        .expect("one answer")
        .expect("a body");
    let stored = String::from_utf8(stored).expect("text");
    let secret = first["secret"].as_str().expect("secret");
    assert!(
        stored.contains("Second") && !stored.contains(&secret[8..]),
        "{stored}"
    );
}

#[tokio::test]
async fn tokens_are_made_and_revoked_on_the_page() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings/tokens")
        .await
        .shows("There is no token.");
    let refused = ann
        .post("/identity/settings/tokens", &[("name", "  ")])
        .await;
    assert_eq!(refused.status, 422);
    refused.shows("Say in 1 to 100 characters what the token is for.");

    let made = ann
        .post("/identity/settings/tokens", &[("name", "Sheet <1>")])
        .await;
    assert_eq!(made.status, 201);
    made.shows("Sheet &lt;1&gt;");
    let secret = made
        .body
        .split_once("<code class=\"secret\">")
        .expect("secret")
        .1;
    let secret = secret
        .split_once("</code>")
        .expect("closed")
        .0
        .replace("<wbr>", "");
    assert_eq!(ann.send(bearer(Method::GET, ME, &secret)).await.status, 200);

    let page = ann.get("/identity/settings/tokens").await;
    page.hides(&secret);
    let action = page
        .body
        .split_once("action=\"/identity/settings/tokens/")
        .expect("a form")
        .1;
    let id = action.split_once("/revoke\"").expect("an id").0.to_owned();
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;
    eve.get("/identity/settings").await;
    let path = format!("/identity/settings/tokens/{id}/revoke");
    assert_eq!(eve.post(&path, &[]).await.status, 404);
    eve.call(Method::DELETE, &format!("{TOKENS}/{id}"), None)
        .await
        .refused(404, "/problems/not-found");
    assert_eq!(eve.get(TOKENS).await.json()["items"], json!([]));
    assert_eq!(ann.send(bearer(Method::GET, ME, &secret)).await.status, 200);
    ann.post(&path, &[])
        .await
        .leads_to("/identity/settings/tokens?saved=1");
    assert_eq!(ann.send(bearer(Method::GET, ME, &secret)).await.status, 401);
}

#[tokio::test]
async fn bad_names_are_refused_with_the_field() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let long = "x".repeat(101);
    for body in [
        json!({ "name": "" }),
        json!({ "name": long }),
        json!({ "name": "a\nb" }),
    ] {
        let refused = ann.call(Method::POST, TOKENS, Some(body)).await;
        let problem = refused.refused(422, "/problems/invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], "name");
    }
    let unknown = ann
        .call(
            Method::POST,
            TOKENS,
            Some(json!({ "name": "x", "scope": "all" })),
        )
        .await;
    assert_eq!(unknown.status, 422);
}
