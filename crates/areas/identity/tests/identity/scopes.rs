//! What a token may do, and until when.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::browser::{Browser, Server, bearer, bearer_json};

const ME: &str = "/api/v1/identity/me";
const TOKENS: &str = "/api/v1/identity/tokens";
const TAB: &str = "/identity/settings/tokens";
const PREFERENCES: &str = "/api/v1/identity/preferences";

/// Makes a token and returns it with its secret.
async fn make(ann: &mut Browser, body: Value) -> (Value, String) {
    ann.get("/identity/settings").await;
    let made = ann.call(Method::POST, TOKENS, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let secret = made["secret"].as_str().expect("secret").to_owned();
    (made, secret)
}

async fn status(server: &Server, token: &str) -> u16 {
    let request = bearer(Method::GET, ME, token);
    server.browser().send(request).await.status.as_u16()
}

fn dollars() -> Value {
    json!({ "base_currency": "USD", "locale": "en-GB", "theme": "dark", "hide_amounts": true })
}

#[tokio::test]
async fn a_narrow_token_reads_and_changes_nothing_of_the_account() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    for scope in ["read", "limited"] {
        let (made, secret) = make(&mut ann, json!({ "name": scope, "scope": scope })).await;
        assert_eq!(made["scope"], scope);
        let mut program = server.browser();
        for path in [ME, TOKENS, PREFERENCES, "/api/v1/identity/sessions"] {
            let answer = program.send(bearer(Method::GET, path, &secret)).await;
            assert_eq!(answer.status, 200, "{scope}: {path}");
        }
        let own = format!("{TOKENS}/{}", made["id"].as_str().expect("an id"));
        for (method, path, body) in [
            (Method::PUT, PREFERENCES, dollars()),
            (Method::POST, TOKENS, json!({ "name": "wider" })),
            (Method::DELETE, own.as_str(), json!({})),
            (Method::DELETE, "/api/v1/identity/sessions", json!({})),
            // Pages are behind the same door, and so is what leads nowhere.
            (Method::POST, "/identity/settings", json!({})),
            (Method::POST, "/api/v1/identity/me", json!({})),
        ] {
            let request = bearer_json(method, path, &secret, &body);
            let refused = program.send(request).await;
            assert_eq!(refused.status, 403, "{scope}: {path}: {}", refused.body);
            if path.starts_with("/api/") {
                let problem = refused.refused(403, "/problems/token-scope");
                let detail = problem["detail"].as_str().expect("text");
                assert!(
                    detail.contains(&format!("`{scope}`")) && detail.contains(TAB),
                    "{detail}"
                );
            } else {
                refused.shows("Not within the scope of the token");
            }
        }
    }
    assert_eq!(ann.get(PREFERENCES).await.json()["base_currency"], "EUR");
    let names: Vec<Value> = ann.get(TOKENS).await.json()["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|token| token["name"].clone())
        .collect();
    assert_eq!(names, ["limited", "read"], "neither made nor revoked one");
    assert_eq!(ann.get("/probe").await.status, 200, "nor ended the session");
}

#[tokio::test]
async fn a_full_token_is_the_person() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (made, secret) = make(&mut ann, json!({ "name": "x" })).await;
    assert_eq!(made["scope"], "full", "unless something else is said");
    let request = bearer_json(Method::PUT, PREFERENCES, &secret, &dollars());
    assert_eq!(server.browser().send(request).await.status, 200);
    assert_eq!(ann.get(PREFERENCES).await.json()["base_currency"], "USD");
}

#[tokio::test]
async fn a_token_ends_and_is_then_like_one_that_never_was() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (usual, usual_secret) = make(&mut ann, json!({ "name": "usual" })).await;
    let today = json!({ "name": "today", "expires": "2026-03-02" });
    let (today, today_secret) = make(&mut ann, today).await;
    let never = json!({ "name": "never", "expires": "never" });
    let (never, never_secret) = make(&mut ann, never).await;
    assert_eq!(usual["expires_at"], "2026-05-31T09:30:00Z", "90 days");
    assert_eq!(today["expires_at"], "2026-03-03T00:00:00Z");
    assert_eq!(never["expires_at"], Value::Null);

    server
        .app
        .clock
        .advance(SignedDuration::from_mins(14 * 60 + 29));
    assert_eq!(status(&server, &today_secret).await, 200, "the last minute");
    server.app.clock.advance(SignedDuration::from_mins(1));
    let mut program = server.browser();
    let ended = program.send(bearer(Method::GET, ME, &today_secret)).await;
    let ended = ended.refused(401, "/problems/unauthenticated");
    let unknown = program.send(bearer(Method::GET, ME, "bur_unknown")).await;
    let unknown = unknown.refused(401, "/problems/unauthenticated");
    assert_eq!(
        (&ended["title"], &ended["detail"]),
        (&unknown["title"], &unknown["detail"])
    );
    assert_eq!(status(&server, &usual_secret).await, 200);
    ann.get(TAB).await.shows("expired");

    // It says for a month why a program stopped, and is removed then.
    let count = async || {
        let mut tx = server.system().await;
        sqlx::query_scalar!(r#"select count(*) as "count!" from identity.tokens"#)
            .fetch_one(tx.conn())
            .await
            .expect("count")
    };
    server
        .app
        .clock
        .advance(SignedDuration::from_hours(29 * 24));
    server.sweep().await;
    assert_eq!(count().await, 3);
    server.app.clock.advance(SignedDuration::from_hours(24));
    server.sweep().await;
    assert_eq!(count().await, 2);
    server
        .app
        .clock
        .advance(SignedDuration::from_hours(365 * 24));
    assert_eq!(status(&server, &usual_secret).await, 401);
    assert_eq!(status(&server, &never_secret).await, 200);
}

#[tokio::test]
async fn a_scope_or_an_end_that_cannot_be_is_refused_with_the_field() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(TAB).await;
    for expires in ["2026-03-01", "soon", "", "9999-12-31"] {
        let body = json!({ "name": "x", "expires": expires });
        let refused = ann.call(Method::POST, TOKENS, Some(body)).await;
        let problem = refused.refused(422, "/problems/invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], "expires", "{expires}");
    }
    let all = json!({ "name": "x", "scope": "everything" });
    let refused = ann.call(Method::POST, TOKENS, Some(all)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let refused = ann.post(TAB, &[("name", "x"), ("scope", "all")]).await;
    assert_eq!(refused.status, 422);
    refused.shows("“all” is no scope: choose full, limited or read");
    let refused = ann
        .post(TAB, &[("name", "Mine"), ("expires", "2026-01-01")])
        .await;
    assert_eq!(refused.status, 422);
    refused.shows("Choose a day from today on");
    refused.shows("value=\"Mine\"");
    assert_eq!(ann.get(TOKENS).await.json()["items"], json!([]));
}

#[tokio::test]
async fn scope_and_end_are_chosen_and_shown_on_the_page() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let page = ann.get(TAB).await;
    page.shows("value=\"2026-05-31\"");
    let made = ann
        .post(
            TAB,
            &[
                ("name", "Sheet"),
                ("scope", "read"),
                ("expires", "2026-12-31"),
            ],
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.shows("Read: changes nothing");
    let made = ann
        .post(
            TAB,
            &[
                ("name", "Old"),
                ("scope", "limited"),
                ("expires", ""),
                ("never", "true"),
            ],
        )
        .await;
    made.shows("It works until you revoke it.");
    let items = ann.get(TOKENS).await.json()["items"].clone();
    assert_eq!(
        (&items[0]["scope"], &items[0]["expires_at"]),
        (&"limited".into(), &Value::Null)
    );
    assert_eq!(
        (&items[1]["scope"], &items[1]["expires_at"]),
        (&"read".into(), &"2027-01-01T00:00:00Z".into())
    );
}
