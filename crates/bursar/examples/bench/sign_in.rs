use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bursar::Instance;
use identity::users::{self, NewUser, Password};
use serde_json::{Value, json};
use testkit::Browser;

const EMAIL: &str = "known@bursar.example";

/// The time of a refused sign-in for an account that exists, over that for one that does not: 1 tells
/// nothing. Tries alternate and come from ever new addresses, so that none has to wait.
pub(crate) async fn compare(instance: &Instance, tries: u16) -> anyhow::Result<Value> {
    let app = &instance.app;
    let new = NewUser {
        email: EMAIL.parse()?,
        name: String::new(),
    };
    let password = Password::new("a long and quiet river", EMAIL)?;
    users::add(&app.db, &app.clock, new, Some(password)).await?;
    let checks = checks::Checks::of_database(instance.server.access());
    let router = bursar::router(app, &checks, &instance.valuations);
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for turn in 0..tries {
        // The account as a whole has twenty free failures.
        if turn % 10 == 0 {
            let mut tx = app.db.system("benchmark").await?;
            forget(&mut tx).await?;
            tx.commit().await?;
        }
        let [high, low] = turn.to_be_bytes();
        for (email, times) in [
            (EMAIL, &mut known),
            ("unknown@bursar.example", &mut unknown),
        ] {
            let mut browser = Browser::new(&router);
            browser.address = SocketAddr::from(([198, 18, high, low], 50_000));
            browser.get("/identity/sign-in").await;
            let started = Instant::now();
            let fields = [("email", email), ("password", "a wrong guess")];
            let answer = browser.post("/identity/sign-in", &fields).await;
            times.push(millis(started.elapsed()));
            anyhow::ensure!(answer.status == 422, "{}: {}", answer.status, answer.body);
        }
    }
    let (known, unknown) = (crate::median(&known), crate::median(&unknown));
    Ok(json!({
        "tries": tries,
        "known_ms": (known * 100.0).round() / 100.0,
        "unknown_ms": (unknown * 100.0).round() / 100.0,
        "known_over_unknown_ratio": (known / unknown * 1000.0).round() / 1000.0,
    }))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark may empty what it has filled"
)]
async fn forget(tx: &mut db::SystemTx) -> anyhow::Result<()> {
    sqlx::query("delete from identity.failed_attempts")
        .execute(tx.conn())
        .await?;
    Ok(())
}

fn millis(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1000.0
}
