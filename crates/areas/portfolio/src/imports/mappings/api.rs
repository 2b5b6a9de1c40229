use axum::{Json, extract::State, http::StatusCode};
use identity::SignedIn;
use serde::Deserialize;
use statements::Mapping;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, ProblemBody};

use crate::imports::{
    ImportId,
    api::{ImportView, view},
    store::SavedMapping,
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(map))
        .routes(routes!(list_mappings))
        .routes(routes!(remove_mapping))
}

/// How a CSV that waits is to be read.
#[derive(Debug, Deserialize, ToSchema)]
struct MappingBody {
    /// Which column is which, and how to read them; as the list of saved mappings shows it.
    #[schema(value_type = Object)]
    mapping: Mapping,
    /// Name under which the mapping is kept for files with the same columns; one of the same name is
    /// replaced.
    save_as: Option<String>,
}

/// Says which column of a waiting CSV is which; the answer is its preview, read through the mapping.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/imports/{id}/mapping",
    operation_id = "portfolio_map_import",
    tag = "portfolio",
    params(("id" = ImportId, Path)),
    request_body = MappingBody,
    responses(
        (status = 200, body = ImportView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn map(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<ImportId>,
    web::Json(body): web::Json<MappingBody>,
) -> ApiResult<Json<ImportView>> {
    let name = body
        .save_as
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    super::apply(&app, caller.user_id, id, &body.mapping, name).await?;
    Ok(Json(view(&app, caller.user_id, id).await?))
}

/// Saved mappings of columns, by name.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/mappings",
    operation_id = "portfolio_list_mappings",
    tag = "portfolio",
    responses((status = 200, body = Vec<SavedMapping>), (status = 401, body = ProblemBody))
)]
async fn list_mappings(
    State(app): State<App>,
    caller: SignedIn,
) -> ApiResult<Json<Vec<SavedMapping>>> {
    Ok(Json(super::list(&app, caller.user_id).await?))
}

/// Forgets a saved mapping. Imports that were read through it stay as they are.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/mappings/{name}",
    operation_id = "portfolio_remove_mapping",
    tag = "portfolio",
    params(("name" = String, Path)),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn remove_mapping(
    State(app): State<App>,
    caller: SignedIn,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    super::forget(&app, caller.user_id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
