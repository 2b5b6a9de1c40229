use std::{
    io::Write as _,
    net::{IpAddr, Ipv4Addr},
    time::Instant,
};

use http::{HeaderMap, HeaderValue, Method, header};
use outbound::{Client, OutboundError, Policy, Refusal, Request, address::Special};

use crate::servers::{Dns, Http, lead_on, ok, policy, policy_with};

/// The one address of this machine that the tests except.
const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Another one, which stays refused.
const INSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// A public address that no test reaches.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(192, 175, 48, 1);

fn refusal(outcome: Result<outbound::Response, OutboundError>) -> Refusal {
    match outcome {
        Err(OutboundError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn home(server: &Http) -> Client {
    let policy = Policy {
        allow: vec![IpAddr::from(HOME).into()],
        ports: vec![server.address.port()],
        ..policy()
    };
    Client::new(policy).expect("a client")
}

#[tokio::test]
async fn what_the_operator_excepts_is_read() {
    let server = Http::start(HOME, vec![("/prices.csv", ok(b"date,close\n"))]).await;
    let answer = home(&server)
        .get(&server.url("/prices.csv"))
        .await
        .expect("an answer");
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (200, &b"date,close\n"[..])
    );
    assert_eq!(answer.url.as_str(), server.url("/prices.csv"));
    let missing = home(&server)
        .get(&server.url("/none"))
        .await
        .expect("an answer");
    assert_eq!(
        missing.status.as_u16(),
        404,
        "a status is for the caller to judge"
    );
}

#[tokio::test]
async fn this_machine_is_refused_by_number_and_by_name() {
    let server = Http::start(HOME, vec![("/", ok(b"secret"))]).await;
    let port = server.address.port();
    let dns = Dns::start(vec![
        ("inside.test", vec![vec![HOME]]),
        ("mixed.test", vec![vec![OUTSIDE, HOME]]),
        (
            "metadata.test",
            vec![vec![Ipv4Addr::new(169, 254, 169, 254)]],
        ),
    ])
    .await;
    let client = Client::new(policy_with(&dns, port, &[])).expect("a client");
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "inside.test",
        "INSIDE.test.",
        "mixed.test",
    ] {
        let refused = refusal(client.get(&format!("http://{host}:{port}/")).await);
        let Refusal::Address {
            address, special, ..
        } = refused
        else {
            panic!("{host}: {refused}")
        };
        assert_eq!(
            (address, special),
            (HOME.into(), Special::Loopback),
            "{host}"
        );
    }
    let refused = refusal(client.get(&format!("http://metadata.test:{port}/")).await);
    assert!(
        matches!(
            refused,
            Refusal::Address {
                special: Special::Metadata,
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(server.hits(), 0, "nothing was connected to");
}

/// The first answer is judged and public; had the client asked a second time to connect, it would have
/// come in. It asks once for a connection, and judges what it then connects to.
#[tokio::test]
async fn a_name_that_rebinds_does_not_lead_inside() {
    let server = Http::start(HOME, vec![("/", ok(b"secret"))]).await;
    let port = server.address.port();
    let dns = Dns::start(vec![("rebind.test", vec![vec![OUTSIDE], vec![HOME]])]).await;
    let client = Client::new(policy_with(&dns, port, &[])).expect("a client");
    let url = format!("http://rebind.test:{port}/");
    let first = client.get(&url).await.expect_err("nobody there");
    assert!(
        matches!(
            first,
            OutboundError::Unreachable { .. } | OutboundError::TooSlow { .. }
        ),
        "the public address was tried: {first}"
    );
    assert_eq!(dns.asked(), 1, "one question for one connection");
    let second = refusal(client.get(&url).await);
    assert!(
        matches!(
            second,
            Refusal::Address {
                special: Special::Loopback,
                ..
            }
        ),
        "{second}"
    );
    assert_eq!((dns.asked(), server.hits()), (2, 0));
}

#[tokio::test]
async fn redirects_are_judged_like_the_first_address() {
    let inside = Http::start(INSIDE, vec![("/", ok(b"secret"))]).await;
    let at = inside.address.port();
    let dns = Dns::start(vec![
        ("home.test", vec![vec![HOME]]),
        ("inside.test", vec![vec![INSIDE]]),
    ])
    .await;
    let to = |url: String| lead_on(302, &url);
    let server = Http::start(
        HOME,
        vec![
            ("/number", to(format!("http://{INSIDE}:{at}/"))),
            ("/hex", to(format!("http://0x7f000002:{at}/"))),
            ("/name", to(format!("http://inside.test:{at}/"))),
            ("/file", to("file:///etc/passwd".to_owned())),
            ("/credentials", to(format!("http://a:b@home.test:{at}/"))),
            ("/port", to("http://home.test:22/".to_owned())),
            ("/good", lead_on(303, "/there")),
            ("/there", ok(b"arrived")),
            ("/loop", lead_on(301, "/loop")),
            ("/loop?apikey=s3cret", lead_on(301, "/loop")),
        ],
    )
    .await;
    let mut policy = policy_with(&dns, at, &[HOME.into()]);
    policy.ports.push(server.address.port());
    let client = Client::new(policy).expect("a client");
    let url = |path: &str| format!("http://home.test:{}{path}", server.address.port());
    for path in ["/number", "/hex", "/name"] {
        let refused = refusal(client.get(&url(path)).await);
        assert!(
            matches!(refused, Refusal::Address { address, .. } if address == INSIDE),
            "{path}: {refused}"
        );
    }
    assert!(matches!(
        refusal(client.get(&url("/file")).await),
        Refusal::Scheme { .. }
    ));
    assert_eq!(
        refusal(client.get(&url("/credentials")).await),
        Refusal::Credentials
    );
    assert_eq!(
        refusal(client.get(&url("/port")).await),
        Refusal::Port { port: 22 }
    );
    let arrived = client.get(&url("/good")).await.expect("an answer");
    assert_eq!(
        (&arrived.body[..], arrived.url.path()),
        (&b"arrived"[..], "/there")
    );
    let secret = url("/loop?apikey=s3cret");
    let lost = client.get(&secret).await.expect_err("a loop");
    assert!(
        matches!(lost, OutboundError::TooManyRedirects { most: 3, .. }),
        "{lost}"
    );
    let told = format!("{lost} {lost:?}");
    assert!(
        !told.contains("s3cret") && !told.contains("/loop"),
        "{told}"
    );
    assert_eq!(inside.hits(), 0);
}

#[tokio::test]
async fn another_origin_does_not_get_the_headers() {
    let other = Http::start(HOME, vec![("/", ok(b"")), ("/again", ok(b""))]).await;
    let server = Http::start(
        HOME,
        vec![
            ("/same", lead_on(307, "/here")),
            ("/here", ok(b"")),
            ("/other", lead_on(302, &other.url("/"))),
        ],
    )
    .await;
    let policy = Policy {
        allow: vec![IpAddr::from(HOME).into()],
        ports: vec![server.address.port(), other.address.port()],
        ..policy()
    };
    let client = Client::new(policy).expect("a client");
    let mut headers = HeaderMap::new();
    headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_static("Bearer of-the-hook"),
    );
    let request = |path: &str| Request {
        method: Method::POST,
        url: server.url(path),
        headers: headers.clone(),
        body: "price=5".into(),
    };
    client.send(request("/same")).await.expect("an answer");
    client.send(request("/other")).await.expect("an answer");
    let heads = server.heads();
    assert!(
        heads
            .iter()
            .all(|head| head.starts_with("POST") && head.contains("of-the-hook")),
        "{heads:?}"
    );
    assert_eq!(heads.len(), 3);
    let elsewhere = other.heads().join("");
    assert!(
        elsewhere.starts_with("GET / ") && !elsewhere.contains("of-the-hook"),
        "{elsewhere}"
    );
}

#[tokio::test]
async fn answers_are_read_up_to_the_limit_unpacked() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0; 20_000_000]).expect("packed");
    let packed = packed.finish().expect("packed");
    assert!(
        packed.len() < 100_000,
        "the bomb is smaller than the limit: {}",
        packed.len()
    );
    let mut bomb = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        packed.len()
    )
    .into_bytes();
    bomb.extend_from_slice(&packed);
    let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    endless.extend_from_slice(&vec![b'x'; 150_000]);
    let server = Http::start(
        HOME,
        vec![
            ("/bomb", bomb),
            ("/endless", endless),
            (
                "/told",
                b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\nConnection: close\r\n\r\n".to_vec(),
            ),
            ("/most", ok(&vec![b'x'; 100_000])),
        ],
    )
    .await;
    let client = home(&server);
    for path in ["/bomb", "/endless", "/told"] {
        let refused = client.get(&server.url(path)).await.expect_err(path);
        assert!(
            matches!(refused, OutboundError::TooLarge { limit: 100_000, .. }),
            "{path}: {refused}"
        );
    }
    assert_eq!(
        client
            .get(&server.url("/most"))
            .await
            .expect("an answer")
            .body
            .len(),
        100_000
    );
}

#[tokio::test]
async fn whoever_does_not_answer_is_not_waited_for() {
    let server = Http::start(
        HOME,
        vec![
            ("/silent", Vec::new()),
            (
                "/half",
                b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf".to_vec(),
            ),
        ],
    )
    .await;
    let policy = Policy {
        allow: vec![IpAddr::from(HOME).into()],
        ports: vec![server.address.port()],
        answer_within: std::time::Duration::from_secs(1),
        ..policy()
    };
    let client = Client::new(policy).expect("a client");
    let started = Instant::now();
    let slow = client
        .get(&server.url("/silent"))
        .await
        .expect_err("silence");
    assert!(
        matches!(slow, OutboundError::TooSlow { seconds: 1, .. }),
        "{slow}"
    );
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    let cut = client.get(&server.url("/half")).await.expect_err("cut off");
    assert!(matches!(cut, OutboundError::Unreachable { .. }), "{cut}");
}

#[tokio::test]
async fn names_that_do_not_exist_are_unreachable() {
    let dns = Dns::start(Vec::new()).await;
    let client = Client::new(policy_with(&dns, 80, &[])).expect("a client");
    let error = client
        .get("http://nobody.test/")
        .await
        .expect_err("no such name");
    assert!(
        matches!(
            error,
            OutboundError::Unreachable { .. } | OutboundError::TooSlow { .. }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("nobody.test"), "{error}");
}
