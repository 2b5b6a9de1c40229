use axum::{body::Body, http::Method};
use db::{Channel, Deed, Origin};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Browser;

use crate::server::{OWNER, PASSWORD, Server, is_refused};

const ANN: &str = "ann@example.org";
const API: &str = "/api/v1/record/activity";
const PAGE: &str = "/record/activity";

async fn kinds(browser: &mut Browser) -> Vec<String> {
    let page = browser.read(API).await;
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .rev()
        .map(|deed| deed["type"].as_str().expect("type").to_owned())
        .collect()
}

#[tokio::test]
async fn what_a_person_does_is_on_record_with_where_it_came_from() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut stranger = Browser::new(&server.router);
    stranger.get("/identity/sign-in").await;
    let wrong = [
        ("email", ANN),
        ("password", "not the password"),
        ("next", "/"),
    ];
    assert_eq!(stranger.post("/identity/sign-in", &wrong).await.status, 422);

    let mut ann = server.sign_in(ANN).await;
    let request = ann
        .request(Method::POST, "/api/v1/identity/tokens")
        .header("x-request-id", "the-request-of-ann")
        .body(Body::from(json!({ "name": "Backup" }).to_string()));
    let made = ann.send(request.expect("request")).await.json_of(201);
    let path = format!(
        "/api/v1/identity/tokens/{}",
        made["id"].as_str().expect("id")
    );
    assert_eq!(ann.call(Method::DELETE, &path, None).await.status, 204);
    ann.post("/identity/settings/name", &[("name", "Ann")])
        .await;
    ann.get("/record/account/export").await;

    assert_eq!(
        kinds(&mut ann).await,
        [
            "identity.users.add",
            "identity.sessions.sign_in_refused",
            "identity.sessions.sign_in",
            "identity.tokens.create",
            "identity.tokens.revoke",
            "identity.users.rename",
            "record.account.export",
        ]
    );
    let made = ann
        .read(&format!("{API}?type=identity.tokens.create"))
        .await;
    let made = &made["items"][0];
    assert_eq!(made["channel"], "api");
    assert_eq!(made["address"], "192.0.2.7");
    assert_eq!(made["request_id"], "the-request-of-ann");
    assert_eq!(made["details"]["route"], "/api/v1/identity/tokens");
    assert!(
        made["agent"]
            .as_str()
            .is_some_and(|agent| agent.contains("Firefox"))
    );
    let revoked = ann
        .read(&format!("{API}?type=identity.tokens.revoke"))
        .await;
    assert_eq!(
        path,
        format!(
            "/api/v1/identity/tokens/{}",
            revoked["items"][0]["resource_id"].as_str().expect("id")
        )
    );

    ann.post("/identity/sign-out", &[])
        .await
        .leads_to("/identity/sign-in");
    let mut back = server.sign_in(ANN).await;
    let all = kinds(&mut back).await;
    assert_eq!(
        all[all.len() - 2..],
        ["identity.sessions.sign_out", "identity.sessions.sign_in"]
    );
}

#[tokio::test]
async fn an_unknown_address_leaves_a_refusal_in_nobodys_name() {
    let server = Server::start().await;
    let mut stranger = Browser::new(&server.router);
    stranger.get("/identity/sign-in").await;
    let fields = [
        ("email", "who@example.org"),
        ("password", PASSWORD),
        ("next", "/"),
    ];
    assert_eq!(
        stranger.post("/identity/sign-in", &fields).await.status,
        422
    );
    let rows = server
        .texts("select user_id || ' ' || type from platform.activity where type like '%refused'")
        .await;
    assert_eq!(
        rows,
        ["00000000-0000-0000-0000-000000000000 identity.sessions.sign_in_refused"]
    );
    let rows = server
        .texts("select a::text from platform.activity a")
        .await;
    assert!(!rows.concat().contains("who@"), "{rows:?}");
}

#[tokio::test]
async fn what_is_refused_or_undone_is_not_on_record() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let mut ann = server.sign_in(ANN).await;
    let before = kinds(&mut ann).await;
    let refused = ann
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "" })),
        )
        .await;
    assert_eq!(refused.status, 422);
    assert_eq!(kinds(&mut ann).await, before);

    let mut origin = Origin::named(None);
    origin.deed = Some(Deed {
        kind: "a.test.deed".to_owned(),
        resource_type: None,
        resource_id: None,
        details: json!({ "of": "the request" }),
        channel: Channel::Api,
    });
    let rename = "update identity.users set name = 'Anna' where id = platform.current_user_id()";
    origin
        .scope(async {
            // Undone.
            let mut tx = server.app.db.write(ann_id).await.expect("unit of work");
            crate::server::execute(tx.conn(), rename)
                .await
                .expect("renamed");
            drop(tx);
            // Nothing written.
            let tx = server.app.db.write(ann_id).await.expect("unit of work");
            tx.commit().await.expect("committed");
            // Aborted: the end says so instead of losing the change.
            let mut tx = server.app.db.write(ann_id).await.expect("unit of work");
            assert!(
                crate::server::execute(tx.conn(), "select 1 / 0")
                    .await
                    .is_err()
            );
            assert!(tx.commit().await.is_err());
        })
        .await;
    assert_eq!(kinds(&mut ann).await, before);

    let mut origin = Origin::named(Some("kept"));
    origin.deed = Some(Deed {
        kind: "a.test.deed".to_owned(),
        resource_type: None,
        resource_id: None,
        details: json!({ "of": "the request" }),
        channel: Channel::Api,
    });
    origin
        .scope(async {
            let mut tx = server.app.db.write(ann_id).await.expect("unit of work");
            crate::server::execute(tx.conn(), rename)
                .await
                .expect("renamed");
            tx.describe(json!({ "rows": 1 }));
            tx.commit().await.expect("committed");
        })
        .await;
    let deed = ann.read(&format!("{API}?type=a.test.deed")).await;
    assert_eq!(deed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        deed["items"][0]["details"],
        json!({ "of": "the request", "rows": 1 })
    );
    assert_eq!(deed["items"][0]["request_id"], "kept");
}

#[tokio::test]
async fn nobody_else_sees_it_and_nobody_changes_it() {
    let server = Server::start().await;
    let ann = server.add(ANN).await;
    server.sign_in(ANN).await;
    let mut owner = server.sign_in(OWNER).await;
    let seen = kinds(&mut owner).await;
    assert_eq!(seen, ["identity.users.add", "identity.sessions.sign_in"]);
    owner.get(PAGE).await.shows("Logs");

    let foreign = format!(
        "select platform.add_activity('{ann}', 'a.b.c', null, null, '{{}}', 'page', null, null)"
    );
    is_refused(server.as_person(server.owner, &foreign).await, &foreign);
    for sql in [
        "update platform.activity set type = 'x'",
        "delete from platform.activity",
        "truncate platform.activity",
        "insert into platform.activity (user_id, type, channel) values (platform.current_user_id(), 'x', 'page')",
        "select platform.drop_partitions('activity', now())",
    ] {
        is_refused(server.as_person(ann, sql).await, sql);
    }
    for sql in [
        "update platform.activity set type = 'x'",
        "delete from platform.activity",
        "truncate platform.activity",
    ] {
        is_refused(server.as_system(sql).await, sql);
    }
    // Nor behind the back of the parent.
    let months = server
        .texts("select inhrelid::regclass::text from pg_inherits where inhparent = 'platform.activity'::regclass")
        .await;
    assert!(!months.is_empty());
    for month in months {
        let sql = format!("select 1 from {month}");
        is_refused(server.as_person(ann, &sql).await, &sql);
        is_refused(server.as_system(&sql).await, &sql);
    }
}

#[tokio::test]
async fn the_page_filters_pages_and_has_an_empty_state() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut ann = server.sign_in(ANN).await;
    for name in ["One", "Two", "Three"] {
        ann.post("/identity/settings/tokens", &[("name", name)])
            .await;
    }
    let first = ann
        .get(&format!("{PAGE}?type=identity.tokens.create&limit=2"))
        .await;
    first.shows("Create (tokens)");
    first.shows("192.0.2.7");
    let next = first
        .body
        .split("href=\"")
        .find_map(|part| {
            part.split_once('"')
                .map(|(href, _)| href)
                .filter(|href| href.contains("cursor="))
        })
        .expect("a next page")
        .replace("&amp;", "&");
    assert!(next.contains("type=identity.tokens.create"), "{next}");
    let rows = |page: &str| page.matches("<td data-label=\"What\"").count();
    let last = ann.get(&next).await;
    assert_eq!(
        (rows(&first.body), rows(&last.body)),
        (2, 1),
        "{}",
        first.body
    );
    let mut at = Value::Null;
    let mut cursor = String::new();
    for _ in 0..3 {
        let path = format!("{API}?type=identity.tokens.create&limit=1{cursor}");
        let page = ann.read(&path).await;
        assert_ne!(page["items"][0]["id"], at);
        at = page["items"][0]["id"].clone();
        cursor = page["next_cursor"]
            .as_str()
            .map(|c| format!("&cursor={c}"))
            .unwrap_or_default();
    }
    assert_eq!(cursor, "", "three deeds are three pages");
    ann.get(&format!("{PAGE}?type=nothing.like.it"))
        .await
        .shows("Nothing of this kind");
    assert_eq!(ann.get(&format!("{API}?cursor=x")).await.status, 422);

    server.force("delete from platform.activity").await;
    ann.get(PAGE).await.shows("Nothing is on record yet");
    assert_eq!(Browser::new(&server.router).get(API).await.status, 401);
}

#[tokio::test]
async fn months_are_made_ahead_and_dropped_when_their_time_is_over() {
    let server = Server::start().await;
    server.add(ANN).await;
    let months =
        "select relname::text from pg_class where relname ~ '^activity_[0-9]{6}$' order by 1";
    server
        .force("drop table if exists platform.activity_203001")
        .await;
    for month in server.texts(months).await {
        server.force(&format!("drop table platform.{month}")).await;
    }
    server.run_job("record.keep_months").await;
    assert_eq!(
        server.texts(months).await,
        ["activity_202603", "activity_202604", "activity_202605"]
    );
    server
        .force(
            "insert into platform.activity (user_id, at, type, channel) values
             (gen_random_uuid(), '2026-03-31T23:59:59Z', 'a.b.c', 'page')",
        )
        .await;
    let kept = "select type from platform.activity where type = 'a.b.c'";
    // Until 90 days after the last instant of March it is there.
    server
        .app
        .clock
        .advance(SignedDuration::from_hours(24 * 119));
    server.run_job("record.keep_months").await;
    assert_eq!(server.texts(kept).await, ["a.b.c"]);
    server.app.clock.advance(SignedDuration::from_hours(24));
    server.run_job("record.keep_months").await;
    assert_eq!(server.texts(kept).await, Vec::<String>::new());
    let left = server.texts(months).await;
    assert!(!left.contains(&"activity_202603".to_owned()), "{left:?}");
    assert!(left.contains(&"activity_202604".to_owned()), "{left:?}");
    let logs = server
        .texts("select relname::text from pg_class where relname ~ '^system_logs_[0-9]{6}$' order by 1")
        .await;
    assert!(
        logs.contains(&"system_logs_202605".to_owned()),
        "thirty days: {logs:?}"
    );
    assert!(
        !logs.contains(&"system_logs_202604".to_owned()),
        "thirty days: {logs:?}"
    );
}
