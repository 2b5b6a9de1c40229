use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, PASSWORD, Server};

const API: &str = "/api/v1/identity/profile";
const WALLET: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

async fn put(browser: &mut Browser, body: Value) -> Answer {
    browser.call(Method::PUT, API, Some(body)).await
}

#[tokio::test]
async fn people_say_who_they_are_and_names_are_unique() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (_, mut bob) = server.add_signed_in("bob@example.org").await;
    let page = "/identity/settings/profile";
    ann.get(page).await.shows("not verified");
    bob.get(page).await;
    let fields = [
        ("name", "Ann"),
        ("first_name", "Ann <b>"),
        ("last_name", "Miller"),
        ("username", "ann.miller"),
        ("wallet_address", WALLET),
    ];
    ann.post(page, &fields)
        .await
        .leads_to("/identity/settings/profile?saved=1");
    ann.get(page).await.shows("Ann &lt;b&gt;");
    let seen = ann.get(API).await.json();
    assert_eq!(
        (&seen["username"], &seen["wallet_address"]),
        (&"ann.miller".into(), &WALLET.into())
    );
    let code = seen["referral_code"].as_str().expect("a code");
    assert_eq!(code.len(), 10);
    assert_ne!(bob.get(API).await.json()["referral_code"], code);

    let taken = put(&mut bob, json!({ "username": "Ann.Miller" })).await;
    let taken = taken.refused(422, "/problems/invalid-input");
    assert_eq!(taken["errors"][0]["code"], "username_taken");
    let taken = put(&mut bob, json!({ "wallet_address": WALLET })).await;
    let taken = taken.refused(422, "/problems/invalid-input");
    assert_eq!(taken["errors"][0]["code"], "wallet_taken");
    let wrong = [
        ("username", "b"),
        ("wallet_address", "0xabc"),
        ("name", "B"),
    ];
    let refused = bob.post(page, &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("2 things need to be changed");
    refused.shows("value=\"0xabc\"");
    assert_eq!(bob.get(API).await.json()["name"], "");
    put(&mut bob, json!({ "role": "admin" }))
        .await
        .refused(422, "/problems/invalid-input");
}

#[tokio::test]
async fn an_address_changes_once_the_new_one_is_proved_and_the_old_one_is_told() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    server.add("bob@example.org").await;
    ann.get("/identity/settings/profile").await;
    let change = async |browser: &mut Browser, email, password| {
        let fields = [("email", email), ("current_password", password)];
        browser.post("/identity/settings/email", &fields).await
    };
    let wrong = change(&mut ann, "new@example.org", "not this one").await;
    assert_eq!(wrong.status, 422);
    wrong.shows("This is not your current password.");
    assert!(server.mail_to("new@example.org").await.is_empty());
    let sent = "/identity/settings/profile?sent=1";
    change(&mut ann, "New@example.org", PASSWORD)
        .await
        .leads_to(sent);
    let link = server.link_to("new@example.org", "change_email").await;
    let told = server.mail_to("ann@example.org").await;
    assert_eq!(told, [("email_change_asked", String::new())]);
    assert_eq!(
        ann.get(API).await.json()["email"],
        "ann@example.org",
        "not yet"
    );

    // The same answer for an address that has an account; its owner is told, and nothing changes.
    ann.get("/identity/settings/profile").await;
    change(&mut ann, "bob@example.org", PASSWORD)
        .await
        .leads_to(sent);
    assert_eq!(
        server.mail_to("bob@example.org").await,
        [("email_in_use", String::new())]
    );

    let mut anywhere = server.browser();
    anywhere.get(&link).await.shows("new@example.org");
    assert_eq!(
        ann.get(API).await.json()["email"],
        "ann@example.org",
        "looking is not enough"
    );
    anywhere
        .post(&link, &[])
        .await
        .leads_to("/identity/settings/profile");
    let seen = ann.get(API).await.json();
    assert_eq!(
        (&seen["email"], &seen["email_verified_at"]),
        (&"new@example.org".into(), &"2026-03-02T09:30:00Z".into())
    );
    let told = server.mail_to("ann@example.org").await;
    assert_eq!(told.last().expect("told").0, "email_changed");
    assert_eq!(anywhere.post(&link, &[]).await.status, 404);
    assert_eq!(
        server
            .browser()
            .sign_in("ann@example.org", PASSWORD, "/")
            .await
            .status,
        422
    );
    server.signed_in("new@example.org").await;
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_not_taken_over() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings/profile").await;
    let fields = [("email", "new@example.org"), ("current_password", PASSWORD)];
    ann.post("/identity/settings/email", &fields).await;
    let link = server.link_to("new@example.org", "change_email").await;
    server.add("new@example.org").await;
    ann.get(&link).await;
    let dead = ann.post(&link, &[]).await;
    assert_eq!(dead.status, 404);
    assert_eq!(ann.get(API).await.json()["email"], "ann@example.org");

    ann.get("/identity/settings/profile").await;
    ann.post("/identity/settings/email/verify", &[])
        .await
        .leads_to("/identity/settings/profile?sent=1");
    let link = server.link_to("ann@example.org", "verify_email").await;
    ann.get(&link).await;
    ann.post(&link, &[]).await;
    assert_eq!(
        ann.get(API).await.json()["email_verified_at"],
        "2026-03-02T09:30:00Z"
    );
    ann.get("/identity/settings/profile")
        .await
        .hides("not verified");
}

/// Sends a picture as a browser does, with the token of the last page.
async fn upload(browser: &mut Browser, csrf: &str, name: &str, file: &[u8]) -> Answer {
    let mut body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{csrf}\r\n--x\r\n\
         Content-Disposition: form-data; name=\"picture\"; filename=\"{name}\"\r\n\
         Content-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let request = Request::post("/identity/settings/avatar")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(Body::from(body));
    browser.send(request.expect("request")).await
}

#[tokio::test]
async fn a_picture_is_drawn_anew_and_initials_stand_where_there_is_none() {
    let server = Server::start().await;
    let (ann_id, mut ann) = server.add_signed_in("ann@example.org").await;
    let initials = ann.get("/identity/avatar").await;
    assert_eq!(initials.header("content-type"), "image/svg+xml");
    assert_eq!(initials.header("x-content-type-options"), "nosniff");
    initials.shows(">AE<");
    server
        .browser()
        .get("/identity/avatar")
        .await
        .leads_to("/identity/sign-in?next=/identity/avatar");

    let page = ann.get("/identity/settings/profile").await;
    let (_, rest) = page
        .body
        .split_once("name=\"_csrf\" value=\"")
        .expect("a token");
    let csrf = rest.split_once('"').expect("closed").0.to_owned();
    let script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>";
    let refused = upload(&mut ann, &csrf, "a.png", script).await;
    assert_eq!(refused.status, 422);
    refused.shows("The file is no PNG, JPEG or WebP picture.");
    assert_eq!(upload(&mut ann, &csrf, "a.png", b"").await.status, 422);

    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(30, 20, image::Rgb([0, 90, 0]))
        .write_to(&mut png, image::ImageFormat::Png)
        .expect("encoded");
    let mut png = png.into_inner();
    png.extend_from_slice(b"<script>alert(1)</script>");
    upload(&mut ann, &csrf, "me.png", &png)
        .await
        .leads_to("/identity/settings/profile?saved=1");
    let mut tx = server.system().await;
    let stored = sqlx::query_scalar!(
        "select png from identity.avatars where user_id = $1",
        ann_id.0
    );
    let stored = stored.fetch_one(tx.conn()).await.expect("a picture");
    drop(tx);
    assert!(stored.starts_with(b"\x89PNG") && !stored.windows(7).any(|part| part == b"<script"));
    let drawn = image::load_from_memory(&stored).expect("readable");
    assert_eq!((drawn.width(), drawn.height()), (192, 192));
    ann.post("/identity/settings/avatar/remove", &[])
        .await
        .leads_to("/identity/settings/profile?saved=1");
    ann.get("/identity/avatar").await.shows(">AE<");
}
