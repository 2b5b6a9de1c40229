//! Recent proof: what would let somebody else in asks who one is once more.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;

use crate::{
    authenticator::{Authenticator, Question},
    browser::{PASSWORD, Server, bearer, bearer_json},
    factors::TAB,
    passkeys::register,
};

const CONFIRM: &str = "/identity/confirm";

#[tokio::test]
async fn after_a_quarter_of_an_hour_the_password_is_asked_for_again() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(TAB).await;
    server.app.clock.advance(SignedDuration::from_mins(14));
    ann.post(&format!("{TAB}/totp"), &[]).await.leads_to(TAB);
    server.app.clock.advance(SignedDuration::from_mins(1));
    for (path, back) in [
        ("/identity/settings/factors/totp", TAB),
        ("/identity/settings/factors/totp/confirm", TAB),
        ("/identity/settings/factors/passkeys", TAB),
        ("/identity/settings/factors/recovery-codes", TAB),
        ("/identity/settings/tokens", "/identity/settings/tokens"),
        ("/identity/settings/email", "/identity/settings/profile"),
    ] {
        let led = ann.post(path, &[("name", "x")]).await;
        led.leads_to(&format!("{CONFIRM}?next={back}"));
    }
    let tokens = "/api/v1/identity/tokens";
    ann.call(Method::POST, tokens, Some(json!({ "name": "x" })))
        .await
        .refused(403, "/problems/proof-too-old");
    assert_eq!(
        ann.get(tokens).await.json()["items"],
        json!([]),
        "reading needs no proof"
    );

    let page = ann
        .get(&format!("{CONFIRM}?next=/identity/settings/tokens"))
        .await;
    page.shows("value=\"/identity/settings/tokens\"");
    let wrong = ann
        .post(CONFIRM, &[("current_password", "not the river")])
        .await;
    assert_eq!(wrong.status, 422);
    wrong.shows("This is not your current password.");
    let fields = [
        ("current_password", PASSWORD),
        ("next", "/identity/settings/tokens"),
    ];
    ann.post(CONFIRM, &fields)
        .await
        .leads_to("/identity/settings/tokens");
    let made = ann
        .call(Method::POST, tokens, Some(json!({ "name": "x" })))
        .await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn a_proof_counts_for_its_own_session() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    server.app.clock.advance(SignedDuration::from_mins(20));
    server.signed_in("ann@example.org").await;
    ann.get(TAB).await;
    let led = ann.post(&format!("{TAB}/totp"), &[]).await;
    led.leads_to(&format!("{CONFIRM}?next={TAB}"));
}

#[tokio::test]
async fn whoever_took_a_session_cannot_guess_at_the_password() {
    let server = Server::start().await;
    let (_, mut thief) = server.add_signed_in("ann@example.org").await;
    thief.get(CONFIRM).await;
    for _ in 0..3 {
        assert_eq!(
            thief
                .post(CONFIRM, &[("current_password", "a guess")])
                .await
                .status,
            422
        );
    }
    let waiting = thief.post(CONFIRM, &[("current_password", PASSWORD)]).await;
    assert_eq!(waiting.status, 429);
    waiting.shows("Try again in 1 seconds");
}

#[tokio::test]
async fn a_passkey_proves_it_too() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let mut key = Authenticator::new(1);
    register(&mut ann, &mut key, "Phone").await;
    server.app.clock.advance(SignedDuration::from_mins(20));
    let path = format!("{CONFIRM}/passkey");
    ann.get(CONFIRM).await.shows(&format!("action=\"{path}\""));
    let question = Question::of(&ann.post(&path, &[("next", TAB)]).await);
    let mut of_eve = Authenticator::new(2);
    let foreign = of_eve.get(&question);
    let fields = [
        ("ceremony", question.ceremony.as_str()),
        ("credential", &foreign),
        ("next", TAB),
    ];
    let refused = ann.post(&path, &fields).await;
    assert_eq!(refused.status, 422);
    refused.shows("not registered here");
    let question = Question::of(&refused);
    let answer = key.get(&question);
    let fields = [
        ("ceremony", question.ceremony.as_str()),
        ("credential", &answer),
        ("next", TAB),
    ];
    ann.post(&path, &fields).await.leads_to(TAB);
    ann.post(&format!("{TAB}/totp"), &[]).await.leads_to(TAB);
}

/// The path to return to stays on this site.
#[tokio::test]
async fn a_proof_leads_nowhere_else() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(CONFIRM).await;
    let fields = [
        ("current_password", PASSWORD),
        ("next", "https://evil.example"),
    ];
    ann.post(CONFIRM, &fields).await.leads_to("/");
}

/// Whoever finds a token must not make more of it.
#[tokio::test]
async fn a_token_of_whatever_scope_proves_nothing() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(TAB).await;
    ann.post(&format!("{TAB}/totp"), &[]).await.leads_to(TAB);
    ann.get(TAB).await.shows("Scan this picture");
    let tokens = "/api/v1/identity/tokens";
    for scope in ["full", "limited", "read"] {
        let body = json!({ "name": scope, "scope": scope });
        let made = ann.call(Method::POST, tokens, Some(body)).await.json();
        let secret = made["secret"].as_str().expect("a secret");
        let mut thief = server.browser();
        let page = thief.send(bearer(Method::GET, TAB, secret)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.hides("Scan this picture");
        page.hides("class=\"secret\"");
        for path in [
            "/identity/settings/factors/totp",
            "/identity/settings/factors/totp/confirm",
            "/identity/settings/factors/totp/disable",
            "/identity/settings/factors/passkeys",
            "/identity/settings/factors/recovery-codes",
            "/identity/settings/openid",
            "/identity/settings/tokens",
            "/identity/settings/email",
        ] {
            let refused = thief.send(bearer(Method::POST, path, secret)).await;
            assert_eq!(refused.status, 403, "{scope}: {path}: {}", refused.body);
        }
        let wider = bearer_json(Method::POST, tokens, secret, &json!({ "name": "wider" }));
        let code = match scope {
            "full" => "/problems/proof-too-old",
            _ => "/problems/token-scope",
        };
        thief.send(wider).await.refused(403, code);
        // A full token ends tokens, itself included.
        let own = format!("{tokens}/{}", made["id"].as_str().expect("an id"));
        let ended = thief.send(bearer(Method::DELETE, &own, secret)).await;
        assert_eq!(ended.status, if scope == "full" { 204 } else { 403 });
    }
    let kept: Vec<_> = ann.get(tokens).await.json()["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|token| token["name"].clone())
        .collect();
    assert_eq!(kept, ["read", "limited"]);
}
