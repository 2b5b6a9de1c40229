use axum::http::header;
use axum::{body::Body, http::Request};

use crate::browser::Server;

async fn demo() -> Server {
    let server = Server::start_as(|app| app.demo = true).await;
    server.add("demo@bursar.example").await;
    server
}

#[tokio::test]
async fn a_visitor_of_the_demo_finds_herself_signed_in() {
    let server = demo().await;
    let mut visitor = server.browser();
    assert_eq!(visitor.probe().await["name"], "demo@bursar.example");
    assert!(visitor.cookies.contains_key("bursar_session"));
    assert_eq!(
        visitor.get("/api/v1/identity/me").await.json()["email"],
        "demo@bursar.example"
    );
    let again = visitor.get("/identity/settings").await;
    assert!(
        !again.headers.contains_key(header::SET_COOKIE),
        "one session, not one per page"
    );

    let mut other = server.browser();
    let page = other.get("/identity/settings").await;
    assert_eq!(page.status, 200);
    page.shows("Simulated data");
    // The very first page has forms that can be sent.
    let sent = other.post("/identity/privacy", &[("next", "/probe")]).await;
    sent.leads_to("/probe");
    assert_ne!(
        visitor.cookies["bursar_session"],
        other.cookies["bursar_session"]
    );
}

#[tokio::test]
async fn a_stale_cookie_is_replaced() {
    let server = demo().await;
    let mut visitor = server.browser();
    visitor
        .cookies
        .insert("bursar_session".to_owned(), "of yesterday".to_owned());
    visitor.get("/identity/settings").await;
    visitor
        .post("/identity/theme", &[("theme", "dark"), ("next", "/")])
        .await
        .leads_to("/");
    assert_eq!(visitor.probe().await["theme"], "dark");
}

#[tokio::test]
async fn programs_and_forms_are_not_signed_in_by_themselves() {
    let server = demo().await;
    let mut program = server.browser();
    program
        .get("/api/v1/identity/me")
        .await
        .refused(401, "/problems/unauthenticated");
    let script = Request::get("/probe").header(header::ACCEPT, "application/json");
    assert_eq!(
        program
            .send(script.body(Body::empty()).expect("request"))
            .await
            .status,
        303
    );
    let form = program.post_bare("/identity/privacy", &[]).await;
    assert_eq!(form.status, 403);
    assert!(!program.cookies.contains_key("bursar_session"));
}

#[tokio::test]
async fn outside_of_the_demo_nobody_is() {
    let server = Server::start().await;
    server.add("demo@bursar.example").await;
    server
        .browser()
        .get("/probe")
        .await
        .leads_to("/identity/sign-in?next=/probe");
}
