//! Clients that are slow, greedy or many, on real sockets: they get a graceful answer, and nobody else
//! waits for them.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::house::{House, Server};

/// Longer than any limit of these tests, shorter than anybody's patience.
const PATIENCE: Duration = Duration::from_secs(30);

fn connect(server: &Server, sent: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream.write_all(sent).expect("sent");
    stream
}

/// What comes until the end of the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        // Whatever was sent beyond the limit lies unread, so the end may be abrupt.
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn heads_that_drip_lose_their_connection_and_hold_up_nobody() {
    let house = House::with_owner();
    let server = house.serve(&["--head-timeout-s", "2"]);
    let slow: Vec<TcpStream> = (0..200)
        .map(|_| connect(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "))
        .collect();
    let idle = connect(&server, b"");
    let started = Instant::now();
    for _ in 0..20 {
        assert_eq!(server.get("/healthz", "").0, 200);
    }
    let others = started.elapsed();
    let mut dripping = connect(&server, b"GET /healthz HTTP/1.1\r\n");
    for _ in 0..8 {
        std::thread::sleep(Duration::from_millis(500));
        // At some point the other end is gone.
        drop(dripping.write_all(b"X: y\r\n"));
    }
    for stream in slow {
        let answer = rest(stream);
        assert!(
            answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
            "{answer}"
        );
    }
    let answer = rest(dripping);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
    assert_eq!(rest(idle), "", "who said nothing is told nothing");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert!(
        others < Duration::from_secs(10),
        "others were answered meanwhile: {others:?}"
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn bodies_that_stop_coming_are_answered_and_given_up() {
    let house = House::with_owner();
    let server = house.serve(&["--request-timeout-s", "1"]);
    let head = "POST /identity/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nemail=ann";
    let slow: Vec<TcpStream> = (0..50).map(|_| connect(&server, head.as_bytes())).collect();
    assert_eq!(server.get("/healthz", "").0, 200);
    for stream in slow {
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("stopped coming"), "a page: {answer}");
    }
    let head = "POST /api/v1/portfolio/portfolios HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 1000\r\n\r\n{";
    let token = house.run(&["token", "script"]);
    let head = head.replace("TOKEN", token.stdout.trim());
    let answer = rest(connect(&server, head.as_bytes()));
    assert!(answer.contains("/problems/request-timeout"), "{answer}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn what_is_too_large_is_refused_by_its_name() {
    let house = House::with_owner();
    let server = house.serve(&[]);
    let long = "x".repeat(100_000);
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n"), "431"),
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), "4"),
        (
            format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(200)),
            "431",
        ),
        (
            "POST /identity/sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 2000000\r\n\r\n".to_owned(),
            "413",
        ),
        ("GARBAGE\r\n\r\n".to_owned(), "400"),
    ] {
        let mut stream = TcpStream::connect(&server.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        // The server may have answered and gone before all of it was sent.
        drop(stream.write_all(request.as_bytes()));
        let answer = rest(stream);
        let shown: String = request.chars().take(60).collect();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{shown}: {answer}");
    }
    assert_eq!(server.get("/healthz", "").0, 200);
}

#[test]
fn beyond_the_last_connection_one_waits_until_another_ends() {
    let house = House::with_owner();
    let server = house.serve(&["--max-connections", "3", "--head-timeout-s", "1"]);
    let held: Vec<TcpStream> = (0..3).map(|_| connect(&server, b"")).collect();
    let started = Instant::now();
    assert_eq!(
        server.get("/healthz", "").0,
        200,
        "idle connections make room"
    );
    assert!(started.elapsed() < PATIENCE);
    drop(held);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn limits_are_settings_and_the_proxy_tells_who_is_there() {
    let house = House::with_owner();
    let server = house.serve(&[
        "--requests-per-address",
        "3",
        "--trusted-proxies",
        "127.0.0.0/8",
    ]);
    let ask = |from: &str| {
        let request = format!(
            "GET /api/v1/identity/me HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {from}\r\nConnection: close\r\n\r\n"
        );
        rest(connect(&server, request.as_bytes())).to_ascii_lowercase()
    };
    for left in [2, 1, 0] {
        let answer = ask("198.51.100.1");
        assert!(answer.starts_with("http/1.1 401"), "{answer}");
        assert!(
            answer.contains(&format!("ratelimit: \"address\";r={left};t=")),
            "{answer}"
        );
    }
    let refused = ask("198.51.100.1");
    assert!(
        refused.starts_with("http/1.1 429") && refused.contains("retry-after: "),
        "{refused}"
    );
    assert!(refused.contains("application/problem+json"), "{refused}");
    assert!(
        ask("7.7.7.7, 198.51.100.1").starts_with("http/1.1 429"),
        "what is made up does not count"
    );
    assert!(ask("198.51.100.2").starts_with("http/1.1 401"));
}
