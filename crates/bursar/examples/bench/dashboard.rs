use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, routing::get};
use bursar::Instance;
use db::UserId;
use identity::{
    tokens::NewToken,
    users::{self, NewUser},
};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinSet};
use web::App;

use crate::http::{ask, listen};

/// Requests per second of the dashboard and of the bare handler, and their ratio.
pub(crate) async fn compare(
    instance: &Instance,
    clients: usize,
    seconds: u64,
    rounds: usize,
) -> anyhow::Result<Value> {
    let app = &instance.app;
    let new = NewUser {
        email: "bench@bursar.example".parse()?,
        name: String::new(),
    };
    let user = users::add(&app.db, &app.clock, new, None).await?.id;
    portfolio::demo::load(app, user).await?;
    let mut tx = app.db.write(user).await?;
    let token = identity::tokens::create(&mut tx, &NewToken::new("bench")?, app.clock.now())
        .await?
        .secret;
    tx.commit().await?;

    let router = bursar::router(
        app,
        &checks::Checks::of_database(instance.server.access()),
        &instance.valuations,
    );
    let real = listen(router).await?;
    let bare = Router::new()
        .route("/bare", get(bare))
        .with_state((app.clone(), user));
    let bare = listen(bare).await?;

    // The first answer computes the valuation; the rest are what a signed-in person sees all day.
    let path = "/api/v1/portfolio/dashboard?period=1y";
    let (_, errors, size) = load(real, path, &token, 1, 1).await?;
    anyhow::ensure!(errors == 0, "the dashboard does not answer");
    let (mut ours, mut theirs, mut ratios, mut failed) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        let (rate, errors, _) = load(real, path, &token, clients, seconds).await?;
        let (bare_rate, bare_errors, _) = load(bare, "/bare", &token, clients, seconds).await?;
        ours.push(rate);
        theirs.push(bare_rate);
        ratios.push(rate / bare_rate);
        failed += errors + bare_errors;
    }
    Ok(json!({
        "clients": clients,
        "errors": failed,
        "answer_bytes": size,
        "requests_per_s": crate::median(&ours).round(),
        "bare_requests_per_s": crate::median(&theirs).round(),
        "throughput_ratio": (crate::median(&ratios) * 1000.0).round() / 1000.0,
    }))
}

/// As many units of work and statements as the dashboard needs: one for the caller, one for the
/// revisions.
async fn bare(State((app, user)): State<(App, UserId)>) -> Json<Value> {
    let mut tx = app.db.system("benchmark").await.expect("a unit of work");
    market::revision(tx.conn()).await.expect("a row");
    drop(tx);
    let mut tx = app.db.read(user).await.expect("a unit of work");
    let revision = market::revision(tx.conn()).await.expect("a row");
    Json(json!({ "revision": revision }))
}

/// Asks with so many clients at once, each on a connection of its own, and returns answers per
/// second, errors and the size of an answer.
async fn load(
    address: SocketAddr,
    path: &str,
    token: &str,
    clients: usize,
    seconds: u64,
) -> anyhow::Result<(f64, u64, usize)> {
    let request = Arc::new(format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ));
    let stop = Arc::new(AtomicBool::new(false));
    let (answers, errors) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for _ in 0..clients {
        let (request, stop) = (request.clone(), stop.clone());
        let (answers, errors) = (answers.clone(), errors.clone());
        tasks.spawn(async move {
            let mut size = 0;
            let Ok(mut stream) = TcpStream::connect(address).await else {
                errors.fetch_add(1, Ordering::Relaxed);
                return size;
            };
            let mut buffer = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let Some(body) = ask(&mut stream, &request, &mut buffer).await else {
                    errors.fetch_add(1, Ordering::Relaxed);
                    return size;
                };
                size = buffer.len() - body;
                answers.fetch_add(1, Ordering::Relaxed);
            }
            size
        });
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let counted = answers.load(Ordering::Relaxed);
    let elapsed = started.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    let mut size = 0;
    while let Some(finished) = tasks.join_next().await {
        size = size.max(finished?);
    }
    Ok((
        counted as f64 / elapsed,
        errors.load(Ordering::Relaxed),
        size,
    ))
}
