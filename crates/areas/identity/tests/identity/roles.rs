//! What each role may do, tried on every route of the area that is guarded.

use axum::http::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, Server};

const ADMIN_PAGES: [&str; 3] = [
    "/identity/people",
    "/identity/people/invitations",
    "/identity/people/registration",
];

/// Routes that administrators alone may use, with what is sent.
fn of_administrators(id: &str) -> Vec<(Method, String, Option<Value>)> {
    let api = "/api/v1/identity";
    vec![
        (Method::GET, format!("{api}/people"), None),
        (Method::GET, format!("{api}/people/{id}"), None),
        (
            Method::PATCH,
            format!("{api}/people/{id}"),
            Some(json!({ "role": "admin" })),
        ),
        (Method::GET, format!("{api}/invitations"), None),
        (Method::POST, format!("{api}/invitations"), Some(json!({}))),
        (Method::DELETE, format!("{api}/invitations/{id}"), None),
        (Method::GET, format!("{api}/registration"), None),
        (
            Method::PUT,
            format!("{api}/registration"),
            Some(json!({ "policy": "open" })),
        ),
    ]
}

async fn as_role(server: &Server, email: &str, role: &str) -> (String, Browser) {
    let (id, mut browser) = server.add_signed_in(email).await;
    let mut tx = server.system().await;
    sqlx::query!(
        "update identity.users set role = $2 where id = $1",
        id.0,
        role
    )
    .execute(tx.conn())
    .await
    .expect("updated");
    tx.commit().await.expect("committed");
    browser.get("/identity/settings").await;
    (id.to_string(), browser)
}

#[tokio::test]
async fn only_administrators_reach_what_is_theirs() {
    let server = Server::start().await;
    let owner = server.add("owner@example.org").await;
    for role in ["user", "agent"] {
        let email = format!("{role}@example.org");
        let (id, mut browser) = as_role(&server, &email, role).await;
        for (method, path, body) in of_administrators(&id) {
            let refused = browser.call(method, &path, body).await;
            refused.refused(403, "/problems/forbidden");
            refused.hides("owner@example.org");
        }
        let own_page = format!("/identity/people/{owner}");
        let picture = format!("{own_page}/avatar");
        for page in ADMIN_PAGES.into_iter().chain([own_page.as_str(), &picture]) {
            let refused = browser.get(page).await;
            assert_eq!(refused.status, 403, "{role}: {page}");
            refused.hides("owner@example.org");
        }
        for page in [own_page.as_str(), ADMIN_PAGES[1], ADMIN_PAGES[2]] {
            let fields = [("role", "admin"), ("policy", "open"), ("days", "1")];
            assert_eq!(
                browser.post(page, &fields).await.status,
                403,
                "{role}: {page}"
            );
        }
        browser
            .get("/identity/settings/profile")
            .await
            .hides("/identity/people");
    }
    let mut tx = server.system().await;
    let admins = sqlx::query_scalar!(
        r#"select count(*) as "count!" from identity.users where role = 'admin'"#
    );
    assert_eq!(admins.fetch_one(tx.conn()).await.expect("count"), 1);
    let (_, mut admin) = as_role(&server, "second@example.org", "admin").await;
    for page in ADMIN_PAGES {
        assert_eq!(admin.get(page).await.status, 200, "{page}");
    }
    admin
        .get("/identity/settings/profile")
        .await
        .shows("href=\"/identity/people\"");
}

#[tokio::test]
async fn an_agent_reads_but_manages_nothing() {
    let server = Server::start().await;
    server.add("owner@example.org").await;
    let (id, mut agent) = as_role(&server, "agent@example.org", "agent").await;
    let before = server
        .count_sessions(db::UserId(id.parse().expect("id")))
        .await;
    let api = "/api/v1/identity";
    for path in ["me", "preferences", "sessions", "tokens", "profile"] {
        let read = agent.get(&format!("{api}/{path}")).await;
        assert_eq!(read.status, 200, "{path}: {}", read.body);
    }
    let preferences = json!({
        "base_currency": "USD", "locale": "en-US", "theme": "dark", "hide_amounts": true,
    });
    for (method, path, body) in [
        (Method::PUT, "preferences", Some(preferences)),
        (Method::PUT, "profile", Some(json!({ "name": "x" }))),
        (Method::POST, "tokens", Some(json!({ "name": "x" }))),
        (
            Method::DELETE,
            "tokens/00000000-0000-0000-0000-000000000001",
            None,
        ),
        (Method::DELETE, "sessions", None),
        (
            Method::DELETE,
            "sessions/00000000-0000-0000-0000-000000000001",
            None,
        ),
    ] {
        let refused = agent.call(method, &format!("{api}/{path}"), body).await;
        refused.refused(403, "/problems/forbidden");
    }
    for path in [
        "/identity/settings",
        "/identity/settings/profile",
        "/identity/settings/name",
        "/identity/settings/password",
        "/identity/settings/email",
        "/identity/settings/email/verify",
        "/identity/settings/avatar/remove",
        "/identity/settings/tokens",
        "/identity/settings/tokens/00000000-0000-0000-0000-000000000001/revoke",
        "/identity/settings/sessions/revoke-others",
        "/identity/settings/factors/totp",
        "/identity/settings/factors/totp/confirm",
        "/identity/settings/factors/totp/disable",
        "/identity/settings/factors/passkeys",
        "/identity/settings/factors/passkeys/00000000-0000-0000-0000-000000000001/rename",
        "/identity/settings/factors/passkeys/00000000-0000-0000-0000-000000000001/revoke",
        "/identity/settings/factors/recovery-codes",
    ] {
        let refused = agent.post(path, &[("name", "x")]).await;
        assert_eq!(refused.status, 403, "{path}");
        refused.shows("An agent reads and drafts.");
    }
    let after = server
        .count_sessions(db::UserId(id.parse().expect("id")))
        .await;
    assert_eq!(before, after);
    let mut tx = server.system().await;
    let tokens = sqlx::query_scalar!(r#"select count(*) as "count!" from identity.tokens"#);
    assert_eq!(tokens.fetch_one(tx.conn()).await.expect("count"), 0);
}
