use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use web::{ApiResult, App, ProblemBody};

use super::Role;
use crate::{preferences::PreferencesBody, sessions::Principal};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The signed-in person as a client reads them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeView {
    /// Owner of all rows with this `user_id`.
    id: Uuid,
    /// What the person signs in with.
    email: String,
    /// May be empty.
    name: String,
    /// What the person may do.
    role: Role,
    /// Whether the person runs this instance: an administrator.
    is_admin: bool,
    /// How the person likes the pages.
    preferences: PreferencesBody,
}

/// The signed-in person
#[utoipa::path(
    get, path = "/api/v1/identity/me", tag = "identity",
    operation_id = "identity_show_me",
    responses(
        (status = 200, description = "Who the request comes from", body = MeView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(who: Principal) -> ApiResult<Json<MeView>> {
    Ok(Json(MeView {
        id: who.user_id.into(),
        email: who.email,
        name: who.name,
        role: who.role,
        is_admin: who.role == Role::Admin,
        preferences: (&who.preferences).into(),
    }))
}
