use jiff::SignedDuration;

use crate::browser::{PASSWORD, Server};

const BASE: &str = "http://127.0.0.1:8420";

async fn link(server: &Server) -> String {
    let link = identity::setup::issue_link(server.db(), &server.app.clock, BASE).await;
    let link = link.expect("database").expect("no user yet");
    link.strip_prefix(BASE)
        .expect("the address of the server")
        .to_owned()
}

const OWNER: [(&str, &str); 5] = [
    ("email", "Ann@Example.org"),
    ("name", "Ann"),
    ("password", PASSWORD),
    ("base_currency", "CHF"),
    ("locale", "de-CH"),
];

#[tokio::test]
async fn the_owner_is_made_by_the_link_once() {
    let server = Server::start().await;
    let link = link(&server).await;
    let mut ann = server.browser();
    let page = ann.get(&link).await;
    assert_eq!(page.status, 200);
    page.shows("Set up Bursar");

    let done = ann.post(&link, &OWNER).await;
    done.leads_to("/welcome");
    let seen = ann.probe().await;
    assert_eq!(
        (&seen["name"], &seen["base_currency"]),
        (&"Ann".into(), &"CHF".into())
    );
    assert_eq!(seen["locale"], "de-CH");
    let me = ann.get("/api/v1/identity/me").await.json();
    assert_eq!(
        (&me["email"], &me["is_admin"]),
        (&"ann@example.org".into(), &true.into())
    );

    let mut tx = server.system().await;
    let row = sqlx::query!(
        "select role, password_hash, last_signed_in_at is not null as signed_in from identity.users"
    )
    .fetch_one(tx.conn())
    .await
    .expect("one user");
    assert_eq!((row.role.as_str(), row.signed_in), ("admin", Some(true)));
    assert!(
        row.password_hash.starts_with("$argon2id$"),
        "{}",
        row.password_hash
    );

    let mut second = server.browser();
    let page = second.get(&link).await;
    assert_eq!(page.status, 404);
    page.shows("This link is no longer valid");
    second.get("/identity/sign-in").await;
    let again = second
        .post(
            &link,
            &[("email", "eve@example.org"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(again.status, 404);
    let none = identity::setup::issue_link(server.db(), &server.app.clock, BASE).await;
    assert_eq!(none.expect("database"), None);
}

#[tokio::test]
async fn everything_wrong_is_said_at_once_and_the_link_stays_good() {
    let server = Server::start().await;
    let link = link(&server).await;
    let mut ann = server.browser();
    ann.get(&link).await;
    let wrong = [
        ("email", "ann at example"),
        ("password", "password123"),
        ("base_currency", "euros!"),
        ("locale", "xx-XX"),
    ];
    let refused = ann.post(&link, &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("4 things need to be changed");
    refused.shows("value=\"ann at example\"");
    refused.hides("password123");
    let mut tx = server.system().await;
    let users = sqlx::query_scalar!("select count(*) from identity.users").fetch_one(tx.conn());
    assert_eq!(users.await.expect("count"), Some(0));
    ann.post(&link, &OWNER).await.leads_to("/welcome");
}

#[tokio::test]
async fn a_newer_link_ends_the_older_one_and_a_day_ends_both() {
    let server = Server::start().await;
    let first = link(&server).await;
    let second = link(&server).await;
    let mut browser = server.browser();
    assert_eq!(browser.get(&first).await.status, 404);
    assert_eq!(browser.get(&second).await.status, 200);
    server.app.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(browser.post(&second, &OWNER).await.status, 404);
    assert_eq!(browser.get("/setup/guessed").await.status, 404);
}

#[tokio::test]
async fn two_submissions_at_once_make_one_owner() {
    let server = Server::start().await;
    let link = link(&server).await;
    let (mut ann, mut eve) = (server.browser(), server.browser());
    ann.get(&link).await;
    eve.get(&link).await;
    let as_eve = OWNER.map(|(name, value)| match name {
        "email" => (name, "eve@example.org"),
        _ => (name, value),
    });
    let (ann, eve) = tokio::join!(ann.post(&link, &OWNER), eve.post(&link, &as_eve));
    let mut statuses = [ann.status.as_u16(), eve.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    let mut tx = server.system().await;
    let users = sqlx::query_scalar!("select count(*) from identity.users").fetch_one(tx.conn());
    assert_eq!(users.await.expect("count"), Some(1));
}
