//! What others see in Redis, and what happens when it is lost.

use std::time::Duration;

use cache::{ANALYSIS, Cache, PORTFOLIO, QUOTE, Session};
use sha2::{Digest as _, Sha256};
use testkit::Redis;

/// Waits until it holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}

/// Somebody who follows ACME.
fn acme(who: &str) -> [(String, String); 1] {
    [("ACME".to_owned(), who.to_owned())]
}

#[tokio::test]
async fn keys_types_fields_and_lifetimes_are_those_that_others_know() {
    let redis = Redis::start();
    let cache = Cache::shared(&redis.url()).await.unwrap();
    cache
        .put(QUOTE, "ACME", &["1", "2", "3", "4", "now", "{}"])
        .await;
    cache.put(PORTFOLIO, "ann", &["1", "2", "[]", "v"]).await;
    cache
        .put(ANALYSIS, "ACME", &["hold", "0.5", "{}", "now"])
        .await;
    let hash = Session::written(&Sha256::digest("secret"));
    let session = Session {
        user_id: "ann".to_owned(),
        refresh_token_hash: hash.clone(),
        access_token_hash: hash,
        device_info: "{}".to_owned(),
        created_at: "now".to_owned(),
    };
    cache.put_session("s1", &session).await;
    cache.count("ann", "/api/v1/x").await;
    cache.count("ann", "/api/v1/x").await;
    cache.subscribe(&acme("ann")).await;
    for (key, kind, lifetime) in [
        ("stock:ACME:quote", "hash", 60),
        ("portfolio:ann", "hash", 300),
        ("ai:analysis:ACME", "hash", 3600),
        ("session:s1", "hash", 2_592_000),
        ("ratelimit:ann:/api/v1/x", "string", 60),
    ] {
        assert_eq!(redis.command(&["TYPE", key]), kind, "{key}");
        let left: i64 = redis.command(&["TTL", key]).parse().unwrap();
        assert!(left > lifetime - 5 && left <= lifetime, "{key}: {left}");
    }
    assert_eq!(redis.command(&["TYPE", "subscriptions:ACME"]), "set");
    assert_eq!(redis.command(&["TTL", "subscriptions:ACME"]), "-1");
    assert_eq!(redis.command(&["GET", "ratelimit:ann:/api/v1/x"]), "2");
    for (key, field, value) in [
        ("stock:ACME:quote", "change_percent", "3"),
        ("stock:ACME:quote", "updated_at", "now"),
        ("portfolio:ann", "assets", "[]"),
        ("ai:analysis:ACME", "confidence", "0.5"),
        ("session:s1", "user_id", "ann"),
    ] {
        assert_eq!(redis.command(&["HGET", key, field]), value, "{key}");
    }
    let token = redis.command(&["HGET", "session:s1", "refresh_token"]);
    assert_eq!(token, session.refresh_token_hash);
    assert_ne!(token, "secret");
}

#[tokio::test]
async fn two_nodes_see_the_same() {
    let redis = Redis::start();
    let one = Cache::shared(&redis.url()).await.unwrap();
    let other = Cache::shared(&redis.url()).await.unwrap();
    one.put(PORTFOLIO, "ann", &["1", "2", "[]", "v"]).await;
    assert!(other.get(PORTFOLIO, "ann").await.is_some());
    one.count("ann", "x").await;
    assert_eq!(other.count_shared("ann", "x").await.unwrap().count, 2);
    other.forget(PORTFOLIO, "ann").await;
    assert_eq!(one.get(PORTFOLIO, "ann").await, None);
}

async fn followers(cache: &Cache) -> Vec<String> {
    cache.subscribers("ACME").await.into_iter().collect()
}

#[tokio::test]
async fn who_leaves_on_one_node_still_follows_on_another() {
    let redis = Redis::start();
    let one = Cache::shared(&redis.url()).await.unwrap();
    let other = Cache::shared(&redis.url()).await.unwrap();
    one.subscribe(&acme("ann")).await;
    other.subscribe(&acme("ann")).await;
    assert_eq!(followers(&one).await, ["ann"]);
    one.unsubscribe(&acme("ann")).await;
    assert_eq!(followers(&one).await, ["ann"]);
    other.unsubscribe(&acme("ann")).await;
    assert!(followers(&one).await.is_empty());
}

#[tokio::test]
async fn what_a_dead_node_left_behind_goes() {
    let redis = Redis::start();
    let dead = Cache::shared(&redis.url()).await.unwrap();
    dead.subscribe(&acme("ann")).await;
    let living = Cache::shared(&redis.url()).await.unwrap();
    living.subscribe(&acme("bob")).await;
    living.renew_node().await;
    assert_eq!(followers(&living).await, ["ann", "bob"], "it may yet live");
    let members = redis.command(&["SMEMBERS", "nodes"]);
    assert_eq!(members.split_whitespace().count(), 2, "{members}");
    // Its lease has run out.
    for node in members.split_whitespace() {
        let left: i64 = redis
            .command(&["TTL", &format!("nodes:{node}")])
            .parse()
            .unwrap();
        assert!((170..=180).contains(&left), "{left}");
        redis.command(&["DEL", &format!("nodes:{node}")]);
    }
    living.renew_node().await;
    assert_eq!(followers(&living).await, ["bob"]);
    assert_eq!(redis.command(&["SCARD", "nodes"]), "1");
    let keys = redis.command(&["KEYS", "nodes:*:symbols"]);
    assert_eq!(keys.split_whitespace().count(), 1, "{keys}");
}

#[tokio::test]
async fn a_lost_redis_fails_nothing_and_comes_back_by_itself() {
    let mut redis = Redis::start();
    let cache = Cache::shared(&redis.url()).await.unwrap();
    cache.put(PORTFOLIO, "ann", &["1", "2", "[]", "old"]).await;
    cache.put(PORTFOLIO, "bob", &["1", "2", "[]", "old"]).await;
    cache.subscribe(&acme("ann")).await;
    redis.save();
    redis.stop();
    // What it held is not there; what is kept now is.
    assert_eq!(cache.get(PORTFOLIO, "ann").await, None);
    assert!(!cache.is_shared());
    cache.put(PORTFOLIO, "ann", &["3", "4", "[]", "new"]).await;
    assert_eq!(cache.get(PORTFOLIO, "ann").await.unwrap()[3], "new");
    assert_eq!(cache.count("ann", "x").await.count, 1);
    assert_eq!(cache.count_shared("ann", "x").await, None);
    // Forgotten and left while Redis could not be told.
    cache.forget(PORTFOLIO, "ann").await;
    cache.unsubscribe(&acme("ann")).await;
    cache.subscribe(&acme("bob")).await;
    redis.start_again();
    until("Redis is asked again", || cache.is_shared()).await;
    assert_eq!(
        cache.get(PORTFOLIO, "ann").await,
        None,
        "forgotten there too"
    );
    assert_eq!(cache.get(PORTFOLIO, "bob").await.unwrap()[3], "old");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let followers: Vec<String> = cache.subscribers("ACME").await.into_iter().collect();
    assert_eq!(followers, ["bob"]);
    cache.put(PORTFOLIO, "eve", &["5", "6", "[]", "v"]).await;
    assert_eq!(
        redis.command(&["HGET", "portfolio:eve", "total_value"]),
        "5"
    );
}

#[tokio::test]
async fn a_redis_that_is_not_there_yet_is_found_later() {
    let mut redis = Redis::start();
    redis.stop();
    let cache = Cache::shared(&redis.url()).await.unwrap();
    assert!(!cache.is_shared());
    assert_eq!(cache.count("ann", "x").await.count, 1);
    redis.start_again();
    until("Redis is found", || cache.is_shared()).await;
    assert_eq!(cache.count_shared("ann", "x").await.unwrap().count, 1);
}

#[tokio::test]
async fn an_address_of_something_else_is_refused_without_its_password() {
    let refused = Cache::shared("mysql://:hunter2@cache.example/0").await;
    let message = refused.err().unwrap().to_string();
    assert!(message.contains("BURSAR_REDIS_URL"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
}
