//! What all providers have in common: limits, tries, the breaker, conditions.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use sources::{BreakerState, FetchError, Limit, Outcome, Payload, ProviderId, Request};

use crate::server::{Reply, Server, ask, day, now, ok, status};

const GOOD: &str =
    r#"{"price":"101.5","bid":"101.4","ask":"101.6","volume":"12","time":"2026-11-22T01:59:00Z"}"#;

fn quote() -> Request {
    Request::Quote {
        symbol: "BTC-USD".to_owned(),
    }
}

#[tokio::test]
async fn a_failing_server_is_asked_again_and_the_third_answer_counts() {
    let server = Server::start([status(503, "busy"), status(500, "oops"), ok(GOOD)]).await;
    server.fetch(ProviderId::Coinbase, &quote()).await.unwrap();
    assert_eq!((server.sent(), server.asked().len()), (3, 3));
    assert_eq!(server.breaker(ProviderId::Coinbase).failures, 0);
}

#[tokio::test]
async fn what_will_not_change_is_asked_once() {
    for (reply, code) in [
        (status(404, "{\"message\":\"NotFound\"}"), "not_found"),
        (status(401, "no"), "refused"),
        (
            ok("<html>please prove that you are human</html>"),
            "garbage",
        ),
    ] {
        let server = Server::start([reply]).await;
        let error = server
            .fetch(ProviderId::Coinbase, &quote())
            .await
            .unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(server.asked().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_short_wait_is_kept_and_a_long_one_is_told() {
    let throttled = |after| Reply {
        headers: vec![("retry-after", after)],
        ..status(429, "slow down")
    };
    let server = Server::start([throttled("1"), ok(GOOD)]).await;
    let begun = Instant::now();
    server.fetch(ProviderId::Coinbase, &quote()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let server = Server::start([throttled("Sun, 22 Nov 2026 02:10:00 GMT")]).await;
    let error = server
        .fetch(ProviderId::Coinbase, &quote())
        .await
        .unwrap_err();
    let FetchError::Throttled {
        retry_after: Some(wait),
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert!(wait > SignedDuration::from_secs(590) && wait <= SignedDuration::from_mins(10));
    assert_eq!(server.asked().len(), 1);
    // And until then nothing is asked.
    let error = server
        .fetch(ProviderId::Coinbase, &quote())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "breaker_open");
    assert!(error.is_skip());
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn five_faults_open_the_breaker_and_a_probe_closes_it() {
    let server = Server::start([status(503, "down")]).await;
    for _ in 0..2 {
        server
            .fetch(ProviderId::Coinbase, &quote())
            .await
            .unwrap_err();
    }
    assert_eq!(server.asked().len(), 5, "the sixth try was not made");
    let breaker = server.breaker(ProviderId::Coinbase);
    assert_eq!(breaker.state(now()), BreakerState::Open);
    // Another provider is not concerned.
    let open = server
        .fetch(ProviderId::Kraken, &quote())
        .await
        .unwrap_err();
    assert_ne!(open.code(), "breaker_open");

    let server = Server::start([ok(GOOD)]).await;
    server.set_breaker(ProviderId::Coinbase, breaker);
    let error = server
        .fetch(ProviderId::Coinbase, &quote())
        .await
        .unwrap_err();
    assert_eq!(
        error.code(),
        "breaker_open",
        "another node's breaker counts"
    );
    let later = sources::Ask {
        now: now() + SignedDuration::from_mins(2),
        ..ask(None)
    };
    server
        .ask(ProviderId::Coinbase, &quote(), &later)
        .await
        .unwrap();
    let state = server.breaker(ProviderId::Coinbase).state(later.now);
    assert_eq!(state, BreakerState::Closed);
}

#[tokio::test]
async fn a_refusal_of_one_thing_says_nothing_of_the_source_and_that_of_the_key_does() {
    let chain = Request::Chain {
        symbol: "SAP.DE".to_owned(),
        expires_on: None,
    };
    let server = Server::start([status(401, r#"{"finance":{"error":"Invalid Crumb"}}"#)]).await;
    let mut former = server.breaker(ProviderId::Yahoo);
    former.failures = 4;
    server.set_breaker(ProviderId::Yahoo, former);
    for _ in 0..6 {
        let refused = server.fetch(ProviderId::Yahoo, &chain).await.unwrap_err();
        assert_eq!(refused.code(), "refused");
    }
    assert_eq!(server.asked().len(), 6);
    // Neither a fault nor a sign that all is well.
    assert_eq!(server.breaker(ProviderId::Yahoo), former);

    let often = sources::Ask {
        limit: Some(Limit {
            count: 100,
            per: Duration::from_secs(1),
        }),
        ..ask(Some("k3y"))
    };
    let plan = r#"{"code":403,"message":"This symbol is available starting with the Pro plan","status":"error"}"#;
    let key = r#"{"code":401,"message":"**apikey** parameter is incorrect","status":"error"}"#;
    for (said, state) in [(plan, BreakerState::Closed), (key, BreakerState::Open)] {
        let server = Server::start([ok(said)]).await;
        for _ in 0..5 {
            let refused = server.ask(ProviderId::TwelveData, &quote(), &often).await;
            assert_eq!(refused.unwrap_err().code(), "refused");
        }
        assert_eq!(server.breaker(ProviderId::TwelveData).state(now()), state);
    }
    let words = r#"{"error_code":400,"error_message":"Bad Request. The value for variable api_key is not registered."}"#;
    let server = Server::start([status(400, words)]).await;
    let series = Request::Series {
        id: "SP500".to_owned(),
        from: day("2026-11-02"),
        to: day("2026-11-20"),
    };
    for _ in 0..5 {
        server.fetch(ProviderId::Fred, &series).await.unwrap_err();
    }
    assert_eq!(
        server.breaker(ProviderId::Fred).state(now()),
        BreakerState::Open
    );
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let first = Reply {
        headers: vec![
            ("etag", "\"v1\""),
            ("last-modified", "Fri, 20 Nov 2026 16:00:00 GMT"),
        ],
        ..ok(GOOD)
    };
    let server = Server::start([first, status(304, "")]).await;
    let fetched = server.fetch(ProviderId::Coinbase, &quote()).await.unwrap();
    let again = sources::Ask {
        known: Some(&fetched.validators),
        ..ask(None)
    };
    let outcome = server
        .ask(ProviderId::Coinbase, &quote(), &again)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::NotModified);
    let asked = server.asked();
    assert!(!asked[0].contains("if-none-match"), "{}", asked[0]);
    assert!(asked[1].contains("if-none-match: \"v1\""), "{}", asked[1]);
    assert!(
        asked[1].contains("if-modified-since: Fri, 20 Nov 2026 16:00:00 GMT"),
        "{}",
        asked[1]
    );
}

#[tokio::test]
async fn what_is_known_of_one_request_says_nothing_about_another() {
    let dated = Reply {
        headers: vec![("last-modified", "Fri, 20 Nov 2026 16:00:00 GMT")],
        ..ok("Date,Open,High,Low,Close,Volume\n2026-11-20,10,11,9,10.5,500\n")
    };
    let server = Server::start([dated]).await;
    let request = |from: &str| Request::DailyBars {
        symbol: "acme.us".to_owned(),
        from: day(from),
        to: day("2026-11-20"),
    };
    let id = ProviderId::Stooq;
    let fetched = server.fetch(id, &request("2026-11-20")).await.unwrap();
    let again = sources::Ask {
        known: Some(&fetched.validators),
        ..ask(None)
    };
    let longer = server.ask(id, &request("2026-11-16"), &again).await;
    assert!(matches!(longer, Ok(Outcome::Fetched(_))), "{longer:?}");
    assert!(
        !server.asked()[1].contains("if-modified-since"),
        "{}",
        server.asked()[1]
    );
    let same = server.ask(id, &request("2026-11-20"), &again).await;
    assert_eq!(same.unwrap(), Outcome::NotModified);
    assert!(server.asked()[2].contains("if-modified-since"));
    assert!(!fetched.validators.request.contains("k3y"));
}

#[tokio::test]
async fn that_nothing_is_new_is_believed_of_those_alone_who_were_told_what_we_have() {
    let server = Server::start([status(304, "")]).await;
    let error = server.fetch(ProviderId::Coinbase, &quote()).await;
    assert_eq!(error.unwrap_err().code(), "refused");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_from_nonsense() {
    let cut = Reply {
        is_cut: true,
        ..ok(&GOOD[..40])
    };
    for reply in [cut, ok(&GOOD[..40])] {
        let server = Server::start([reply]).await;
        let error = server
            .fetch(ProviderId::Coinbase, &quote())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "truncated", "{error}");
        assert_eq!(server.asked().len(), 3, "it may be whole the next time");
    }
}

#[tokio::test]
async fn time_and_size_have_an_end() {
    let slow = Reply {
        after: Duration::from_secs(5),
        ..ok(GOOD)
    };
    let server = Server::with([slow], |options, policy| {
        options.retry.tries = 1;
        policy.answer_within = Duration::from_millis(200);
    })
    .await;
    let error = server
        .fetch(ProviderId::Coinbase, &quote())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "timeout", "{error}");

    let server = Server::start([ok(vec![b' '; 65 * 1024 * 1024])]).await;
    let error = server
        .fetch(ProviderId::Coinbase, &quote())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "too_large", "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_inside_is_forbidden() {
    let server = Server::with([ok(GOOD)], |options, _| {
        let nobody = "http://127.0.0.1:1".to_owned();
        options.addresses.insert(ProviderId::Coinbase, nobody);
    })
    .await;
    let error = server
        .fetch(ProviderId::Coinbase, &quote())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "unreachable", "{error}");

    let server = Server::with([ok(GOOD)], |_, policy| policy.allow.clear()).await;
    let error = server
        .fetch(ProviderId::Coinbase, &quote())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "forbidden", "{error}");
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn the_limit_is_kept_before_anything_is_sent() {
    let server = Server::start([ok(GOOD)]).await;
    let limited = sources::Ask {
        limit: Some(Limit {
            count: 4,
            per: Duration::from_mins(30),
        }),
        ..ask(None)
    };
    for _ in 0..2 {
        server
            .ask(ProviderId::Coinbase, &quote(), &limited)
            .await
            .unwrap();
    }
    let error = server
        .ask(ProviderId::Coinbase, &quote(), &limited)
        .await
        .unwrap_err();
    let FetchError::Limited {
        retry_after: Some(wait),
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert!(error.is_skip(), "nothing was asked");
    assert!(wait > SignedDuration::from_mins(9), "{wait}");
    assert_eq!(server.asked().len(), 2);
    let state = server.breaker(ProviderId::Coinbase);
    assert_eq!(
        state.failures, 0,
        "our own limit says nothing about the provider"
    );
}

#[tokio::test]
async fn of_a_quota_no_more_is_sent_than_there_is() {
    let server = Server::start([status(503, "down")]).await;
    let of = |budget| sources::Ask {
        limit: Some(Limit {
            count: 25,
            per: Duration::from_hours(24),
        }),
        budget: Some(budget),
        ..ask(None)
    };
    let id = ProviderId::Coinbase;
    let asked = server.sources.fetch(id, &quote(), &of(2)).await;
    assert_eq!((asked.sent, server.asked().len()), (2, 2));
    assert_eq!(asked.result.unwrap_err().code(), "failing");
    let asked = server.sources.fetch(id, &quote(), &of(0)).await;
    assert_eq!((asked.sent, server.asked().len()), (0, 2));
    assert_eq!(asked.result.unwrap_err().code(), "limited");
}

#[tokio::test]
async fn the_error_that_opens_the_breaker_is_told_and_not_that_it_is_open() {
    let server = Server::start([status(503, "down for maintenance")]).await;
    for sent in [3, 2] {
        let ask = sources::Ask {
            breaker: server.breaker(ProviderId::Coinbase),
            ..ask(None)
        };
        let asked = server
            .sources
            .fetch(ProviderId::Coinbase, &quote(), &ask)
            .await;
        let mut breaker = ask.breaker;
        breaker.learn(&ask.breaker, &asked.signs);
        server.set_breaker(ProviderId::Coinbase, breaker);
        assert_eq!(asked.sent, sent);
        let error = asked.result.unwrap_err();
        assert!(!error.is_skip(), "it was asked");
        assert_eq!(
            error.to_string(),
            "coinbase fails (503): down for maintenance"
        );
    }
    // The same of a trial, which is one request.
    let mut breaker = server.breaker(ProviderId::Coinbase);
    let due = now() + SignedDuration::from_mins(2);
    breaker.admit(due).unwrap();
    let trial = sources::Ask {
        now: due,
        breaker,
        ..ask(None)
    };
    let asked = server
        .sources
        .fetch(ProviderId::Coinbase, &quote(), &trial)
        .await;
    assert_eq!(
        (asked.sent, asked.result.unwrap_err().code()),
        (1, "failing")
    );
}

#[tokio::test]
async fn a_missing_key_and_a_missing_talent_are_told_without_asking() {
    let server = Server::start([ok(GOOD)]).await;
    let error = server
        .ask(ProviderId::TwelveData, &quote(), &ask(None))
        .await;
    assert_eq!(error.unwrap_err().code(), "key_missing");
    let rates = Request::Rates {
        from: day("2026-11-20"),
        to: day("2026-11-20"),
    };
    let error = server
        .fetch(ProviderId::Coinbase, &rates)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "coinbase gives no exchange rates");
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn a_file_that_has_not_changed_is_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("MSFT.csv");
    std::fs::write(&file, "Date,Open,High,Low,Close,Volume\n2026-11-19,10,12,9,11,500\n2026-11-20,11,11.5,10,10.5,400\n").unwrap();
    let server = Server::with([ok("")], |options, _| {
        options.folder = Some(folder.path().to_owned());
    })
    .await;
    let request = |symbol: &str| Request::DailyBars {
        symbol: symbol.to_owned(),
        from: day("2026-11-20"),
        to: day("2026-11-22"),
    };
    let fetched = server
        .fetch(ProviderId::Folder, &request("MSFT"))
        .await
        .unwrap();
    let Payload::Bars(series) = &fetched.payload else {
        panic!("bars")
    };
    assert_eq!(series.bars.len(), 1);
    assert!((series.bars[0].close - 10.5).abs() < 1e-12);
    let again = sources::Ask {
        known: Some(&fetched.validators),
        ..ask(None)
    };
    let outcome = server
        .ask(ProviderId::Folder, &request("MSFT"), &again)
        .await;
    assert_eq!(outcome.unwrap(), Outcome::NotModified);
    // Of the same file another span is wanted: what was cut away before comes now.
    let longer = Request::DailyBars {
        symbol: "MSFT".to_owned(),
        from: day("2026-11-19"),
        to: day("2026-11-22"),
    };
    let outcome = server.ask(ProviderId::Folder, &longer, &again).await;
    let Ok(Outcome::Fetched(fetched)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(fetched.payload.len(), 2);
    std::fs::write(&file, "Date,Close\n2026-11-20,nonsense\n").unwrap();
    let error = server
        .ask(ProviderId::Folder, &request("MSFT"), &again)
        .await;
    assert_eq!(error.unwrap_err().code(), "garbage");
    for name in ["AAPL", "../MSFT", "", ".hidden", "a/b"] {
        let error = server
            .fetch(ProviderId::Folder, &request(name))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "not_found", "{name}");
    }
}
