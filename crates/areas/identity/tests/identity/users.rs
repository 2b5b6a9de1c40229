use identity::{
    registration::Policy,
    users::{self, Email, NewUser, Role, UserError},
};
use jiff::SignedDuration;

use crate::browser::{PASSWORD, Server};

const NEW_PASSWORD: &str = "seven quiet rivers run";

fn new(email: &str) -> NewUser {
    NewUser {
        email: email.parse::<Email>().expect("email"),
        name: " Ann ".to_owned(),
    }
}

#[tokio::test]
async fn the_first_user_is_the_admin_and_sets_the_password_by_link() {
    let server = Server::start().await;
    let clock = &server.app.clock;
    let setup = identity::setup::issue_link(server.db(), clock, "")
        .await
        .expect("database");
    let ann = users::add(server.db(), clock, new("ann@example.org"), None)
        .await
        .expect("added");
    assert_eq!(ann.role, Role::Admin);
    let mut browser = server.browser();
    assert_eq!(
        browser.get(&setup.expect("no user yet")).await.status,
        404,
        "set-up is over"
    );
    assert_eq!(
        browser.sign_in("ann@example.org", "!", "/").await.status,
        422
    );

    let link = ann.link.expect("a link");
    assert_eq!(
        link.url("https://bursar.example/"),
        format!("https://bursar.example{}", link.path())
    );
    assert_eq!(link.expires_at.to_string(), "2026-03-03T09:30:00Z");
    browser.get(link.path()).await.shows("ann@example.org");
    let done = browser
        .post(link.path(), &[("password", NEW_PASSWORD)])
        .await;
    done.leads_to("/identity/sign-in?password_set=1");
    browser
        .sign_in("ann@example.org", NEW_PASSWORD, "/")
        .await
        .leads_to("/");
    assert_eq!(browser.probe().await["name"], "Ann");

    let bob = users::add(server.db(), clock, new("bob@example.org"), None)
        .await
        .expect("added");
    assert_eq!(bob.role, Role::User);
    let taken = users::add(server.db(), clock, new("Bob@example.org"), None).await;
    assert!(matches!(taken, Err(UserError::EmailTaken { email }) if email == "bob@example.org"));
    let list = users::list(server.db()).await.expect("list");
    let list: Vec<_> = list
        .iter()
        .map(|user| (user.email.as_str(), user.role))
        .collect();
    assert_eq!(
        list,
        [
            ("ann@example.org", Role::Admin),
            ("bob@example.org", Role::User)
        ]
    );
}

/// Somebody who cannot be used runs nothing.
#[tokio::test]
async fn whoever_comes_while_nobody_runs_the_instance_does() {
    let server = Server::start().await;
    let clock = &server.app.clock;
    server.open_registration(Policy::Open).await;
    assert!(!users::has_admin(server.db()).await.expect("asked"));
    let mut early = server.browser();
    early.get("/identity/register").await;
    early
        .post("/identity/register", &[("email", "eve@example.org")])
        .await;
    assert!(
        server.mail_to("eve@example.org").await.is_empty(),
        "nobody registers before that"
    );
    let ann = users::add(server.db(), clock, new("ann@example.org"), None).await;
    assert!(users::has_admin(server.db()).await.expect("asked"));
    let base = "http://127.0.0.1:8420";
    let link = async || {
        let link = identity::setup::issue_link(server.db(), clock, base).await;
        link.expect("database")
    };
    assert_eq!(link().await, None);

    let mut tx = server.system().await;
    sqlx::query!(
        "update identity.users set status = 'suspended' where id = $1",
        ann.expect("added").id.0
    )
    .execute(tx.conn())
    .await
    .expect("suspended");
    tx.commit().await.expect("commit");
    assert!(!users::has_admin(server.db()).await.expect("asked"));
    assert!(link().await.is_some());
    let bob = users::add(server.db(), clock, new("bob@example.org"), None).await;
    assert_eq!(bob.expect("added").role, Role::Admin);
    assert_eq!(link().await, None);
}

#[tokio::test]
async fn commands_mean_the_only_user_or_the_owner() {
    let server = Server::start().await;
    let resolve = async |email| users::resolve(server.db(), email).await;
    assert!(matches!(resolve(None).await, Err(UserError::NoUsers)));
    let ann = server.add("ann@example.org").await;
    assert_eq!(resolve(None).await.expect("the only one"), ann);
    let bob = server.add("bob@example.org").await;
    assert_eq!(resolve(None).await.expect("the owner"), ann);
    assert_eq!(
        resolve(Some("BOB@example.org")).await.expect("by email"),
        bob
    );
    let error = resolve(Some("eve@example.org"))
        .await
        .expect_err("unknown")
        .to_string();
    assert!(
        error.contains("there is no user eve@example.org"),
        "{error}"
    );
    assert!(matches!(
        resolve(Some("eve")).await,
        Err(UserError::InvalidEmail { .. })
    ));
    let mut tx = server.system().await;
    sqlx::query!("update identity.users set role = 'user'")
        .execute(tx.conn())
        .await
        .expect("update");
    tx.commit().await.expect("commit");
    assert!(matches!(resolve(None).await, Err(UserError::NoAdmin)));
}

#[tokio::test]
async fn a_new_password_by_link_ends_all_sessions() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    let reset = async || {
        let link = users::reset_password(server.db(), &server.app.clock, "ann@example.org").await;
        link.expect("link").path().to_owned()
    };
    let older = reset().await;
    let link = reset().await;
    let mut browser = server.browser();
    assert_eq!(browser.get(&older).await.status, 404);
    assert_eq!(browser.get(&link).await.status, 200);
    let weak = browser
        .post(&link, &[("password", "ann@example.org")])
        .await;
    assert_eq!(weak.status, 422);
    weak.shows("Do not use your email address as the password.");
    assert_eq!(ann.get("/probe").await.status, 200, "nothing happened yet");

    browser.post(&link, &[("password", NEW_PASSWORD)]).await;
    assert_eq!(server.count_sessions(ann_id).await, 0);
    assert_eq!(ann.get("/probe").await.status, 303);
    let dead = browser
        .post(&link, &[("password", "another quiet river")])
        .await;
    assert_eq!(dead.status, 404);
    dead.shows("This link is no longer valid");
    assert_eq!(
        browser
            .sign_in("ann@example.org", PASSWORD, "/")
            .await
            .status,
        422
    );
    browser
        .sign_in("ann@example.org", NEW_PASSWORD, "/")
        .await
        .leads_to("/");

    let late = reset().await;
    server.app.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(server.browser().get(&late).await.status, 404);
    let unknown = users::reset_password(server.db(), &server.app.clock, "eve@example.org").await;
    assert!(matches!(unknown, Err(UserError::NoSuchUser { .. })));
}

#[tokio::test]
async fn changing_the_password_needs_the_current_one_and_ends_other_sessions() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    let mut phone = server.signed_in("ann@example.org").await;
    ann.get("/identity/settings/security")
        .await
        .shows("ann@example.org");
    let change = "/identity/settings/password";
    let wrong = [
        ("current_password", "not this one"),
        ("password", NEW_PASSWORD),
    ];
    let refused = ann.post(change, &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("This is not your current password.");
    refused.hides(NEW_PASSWORD);
    let weak = ann
        .post(
            change,
            &[("current_password", PASSWORD), ("password", "short")],
        )
        .await;
    weak.shows("Use at least 10 characters.");
    assert_eq!(phone.get("/probe").await.status, 200);

    let right = [("current_password", PASSWORD), ("password", NEW_PASSWORD)];
    ann.post(change, &right)
        .await
        .leads_to("/identity/settings/security?saved=1");
    assert_eq!(ann.get("/probe").await.status, 200, "the own session stays");
    assert_eq!(phone.get("/probe").await.status, 303);
    assert_eq!(server.count_sessions(ann_id).await, 1);
    phone
        .sign_in("ann@example.org", NEW_PASSWORD, "/")
        .await
        .leads_to("/");
}

#[tokio::test]
async fn the_name_is_shown_on_every_page() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;
    ann.get("/identity/settings/security").await;
    let saved = ann
        .post("/identity/settings/name", &[("name", "Ann <Miller>")])
        .await;
    saved.leads_to("/identity/settings/security?saved=1");
    ann.get("/identity/settings")
        .await
        .shows("Ann &lt;Miller&gt;");
    assert_eq!(eve.probe().await["name"], "eve@example.org");
    let refused = ann
        .post("/identity/settings/name", &[("name", &"x".repeat(101))])
        .await;
    assert_eq!(refused.status, 422);
    assert_eq!(ann.probe().await["name"], "Ann <Miller>");
}
