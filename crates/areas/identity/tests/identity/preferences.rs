use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use crate::browser::Server;

const API: &str = "/api/v1/identity/preferences";

#[tokio::test]
async fn preferences_shape_the_pages() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;
    ann.get("/identity/settings").await.shows("Base currency");
    let chosen = [
        ("base_currency", "USD"),
        ("locale", "de-DE"),
        ("theme", "dark"),
        ("hide_amounts", "true"),
    ];
    ann.post("/identity/settings", &chosen)
        .await
        .leads_to("/identity/settings?saved=1");
    let seen = ann.probe().await;
    assert_eq!(seen["base_currency"], "USD");
    assert_eq!(
        (&seen["locale"], &seen["theme"]),
        (&"de-DE".into(), &"dark".into())
    );
    assert_eq!(seen["private"], true);
    let page = ann.get("/identity/settings?saved=1").await;
    page.shows("data-theme=\"dark\"");
    page.shows("Saved.");
    let others = eve.probe().await;
    assert_eq!(
        (&others["base_currency"], &others["private"]),
        (&"EUR".into(), &false.into())
    );

    let wrong = [
        ("base_currency", "US"),
        ("locale", "de-DE"),
        ("theme", "dark"),
    ];
    let refused = ann.post("/identity/settings", &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("One thing needs to be changed");
    assert_eq!(ann.probe().await["base_currency"], "USD");
}

#[tokio::test]
async fn privacy_and_theme_are_switched_from_any_page() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    ann.post("/identity/privacy", &[("next", "/probe")])
        .await
        .leads_to("/probe");
    assert_eq!(ann.probe().await["private"], true);
    ann.post("/identity/privacy", &[("next", "https://evil.example")])
        .await
        .leads_to("/");
    assert_eq!(ann.probe().await["private"], false);
    ann.post("/identity/theme", &[("theme", "light"), ("next", "/probe")])
        .await
        .leads_to("/probe");
    assert_eq!(ann.probe().await["theme"], "light");
    let refused = ann.post("/identity/theme", &[("theme", "pink")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(ann.probe().await["theme"], "light");
}

#[tokio::test]
async fn edits_through_the_api_do_not_overwrite_each_other() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let read = ann.get(API).await;
    let defaults = identity::preferences::PreferencesBody::from(&identity::Preferences::default());
    // The defaults of the database are those of the program.
    assert_eq!(read.json(), json!(defaults));
    let etag = read.header("etag").to_owned();
    let put = |etag: &str, currency: &str| {
        let body = json!({
            "base_currency": currency, "locale": "fr-FR", "theme": "light", "hide_amounts": true,
        });
        Request::put(API)
            .header("content-type", "application/json")
            .header("if-match", etag)
            .body(Body::from(body.to_string()))
            .expect("request")
    };
    let csrf = ann.call(Method::GET, API, None).await;
    assert_eq!(csrf.status, 200);
    let secret = {
        let made = ann
            .call(
                Method::POST,
                "/api/v1/identity/tokens",
                Some(json!({ "name": "edit" })),
            )
            .await;
        made.json()["secret"].as_str().expect("secret").to_owned()
    };
    let mut program = server.browser();
    let as_program = |mut request: Request<Body>| {
        let value = format!("Bearer {secret}").parse().expect("header");
        request.headers_mut().insert("authorization", value);
        request
    };
    let done = program.send(as_program(put(&etag, "gbp"))).await;
    assert_eq!(
        (done.status.as_u16(), &done.json()["base_currency"]),
        (200, &"GBP".into())
    );
    assert_ne!(done.header("etag"), etag);
    let stale = program.send(as_program(put(&etag, "USD"))).await;
    stale.refused(412, "/problems/changed-meanwhile");
    let again = program
        .send(as_program(put(done.header("etag"), "CHF")))
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(ann.probe().await["base_currency"], "CHF");
    assert_eq!(ann.probe().await["private"], true);
}

#[tokio::test]
async fn bad_values_are_refused_with_the_field() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    for (field, value) in [
        ("base_currency", "GBp"),
        ("locale", "xx"),
        ("theme", "pink"),
        ("timezone", "Mars/Olympus"),
        ("number_format", "roman"),
        ("default_view", "https://evil.example"),
        ("webhook_url", "http://169.254.169.254/latest/meta-data"),
        ("webhook_url", "https://10.0.0.1/"),
        ("webhook_url", "ftp://example.org/"),
    ] {
        let mut body = json!({
            "base_currency": "EUR", "locale": "en-US", "theme": "system", "hide_amounts": false,
        });
        body[field] = value.into();
        let refused = ann.call(Method::PUT, API, Some(body)).await;
        let problem = refused.refused(422, "/problems/invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], field);
    }
    let partial = ann
        .call(Method::PUT, API, Some(json!({ "theme": "dark" })))
        .await;
    assert_eq!(partial.status, 422);
    assert_eq!(ann.probe().await["theme"], "system");
}

#[tokio::test]
async fn forms_say_what_is_wrong_and_keep_what_was_filled_in() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let wrong = [
        ("alert_threshold", "much"),
        ("refresh_interval_s", "1"),
        ("timezone", "Europe/Zürich"),
    ];
    let refused = ann.post("/identity/settings", &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("3 things need to be changed");
    refused.shows("Europe/Zürich");
    refused.shows("between 5 and 3600");
    let right = [
        ("alert_threshold", "2,5 %"),
        ("refresh_interval_s", "120"),
        ("timezone", "Europe/Zurich"),
        ("animations", "false"),
    ];
    ann.post("/identity/settings", &right)
        .await
        .leads_to("/identity/settings?saved=1");
    let stored = ann.get(API).await.json();
    assert_eq!(stored["alert_threshold_bps"], 250);
    assert_eq!(
        (&stored["refresh_interval_s"], &stored["timezone"]),
        (&json!(120), &json!("Europe/Zurich"))
    );
    assert_eq!(
        (&stored["animations"], &stored["live_data"]),
        (&json!(false), &json!(true)),
        "what is not sent stays"
    );
}

#[tokio::test]
async fn without_api_access_tokens_are_refused_until_it_is_back() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let made = ann
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "script" })),
        )
        .await;
    let secret = made.json()["secret"].as_str().expect("secret").to_owned();
    let ask = || {
        Request::get(API)
            .header("authorization", format!("Bearer {secret}"))
            .body(Body::empty())
            .expect("request")
    };
    let mut program = server.browser();
    assert_eq!(program.send(ask()).await.status, 200);
    ann.post("/identity/settings", &[("api_access", "false")])
        .await;
    let refused = program.send(ask()).await;
    refused.refused(403, "/problems/api-access-off");
    ann.post("/identity/settings", &[("api_access", "true")])
        .await;
    assert_eq!(program.send(ask()).await.status, 200);
}
