use std::time::Duration;

use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use testkit::Redis;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UnixStream},
    time::timeout,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};
use tower::ServiceExt;
use web::{App, Cache, CancellationToken};

use crate::{
    bars_of,
    quotes::at_second,
    site::{Site, router},
};

/// In which a tick has to be there.
const SOON: Duration = Duration::from_secs(1);

/// A stream of events as a client reads it.
struct Stream {
    body: BodyDataStream,
    text: String,
}

struct Event {
    name: String,
    id: Option<i64>,
    data: Value,
}

impl Stream {
    async fn open(node: &Router, token: &str, symbols: &str, last: Option<i64>) -> Self {
        let mut request = Request::get(format!("/api/v1/market/live?symbols={symbols}"))
            .header("authorization", format!("Bearer {token}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = node.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The next event, or `None` when the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, _)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = block.lines();
                    lines.find_map(|line| {
                        line.strip_prefix(name)?
                            .strip_prefix(": ")
                            .map(str::to_owned)
                    })
                };
                let event = field("event").map(|name| Event {
                    name,
                    id: field("id").map(|id| id.parse().unwrap()),
                    data: serde_json::from_str(&field("data").unwrap()).unwrap(),
                });
                let end = block.len() + 2;
                self.text.drain(..end);
                if event.is_some() {
                    return event;
                }
                continue;
            }
            let chunk = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn quote(&mut self) -> Event {
        let event = timeout(SOON, self.next()).await.unwrap().unwrap();
        assert_eq!(event.name, "quote");
        event
    }

    async fn subscribed(&mut self) -> Value {
        let event = timeout(SOON, self.next()).await.unwrap().unwrap();
        assert_eq!(event.name, "subscribed");
        event.data
    }

    async fn is_quiet(&mut self) -> bool {
        timeout(Duration::from_millis(400), self.next())
            .await
            .is_err()
    }
}

/// Waits until the hub of a stream listens, so that what follows is measured and not its start.
async fn settled() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn a_tick_is_there_within_a_second_on_every_node() {
    let site = Site::new().await;
    let (acme, last) = (bars_of(&site, "ACME").await, bars_of(&site, "LAST").await);
    let nodes = [router(&site.app), router(&site.app)];
    let mut one = Stream::open(&nodes[0], &site.ann, "ACME,NONE", None).await;
    let mut other = Stream::open(&nodes[1], &site.owner, "ACME,LAST", None).await;
    assert_eq!(
        one.subscribed().await,
        json!({"symbols": ["ACME"], "unknown": ["NONE"], "left_out": []})
    );
    assert_eq!(other.subscribed().await["symbols"], json!(["ACME", "LAST"]));
    settled().await;
    for second in 1..4 {
        site.put(&[at_second(acme, second, 100.0 + second as f64)])
            .await;
        for stream in [&mut one, &mut other] {
            assert_eq!(stream.quote().await.data["price"], 100.0 + second as f64);
        }
    }
    site.put(&[at_second(last, 9, 7.0)]).await;
    assert_eq!(other.quote().await.data["symbol"], "LAST");
    assert!(one.is_quiet().await, "nobody gets what he does not follow");
}

#[tokio::test]
async fn a_trade_that_a_program_states_is_there_within_a_second() {
    let site = Site::new().await;
    let acme = bars_of(&site, "ACME").await;
    let node = router(&site.app);
    let mut stream = Stream::open(&node, &site.ann, "ACME", None).await;
    stream.subscribed().await;
    settled().await;
    for (second, price) in [(1, 12.5), (2, 12.75)] {
        let at = format!("2024-06-03T11:59:0{second}Z");
        let ticks = json!([{ "instrument_id": acme, "at": at, "price": price }]);
        let done = crate::ticks::send(&site, &site.owner, ticks).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        assert_eq!(stream.quote().await.data["price"], price);
    }
}

#[tokio::test]
async fn whoever_comes_back_gets_what_has_changed_since() {
    let site = Site::new().await;
    let (acme, last) = (bars_of(&site, "ACME").await, bars_of(&site, "LAST").await);
    let node = router(&site.app);
    site.put(&[at_second(acme, 1, 101.0), at_second(last, 1, 7.0)])
        .await;
    let mut stream = Stream::open(&node, &site.ann, "ACME,LAST", None).await;
    stream.subscribed().await;
    let (first, second) = (stream.quote().await, stream.quote().await);
    assert!(first.id < second.id, "in the order of changes");
    drop(stream);
    site.put(&[at_second(acme, 2, 102.0)]).await;
    site.put(&[at_second(acme, 3, 103.0)]).await;
    let mut again = Stream::open(&node, &site.ann, "ACME,LAST", second.id).await;
    again.subscribed().await;
    let missed = again.quote().await;
    assert_eq!(
        (&missed.data["symbol"], &missed.data["price"]),
        (&json!("ACME"), &json!(103.0))
    );
    assert!(again.is_quiet().await, "nothing that was seen comes again");
}

#[tokio::test]
async fn a_slow_reader_gets_only_the_latest() {
    let site = Site::new().await;
    let acme = bars_of(&site, "ACME").await;
    let node = router(&site.app);
    let mut slow = Stream::open(&node, &site.ann, "ACME", None).await;
    slow.subscribed().await;
    settled().await;
    for second in 1..=50 {
        site.put(&[at_second(acme, second, second as f64)]).await;
    }
    settled().await;
    assert_eq!(slow.quote().await.data["price"], 50.0);
    assert!(slow.is_quiet().await);
}

#[tokio::test]
async fn streams_are_limited_and_end_with_the_server() {
    let site = Site::new().await;
    bars_of(&site, "ACME").await;
    let stop = CancellationToken::new();
    let node = router(&App {
        stop: stop.clone(),
        ..site.app.clone()
    });
    let mut streams = Vec::new();
    for _ in 0..market::live::MOST_STREAMS {
        streams.push(Stream::open(&node, &site.ann, "ACME", None).await);
    }
    let ask = |token: &str| {
        let request = Request::get("/api/v1/market/live?symbols=ACME")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        node.clone().oneshot(request)
    };
    let refused = ask(&site.ann).await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        ask(&site.owner).await.unwrap().status(),
        StatusCode::OK,
        "others are not"
    );
    streams.pop();
    assert_eq!(
        ask(&site.ann).await.unwrap().status(),
        StatusCode::OK,
        "a place is free again"
    );
    for stream in &mut streams {
        stream.subscribed().await;
    }
    stop.cancel();
    for mut stream in streams {
        assert!(timeout(SOON, stream.next()).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn followers_of_a_symbol_are_known_to_all_nodes_and_redis_may_be_lost() {
    let site = Site::new().await;
    let acme = bars_of(&site, "ACME").await;
    let mut redis = Redis::start();
    let app = App {
        cache: Cache::shared(&redis.url()).await.unwrap(),
        ..site.app.clone()
    };
    let node = router(&app);
    let mut stream = Stream::open(&node, &site.ann, "ACME", None).await;
    stream.subscribed().await;
    settled().await;
    assert_eq!(app.cache.subscribers("ACME").await.len(), 1);
    assert_eq!(redis.command(&["SCARD", "subscriptions:ACME"]), "1");
    redis.stop();
    site.put(&[at_second(acme, 1, 101.0)]).await;
    assert_eq!(
        stream.quote().await.data["price"],
        101.0,
        "streams need no Redis"
    );
    redis.start_again();
    drop(stream);
    for _ in 0..100 {
        if app.cache.is_shared() && app.cache.subscribers("ACME").await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(app.cache.is_shared());
    assert_eq!(redis.command(&["EXISTS", "subscriptions:ACME"]), "0");
}

/// A way to a Redis that takes a tenth of a second for each answer.
async fn slow_way(redis: &Redis) -> String {
    let socket = redis.url().trim_start_matches("unix://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::task::spawn_local(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = UnixStream::connect(&socket).await.unwrap();
            let (mut asked, mut answered) = near.into_split();
            let (mut answers, mut asks) = far.into_split();
            tokio::task::spawn_local(async move { tokio::io::copy(&mut asked, &mut asks).await });
            tokio::task::spawn_local(async move {
                let mut bytes = vec![0; 65_536];
                while let Ok(length @ 1..) = answers.read(&mut bytes).await {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    if answered.write_all(&bytes[..length]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("redis://127.0.0.1:{port}/0")
}

#[tokio::test]
async fn no_price_waits_for_a_slow_redis() {
    tokio::task::LocalSet::new()
        .run_until(Box::pin(prices_beside_a_slow_redis()))
        .await;
}

async fn prices_beside_a_slow_redis() {
    let site = Site::new().await;
    let redis = Redis::start();
    let app = App {
        cache: Cache::shared(&slow_way(&redis).await).await.unwrap(),
        ..site.app.clone()
    };
    assert!(app.cache.is_shared());
    let mut ids = Vec::new();
    for n in 0..30 {
        ids.push(bars_of(&site, &format!("S{n:02}")).await);
    }
    let symbols: Vec<String> = (0..30).map(|n| format!("S{n:02}")).collect();
    let node = router(&app);
    let mut stream = Stream::open(&node, &site.ann, &symbols.join(","), None).await;
    stream.subscribed().await;
    settled().await;
    for second in 1..4 {
        let price = 100.0 + second as f64;
        let quotes: Vec<_> = ids.iter().map(|id| at_second(*id, second, price)).collect();
        site.put(&quotes).await;
        for _ in &ids {
            assert_eq!(stream.quote().await.data["price"], price);
        }
    }
}

#[tokio::test]
async fn whoever_closes_a_stream_on_one_node_still_follows_on_the_other() {
    let site = Site::new().await;
    bars_of(&site, "ACME").await;
    let redis = Redis::start();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let cache = Cache::shared(&redis.url()).await.unwrap();
        nodes.push(App {
            cache,
            ..site.app.clone()
        });
    }
    let routers = [router(&nodes[0]), router(&nodes[1])];
    let mut here = Stream::open(&routers[0], &site.ann, "ACME", None).await;
    let mut there = Stream::open(&routers[1], &site.ann, "ACME", None).await;
    here.subscribed().await;
    there.subscribed().await;
    settled().await;
    assert_eq!(redis.command(&["SCARD", "subscriptions:ACME"]), "2");
    assert_eq!(
        nodes[0].cache.subscribers("ACME").await.len(),
        1,
        "one person"
    );
    drop(here);
    settled().await;
    assert_eq!(nodes[0].cache.subscribers("ACME").await.len(), 1);
    drop(there);
    settled().await;
    assert!(nodes[0].cache.subscribers("ACME").await.is_empty());
}

/// A node behind a real port.
async fn listening(node: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::task::spawn_local(async move { axum::serve(listener, node).await });
    format!("ws://{address}/api/v1/market/ws")
}

#[tokio::test]
async fn programs_follow_and_leave_by_websocket() {
    tokio::task::LocalSet::new()
        .run_until(Box::pin(conversation()))
        .await;
}

#[expect(clippy::too_many_lines, reason = "one story")]
async fn conversation() {
    let site = Site::new().await;
    let acme = bars_of(&site, "ACME").await;
    let stop = CancellationToken::new();
    let node = router(&App {
        stop: stop.clone(),
        ..site.app.clone()
    });
    let url = listening(node).await;
    let Err(Error::Http(refused)) = connect_async(url.as_str()).await else {
        panic!("let in without a token");
    };
    assert_eq!(refused.status().as_u16(), 401);
    let mut request = url.as_str().into_client_request().unwrap();
    let bearer = format!("Bearer {}", site.ann).parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let (mut socket, _) = connect_async(request).await.unwrap();
    macro_rules! say {
        ($value:expr) => {
            socket
                .send(Message::text($value.to_string()))
                .await
                .unwrap()
        };
    }
    macro_rules! hear {
        () => {{
            let message = timeout(SOON, socket.next())
                .await
                .unwrap()
                .unwrap()
                .unwrap();
            serde_json::from_str::<Value>(message.to_text().unwrap()).unwrap()
        }};
    }
    say!(json!({"type": "subscribe", "symbols": ["acme", "NONE"]}));
    assert_eq!(
        hear!(),
        json!({"type": "subscribed", "symbols": ["ACME"], "unknown": ["NONE"], "left_out": []})
    );
    settled().await;
    site.put(&[at_second(acme, 1, 101.0)]).await;
    let heard = hear!();
    assert_eq!(
        (&heard["type"], &heard["quote"]["price"]),
        (&json!("quote"), &json!(101.0))
    );
    say!("nonsense");
    assert_eq!(hear!()["type"], "error");
    say!(json!({"type": "subscribe", "symbols": []}));
    assert_eq!(hear!()["type"], "error");
    say!(json!({"type": "unsubscribe", "symbols": ["ACME"]}));
    assert_eq!(
        hear!(),
        json!({"type": "unsubscribed", "symbols": ["ACME"]})
    );
    site.put(&[at_second(acme, 2, 102.0)]).await;
    settled().await;
    let seen = heard["quote"]["sequence"].as_i64().unwrap();
    say!(json!({"type": "subscribe", "symbols": ["ACME"], "after": seen}));
    let first_two = [hear!(), hear!()];
    assert!(
        first_two.iter().any(|said| said["quote"]["price"] == 102.0),
        "{first_two:?}"
    );
    stop.cancel();
    let last = timeout(SOON, socket.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(matches!(last, Message::Close(Some(_))), "{last:?}");
}

#[tokio::test]
async fn a_full_connection_goes_on_where_it_was_and_says_what_it_leaves_out() {
    tokio::task::LocalSet::new()
        .run_until(Box::pin(full_connection()))
        .await;
}

async fn full_connection() {
    let site = Site::new().await;
    site.change(
        "insert into market.instruments (id, symbol, exchange, currency)
         select gen_random_uuid(), 'F' || lpad(n::text, 3, '0'), 'XNAS', 'USD'
         from generate_series(1, 201) as n",
    )
    .await;
    let url = listening(router(&site.app)).await;
    let mut request = url.as_str().into_client_request().unwrap();
    let bearer = format!("Bearer {}", site.ann).parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let (mut socket, _) = connect_async(request).await.unwrap();
    let names = |from: usize, to: usize| -> Vec<String> {
        (from..=to).map(|n| format!("F{n:03}")).collect()
    };
    let mut ask = async |symbols: Vec<String>, after: Option<i64>| -> Value {
        let said = json!({"type": "subscribe", "symbols": symbols, "after": after});
        socket.send(Message::text(said.to_string())).await.unwrap();
        let heard = timeout(SOON * 3, socket.next()).await.unwrap();
        serde_json::from_str(heard.unwrap().unwrap().to_text().unwrap()).unwrap()
    };
    let first = ask(names(1, 200), None).await;
    assert_eq!(first["symbols"].as_array().unwrap().len(), 200, "{first}");
    assert_eq!(
        (&first["unknown"], &first["left_out"]),
        (&json!([]), &json!([]))
    );
    let again = ask(names(1, 200), Some(1)).await;
    assert_eq!(again["symbols"], first["symbols"], "it holds them already");
    assert_eq!(again["unknown"], json!([]));
    let more = ask(vec!["F201".into(), "F007".into(), "NONE".into()], None).await;
    assert_eq!(more["symbols"], json!(["F007"]));
    assert_eq!(more["unknown"], json!(["NONE"]));
    assert_eq!(more["left_out"][0]["symbol"], json!("F201"), "{more}");
    let id = site.instrument("F201").await.id;
    assert_eq!(more["left_out"][0]["instrument_id"], json!(id));
}

#[tokio::test]
async fn what_is_no_handshake_is_told_so() {
    let site = Site::new().await;
    let answer = site.get("/api/v1/market/ws", &site.ann).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.problem(), "unreadable-request");
}

#[tokio::test]
async fn two_nodes_count_requests_together_and_each_for_itself_without_redis() {
    let mut redis = Redis::start();
    let options = || web::GateOptions {
        requests_per_user: 3,
        ..web::GateOptions::default()
    };
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let cache = Cache::shared(&redis.url()).await.unwrap();
        nodes.push(web::Gate::sharing(options(), cache));
    }
    let ask = async |node: &web::Gate| {
        let (method, headers) = (http::Method::GET, http::HeaderMap::new());
        node.admit_person("ann", &method, Some("/x"), &headers)
            .await
            .is_ok()
    };
    assert!(ask(&nodes[0]).await && ask(&nodes[1]).await && ask(&nodes[0]).await);
    assert!(!ask(&nodes[1]).await, "three in all");
    assert_eq!(redis.command(&["GET", "ratelimit:ann:/x:read"]), "4");
    redis.stop();
    for node in &nodes {
        for _ in 0..3 {
            assert!(ask(node).await, "none of them fails");
        }
        assert!(!ask(node).await, "and none is without limit");
    }
}
