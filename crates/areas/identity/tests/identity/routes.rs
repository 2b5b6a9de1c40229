use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::Value;

use crate::browser::Server;

fn operations() -> Vec<(String, Method, Value)> {
    let (_, openapi) = identity::api().split_for_parts();
    let document = serde_json::to_value(openapi).expect("json");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let method = method.to_uppercase().parse().expect("method");
            operations.push((path.clone(), method, operation.clone()));
        }
    }
    operations
}

/// Whether the operation is how one comes to be somebody.
fn is_public(operation: &Value) -> bool {
    operation["security"] == serde_json::json!([{}])
}

#[test]
fn every_operation_is_documented() {
    let operations = operations();
    let mut ids = BTreeSet::new();
    for (path, _, operation) in &operations {
        assert!(path.starts_with("/api/v1/identity/"), "{path}");
        let id = operation["operationId"].as_str().expect("an id");
        assert!(
            id.starts_with("identity_") && ids.insert(id.to_owned()),
            "{id}"
        );
        assert_eq!(operation["tags"], serde_json::json!(["identity"]), "{id}");
        assert!(operation["summary"].is_string(), "{id} has no summary");
        if is_public(operation) {
            continue;
        }
        let problem = &operation["responses"]["401"]["content"]["application/problem+json"];
        assert_eq!(
            problem["schema"]["$ref"], "#/components/schemas/Problem",
            "{id}"
        );
    }
    assert_eq!(operations.len(), 32);
}

#[tokio::test]
async fn strangers_are_refused_everywhere() {
    let server = Server::start().await;
    for (path, method, operation) in operations() {
        if is_public(&operation) {
            continue;
        }
        let path = path
            .replace("{token_id}", "00000000-0000-0000-0000-000000000001")
            .replace("{session_id}", "00000000-0000-0000-0000-000000000001")
            .replace("{person_id}", "00000000-0000-0000-0000-000000000001")
            .replace("{invitation_id}", "00000000-0000-0000-0000-000000000001");
        let body = operation.get("requestBody").map(|_| {
            serde_json::json!({
                "name": "x", "base_currency": "EUR", "locale": "en-US", "theme": "dark",
                "hide_amounts": true,
            })
        });
        let mut stranger = server.browser();
        let refused = stranger.call(method, &path, body).await;
        refused.refused(401, "/problems/unauthenticated");
    }
    for tab in [
        "",
        "/profile",
        "/security",
        "/factors",
        "/tokens",
        "/sessions",
    ] {
        let path = format!("/identity/settings{tab}");
        let answer = server.browser().get(&path).await;
        answer.leads_to(&format!("/identity/sign-in?next={path}"));
    }
}

#[tokio::test]
async fn what_names_nothing_is_not_found() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    for path in ["/api/v1/identity/tokens/x", "/api/v1/identity/sessions/x"] {
        ann.call(Method::DELETE, path, None)
            .await
            .refused(404, "/problems/not-found");
    }
    let page = ann.post("/identity/settings/tokens/x/revoke", &[]).await;
    assert_eq!(page.status, 404);
    page.shows("There is no such");
    page.shows("Sign out");
}
