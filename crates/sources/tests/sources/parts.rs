//! Spans that are longer than one answer: all of it comes, or what is missing is told and can be asked for again.

#![expect(
    clippy::unwrap_used,
    reason = "a server that cannot read what it is asked fails its test"
)]

use jiff::{SignedDuration, Timestamp};
use sources::{Fetched, Gap, Interval, Payload, ProviderId, Request};

use crate::server::{NOW, Server, day, now, ok, status};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn times(fetched: &Fetched) -> Vec<Timestamp> {
    match &fetched.payload {
        Payload::Bars(series) => series.bars.iter().map(|bar| bar.at).collect(),
        other => panic!("{other:?}"),
    }
}

fn minutes(symbol: &str, from: &str, to: &str) -> Request {
    Request::IntradayBars {
        symbol: symbol.to_owned(),
        interval: Interval::Minute,
        from: at(from),
        to: at(to),
    }
}

/// What was asked for by the parameter of this name, as a time.
fn parameter(asked: &str, name: &str) -> Timestamp {
    let start = asked.find(&format!("{name}=")).unwrap() + name.len() + 1;
    let text = asked[start..].split(['&', ' ']).next().unwrap();
    at(&text.replace("%3A", ":"))
}

/// A server that has a candle of each minute and answers as Coinbase does, to the number and to both ends.
fn candles(asked: &str) -> crate::server::Reply {
    let (start, end) = (parameter(asked, "start"), parameter(asked, "end"));
    let seconds: i64 = if asked.contains("granularity=60") {
        60
    } else {
        86_400
    };
    let first = (start.as_second() + seconds - 1).div_euclid(seconds) * seconds;
    let mut rows: Vec<String> = (0..10_000)
        .map(|index| first + index * seconds)
        .take_while(|at| *at <= end.as_second())
        .map(|at| format!("[{at},9.5,10.5,10.0,10.25,3.0]"))
        .collect();
    if rows.len() > 300 {
        return status(
            400,
            r#"{"message":"granularity too small for the requested time range"}"#,
        );
    }
    rows.reverse();
    ok(format!("[{}]", rows.join(",")))
}

#[tokio::test]
async fn coinbase_is_asked_until_every_candle_of_the_span_is_there() {
    let server = Server::answering(candles).await;
    // Beginning and end are on no minute.
    let request = minutes("BTC-USD", "2026-11-21T10:00:30Z", "2026-11-21T23:00:30Z");
    let fetched = server.fetch(ProviderId::Coinbase, &request).await.unwrap();
    let came = times(&fetched);
    assert_eq!(came.len(), 13 * 60);
    assert_eq!(came[0], at("2026-11-21T10:01:00Z"));
    for pair in came.windows(2) {
        assert_eq!(
            pair[1].duration_since(pair[0]),
            SignedDuration::from_mins(1)
        );
    }
    assert_eq!((fetched.gap, server.sent()), (None, 3));
    assert_eq!(fetched.validators, sources::Validators::default());

    let server = Server::answering(candles).await;
    let request = Request::DailyBars {
        symbol: "BTC-USD".to_owned(),
        from: day("2021-11-22"),
        to: day("2026-11-21"),
    };
    let fetched = server.fetch(ProviderId::Coinbase, &request).await.unwrap();
    let came = times(&fetched);
    assert_eq!((came.len(), server.asked().len()), (1_826, 7));
    assert_eq!(came[0], at("2021-11-22T00:00:00Z"));
    assert_eq!(came[1_825], at("2026-11-21T00:00:00Z"));
    assert_eq!(
        server.sources.most(ProviderId::Coinbase, &request),
        9,
        "seven parts, and two tries more"
    );
}

#[tokio::test]
async fn a_part_that_fails_leaves_a_gap_at_the_end_that_names_its_beginning() {
    let server = Server::answering(|asked| {
        if parameter(asked, "start") > at("2026-11-21T12:00:00Z") {
            status(503, "overloaded")
        } else {
            candles(asked)
        }
    })
    .await;
    let request = minutes("BTC-USD", "2026-11-21T10:00:00Z", "2026-11-21T23:00:00Z");
    let fetched = server.fetch(ProviderId::Coinbase, &request).await.unwrap();
    assert_eq!(times(&fetched).len(), 300);
    let Some(Gap::From { at: since, why }) = fetched.gap else {
        panic!("{:?}", fetched.gap);
    };
    assert_eq!(since, at("2026-11-21T14:59:01Z"));
    assert!(why.contains("coinbase fails (503): overloaded"), "{why}");
    assert_eq!(server.sent(), 4, "one part, and three tries of the next");
    // Where the first part fails already, nothing came.
    let server = Server::start([status(503, "overloaded")]).await;
    let error = server.fetch(ProviderId::Coinbase, &request).await;
    assert_eq!(error.unwrap_err().code(), "failing");
}

#[tokio::test]
async fn kraken_says_from_where_on_it_remembers() {
    // 720 rows whatever is asked for, of which the last still moves.
    let rows: Vec<String> = (0..720)
        .map(|index| now().as_second() - now().as_second() % 86_400 - (719 - index) * 86_400)
        .map(|at| format!(r#"[{at},"10","11","9","10.5","10.2","3.5",20]"#))
        .collect();
    let body = format!(
        r#"{{"error":[],"result":{{"XXBTZUSD":[{}],"last":1}}}}"#,
        rows.join(",")
    );
    let server = Server::start([ok(body)]).await;
    let of = |from: &str| Request::DailyBars {
        symbol: "XBTUSD".to_owned(),
        from: day(from),
        to: day("2026-11-21"),
    };
    let id = ProviderId::Kraken;
    let long = server.fetch(id, &of("2021-11-22")).await.unwrap();
    let begins = at("2024-12-03T00:00:00Z");
    assert_eq!(times(&long).len(), 719);
    assert_eq!(long.gap, Some(Gap::Before(begins)));
    let short = server.fetch(id, &of("2024-12-03")).await.unwrap();
    assert_eq!((times(&short)[0], short.gap), (begins, None));
    assert!(!server.sources.reaches(id, &of("2024-12-02"), now()));
    assert!(server.sources.reaches(id, &of("2024-12-03"), now()));
    assert!(
        server
            .sources
            .reaches(ProviderId::Coinbase, &of("2015-01-01"), now())
    );
}

/// A server that has every minute, and gives the latest five thousand of a span as Twelve Data does.
fn values(asked: &str) -> crate::server::Reply {
    let time = |name: &str| {
        let start = asked.find(&format!("{name}=")).unwrap() + name.len() + 1;
        let text = asked[start..].split(['&', ' ']).next().unwrap();
        at(&format!("{}Z", text.replace("%3A", ":").replace('+', "T")))
    };
    let (start, end) = (time("start_date").as_second(), time("end_date").as_second());
    let all: Vec<i64> = (start..end).filter(|second| second % 60 == 0).collect();
    let latest = &all[all.len().saturating_sub(5_000)..];
    let rows: Vec<String> = latest
        .iter()
        .map(|second| {
            let text = Timestamp::from_second(*second).unwrap().to_string();
            let text = text.trim_end_matches('Z').replace('T', " ");
            format!(
                r#"{{"datetime":"{text}","open":"10","high":"11","low":"9","close":"10.5","volume":"3"}}"#
            )
        })
        .collect();
    ok(format!(
        r#"{{"meta":{{"currency":"USD","exchange_timezone":"UTC"}},"values":[{}],"status":"ok"}}"#,
        rows.join(",")
    ))
}

#[tokio::test]
async fn twelve_data_is_asked_for_what_lies_before_its_latest_values() {
    let server = Server::answering(values).await;
    let request = minutes("BTC/USD", "2026-11-17T02:00:00Z", NOW);
    let fetched = server
        .fetch(ProviderId::TwelveData, &request)
        .await
        .unwrap();
    let came = times(&fetched);
    assert_eq!((came.len(), server.asked().len()), (7_200, 2));
    assert_eq!(came[0], at("2026-11-17T02:00:00Z"));
    assert_eq!((fetched.gap, server.sent()), (None, 2));
}

#[tokio::test]
async fn a_part_that_fails_at_the_beginning_leaves_nothing_to_be_taken_for_all() {
    let server = Server::answering(|asked| {
        if asked.contains("end_date=2026-11-22") {
            values(asked)
        } else {
            status(500, "overloaded")
        }
    })
    .await;
    let request = minutes("BTC/USD", "2026-11-17T02:00:00Z", NOW);
    let error = server.fetch(ProviderId::TwelveData, &request).await;
    assert_eq!(error.unwrap_err().code(), "failing");
}

#[tokio::test]
async fn a_free_key_of_alpha_vantage_gets_what_is_free_and_says_how_far_it_reaches() {
    let full = r#"{"Information":"Thank you for using Alpha Vantage! The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint. You may subscribe to any of the premium plans"}"#;
    let compact = r#"{"Time Series (Daily)":{
        "2026-11-20":{"1. open":"230.1","2. high":"232.0","3. low":"229.5","4. close":"231.4","5. volume":"3100000"},
        "2026-07-06":{"1. open":"228.0","2. high":"231.0","3. low":"227.0","4. close":"230.0","5. volume":"2900000"}}}"#;
    let server = Server::answering(move |asked| {
        ok(if asked.contains("outputsize=full") {
            full
        } else {
            compact
        })
    })
    .await;
    let request = Request::DailyBars {
        symbol: "IBM".to_owned(),
        from: day("2021-11-22"),
        to: day("2026-11-20"),
    };
    let fetched = server
        .fetch(ProviderId::AlphaVantage, &request)
        .await
        .unwrap();
    let begins = at("2026-07-06T00:00:00Z");
    assert_eq!((times(&fetched).len(), times(&fetched)[0]), (2, begins));
    assert_eq!(fetched.gap, Some(Gap::Before(begins)));
    assert_eq!((server.sent(), server.asked().len()), (2, 2));
    assert_eq!(server.breaker(ProviderId::AlphaVantage).failures, 0);
}
