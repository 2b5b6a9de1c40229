//! Passkeys: registered, used in both ways, refused where they must be.

use jiff::SignedDuration;
use serde_json::Value;

use crate::{
    authenticator::{Authenticator, Question},
    browser::{Answer, Browser, Server},
    factors::{TAB, first_step},
};

const KEYS: &str = "/identity/settings/factors/passkeys";
const SIGN_IN: &str = "/identity/sign-in/passkey";
const ANN: &str = "ann@example.org";

async fn offer(ann: &mut Browser, question: &Question, answer: &str, name: &str) -> Answer {
    let fields = [
        ("ceremony", question.ceremony.as_str()),
        ("credential", answer),
        ("name", name),
    ];
    ann.post(KEYS, &fields).await
}

pub(crate) async fn register(ann: &mut Browser, key: &mut Authenticator, name: &str) -> Answer {
    ann.get(TAB).await;
    let question = Question::of(&ann.post(KEYS, &[("name", name)]).await);
    let answer = key.create(&question);
    offer(ann, &question, &answer, name).await
}

/// Answers the question of a sign-in page.
async fn answer(browser: &mut Browser, question: &Question, answer: &str) -> Answer {
    let fields = [
        ("ceremony", question.ceremony.as_str()),
        ("credential", answer),
        ("next", "/probe"),
    ];
    browser.post(SIGN_IN, &fields).await
}

async fn asked(browser: &mut Browser) -> Question {
    Question::of(&browser.post(SIGN_IN, &[("next", "/probe")]).await)
}

async fn passkeys(ann: &mut Browser) -> Value {
    ann.get("/api/v1/identity/factors").await.json()["passkeys"].take()
}

#[tokio::test]
async fn passkeys_are_registered_named_and_revoked() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get(TAB).await.shows("There is no passkey.");
    let asked = ann.post(KEYS, &[("name", "Phone")]).await;
    let question = Question::of(&asked);
    assert_eq!(question.options["rp"]["id"], "localhost");
    assert_eq!(question.options["user"]["name"], ANN);
    assert_eq!(
        question.options["authenticatorSelection"]["residentKey"],
        "required"
    );
    asked.shows("Passkeys need JavaScript");

    let (mut phone, mut stick) = (Authenticator::new(1), Authenticator::new(2));
    register(&mut ann, &mut phone, " Phone ")
        .await
        .shows("Your recovery codes");
    register(&mut ann, &mut stick, "Stick <1>")
        .await
        .leads_to("/identity/settings/factors?saved=1");
    let page = ann.get(TAB).await;
    page.shows("Stick &lt;1&gt;");
    page.shows("never");
    let list = passkeys(&mut ann).await;
    assert_eq!(
        (&list[0]["name"], &list[1]["name"]),
        (&"Phone".into(), &"Stick <1>".into())
    );

    let id = list[1]["id"].as_str().expect("an id");
    ann.post(&format!("{KEYS}/{id}/rename"), &[("name", "Stick")])
        .await
        .leads_to("/identity/settings/factors?saved=1");
    for name in ["", " ", &"x".repeat(101)] {
        let refused = ann
            .post(&format!("{KEYS}/{id}/rename"), &[("name", name)])
            .await;
        assert_eq!(refused.status, 422, "{name}");
        assert_eq!(
            ann.post(KEYS, &[("name", name)]).await.status,
            422,
            "{name}"
        );
    }
    assert_eq!(passkeys(&mut ann).await[1]["name"], "Stick");

    for (key, left) in [
        (id.to_owned(), 10),
        (list[0]["id"].as_str().expect("id").to_owned(), 0),
    ] {
        ann.post(&format!("{KEYS}/{key}/revoke"), &[])
            .await
            .leads_to("/identity/settings/factors?saved=1");
        let view = ann.get("/api/v1/identity/factors").await.json();
        assert_eq!(
            view["recovery_codes_left"], left,
            "codes go with the last factor"
        );
    }
    server.signed_in(ANN).await;
}

#[tokio::test]
async fn a_passkey_follows_the_password() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let mut phone = Authenticator::counting(1);
    register(&mut ann, &mut phone, "Phone").await;
    let mut browser = first_step(&server, ANN, "/probe").await;
    browser
        .get("/identity/sign-in")
        .await
        .shows("Use a passkey");
    let question = asked(&mut browser).await;
    assert_eq!(
        question.options["allowCredentials"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(question.options["userVerification"], "required");
    let right = phone.get(&question);
    answer(&mut browser, &question, &right)
        .await
        .leads_to("/probe");
    assert_eq!(browser.probe().await["name"], ANN);
    assert!(!browser.cookies.contains_key("bursar_pending"));
    assert_eq!(
        passkeys(&mut ann).await[0]["last_used_at"],
        "2026-03-02T09:30:00Z"
    );

    // The same answer once more: what it answers is used up.
    let mut replay = first_step(&server, ANN, "/probe").await;
    let refused = answer(&mut replay, &question, &right).await;
    assert_eq!(refused.status, 422);
    refused.shows("too long ago");
}

#[tokio::test]
async fn a_passkey_signs_in_by_itself() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let mut phone = Authenticator::new(1);
    register(&mut ann, &mut phone, "Phone").await;
    let mut browser = server.browser();
    browser
        .get("/identity/sign-in")
        .await
        .shows("Sign in with a passkey");
    let question = asked(&mut browser).await;
    assert_eq!(question.options["allowCredentials"], serde_json::json!([]));
    let right = phone.get(&question);
    answer(&mut browser, &question, &right)
        .await
        .leads_to("/probe");
    assert_eq!(browser.probe().await["user_id"], ann_id.to_string());

    let mut tx = server.system().await;
    sqlx::query!(
        "update identity.users set status = 'suspended' where id = $1",
        ann_id.0
    )
    .execute(tx.conn())
    .await
    .expect("suspended");
    tx.commit().await.expect("commit");
    let mut closed = server.browser();
    closed.get("/identity/sign-in").await;
    let question = asked(&mut closed).await;
    let right = phone.get(&question);
    let refused = answer(&mut closed, &question, &right).await;
    assert_eq!(refused.status, 422);
    refused.shows("not registered here");
    assert!(!closed.cookies.contains_key("bursar_session"));
}

#[tokio::test]
async fn wrong_answers_are_refused_and_may_be_repeated() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let mut phone = Authenticator::new(1);
    register(&mut ann, &mut phone, "Phone").await;
    let mut browser = server.browser();
    browser.get("/identity/sign-in").await;
    let mut question = asked(&mut browser).await;

    let mut phisher = phone.clone();
    phisher.origin = "http://localhost.evil.example:8420";
    let mut wrong = vec![("another site", phisher.get(&question))];
    let honest = phone.get(&question);
    let mut forged: Value = serde_json::from_str(&honest).expect("json");
    forged["response"]["signature"] = "MEUCIQ".into();
    wrong.push(("a bad signature", forged.to_string()));
    wrong.push(("nobody's key", Authenticator::new(9).get(&question)));
    wrong.push(("garbage", "{\"id\":1}".to_owned()));
    wrong.push(("an answer to the first question", honest));
    for (what, text) in wrong {
        let refused = answer(&mut browser, &question, &text).await;
        assert_eq!(refused.status, 422, "{what}");
        assert!(!browser.cookies.contains_key("bursar_session"), "{what}");
        question = Question::of(&refused);
    }
    server.app.clock.advance(SignedDuration::from_mins(5));
    let late = phone.get(&question);
    let refused = answer(&mut browser, &question, &late).await;
    refused.shows("too long ago");
    let question = Question::of(&refused);
    let right = phone.get(&question);
    answer(&mut browser, &question, &right)
        .await
        .leads_to("/probe");
}

#[tokio::test]
async fn a_passkey_whose_counter_goes_backwards_is_refused_and_reported() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let mut phone = Authenticator::counting(1);
    register(&mut ann, &mut phone, "Phone").await;
    let mut copy = phone.clone();
    let mut browser = server.browser();
    browser.get("/identity/sign-in").await;
    for _ in 0..2 {
        let question = asked(&mut browser).await;
        let right = phone.get(&question);
        answer(&mut browser, &question, &right)
            .await
            .leads_to("/probe");
        browser = server.browser();
        browser.get("/identity/sign-in").await;
    }
    let question = asked(&mut browser).await;
    let copied = copy.get(&question);
    let refused = answer(&mut browser, &question, &copied).await;
    assert_eq!(refused.status, 422);
    refused.shows("may have been copied");
    assert!(!browser.cookies.contains_key("bursar_session"));
    // The genuine one is refused too: nobody can tell them apart.
    let question = Question::of(&refused);
    let genuine = phone.get(&question);
    answer(&mut browser, &question, &genuine)
        .await
        .shows("may have been copied");
    let page = ann.get(TAB).await;
    page.shows("went backwards");
    page.shows("refused");
    assert_eq!(
        passkeys(&mut ann).await[0]["suspected_at"],
        "2026-03-02T09:30:00Z"
    );
    // And the second step is not gone with it.
    first_step(&server, ANN, "/")
        .await
        .get("/identity/sign-in")
        .await
        .hides("Use a passkey");
}

#[tokio::test]
async fn a_passkey_of_somebody_else_is_no_second_step() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;
    let (mut of_ann, mut of_eve) = (Authenticator::new(1), Authenticator::new(2));
    register(&mut ann, &mut of_ann, "Ann's").await;
    register(&mut eve, &mut of_eve, "Eve's").await;
    let mut browser = first_step(&server, ANN, "/probe").await;
    let question = asked(&mut browser).await;
    let foreign = of_eve.get(&question);
    let refused = answer(&mut browser, &question, &foreign).await;
    assert_eq!(refused.status, 422);
    refused.shows("not registered here");

    let id = passkeys(&mut ann).await[0]["id"]
        .as_str()
        .expect("id")
        .to_owned();
    eve.get(TAB).await.hides("Ann&#39;s");
    for deed in ["rename", "revoke"] {
        let answer = eve
            .post(&format!("{KEYS}/{id}/{deed}"), &[("name", "mine")])
            .await;
        assert_eq!(answer.status, 404, "{deed}");
    }
    assert_eq!(passkeys(&mut ann).await[0]["name"], "Ann's");
    // A key that Ann has registered is not Eve's to register.
    eve.get(TAB).await;
    let question = Question::of(&eve.post(KEYS, &[("name", "Stolen")]).await);
    let stolen = of_ann.create(&question);
    let refused = offer(&mut eve, &question, &stolen, "Stolen").await;
    assert_eq!(refused.status, 422);
    refused.shows("registered already");
    // What Eve was asked is not for Ann to answer.
    let question = Question::of(&refused);
    let mut third = Authenticator::new(3);
    let made = third.create(&question);
    ann.get(TAB).await;
    let refused = offer(&mut ann, &question, &made, "Crossed").await;
    refused.shows("too long ago");
}

#[tokio::test]
async fn without_a_host_name_the_page_says_why_there_are_none() {
    for (origin, reason) in [
        ("http://127.0.0.1:8420", "not to an IP address"),
        ("http://[::1]:8420", "not to an IP address"),
        ("http://bursar.example", "is not encrypted"),
    ] {
        let server = Server::start_as(|app| app.public_origin = origin.into()).await;
        let (_, mut ann) = server.add_signed_in(ANN).await;
        ann.get(TAB).await.shows(reason);
        let refused = ann.post(KEYS, &[("name", "Phone")]).await;
        assert_eq!(refused.status, 409, "{origin}");
        refused.shows(reason);
        let refused = server.browser();
        let mut stranger = refused;
        stranger.get("/identity/sign-in").await;
        let refused = stranger.post(SIGN_IN, &[]).await;
        assert_eq!(refused.status, 409);
    }
    let server = Server::start_as(|app| app.public_origin = "https://bursar.example".into()).await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get(TAB).await;
    let question = Question::of(&ann.post(KEYS, &[("name", "Phone")]).await);
    assert_eq!(question.options["rp"]["id"], "bursar.example");
}

#[tokio::test]
async fn at_a_numeric_address_the_page_names_the_right_one() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    for (host, is_wrong) in [("127.0.0.1:8420", true), ("localhost:8420", false)] {
        let request = axum::http::Request::get(TAB).header("host", host);
        let page = ann
            .send(request.body(axum::body::Body::empty()).expect("request"))
            .await;
        let text = "Passkeys belong to http://localhost:8420, and you are at 127.0.0.1:8420";
        assert_eq!(page.body.contains(text), is_wrong, "{host}");
    }
}

#[tokio::test]
async fn a_passkey_that_the_browser_offers_in_the_form_signs_in() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let mut phone = Authenticator::new(1);
    register(&mut ann, &mut phone, "Phone").await;
    let mut browser = server.browser();
    let page = browser.get("/identity/sign-in").await;
    page.shows("autocomplete=\"username webauthn\"");
    page.shows("data-passkey-offer=\"/identity/sign-in/passkey/offer\"");
    page.shows("/assets/passkey-offer-");
    page.hides("/assets/passkeys-");
    let offer = "/identity/sign-in/passkey/offer";
    assert_eq!(
        browser.post_bare(offer, &[]).await.status,
        403,
        "without token"
    );
    let offered = browser.call(axum::http::Method::POST, offer, None).await;
    let offered = offered.json();
    let text = |name: &str| offered[name].as_str().expect(name).to_owned();
    let question = Question {
        ceremony: text("ceremony"),
        options: serde_json::from_str(&text("options")).expect("options"),
    };
    assert_eq!(question.options["allowCredentials"], serde_json::json!([]));
    let right = phone.get(&question);
    answer(&mut browser, &question, &right)
        .await
        .leads_to("/probe");
    assert_eq!(browser.probe().await["user_id"], ann_id.to_string());
    // The button of the same form, where nothing was offered or picked.
    let mut other = server.browser();
    other.get("/identity/sign-in").await;
    let fields = [("next", "/probe"), ("ceremony", ""), ("credential", "")];
    Question::of(&other.post(SIGN_IN, &fields).await);
}

/// Both were asked before either answered, so both fit what was known when they were asked.
#[tokio::test]
async fn a_copy_that_was_asked_at_the_same_time_is_found_out() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let mut phone = Authenticator::counting(1);
    register(&mut ann, &mut phone, "Phone").await;
    let mut copy = phone.clone();
    let mut browser = first_step(&server, ANN, "/probe").await;
    let mut thief = first_step(&server, ANN, "/probe").await;
    let (of_phone, of_copy) = (asked(&mut browser).await, asked(&mut thief).await);
    let right = phone.get(&of_phone);
    answer(&mut browser, &of_phone, &right)
        .await
        .leads_to("/probe");
    let copied = copy.get(&of_copy);
    let refused = answer(&mut thief, &of_copy, &copied).await;
    assert_eq!(refused.status, 422);
    refused.shows("may have been copied");
    assert!(!thief.cookies.contains_key("bursar_session"));
    let mut tx = server.system().await;
    let on_record = sqlx::query_scalar!(
        r#"select count(*) as "count!" from platform.activity
           where type = 'identity.passkeys.suspected'"#
    );
    assert_eq!(on_record.fetch_one(tx.conn()).await.expect("count"), 1);
}
