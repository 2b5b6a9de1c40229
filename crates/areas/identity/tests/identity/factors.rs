//! Authenticator apps and recovery codes.

use jiff::SignedDuration;
use totp_rs::{Builder, Secret};

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, PASSWORD, Server},
    passkeys::register,
};

pub(crate) const TAB: &str = "/identity/settings/factors";
const ANN: &str = "ann@example.org";

/// The app on the person's phone.
pub(crate) struct App {
    secret: String,
}

impl App {
    fn of(page: &Answer) -> Self {
        let (_, rest) = page
            .body
            .split_once("<code class=\"secret\">")
            .expect("a secret");
        let secret = rest.split_once('<').expect("closed").0.replace(' ', "");
        Self { secret }
    }

    pub(crate) fn code(&self, server: &Server) -> String {
        let secret = Secret::try_from_base32(&self.secret).expect("base 32");
        let totp = Builder::new().with_secret(secret).build().expect("totp");
        let now = server.app.clock.now().as_second();
        totp.generate(now as u64).to_string()
    }
}

pub(crate) fn next_code(server: &Server) {
    server.app.clock.advance(SignedDuration::from_secs(30));
}

fn codes(page: &Answer) -> Vec<String> {
    let parts = page.body.split("<li><code>").skip(1);
    parts
        .map(|part| part.split_once('<').expect("closed").0.to_owned())
        .collect()
}

/// Sets an app up and returns it with the recovery codes.
pub(crate) async fn enrol(server: &Server, ann: &mut Browser) -> (App, Vec<String>) {
    ann.get(TAB).await;
    ann.post(&format!("{TAB}/totp"), &[]).await.leads_to(TAB);
    let app = App::of(&ann.get(TAB).await);
    let code = app.code(server);
    let shown = ann
        .post(&format!("{TAB}/totp/confirm"), &[("code", &code)])
        .await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    next_code(server);
    (app, codes(&shown))
}

/// The password, which leads to the second step.
pub(crate) async fn first_step(server: &Server, email: &str, next: &str) -> Browser {
    let mut browser = server.browser();
    let answer = browser.sign_in(email, PASSWORD, next).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert!(
        answer.header("location").starts_with("/identity/sign-in"),
        "{answer:?}"
    );
    browser.get("/identity/sign-in").await.shows("Second step");
    browser
}

async fn code(browser: &mut Browser, code: &str) -> Answer {
    browser
        .post(
            "/identity/sign-in/code",
            &[("code", code), ("next", "/probe?period=1Y")],
        )
        .await
}

#[tokio::test]
async fn an_app_is_set_up_and_asked_for_from_then_on() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    ann.get(TAB).await.shows("Your password alone signs in");
    ann.post(&format!("{TAB}/totp"), &[]).await.leads_to(TAB);
    let page = ann.get(TAB).await;
    page.shows("data:image/png;base64,iVBORw0KGgo");
    let app = App::of(&page);
    let wrong = ann
        .post(&format!("{TAB}/totp/confirm"), &[("code", "000000")])
        .await;
    assert_eq!(wrong.status, 422);
    wrong.shows("This code is not right");
    wrong.shows(&app.secret[..4]);
    // Until a code was right, nothing changes.
    assert!(
        server
            .signed_in(ANN)
            .await
            .cookies
            .contains_key("bursar_session")
    );

    let right = app.code(&server);
    let shown = ann
        .post(&format!("{TAB}/totp/confirm"), &[("code", &right)])
        .await;
    shown.shows("Your recovery codes");
    assert_eq!(codes(&shown).len(), 10);
    let page = ann.get(TAB).await;
    page.shows("Your password alone does not sign in.");
    page.hides(&codes(&shown)[0]);
    page.hides(&app.secret[..4]);
    let view = ann.get("/api/v1/identity/factors").await.json();
    assert_eq!(
        (&view["needs_second_step"], &view["authenticator_app_since"]),
        (&true.into(), &"2026-03-02T09:30:00Z".into())
    );
    assert_eq!(view["recovery_codes_left"], 10);

    let mut tx = server.system().await;
    let stored = sqlx::query_scalar!(
        r#"select secret::bytea as "secret!" from identity.totp where user_id = $1"#,
        ann_id.0
    )
    .fetch_one(tx.conn())
    .await
    .expect("a row");
    let plain = Secret::try_from_base32(&app.secret).expect("base 32");
    let plain: &[u8] = plain.as_ref();
    assert_eq!((stored[0], stored.len()), (1, 45 + plain.len()));
    assert!(
        !stored.windows(8).any(|part| part == &plain[..8]),
        "it is sealed"
    );
}

#[tokio::test]
async fn signing_in_takes_two_steps() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    let mut browser = server.browser();
    let answer = browser.sign_in(ANN, PASSWORD, "/probe?period=1Y").await;
    answer.leads_to("/identity/sign-in?next=/probe%3Fperiod=1Y");
    let cookie = answer.header("set-cookie");
    for part in ["bursar_pending=", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(cookie.contains(part), "no {part} in {cookie}");
    }
    assert!(!browser.cookies.contains_key("bursar_session"));
    let page = browser.get(answer.header("location")).await;
    page.shows("value=\"/probe?period=1Y\"");
    // What waits opens nothing.
    browser
        .get("/probe")
        .await
        .leads_to("/identity/sign-in?next=/probe");
    browser
        .get("/api/v1/identity/me")
        .await
        .refused(401, "/problems/unauthenticated");
    let mut thief = server.browser();
    thief.cookies.insert(
        "bursar_session".to_owned(),
        browser.cookies["bursar_pending"].clone(),
    );
    thief
        .get("/probe")
        .await
        .leads_to("/identity/sign-in?next=/probe");

    browser.get("/identity/sign-in").await;
    let wrong = code(&mut browser, "123456").await;
    assert_eq!(wrong.status, 422);
    wrong.shows("This code is not right");
    let right = app.code(&server);
    code(&mut browser, &right)
        .await
        .leads_to("/probe?period=1Y");
    assert!(!browser.cookies.contains_key("bursar_pending"));
    assert_eq!(browser.probe().await["name"], ANN);
    assert_eq!(server.count_sessions(ann_id).await, 2);

    // The same code, seen over a shoulder.
    let mut second = first_step(&server, ANN, "/").await;
    assert_eq!(code(&mut second, &right).await.status, 422);
    next_code(&server);
    let spaced = app.code(&server);
    let spaced = format!("{} {}", &spaced[..3], &spaced[3..]);
    code(&mut second, &spaced)
        .await
        .leads_to("/probe?period=1Y");
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (_, codes_before) = enrol(&server, &mut ann).await;
    let mut tx = server.system().await;
    let hashes = sqlx::query_scalar!("select code_hash from identity.recovery_codes")
        .fetch_all(tx.conn())
        .await
        .expect("codes");
    drop(tx);
    let plain = codes_before[0].replace('-', "");
    assert!(
        hashes
            .iter()
            .all(|hash| hash.len() == 32 && hash != plain.as_bytes())
    );

    let mut browser = first_step(&server, ANN, "/").await;
    let typed = codes_before[0].to_uppercase().replace('-', " ");
    code(&mut browser, &typed)
        .await
        .leads_to("/probe?period=1Y");
    browser.get(TAB).await.shows("9 of 10");
    let mut again = first_step(&server, ANN, "/").await;
    assert_eq!(code(&mut again, &codes_before[0]).await.status, 422);

    let fresh = ann.post(&format!("{TAB}/recovery-codes"), &[]).await;
    let fresh = codes(&fresh);
    assert_eq!(fresh.len(), 10);
    ann.get(TAB).await.shows("10 of 10");
    assert_eq!(
        code(&mut again, &codes_before[1]).await.status,
        422,
        "the old ones are gone"
    );
    code(&mut again, &fresh[3])
        .await
        .leads_to("/probe?period=1Y");
}

#[tokio::test]
async fn recovery_codes_without_a_factor_are_refused() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get(TAB).await;
    let refused = ann.post(&format!("{TAB}/recovery-codes"), &[]).await;
    assert_eq!(refused.status, 409);
    refused.shows("nothing to recover");
}

#[tokio::test]
async fn guessing_at_codes_gets_slow_and_ends() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    let mut thief = first_step(&server, ANN, "/").await;
    for _ in 0..3 {
        assert_eq!(code(&mut thief, "000000").await.status, 422);
    }
    let waiting = code(&mut thief, &app.code(&server)).await;
    assert_eq!(waiting.status, 429);
    assert_eq!(waiting.header("retry-after"), "1");
    // From another address and with the password once more it is no faster.
    let mut elsewhere = first_step(&server, ANN, "/").await;
    elsewhere.address = ([198, 51, 100, 9], 1).into();
    assert_eq!(code(&mut elsewhere, "000000").await.status, 429);
    server.app.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(code(&mut thief, "000000").await.status, 422);
    server.app.clock.advance(SignedDuration::from_secs(5));
    let ended = code(&mut thief, "000000").await;
    assert_eq!(ended.status, 409, "the fifth");
    ended.shows("Begin again");
    server.app.clock.advance(SignedDuration::from_secs(60));
    code(&mut thief, &app.code(&server))
        .await
        .leads_to("/identity/sign-in?next=/probe%3Fperiod=1Y");
    thief.get("/identity/sign-in").await.shows("Password");
    // Ann herself waits as long as everybody, and comes in.
    let mut own = first_step(&server, ANN, "/").await;
    code(&mut own, &app.code(&server))
        .await
        .leads_to("/probe?period=1Y");
}

#[tokio::test]
async fn a_second_step_ends_with_time_password_or_will() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    let mut late = first_step(&server, ANN, "/").await;
    server.app.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(code(&mut late, &app.code(&server)).await.status, 409);

    let mut stale = first_step(&server, ANN, "/").await;
    ann.get("/identity/settings/security").await;
    let fields = [
        ("current_password", PASSWORD),
        ("password", "another quiet river"),
    ];
    ann.post("/identity/settings/password", &fields)
        .await
        .leads_to("/identity/settings/security?saved=1");
    let ended = code(&mut stale, &app.code(&server)).await;
    assert_eq!(
        ended.status, 409,
        "the password it began with is no longer right"
    );

    let mut browser = server.browser();
    browser.sign_in(ANN, "another quiet river", "/").await;
    browser.get("/identity/sign-in").await.shows("Second step");
    browser
        .post("/identity/sign-in/cancel", &[])
        .await
        .leads_to("/identity/sign-in");
    browser.get("/identity/sign-in").await.shows("Password");
    assert!(!browser.cookies.contains_key("bursar_pending"));
    let mut tx = server.system().await;
    let left = sqlx::query_scalar!(
        r#"select count(*) as "n!" from identity.pending_sign_ins where expires_at > $1"#,
        jiff_sqlx::ToSqlx::to_sqlx(server.app.clock.now()) as _
    )
    .fetch_one(tx.conn())
    .await
    .expect("count");
    assert_eq!(left, 1, "the one whose password changed, until it expires");
}

#[tokio::test]
async fn removing_the_app_takes_a_proof_and_a_code() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    ann.get(TAB).await;
    let path = format!("{TAB}/totp/disable");
    for code in ["000000", ""] {
        let refused = ann.post(&path, &[("code", code)]).await;
        assert_eq!(refused.status, 422, "{code}");
    }
    server.app.clock.advance(SignedDuration::from_mins(15));
    let right = app.code(&server);
    ann.post(&path, &[("code", &right)])
        .await
        .leads_to(&format!("/identity/confirm?next={TAB}"));
    ann.get("/identity/confirm").await;
    let fields = [("current_password", PASSWORD), ("next", TAB)];
    ann.post("/identity/confirm", &fields).await.leads_to(TAB);
    ann.post(&path, &[("code", &right)])
        .await
        .leads_to("/identity/settings/factors?saved=1");
    let view = ann.get("/api/v1/identity/factors").await.json();
    assert_eq!(
        (&view["needs_second_step"], &view["recovery_codes_left"]),
        (&false.into(), &0.into())
    );
    server.signed_in(ANN).await;
}

#[tokio::test]
async fn an_app_cannot_be_replaced_behind_ones_back() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    enrol(&server, &mut ann).await;
    ann.get(TAB).await;
    assert_eq!(ann.post(&format!("{TAB}/totp"), &[]).await.status, 409);
    assert_eq!(
        ann.post(&format!("{TAB}/totp/confirm"), &[("code", "1")])
            .await
            .status,
        409
    );
}

/// The row of one person is worth nothing in the place of another.
#[tokio::test]
async fn a_secret_that_was_moved_to_another_person_does_not_open() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    let (eve_id, mut eve) = server.add_signed_in("eve@example.org").await;
    enrol(&server, &mut eve).await;
    let mut tx = server.system().await;
    sqlx::query!(
        "update identity.totp set secret = (select secret from identity.totp where user_id = $1)
         where user_id = $2",
        eve_id.0,
        ann_id.0,
    )
    .execute(tx.conn())
    .await
    .expect("moved");
    tx.commit().await.expect("commit");
    let mut browser = first_step(&server, ANN, "/").await;
    assert_eq!(code(&mut browser, &app.code(&server)).await.status, 422);
    assert!(!browser.cookies.contains_key("bursar_session"));
}

/// The key that sealed the secret is gone; the codes on paper need none.
#[tokio::test]
async fn recovery_codes_work_when_the_secret_of_the_app_does_not_open() {
    let mut server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (app, codes) = enrol(&server, &mut ann).await;
    server.app.sealer = seal::Sealer::with_key([8; 32]);
    let mut browser = Browser::on(&server.restarted(), ann.address);
    browser.sign_in(ANN, PASSWORD, "/").await;
    browser.get("/identity/sign-in").await.shows("Second step");
    let right = app.code(&server);
    assert_eq!(code(&mut browser, &right).await.status, 422);
    code(&mut browser, &codes[0])
        .await
        .leads_to("/probe?period=1Y");
    assert_eq!(browser.probe().await["name"], ANN);
}

/// Types on record of what is done with second factors, in order.
async fn record(server: &Server) -> Vec<String> {
    let mut tx = server.system().await;
    sqlx::query_scalar!(
        "select type from platform.activity
         where type like '%totp%' or type like '%recovery%' or type like '%second_step%'
             or type like '%factors%' or type like '%passkeys%'
         order by at"
    )
    .fetch_all(tx.conn())
    .await
    .expect("the record")
}

#[tokio::test]
async fn what_is_done_with_second_factors_is_on_record_once() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    register(&mut ann, &mut Authenticator::new(1), "Phone")
        .await
        .shows("Your recovery codes");
    let registered = record(&server).await;
    assert_eq!(registered.len(), 1, "{registered:?}");
    // Codes are there already.
    ann.get(TAB).await;
    ann.post(&format!("{TAB}/totp"), &[]).await.leads_to(TAB);
    let app = App::of(&ann.get(TAB).await);
    let right = app.code(&server);
    ann.post(&format!("{TAB}/totp/confirm"), &[("code", &right)])
        .await
        .leads_to("/identity/settings/factors?saved=1");
    let fresh = ann.post(&format!("{TAB}/recovery-codes"), &[]).await;
    let before = record(&server).await;
    assert_eq!(before.len(), 4, "begun, on, new codes: {before:?}");

    let mut browser = first_step(&server, ANN, "/").await;
    assert_eq!(code(&mut browser, "000000").await.status, 422);
    code(&mut browser, &codes(&fresh)[0])
        .await
        .leads_to("/probe?period=1Y");
    assert_eq!(
        record(&server).await[4..],
        [
            "identity.second_step.code_refused",
            "identity.recovery.code_used"
        ]
    );
}

#[tokio::test]
async fn new_codes_asked_for_twice_at_once_are_ten() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    enrol(&server, &mut ann).await;
    let mut twin = Browser::on(&server.restarted(), ann.address);
    twin.cookies = ann.cookies.clone();
    ann.get(TAB).await;
    twin.get(TAB).await;
    let path = format!("{TAB}/recovery-codes");
    for _ in 0..3 {
        let (one, other) = tokio::join!(ann.post(&path, &[]), twin.post(&path, &[]));
        assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200));
        ann.get(TAB).await.shows("10 of 10");
    }
}

#[tokio::test]
async fn the_operator_takes_lost_factors_away() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in(ANN).await;
    enrol(&server, &mut ann).await;
    let removed = identity::factors::reset(server.db(), " Ann@example.org")
        .await
        .expect("reset");
    assert!(removed.authenticator_app);
    assert_eq!((removed.recovery_codes, removed.sessions), (10, 1));
    assert_eq!(server.count_sessions(ann_id).await, 0);
    server.signed_in(ANN).await;
    let nobody = identity::factors::reset(server.db(), "nobody@example.org").await;
    assert!(nobody.expect_err("nobody").to_string().contains("no user"));
    let again = identity::factors::reset(server.db(), ANN)
        .await
        .expect("reset");
    assert!(!again.authenticator_app && again.passkeys.is_empty());
}

/// A proof does not make wrong codes forgotten.
#[tokio::test]
async fn guessing_at_codes_with_a_proof_gets_slow_too() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    ann.get(TAB).await;
    let path = format!("{TAB}/totp/disable");
    for _ in 0..3 {
        assert_eq!(ann.post(&path, &[("code", "000000")]).await.status, 422);
    }
    let code = app.code(&server);
    assert_eq!(ann.post(&path, &[("code", &code)]).await.status, 429);
}

/// A session that lay around does not show the secret of an app that is being set up.
#[tokio::test]
async fn the_secret_of_an_app_is_shown_to_who_proved_themselves_lately() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get(TAB).await;
    ann.post(&format!("{TAB}/totp"), &[]).await.leads_to(TAB);
    ann.get(TAB).await.shows("Scan this picture");
    server.app.clock.advance(SignedDuration::from_mins(15));
    let page = ann.get(TAB).await;
    page.hides("Scan this picture");
    page.hides("class=\"secret\"");
    page.shows("Set up an app");
}
