//! The document of the REST API, made from the code.

use axum::Router;
use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components, Content, OpenApi as Document, Ref, RefOr, Required, Response, Schema,
        path::{Operation, Parameter, ParameterIn},
        security::{
            ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
        },
    },
};
use utoipa_axum::router::OpenApiRouter;
use web::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bursar",
        description = "Everything the pages show, for programs. Errors are RFC 9457 problem \
                       documents; lists are paged by key; creating calls take an Idempotency-Key; \
                       amounts are decimal strings and ratios numbers, 0.12 being 12 %.",
        license(name = "MIT OR Apache-2.0")
    ),
    modifiers(&Security),
    tags(
        (name = "identity", description = "Who is signed in: tokens, sessions, preferences"),
        (name = "market", description = "Reference data: instruments, bars, exchange rates"),
        (name = "portfolio", description = "Portfolios, transactions, imports, holdings, performance")
    )
)]
struct Base;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        );
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("bursar_session"))),
        );
        document.security = Some(vec![
            SecurityRequirement::new("token", [] as [&str; 0]),
            SecurityRequirement::new("session", [] as [&str; 0]),
        ]);
    }
}

/// A router that begins with the description of the API.
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Base::openapi())
}

/// The routes and their document, completed by what any operation of its kind can be answered before its
/// handler is asked. Every refusal is a problem document.
pub(crate) fn split(router: OpenApiRouter<App>) -> (Router<App>, Document) {
    let (routes, mut document) = router.split_for_parts();
    for path in document.paths.paths.values_mut() {
        let reading = [&mut path.get, &mut path.head];
        let changing = [
            &mut path.put,
            &mut path.post,
            &mut path.delete,
            &mut path.patch,
        ];
        for operation in reading.into_iter().flatten() {
            complete(operation, false);
        }
        for operation in changing.into_iter().flatten() {
            complete(operation, true);
        }
    }
    if let Some(components) = &mut document.components {
        compose(components);
    }
    (routes, document)
}

const NOT_SIGNED_IN: (&str, &str) = ("401", "Not signed in");
const BEYOND_SCOPE: (&str, &str) = ("403", "Not within the scope of the API token");
const TOO_MANY: (&str, &str) = (
    "429",
    "Too many requests; Retry-After says when to come back",
);
const NOT_ACCEPTABLE: (&str, &str) = ("422", "What was sent is not acceptable");
const NOT_THERE: (&str, &str) = ("404", "There is no such thing");
const BODY_UNREAD: [(&str, &str); 3] = [
    ("400", "The body cannot be read"),
    ("413", "The body is too large"),
    ("415", "The body is of another type"),
];

fn complete(operation: &mut Operation, changes: bool) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            say_what_is_read(parameter);
        }
    }
    let has = |place: ParameterIn| {
        let given = operation.parameters.as_deref().unwrap_or_default();
        given
            .iter()
            .any(|given| matches!(given, RefOr::T(given) if given.parameter_in == place))
    };
    let mut answers = vec![NOT_SIGNED_IN, TOO_MANY];
    if changes {
        answers.push(BEYOND_SCOPE);
    }
    if has(ParameterIn::Path) {
        answers.push(NOT_THERE);
    }
    if has(ParameterIn::Query) {
        answers.push(NOT_ACCEPTABLE);
    }
    if has(ParameterIn::Header) {
        answers.push(("400", "A header cannot be read"));
    }
    if operation.request_body.is_some() {
        answers.extend(BODY_UNREAD);
        answers.push(NOT_ACCEPTABLE);
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in answers {
        let problem = || RefOr::T(Response::new(description));
        responses.entry(status.to_owned()).or_insert_with(problem);
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            let problem = Ref::from_schema_name("Problem");
            let content = RefOr::T(Content::new(Some(RefOr::Ref::<Schema>(problem))));
            response.content = [("application/problem+json".to_owned(), content)].into();
        }
    }
}

/// What the types behind a parameter do not say: an address and a header hold no null, and forms send an
/// optional day or id that was not chosen as an empty text.
fn say_what_is_read(parameter: &mut Parameter) {
    let Ok(mut schema) = serde_json::to_value(&parameter.schema) else {
        return;
    };
    drop_null(&mut schema);
    match (&parameter.parameter_in, parameter.name.as_str()) {
        (ParameterIn::Header, "If-Match") => schema["pattern"] = json!(web::IF_MATCH_PATTERN),
        (ParameterIn::Header, "Idempotency-Key") => {
            schema["pattern"] = json!(web::IDEMPOTENCY_KEY_PATTERN);
        }
        (ParameterIn::Query, _)
            if parameter.required != Required::True
                && matches!(schema["format"].as_str(), Some("date" | "uuid")) =>
        {
            schema = json!({ "anyOf": [schema, { "type": "string", "maxLength": 0 }] });
        }
        _ => {}
    }
    if let Ok(schema) = serde_json::from_value(schema) {
        parameter.schema = Some(schema);
    }
}

fn drop_null(schema: &mut Value) {
    if let Some(types) = schema["type"].as_array_mut() {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            schema["type"] = one.clone();
        }
    }
    if let Some(choices) = schema["oneOf"].as_array_mut() {
        choices.retain(|choice| choice["type"] != "null");
        if let [one] = choices.as_slice() {
            *schema = one.clone();
        }
    }
}

/// Whatever is composed of several schemas has the fields of all of them: a part that refuses other
/// fields when it is sent by itself does not refuse them here.
fn compose(components: &mut Components) {
    let all = components.schemas.clone();
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::AllOf(composed)) = schema else {
            continue;
        };
        for part in &mut composed.items {
            let RefOr::Ref(name) = part else { continue };
            let name = name.ref_location.rsplit('/').next().unwrap_or_default();
            if let Some(RefOr::T(Schema::Object(object))) = all.get(name)
                && object.additional_properties.is_some()
            {
                let mut object = object.clone();
                object.additional_properties = None;
                *part = RefOr::T(Schema::Object(object));
            }
        }
    }
}

/// The whole document.
pub fn document() -> Document {
    let valuations = portfolio::Valuations::default();
    split(crate::router::api(&valuations)).1
}
