use axum::http::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, Server};

const API: &str = "/api/v1/identity/details";
const PAGE: &str = "/identity/settings/details";

async fn put(browser: &mut Browser, thing: &str, value: &str) -> crate::browser::Answer {
    let path = format!("{API}/{thing}");
    browser
        .call(Method::PUT, &path, Some(json!({ "value": value })))
        .await
}

/// What lies in the database of a column, as its bytes.
async fn stored(server: &Server) -> Vec<u8> {
    let mut tx = server.system().await;
    sqlx::query_scalar!(
        r#"select tax_id::bytea as "tax_id!" from identity.tax_ids where country = 'DE'"#
    )
    .fetch_one(tx.conn())
    .await
    .expect("a tax number")
}

#[tokio::test]
async fn what_is_entrusted_is_sealed_and_shown_by_its_end() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;
    ann.get(PAGE)
        .await
        .shows("Every change is told to you by email");
    put(&mut ann, "phone", "+49 (170) 123-4567").await;
    put(&mut ann, "tax-ids/de", "86 095 742 719").await;
    let all = put(&mut ann, "provider-keys/tiingo", "0123456789abcdef9f3a").await;
    assert_eq!(all.status, 200, "{}", all.body);
    let all = all.json();
    assert_eq!(all["phone"]["masked"], "•••• 4567");
    assert_eq!(
        (&all["tax_ids"][0]["country"], &all["tax_ids"][0]["masked"]),
        (&json!("DE"), &json!("•••• 2719"))
    );
    assert_eq!(all["provider_keys"][0]["masked"], "•••• 9f3a");
    let page = ann.get(PAGE).await;
    for (shown, hidden) in [
        ("•••• 4567", "1701234567"),
        ("•••• 2719", "86095742719"),
        ("•••• 9f3a", "abcdef9f3a"),
    ] {
        page.shows(shown);
        assert!(!page.body.contains(hidden), "{hidden} is on the page");
        assert!(!all.to_string().contains(hidden), "{hidden} is in the API");
    }
    let bytes = stored(&server).await;
    let plain = b"86095742719";
    assert!(!bytes.windows(plain.len()).any(|part| part == plain));

    eve.get(PAGE).await;
    let others = eve.get(API).await.json();
    assert_eq!(
        others,
        json!({ "phone": null, "tax_ids": [], "provider_keys": [] })
    );
    let foreign = eve
        .call(Method::DELETE, &format!("{API}/phone"), None)
        .await;
    foreign.refused(404, "/problems/not-found");
}

#[tokio::test]
async fn a_new_key_seals_them_anew() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(PAGE).await;
    put(&mut ann, "phone", "+491701234567").await;
    let uses = seal::key_uses(server.db()).await.expect("asked");
    let tables: Vec<String> = uses.iter().map(|of| of.0.table.clone()).collect();
    assert!(
        tables.iter().any(|table| table == "identity.phones"),
        "the rotation goes over {tables:?}"
    );
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_with_the_rule() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(PAGE).await;
    for (thing, value, pointer, rule) in [
        ("phone", "0170 1234567", "phone", "+49 170 1234567"),
        ("tax-ids/DE", "12345678901", "tax_id", "11 digits"),
        ("tax-ids/XYZ", "123456789", "country", "two letters"),
        (
            "provider-keys/acme",
            "0123456789",
            "provider",
            "alpha_vantage",
        ),
        ("provider-keys/tiingo", "a b", "api_key", "without blanks"),
    ] {
        let refused = put(&mut ann, thing, value).await;
        let problem = refused.refused(422, "/problems/invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
        let detail = problem["errors"][0]["detail"].as_str().expect("a text");
        assert!(detail.contains(rule), "{detail}");
    }
    let page = ann
        .post(
            &format!("{PAGE}/tax-ids"),
            &[("country", "US"), ("tax_id", "1")],
        )
        .await;
    assert_eq!(page.status, 422);
    page.shows("A tax number of US has 9 digits.");
}

#[tokio::test]
async fn changes_are_told_unless_the_person_does_not_want_it() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(PAGE).await;
    let sent = ann
        .post(&format!("{PAGE}/phone"), &[("phone", "+491701234567")])
        .await;
    sent.leads_to(&format!("{PAGE}?saved=1"));
    let told = |mail: Vec<(&'static str, String)>| {
        let news = mail.iter().filter(|(kind, _)| *kind == "details_changed");
        news.count()
    };
    // The first run writes the message, the second one would send it.
    server.run_jobs().await;
    assert_eq!(told(server.mail_to("ann@example.org").await), 1);
    ann.post("/identity/settings", &[("email_notifications", "false")])
        .await;
    ann.post(&format!("{PAGE}/phone/remove"), &[])
        .await
        .leads_to(&format!("{PAGE}?saved=1"));
    server.run_jobs().await;
    assert_eq!(
        told(server.mail_to("ann@example.org").await),
        1,
        "no other one"
    );
    assert_eq!(ann.get(API).await.json()["phone"], Value::Null);
}

/// A program of Ann's that hears of what happens, on a port of this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "the hook serves until the test ends"
)]
async fn listener() -> (u16, tokio::sync::mpsc::UnboundedReceiver<Value>) {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let hook = axum::Router::new().route(
        "/hook",
        axum::routing::post(async move |axum::Json(event): axum::Json<Value>| {
            sender.send(event).expect("somebody listens");
            axum::http::StatusCode::NO_CONTENT
        }),
    );
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = socket.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(socket, hook).await });
    (port, receiver)
}

#[tokio::test]
async fn a_webhook_is_told_that_something_changed_and_never_what() {
    let (port, mut heard) = listener().await;
    let server = Server::start_as(|app| {
        // The operator lets this machine in; without that the address is refused.
        let policy = outbound::Policy {
            allow: vec!["127.0.0.0/8".parse().expect("a range")],
            ports: vec![port],
            ..outbound::Policy::default()
        };
        app.outbound = outbound::Client::new(policy).expect("a client");
    })
    .await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(PAGE).await;
    let url = format!("http://127.0.0.1:{port}/hook");
    ann.post("/identity/settings", &[("webhook_url", &url)])
        .await
        .leads_to("/identity/settings?saved=1");
    let tried = ann.post("/identity/settings/webhook/test", &[]).await;
    tried.shows("The address answered with status 204");
    assert_eq!(
        heard.recv().await.expect("an event")["event"],
        "identity.webhook.test"
    );

    put(&mut ann, "tax-ids/DE", "86095742719").await;
    let happened = server.app.clock.now();
    server.app.clock.advance(jiff::SignedDuration::from_mins(7));
    server.run_jobs().await;
    server.run_jobs().await;
    let event = heard.recv().await.expect("an event");
    assert_eq!(
        (&event["event"], &event["subject"]),
        (&json!("identity.details.update"), &json!("tax_id"))
    );
    assert!(!event.to_string().contains("86095742719"), "{event}");
    assert_eq!(
        event["at"],
        happened.to_string(),
        "when it happened, not when it is told"
    );
    let id = event["id"].as_str().expect("an id");
    id.parse::<uuid::Uuid>().expect("of one event");
    put(&mut ann, "phone", "+491701234567").await;
    ann.post("/identity/settings", &[("webhook_url", "")]).await;
    server.run_jobs().await;
    server.run_jobs().await;
    assert!(
        heard.try_recv().is_err(),
        "nobody is told without an address"
    );
}
