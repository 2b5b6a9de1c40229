use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody};

use super::{Policy, model::Setting, service};
use crate::Admin;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, update))
}

/// Who may make an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyBody {
    /// Who may make an account.
    policy: Policy,
}

/// Who may register
#[utoipa::path(
    get, path = "/api/v1/identity/registration", tag = "identity",
    operation_id = "identity_show_registration",
    responses(
        (status = 200, description = "What holds, and what was chosen", body = Setting),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(State(app): State<App>, _: Admin) -> ApiResult<Json<Setting>> {
    Ok(Json(service::policy(&app.db).await?))
}

/// Choose who may register
#[utoipa::path(
    put, path = "/api/v1/identity/registration", tag = "identity",
    operation_id = "identity_update_registration",
    request_body = PolicyBody,
    responses(
        (status = 200, description = "What holds now", body = Setting),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Whoever started the server has pinned it", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No such policy", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn update(
    State(app): State<App>,
    _: Admin,
    web::Json(body): web::Json<PolicyBody>,
) -> ApiResult<Json<Setting>> {
    Ok(Json(service::choose(&app.db, body.policy).await?))
}
