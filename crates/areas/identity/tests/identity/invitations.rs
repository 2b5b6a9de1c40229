use axum::http::Method;
use identity::registration::Policy;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::browser::{Browser, PASSWORD, Server};

const API: &str = "/api/v1/identity/invitations";

async fn owner(server: &Server) -> Browser {
    let (_, mut owner) = server.add_signed_in("owner@example.org").await;
    owner.get("/identity/people/invitations").await;
    owner
}

async fn invite(owner: &mut Browser, body: Value) -> Value {
    let made = owner.call(Method::POST, API, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

#[tokio::test]
async fn an_invitation_for_an_address_carries_its_role_and_works_once() {
    let server = Server::start().await;
    let mut owner = owner(&server).await;
    let body = json!({ "email": "Ann@Example.org", "role": "agent" });
    let closed = owner.call(Method::POST, API, Some(body.clone())).await;
    closed.refused(409, "/problems/registration-closed");
    server.open_registration(Policy::Invitation).await;
    let taken = json!({ "email": "owner@example.org" });
    let taken = owner.call(Method::POST, API, Some(taken)).await;
    taken.refused(409, "/problems/email-taken");
    for bad in [
        json!({ "email": "nobody" }),
        json!({ "days": 0 }),
        json!({ "days": 91 }),
        json!({ "role": "king" }),
    ] {
        let refused = owner.call(Method::POST, API, Some(bad)).await;
        refused.refused(422, "/problems/invalid-input");
    }
    let made = invite(&mut owner, body).await;
    assert_eq!(
        (&made["email"], &made["role"], &made["state"]),
        (&"ann@example.org".into(), &"agent".into(), &"open".into())
    );
    assert_eq!(made["expires_at"], "2026-03-09T09:30:00Z");
    let path = made["path"].as_str().expect("a path").to_owned();
    assert_eq!(server.link_to("ann@example.org", "invitation").await, path);

    // Kept hashed, and shown to nobody again.
    let listed = owner.get(API).await;
    let secret = path.rsplit('/').next().expect("a secret");
    listed.hides(secret);
    let mut ann = server.browser();
    ann.get(&path).await.shows("ann@example.org");
    ann.post(&path, &[("password", PASSWORD), ("username", "ann")])
        .await
        .leads_to("/welcome");
    let me = ann.get("/api/v1/identity/me").await.json();
    assert_eq!(
        (&me["role"], &me["is_admin"]),
        (&"agent".into(), &false.into())
    );
    let profile = ann.get("/api/v1/identity/profile").await.json();
    assert_eq!(
        profile["email_verified_at"],
        Value::Null,
        "the link may have been handed over"
    );
    let proof = server.link_to("ann@example.org", "verify_email").await;
    ann.get(&proof).await;
    ann.post(&proof, &[])
        .await
        .leads_to("/identity/settings/profile");
    let profile = ann.get("/api/v1/identity/profile").await.json();
    assert_eq!(profile["email_verified_at"], "2026-03-02T09:30:00Z");

    assert_eq!(server.browser().get(&path).await.status, 404);
    let listed = owner.get(API).await.json();
    assert_eq!(listed["items"][0]["state"], "accepted");
    let id = listed["items"][0]["id"].as_str().expect("an id");
    let used = owner
        .call(Method::DELETE, &format!("{API}/{id}"), None)
        .await;
    used.refused(404, "/problems/not-found");
}

#[tokio::test]
async fn an_invitation_for_whoever_has_the_link_proves_an_address_first() {
    let server = Server::start().await;
    let mut owner = owner(&server).await;
    server.open_registration(Policy::Invitation).await;
    let page = owner
        .post(
            "/identity/people/invitations",
            &[("email", ""), ("role", "user"), ("days", "2")],
        )
        .await;
    assert_eq!(page.status, 201);
    let (_, rest) = page
        .body
        .split_once("href=\"/identity/invitations/")
        .expect("a link");
    let path = format!(
        "/identity/invitations/{}",
        rest.split_once('"').expect("closed").0
    );

    let mut ann = server.browser();
    ann.get(&path).await.shows("You are invited");
    ann.post(&path, &[("email", "ann at home")])
        .await
        .shows("Write it like ann@example.org, with the ending of its domain.");
    ann.post(&path, &[("email", "ann@example.org")])
        .await
        .shows("Look into your mail");
    ann.post(&path, &[("email", "bob@example.org")]).await;
    let of_ann = server
        .link_to("ann@example.org", "finish_registration")
        .await;
    let of_bob = server
        .link_to("bob@example.org", "finish_registration")
        .await;
    ann.get(&of_ann).await;
    ann.post(&of_ann, &[("password", PASSWORD)])
        .await
        .leads_to("/welcome");
    let profile = ann.get("/api/v1/identity/profile").await.json();
    assert_eq!(profile["email_verified_at"], "2026-03-02T09:30:00Z");
    // One invitation, one account.
    let mut bob = server.browser();
    bob.get("/identity/sign-in").await;
    assert_eq!(
        bob.post(&of_bob, &[("password", PASSWORD)]).await.status,
        403
    );
    assert_eq!(bob.get(&path).await.status, 404);
}

#[tokio::test]
async fn invitations_end_by_time_and_by_hand() {
    let server = Server::start().await;
    let mut owner = owner(&server).await;
    server.open_registration(Policy::Invitation).await;
    let late = invite(&mut owner, json!({ "days": 1 })).await;
    let revoked = invite(&mut owner, json!({ "email": "ann@example.org" })).await;
    let path = |made: &Value| made["path"].as_str().expect("a path").to_owned();
    let id = revoked["id"].as_str().expect("an id").to_owned();
    let remove = format!("/identity/people/invitations/{id}/revoke");
    assert_eq!(server.browser().get(&path(&revoked)).await.status, 200);
    owner
        .post(&remove, &[])
        .await
        .leads_to("/identity/people/invitations?saved=1");
    assert_eq!(server.browser().get(&path(&revoked)).await.status, 404);
    assert_eq!(owner.post(&remove, &[]).await.status, 404);
    assert_eq!(server.browser().get(&path(&late)).await.status, 200);
    server.app.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(server.browser().get(&path(&late)).await.status, 404);
    assert_eq!(owner.get(API).await.json()["items"][0]["state"], "expired");
    owner
        .get("/identity/people/invitations")
        .await
        .shows("whoever has the link");
}
