use std::any::Any;

use axum::{
    Extension, Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::StatusCode,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use checks::Checks;
use portfolio::Valuations;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, DefaultPredicate, Predicate as _, predicate::NotForContentType,
    },
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::{DefaultOnResponse, TraceLayer},
};
use tracing::{Level, Span};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};
use web::{App, NavItem, Problem};

use crate::{doctor, health, metrics, openapi, problems};

const REQUEST_ID: &str = "x-request-id";

/// The main navigation.
pub const NAV: &[NavItem] = &[
    NavItem {
        href: "/",
        label: "Dashboard",
        icon: "dashboard",
    },
    NavItem {
        href: "/portfolio/holdings",
        label: "Holdings",
        icon: "holdings",
    },
    NavItem {
        href: "/portfolio/performance",
        label: "Performance",
        icon: "market",
    },
    NavItem {
        href: "/portfolio/transactions",
        label: "Transactions",
        icon: "transactions",
    },
    NavItem {
        href: "/portfolio/imports",
        label: "Imports",
        icon: "import",
    },
    NavItem {
        href: "/portfolio/portfolios",
        label: "Portfolios",
        icon: "portfolio",
    },
    NavItem {
        href: "/market",
        label: "Market",
        icon: "market",
    },
];

/// The background jobs of all areas.
pub fn jobs() -> jobs::Registry {
    identity::jobs()
        .merge(record::jobs())
        .merge(market::jobs())
        .merge(portfolio::jobs())
}

/// The REST routes of all areas, with their documentation.
pub(crate) fn api(valuations: &Valuations) -> OpenApiRouter<App> {
    openapi::router()
        .merge(identity::api())
        .merge(record::api())
        .merge(market::api())
        .merge(portfolio::api(valuations))
}

/// Everything Bursar answers.
pub fn router(app: &App, checks: &Checks, valuations: &Valuations) -> Router {
    let (api, document) = openapi::split(api(valuations));
    let hub = market::live::Hub::new(app);
    let api = api
        .layer(Extension(hub))
        .route(
            "/api/v1/openapi.json",
            get({
                let document = document.clone();
                async move || Json(document)
            }),
        )
        .route("/api/{*rest}", any(api_not_found))
        .route("/api/", any(api_not_found))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), record::note_downloads))
        .layer(from_fn_with_state(app.clone(), identity::resolve))
        .layer(from_fn_with_state(app.clone(), web::csrf::protect))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), web::gate::admit))
        .layer(from_fn_with_state(app.clone(), web::problem::render_json));
    let pages = Router::new()
        .merge(identity::pages())
        .merge(record::pages())
        .merge(market::pages().layer(Extension(portfolio::transactions::own_trades())))
        .merge(portfolio::pages(valuations, checks))
        .merge(problems::router())
        .merge(doctor::router(checks))
        .fallback(page_not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), record::note_downloads))
        .layer(from_fn(identity::confirm))
        .layer(from_fn(record::logs::note_usage))
        .layer(from_fn_with_state(app.clone(), identity::resolve))
        .layer(from_fn_with_state(app.clone(), web::csrf::protect))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), web::gate::admit))
        .layer(from_fn_with_state(app.clone(), web::render_page));
    let browser = SwaggerUi::new(web::security::API_BROWSER_PATH)
        .config(Config::new(["/api/v1/openapi.json"]).try_it_out_enabled(true));
    Router::new()
        .merge(pages)
        .merge(api)
        .merge(Router::<App>::from(browser))
        .merge(web::assets::router())
        .merge(health::router())
        .layer(DefaultBodyLimit::max(web::csrf::MAX_BODY_BYTES))
        .layer(from_fn_with_state(app.clone(), web::security::headers))
        .layer(from_fn(metrics::count))
        .layer(
            CompressionLayer::new().compress_when(
                DefaultPredicate::new().and(NotForContentType::new("application/zip")),
            ),
        )
        // What remains: the rendering itself, assets and health.
        .layer(CatchPanicLayer::new())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_response(DefaultOnResponse::new().level(Level::DEBUG)),
        )
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(from_fn(accept_request_id))
        .with_state(app.clone())
}

/// Every line that is logged for a request carries its id. The address stands there by its form alone:
/// what a person put in it, and one-time secrets, are nothing for a log.
fn span(request: &Request) -> Span {
    let id = request.headers().get(REQUEST_ID);
    let route = request.extensions().get::<MatchedPath>();
    tracing::error_span!(
        "request",
        request_id = id.and_then(|id| id.to_str().ok()).unwrap_or_default(),
        method = %request.method(),
        route = route.map_or("none", MatchedPath::as_str),
    )
}

/// A client may name its request; a name that is not plain gets replaced.
async fn accept_request_id(mut request: Request, next: Next) -> Response {
    let is_plain = request
        .headers()
        .get(REQUEST_ID)
        .is_none_or(|id| id.to_str().is_ok_and(db::is_request_id));
    if !is_plain {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

/// A panic in a handler, as the problem it is.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the payload over"
)]
fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a payload that is no text");
    tracing::error!(panic = text, "a handler panicked");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal-error",
        "Something went wrong",
        "The error has been logged under this request's id.",
    )
    .into_response()
}

async fn api_not_found() -> Problem {
    Problem::not_found("resource")
}

async fn page_not_found() -> Problem {
    Problem::not_found("page")
}

async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Method not allowed",
        "This address takes other methods: the header Allow names them.",
    )
}
