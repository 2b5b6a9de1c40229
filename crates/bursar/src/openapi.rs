//! The document of the REST API, made from the code.

use axum::Router;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder, Schema,
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

/// The routes and their document, completed by what is answered before a handler is asked: whatever
/// changes something can be beyond the scope of a token.
pub(crate) fn split(router: OpenApiRouter<App>) -> (Router<App>, Document) {
    let (routes, mut document) = router.split_for_parts();
    for path in document.paths.paths.values_mut() {
        let changing = [
            &mut path.put,
            &mut path.post,
            &mut path.delete,
            &mut path.patch,
        ];
        for operation in changing.into_iter().flatten() {
            operation
                .responses
                .responses
                .entry("403".to_owned())
                .or_insert_with(|| RefOr::T(beyond_scope()));
        }
    }
    (routes, document)
}

fn beyond_scope() -> Response {
    let problem = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description("Not within the scope of the API token")
        .content(
            "application/problem+json",
            Content::new(Some(RefOr::Ref::<Schema>(problem))),
        )
        .build()
}

/// The whole document.
pub fn document() -> Document {
    let valuations = portfolio::Valuations::default();
    split(crate::router::api(&valuations)).1
}
