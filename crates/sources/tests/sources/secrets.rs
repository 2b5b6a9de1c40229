//! No error of any kind tells the key, whatever a provider or somebody on the way makes of it.

use std::time::Duration;

use sources::{FetchError, Outcome, ProviderId, Request};

use crate::server::{Reply, Server, ask, day, ok, status};

/// With a sign that addresses spell otherwise.
const KEY: &str = "S3CRET+KEY/7f31";

/// Who is sent a key or what takes its place, and something each is asked for.
fn asked() -> [(ProviderId, Request); 4] {
    let daily = Request::DailyBars {
        symbol: "ACME".to_owned(),
        from: day("2026-11-16"),
        to: day("2026-11-20"),
    };
    let series = Request::Series {
        id: "DGS10".to_owned(),
        from: day("2026-11-16"),
        to: day("2026-11-20"),
    };
    let facts = Request::Fundamentals {
        symbol: "320193".to_owned(),
    };
    [
        (ProviderId::AlphaVantage, daily.clone()),
        (ProviderId::TwelveData, daily),
        (ProviderId::Fred, series),
        (ProviderId::SecEdgar, facts),
    ]
}

fn location(address: &'static str) -> Reply {
    Reply {
        headers: vec![("location", address)],
        ..status(302, "")
    }
}

/// Everything that can come back, with the key in it.
fn replies() -> Vec<Reply> {
    let words = format!("We have detected your API key as {KEY} and do not like it");
    let long = format!("{}{KEY} at the end", "x".repeat(150));
    let encoded = "apikey=s3cret%2bkey%2f7f31 is not registered";
    let mut replies = vec![
        // Around in a circle, to a name and to a scheme with the key in it, and inside.
        location("?again"),
        location("http://s3cret+key.s3cret%2bkey%2f7f31.invalid/"),
        location("http://S3CRET%2BKEY%2F7f31/"),
        location("http://10.0.0.1/?apikey=S3CRET+KEY/7f31"),
        location("ftp://host/S3CRET+KEY/7f31"),
        ok(format!("<html>{words}</html>")),
        ok(format!("{{\"{words}\": 1}}")),
        ok(format!("\"{words}\"")),
        Reply {
            is_cut: true,
            ..ok(words.clone())
        },
        Reply {
            after: Duration::from_secs(2),
            ..ok("")
        },
    ];
    for code in [304, 400, 401, 403, 404, 429, 500, 503] {
        for said in [words.as_str(), long.as_str(), encoded] {
            replies.push(status(code, said));
            let json = format!(
                r#"{{"code":{code},"status":"error","message":"{said}","error_message":"{said}"}}"#
            );
            replies.push(status(code, json));
        }
    }
    for member in ["Error Message", "Note", "Information"] {
        let premium = format!("{words}, the parameter apikey is invalid: a premium endpoint");
        replies.push(ok(format!("{{\"{member}\":\"{premium}\"}}")));
    }
    let odd = format!(
        r#"{{"meta":{{"currency":"{KEY}"}},"values":[{{"datetime":"{KEY}","open":"{KEY}","high":"1","low":"1","close":"1"}}],
            "observations":[{{"date":"{KEY}","value":"{KEY}"}}],"facts":"{KEY}",
            "Time Series (Daily)":{{"{KEY}":{{"1. open":"{KEY}","2. high":"1","3. low":"1","4. close":"1"}}}}}}"#
    );
    replies.push(ok(odd));
    replies
}

fn told(error: &FetchError) -> String {
    let mut told = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        told = format!("{told} {error} {error:?}");
        source = error.source();
    }
    told.to_ascii_lowercase()
}

#[tokio::test]
async fn no_error_tells_the_key() {
    let mut codes = std::collections::BTreeSet::new();
    for (provider, request) in asked() {
        for reply in replies() {
            let server = Server::with([reply.clone()], |options, policy| {
                options.retry.tries = 1;
                policy.answer_within = Duration::from_millis(300);
                policy.max_redirects = 2;
            })
            .await;
            let outcome = server.ask(provider, &request, &ask(Some(KEY))).await;
            let error = match outcome {
                Err(error) => error,
                Ok(Outcome::Fetched(_) | Outcome::NotModified) => continue,
            };
            let told = told(&error);
            for piece in ["s3cret", "7f31"] {
                assert!(!told.contains(piece), "{provider}: {told}");
            }
            codes.insert(error.code());
        }
    }
    for code in [
        "forbidden",
        "garbage",
        "failing",
        "refused",
        "throttled",
        "timeout",
        "truncated",
        "unreachable",
    ] {
        assert!(codes.contains(code), "{code} was not among {codes:?}");
    }
}

#[test]
fn what_is_asked_with_does_not_tell_it_either() {
    let told = format!("{:?}", ask(Some(KEY)));
    assert!(!told.contains("S3CRET"), "{told}");
}
