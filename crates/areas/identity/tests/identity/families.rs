//! Apps that sign in over the API, and their pairs of tokens.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    browser::{Answer, PASSWORD, Server, bearer, bearer_json},
    factors::enrol,
};

const ANN: &str = "ann@example.org";
const ME: &str = "/api/v1/identity/me";
const FAMILIES: &str = "/api/v1/identity/families";
const SESSIONS: &str = "/api/v1/identity/sessions";

async fn attempt(server: &Server, body: Value) -> Answer {
    let mut app = server.browser();
    app.agent = "Ledgerly/2.1 (Android 14)";
    app.call(Method::POST, FAMILIES, Some(body)).await
}

/// Signs an app in.
async fn pair(server: &Server) -> Value {
    let answer = attempt(server, json!({ "email": ANN, "password": PASSWORD })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

async fn exchange(server: &Server, refresh_token: &str) -> Answer {
    let path = format!("{FAMILIES}/exchange");
    let body = json!({ "refresh_token": refresh_token });
    server.browser().call(Method::POST, &path, Some(body)).await
}

async fn status(server: &Server, token: &str) -> u16 {
    let request = bearer(Method::GET, ME, token);
    server.browser().send(request).await.status.as_u16()
}

fn text<'v>(pair: &'v Value, field: &str) -> &'v str {
    pair[field].as_str().expect("text")
}

fn access(pair: &Value) -> &str {
    text(pair, "access_token")
}

fn refresh(pair: &Value) -> &str {
    text(pair, "refresh_token")
}

async fn deeds(server: &Server, user: db::UserId) -> Vec<String> {
    let mut tx = server.system().await;
    sqlx::query_scalar!(
        "select type from platform.activity where user_id = $1 order by at, id",
        user.0
    )
    .fetch_all(tx.conn())
    .await
    .expect("deeds")
}

#[tokio::test]
async fn an_app_signs_in_and_goes_on_by_exchanging() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let first = pair(&server).await;
    assert_eq!(
        (&first["access_expires_at"], &first["refresh_expires_at"]),
        (
            &"2026-03-02T09:45:00Z".into(),
            &"2026-04-01T09:30:00Z".into()
        )
    );
    let mut app = server.browser();
    let me = app.send(bearer(Method::GET, ME, access(&first))).await;
    assert_eq!(me.json()["email"], ANN);
    assert!(app.cookies.is_empty(), "an app gets no cookie");
    server.app.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(
        status(&server, access(&first)).await,
        401,
        "its time is over"
    );

    let second = exchange(&server, refresh(&first)).await;
    assert_eq!(second.status, 200, "{}", second.body);
    let second = second.json();
    assert_eq!(second["session_id"], first["session_id"]);
    assert_eq!(
        second["refresh_expires_at"], "2026-04-01T09:45:00Z",
        "sliding"
    );
    assert_eq!(status(&server, access(&second)).await, 200);
    for (one, other) in [
        (access(&first), access(&second)),
        (refresh(&first), refresh(&second)),
    ] {
        assert_ne!(one, other);
    }

    let mut tx = server.system().await;
    let rows = sqlx::query!("select to_jsonb(t)::text as row from identity.token_pairs t")
        .fetch_all(tx.conn())
        .await
        .expect("pairs");
    assert_eq!(rows.len(), 2);
    for pair in [&first, &second] {
        for secret in [access(pair), refresh(pair)] {
            let random = secret.split_once('.').expect("a prefix").1;
            let is_stored = rows
                .iter()
                .any(|row| row.row.as_deref().unwrap_or("").contains(random));
            assert!(!is_stored, "hashes alone");
        }
    }
    drop(tx);
    assert_eq!(
        deeds(&server, ann_id).await.last().map(String::as_str),
        Some("identity.sessions.sign_in")
    );
}

#[tokio::test]
async fn an_app_stands_in_the_list_of_sessions_and_ends_there() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let (phone, tablet) = (pair(&server).await, pair(&server).await);
    let listed = ann.get(SESSIONS).await.json();
    let of_app = &listed["items"][0];
    assert_eq!(of_app["id"], tablet["session_id"]);
    assert_eq!(
        [
            &of_app["carrier"],
            &of_app["device"],
            &of_app["address"],
            &of_app["agent"]
        ],
        ["app", "Ledgerly", "192.0.2.7", "Ledgerly/2.1 (Android 14)"]
    );
    ann.get("/identity/settings/sessions")
        .await
        .shows("Ledgerly");
    let own = server
        .browser()
        .send(bearer(Method::GET, SESSIONS, access(&tablet)))
        .await
        .json();
    assert_eq!(own["items"][0]["is_current"], true);

    // One by its person, one by itself, and whatever is left.
    let path = format!("{SESSIONS}/{}", text(&phone, "session_id"));
    ann.get("/identity/settings").await;
    assert_eq!(ann.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(status(&server, access(&phone)).await, 401);
    exchange(&server, refresh(&phone))
        .await
        .refused(401, "/problems/refresh-token-invalid");
    assert_eq!(
        status(&server, access(&tablet)).await,
        200,
        "the other stays"
    );
    let path = format!("{SESSIONS}/{}", text(&tablet, "session_id"));
    let request = bearer(Method::DELETE, &path, access(&tablet));
    assert_eq!(server.browser().send(request).await.status, 204);
    assert_eq!(status(&server, access(&tablet)).await, 401);

    let third = pair(&server).await;
    ann.call(Method::DELETE, SESSIONS, None).await;
    assert_eq!(status(&server, access(&third)).await, 401);
    assert_eq!(server.count_sessions(ann_id).await, 1, "the browser's");
}

#[tokio::test]
async fn wrong_passwords_are_refused_alike_and_counted_with_those_of_the_page() {
    let server = Server::start().await;
    server.add(ANN).await;
    let wrong = attempt(
        &server,
        json!({ "email": ANN, "password": "a wrong guess" }),
    )
    .await;
    let wrong = wrong.refused(422, "/problems/sign-in-refused");
    let unknown = json!({ "email": "bob@example.org", "password": "a wrong guess" });
    let unknown = attempt(&server, unknown).await;
    assert_eq!(
        wrong["detail"],
        unknown.refused(422, "/problems/sign-in-refused")["detail"]
    );
    let odd = json!({ "email": "ann\u{0}@example.org", "password": PASSWORD });
    attempt(&server, odd)
        .await
        .refused(422, "/problems/sign-in-refused");
    let mut page = server.browser();
    for _ in 0..2 {
        assert_eq!(page.sign_in(ANN, "a wrong guess", "/").await.status, 422);
    }
    let slowed = attempt(&server, json!({ "email": ANN, "password": PASSWORD })).await;
    slowed.refused(429, "/problems/too-many-attempts");
    assert_eq!(slowed.header("retry-after"), "1");
    server.app.clock.advance(SignedDuration::from_secs(1));
    pair(&server).await;
    for body in [
        json!({ "email": ANN }),
        json!({ "email": ANN, "password": PASSWORD, "scope": "read" }),
        json!([]),
    ] {
        let refused = attempt(&server, body).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        refused.hides(PASSWORD);
    }
}

#[tokio::test]
async fn the_second_step_is_asked_for_here_as_well() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let (phone, recovery) = enrol(&server, &mut ann).await;
    let with = |code: &str| json!({ "email": ANN, "password": PASSWORD, "code": code });
    attempt(&server, json!({ "email": ANN, "password": PASSWORD }))
        .await
        .refused(422, "/problems/second-step-required");
    let wrong = attempt(&server, with("000000")).await;
    let wrong = wrong.refused(422, "/problems/invalid-input");
    assert_eq!(wrong["errors"][0]["code"], "wrong_code");
    assert_eq!(server.count_sessions(ann_id).await, 1, "the browser's");
    let code = phone.code(&server);
    assert_eq!(attempt(&server, with(&code)).await.status, 201);
    assert_eq!(attempt(&server, with(&code)).await.status, 422, "once");
    assert_eq!(attempt(&server, with(&recovery[0])).await.status, 201);
    assert_eq!(
        attempt(&server, with(&recovery[0])).await.status,
        422,
        "once"
    );
    // A right code helps nobody without the password.
    let guess = json!({ "email": ANN, "password": "a wrong guess", "code": recovery[1] });
    attempt(&server, guess)
        .await
        .refused(422, "/problems/sign-in-refused");
    assert_eq!(server.count_sessions(ann_id).await, 3);
}

#[tokio::test]
async fn wrong_codes_slow_each_other_down() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (phone, _) = enrol(&server, &mut ann).await;
    let with = |code: &str| json!({ "email": ANN, "password": PASSWORD, "code": code });
    for _ in 0..3 {
        assert_eq!(attempt(&server, with("000000")).await.status, 422);
    }
    let right = phone.code(&server);
    attempt(&server, with(&right))
        .await
        .refused(429, "/problems/too-many-attempts");
    server.app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(attempt(&server, with(&right)).await.status, 201);
}

/// Somebody copied a refresh token: whoever of the two comes second ends it for both.
#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_its_family() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let (first, other) = (pair(&server).await, pair(&server).await);
    let second = exchange(&server, refresh(&first)).await.json();
    server.app.clock.advance(SignedDuration::from_secs(10));
    exchange(&server, refresh(&first))
        .await
        .refused(401, "/problems/refresh-token-invalid");
    for pair in [&first, &second] {
        assert_eq!(status(&server, access(pair)).await, 401, "at once");
        exchange(&server, refresh(pair))
            .await
            .refused(401, "/problems/refresh-token-invalid");
    }
    assert_eq!(
        status(&server, access(&other)).await,
        200,
        "another sign-in"
    );
    assert_eq!(server.count_sessions(ann_id).await, 1);
    let marks = deeds(&server, ann_id)
        .await
        .into_iter()
        .filter(|kind| kind == "identity.sessions.end_after_reuse");
    assert_eq!(marks.count(), 1, "it stands in the person's activity");
}

/// Within ten seconds a second use is taken for an accident: it brings nothing and ends nothing.
#[tokio::test]
async fn a_second_use_at_once_is_refused_and_harmless() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let first = pair(&server).await;
    let second = exchange(&server, refresh(&first)).await.json();
    server.app.clock.advance(SignedDuration::from_millis(9_999));
    exchange(&server, refresh(&first))
        .await
        .refused(409, "/problems/refresh-token-just-used");
    assert_eq!(status(&server, access(&second)).await, 200);
    assert_eq!(exchange(&server, refresh(&second)).await.status, 200);
    assert!(
        !deeds(&server, ann_id)
            .await
            .contains(&"identity.sessions.end_after_reuse".to_owned())
    );
}

#[tokio::test]
async fn of_many_exchanges_at_the_same_moment_one_succeeds() {
    let server = Server::start().await;
    server.add(ANN).await;
    let first = pair(&server).await;
    let token = refresh(&first);
    let answers = futures::future::join_all((0..8).map(|_| exchange(&server, token))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.status.as_u16() == 200);
    assert_eq!((won.len(), lost.len()), (1, 7));
    for answer in lost {
        answer.refused(409, "/problems/refresh-token-just-used");
    }
    let next = won[0].json();
    assert_eq!(status(&server, access(&next)).await, 200);
    assert_eq!(exchange(&server, refresh(&next)).await.status, 200);
}

#[tokio::test]
async fn whoever_is_suspended_loses_everything_at_once() {
    let server = Server::start().await;
    let (_, mut owner) = server.add_signed_in("owner@example.org").await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let app = pair(&server).await;
    ann.get("/identity/settings").await;
    let token = ann
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "script" })),
        )
        .await
        .json();
    let token = text(&token, "secret").to_owned();
    owner.get("/identity/people").await;
    let person = format!("/api/v1/identity/people/{ann_id}");
    let change = async |owner: &mut crate::browser::Browser, status: &str| {
        let body = json!({ "status": status });
        let changed = owner.call(Method::PATCH, &person, Some(body)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    };
    change(&mut owner, "suspended").await;
    let dead = async || {
        assert_eq!(status(&server, access(&app)).await, 401);
        assert_eq!(status(&server, &token).await, 401);
        exchange(&server, refresh(&app))
            .await
            .refused(401, "/problems/refresh-token-invalid");
    };
    dead().await;
    assert_eq!(ann.get("/probe").await.status, 303);
    let refused = attempt(&server, json!({ "email": ANN, "password": PASSWORD })).await;
    refused.refused(422, "/problems/sign-in-refused");
    let mut tx = server.system().await;
    let left = sqlx::query_scalar!(
        r#"select (select count(*) from identity.sessions where user_id = $1)
               + (select count(*) from identity.token_pairs where user_id = $1)
               + (select count(*) from identity.tokens where user_id = $1) as "left!""#,
        ann_id.0
    )
    .fetch_one(tx.conn())
    .await
    .expect("count");
    assert_eq!(left, 0);
    drop(tx);
    // What ended stays ended.
    change(&mut owner, "active").await;
    dead().await;
    pair(&server).await;
}

#[tokio::test]
async fn no_token_stands_in_for_another() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let app = pair(&server).await;
    ann.get("/identity/settings").await;
    let body = Some(json!({ "name": "script" }));
    let made = ann
        .call(Method::POST, "/api/v1/identity/tokens", body)
        .await;
    let made = made.json();
    assert_eq!(status(&server, refresh(&app)).await, 401);
    for token in [
        access(&app),
        text(&made, "secret"),
        "",
        "bur_refresh.x",
        "\0",
    ] {
        exchange(&server, token)
            .await
            .refused(401, "/problems/refresh-token-invalid");
    }
    assert_eq!(exchange(&server, refresh(&app)).await.status, 200);
}

/// What could let somebody else in needs a proof of the last fifteen minutes from an app, too.
#[tokio::test]
async fn an_app_proves_itself_by_signing_in_again() {
    let server = Server::start().await;
    server.add(ANN).await;
    let first = pair(&server).await;
    let make = async |pair: &Value| {
        let body = json!({ "name": "from an app" });
        let path = "/api/v1/identity/tokens";
        let request = bearer_json(Method::POST, path, access(pair), &body);
        server.browser().send(request).await
    };
    assert_eq!(make(&first).await.status, 201);
    server.app.clock.advance(SignedDuration::from_mins(15));
    let second = exchange(&server, refresh(&first)).await.json();
    make(&second).await.refused(403, "/problems/proof-too-old");
    assert_eq!(make(&pair(&server).await).await.status, 201);
}

#[tokio::test]
async fn what_ended_is_removed() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let first = pair(&server).await;
    server
        .app
        .clock
        .advance(SignedDuration::from_hours(20 * 24));
    let second = exchange(&server, refresh(&first)).await.json();
    let pairs = async || {
        let mut tx = server.system().await;
        sqlx::query_scalar!(r#"select count(*) as "count!" from identity.token_pairs"#)
            .fetch_one(tx.conn())
            .await
            .expect("count")
    };
    server
        .app
        .clock
        .advance(SignedDuration::from_hours(10 * 24));
    server.sweep().await;
    assert_eq!((pairs().await, server.count_sessions(ann_id).await), (1, 1));
    // Of a pair that is forgotten it is not known any more that it was used.
    exchange(&server, refresh(&first))
        .await
        .refused(401, "/problems/refresh-token-invalid");
    let third = exchange(&server, refresh(&second)).await;
    assert_eq!(third.status, 200, "30 days from the last exchange");
    server
        .app
        .clock
        .advance(SignedDuration::from_hours(30 * 24));
    exchange(&server, refresh(&third.json()))
        .await
        .refused(401, "/problems/refresh-token-invalid");
    server.sweep().await;
    assert_eq!((pairs().await, server.count_sessions(ann_id).await), (0, 0));
}
