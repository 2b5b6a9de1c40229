use axum::http::Method;
use identity::registration::{self, Policy};
use serde_json::json;

use crate::browser::{Answer, Browser, PASSWORD, Server};

const REGISTER: &str = "/identity/register";

async fn ask(server: &Server, email: &str) -> Answer {
    let mut browser = server.browser();
    // A closed door has no form; the token of another page serves as well.
    browser.get("/identity/sign-in").await;
    browser.post(REGISTER, &[("email", email)]).await
}

/// Asks for an account and opens the link that comes.
async fn newcomer(server: &Server, email: &str) -> (Browser, String) {
    ask(server, email).await;
    let link = server.link_to(email, "finish_registration").await;
    let mut browser = server.browser();
    browser.get(&link).await.shows(email);
    (browser, link)
}

/// A page without what differs from visit to visit.
fn plain(answer: &Answer) -> String {
    let (before, rest) = answer
        .body
        .split_once("name=\"_csrf\"")
        .unwrap_or((&answer.body, ""));
    let rest = rest.split_once('>').map_or("", |(_, rest)| rest);
    format!("{} {before}{rest}", answer.status)
}

async fn users(server: &Server) -> Vec<String> {
    let users = identity::users::list(server.db()).await.expect("users");
    users.into_iter().map(|user| user.email).collect()
}

#[tokio::test]
async fn nobody_registers_unless_an_administrator_opens_the_door() {
    let server = Server::start().await;
    let (_, mut owner) = server.add_signed_in("owner@example.org").await;
    server
        .browser()
        .get(REGISTER)
        .await
        .shows("No accounts are made here at the moment.");
    let refused = ask(&server, "ann@example.org").await;
    assert_eq!(refused.status, 403);
    refused.shows("No accounts are made here at the moment.");
    assert!(server.mail_to("ann@example.org").await.is_empty());

    let path = "/identity/people/registration";
    owner.get(path).await.shows("Nobody");
    owner
        .post(path, &[("policy", "invitation")])
        .await
        .leads_to("/identity/people/registration?saved=1");
    ask(&server, "ann@example.org")
        .await
        .shows("Ask whoever runs this server");
    let api = "/api/v1/identity/registration";
    owner.get(path).await;
    let opened = owner
        .call(Method::PUT, api, Some(json!({ "policy": "open" })))
        .await;
    assert_eq!(
        opened.json(),
        json!({ "policy": "open", "chosen": "open", "is_pinned": false })
    );
    let unknown = owner
        .call(Method::PUT, api, Some(json!({ "policy": "ajar" })))
        .await;
    unknown.refused(422, "/problems/invalid-input");
    assert_eq!(ask(&server, "ann@example.org").await.status, 200);

    registration::pin(server.db(), Some(Policy::Closed))
        .await
        .expect("pinned");
    assert_eq!(ask(&server, "bob@example.org").await.status, 403);
    let pinned = owner
        .call(Method::PUT, api, Some(json!({ "policy": "open" })))
        .await;
    pinned.refused(409, "/problems/registration-pinned");
    owner.get(path).await.shows("BURSAR_REGISTRATION=closed");
    let refused = owner.post(path, &[("policy", "open")]).await;
    assert_eq!(refused.status, 409);
    registration::pin(server.db(), None).await.expect("free");
    assert_eq!(ask(&server, "bob@example.org").await.status, 200);
}

#[tokio::test]
async fn an_account_is_made_under_a_link_that_works_once() {
    let server = Server::start().await;
    let owner = server.add("owner@example.org").await;
    server.open_registration(Policy::Open).await;
    let (mut ann, link) = newcomer(&server, "ann@example.org").await;
    let mut tx = server.system().await;
    let code = sqlx::query_scalar!(
        "select referral_code from identity.users where id = $1",
        owner.0
    );
    let code = code.fetch_one(tx.conn()).await.expect("a code");
    drop(tx);
    let wrong = [
        ("name", "Ann"),
        ("username", "1ann"),
        ("password", "short"),
        ("referral_code", "NOBODY99"),
    ];
    let refused = ann.post(&link, &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("2 things need to be changed");
    let mut unknown = wrong;
    (unknown[1].1, unknown[2].1) = ("Ann.M", PASSWORD);
    ann.post(&link, &unknown)
        .await
        .shows("Nobody here has this referral code.");
    assert_eq!(
        users(&server).await,
        ["owner@example.org"],
        "nothing happened yet"
    );

    let code = format!("{}-{}", &code[..5].to_lowercase(), &code[5..]);
    let right = [
        ("name", "Ann"),
        ("username", "Ann.M"),
        ("password", PASSWORD),
        ("referral_code", code.as_str()),
    ];
    ann.post(&link, &right).await.leads_to("/welcome");
    let profile = ann.get("/api/v1/identity/profile").await.json();
    assert_eq!(profile["email"], "ann@example.org");
    assert_eq!(profile["email_verified_at"], "2026-03-02T09:30:00Z");
    assert_eq!(
        (&profile["username"], &profile["tier"], &profile["role"]),
        (&"Ann.M".into(), &"observer".into(), &"user".into())
    );
    let mut owner = server.signed_in("owner@example.org").await;
    let by = owner.get("/api/v1/identity/profile").await.json();
    assert_eq!(by["referrals"], 1);

    let mut again = server.browser();
    let dead = again.get(&link).await;
    assert_eq!(dead.status, 404);
    dead.shows("This link is no longer valid");
    again.get("/identity/sign-in").await;
    assert_eq!(again.post(&link, &right).await.status, 404);
    assert_eq!(
        users(&server).await,
        ["owner@example.org", "ann@example.org"]
    );
}

#[tokio::test]
async fn no_answer_tells_who_has_an_account() {
    let server = Server::start().await;
    server.add("owner@example.org").await;
    server.open_registration(Policy::Open).await;
    let known = ask(&server, "Owner@example.org").await;
    let unknown = ask(&server, "ann@example.org").await;
    assert_eq!(plain(&known), plain(&unknown));
    known.shows("Look into your mail");
    // Not even the work differs: one request and one job each, answered later.
    let mut tx = server.system().await;
    let waiting = sqlx::query!(
        r#"select (select count(*) from identity.mail_requests) as "requests!",
                  (select count(*) from platform.jobs where name = 'identity.answer_mail_request') as "jobs!",
                  (select count(*) from identity.outbox) as "messages!",
                  (select count(*) from identity.links) as "links!""#
    )
    .fetch_one(tx.conn())
    .await
    .expect("counts");
    drop(tx);
    assert_eq!(
        (
            waiting.requests,
            waiting.jobs,
            waiting.messages,
            waiting.links
        ),
        (2, 2, 0, 0)
    );
    let mail = server.mail_to("owner@example.org").await;
    assert_eq!(mail.len(), 1);
    assert_eq!(mail[0].0, "already_registered");
    assert!(mail[0].1.starts_with("/identity/reset/"), "{mail:?}");
    let mail = server.mail_to("ann@example.org").await;
    assert_eq!(mail[0].0, "finish_registration");

    // The link that was sent stays good for a while, whoever asks for another.
    let quiet = jiff::SignedDuration::from_mins(6);
    server.app.clock.advance(quiet);
    let forgot = async |email| {
        let mut browser = server.browser();
        browser.get("/identity/forgot").await;
        browser.post("/identity/forgot", &[("email", email)]).await
    };
    let known = forgot("owner@example.org").await;
    let unknown = forgot("eve@example.org").await;
    assert_eq!(plain(&known), plain(&unknown));
    assert!(server.mail_to("eve@example.org").await.is_empty());
    let link = server.link_to("owner@example.org", "password_reset").await;
    assert_eq!(server.browser().get(&link).await.status, 200);
    let bad = forgot("no address").await;
    assert_eq!(bad.status, 422);
    bad.shows("Write it like ann@example.org, with the ending of its domain.");
}

#[tokio::test]
async fn of_two_at_once_one_wins_and_nothing_leaks() {
    let server = Server::start().await;
    server.add("owner@example.org").await;
    server.open_registration(Policy::Open).await;
    let fields = |username| [("username", username), ("password", PASSWORD)];
    let sorted = |one: &Answer, other: &Answer| {
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        statuses
    };

    // The same username, whatever its case.
    let (mut ann, of_ann) = newcomer(&server, "ann@example.org").await;
    let (mut bob, of_bob) = newcomer(&server, "bob@example.org").await;
    let (as_ann, as_bob) = (fields("rivers"), fields("Rivers"));
    let (one, other) = tokio::join!(ann.post(&of_ann, &as_ann), bob.post(&of_bob, &as_bob));
    assert_eq!(sorted(&one, &other), [303, 422]);
    let refused = if one.status == 422 { &one } else { &other };
    refused.shows("This username is taken. Choose another one.");
    assert_eq!(users(&server).await.len(), 2);

    // The same address, by two links that are both good.
    let invitation = identity::invitations::NewInvitation::new(
        Some("cleo@example.org".parse().expect("email")),
        identity::users::Role::User,
        None,
    );
    let invitation = invitation.expect("an invitation");
    let app = &server.app;
    let made = identity::invitations::create(server.db(), &app.clock, &app.sealer, &invitation);
    let made = made.await;
    let invited = made.expect("made").path;
    let (mut cleo, of_cleo) = newcomer(&server, "cleo@example.org").await;
    let mut eve = server.browser();
    eve.get(&invited).await.shows("cleo@example.org");
    let (as_cleo, as_eve) = (fields("cleo"), fields("not-cleo"));
    let (one, other) = tokio::join!(cleo.post(&of_cleo, &as_cleo), eve.post(&invited, &as_eve));
    assert_eq!(sorted(&one, &other), [303, 404]);
    let refused = if one.status == 404 { &one } else { &other };
    refused.shows("This link is no longer valid");
    refused.hides("cleo");

    // The same link twice.
    let (mut dan, link) = newcomer(&server, "dan@example.org").await;
    let mut double = server.browser();
    double.get(&link).await;
    let as_dan = fields("dan");
    let (one, other) = tokio::join!(dan.post(&link, &as_dan), double.post(&link, &as_dan));
    assert_eq!(sorted(&one, &other), [303, 404]);
    let all = users(&server).await;
    assert_eq!(
        all.iter()
            .filter(|email| *email == "dan@example.org")
            .count(),
        1
    );
    assert_eq!(
        all.iter()
            .filter(|email| *email == "cleo@example.org")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_door_that_closes_stays_closed_for_links_on_their_way() {
    let server = Server::start().await;
    server.add("owner@example.org").await;
    server.open_registration(Policy::Open).await;
    let (mut ann, link) = newcomer(&server, "ann@example.org").await;
    server.open_registration(Policy::Closed).await;
    let refused = ann.post(&link, &[("password", PASSWORD)]).await;
    assert_eq!(refused.status, 403);
    assert_eq!(users(&server).await, ["owner@example.org"]);
    server.open_registration(Policy::Open).await;
    server
        .app
        .clock
        .advance(jiff::SignedDuration::from_hours(24));
    let late = ann.post(&link, &[("password", PASSWORD)]).await;
    assert_eq!(late.status, 404, "the day is over");
}
