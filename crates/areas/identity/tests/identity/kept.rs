//! Sessions in the cache, in process and in Redis: a flood is counted and refused before the database is asked, and
//! nobody is let in or kept out by what stands there.

use std::time::Duration;

use axum::http::Method;
use cache::{Cache, SESSION, Session};
use identity::people::{self, Change};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::Redis;
use tokio::task::JoinSet;
use uuid::Uuid;
use web::{Gate, GateOptions};

use crate::browser::{Browser, PASSWORD, Server, bearer};

const ANN: &str = "ann@example.org";
const ME: &str = "/api/v1/identity/me";
const COOKIE: &str = "bursar_session";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Runs a body over both back ends.
macro_rules! over_both {
    ($($name:ident($cache:ident) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                async fn story($cache: Cache) $body

                #[tokio::test]
                async fn in_process() {
                    story(Cache::default()).await;
                }

                #[tokio::test]
                async fn in_redis() {
                    let redis = Redis::start();
                    let cache = Cache::shared(&redis.url()).await.expect("an address");
                    assert!(cache.is_shared());
                    story(cache).await;
                }
            }
        )*
    };
}

async fn server(cache: &Cache, requests_per_user: u32) -> Server {
    let options = GateOptions {
        requests_per_user,
        ..GateOptions::default()
    };
    Server::start_as(|app| {
        app.gate = Gate::sharing(options, cache.clone());
        app.cache = cache.clone();
    })
    .await
}

/// The id that a cookie names.
fn id_of(browser: &Browser) -> String {
    let cookie = &browser.cookies[COOKIE];
    let (id, _) = cookie.split_once('.').expect("an id and a secret");
    Uuid::try_parse(id).expect("an id").to_string()
}

async fn app_pair(server: &Server) -> Value {
    let body = json!({ "email": ANN, "password": PASSWORD });
    let path = "/api/v1/identity/families";
    let answer = server.browser().call(Method::POST, path, Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

async fn by_token(server: &Server, pair: &Value) -> u16 {
    let token = pair["access_token"].as_str().expect("a token");
    let request = bearer(Method::GET, ME, token);
    server.browser().send(request).await.status.as_u16()
}

/// Waits until what is told by the database is heard.
async fn hears(server: &Server, cache: &Cache) {
    let nobody = Session {
        user_id: Uuid::nil().to_string(),
        refresh_token_hash: String::new(),
        access_token_hash: String::new(),
        device_info: "{}".to_owned(),
        created_at: String::new(),
    };
    cache.put_session("nobody", &nobody).await;
    until_forgotten(server, cache, "nobody", "nobody").await;
}

/// Waits until the cache knows nothing of a session, while something else is told to have ended.
async fn until_forgotten(server: &Server, cache: &Cache, id: &str, told: &str) {
    for _ in 0..100 {
        if cache.session(id).await.is_none() {
            return;
        }
        let mut tx = server.system().await;
        sqlx::query!(
            r#"select pg_notify('bursar_sessions_ended', $1) as "told: ()""#,
            told
        )
        .fetch_one(tx.conn())
        .await
        .expect("told");
        tx.commit().await.expect("commit");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{id} is still known");
}

over_both! {
    a_flood_of_a_session_is_refused_before_the_database_is_asked(cache) {
        let server = server(&cache, 3).await;
        let (ann_id, mut ann) = server.add_signed_in(ANN).await;
        // Whoever knows the session and not its secret spends nobody's requests.
        let mut eve = server.browser();
        eve.cookies.insert(COOKIE.to_owned(), format!("{}.guessed", id_of(&ann)));
        assert_eq!(ann.get(ME).await.status, 200);
        for _ in 0..5 {
            assert_eq!(eve.get(ME).await.status, 401);
        }
        assert_eq!(ann.get(ME).await.status, 200);
        let kept = cache.session(&id_of(&ann)).await.expect("kept");
        assert_eq!(kept.user_id, ann_id.0.to_string());
        assert!(kept.is_carried_by(&ann.cookies[COOKIE]));
        assert_eq!(kept.refresh_token_hash, kept.access_token_hash, "a browser has one cookie");
        assert!(kept.device_info.contains("Firefox"), "{kept:?}");
        let third = ann.get(ME).await;
        assert_eq!(third.status, 200);
        assert!(third.header("ratelimit").starts_with("\"read\";r=0;t="), "each is counted once");
        ann.get(ME).await.refused(429, "/problems/too-many-requests");
        server.db().close().await;
        let refused = ann.get(ME).await;
        assert!(refused.header("ratelimit").starts_with("\"read\";r=0;t="));
        refused.refused(429, "/problems/too-many-requests");
    }

    so_is_that_of_an_app_whose_tokens_change(cache) {
        let server = server(&cache, 3).await;
        let ann_id = server.add(ANN).await;
        let first = app_pair(&server).await;
        for expected in [200, 200, 200, 429] {
            assert_eq!(by_token(&server, &first).await, expected);
        }
        let session = first["session_id"].as_str().expect("an id");
        let body = json!({ "refresh_token": first["refresh_token"] });
        let path = "/api/v1/identity/families/exchange";
        let second = server.browser().call(Method::POST, path, Some(body)).await.json();
        assert_eq!(by_token(&server, &second).await, 429);
        let kept = cache.session(session).await.expect("kept");
        assert_eq!(kept.user_id, ann_id.0.to_string());
        let text = |pair: &Value, name: &str| pair[name].as_str().expect("a token").to_owned();
        assert!(kept.is_carried_by(&text(&second, "access_token")));
        let prolongs = Sha256::digest(text(&second, "refresh_token"));
        assert_eq!(kept.refresh_token_hash, Session::written(&prolongs));
        assert!(!kept.is_carried_by(&text(&first, "access_token")));
        server.db().close().await;
        assert_eq!(by_token(&server, &second).await, 429);
    }

    a_session_that_ends_is_forgotten_whoever_ends_it(cache) {
        let server = server(&cache, 0).await;
        let stop = web::CancellationToken::new();
        let (db, told) = (server.db().clone(), cache.clone());
        let mut listening = JoinSet::new();
        listening.spawn(identity::sessions::forget_ended(db, told, stop.clone()));
        hears(&server, &cache).await;
        // Somebody has to be left who runs the instance.
        server.add("owner@example.org").await;
        let (ann_id, mut ann) = server.add_signed_in(ANN).await;
        let mut phone = server.signed_in(ANN).await;
        let mut tablet = server.signed_in(ANN).await;
        for browser in [&mut ann, &mut phone, &mut tablet] {
            browser.get("/identity/settings").await;
            assert!(cache.session(&id_of(browser)).await.is_some());
        }
        let (first, second, third) = (id_of(&ann), id_of(&phone), id_of(&tablet));
        tablet.post("/identity/sign-out", &[]).await.leads_to("/identity/sign-in");
        until_forgotten(&server, &cache, &third, "nobody").await;
        let path = format!("/api/v1/identity/sessions/{second}");
        assert_eq!(ann.call(Method::DELETE, &path, None).await.status, 204);
        until_forgotten(&server, &cache, &second, "nobody").await;
        assert!(cache.session(&first).await.is_some(), "the others stay");

        // As the command line does, which knows of no cache.
        let change = async |status| {
            let change = Change { status: Some(status), ..Change::default() };
            people::change(server.db(), &server.app.clock, ann_id.into(), change)
                .await
                .expect("changed");
        };
        change(identity::users::Status::Suspended).await;
        until_forgotten(&server, &cache, &first, "nobody").await;
        change(identity::users::Status::Active).await;
        let mut again = server.signed_in(ANN).await;
        again.get(ME).await;
        let last = id_of(&again);
        assert!(cache.session(&last).await.is_some());
        let mut tx = server.system().await;
        sqlx::query!("select platform.erase_person($1)", ann_id.0)
            .execute(tx.conn())
            .await
            .expect("erased");
        tx.commit().await.expect("commit");
        until_forgotten(&server, &cache, &last, "nobody").await;
        stop.cancel();
        listening.join_all().await;
    }

    what_is_out_of_date_lets_nobody_in_and_keeps_nobody_out(cache) {
        let server = server(&cache, 3).await;
        let (_, mut ann) = server.add_signed_in(ANN).await;
        let bob_id = server.add("bob@example.org").await;
        ann.get(ME).await;
        // Somebody else's name stands in the entry: the requests count among theirs, and Ann stays Ann.
        let id = id_of(&ann);
        let mut kept = cache.session(&id).await.expect("kept");
        kept.user_id = bob_id.0.to_string();
        cache.put_session(&id, &kept).await;
        let me = ann.get(ME).await;
        assert_eq!((me.status.as_u16(), &me.json()["email"]), (200, &json!(ANN)));

        // The session ended where nobody told the cache.
        let mut tx = server.system().await;
        sqlx::query!("delete from identity.sessions").execute(tx.conn()).await.expect("deleted");
        tx.commit().await.expect("commit");
        assert_eq!(ann.get(ME).await.status, 401);
        assert_eq!(cache.session(&id).await, None, "forgotten when it was tried");
        assert_eq!(ann.get(ME).await.status, 401);
    }

    a_cookie_of_before_names_no_session_and_works_as_ever(cache) {
        let server = server(&cache, 3).await;
        let (_, mut ann) = server.add_signed_in(ANN).await;
        let id = id_of(&ann);
        let mut tx = server.system().await;
        sqlx::query!("update identity.sessions set token_hash = sha256('of before')")
            .execute(tx.conn())
            .await
            .expect("updated");
        tx.commit().await.expect("commit");
        ann.cookies.insert(COOKIE.to_owned(), "of before".to_owned());
        for expected in [200, 200, 200, 429] {
            assert_eq!(ann.get(ME).await.status, expected);
        }
        assert_eq!(cache.session(&id).await, None);
    }
}

#[tokio::test]
async fn an_entry_lasts_thirty_days_from_the_last_use_that_was_written_down() {
    let redis = Redis::start();
    let cache = Cache::shared(&redis.url()).await.expect("an address");
    let server = server(&cache, 0).await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get(ME).await;
    let key = SESSION.key(&id_of(&ann));
    let left = || -> i64 {
        let answer = redis.command(&["PTTL", &key]);
        answer.trim().parse().unwrap_or_else(|_| panic!("{answer}"))
    };
    assert!(left() > 30 * DAY_MS - 60_000, "{}", left());
    redis.command(&["PEXPIRE", &key, "86400000"]);
    server.app.clock.advance(SignedDuration::from_mins(59));
    ann.get(ME).await;
    assert!(left() <= DAY_MS, "it is written once an hour: {}", left());
    server.app.clock.advance(SignedDuration::from_mins(2));
    ann.get(ME).await;
    assert!(left() > 30 * DAY_MS - 60_000, "{}", left());
}
