use axum::http::Method;
use serde_json::json;

use crate::{
    authenticator::Authenticator,
    browser::{Browser, Server},
    factors::{TAB, enrol, first_step},
    passkeys::register,
};

/// Every address of the area that takes a form.
const FORMS: [&str; 27] = [
    "/identity/settings/webhook/test",
    "/identity/sign-in",
    "/identity/sign-in/passkey",
    "/identity/sign-in/code",
    "/identity/sign-in/cancel",
    "/identity/confirm",
    "/identity/confirm/passkey",
    "/identity/settings/factors/totp",
    "/identity/settings/factors/totp/confirm",
    "/identity/settings/factors/totp/disable",
    "/identity/settings/factors/recovery-codes",
    "/identity/settings/factors/passkeys",
    "/identity/settings/factors/passkeys/00000000-0000-0000-0000-000000000001/rename",
    "/identity/settings/factors/passkeys/00000000-0000-0000-0000-000000000001/revoke",
    "/identity/sign-out",
    "/identity/privacy",
    "/identity/theme",
    "/identity/settings",
    "/identity/settings/name",
    "/identity/settings/password",
    "/identity/settings/tokens",
    "/identity/settings/tokens/00000000-0000-0000-0000-000000000001/revoke",
    "/identity/settings/sessions/00000000-0000-0000-0000-000000000001/revoke",
    "/identity/settings/sessions/revoke-others",
    "/identity/settings/sessions/revoke-all",
    "/identity/reset/token",
    "/setup/token",
];

#[tokio::test]
async fn forms_without_the_right_token_are_refused() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;
    let page = eve.get("/identity/settings").await.body;
    let (_, rest) = page.split_once("name=\"_csrf\" value=\"").expect("a form");
    let of_eve = rest.split_once('"').expect("a token").0;
    for path in FORMS {
        for fields in [vec![], vec![("_csrf", "")], vec![("_csrf", of_eve)]] {
            let fields = [&[("hide_amounts", "true")], fields.as_slice()].concat();
            let refused = ann.post_bare(path, &fields).await;
            assert_eq!(refused.status, 403, "{path} {fields:?}");
            refused.shows("This form is no longer valid");
        }
    }
    assert_eq!(ann.probe().await["private"], false);
}

#[tokio::test]
async fn calls_with_a_cookie_need_the_token_too() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    let calls = [
        (
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "forged" })),
        ),
        (Method::DELETE, "/api/v1/identity/sessions", None),
        (Method::PUT, "/api/v1/identity/preferences", Some(json!({}))),
    ];
    let session = ann.cookies.clone();
    for (method, path, body) in calls {
        let mut forged = server.browser();
        forged.cookies = session.clone();
        forged
            .call(method, path, body)
            .await
            .refused(403, "/problems/csrf-token-invalid");
    }
    assert_eq!(server.count_sessions(ann_id).await, 1);
    ann.get("/identity/settings").await;
    let made = ann
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "x" })),
        )
        .await;
    assert_eq!(made.status, 201, "with the token it works");
}

/// The pages carry no form that is missing from the list above, and none without a token.
#[tokio::test]
async fn every_form_of_every_page_carries_the_token() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    server.signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    ann.post("/identity/settings/tokens", &[("name", "Backup")])
        .await;
    let reset = identity::users::reset_password(server.db(), &server.app.clock, "ann@example.org");
    let reset = reset.await.expect("link");
    let mut pages = pages_of_factors(&server, &mut ann).await;
    for path in [
        "/identity/settings",
        "/identity/settings/security",
        "/identity/settings/tokens",
        "/identity/settings/sessions",
        reset.path(),
    ] {
        pages.push(ann.get(path).await.body);
    }
    pages.push(server.browser().get("/identity/sign-in").await.body);
    let empty = Server::start().await;
    let setup = identity::setup::issue_link(empty.db(), &empty.app.clock, "").await;
    let setup = setup.expect("database").expect("no user yet");
    pages.push(empty.browser().get(&setup).await.body);

    let mut actions = std::collections::BTreeSet::new();
    for form in pages.iter().flat_map(|page| page.split("<form").skip(1)) {
        let form = form.split_once("</form>").expect("closed").0;
        if !form.contains("method=\"post\"") {
            continue;
        }
        assert!(form.contains("name=\"_csrf\" value=\""), "no token: {form}");
        let action = form.split_once("action=\"").expect("an action").1;
        actions.insert(normal(action.split_once('"').expect("closed").0));
    }
    let listed = FORMS.iter().map(|path| normal(path)).collect();
    assert_eq!(actions, listed);
}

/// In every state: with an app, while one is set up, with a passkey, in the middle of a sign-in.
async fn pages_of_factors(server: &Server, ann: &mut Browser) -> Vec<String> {
    let (_, mut bob) = server.add_signed_in("bob@example.org").await;
    enrol(server, &mut bob).await;
    let mut pages = vec![bob.get(TAB).await.body];
    ann.get(TAB).await;
    ann.post(&format!("{TAB}/totp"), &[]).await;
    register(ann, &mut Authenticator::new(1), "Phone").await;
    pages.push(ann.get(TAB).await.body);
    pages.push(ann.get("/identity/confirm").await.body);
    let mut waiting = first_step(server, "ann@example.org", "/").await;
    pages.push(waiting.get("/identity/sign-in").await.body);
    pages
}

/// An address without what names one thing.
fn normal(path: &str) -> String {
    let is_name = |part: &&str| part.len() < 30 && *part != "token";
    path.split('/')
        .filter(is_name)
        .collect::<Vec<_>>()
        .join("/")
}
