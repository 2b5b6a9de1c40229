use std::time::Instant;

use axum::http::Method;
use bursar::Instance;
use identity::{
    tokens::{self, NewToken},
    users::{self, NewUser, Password},
};
use serde_json::{Value, json};
use testkit::Browser;
use uuid::Uuid;

const PORTFOLIOS: &str = "/api/v1/portfolio/portfolios";

/// The time of a miss for an id of somebody else, over that for an id that nobody has: 1 tells nothing.
/// Tries alternate.
pub(crate) async fn compare(instance: &Instance, tries: u16) -> anyhow::Result<Value> {
    let checks = checks::Checks::of_database(instance.server.access());
    let router = bursar::router(&instance.app, &checks, &instance.valuations);
    let mut owner = Browser::with_token(&router, &program(instance, "rows@bursar.example").await?);
    let mut guesser =
        Browser::with_token(&router, &program(instance, "guess@bursar.example").await?);
    let body = json!({ "name": "Guessed at", "currency": "EUR" });
    let opened = owner
        .call(Method::POST, PORTFOLIOS, Some(body))
        .await
        .json();
    let real = opened["id"].as_str().unwrap_or_default().to_owned();
    let (mut foreign, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..tries {
        for (id, times) in [
            (real.clone(), &mut foreign),
            (Uuid::now_v7().to_string(), &mut unknown),
        ] {
            let path = format!("{PORTFOLIOS}/{id}");
            let started = Instant::now();
            let answer = guesser.call(Method::GET, &path, None).await;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
            anyhow::ensure!(answer.status == 404, "{}: {}", answer.status, answer.body);
        }
    }
    let (foreign, unknown) = (crate::median(&foreign), crate::median(&unknown));
    Ok(json!({
        "tries": tries,
        "foreign_ms": (foreign * 1000.0).round() / 1000.0,
        "unknown_ms": (unknown * 1000.0).round() / 1000.0,
        "foreign_over_unknown_ratio": (foreign / unknown * 1000.0).round() / 1000.0,
    }))
}

/// Adds somebody and makes a token.
async fn program(instance: &Instance, email: &str) -> anyhow::Result<String> {
    let app = &instance.app;
    let new = NewUser {
        email: email.parse()?,
        name: String::new(),
    };
    let password = Password::new("a long and quiet river", email)?;
    let person = users::add(&app.db, &app.clock, new, Some(password)).await?;
    let mut tx = app.db.write(person.id).await?;
    let token = tokens::create(&mut tx, &NewToken::new("bench")?, app.clock.now()).await?;
    tx.commit().await?;
    Ok(token.secret)
}
