use axum::{
    body::Body,
    http::{Method, Request, header},
};
use jiff::SignedDuration;

use crate::browser::{PASSWORD, Server};

const SESSION: &str = "bursar_session";

#[tokio::test]
async fn signing_in_and_out() {
    let server = Server::start().await;
    let ann_id = server.add("ann@example.org").await;
    let mut ann = server.browser();
    ann.get("/probe")
        .await
        .leads_to("/identity/sign-in?next=/probe");
    let answer = ann
        .sign_in(" Ann@example.org", PASSWORD, "/probe?period=1Y")
        .await;
    answer.leads_to("/probe?period=1Y");
    let cookie = answer.header("set-cookie").to_owned();
    for part in [
        "bursar_session=",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
        "Max-Age=2592000",
    ] {
        assert!(cookie.contains(part), "no {part} in {cookie}");
    }
    assert_eq!(ann.probe().await["name"], "ann@example.org");
    assert_eq!(ann.probe().await["today"], "2026-03-02");
    ann.get("/identity/sign-in?next=/probe")
        .await
        .leads_to("/probe");
    let token = ann.cookies[SESSION].clone();
    let mut tx = server.system().await;
    let row = sqlx::query!("select address, agent, token_hash from identity.sessions")
        .fetch_one(tx.conn())
        .await
        .expect("one session");
    assert_eq!(row.address.as_deref(), Some("192.0.2.7"));
    assert!(row.agent.is_some_and(|agent| agent.contains("Firefox")));
    assert_ne!(row.token_hash.as_deref(), Some(token.as_bytes()));
    drop(tx);

    ann.get("/identity/settings").await;
    ann.post("/identity/sign-out", &[])
        .await
        .leads_to("/identity/sign-in");
    assert!(!ann.cookies.contains_key(SESSION));
    assert_eq!(server.count_sessions(ann_id).await, 0);
    ann.cookies.insert(SESSION.to_owned(), token);
    ann.get("/probe")
        .await
        .leads_to("/identity/sign-in?next=/probe");
    ann.get("/api/v1/identity/me")
        .await
        .refused(401, "/problems/unauthenticated");
}

#[tokio::test]
async fn behind_tls_the_cookie_is_bound_to_the_host() {
    let server = Server::start_as(|app| app.secure_cookies = true).await;
    server.add("ann@example.org").await;
    let answer = server
        .browser()
        .sign_in("ann@example.org", PASSWORD, "/")
        .await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("__Host-bursar_session=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_look_the_same() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    let mut browser = server.browser();
    let wrong = browser
        .sign_in("ann@example.org", "not the password", "/")
        .await;
    let unknown = browser
        .sign_in("bob@example.org", "not the password", "/")
        .await;
    assert_eq!((wrong.status.as_u16(), unknown.status.as_u16()), (422, 422));
    wrong.shows("Email address and password do not match an account here.");
    assert_eq!(wrong.body.replace("ann@", "bob@"), unknown.body);
    wrong.hides("not the password");
    assert!(!browser.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn closed_accounts_do_not_sign_in_and_their_sessions_end() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    let mut tx = server.system().await;
    sqlx::query!(
        "update identity.users set status = 'suspended' where id = $1",
        ann_id.0
    )
    .execute(tx.conn())
    .await
    .expect("update");
    tx.commit().await.expect("commit");
    ann.get("/api/v1/identity/me")
        .await
        .refused(401, "/problems/unauthenticated");
    let refused = server
        .browser()
        .sign_in("ann@example.org", PASSWORD, "/")
        .await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn one_returns_only_to_this_site() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "",
    ] {
        let answer = server
            .browser()
            .sign_in("ann@example.org", PASSWORD, next)
            .await;
        answer.leads_to("/");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_for_one_address_and_email() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    let mut eve = server.browser();
    for _ in 0..3 {
        assert_eq!(
            eve.sign_in("ann@example.org", "a wrong guess", "/")
                .await
                .status,
            422
        );
    }
    let slowed = eve.sign_in("ann@example.org", PASSWORD, "/").await;
    assert_eq!(
        (slowed.status.as_u16(), slowed.header("retry-after")),
        (429, "1")
    );
    slowed.shows("Try again in 1 seconds");
    let mut ann = server.browser();
    ann.address.set_ip([198, 51, 100, 1].into());
    assert_eq!(
        ann.sign_in("ann@example.org", PASSWORD, "/").await.status,
        303
    );
    server.app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(
        eve.sign_in("ann@example.org", "a wrong guess", "/")
            .await
            .status,
        422
    );
    assert_eq!(
        eve.sign_in("ann@example.org", PASSWORD, "/")
            .await
            .header("retry-after"),
        "2"
    );
    server.app.clock.advance(SignedDuration::from_secs(2));
    assert_eq!(
        eve.sign_in("ann@example.org", PASSWORD, "/").await.status,
        303
    );
}

#[tokio::test]
async fn a_session_given_beforehand_is_not_adopted() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    let old = ann.cookies[SESSION].clone();
    ann.cookies.insert(SESSION.to_owned(), "planted".to_owned());
    ann.sign_in("ann@example.org", PASSWORD, "/")
        .await
        .leads_to("/");
    assert_ne!(ann.cookies[SESSION], "planted");
    assert_eq!(server.count_sessions(ann_id).await, 2);
    // Signing in over a live session replaces it.
    ann.cookies.insert(SESSION.to_owned(), old);
    ann.get("/identity/settings").await;
    let fields = [("email", "ann@example.org"), ("password", PASSWORD)];
    ann.post("/identity/sign-in", &fields).await.leads_to("/");
    assert_eq!(server.count_sessions(ann_id).await, 2);
}

#[tokio::test]
async fn a_session_lives_30_days_from_its_last_use() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let hours = |hours| server.app.clock.advance(SignedDuration::from_hours(hours));
    let last_used = async || {
        let mut tx = server.system().await;
        let row = sqlx::query!("select last_used_at, expires_at from identity.sessions")
            .fetch_one(tx.conn())
            .await
            .expect("one session");
        (
            row.last_used_at.to_jiff().to_string(),
            row.expires_at.to_jiff().to_string(),
        )
    };
    server.app.clock.advance(SignedDuration::from_mins(59));
    let answer = ann.get("/probe").await;
    assert!(
        !answer.headers.contains_key(header::SET_COOKIE),
        "not within the hour"
    );
    assert_eq!(last_used().await.0, "2026-03-02T09:30:00Z");
    hours(29 * 24);
    let answer = ann.get("/probe").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("set-cookie").contains("Max-Age=2592000"));
    let expected = (
        "2026-03-31T10:29:00Z".to_owned(),
        "2026-04-30T10:29:00Z".to_owned(),
    );
    assert_eq!(last_used().await, expected);
    hours(29 * 24);
    assert_eq!(ann.get("/probe").await.status, 200);
    hours(30 * 24);
    assert_eq!(ann.get("/probe").await.status, 303);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_person_alone() {
    let server = Server::start().await;
    let (ann_id, mut laptop) = server.add_signed_in("ann@example.org").await;
    let mut phone = server.browser();
    phone.agent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1";
    phone.sign_in("ann@example.org", PASSWORD, "/").await;
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;

    let list = laptop.get("/api/v1/identity/sessions").await.json();
    let items = list["items"].as_array().expect("items").clone();
    let current: Vec<_> = items
        .iter()
        .map(|item| item["is_current"].as_bool())
        .collect();
    assert_eq!(current, [Some(false), Some(true)], "the newest first");
    let page = laptop.get("/identity/settings/sessions").await;
    page.shows("Safari on iPhone");
    page.shows("this one");
    page.shows("iPhone OS 17_0");
    assert_eq!(
        [
            &items[0]["device"],
            &items[0]["address"],
            &items[0]["expires_at"]
        ],
        ["Safari on iPhone", "192.0.2.7", "2026-04-01T09:30:00Z"]
    );
    assert_eq!(
        (&items[1]["device"], &items[1]["carrier"]),
        (&"Firefox on Linux".into(), &"browser".into())
    );

    let phone_id = items[0]["id"].as_str().expect("id");
    eve.get("/identity/settings").await;
    let path = format!("/api/v1/identity/sessions/{phone_id}");
    eve.call(Method::DELETE, &path, None)
        .await
        .refused(404, "/problems/not-found");
    eve.post(
        &format!("/identity/settings/sessions/{phone_id}/revoke"),
        &[],
    )
    .await
    .shows("404");
    assert_eq!(phone.get("/probe").await.status, 200);

    let revoke = format!("/identity/settings/sessions/{phone_id}/revoke");
    laptop
        .post(&revoke, &[])
        .await
        .leads_to("/identity/settings/sessions?saved=1");
    phone
        .get("/api/v1/identity/me")
        .await
        .refused(401, "/problems/unauthenticated");
    assert_eq!(laptop.call(Method::DELETE, &path, None).await.status, 404);

    phone
        .sign_in("ann@example.org", PASSWORD, "/")
        .await
        .leads_to("/");
    let ended = laptop
        .call(Method::DELETE, "/api/v1/identity/sessions", None)
        .await;
    assert_eq!(ended.status, 204);
    assert_eq!(server.count_sessions(ann_id).await, 1);
    assert_eq!(laptop.get("/probe").await.status, 200);
    assert_eq!(eve.get("/probe").await.status, 200);
}

#[tokio::test]
async fn one_signs_out_everywhere_here_as_well() {
    let server = Server::start().await;
    let (ann_id, mut laptop) = server.add_signed_in("ann@example.org").await;
    let (eve_id, _) = server.add_signed_in("eve@example.org").await;
    let mut phone = server.signed_in("ann@example.org").await;
    laptop
        .get("/identity/settings/sessions")
        .await
        .shows("Sign out everywhere");
    laptop
        .post("/identity/settings/sessions/revoke-all", &[])
        .await
        .leads_to("/identity/sign-in");
    assert!(!laptop.cookies.contains_key(SESSION));
    assert_eq!(phone.get("/probe").await.status, 303);
    assert_eq!(server.count_sessions(ann_id).await, 0);
    assert_eq!(server.count_sessions(eve_id).await, 1);

    let mut again = server.signed_in("ann@example.org").await;
    again.get("/identity/settings").await;
    let all = "/api/v1/identity/sessions?current=true";
    assert_eq!(again.call(Method::DELETE, all, None).await.status, 204);
    again
        .get("/api/v1/identity/me")
        .await
        .refused(401, "/problems/unauthenticated");
    assert_eq!(server.count_sessions(ann_id).await, 0);
}

#[tokio::test]
async fn the_list_is_paged() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    for _ in 0..2 {
        server.signed_in("ann@example.org").await;
    }
    let first = ann.get("/api/v1/identity/sessions?limit=2").await.json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = ann
        .get(&format!(
            "/api/v1/identity/sessions?limit=2&cursor={cursor}"
        ))
        .await
        .json();
    assert_eq!(second["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&second["next_cursor"], &second["items"][0]["is_current"]),
        (&().into(), &true.into())
    );
    let bad = ann.get("/api/v1/identity/sessions?cursor=x").await;
    bad.refused(422, "/problems/invalid-input");
}

/// Requests with an `Authorization` header are not checked for forgery, so the cookie must not count.
#[tokio::test]
async fn an_authorization_header_rules_the_cookie_out() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    for authorization in ["Basic YW5uOnB3", "Bearer wrong", "Bearer "] {
        let request = Request::delete("/api/v1/identity/sessions")
            .header(header::AUTHORIZATION, authorization)
            .body(Body::empty())
            .expect("request");
        ann.send(request)
            .await
            .refused(401, "/problems/unauthenticated");
        let request = Request::post("/identity/settings/sessions/revoke-others")
            .header(header::AUTHORIZATION, authorization)
            .body(Body::empty())
            .expect("request");
        assert_eq!(ann.send(request).await.status, 401);
    }
    assert_eq!(server.count_sessions(ann_id).await, 1);
}

#[tokio::test]
async fn strangers_cost_no_query() {
    let server = Server::start().await;
    let mut browser = server.browser();
    server.db().close().await;
    assert_eq!(browser.get("/identity/sign-in").await.status, 200);
    browser
        .cookies
        .insert(SESSION.to_owned(), "anything".to_owned());
    assert_eq!(
        browser.get("/identity/sign-in").await.status,
        503,
        "a cookie is looked up"
    );
}
