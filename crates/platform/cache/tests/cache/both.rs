//! Every test runs in process and in a Redis of its own.

use std::time::Duration;

use cache::{ANALYSIS, Cache, HashKind, PORTFOLIO, QUOTE, SESSION, Session};
use sha2::{Digest as _, Sha256};
use testkit::Redis;

const BRIEF: HashKind = HashKind {
    lifetime: Duration::from_millis(300),
    ..ANALYSIS
};

/// Runs a body over both back ends.
macro_rules! over_both {
    ($($(#[$meta:meta])* $name:ident($cache:ident) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                async fn expectation($cache: Cache) $body

                #[tokio::test]
                async fn in_process() {
                    expectation(Cache::default()).await;
                }

                #[tokio::test]
                async fn in_redis() {
                    let redis = Redis::start();
                    let cache = Cache::shared(&redis.url()).await.unwrap();
                    assert!(cache.is_shared());
                    expectation(cache).await;
                }
            }
        )*
    };
}

over_both! {
    what_is_kept_comes_back_and_can_be_forgotten(cache) {
        let (old, new) = (["1", "2", "3", "v1"], ["4", "5", "6", "v2"]);
        assert_eq!(cache.get(PORTFOLIO, "ann").await, None);
        cache.put(PORTFOLIO, "ann", &old).await;
        cache.put(PORTFOLIO, "ann", &new).await;
        cache.put(PORTFOLIO, "bob", &old).await;
        assert_eq!(cache.get(PORTFOLIO, "ann").await.unwrap(), new);
        cache.forget(PORTFOLIO, "ann").await;
        assert_eq!(cache.get(PORTFOLIO, "ann").await, None);
        assert_eq!(cache.get(PORTFOLIO, "bob").await.unwrap(), old);
        assert_eq!(cache.get(SESSION, "ann").await, None, "another kind");
    }

    lifetimes_end(cache) {
        let values = ["hold", "0.5", "{}", "2026-03-01T00:00:00Z"];
        cache.put(BRIEF, "ACME", &values).await;
        cache.put(ANALYSIS, "LAST", &values).await;
        assert!(cache.get(BRIEF, "ACME").await.is_some());
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(cache.get(BRIEF, "ACME").await, None);
        assert!(cache.get(ANALYSIS, "LAST").await.is_some());
    }

    counters_count_for_each_person_and_place(cache) {
        for n in 1..=5 {
            let counted = cache.count("ann", "/api/v1/x").await;
            assert_eq!(counted.count, n);
            assert!(counted.resets_in <= Duration::from_mins(1));
            assert!(counted.resets_in > Duration::from_secs(50));
        }
        assert_eq!(cache.count("ann", "/api/v1/y").await.count, 1);
        assert_eq!(cache.count("bob", "/api/v1/x").await.count, 1);
    }

    counting_at_once_loses_none(cache) {
        let all = (0..64).map(|_| {
            let cache = cache.clone();
            async move { cache.count("ann", "x").await.count }
        });
        let mut tasks = all.collect::<tokio::task::JoinSet<_>>();
        let mut seen = Vec::new();
        while let Some(count) = tasks.join_next().await {
            seen.push(count.unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=64).collect::<Vec<u64>>());
    }

    followers_of_a_symbol_form_a_set(cache) {
        let pair = |symbol: &str, who: &str| (symbol.to_owned(), who.to_owned());
        let all = [pair("ACME", "ann"), pair("ACME", "bob"), pair("LAST", "bob")];
        cache.subscribe(&all).await;
        cache.subscribe(&all[..1]).await;
        let of = async |symbol| cache.subscribers(symbol).await.into_iter().collect::<Vec<_>>();
        assert_eq!(of("ACME").await, ["ann", "bob"]);
        cache.unsubscribe(&[pair("ACME", "ann"), pair("ACME", "nobody")]).await;
        assert_eq!(of("ACME").await, ["bob"]);
        cache.unsubscribe(&[pair("ACME", "bob")]).await;
        assert!(of("ACME").await.is_empty());
        assert_eq!(of("LAST").await, ["bob"]);
    }

    many_are_forgotten_at_once(cache) {
        let names: Vec<String> = (0..2_500).map(|n| format!("S{n}")).collect();
        for name in [&names[0], &names[1_700], &names[2_499]] {
            cache.put(QUOTE, name, &["1", "2", "3", "4", "now", "{}"]).await;
        }
        cache.put(QUOTE, "ACME", &["1", "2", "3", "4", "now", "{}"]).await;
        cache.forget_all(QUOTE, &names).await;
        for name in [&names[0], &names[1_700], &names[2_499]] {
            assert_eq!(cache.get(QUOTE, name).await, None, "{name}");
        }
        assert!(cache.get(QUOTE, "ACME").await.is_some());
    }

    sessions_hold_no_token(cache) {
        let session = Session {
            user_id: "ann".to_owned(),
            refresh_token_hash: Session::written(&Sha256::digest("the token")),
            access_token_hash: Session::written(&Sha256::digest("what is carried")),
            device_info: r#"{"agent":"x"}"#.to_owned(),
            created_at: "2026-03-01T00:00:00Z".to_owned(),
        };
        cache.put_session("s1", &session).await;
        let found = cache.session("s1").await.unwrap();
        assert_eq!(found, session);
        assert!(found.is_carried_by("what is carried") && !found.is_carried_by("the token"));
        let kept = cache.get(SESSION, "s1").await.unwrap();
        let tells = |value: &String| value.contains("the token") || value.contains("carried");
        assert!(!kept.iter().any(tells), "{kept:?}");
        cache.forget(SESSION, "s1").await;
        assert_eq!(cache.session("s1").await, None);
    }

    quotes_are_one_to_a_symbol(cache) {
        let values = ["10.5", "0.5", "5", "900", "2026-03-01T00:00:00Z", "{}"];
        cache.put(QUOTE, "BRK.B", &values).await;
        assert_eq!(cache.get(QUOTE, "BRK.B").await.unwrap(), values);
        assert_eq!(cache.get(QUOTE, "BRK").await, None);
    }
}
