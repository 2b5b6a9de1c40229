use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::Method;
use db::{Access, Clock, Db, Origin};
use record::logs::LogWriter;
use serde_json::json;
use testkit::Browser;
use tokio_util::sync::CancellationToken;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::LevelFilter, fmt, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::server::{OWNER, PASSWORD, Server};

const ANN: &str = "ann.the.investor@example.org";
const API: &str = "/api/v1/record/logs";

/// What was logged, as text.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("lock")).into_owned()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs of this thread, at the most talkative level and unscrubbed, and the queue to the database.
fn listen() -> (Captured, LogWriter, DefaultGuard) {
    let captured = Captured::default();
    let lines = captured.clone();
    let clock = Clock::fixed("2026-03-02T09:30:00Z".parse().expect("instant"));
    let (layer, writer) = record::logs::queue(clock);
    let guard = tracing_subscriber::registry()
        .with(
            fmt::layer()
                .json()
                .with_writer(move || lines.clone())
                .with_filter(EnvFilter::new("trace")),
        )
        .with(layer.with_filter(LevelFilter::INFO))
        .set_default();
    (captured, writer, guard)
}

#[tokio::test]
async fn warnings_and_errors_reach_whoever_runs_the_instance() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut owner = server.sign_in(OWNER).await;
    owner.get("/record/logs").await.shows("Nothing to report");
    let (_, mut writer, guard) = listen();
    Origin::named(Some("request-9"))
        .scope(async {
            tracing::info!("all is well");
            tracing::warn!(target: "portfolio::imports", rows = 3, "rows of ann@example.org were odd");
            tracing::error!(job = "market.load", "the source did not answer");
        })
        .await;
    writer.write_waiting(&server.app.db).await;
    drop(guard);
    assert_eq!(writer.dropped().count(), 0);

    let all = owner.read(API).await;
    let items = all["items"].as_array().expect("items");
    assert_eq!(items.len(), 2, "{all}");
    let odd = owner.read(&format!("{API}?level=warn")).await["items"][0].clone();
    assert_eq!(odd["service"], "portfolio");
    assert_eq!(odd["message"], "rows of [email] were odd");
    assert_eq!(odd["metadata"], json!({ "rows": 3 }));
    assert_eq!(odd["request_id"], "request-9");
    assert_eq!(odd["at"], "2026-03-02T09:30:00Z");
    let page = owner.get("/record/logs?level=error").await;
    page.shows("the source did not answer");
    page.hides("were odd");
    owner
        .get("/record/logs?service=portfolio&request_id=request-9")
        .await
        .shows("were odd");
    owner
        .get("/record/logs?request_id=other")
        .await
        .shows("No line is like this");
    assert_eq!(
        owner.read(&format!("{API}?limit=1")).await["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let mut ann = server.sign_in(ANN).await;
    ann.call(Method::GET, API, None)
        .await
        .refused(403, "forbidden");
    assert_eq!(ann.get("/record/logs").await.status, 403);
    ann.get("/record/activity").await.hides("/record/logs");
}

#[tokio::test]
async fn the_log_neither_blocks_nor_feeds_on_itself() {
    let server = Server::start().await;
    let (_, mut writer, _guard) = listen();
    for n in 0..5_000 {
        tracing::warn!(n, "again");
    }
    assert_eq!(writer.dropped().count(), 5_000 - 1_024);
    writer.write_waiting(&server.app.db).await;
    let count = "select count(*)::text from platform.system_logs";
    // And one more line, which says what is missing.
    assert_eq!(server.texts(count).await, ["1025"]);
    let missing = "select message from platform.system_logs where message <> 'again'";
    assert_eq!(
        server.texts(missing).await,
        ["3976 lines of the log were dropped"]
    );

    // A database that is away: the lines are lost and counted, and the failure says nothing of itself.
    let away = server.test_db.access().clone();
    let gone: Access = away.with_database("no_such_database");
    assert!(Db::connect(&gone).await.is_err());
    let closed = Db::connect(&away).await.expect("connected");
    closed.close().await;
    tracing::warn!("lost");
    let dropped = writer.dropped();
    let before = dropped.count();
    let cancel = CancellationToken::new();
    let running = writer.run(closed, cancel.clone());
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel();
    };
    tokio::time::timeout(Duration::from_secs(20), async {
        tokio::join!(running, stopping)
    })
    .await
    .expect("ends");
    assert_eq!(before, 5_000 - 1_024);
    assert_eq!(server.texts(count).await, ["1025"]);
    assert_eq!(dropped.count(), before + 1);
}

#[tokio::test]
async fn pages_are_counted_by_their_form_alone() {
    let server = Server::start().await;
    let mut owner = server.sign_in(OWNER).await;
    let (_, mut writer, guard) = listen();
    owner.get("/record/activity?type=secret-words").await;
    Browser::new(&server.router).get("/identity/sign-in").await;
    // Fetched anew by a page that stays open: nobody looked.
    let again = owner
        .request(Method::GET, "/record/activity")
        .header("x-bursar-refresh", "1")
        .body(axum::body::Body::empty());
    let again = owner.send(again.expect("a request")).await;
    assert_eq!(again.status, 200);
    drop(guard);
    writer.write_waiting(&server.app.db).await;
    let uses = server
        .texts("select event_type || ' ' || user_id || ' ' || properties || context from platform.analytics_events")
        .await;
    let expected = format!(
        r#"page_view {} {{"page": "/record/activity", "action": "view"}}{{"device": "computer"}}"#,
        server.owner
    );
    assert_eq!(uses, [expected]);
    let logs = owner.get("/record/logs").await;
    logs.shows("Pages in use");
    logs.shows("<code>/record/activity</code>");
}

/// A text that no row can hold finds nothing, and is no failure.
#[tokio::test]
async fn what_no_text_can_hold_is_not_found() {
    let server = Server::start().await;
    let mut owner = server.sign_in(OWNER).await;
    for field in ["level", "service", "request_id"] {
        let found = owner.read(&format!("{API}?{field}=%00")).await;
        assert_eq!(found["items"], json!([]), "{field}");
        let page = owner.get(&format!("/record/logs?{field}=a%00b")).await;
        assert_eq!(page.status, 200, "{field}");
    }
    let deeds = owner.read("/api/v1/record/activity?type=%00").await;
    assert_eq!(deeds["items"], json!([]));
}

/// A tour of everything that touches a person's data, with every log open.
#[tokio::test]
async fn no_personal_data_is_logged() {
    let server = Server::start().await;
    let (captured, mut writer, guard) = listen();
    server.add(ANN).await;
    let mut visitor = Browser::new(&server.router);
    visitor.get("/identity/sign-in").await;
    let wrong = [
        ("email", ANN),
        ("password", "Wr0ng-passphrase"),
        ("next", "/"),
    ];
    visitor.post("/identity/sign-in", &wrong).await;
    let mut ann = server.sign_in(ANN).await;
    ann.post("/identity/settings/name", &[("name", "Anna Karenina")])
        .await;
    let made = ann
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "Sesame" })),
        )
        .await
        .json_of(201);
    let token = made["secret"].as_str().expect("secret").to_owned();
    let mut program = Browser::with_token(&server.router, &token);
    assert_eq!(program.get("/api/v1/identity/me").await.status, 200);
    let session = ann.cookies["bursar_session"].clone();
    let link = identity::users::reset_password(&server.app.db, &server.app.clock, ANN).await;
    let link = link.expect("a link").url("http://x");
    let path = link.strip_prefix("http://x").expect("a path").to_owned();
    ann.get(&path).await;
    ann.get("/record/activity?type=Kopenhagen").await;
    ann.get("/record/account/export").await;
    // A refused row, in the words of the database.
    let taken = identity::users::NewUser {
        email: ANN.parse().expect("email"),
        name: "Anna Karenina".to_owned(),
    };
    let twice = identity::users::add(&server.app.db, &server.app.clock, taken, None).await;
    assert!(twice.is_err());
    tracing::warn!(error = %"Key (email)=(ann.the.investor@example.org) already exists.", "refused");
    let fields = [("email", ANN), ("password", PASSWORD)];
    ann.get("/record/account").await;
    assert_eq!(ann.post("/record/account/close", &fields).await.status, 200);
    drop(guard);
    writer.write_waiting(&server.app.db).await;

    let scrubbed: String = captured
        .text()
        .lines()
        .filter(|line| !line.contains("\"message\":\"refused\""))
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        scrubbed.contains("system unit of work"),
        "the logs are open: {scrubbed}"
    );
    let stored = server
        .texts("select to_jsonb(l)::text from platform.system_logs l")
        .await
        .join("\n");
    assert!(stored.contains("[email]"), "{stored}");
    let secret_of_link = path.rsplit('/').next().expect("a secret");
    for personal in [
        ANN,
        "ann.the.investor",
        "Anna Karenina",
        "Zebulon",
        "192.0.2.7",
        "Firefox",
        PASSWORD,
        "Wr0ng-passphrase",
        &token,
        &session,
        secret_of_link,
        "Sesame",
        "Kopenhagen",
        "argon2",
    ] {
        for (place, text) in [("the log", &scrubbed), ("the database", &stored)] {
            let line = text.lines().find(|line| line.contains(personal));
            assert_eq!(line, None, "{personal} in {place}");
        }
    }
}
