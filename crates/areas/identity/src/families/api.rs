use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    middleware::from_fn,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody};

use super::{
    model::{ExchangeBody, PairView, SignInBody},
    service,
};
use crate::client::Client;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(exchange))
        .route_layer(from_fn(web::gate::credentials))
}

/// Sign an app in
///
/// The answer holds an access token, which works for 15 minutes with all rights of the person, and a
/// refresh token, which is exchanged for the next pair within 30 days. Both are shown this once. The
/// sign-in stands in the list of sessions and ends there. Failures are counted with those of the page.
/// Scripts are better off with an API token.
#[utoipa::path(
    post, path = "/api/v1/identity/families", tag = "identity",
    operation_id = "identity_sign_in_app",
    security(()),
    request_body = SignInBody,
    responses(
        (status = 201, description = "The first pair of tokens", body = PairView),
        (status = 422, description = "Address and password do not match an account, the code is missing, or not right", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts failed", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn sign_in(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    web::Json(body): web::Json<SignInBody>,
) -> ApiResult<(StatusCode, Json<PairView>)> {
    let pair = service::sign_in(&app, &client, &headers, body).await?;
    Ok((StatusCode::CREATED, Json(pair)))
}

/// Exchange a refresh token for the next pair of tokens
///
/// A refresh token is good for one exchange. The same once more within ten seconds is refused with 409
/// and changes nothing; later it means that two hold the token, so the session ends with all of its
/// tokens, and the person finds that in their activity.
#[utoipa::path(
    post, path = "/api/v1/identity/families/exchange", tag = "identity",
    operation_id = "identity_exchange_refresh_token",
    security(()),
    request_body = ExchangeBody,
    responses(
        (status = 200, description = "The next pair of tokens", body = PairView),
        (status = 401, description = "The refresh token is unknown, has ended, or was used before", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The refresh token was exchanged a moment ago", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn exchange(
    State(app): State<App>,
    web::Json(body): web::Json<ExchangeBody>,
) -> ApiResult<Json<PairView>> {
    Ok(Json(service::exchange(&app, &body.refresh_token).await?))
}
