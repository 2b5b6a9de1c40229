//! The document of the REST API, made from the code.

use axum::Router;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, Ref, RefOr, Response, Schema,
        path::{Operation, ParameterIn},
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

/// The whole document.
pub fn document() -> Document {
    let valuations = portfolio::Valuations::default();
    split(crate::router::api(&valuations)).1
}
