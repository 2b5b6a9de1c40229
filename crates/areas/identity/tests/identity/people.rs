use axum::http::Method;
use identity::{
    people::{self, Change, TierGrant},
    tokens::NewToken,
    users::{Role, Status, Tier},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::browser::{Browser, PASSWORD, Server, bearer};

const API: &str = "/api/v1/identity/people";

async fn patch(browser: &mut Browser, id: db::UserId, body: Value) -> crate::browser::Answer {
    browser
        .call(Method::PATCH, &format!("{API}/{id}"), Some(body))
        .await
}

/// A program with a token of a person.
async fn token_of(server: &Server, id: db::UserId) -> String {
    let mut tx = server.db().write(id).await.expect("unit of work");
    let new = NewToken::new("program").expect("name");
    let token = identity::tokens::create(&mut tx, &new, server.app.clock.now()).await;
    tx.commit().await.expect("committed");
    token.expect("token").secret
}

async fn program(server: &Server, token: &str) -> u16 {
    let request = bearer(Method::GET, "/api/v1/identity/me", token);
    server.browser().send(request).await.status.as_u16()
}

#[tokio::test]
async fn administrators_find_people() {
    let server = Server::start().await;
    let (_, mut owner) = server.add_signed_in("owner@example.org").await;
    server.add("ann@example.org").await;
    server.add("bob@example.org").await;
    owner.get("/identity/people").await.shows("bob@example.org");
    let found = owner
        .get("/identity/people?q=ANN&role=user&status=active")
        .await;
    found.shows("ann@example.org");
    found.hides("bob@example.org");
    owner
        .get("/identity/people?q=nobody-like-this")
        .await
        .shows("Nobody here fits all of these.");
    let listed = owner.get(&format!("{API}?limit=2")).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    let cursor = listed["next_cursor"].as_str().expect("more");
    let rest = owner.get(&format!("{API}?cursor={cursor}")).await.json();
    assert_eq!(rest["items"][0]["email"], "bob@example.org");
}

#[tokio::test]
async fn administrators_change_people() {
    let server = Server::start().await;
    let (_, mut owner) = server.add_signed_in("owner@example.org").await;
    let ann = server.add("ann@example.org").await;
    let page = format!("/identity/people/{ann}");
    owner.get(&page).await.shows("ann@example.org");
    let fields = [
        ("role", "user"),
        ("status", "active"),
        ("tier", "trader"),
        ("tier_ends", "2026-03-05"),
    ];
    owner
        .post(&page, &fields)
        .await
        .leads_to(&format!("{page}?saved=1"));
    let of_ann = owner.get(&format!("{API}/{ann}")).await.json();
    assert_eq!(
        (&of_ann["tier"], &of_ann["tier_expires_at"]),
        (&"trader".into(), &"2026-03-05T00:00:00Z".into())
    );
    let past = [
        fields[0],
        fields[1],
        ("tier", "enterprise"),
        ("tier_ends", "2026-03-01"),
    ];
    let refused = owner.post(&page, &past).await;
    assert_eq!(refused.status, 422);
    refused.shows("The end of a tier lies ahead.");
    let odd = [fields[0], fields[1], fields[2], ("tier_ends", "soon")];
    assert_eq!(owner.post(&page, &odd).await.status, 422);

    // Once it has ended, it counts as the free one, and what was granted stays to be seen.
    server.app.clock.advance(SignedDuration::from_hours(72));
    let of_ann = owner.get(&format!("{API}/{ann}")).await.json();
    assert_eq!(
        (&of_ann["tier"], &of_ann["granted_tier"]),
        (&"observer".into(), &"trader".into())
    );
    let free = patch(&mut owner, ann, json!({ "tier": "free" }))
        .await
        .json();
    assert_eq!(
        (&free["granted_tier"], &free["tier_expires_at"]),
        (&"observer".into(), &Value::Null)
    );
    for bad in [
        json!({ "tier": "free", "tier_expires_at": "2027-01-01T00:00:00Z" }),
        json!({ "tier_expires_at": "2027-01-01T00:00:00Z" }),
        json!({ "tier": "gold" }),
        json!({ "status": "asleep" }),
        json!({ "password_hash": "!" }),
    ] {
        patch(&mut owner, ann, bad)
            .await
            .refused(422, "/problems/invalid-input");
    }
    let nobody = db::UserId(uuid::Uuid::nil());
    patch(&mut owner, nobody, json!({}))
        .await
        .refused(404, "/problems/not-found");
}

#[tokio::test]
async fn whoever_is_not_active_is_nobody_at_once() {
    let server = Server::start().await;
    let (_, mut owner) = server.add_signed_in("owner@example.org").await;
    owner.get("/identity/people").await;
    for status in ["suspended", "inactive"] {
        let email = format!("{status}@example.org");
        let (ann_id, mut ann) = server.add_signed_in(&email).await;
        let token = token_of(&server, ann_id).await;
        assert_eq!(program(&server, &token).await, 200);
        let changed = patch(&mut owner, ann_id, json!({ "status": status })).await;
        assert_eq!(changed.json()["status"], status);
        assert_eq!(ann.get("/probe").await.status, 303, "{status}: the session");
        assert_eq!(program(&server, &token).await, 401, "{status}: the token");
        assert_eq!(server.count_sessions(ann_id).await, 0);
        let refused = ann.sign_in(&email, PASSWORD, "/").await;
        assert_eq!(refused.status, 422);
        refused.shows("Email address and password do not match an account here.");
        // Nor does mail open the door.
        let mut stranger = server.browser();
        stranger.get("/identity/forgot").await;
        stranger
            .post("/identity/forgot", &[("email", &email)])
            .await;
        assert!(server.mail_to(&email).await.is_empty());

        patch(&mut owner, ann_id, json!({ "status": "active" })).await;
        assert_eq!(
            ann.get("/probe").await.status,
            303,
            "the old session stays ended"
        );
        assert_eq!(program(&server, &token).await, 401, "nor is the token back");
        server.signed_in(&email).await;
    }
}

/// Under the name of whoever did it: a page of an administrator, the API, and a command.
#[tokio::test]
async fn what_is_done_to_people_is_on_record() {
    let server = Server::start().await;
    let (owner_id, mut owner) = server.add_signed_in("owner@example.org").await;
    let ann_id = server.add("ann@example.org").await;
    let page = format!("/identity/people/{ann_id}");
    owner.get(&page).await;
    let fields = [
        ("role", "agent"),
        ("status", "active"),
        ("tier", "observer"),
    ];
    owner
        .post(&page, &fields)
        .await
        .leads_to(&format!("{page}?saved=1"));
    patch(&mut owner, ann_id, json!({ "status": "suspended" })).await;
    let registration = "/api/v1/identity/registration";
    let policy = Some(json!({ "policy": "invitation" }));
    owner.call(Method::PUT, registration, policy).await;
    let invitations = "/api/v1/identity/invitations";
    let made = owner
        .call(Method::POST, invitations, Some(json!({})))
        .await
        .json();
    let id = made["id"].as_str().expect("an id").to_owned();
    let revoke = format!("{invitations}/{id}");
    owner.call(Method::DELETE, &revoke, None).await;
    let change = Change {
        status: Some(Status::Active),
        ..Change::default()
    };
    let work = people::change(server.db(), &server.app.clock, ann_id.into(), change);
    let done = db::Origin::command("user").scope(work).await;
    assert_eq!(done.expect("changed").status, Status::Active);

    let deeds = deeds_of(&server, owner_id).await;
    let ann = ann_id.to_string();
    let of_owner: Vec<_> = deeds
        .iter()
        .filter(|deed| deed.0 != "identity.sessions.sign_in" && deed.0 != "identity.users.add")
        .map(|(kind, id, channel, status)| (&**kind, &**id, &**channel, &**status))
        .collect();
    let expected = [
        ("identity.people.update", &*ann, "page", "active"),
        ("identity.people.update", &ann, "api", "suspended"),
        ("identity.registration.update", "", "api", ""),
        ("identity.invitations.create", "", "api", ""),
        ("identity.invitations.revoke", &id, "api", ""),
    ];
    assert_eq!(of_owner, expected);
    let of_ann = deeds_of(&server, ann_id).await;
    let command = ("command.user", "", "command", "active");
    let (kind, id, channel, status) = of_ann.last().expect("a deed");
    assert_eq!((&**kind, &**id, &**channel, &**status), command);
}

/// Type, resource, channel and status of what somebody did, in order.
async fn deeds_of(server: &Server, user: db::UserId) -> Vec<(String, String, String, String)> {
    let mut tx = server.system().await;
    let rows = sqlx::query!(
        r#"select type as kind, coalesce(resource_id, '') as "id!", channel,
                  coalesce(details ->> 'status', '') as "status!"
           from platform.activity where user_id = $1 order by at"#,
        user.0
    );
    let rows = rows.fetch_all(tx.conn()).await.expect("deeds");
    rows.into_iter()
        .map(|row| (row.kind, row.id, row.channel, row.status))
        .collect()
}

/// The check is one for all, whatever brought the account there.
#[tokio::test]
async fn a_status_set_behind_our_back_is_seen_by_the_next_request() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    let token = token_of(&server, ann_id).await;
    for status in ["inactive", "suspended", "deleted"] {
        let mut tx = server.system().await;
        sqlx::query!("update identity.users set status = $1", status)
            .execute(tx.conn())
            .await
            .expect("updated");
        tx.commit().await.expect("committed");
        assert_eq!(ann.get("/probe").await.status, 303, "{status}");
        assert_eq!(program(&server, &token).await, 401, "{status}");
    }
    let change = Change {
        status: Some(Status::Active),
        ..Change::default()
    };
    let back = people::change(server.db(), &server.app.clock, ann_id.into(), change).await;
    let error = back.expect_err("closed").to_string();
    assert_eq!(error, "an account does not go from deleted to active");
}

#[tokio::test]
async fn an_administrator_always_remains() {
    let server = Server::start().await;
    let (owner_id, mut owner) = server.add_signed_in("owner@example.org").await;
    owner.get("/identity/people").await;
    for change in [json!({ "role": "user" }), json!({ "status": "suspended" })] {
        let last = patch(&mut owner, owner_id, change).await;
        let body = last.refused(409, "/problems/last-admin");
        assert!(
            body["detail"]
                .as_str()
                .expect("text")
                .contains("owner@example.org")
        );
    }
    let page = format!("/identity/people/{owner_id}");
    let fields = [("role", "user"), ("status", "active"), ("tier", "observer")];
    let refused = owner.post(&page, &fields).await;
    assert_eq!(refused.status, 409);
    refused.shows("is the only administrator in use");

    // Two who take each other's role away at once: one of them stays.
    let ann_id = server.add("ann@example.org").await;
    let promoted = patch(&mut owner, ann_id, json!({ "role": "admin" })).await;
    assert_eq!(promoted.json()["role"], "admin");
    let mut ann = server.signed_in("ann@example.org").await;
    ann.get("/identity/people").await;
    let demote = || json!({ "role": "user" });
    let (one, other) = tokio::join!(
        patch(&mut owner, ann_id, demote()),
        patch(&mut ann, owner_id, demote())
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    // Whoever came second was no administrator any more, or was the last one.
    assert!(
        statuses == [200, 403] || statuses == [200, 409],
        "{statuses:?}"
    );
    let all = identity::users::list(server.db()).await.expect("users");
    let admins = all.iter().filter(|user| user.role == Role::Admin).count();
    assert_eq!(admins, 1);
}

#[tokio::test]
async fn commands_change_people_by_email() {
    let server = Server::start().await;
    let (db, clock) = (server.db(), &server.app.clock);
    server.add("owner@example.org").await;
    server.add("ann@example.org").await;
    let ann = people::find(db, clock, "ANN@example.org")
        .await
        .expect("ann");
    let end = "2026-04-01T00:00:00Z".parse().expect("instant");
    let grant = TierGrant::new(Tier::Professional, Some(end), clock.now()).expect("a grant");
    let change = Change {
        role: Some(Role::Agent),
        tier: Some(grant),
        ..Change::default()
    };
    let changed = people::change(db, clock, ann.id, change)
        .await
        .expect("changed");
    assert_eq!(
        (changed.role, changed.tier),
        (Role::Agent, Tier::Professional)
    );
    let nobody = people::find(db, clock, "eve@example.org").await;
    assert!(
        nobody
            .expect_err("unknown")
            .to_string()
            .contains("there is no user eve@example.org")
    );
}
