use axum::{Extension, Json, extract::State};
use identity::Viewer;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody, Query};

use super::{PerformanceQuery, measure, model::PerformanceView};
use crate::valuation::Valuations;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Returns, risk, falls, months and years, and the same money in a benchmark.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/performance",
    operation_id = "portfolio_show_performance",
    tag = "portfolio",
    params(PerformanceQuery),
    responses(
        (status = 200, body = PerformanceView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<PerformanceQuery>,
) -> ApiResult<Json<PerformanceView>> {
    let measured = measure(&app, &valuations, &viewer, &query).await?;
    Ok(Json(PerformanceView::new(&measured)))
}
