//! Sign-in by a provider: who gets in, who does not, and what is believed.

use identity::{registration::Policy, users::Role};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, PASSWORD, Server},
    factors::{TAB, enrol},
    passkeys::register,
    provider::{self, Asked, Lie, Person, Provider},
};

const START: &str = "/identity/openid";
const LINK: &str = "/identity/settings/openid";
const SECURITY: &str = "/identity/settings/security";
const ANN: &str = "ann@example.org";
const OWNER: &str = "owner@example.org";

/// A server with an owner, whose provider may bring these.
async fn house(allow: &[&str]) -> (Server, Provider) {
    let mut server = Server::start().await;
    let provider = Provider::start(&server.app.clock).await;
    server.offer(provider.open_id(allow));
    server.add(OWNER).await;
    (server, provider)
}

/// Where a page sends the browser.
fn way(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let refresh = page.header("refresh");
    let address = refresh.strip_prefix("0; url=").expect("a way");
    page.shows(&address.replace('&', "&amp;"));
    address.to_owned()
}

/// The whole way to the provider and back.
async fn come(browser: &mut Browser, provider: &Provider) -> Answer {
    browser.get("/identity/sign-in").await;
    let there = way(&browser.post(START, &[("next", "/probe")]).await);
    browser.get(&provider.visit(&there).await).await
}

async fn link(ann: &mut Browser, provider: &Provider) -> Answer {
    ann.get(SECURITY).await;
    let there = way(&ann.post(LINK, &[]).await);
    ann.get(&provider.visit(&there).await).await
}

fn is_refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    answer.shows(words);
    for leaked in ["words of the provider", "upstream", "invalid_", "realm"] {
        answer.hides(leaked);
    }
}

async fn accounts(server: &Server) -> Vec<String> {
    let users = identity::users::list(server.db()).await.expect("users");
    users.into_iter().map(|user| user.email).collect()
}

/// What is on record, in order.
async fn record(server: &Server, kind: &str) -> i64 {
    let mut tx = server.system().await;
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from platform.activity where type = $1"#,
        kind
    )
    .fetch_one(tx.conn())
    .await
    .expect("count")
}

async fn execute(server: &Server, sql: &'static str) {
    let mut tx = server.system().await;
    #[expect(clippy::disallowed_methods, reason = "moves what no page moves")]
    let done = sqlx::query(sql).execute(tx.conn()).await.expect(sql);
    assert!(done.rows_affected() > 0, "{sql}");
    tx.commit().await.expect("commit");
}

#[tokio::test]
async fn somebody_whom_the_list_names_gets_an_account_and_comes_back_to_it() {
    let (server, provider) = house(&[ANN, "example.com"]).await;
    let mut ann = server.browser();
    let page = ann.get("/identity/sign-in").await;
    page.shows("Sign in with Home ID");
    let there = way(&ann.post(START, &[("next", "/probe")]).await);
    let Asked(asked) = Asked::of(&there);
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked[name].len(), 43, "{asked:?}");
    }
    assert!(!asked.contains_key("prompt"), "{asked:?}");
    let back = provider.visit(&there).await;
    ann.get(&back).await.leads_to("/probe");
    assert_eq!(ann.probe().await["name"], "Ann Miller");
    assert!(!ann.cookies.contains_key("bursar_openid"));
    let me = ann.get("/api/v1/identity/profile").await.json();
    assert_eq!(me["email"], ANN, "{me}");
    assert_eq!(me["email_verified_at"], "2026-03-02T09:30:00Z", "{me}");
    let page = ann.get(SECURITY).await;
    page.shows("You have no password.");
    page.shows(&provider.issuer);
    let wrong = server.browser().sign_in(ANN, "!", "/").await;
    assert_eq!(wrong.status, 422, "nobody has that password");

    // The address may change there; who it is does not.
    provider.there().person.email = Some("Ann.Miller@example.com");
    let mut again = server.browser();
    come(&mut again, &provider).await.leads_to("/probe");
    assert_eq!(again.probe().await["user_id"], ann.probe().await["user_id"]);
    again.get(SECURITY).await.shows("ann.miller@example.com");
    assert_eq!(accounts(&server).await, [OWNER, ANN]);
    assert_eq!(record(&server, "identity.users.register").await, 1);
    assert_eq!(
        provider.there().discoveries,
        1,
        "what the provider says of itself is kept"
    );
}

#[tokio::test]
async fn somebody_of_a_domain_on_the_list_needs_a_registration_that_is_open_or_an_invitation() {
    let (server, provider) = house(&["example.org"]).await;
    for policy in [Policy::Closed, Policy::Invitation] {
        server.open_registration(policy).await;
        let refused = come(&mut server.browser(), &provider).await;
        is_refused(&refused, 403, "No account is made for your address.");
    }
    assert_eq!(accounts(&server).await, [OWNER]);
    let invitation = identity::invitations::NewInvitation::new(
        Some(ANN.parse().expect("email")),
        Role::Agent,
        None,
    );
    let app = &server.app;
    identity::invitations::create(
        server.db(),
        &app.clock,
        &app.sealer,
        &invitation.expect("an invitation"),
    )
    .await
    .expect("made");
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    let users = identity::users::list(server.db()).await.expect("users");
    assert_eq!((&*users[1].email, users[1].role), (ANN, Role::Agent));

    server.open_registration(Policy::Open).await;
    provider.there().person = Person {
        subject: "bob-there",
        email: Some("bob@example.org"),
        ..provider::ann()
    };
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    assert_eq!(accounts(&server).await, [OWNER, ANN, "bob@example.org"]);
}

#[tokio::test]
async fn nobody_becomes_the_first_account_by_the_provider() {
    let mut server = Server::start().await;
    let provider = Provider::start(&server.app.clock).await;
    server.offer(provider.open_id(&[ANN]));
    let refused = come(&mut server.browser(), &provider).await;
    is_refused(&refused, 403, "No account is made for your address.");
    assert!(accounts(&server).await.is_empty());
}

#[tokio::test]
async fn an_account_is_not_entered_by_its_address_until_its_person_links_it() {
    let (server, provider) = house(&["example.org"]).await;
    server.open_registration(Policy::Open).await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let mut browser = server.browser();
    let refused = come(&mut browser, &provider).await;
    is_refused(
        &refused,
        409,
        "There is an account with your address already.",
    );
    assert!(!browser.cookies.contains_key("bursar_session"));

    ann.get(SECURITY).await.shows("Link Home ID");
    link(&mut ann, &provider)
        .await
        .leads_to("/identity/settings/security?saved=1");
    ann.get(SECURITY).await.shows(ANN);
    link(&mut ann, &provider)
        .await
        .leads_to("/identity/settings/security?saved=1");
    assert_eq!(
        record(&server, "identity.openid.link").await,
        1,
        "once is enough"
    );
    come(&mut browser, &provider).await.leads_to("/probe");
    assert_eq!(browser.probe().await["user_id"], ann_id.to_string());

    // It is nobody else's.
    let (_, mut bob) = server.add_signed_in("bob@example.org").await;
    let refused = link(&mut bob, &provider).await;
    is_refused(&refused, 409, "is linked to another account here");
    bob.get(SECURITY).await.hides(&provider.issuer);
}

#[tokio::test]
async fn linking_asks_for_a_recent_proof_and_for_the_browser_that_began() {
    let (server, provider) = house(&["example.org"]).await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get(SECURITY).await;
    server.app.clock.advance(SignedDuration::from_mins(15));
    ann.post(LINK, &[])
        .await
        .leads_to("/identity/confirm?next=/identity/settings/security");
    ann.get("/identity/confirm")
        .await
        .hides("Confirm with Home ID");
    let fields = [("current_password", PASSWORD), ("next", "/")];
    ann.post("/identity/confirm", &fields).await.leads_to("/");
    let there = way(&ann.post(LINK, &[]).await);
    let back = provider.visit(&there).await;
    // Somebody else in the same browser meanwhile.
    let mut eve = server.add_signed_in("eve@example.org").await.1;
    let flow = ann.cookies["bursar_openid"].clone();
    eve.cookies.insert("bursar_openid".to_owned(), flow);
    is_refused(&eve.get(&back).await, 409, "Begin again.");
    eve.get(SECURITY).await.hides(&provider.issuer);
    is_refused(&ann.get(&back).await, 409, "Begin again.");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_after_the_provider() {
    let (server, provider) = house(&[ANN]).await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    link(&mut ann, &provider).await;
    let mut browser = server.browser();
    let led = come(&mut browser, &provider).await;
    led.leads_to("/identity/sign-in?next=/probe");
    assert!(!browser.cookies.contains_key("bursar_session"));
    browser
        .get("/identity/sign-in?next=/probe")
        .await
        .shows("Second step");
    let code = app.code(&server);
    let fields = [("code", code.as_str()), ("next", "/probe")];
    browser
        .post("/identity/sign-in/code", &fields)
        .await
        .leads_to("/probe");
    assert_eq!(
        browser.probe().await["user_id"],
        ann.probe().await["user_id"]
    );
}

/// Nobody gets in by such an answer.
async fn not_believed(lie: Lie, status: u16, words: &str) {
    let (server, provider) = house(&[ANN]).await;
    provider.there().lie = lie;
    let mut browser = server.browser();
    is_refused(&come(&mut browser, &provider).await, status, words);
    assert!(!browser.cookies.contains_key("bursar_session"), "{lie:?}");
    assert_eq!(accounts(&server).await, [OWNER], "{lie:?}");
    // And it was the lie alone.
    provider.there().lie = Lie::None;
    come(&mut browser, &provider).await.leads_to("/probe");
}

const NOT_ACCEPTED: &str = "What Home ID sent back was not accepted.";

#[tokio::test]
async fn a_token_with_another_nonce_is_not_believed() {
    not_believed(Lie::Nonce, 403, NOT_ACCEPTED).await;
}

#[tokio::test]
async fn a_token_for_another_client_is_not_believed() {
    not_believed(Lie::Audience, 403, NOT_ACCEPTED).await;
    not_believed(Lie::SecondAudience, 403, NOT_ACCEPTED).await;
}

#[tokio::test]
async fn a_token_of_another_issuer_is_not_believed() {
    not_believed(Lie::Issuer, 403, NOT_ACCEPTED).await;
}

#[tokio::test]
async fn a_token_that_has_expired_is_not_believed() {
    not_believed(Lie::Expired, 403, NOT_ACCEPTED).await;
}

#[tokio::test]
async fn a_token_with_a_wrong_signature_is_not_believed() {
    not_believed(Lie::Signature, 403, NOT_ACCEPTED).await;
}

#[tokio::test]
async fn a_token_without_a_signature_or_with_a_shared_secret_is_not_believed() {
    not_believed(Lie::Unsigned, 403, NOT_ACCEPTED).await;
    not_believed(Lie::SharedSecret, 403, NOT_ACCEPTED).await;
}

#[tokio::test]
async fn an_answer_without_a_token_is_not_believed() {
    not_believed(Lie::NoIdToken, 403, NOT_ACCEPTED).await;
}

#[tokio::test]
async fn an_address_that_is_not_verified_does_not_enter() {
    let (server, provider) = house(&[ANN]).await;
    provider.there().person.is_verified = false;
    let refused = come(&mut server.browser(), &provider).await;
    is_refused(&refused, 403, "has not verified your email address");
    for email in [None, Some("no address"), Some("")] {
        provider.there().person = Person {
            email,
            ..provider::ann()
        };
        let refused = come(&mut server.browser(), &provider).await;
        is_refused(&refused, 403, "has not verified your email address");
    }
    assert_eq!(accounts(&server).await, [OWNER]);
}

#[tokio::test]
async fn an_address_off_the_list_does_not_enter_not_even_again() {
    let (server, provider) = house(&[ANN]).await;
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    for email in ["eve@example.org", "ann@example.org.evil.example"] {
        provider.there().person.email = Some(email);
        let mut browser = server.browser();
        let refused = come(&mut browser, &provider).await;
        is_refused(&refused, 403, "may not come in here");
        assert!(!browser.cookies.contains_key("bursar_session"));
    }
    assert_eq!(accounts(&server).await, [OWNER, ANN]);
}

#[tokio::test]
async fn an_address_that_is_told_beside_the_token_counts_if_it_is_of_the_same_person() {
    let (server, provider) = house(&[ANN]).await;
    provider.there().tells_beside = true;
    provider.there().lie = Lie::OtherSubjectInUserInfo;
    let refused = come(&mut server.browser(), &provider).await;
    is_refused(&refused, 403, NOT_ACCEPTED);
    assert_eq!(accounts(&server).await, [OWNER]);
    provider.there().lie = Lie::None;
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
}

#[tokio::test]
async fn an_answer_works_once_in_time_and_in_its_browser() {
    let (server, provider) = house(&[ANN]).await;
    let mut ann = server.browser();
    ann.get("/identity/sign-in").await;
    let there = way(&ann.post(START, &[]).await);
    let back = provider.visit(&there).await;
    // A stranger who learnt the address, with a sign-in of the own on its way.
    let mut eve = server.browser();
    eve.get("/identity/sign-in").await;
    is_refused(&eve.get(&back).await, 409, "Begin again.");
    way(&eve.post(START, &[]).await);
    is_refused(&eve.get(&back).await, 409, "Begin again.");
    // An address that somebody made does not end the sign-in that is on its way.
    let made = "/identity/openid/callback?code=x&state=y";
    is_refused(&ann.get(made).await, 409, "Begin again.");
    let flow = ann.cookies["bursar_openid"].clone();
    ann.get(&back).await.leads_to("/");
    ann.cookies.insert("bursar_openid".to_owned(), flow);
    is_refused(&ann.get(&back).await, 409, "Begin again.");

    let mut late = server.browser();
    late.get("/identity/sign-in").await;
    let there = way(&late.post(START, &[]).await);
    let back = provider.visit(&there).await;
    server.app.clock.advance(SignedDuration::from_mins(10));
    is_refused(&late.get(&back).await, 409, "Begin again.");
    assert!(server.sweep().await > 0);
    let mut tx = server.system().await;
    let left = sqlx::query_scalar!(r#"select count(*) as "left!" from identity.openid_flows"#);
    assert_eq!(left.fetch_one(tx.conn()).await.expect("count"), 0);
}

#[tokio::test]
async fn nothing_of_a_flow_in_the_database_is_what_the_provider_sees() {
    let (server, _provider) = house(&[ANN]).await;
    let mut ann = server.browser();
    ann.get("/identity/sign-in").await;
    let there = way(&ann.post(START, &[]).await);
    let Asked(asked) = Asked::of(&there);
    let mut tx = server.system().await;
    let row =
        sqlx::query_scalar!(r#"select to_jsonb(f)::text as "row!" from identity.openid_flows f"#);
    let row = row.fetch_one(tx.conn()).await.expect("a row");
    for secret in [
        &asked["state"],
        &asked["nonce"],
        &ann.cookies["bursar_openid"],
    ] {
        assert!(!row.contains(secret.as_str()), "{row}");
    }
}

#[tokio::test]
async fn a_refusal_there_is_told_in_our_words() {
    let (server, provider) = house(&[ANN]).await;
    let mut ann = server.browser();
    ann.get("/identity/sign-in").await;
    let there = way(&ann.post(START, &[]).await);
    let state = &Asked::of(&there).0["state"];
    let back = format!(
        "/identity/openid/callback?error=access_denied&error_description=upstream%3Cscript%3E&state={state}"
    );
    is_refused(
        &ann.get(&back).await,
        403,
        "Home ID did not let you through.",
    );
    // The answer of another provider, for a sign-in that began with ours.
    let there = way(&ann.post(START, &[]).await);
    let back = provider.visit(&there).await;
    let (kept, _) = back.split_once("&iss=").expect("an issuer");
    let mixed_up = format!("{kept}&iss=https%3A%2F%2Fother.example");
    is_refused(&ann.get(&mixed_up).await, 403, NOT_ACCEPTED);
    assert_eq!(accounts(&server).await, [OWNER]);
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be_and_the_password_still_works() {
    let mut server = Server::start().await;
    server.add(OWNER).await;
    // Nobody listens on a port that was just given back.
    let port = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let nobody = format!("http://{}", port.local_addr().expect("an address"));
    drop(port);
    server.offer(provider::open_id(&nobody, &[ANN], "x"));
    let mut ann = server.browser();
    ann.get("/identity/sign-in").await;
    let refused = ann.post(START, &[]).await;
    is_refused(&refused, 503, "Home ID cannot be reached at the moment.");
    refused.hides("127.0.0.1");
    server.signed_in(OWNER).await;

    let provider = Provider::start(&server.app.clock).await;
    server.offer(provider.open_id(&[ANN]));
    for lie in [Lie::Broken, Lie::Endless] {
        provider.there().lie = lie;
        let refused = come(&mut server.browser(), &provider).await;
        is_refused(&refused, 503, "Home ID cannot be reached at the moment.");
    }
    provider.there().lie = Lie::None;
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
}

#[tokio::test]
async fn the_client_shows_its_secret_in_the_way_the_provider_takes() {
    let (mut server, provider) = house(&[ANN]).await;
    server.offer(provider::open_id(
        &provider.issuer,
        &[ANN],
        "a wrong secret",
    ));
    let refused = come(&mut server.browser(), &provider).await;
    is_refused(&refused, 403, "Home ID did not let you through.");
    provider.there().takes_post = true;
    server.offer(provider.open_id(&[ANN]));
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_asked_for_once_it_is_used() {
    let (server, provider) = house(&[ANN]).await;
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    provider.change_key(2);
    let refused = come(&mut server.browser(), &provider).await;
    is_refused(&refused, 403, NOT_ACCEPTED);
    assert_eq!(
        provider.there().discoveries,
        1,
        "unknown keys do not have the provider asked all the time"
    );
    server.app.clock.advance(SignedDuration::from_mins(1));
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    assert_eq!(provider.there().discoveries, 2);
    server.app.clock.advance(SignedDuration::from_hours(1));
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    assert_eq!(provider.there().discoveries, 3, "and anew every hour");
}

#[tokio::test]
async fn an_account_that_cannot_be_used_is_not_entered() {
    let (server, provider) = house(&[ANN]).await;
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    execute(
        &server,
        "update identity.users set status = 'suspended' where email = 'ann@example.org'",
    )
    .await;
    let mut browser = server.browser();
    let refused = come(&mut browser, &provider).await;
    is_refused(&refused, 403, "This account cannot be used.");
    assert!(!browser.cookies.contains_key("bursar_session"));
    assert_eq!(
        record(&server, "identity.sessions.sign_in_refused").await,
        1
    );
    execute(
        &server,
        "update identity.users set status = 'deleted' where email = 'ann@example.org'",
    )
    .await;
    let refused = come(&mut browser, &provider).await;
    is_refused(&refused, 403, "This account cannot be used.");
}

#[tokio::test]
async fn the_only_way_in_is_not_unlinked() {
    let (server, provider) = house(&[ANN]).await;
    let mut ann = server.browser();
    come(&mut ann, &provider).await.leads_to("/probe");
    let page = ann.get(SECURITY).await;
    let (_, rest) = page
        .body
        .split_once("/identity/settings/openid/")
        .expect("a form");
    let unlink = format!("{LINK}/{}", rest.split_once('"').expect("closed").0);
    let refused = ann.post(&unlink, &[]).await;
    assert_eq!(refused.status, 409);
    refused.shows("Set a password or add a passkey first.");

    register(&mut ann, &mut Authenticator::new(1), "Phone").await;
    let mut eve = server.add_signed_in("eve@example.org").await.1;
    eve.get(SECURITY).await;
    assert_eq!(eve.post(&unlink, &[]).await.status, 404, "it is not hers");
    server.app.clock.advance(SignedDuration::from_mins(15));
    ann.post(&unlink, &[])
        .await
        .leads_to("/identity/confirm?next=/identity/settings/security");
    // Who has no password proves it by the provider.
    ann.get("/identity/confirm")
        .await
        .shows("Confirm with Home ID");
    let there = way(&ann
        .post("/identity/confirm/openid", &[("next", SECURITY)])
        .await);
    ann.get(&provider.visit(&there).await)
        .await
        .leads_to(SECURITY);
    ann.post(&unlink, &[])
        .await
        .leads_to("/identity/settings/security?saved=1");
    ann.get(SECURITY).await.hides(&provider.issuer);
    assert_eq!(record(&server, "identity.openid.unlink").await, 1);
    assert_eq!(ann.post(&unlink, &[]).await.status, 404);
    // Now the passkey is the only way in.
    let key = ann.get("/api/v1/identity/factors").await.json()["passkeys"][0]["id"].take();
    let revoke = format!("{TAB}/passkeys/{}/revoke", key.as_str().expect("an id"));
    ann.get(TAB).await;
    let refused = ann.post(&revoke, &[]).await;
    assert_eq!(refused.status, 409);
    refused.shows("Set a password, add another passkey or link an identity first.");
    register(&mut ann, &mut Authenticator::new(2), "Stick").await;
    ann.post(&revoke, &[])
        .await
        .leads_to("/identity/settings/factors?saved=1");
    let refused = come(&mut server.browser(), &provider).await;
    is_refused(
        &refused,
        409,
        "There is an account with your address already.",
    );
}

#[tokio::test]
async fn a_proof_by_the_provider_needs_the_person_to_be_asked_anew() {
    let (server, provider) = house(&["example.org"]).await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    link(&mut ann, &provider).await;
    server.app.clock.advance(SignedDuration::from_mins(15));
    ann.get("/identity/confirm").await;
    let confirm = "/identity/confirm/openid";
    let there = way(&ann.post(confirm, &[]).await);
    let Asked(asked) = Asked::of(&there);
    assert_eq!((&*asked["prompt"], &*asked["max_age"]), ("login", "0"));
    provider.there().asks_anew = false;
    let refused = ann.get(&provider.visit(&there).await).await;
    is_refused(&refused, 403, "did not ask you again who you are");
    provider.there().asks_anew = true;
    provider.there().person = Person {
        subject: "bob-there",
        ..provider::ann()
    };
    ann.get("/identity/confirm").await;
    let there = way(&ann.post(confirm, &[]).await);
    let refused = ann.get(&provider.visit(&there).await).await;
    is_refused(&refused, 403, "is not linked to your account");
    ann.get(SECURITY).await;
    ann.post(LINK, &[])
        .await
        .leads_to("/identity/confirm?next=/identity/settings/security");
}

#[tokio::test]
async fn the_operator_takes_identities_away_and_sessions_with_them() {
    let (server, provider) = house(&[ANN]).await;
    let mut ann = server.browser();
    come(&mut ann, &provider).await.leads_to("/probe");
    let taken = identity::openid::unlink_all(server.db(), ANN).await;
    let taken = taken.expect("taken");
    assert_eq!(
        serde_json::to_value(&taken).expect("JSON"),
        json!({ "identities": [ANN], "sessions": 1 })
    );
    assert_eq!(ann.get("/probe").await.status, 303);
    assert!(
        identity::openid::unlink_all(server.db(), "x@y")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn without_a_provider_nothing_is_offered() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get(SECURITY).await.hides("Linked identities");
    ann.get("/identity/confirm").await.hides("OpenID");
    for path in [START, LINK, "/identity/confirm/openid"] {
        assert_eq!(ann.post(path, &[]).await.status, 404, "{path}");
    }
    let back = "/identity/openid/callback?code=x&state=y";
    assert_eq!(ann.get(back).await.status, 404);
    server
        .browser()
        .get("/identity/sign-in")
        .await
        .hides("OpenID");
}

#[tokio::test]
async fn the_export_names_the_identity_and_no_secret() {
    let (server, provider) = house(&[ANN]).await;
    come(&mut server.browser(), &provider)
        .await
        .leads_to("/probe");
    let mut tx = server.system().await;
    let row = sqlx::query_scalar!(
        r#"select platform.without_secrets(to_jsonb(i)) as "row!" from identity.openid_identities i"#
    );
    let row: Value = row.fetch_one(tx.conn()).await.expect("a row");
    assert_eq!(
        (&row["subject"], &row["email"]),
        (&json!("ann-there"), &json!(ANN))
    );
}

#[tokio::test]
async fn who_has_no_password_is_not_asked_for_one_and_removes_the_app() {
    let (server, provider) = house(&[ANN]).await;
    let mut ann = server.browser();
    come(&mut ann, &provider).await.leads_to("/probe");
    let page = ann.get("/identity/confirm").await;
    page.hides("By password");
    page.shows("Confirm with Home ID");
    let (app, _) = enrol(&server, &mut ann).await;
    let page = ann.get(TAB).await;
    page.shows("Remove the app");
    page.hides("name=\"current_password\"");
    let code = app.code(&server);
    ann.post(&format!("{TAB}/totp/disable"), &[("code", &code)])
        .await
        .leads_to("/identity/settings/factors?saved=1");
}

#[tokio::test]
async fn who_was_linking_is_led_back_to_where_they_began() {
    let (server, provider) = house(&["example.org"]).await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    provider.there().person.is_verified = false;
    let refused = link(&mut ann, &provider).await;
    is_refused(&refused, 403, "Home ID was not linked");
    refused.shows(&format!("href=\"{SECURITY}\""));
    refused.hides("did not sign you in");
    let refused = come(&mut server.browser(), &provider).await;
    is_refused(&refused, 403, "Home ID did not sign you in");
    refused.shows("href=\"/identity/sign-in\"");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_let_alone_and_its_earlier_word_holds() {
    let (server, provider) = house(&[ANN]).await;
    provider.there().is_silent = true;
    let mut ann = server.browser();
    ann.get("/identity/sign-in").await;
    for _ in 0..3 {
        let refused = ann.post(START, &[]).await;
        is_refused(&refused, 503, "Home ID cannot be reached at the moment.");
    }
    assert_eq!(
        provider.there().discoveries,
        1,
        "asked once, not by everybody who comes"
    );
    server.app.clock.advance(SignedDuration::from_secs(30));
    provider.there().is_silent = false;
    come(&mut ann, &provider).await.leads_to("/probe");
    assert_eq!(provider.there().discoveries, 2);

    server.app.clock.advance(SignedDuration::from_hours(1));
    provider.there().is_silent = true;
    for _ in 0..2 {
        come(&mut server.browser(), &provider)
            .await
            .leads_to("/probe");
    }
    assert_eq!(provider.there().discoveries, 3);
}
