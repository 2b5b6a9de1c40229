use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody};

use super::{
    model::{ProfileBody, ProfileView},
    service,
};
use crate::{SignedIn, sessions::Holder};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, update))
}

/// What the signed-in person says about themselves, and what the account is entitled to
#[utoipa::path(
    get, path = "/api/v1/identity/profile", tag = "identity",
    operation_id = "identity_show_profile",
    responses(
        (status = 200, description = "The profile", body = ProfileView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(State(app): State<App>, who: SignedIn) -> ApiResult<Json<ProfileView>> {
    Ok(Json(service::show(&app.db, &app.clock, who.user_id).await?))
}

/// Replace what the signed-in person says about themselves
///
/// What is left out becomes empty. The email address changes on the settings page alone, once the new
/// one is proved.
#[utoipa::path(
    put, path = "/api/v1/identity/profile", tag = "identity",
    operation_id = "identity_update_profile",
    request_body = ProfileBody,
    responses(
        (status = 200, description = "The profile", body = ProfileView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Some fields are not acceptable, or a username or wallet is taken", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn update(
    State(app): State<App>,
    Holder(who): Holder,
    web::Json(body): web::Json<ProfileBody>,
) -> ApiResult<Json<ProfileView>> {
    let input = body.read().map_err(Problem::invalid)?;
    service::update(&app.db, who.user_id, &input).await?;
    Ok(Json(service::show(&app.db, &app.clock, who.user_id).await?))
}
