use axum::{Extension, Json, extract::State};
use identity::Viewer;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody, Query};

use super::{Trail, TrailQuery, service::trace};
use crate::valuation::Valuations;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// How a figure came about: formula in words, inputs with source, date, age and quality, and steps. The
/// pages' figures all have one; links on the pages name the parameters of each.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/trail",
    operation_id = "portfolio_show_trail",
    tag = "portfolio",
    params(TrailQuery),
    responses(
        (status = 200, body = Trail),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<TrailQuery>,
) -> ApiResult<Json<Trail>> {
    let (_, found) = trace(&app, &valuations, &viewer, &query).await?;
    Ok(Json(found))
}
