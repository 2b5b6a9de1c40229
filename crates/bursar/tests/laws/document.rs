//! The OpenAPI document is what the router does, and its snapshot is what the document is.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use serde_json::Value;

use crate::{routes::routes, site::Site};

/// They make what is put under a name; a name that stands for nothing is refused as a wrong value.
const MADE_BY_NAME: [&str; 2] = ["identity_put_provider_key", "identity_put_tax_id"];
/// Below `/api/v1`, and no operations of the API.
const UNDOCUMENTED: [&str; 1] = ["/api/v1/openapi.json"];

/// An operation of the API.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<String>,
    /// Whether it says that nobody has to be signed in.
    pub(crate) is_public: bool,
    /// Names of the parameters of its query.
    pub(crate) query: Vec<String>,
}

/// All operations that are documented.
pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(bursar::openapi::document()).expect("json");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let kinds = operation["requestBody"]["content"].as_object();
            operations.push(Operation {
                id: operation["operationId"].as_str().expect("an id").to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                body: kinds.and_then(|kinds| kinds.keys().next().cloned()),
                is_public: operation["security"] == serde_json::json!([{}]),
                query: parameters
                    .filter(|parameter| parameter["in"] == "query")
                    .map(|parameter| parameter["name"].as_str().expect("a name").to_owned())
                    .collect(),
            });
        }
    }
    assert!(operations.len() > 30);
    operations
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_answers() {
    let document = serde_json::to_value(bursar::openapi::document()).expect("json");
    let mut seen = BTreeSet::new();
    for operation in operations() {
        assert!(
            seen.insert(operation.id.clone()),
            "{} names two operations",
            operation.id
        );
        let area = operation.path.split('/').nth(3).expect("an area");
        assert!(
            operation.id.starts_with(&format!("{area}_")),
            "{} is not of {area}",
            operation.id
        );
        let described =
            &document["paths"][&operation.path][operation.method.as_str().to_lowercase()];
        let id = &operation.id;
        assert!(described["summary"].is_string(), "{id} has no summary");
        assert_eq!(described["tags"], serde_json::json!([area]), "{id}");
        let answers = described["responses"].as_object().expect("answers");
        assert!(
            answers.contains_key("401") || operation.is_public,
            "{id} does not say that strangers are refused"
        );
        assert!(
            answers
                .keys()
                .any(|status| status.starts_with('2') || status == "101"),
            "{id} never succeeds"
        );
        if operation.path.contains('{') {
            let is_missed = if MADE_BY_NAME.contains(&id.as_str()) {
                "422"
            } else {
                "404"
            };
            assert!(
                answers.contains_key(is_missed),
                "{id} does not say what it answers for nothing"
            );
            let parameters = described["parameters"].as_array().expect("parameters");
            let in_path = parameters.iter().filter(|p| p["in"] == "path").count();
            assert_eq!(
                in_path,
                operation.path.matches('{').count(),
                "{id}: parameters of the path"
            );
        }
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = serde_json::to_value(bursar::openapi::document()).expect("json");
    assert!(
        document["openapi"]
            .as_str()
            .expect("a version")
            .starts_with("3.1"),
        "OpenAPI 3.1"
    );
    let mut dangling = Vec::new();
    follow(&document, &document, &mut dangling);
    assert_eq!(dangling, [""; 0]);
}

fn follow(value: &Value, document: &Value, dangling: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                let pointer = target.strip_prefix('#').unwrap_or(target);
                if document.pointer(pointer).is_none() {
                    dangling.push(target.clone());
                }
            }
            fields
                .values()
                .for_each(|field| follow(field, document, dangling));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| follow(item, document, dangling)),
        _ => {}
    }
}

/// Both ways: what is documented is routed with that very method, and what is routed is documented.
#[tokio::test]
async fn the_routes_are_those_of_the_document() {
    let site = Site::start().await;
    let routed: BTreeMap<String, BTreeSet<Method>> = routes(&site.router)
        .into_iter()
        .filter(|(path, _)| path.starts_with("/api/v1/") && !UNDOCUMENTED.contains(&path.as_str()))
        .collect();
    let mut documented: BTreeMap<String, BTreeSet<Method>> = BTreeMap::new();
    for operation in operations() {
        documented
            .entry(operation.path)
            .or_default()
            .insert(operation.method);
    }
    assert_eq!(
        routed, documented,
        "add the missing routes with `routes!`, not with `.route`"
    );
}

#[tokio::test]
async fn the_document_is_served_and_what_is_not_in_it_is_not_there() {
    let site = Site::start().await;
    let mut anyone = testkit::Browser::new(&site.router);
    let served = anyone.read("/api/v1/openapi.json").await;
    assert_eq!(
        served,
        serde_json::to_value(bursar::openapi::document()).expect("json")
    );
    for path in [
        "/api/v1/nowhere",
        "/api/v2/portfolio/portfolios",
        "/api/",
        "/api/v1/portfolio",
    ] {
        anyone
            .call(Method::GET, path, None)
            .await
            .refused(404, "not-found");
    }
    let browser = anyone.get("/api/browser/").await;
    assert_eq!(browser.status, 200);
    assert!(
        !browser.body.contains("https://") && !browser.body.contains("src=\"//"),
        "{}",
        browser.body
    );
}

#[test]
fn the_snapshot_in_the_reference_is_current() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/openapi.json"
    );
    let snapshot = std::fs::read_to_string(path).expect("docs/reference/openapi.json");
    let current = bursar::openapi::document().to_pretty_json().expect("json") + "\n";
    if snapshot != current {
        let differs = snapshot
            .lines()
            .zip(current.lines())
            .position(|(old, new)| old != new);
        panic!(
            "docs/reference/openapi.json differs from the code from line {} on; run `cargo xtask gen` \
             and look at what changed",
            differs.map_or(0, |line| line + 1)
        );
    }
}
