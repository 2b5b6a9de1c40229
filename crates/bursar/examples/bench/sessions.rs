use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bursar::Instance;
use identity::users::{self, NewUser, Password};
use serde_json::{Value, json};
use testkit::Browser;
use tokio::{net::TcpStream, task::JoinSet};

use crate::http::{ask, listen};

const PEOPLE: u8 = 100;
const SESSIONS_EACH: usize = 10;
const PASSWORD: &str = "a long and quiet river";
/// What each session asks for in turn, as somebody who walks through the pages.
const PATHS: [&str; 5] = [
    "/",
    "/portfolio/holdings",
    "/api/v1/portfolio/dashboard",
    "/portfolio/transactions",
    "/identity/settings",
];
/// Between two requests of a session.
const PAUSE: Duration = Duration::from_secs(2);
const MEMORY_EVERY: Duration = Duration::from_secs(10);

/// A thousand signed-in sessions of a hundred people, each on a connection of its own, who ask for a
/// page every two seconds, while others guess passwords without a pause: times of the answers, errors,
/// and the memory of the process over time.
pub(crate) async fn hold(instance: &Instance, seconds: u64) -> anyhow::Result<Value> {
    let checks = checks::Checks::of_database(instance.server.access());
    let router = bursar::router(&instance.app, &checks, &instance.valuations);
    let mut cookies = Vec::new();
    for person in 0..PEOPLE {
        let email = format!("session-{person}@bursar.example");
        let new = NewUser {
            email: email.parse()?,
            name: String::new(),
        };
        let password = Password::new(PASSWORD, &email)?;
        let app = &instance.app;
        let user = users::add(&app.db, &app.clock, new, Some(password)).await?;
        portfolio::demo::load(app, user.id).await?;
        for _ in 0..SESSIONS_EACH {
            cookies.push(sign_in(&router, person, &email).await?);
        }
    }
    let address = listen(router.clone()).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for (number, cookie) in cookies.iter().enumerate() {
        tasks.spawn(walk(address, cookie.clone(), number, stop.clone()));
    }
    let mut guessing = JoinSet::new();
    guessing.spawn(guess(router, stop.clone()));
    let started = Instant::now();
    let mut memory = Vec::new();
    while started.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(MEMORY_EVERY).await;
        memory.push(resident_mb()?);
    }
    stop.store(true, Ordering::Relaxed);
    let (mut times, mut errors) = (Vec::new(), BTreeMap::<String, u64>::new());
    while let Some(walked) = tasks.join_next().await {
        let (of_one, failed) = walked?;
        times.extend(of_one);
        for error in failed {
            *errors.entry(error).or_default() += 1;
        }
    }
    times.sort_by(f64::total_cmp);
    let part = |of: usize| times.get(times.len() * of / 1000).copied();
    Ok(json!({
        "sessions": cookies.len(),
        "seconds": seconds,
        "answers": times.len(),
        "errors": errors,
        "passwords_guessed": guessing.join_all().await,
        "p50_ms": part(500),
        "p99_ms": part(990),
        "longest_ms": times.last(),
        "resident_mb": memory,
    }))
}

async fn sign_in(router: &axum::Router, person: u8, email: &str) -> anyhow::Result<String> {
    let mut browser = Browser::new(router);
    browser.address = SocketAddr::from(([198, 19, 0, person], 50_000));
    browser.get("/identity/sign-in").await;
    let fields = [("email", email), ("password", PASSWORD), ("next", "/")];
    let answer = browser.post("/identity/sign-in", &fields).await;
    anyhow::ensure!(answer.status == 303, "{}: {}", answer.status, answer.body);
    let pairs: Vec<String> = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Ok(pairs.join("; "))
}

/// The times of the answers in milliseconds, and what came instead of the others.
async fn walk(
    address: SocketAddr,
    cookie: String,
    number: usize,
    stop: Arc<AtomicBool>,
) -> (Vec<f64>, Vec<String>) {
    let (mut times, mut failed) = (Vec::new(), Vec::new());
    // They do not all come in the same instant.
    tokio::time::sleep(PAUSE * u32::try_from(number % 1000).unwrap_or(0) / 1000).await;
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return (times, vec!["no connection".to_owned()]);
    };
    let mut buffer = Vec::new();
    for path in PATHS.iter().cycle().skip(number) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n");
        let asked = Instant::now();
        if ask(&mut stream, &request, &mut buffer).await.is_none() {
            let head = String::from_utf8_lossy(&buffer);
            failed.push(format!(
                "{path}: {}",
                head.lines().next().unwrap_or_default()
            ));
            let Ok(another) = TcpStream::connect(address).await else {
                break;
            };
            stream = another;
        }
        times.push(asked.elapsed().as_secs_f64() * 1000.0);
        // What the people keep of their pages would count as memory of the server.
        buffer = Vec::new();
        tokio::time::sleep(PAUSE).await;
    }
    (times, failed)
}

/// Wrong passwords one after the other, each from an address of its own, so that none has to wait.
async fn guess(router: axum::Router, stop: Arc<AtomicBool>) -> u64 {
    let mut guessed = 0;
    while !stop.load(Ordering::Relaxed) {
        let [.., high, low] = u64::to_be_bytes(guessed);
        let mut browser = Browser::new(&router);
        browser.address = SocketAddr::from(([198, 18, high, low], 50_000));
        browser.get("/identity/sign-in").await;
        let email = format!("nobody-{guessed}@bursar.example");
        let fields = [("email", email.as_str()), ("password", "a wrong guess")];
        browser.post("/identity/sign-in", &fields).await;
        guessed += 1;
    }
    guessed
}

/// The memory of this process that is not swapped out.
fn resident_mb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next());
    let kilobytes: u64 = kilobytes.unwrap_or_default().parse()?;
    Ok(kilobytes / 1024)
}
