use axum::{
    body::Body,
    http::{Request, header},
};
use jiff::SignedDuration;
use jobs::Runner;

use crate::{
    browser::Server,
    factors::{enrol, first_step},
};

#[tokio::test]
async fn what_expired_is_removed() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    identity::users::reset_password(server.db(), &server.app.clock, "ann@example.org")
        .await
        .expect("link");
    ann.get("/identity/settings").await;
    let csrf = ann.get("/identity/settings").await.body;
    let csrf = csrf
        .split_once("name=\"_csrf\" value=\"")
        .expect("a form")
        .1;
    let request = Request::post("/api/v1/identity/tokens")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-csrf-token", csrf.split_once('"').expect("closed").0)
        .header("idempotency-key", "once")
        .body(Body::from("{\"name\":\"x\"}"))
        .expect("request");
    assert_eq!(ann.send(request).await.status, 201);
    // The keys carry the time of the database, which tests cannot move.
    let mut tx = server.system().await;
    sqlx::query!("update platform.idempotency_keys set created_at = '2026-03-02T09:30:00Z'")
        .execute(tx.conn())
        .await
        .expect("update");
    tx.commit().await.expect("commit");

    let left = async || {
        let mut tx = server.system().await;
        let row = sqlx::query!(
            r#"select (select count(*) from identity.links) as "links!",
                      (select count(*) from platform.idempotency_keys) as "keys!""#
        )
        .fetch_one(tx.conn())
        .await
        .expect("counts");
        (server.count_sessions(ann_id).await, row.links, row.keys)
    };
    let runner = Runner::new(
        server.db().clone(),
        server.app.clock.clone(),
        jobs::Registry::new()
            .every::<identity::sessions::SweepExpired>(identity::sessions::SWEEP_EVERY),
    );
    server.app.clock.advance(SignedDuration::from_hours(23));
    assert_eq!(runner.run_due().await.expect("database"), 1);
    assert_eq!(left().await, (1, 1, 1), "nothing expired yet");
    assert_eq!(runner.run_due().await.expect("database"), 0, "once an hour");

    server.app.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(server.sweep().await, 1);
    assert_eq!(left().await, (1, 0, 0));
    server
        .app
        .clock
        .advance(SignedDuration::from_hours(29 * 24));
    assert_eq!(server.sweep().await, 1);
    assert_eq!(left().await, (0, 0, 0));
}

#[tokio::test]
async fn what_nobody_finished_is_removed() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    enrol(&server, &mut ann).await;
    let mut waiting = first_step(&server, "ann@example.org", "/").await;
    waiting.post("/identity/sign-in/cancel", &[]).await;
    first_step(&server, "ann@example.org", "/").await;
    let mut stranger = server.browser();
    stranger.get("/identity/sign-in").await;
    stranger
        .post("/identity/sign-in/passkey", &[])
        .await
        .shows("Use the passkey");
    let left = async || {
        let mut tx = server.system().await;
        let row = sqlx::query!(
            r#"select (select count(*) from identity.pending_sign_ins) as "pending!",
                      (select count(*) from identity.ceremonies) as "asked!""#
        )
        .fetch_one(tx.conn())
        .await
        .expect("counts");
        (row.pending, row.asked)
    };
    assert_eq!(server.sweep().await, 1);
    assert_eq!(left().await, (1, 1));
    server.app.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(server.sweep().await, 1);
    assert_eq!(left().await, (0, 0));
}
