use axum::{Json, extract::State};
use identity::Admin;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody};

use super::overview::{self, Overview};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What is kept of bars and ticks
///
/// Sizes of the tables, the tasks of the upkeep as they ran last, and what has lost its details by age. Only
/// an administrator of the instance may see it.
#[utoipa::path(
    get, path = "/api/v1/market/lifetimes", tag = "market",
    operation_id = "market_show_lifetimes",
    responses(
        (status = 200, description = "What is kept", body = Overview),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(State(app): State<App>, _: Admin) -> ApiResult<Json<Overview>> {
    Ok(Json(overview::overview(&app.db, app.clock.now()).await?))
}
